/**
 * @file ssl_configuration.h
 * How connections are encrypted (QSslConfiguration): sockets and servers are given a
 * copy of one, and return one that says how it was done.
 *
 * A configuration can be changed, and belongs to whoever has made it or was given
 * it; see ssl.h for what it has in common with the other values of TLS. NULL is no
 * configuration, and a text holds as global.h says. Any thread may use any of them;
 * each call sees or changes all of what it is about.
 */
#ifndef QNET_SSL_CONFIGURATION_H
#define QNET_SSL_CONFIGURATION_H

#include <qnet/global.h>
#include <qnet/ssl.h>
#include <qnet/ssl_certificate.h>
#include <qnet/ssl_cipher.h>
#include <qnet/ssl_elliptic_curve.h>
#include <qnet/ssl_key.h>

#ifdef __cplusplus
extern "C" {
#endif

/** QSslConfiguration::NextProtocolNegotiationStatus */
typedef enum qnet_next_protocol_negotiation_status {
	/** Nothing was agreed on, or there is no connection. */
	QNET_NEXT_PROTOCOL_NEGOTIATION_NONE = 0,
	QNET_NEXT_PROTOCOL_NEGOTIATION_NEGOTIATED = 1,
	/** Client and server have no protocol in common. */
	QNET_NEXT_PROTOCOL_NEGOTIATION_UNSUPPORTED = 2
} qnet_next_protocol_negotiation_status;

/* Configurations ---------------------------------------------------------- */

/**
 * Returns a new configuration that is null: nobody is trusted, and there is no list
 * of ciphers. qnet_ssl_configuration_default_configuration() has what is usual.
 * Release it with qnet_ssl_configuration_delete().
 *
 * Qt: QSslConfiguration::QSslConfiguration()
 */
QNET_API qnet_ssl_configuration *qnet_ssl_configuration_new(void);

/**
 * Returns a copy of @p configuration, to be released with
 * qnet_ssl_configuration_delete(). NULL on failure.
 *
 * Qt: QSslConfiguration::operator=()
 */
QNET_API qnet_ssl_configuration *qnet_ssl_configuration_copy(qnet_ssl_configuration *configuration);

/**
 * Releases @p configuration.
 *
 * Qt: QSslConfiguration::~QSslConfiguration()
 */
QNET_API void qnet_ssl_configuration_delete(qnet_ssl_configuration *configuration);

/**
 * Reports whether nothing of @p configuration was changed since it was made.
 *
 * Qt: QSslConfiguration::isNull()
 */
QNET_API bool qnet_ssl_configuration_is_null(qnet_ssl_configuration *configuration);

/**
 * Reports whether @p configuration and @p other say the same, also of the connection
 * that they come from.
 *
 * Qt: QSslConfiguration::operator==()
 */
QNET_API bool qnet_ssl_configuration_is_equal(qnet_ssl_configuration *configuration, qnet_ssl_configuration *other);

/**
 * Returns a copy of what sockets have that were given no configuration: TLS 1.2 and
 * 1.3, secure ciphers, the system's authorities. Release it with
 * qnet_ssl_configuration_delete().
 *
 * Qt: QSslConfiguration::defaultConfiguration()
 */
QNET_API qnet_ssl_configuration *qnet_ssl_configuration_default_configuration(void);

/**
 * Sets what sockets have that are made from now on and given no configuration: a
 * copy of @p configuration.
 *
 * Qt: QSslConfiguration::setDefaultConfiguration()
 */
QNET_API void qnet_ssl_configuration_set_default_configuration(qnet_ssl_configuration *configuration);

/* The protocol ------------------------------------------------------------ */

/**
 * Returns which versions of TLS may be used.
 *
 * Qt: QSslConfiguration::protocol()
 */
QNET_API qnet_ssl_protocol qnet_ssl_configuration_protocol(qnet_ssl_configuration *configuration);

/**
 * Sets which versions of TLS may be used: at first QNET_SECURE_PROTOCOLS. With one
 * that is not supported no connection can be encrypted.
 *
 * Qt: QSslConfiguration::setProtocol()
 */
QNET_API void qnet_ssl_configuration_set_protocol(qnet_ssl_configuration *configuration, qnet_ssl_protocol protocol);

/**
 * Reports whether @p option is set, or each of several combined with `|`.
 *
 * Qt: QSslConfiguration::testSslOption()
 */
QNET_API bool qnet_ssl_configuration_test_ssl_option(qnet_ssl_configuration *configuration, qnet_ssl_option option);

/**
 * Sets @p option, or several combined with `|`, or takes them back. At first all
 * but those for session tickets, server names, shared sessions and the server's
 * choice of ciphers are set.
 *
 * Qt: QSslConfiguration::setSslOption()
 */
QNET_API void qnet_ssl_configuration_set_ssl_option(qnet_ssl_configuration *configuration, qnet_ssl_option option, bool on);

/**
 * Writes the ciphers that may be used to @p ciphers, the best first, as many as
 * @p max, and returns how many there are. -1, with a warning, if @p ciphers is NULL
 * and @p max is not 0, or @p max is negative.
 *
 * Qt: QSslConfiguration::ciphers()
 */
QNET_API int qnet_ssl_configuration_ciphers(qnet_ssl_configuration *configuration, qnet_ssl_cipher *ciphers, int max);

/**
 * Sets the ciphers that may be used; without any they are those that are usual.
 * Those of TLS 1.3 are used in any case: nobody can choose among them. Returns
 * false, with a warning, and changes nothing, if one is not supported, if @p ciphers
 * is NULL and @p count is not 0, or @p count is negative.
 *
 * Qt: QSslConfiguration::setCiphers()
 */
QNET_API bool qnet_ssl_configuration_set_ciphers(qnet_ssl_configuration *configuration, const qnet_ssl_cipher *ciphers, int count);

/**
 * The same with names that have colons between them. Those that are not supported
 * are left out, as in Qt: false is returned then. NULL is "".
 *
 * Qt: QSslConfiguration::setCiphers()
 */
QNET_API bool qnet_ssl_configuration_set_ciphers_by_name(qnet_ssl_configuration *configuration, const char *names);

/**
 * Writes all ciphers that are supported to @p ciphers, the best first, as many as
 * @p max, and returns how many there are. Not all of them are secure. -1, with a
 * warning, if @p ciphers is NULL and @p max is not 0, or @p max is negative.
 *
 * Qt: QSslConfiguration::supportedCiphers()
 */
QNET_API int qnet_ssl_configuration_supported_ciphers(qnet_ssl_cipher *ciphers, int max);

/**
 * Writes the curves that keys may be exchanged with to @p curves, as many as @p max,
 * and returns how many there are: 0 if they are those that are usual. -1, with a
 * warning, if @p curves is NULL and @p max is not 0, or @p max is negative.
 *
 * Qt: QSslConfiguration::ellipticCurves()
 */
QNET_API int qnet_ssl_configuration_elliptic_curves(qnet_ssl_configuration *configuration, qnet_ssl_elliptic_curve *curves, int max);

/**
 * Sets the curves that keys may be exchanged with, the best first; without any they
 * are those that are usual. With one that is not supported no connection can be
 * encrypted. Returns false, with a warning, and changes nothing, if one is none, if
 * @p curves is NULL and @p count is not 0, or @p count is negative.
 *
 * Qt: QSslConfiguration::setEllipticCurves()
 */
QNET_API bool qnet_ssl_configuration_set_elliptic_curves(qnet_ssl_configuration *configuration, const qnet_ssl_elliptic_curve *curves, int count);

/**
 * Writes the curves that are supported to @p curves, as many as @p max, and returns
 * how many there are. -1, with a warning, if @p curves is NULL and @p max is not 0,
 * or @p max is negative.
 *
 * Qt: QSslConfiguration::supportedEllipticCurves()
 */
QNET_API int qnet_ssl_configuration_supported_elliptic_curves(qnet_ssl_elliptic_curve *curves, int max);

/* Who one is -------------------------------------------------------------- */

/**
 * Writes the certificates that are sent to the peer to @p certificates, one's own
 * first, as many as @p max, and returns how many there are. -1, with a warning, if
 * @p certificates is NULL and @p max is not 0, or @p max is negative.
 *
 * Qt: QSslConfiguration::localCertificateChain()
 */
QNET_API int qnet_ssl_configuration_local_certificate_chain(qnet_ssl_configuration *configuration, qnet_ssl_certificate **certificates, int max);

/**
 * Sets the certificates that are sent to the peer: one's own first, and then those
 * of its authorities. Returns false, with a warning, and changes nothing, if a
 * handle is bad or NULL, if @p certificates is NULL and @p count is not 0, or
 * @p count is negative.
 *
 * Qt: QSslConfiguration::setLocalCertificateChain()
 */
QNET_API bool qnet_ssl_configuration_set_local_certificate_chain(qnet_ssl_configuration *configuration, qnet_ssl_certificate *const *certificates, int count);

/**
 * Returns one's own certificate, NULL if there is none. Release it with
 * qnet_ssl_certificate_delete().
 *
 * Qt: QSslConfiguration::localCertificate()
 */
QNET_API qnet_ssl_certificate *qnet_ssl_configuration_local_certificate(qnet_ssl_configuration *configuration);

/**
 * Sets one's own certificate, which replaces the chain; NULL is none.
 *
 * Qt: QSslConfiguration::setLocalCertificate()
 */
QNET_API void qnet_ssl_configuration_set_local_certificate(qnet_ssl_configuration *configuration, qnet_ssl_certificate *certificate);

/**
 * Returns the key of one's own certificate, NULL if there is none. Release it with
 * qnet_ssl_key_delete().
 *
 * Qt: QSslConfiguration::privateKey()
 */
QNET_API qnet_ssl_key *qnet_ssl_configuration_private_key(qnet_ssl_configuration *configuration);

/**
 * Sets the key of one's own certificate; NULL is none.
 *
 * Qt: QSslConfiguration::setPrivateKey()
 */
QNET_API void qnet_ssl_configuration_set_private_key(qnet_ssl_configuration *configuration, qnet_ssl_key *key);

/**
 * Adds another certificate and its key for servers, with those of its authorities
 * behind it: what is for the host that a client asks for by name is sent to it, and
 * that of qnet_ssl_configuration_set_local_certificate_chain() if there is none.
 * Returns false, with a warning, if there is no certificate or key, a handle is bad
 * or NULL, or @p count is negative.
 *
 * Beyond Qt: several certificates for one server.
 */
QNET_API bool qnet_ssl_configuration_add_server_certificate(qnet_ssl_configuration *configuration, qnet_ssl_certificate *const *certificates, int count, qnet_ssl_key *key);

/**
 * Removes what qnet_ssl_configuration_add_server_certificate() has added, and
 * returns how many there were; -1 on failure.
 *
 * Beyond Qt: several certificates for one server.
 */
QNET_API int qnet_ssl_configuration_clear_server_certificates(qnet_ssl_configuration *configuration);

/* Who the peer may be ----------------------------------------------------- */

/**
 * Returns what is asked of the peer's certificate; QNET_AUTO_VERIFY_PEER on failure.
 *
 * Qt: QSslConfiguration::peerVerifyMode()
 */
QNET_API qnet_peer_verify_mode qnet_ssl_configuration_peer_verify_mode(qnet_ssl_configuration *configuration);

/**
 * Sets what is asked of the peer's certificate: at first QNET_AUTO_VERIFY_PEER.
 *
 * Qt: QSslConfiguration::setPeerVerifyMode()
 */
QNET_API void qnet_ssl_configuration_set_peer_verify_mode(qnet_ssl_configuration *configuration, qnet_peer_verify_mode mode);

/**
 * Returns how long the peer's chain may be; -1 on failure.
 *
 * Qt: QSslConfiguration::peerVerifyDepth()
 */
QNET_API int qnet_ssl_configuration_peer_verify_depth(qnet_ssl_configuration *configuration);

/**
 * Sets how many certificates may be between the peer's and the last one of its
 * chain; 0, which it is at first, is any number. A negative one is ignored, with a
 * warning.
 *
 * Qt: QSslConfiguration::setPeerVerifyDepth()
 */
QNET_API void qnet_ssl_configuration_set_peer_verify_depth(qnet_ssl_configuration *configuration, int depth);

/**
 * Writes the certificates of the authorities that are trusted to @p certificates, as
 * many as @p max, and returns how many there are. -1, with a warning, if
 * @p certificates is NULL and @p max is not 0, or @p max is negative.
 *
 * Qt: QSslConfiguration::caCertificates()
 */
QNET_API int qnet_ssl_configuration_ca_certificates(qnet_ssl_configuration *configuration, qnet_ssl_certificate **certificates, int max);

/**
 * Has the authorities with these certificates trusted, and no other. Returns false,
 * with a warning, and changes nothing, if a handle is bad or NULL, if
 * @p certificates is NULL and @p count is not 0, or @p count is negative.
 *
 * Qt: QSslConfiguration::setCaCertificates()
 */
QNET_API bool qnet_ssl_configuration_set_ca_certificates(qnet_ssl_configuration *configuration, qnet_ssl_certificate *const *certificates, int count);

/**
 * Has the authority with @p certificate trusted, too. NULL is ignored.
 *
 * Qt: QSslConfiguration::addCaCertificate()
 */
QNET_API void qnet_ssl_configuration_add_ca_certificate(qnet_ssl_configuration *configuration, qnet_ssl_certificate *certificate);

/**
 * Has the authorities with these certificates trusted, too. Returns false, with a
 * warning, and changes nothing, as qnet_ssl_configuration_set_ca_certificates().
 *
 * Qt: QSslConfiguration::addCaCertificates()
 */
QNET_API bool qnet_ssl_configuration_add_ca_certificates(qnet_ssl_configuration *configuration, qnet_ssl_certificate *const *certificates, int count);

/**
 * Has the authorities trusted, too, whose certificates are in the files that
 * @p path stands for, see qnet_ssl_certificate_from_path(). Returns false if there
 * are none, and, with a warning, if @p path is NULL or there is no such format or
 * syntax.
 *
 * Qt: QSslConfiguration::addCaCertificates(const QString &)
 */
QNET_API bool qnet_ssl_configuration_add_ca_certificates_from_path(qnet_ssl_configuration *configuration, const char *path, qnet_encoding_format format, qnet_certificate_pattern_syntax syntax);

/**
 * Writes the certificates of the authorities that the system trusts to
 * @p certificates, as many as @p max, and returns how many there are. They are read
 * when they are needed for the first time, from where the system keeps them, or from
 * where the variables SSL_CERT_FILE and SSL_CERT_DIR of the environment say. -1,
 * with a warning, if @p certificates is NULL and @p max is not 0, or @p max is
 * negative.
 *
 * Qt: QSslConfiguration::systemCaCertificates()
 */
QNET_API int qnet_ssl_configuration_system_ca_certificates(qnet_ssl_certificate **certificates, int max);

/**
 * Reports whether the handshake waits if something is wrong with the peer's
 * certificate.
 *
 * Qt: QSslConfiguration::handshakeMustInterruptOnError()
 */
QNET_API bool qnet_ssl_configuration_handshake_must_interrupt_on_error(qnet_ssl_configuration *configuration);

/**
 * Says whether the handshake waits if something is wrong with the peer's
 * certificate, until the program says whether it goes on. At first it does not.
 *
 * Qt: QSslConfiguration::setHandshakeMustInterruptOnError()
 */
QNET_API void qnet_ssl_configuration_set_handshake_must_interrupt_on_error(qnet_ssl_configuration *configuration, bool interrupt);

/**
 * Reports whether a peer without a certificate is refused that is asked for one.
 *
 * Qt: QSslConfiguration::missingCertificateIsFatal()
 */
QNET_API bool qnet_ssl_configuration_missing_certificate_is_fatal(qnet_ssl_configuration *configuration);

/**
 * Says whether a peer without a certificate is refused, even if it is only asked for
 * one. At first it is not.
 *
 * Qt: QSslConfiguration::setMissingCertificateIsFatal()
 */
QNET_API void qnet_ssl_configuration_set_missing_certificate_is_fatal(qnet_ssl_configuration *configuration, bool fatal);

/**
 * Reports whether a client asks for what the server's issuer says of it.
 *
 * Qt: QSslConfiguration::ocspStaplingEnabled()
 */
QNET_API bool qnet_ssl_configuration_ocsp_stapling_enabled(qnet_ssl_configuration *configuration);

/**
 * Says whether a client asks for what the server's issuer says of the server's
 * certificate, which must be there then, and good. At first it does not.
 *
 * Qt: QSslConfiguration::setOcspStaplingEnabled()
 */
QNET_API void qnet_ssl_configuration_set_ocsp_stapling_enabled(qnet_ssl_configuration *configuration, bool enable);

/* What is agreed on ------------------------------------------------------- */

/**
 * Returns the protocol @p index, from 0 on, that a connection may be for, NULL if
 * there are not so many.
 *
 * Qt: QSslConfiguration::allowedNextProtocols()
 */
QNET_API const char *qnet_ssl_configuration_allowed_next_protocols(qnet_ssl_configuration *configuration, int index, int64_t *size);

/**
 * Sets what protocols a connection may be for, the best first, of which client and
 * server agree on one (ALPN). They are @p size bytes at @p protocols, as TLS has
 * them: before each is a byte with its length, as in "\x02h2\x08http/1.1". Returns
 * false, with a warning, and changes nothing, if they have another form, or
 * @p protocols is NULL and @p size is not 0.
 *
 * Qt: QSslConfiguration::setAllowedNextProtocols()
 */
QNET_API bool qnet_ssl_configuration_set_allowed_next_protocols(qnet_ssl_configuration *configuration, const void *protocols, size_t size);

/**
 * Returns the protocol that client and server have agreed on; empty if there is
 * none.
 *
 * Qt: QSslConfiguration::nextNegotiatedProtocol()
 */
QNET_API const char *qnet_ssl_configuration_next_negotiated_protocol(qnet_ssl_configuration *configuration, int64_t *size);

/**
 * Returns whether client and server have agreed on a protocol.
 *
 * Qt: QSslConfiguration::nextProtocolNegotiationStatus()
 */
QNET_API qnet_next_protocol_negotiation_status qnet_ssl_configuration_next_protocol_negotiation_status(qnet_ssl_configuration *configuration);

/**
 * Returns with what a later connection to the same server is encrypted more quickly,
 * empty if there is nothing: a client has it once the server has sent it, unless
 * QNET_SSL_OPTION_DISABLE_SESSION_PERSISTENCE is set. It is secret.
 *
 * Qt: QSslConfiguration::sessionTicket()
 */
QNET_API const char *qnet_ssl_configuration_session_ticket(qnet_ssl_configuration *configuration, int64_t *size);

/**
 * Sets with what a connection is encrypted more quickly: what
 * qnet_ssl_configuration_session_ticket() has returned, of which the library makes a
 * copy. With anything else the connection is encrypted as always. Returns false,
 * with a warning, if @p ticket is NULL and @p size is not 0, or @p size is 2 GiB or
 * more.
 *
 * Qt: QSslConfiguration::setSessionTicket()
 */
QNET_API bool qnet_ssl_configuration_set_session_ticket(qnet_ssl_configuration *configuration, const void *ticket, size_t size);

/**
 * Returns for how many seconds the session ticket is of use, -1 if that is not
 * known.
 *
 * Qt: QSslConfiguration::sessionTicketLifeTimeHint()
 */
QNET_API int qnet_ssl_configuration_session_ticket_life_time_hint(qnet_ssl_configuration *configuration);

/* How it was done --------------------------------------------------------- */

/**
 * Returns the peer's certificate, NULL if there is none. Release it with
 * qnet_ssl_certificate_delete().
 *
 * Qt: QSslConfiguration::peerCertificate()
 */
QNET_API qnet_ssl_certificate *qnet_ssl_configuration_peer_certificate(qnet_ssl_configuration *configuration);

/**
 * Writes the certificates that the peer has sent to @p certificates, its own first,
 * as many as @p max, and returns how many there are. -1, with a warning, if
 * @p certificates is NULL and @p max is not 0, or @p max is negative.
 *
 * Qt: QSslConfiguration::peerCertificateChain()
 */
QNET_API int qnet_ssl_configuration_peer_certificate_chain(qnet_ssl_configuration *configuration, qnet_ssl_certificate **certificates, int max);

/**
 * Returns the cipher that the connection is encrypted with, 0 if there is none.
 *
 * Qt: QSslConfiguration::sessionCipher()
 */
QNET_API qnet_ssl_cipher qnet_ssl_configuration_session_cipher(qnet_ssl_configuration *configuration);

/**
 * Returns the version of TLS that the connection uses, QNET_UNKNOWN_SSL_PROTOCOL if
 * there is none.
 *
 * Qt: QSslConfiguration::sessionProtocol()
 */
QNET_API qnet_ssl_protocol qnet_ssl_configuration_session_protocol(qnet_ssl_configuration *configuration);

/**
 * Returns the key that the server has made for the connection: always NULL, the
 * library that encrypts does not show it.
 *
 * Qt: QSslConfiguration::ephemeralServerKey()
 */
QNET_API qnet_ssl_key *qnet_ssl_configuration_ephemeral_server_key(qnet_ssl_configuration *configuration);

#ifdef __cplusplus
}
#endif

#endif
