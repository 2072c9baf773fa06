/**
 * @file ssl_socket.h
 * Encrypted sockets (QSslSocket): what a qnet_socket from qnet_ssl_socket_new() can
 * do beside what is in socket.h. On a socket of another kind these functions fail
 * with QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR, but for those that register
 * callbacks, which are never called then. See ssl.h for the values of TLS, and
 * ssl_configuration.h for what can be chosen.
 *
 * Such a socket is a TCP socket until it encrypts: either from the beginning, with
 * qnet_ssl_socket_connect_to_host_encrypted(), or on a connection that has been in
 * the clear, with qnet_ssl_socket_start_client_encryption() or
 * qnet_ssl_socket_start_server_encryption(). What is written meanwhile is sent once
 * the connection is encrypted, which the signal `encrypted` tells. Limits, waits,
 * transactions and ends are those of any socket.
 *
 * Beyond Qt: QNET_LOW_DELAY_OPTION is set when a handshake begins, or the last record
 * of a message would wait for the peer's acknowledgement of the one before. Set it
 * to 0 afterwards where that is wanted.
 *
 * The handshake's arithmetic is done on a thread of the library, everything else
 * where the loop runs; callbacks, as always, only there.
 *
 * After the handshake the peer's certificates are looked at. For each thing that is
 * wrong `peerVerifyError` is emitted, and then `sslErrors` once with all of them.
 * Unless they are ignored then, with qnet_ssl_socket_ignore_ssl_errors() or
 * qnet_ssl_socket_ignore_these_ssl_errors(), the connection ends with
 * QNET_SSL_HANDSHAKE_FAILED_ERROR. Nothing that the program has written was sent by
 * then, and nothing that the peer has sent was read.
 */
#ifndef QNET_SSL_SOCKET_H
#define QNET_SSL_SOCKET_H

#include <qnet/global.h>
#include <qnet/loop.h>
#include <qnet/ocsp_response.h>
#include <qnet/socket.h>
#include <qnet/ssl.h>
#include <qnet/ssl_certificate.h>
#include <qnet/ssl_cipher.h>
#include <qnet/ssl_configuration.h>
#include <qnet/ssl_error.h>
#include <qnet/ssl_key.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Creates an unconnected socket that is able to encrypt on @p loop, with the default
 * configuration as it is now. It is owned by the caller: release it with
 * qnet_socket_delete() or qnet_socket_delete_later().
 *
 * Qt: QSslSocket::QSslSocket()
 */
QNET_API qnet_socket *qnet_ssl_socket_new(qnet_loop *loop);

/* The way to an encrypted connection --------------------------------------- */

/**
 * Connects as qnet_socket_connect_to_host() does, through proxies too, and encrypts
 * as a client at once. The peer's certificate must be for @p peer_name, or for
 * @p host if that is NULL or "". Closing waits for the handshake if
 * something was written, aborting does not.
 *
 * Qt: QSslSocket::connectToHostEncrypted()
 */
QNET_API void qnet_ssl_socket_connect_to_host_encrypted(qnet_socket *socket, const char *host, uint16_t port, const char *peer_name, int mode, qnet_network_layer_protocol protocol);

/**
 * Begins to encrypt as a client on a connection that is in the clear. What has come
 * and was not read is part of the handshake, and what was written is sent before it,
 * in the clear. A warning, and nothing else, if @p socket is not connected or
 * encrypts already.
 *
 * Qt: QSslSocket::startClientEncryption()
 */
QNET_API void qnet_ssl_socket_start_client_encryption(qnet_socket *socket);

/**
 * Begins to encrypt as a server, like qnet_ssl_socket_start_client_encryption(). The
 * configuration needs a certificate and its key.
 *
 * Qt: QSslSocket::startServerEncryption()
 */
QNET_API void qnet_ssl_socket_start_server_encryption(qnet_socket *socket);

/**
 * Returns whether and as what @p socket encrypts, or is about to. It stays so after
 * the connection's end, until the next one is begun. QNET_UNENCRYPTED_MODE on failure.
 *
 * Qt: QSslSocket::mode()
 */
QNET_API qnet_ssl_mode qnet_ssl_socket_mode(qnet_socket *socket);

/**
 * Reports whether what is written and read is encrypted now: the handshake is over
 * and its outcome was accepted. False on failure.
 *
 * Qt: QSslSocket::isEncrypted()
 */
QNET_API bool qnet_ssl_socket_is_encrypted(qnet_socket *socket);

/**
 * Waits up to @p msecs milliseconds, -1: without limit, until @p socket is encrypted,
 * first for the connection if need be. Returns whether it has become so: false also if
 * it was encrypted before, is not about to be, or waits for qnet_socket_resume().
 * Works without a running loop.
 *
 * Qt: QSslSocket::waitForEncrypted()
 */
QNET_API bool qnet_ssl_socket_wait_for_encrypted(qnet_socket *socket, int msecs);

/**
 * Goes on with a handshake in spite of an error; to be called in the callback of
 * qnet_ssl_socket_on_handshake_interrupted_on_error().
 *
 * Qt: QSslSocket::continueInterruptedHandshake()
 */
QNET_API void qnet_ssl_socket_continue_interrupted_handshake(qnet_socket *socket);

/* What is chosen ------------------------------------------------------------ */

/**
 * Sets what handshakes to come use: a copy of @p configuration. NULL is a warning.
 *
 * Qt: QSslSocket::setSslConfiguration()
 */
QNET_API void qnet_ssl_socket_set_ssl_configuration(qnet_socket *socket, qnet_ssl_configuration *configuration);

/**
 * Returns a copy of what handshakes use, with what the last one has found and agreed
 * on: the peer's certificates, cipher, protocol, next protocol, session ticket. Release
 * it with qnet_ssl_configuration_delete(). NULL on failure.
 *
 * Qt: QSslSocket::sslConfiguration()
 */
QNET_API qnet_ssl_configuration *qnet_ssl_socket_ssl_configuration(qnet_socket *socket);

/**
 * Sets how the peer's certificate is looked at, as
 * qnet_ssl_configuration_set_peer_verify_mode() does.
 *
 * Qt: QSslSocket::setPeerVerifyMode()
 */
QNET_API void qnet_ssl_socket_set_peer_verify_mode(qnet_socket *socket, qnet_peer_verify_mode mode);

/**
 * Returns how the peer's certificate is looked at; QNET_VERIFY_NONE on failure.
 *
 * Qt: QSslSocket::peerVerifyMode()
 */
QNET_API qnet_peer_verify_mode qnet_ssl_socket_peer_verify_mode(qnet_socket *socket);

/**
 * Sets how many certificates may stand between the peer's and an authority's, 0: any
 * number, as qnet_ssl_configuration_set_peer_verify_depth() does. A negative number is
 * a warning.
 *
 * Qt: QSslSocket::setPeerVerifyDepth()
 */
QNET_API void qnet_ssl_socket_set_peer_verify_depth(qnet_socket *socket, int depth);

/**
 * Returns what qnet_ssl_socket_set_peer_verify_depth() was given; -1 on failure.
 *
 * Qt: QSslSocket::peerVerifyDepth()
 */
QNET_API int qnet_ssl_socket_peer_verify_depth(qnet_socket *socket);

/**
 * Sets the name that the peer's certificate must be for, instead of the host's; NULL or
 * "" stands for the host's.
 *
 * Qt: QSslSocket::setPeerVerifyName()
 */
QNET_API void qnet_ssl_socket_set_peer_verify_name(qnet_socket *socket, const char *name);

/**
 * Returns what qnet_ssl_socket_set_peer_verify_name() was given, or
 * qnet_ssl_socket_connect_to_host_encrypted(). "" if nothing was; NULL on failure.
 *
 * Qt: QSslSocket::peerVerifyName()
 */
QNET_API const char *qnet_ssl_socket_peer_verify_name(qnet_socket *socket);

/**
 * Sets the versions of TLS for handshakes to come, as
 * qnet_ssl_configuration_set_protocol() does.
 *
 * Qt: QSslSocket::setProtocol()
 */
QNET_API void qnet_ssl_socket_set_protocol(qnet_socket *socket, qnet_ssl_protocol protocol);

/**
 * Returns what qnet_ssl_socket_set_protocol() was given; QNET_UNKNOWN_SSL_PROTOCOL on
 * failure.
 *
 * Qt: QSslSocket::protocol()
 */
QNET_API qnet_ssl_protocol qnet_ssl_socket_protocol(qnet_socket *socket);

/**
 * Sets the certificate that this end shows, NULL for none, as
 * qnet_ssl_configuration_set_local_certificate() does.
 *
 * Qt: QSslSocket::setLocalCertificate()
 */
QNET_API void qnet_ssl_socket_set_local_certificate(qnet_socket *socket, qnet_ssl_certificate *certificate);

/**
 * Returns the certificate that this end shows, to be released with
 * qnet_ssl_certificate_delete(); NULL if there is none, and on failure.
 *
 * Qt: QSslSocket::localCertificate()
 */
QNET_API qnet_ssl_certificate *qnet_ssl_socket_local_certificate(qnet_socket *socket);

/**
 * Sets the certificate that this end shows, and behind it those of the authorities that
 * lead to one which the peer knows: an array of @p count handles, of which none is NULL.
 *
 * Qt: QSslSocket::setLocalCertificateChain()
 */
QNET_API void qnet_ssl_socket_set_local_certificate_chain(qnet_socket *socket, qnet_ssl_certificate *const *certificates, int count);

/**
 * Writes up to @p max certificates that this end shows to @p certificates, to be
 * released by the caller, and returns how many there are; -1 on failure.
 *
 * Qt: QSslSocket::localCertificateChain()
 */
QNET_API int qnet_ssl_socket_local_certificate_chain(qnet_socket *socket, qnet_ssl_certificate **certificates, int max);

/**
 * Sets the key of this end's certificate, NULL for none.
 *
 * Qt: QSslSocket::setPrivateKey()
 */
QNET_API void qnet_ssl_socket_set_private_key(qnet_socket *socket, qnet_ssl_key *key);

/**
 * Returns the key of this end's certificate, to be released with qnet_ssl_key_delete();
 * NULL if there is none, and on failure.
 *
 * Qt: QSslSocket::privateKey()
 */
QNET_API qnet_ssl_key *qnet_ssl_socket_private_key(qnet_socket *socket);

/* What was agreed on and found ---------------------------------------------- */

/**
 * Returns the cipher of the encrypted connection; 0 if there is none, and on failure.
 *
 * Qt: QSslSocket::sessionCipher()
 */
QNET_API qnet_ssl_cipher qnet_ssl_socket_session_cipher(qnet_socket *socket);

/**
 * Returns the version of TLS of the encrypted connection; QNET_UNKNOWN_SSL_PROTOCOL if
 * there is none, and on failure.
 *
 * Qt: QSslSocket::sessionProtocol()
 */
QNET_API qnet_ssl_protocol qnet_ssl_socket_session_protocol(qnet_socket *socket);

/**
 * Returns the certificate that the peer has shown in the last handshake, to be released
 * with qnet_ssl_certificate_delete(); NULL if it has shown none, and on failure.
 *
 * Qt: QSslSocket::peerCertificate()
 */
QNET_API qnet_ssl_certificate *qnet_ssl_socket_peer_certificate(qnet_socket *socket);

/**
 * Writes up to @p max certificates that the peer has shown in the last handshake, its
 * own first, to @p certificates, to be released by the caller, and returns how many there
 * are; -1 on failure.
 *
 * Qt: QSslSocket::peerCertificateChain()
 */
QNET_API int qnet_ssl_socket_peer_certificate_chain(qnet_socket *socket, qnet_ssl_certificate **certificates, int max);

/**
 * Writes up to @p max answers of the issuers of the peer's certificates, which the peer
 * has sent along if the configuration asks for that, to @p responses, to be released by
 * the caller, and returns how many there are; -1 on failure.
 *
 * Qt: QSslSocket::ocspResponses()
 */
QNET_API int qnet_ssl_socket_ocsp_responses(qnet_socket *socket, qnet_ocsp_response **responses, int max);

/**
 * Writes up to @p max things that the last handshake has found wrong with the peer to
 * @p errors, to be released by the caller, and returns how many there are, ignored or
 * not; -1 on failure.
 *
 * Qt: QSslSocket::sslHandshakeErrors()
 */
QNET_API int qnet_ssl_socket_ssl_handshake_errors(qnet_socket *socket, qnet_ssl_error **errors, int max);

/**
 * Has the connection go on whatever is wrong with the peer: this one, if it has begun,
 * and no other one. Call it in the callback of qnet_ssl_socket_on_ssl_errors(), or after
 * the connection was begun.
 *
 * Qt: QSslSocket::ignoreSslErrors()
 */
QNET_API void qnet_ssl_socket_ignore_ssl_errors(qnet_socket *socket);

/**
 * Has this connection and later ones go on if nothing else is wrong with the peer than
 * the @p count things in @p errors, of which none is NULL. They replace what was given
 * before, also by qnet_ssl_socket_ignore_ssl_errors(). Call it before the connection is
 * begun, or in the callback of qnet_ssl_socket_on_ssl_errors().
 *
 * Qt: QSslSocket::ignoreSslErrors(const QList<QSslError> &)
 */
QNET_API void qnet_ssl_socket_ignore_these_ssl_errors(qnet_socket *socket, qnet_ssl_error *const *errors, int count);

/**
 * Returns how many encrypted bytes have come that are not decrypted yet: usually none,
 * as a part of a record is. 0 in the clear; -1 on failure.
 *
 * Qt: QSslSocket::encryptedBytesAvailable()
 */
QNET_API int64_t qnet_ssl_socket_encrypted_bytes_available(qnet_socket *socket);

/**
 * Returns how many encrypted bytes wait to be sent. 0 in the clear; -1 on failure.
 *
 * Qt: QSslSocket::encryptedBytesToWrite()
 */
QNET_API int64_t qnet_ssl_socket_encrypted_bytes_to_write(qnet_socket *socket);

/* Signals -------------------------------------------------------------------- */

/** Told of a socket's mode. */
typedef void (*qnet_ssl_socket_mode_callback)(qnet_socket *socket, qnet_ssl_mode mode, void *user_data);

/** Told of something that is wrong with the peer. The handle is released when the
 *  callback has returned: copy what is to be kept. */
typedef void (*qnet_ssl_socket_error_callback)(qnet_socket *socket, qnet_ssl_error *error, void *user_data);

/** Told of @p count things that are wrong with the peer. The handles are released when
 *  the callback has returned: copy what is to be kept. */
typedef void (*qnet_ssl_socket_errors_callback)(qnet_socket *socket, qnet_ssl_error *const *errors, int count, void *user_data);

/** Told of an alert, with a text that holds until the callback has returned. */
typedef void (*qnet_ssl_socket_alert_callback)(qnet_socket *socket, qnet_alert_level level, qnet_alert_type type, const char *description, void *user_data);

/**
 * Registers @p callback for the moment from which on what is written and read is
 * encrypted.
 *
 * Qt: QSslSocket::encrypted
 */
QNET_API qnet_connection qnet_ssl_socket_on_encrypted(qnet_socket *socket, qnet_socket_callback callback, void *user_data);

/**
 * Registers @p callback for changes of qnet_ssl_socket_mode(), emitted when a handshake
 * begins.
 *
 * Qt: QSslSocket::modeChanged
 */
QNET_API qnet_connection qnet_ssl_socket_on_mode_changed(qnet_socket *socket, qnet_ssl_socket_mode_callback callback, void *user_data);

/**
 * Registers @p callback for each thing that is wrong with the peer, before sslErrors.
 *
 * Qt: QSslSocket::peerVerifyError
 */
QNET_API qnet_connection qnet_ssl_socket_on_peer_verify_error(qnet_socket *socket, qnet_ssl_socket_error_callback callback, void *user_data);

/**
 * Registers @p callback for all that is wrong with the peer. The connection ends when it
 * returns, unless it has called qnet_ssl_socket_ignore_ssl_errors() or the like, or the
 * peer need not be verified, or the pause mode is QNET_PAUSE_ON_SSL_ERRORS: then
 * qnet_socket_resume() decides.
 *
 * Qt: QSslSocket::sslErrors
 */
QNET_API qnet_connection qnet_ssl_socket_on_ssl_errors(qnet_socket *socket, qnet_ssl_socket_errors_callback callback, void *user_data);

/**
 * Registers @p callback for each thing that is wrong with the peer, while the handshake
 * waits, if qnet_ssl_configuration_set_handshake_must_interrupt_on_error() is on. Unless
 * it calls qnet_ssl_socket_continue_interrupted_handshake() the handshake fails, and the
 * peer is told why.
 *
 * Qt: QSslSocket::handshakeInterruptedOnError
 */
QNET_API qnet_connection qnet_ssl_socket_on_handshake_interrupted_on_error(qnet_socket *socket, qnet_ssl_socket_error_callback callback, void *user_data);

/**
 * Registers @p callback for encrypted bytes that the system has taken to be sent, those
 * of handshakes too.
 *
 * Qt: QSslSocket::encryptedBytesWritten
 */
QNET_API qnet_connection qnet_ssl_socket_on_encrypted_bytes_written(qnet_socket *socket, qnet_socket_bytes_callback callback, void *user_data);

/**
 * Registers @p callback for alerts that were sent to the peer.
 *
 * Qt: QSslSocket::alertSent
 */
QNET_API qnet_connection qnet_ssl_socket_on_alert_sent(qnet_socket *socket, qnet_ssl_socket_alert_callback callback, void *user_data);

/**
 * Registers @p callback for alerts that the peer has sent.
 *
 * Qt: QSslSocket::alertReceived
 */
QNET_API qnet_connection qnet_ssl_socket_on_alert_received(qnet_socket *socket, qnet_ssl_socket_alert_callback callback, void *user_data);

/**
 * Registers @p callback for session tickets that the peer has sent, which
 * qnet_ssl_socket_ssl_configuration() has then.
 *
 * Qt: QSslSocket::newSessionTicketReceived
 */
QNET_API qnet_connection qnet_ssl_socket_on_new_session_ticket_received(qnet_socket *socket, qnet_socket_callback callback, void *user_data);

#ifdef __cplusplus
}
#endif

#endif
