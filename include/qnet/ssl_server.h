/**
 * @file ssl_server.h
 * Servers that encrypt (QSslServer): what a qnet_tcp_server from
 * qnet_ssl_server_new() can do beside what is in tcp_server.h. On a server of
 * another kind these functions fail, with
 * QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR as qnet_tcp_server_server_error(), but for
 * those that register callbacks, which are never called then.
 *
 * Each connection that is accepted becomes a socket that encrypts (ssl_socket.h) and
 * belongs to the server. `newConnection` is emitted at once, as in Qt. But the
 * connection is pending, and `pendingConnectionAvailable` emitted, only once it is
 * encrypted: that is the signal to take connections at. Until then the signals below
 * tell what happens to it, and their callbacks may do with the socket what they
 * like: ignore errors, continue a handshake, end it, delete it. Signals of the server
 * come before those of the socket.
 *
 * The handshake begins with the first byte of the client. A client that does not
 * begin as TLS does is disconnected without a signal, as in Qt. A connection that
 * ends before it is encrypted is deleted, in the loop's next turn as by
 * qnet_socket_delete_later(), unless it has got another owner.
 *
 * qnet_tcp_server_wait_for_new_connection() waits, unlike Qt's, until a connection is
 * encrypted, and goes on with all handshakes of the server meanwhile, without a
 * running loop. qnet_tcp_server_close() leaves handshakes alone, as in Qt: who has
 * begun becomes pending afterwards.
 *
 * Connections that are not encrypted yet do not count as pending, unlike in Qt: there
 * a few silent clients keep everybody else out. They have a limit of their own,
 * qnet_ssl_server_set_handshake_limit(). One that is encrypted while as many are
 * pending as may be, waits until one is taken. The limits of tcp_server.h count all
 * connections, and only what was decrypted counts as received: so
 * qnet_tcp_server_set_first_byte_timeout() includes the handshake.
 *
 * A server that overrides how connections come
 * (qnet_tcp_server_set_incoming_connection()) does this for those descriptors only that
 * are given to qnet_ssl_server_incoming_connection().
 */
#ifndef QNET_SSL_SERVER_H
#define QNET_SSL_SERVER_H

#include <qnet/global.h>
#include <qnet/loop.h>
#include <qnet/ssl.h>
#include <qnet/ssl_configuration.h>
#include <qnet/ssl_error.h>
#include <qnet/ssl_socket.h>
#include <qnet/tcp_server.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Creates a server that encrypts on @p loop, with the default configuration as it is
 * now, which does not listen. It needs a certificate and its key. It is owned by the
 * caller: release it with qnet_tcp_server_delete() or qnet_tcp_server_delete_later().
 *
 * Qt: QSslServer::QSslServer()
 */
QNET_API qnet_tcp_server *qnet_ssl_server_new(qnet_loop *loop);

/**
 * Sets what the connections use that are accepted from now on: a copy of
 * @p configuration. NULL is a warning. Connections share what the library makes of a
 * configuration: set one when something has changed, not for each of them.
 *
 * Qt: QSslServer::setSslConfiguration()
 */
QNET_API void qnet_ssl_server_set_ssl_configuration(qnet_tcp_server *server, qnet_ssl_configuration *configuration);

/**
 * Returns a copy of what qnet_ssl_server_set_ssl_configuration() was given. Release it
 * with qnet_ssl_configuration_delete(). NULL on failure.
 *
 * Qt: QSslServer::sslConfiguration()
 */
QNET_API qnet_ssl_configuration *qnet_ssl_server_ssl_configuration(qnet_tcp_server *server);

/**
 * Does with a descriptor what the server does with those that it accepts, in the callback
 * of qnet_tcp_server_set_incoming_connection() or at any time. Returns false, with
 * qnet_tcp_server_server_error() set, and leaves it alone if it is no TCP connection.
 *
 * Qt: QSslServer::incomingConnection()
 */
QNET_API bool qnet_ssl_server_incoming_connection(qnet_tcp_server *server, intptr_t socket_descriptor);

/**
 * Sets for how many milliseconds a client that connects from now on may be silent, and
 * how long its handshake may take then; at first 5000. When the time is up the
 * connection ends, and then errorOccurred is emitted with
 * QNET_SOCKET_TIMEOUT_ERROR. 0 or less is no time at all, as in Qt.
 *
 * Qt: QSslServer::setHandshakeTimeout()
 */
QNET_API void qnet_ssl_server_set_handshake_timeout(qnet_tcp_server *server, int msecs);

/**
 * Returns what qnet_ssl_server_set_handshake_timeout() was given; -1 on failure.
 *
 * Qt: QSslServer::handshakeTimeout()
 */
QNET_API int qnet_ssl_server_handshake_timeout(qnet_tcp_server *server);

/**
 * Sets how many connections may be open that are not pending yet, 0: any number; at
 * first 1000. At the limit nothing is accepted: clients wait in the system's backlog.
 * A lower limit ends no connection. A negative one is a warning.
 *
 * Beyond Qt: there they count as pending.
 */
QNET_API void qnet_ssl_server_set_handshake_limit(qnet_tcp_server *server, int count);

/**
 * Returns what qnet_ssl_server_set_handshake_limit() was given; -1 on failure.
 *
 * Beyond Qt: see qnet_ssl_server_set_handshake_limit().
 */
QNET_API int qnet_ssl_server_handshake_limit(qnet_tcp_server *server);

/**
 * Returns how many connections are open that are not pending yet; -1 on failure.
 *
 * Beyond Qt: see qnet_ssl_server_set_handshake_limit().
 */
QNET_API int qnet_ssl_server_handshakes(qnet_tcp_server *server);

/* Signals -------------------------------------------------------------------- */

/** Told of a connection that is not encrypted yet. */
typedef void (*qnet_ssl_server_socket_callback)(qnet_tcp_server *server, qnet_socket *socket, void *user_data);

/** Told of an error of such a connection. */
typedef void (*qnet_ssl_server_error_callback)(qnet_tcp_server *server, qnet_socket *socket, qnet_error error, void *user_data);

/** Told of something that is wrong with the peer of such a connection. The handle of the
 *  error is released when the callback has returned: copy what is to be kept. */
typedef void (*qnet_ssl_server_ssl_error_callback)(qnet_tcp_server *server, qnet_socket *socket, qnet_ssl_error *error, void *user_data);

/** Told of @p count things that are wrong with the peer of such a connection. The handles
 *  of the errors are released when the callback has returned: copy what is to be kept. */
typedef void (*qnet_ssl_server_ssl_errors_callback)(qnet_tcp_server *server, qnet_socket *socket, qnet_ssl_error *const *errors, int count, void *user_data);

/** Told of an alert of such a connection, with a text that holds until the callback has
 *  returned. */
typedef void (*qnet_ssl_server_alert_callback)(qnet_tcp_server *server, qnet_socket *socket, qnet_alert_level level, qnet_alert_type type, const char *description, void *user_data);

/**
 * Registers @p callback for handshakes that begin, also if the configuration is such
 * that they cannot.
 *
 * Qt: QSslServer::startedEncryptionHandshake
 */
QNET_API qnet_connection qnet_ssl_server_on_started_encryption_handshake(qnet_tcp_server *server, qnet_ssl_server_socket_callback callback, void *user_data);

/**
 * Registers @p callback for errors of connections before they are encrypted. The
 * connection ends when it returns, or has ended if its time is up.
 *
 * Qt: QSslServer::errorOccurred
 */
QNET_API qnet_connection qnet_ssl_server_on_error_occurred(qnet_tcp_server *server, qnet_ssl_server_error_callback callback, void *user_data);

/**
 * Registers @p callback for each thing that is wrong with a client's certificate,
 * before sslErrors.
 *
 * Qt: QSslServer::peerVerifyError
 */
QNET_API qnet_connection qnet_ssl_server_on_peer_verify_error(qnet_tcp_server *server, qnet_ssl_server_ssl_error_callback callback, void *user_data);

/**
 * Registers @p callback for all that is wrong with a client's certificate, as
 * qnet_ssl_socket_on_ssl_errors() does.
 *
 * Qt: QSslServer::sslErrors
 */
QNET_API qnet_connection qnet_ssl_server_on_ssl_errors(qnet_tcp_server *server, qnet_ssl_server_ssl_errors_callback callback, void *user_data);

/**
 * Registers @p callback for each thing that is wrong with a client's certificate, while
 * the handshake waits, as qnet_ssl_socket_on_handshake_interrupted_on_error() does.
 *
 * Qt: QSslServer::handshakeInterruptedOnError
 */
QNET_API qnet_connection qnet_ssl_server_on_handshake_interrupted_on_error(qnet_tcp_server *server, qnet_ssl_server_ssl_error_callback callback, void *user_data);

/**
 * Registers @p callback for alerts that were sent in a handshake.
 *
 * Qt: QSslServer::alertSent
 */
QNET_API qnet_connection qnet_ssl_server_on_alert_sent(qnet_tcp_server *server, qnet_ssl_server_alert_callback callback, void *user_data);

/**
 * Registers @p callback for alerts that clients have sent in a handshake.
 *
 * Qt: QSslServer::alertReceived
 */
QNET_API qnet_connection qnet_ssl_server_on_alert_received(qnet_tcp_server *server, qnet_ssl_server_alert_callback callback, void *user_data);

#ifdef __cplusplus
}
#endif

#endif
