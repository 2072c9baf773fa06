/**
 * @file ssl.h
 * What belongs to TLS and to no class of its own: enumerations (QSsl), and what the
 * library can do (the static functions of QSslSocket).
 *
 * The values of TLS are certificates, their extensions, keys, errors and
 * configurations: handles of things that belong to no loop and to no other object.
 * A program that was given one owns it, and releases it with the type's own
 * `_delete` function; the object that it came from may be gone by then. Any thread
 * may use any of them, several at once.
 *
 * All but configurations never change. For them these rules hold:
 *
 * - A NULL handle stands for the null value, and is no mistake: QSslCertificate(),
 *   QSslKey(), QSslError() as Qt has them. Functions that find nothing to return
 *   return NULL.
 * - A text or memory that a function returns holds until the handle is deleted.
 *   Other calls do not touch it.
 *
 * Lists of texts have an index, and the function returns NULL when there is no
 * more. Lists of handles and numbers are written to an array of the caller, as many
 * as it has room for, and the function returns how many there are: with `max` 0 it
 * only counts. The handles that are written belong to the caller. A list that is
 * handed to the library is an array with its length; none of its handles may be
 * NULL, and all stay the caller's.
 *
 * Functions with a parameter `size` return memory and write the number of its bytes
 * there, unless `size` is NULL; on failure they write 0. Behind the memory is a NUL,
 * which does not count.
 */
#ifndef QNET_SSL_H
#define QNET_SSL_H

#include <qnet/global.h>

#ifdef __cplusplus
extern "C" {
#endif

/** QSsl::SslProtocol */
typedef enum qnet_ssl_protocol {
	QNET_TLS_V1_0 = 0,
	QNET_TLS_V1_1 = 1,
	QNET_TLS_V1_2 = 2,
	/** All that are supported. */
	QNET_ANY_SSL_PROTOCOL = 3,
	/** All that are taken for secure today: TLS 1.2 and later. */
	QNET_SECURE_PROTOCOLS = 4,
	QNET_TLS_V1_0_OR_LATER = 5,
	QNET_TLS_V1_1_OR_LATER = 6,
	QNET_TLS_V1_2_OR_LATER = 7,
	/** These four are for datagrams, and not supported. */
	QNET_DTLS_V1_0 = 8,
	QNET_DTLS_V1_0_OR_LATER = 9,
	QNET_DTLS_V1_2 = 10,
	QNET_DTLS_V1_2_OR_LATER = 11,
	QNET_TLS_V1_3 = 12,
	QNET_TLS_V1_3_OR_LATER = 13,
	QNET_UNKNOWN_SSL_PROTOCOL = -1
} qnet_ssl_protocol;

/** QSsl::KeyType */
typedef enum qnet_key_type {
	QNET_PRIVATE_KEY = 0,
	QNET_PUBLIC_KEY = 1
} qnet_key_type;

/** QSsl::EncodingFormat: how certificates and keys are written. */
typedef enum qnet_encoding_format {
	/** Text, with lines such as "-----BEGIN CERTIFICATE-----". */
	QNET_PEM = 0,
	/** Bytes. */
	QNET_DER = 1
} qnet_encoding_format;

/** QSsl::KeyAlgorithm */
typedef enum qnet_key_algorithm {
	/** One that the others do not name, such as Ed25519; or none. */
	QNET_OPAQUE_KEY = 0,
	QNET_RSA_KEY = 1,
	QNET_DSA_KEY = 2,
	/** On an elliptic curve. */
	QNET_EC_KEY = 3,
	/** This and the next one cannot be read. */
	QNET_DH_KEY = 4,
	QNET_ML_DSA_KEY = 5
} qnet_key_algorithm;

/** QSsl::AlternativeNameEntryType */
typedef enum qnet_alternative_name_entry_type {
	QNET_EMAIL_ENTRY = 0,
	QNET_DNS_ENTRY = 1,
	QNET_IP_ADDRESS_ENTRY = 2
} qnet_alternative_name_entry_type;

/** QSsl::SslOption */
typedef enum qnet_ssl_option {
	/** Of no effect: what it is against cannot happen with TLS 1.2 and later, and
	 *  the library guards older ones in another way. */
	QNET_SSL_OPTION_DISABLE_EMPTY_FRAGMENTS = 1,
	/** A session is not resumed with a ticket. */
	QNET_SSL_OPTION_DISABLE_SESSION_TICKETS = 2,
	/** Of no effect: there is no compression. */
	QNET_SSL_OPTION_DISABLE_COMPRESSION = 4,
	/** A client does not say which host it wants. */
	QNET_SSL_OPTION_DISABLE_SERVER_NAME_INDICATION = 8,
	/** Of no effect: there is no renegotiation of that kind. */
	QNET_SSL_OPTION_DISABLE_LEGACY_RENEGOTIATION = 16,
	/** Sessions are not shared between connections. */
	QNET_SSL_OPTION_DISABLE_SESSION_SHARING = 32,
	/** The session cannot be had from qnet_ssl_configuration_session_ticket(). */
	QNET_SSL_OPTION_DISABLE_SESSION_PERSISTENCE = 64,
	/** A server lets the client choose the cipher. */
	QNET_SSL_OPTION_DISABLE_SERVER_CIPHER_PREFERENCE = 128
} qnet_ssl_option;

/** QSsl::AlertLevel */
typedef enum qnet_alert_level {
	QNET_ALERT_LEVEL_WARNING = 0,
	QNET_ALERT_LEVEL_FATAL = 1,
	QNET_ALERT_LEVEL_UNKNOWN = 2
} qnet_alert_level;

/** QSsl::AlertType: what the one end tells the other, with the numbers of TLS. */
typedef enum qnet_alert_type {
	QNET_ALERT_CLOSE_NOTIFY = 0,
	QNET_ALERT_UNEXPECTED_MESSAGE = 10,
	QNET_ALERT_BAD_RECORD_MAC = 20,
	QNET_ALERT_RECORD_OVERFLOW = 22,
	QNET_ALERT_DECOMPRESSION_FAILURE = 30,
	QNET_ALERT_HANDSHAKE_FAILURE = 40,
	QNET_ALERT_NO_CERTIFICATE = 41,
	QNET_ALERT_BAD_CERTIFICATE = 42,
	QNET_ALERT_UNSUPPORTED_CERTIFICATE = 43,
	QNET_ALERT_CERTIFICATE_REVOKED = 44,
	QNET_ALERT_CERTIFICATE_EXPIRED = 45,
	QNET_ALERT_CERTIFICATE_UNKNOWN = 46,
	QNET_ALERT_ILLEGAL_PARAMETER = 47,
	QNET_ALERT_UNKNOWN_CA = 48,
	QNET_ALERT_ACCESS_DENIED = 49,
	QNET_ALERT_DECODE_ERROR = 50,
	QNET_ALERT_DECRYPT_ERROR = 51,
	QNET_ALERT_EXPORT_RESTRICTION = 60,
	QNET_ALERT_PROTOCOL_VERSION = 70,
	QNET_ALERT_INSUFFICIENT_SECURITY = 71,
	QNET_ALERT_INTERNAL_ERROR = 80,
	QNET_ALERT_INAPPROPRIATE_FALLBACK = 86,
	QNET_ALERT_USER_CANCELLED = 90,
	QNET_ALERT_NO_RENEGOTIATION = 100,
	QNET_ALERT_MISSING_EXTENSION = 109,
	QNET_ALERT_UNSUPPORTED_EXTENSION = 110,
	QNET_ALERT_CERTIFICATE_UNOBTAINABLE = 111,
	QNET_ALERT_UNRECOGNIZED_NAME = 112,
	QNET_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE = 113,
	QNET_ALERT_BAD_CERTIFICATE_HASH_VALUE = 114,
	QNET_ALERT_UNKNOWN_PSK_IDENTITY = 115,
	QNET_ALERT_CERTIFICATE_REQUIRED = 116,
	QNET_ALERT_NO_APPLICATION_PROTOCOL = 120,
	QNET_ALERT_UNKNOWN_ALERT_MESSAGE = 255
} qnet_alert_type;

/** QSsl::SupportedFeature */
typedef enum qnet_ssl_supported_feature {
	QNET_SSL_FEATURE_CERTIFICATE_VERIFICATION = 0,
	QNET_SSL_FEATURE_CLIENT_SIDE_ALPN = 1,
	QNET_SSL_FEATURE_SERVER_SIDE_ALPN = 2,
	QNET_SSL_FEATURE_OCSP = 3,
	QNET_SSL_FEATURE_PSK = 4,
	QNET_SSL_FEATURE_SESSION_TICKET = 5,
	QNET_SSL_FEATURE_ALERTS = 6
} qnet_ssl_supported_feature;

/** QSslSocket::PeerVerifyMode */
typedef enum qnet_peer_verify_mode {
	/** The peer's certificate is not looked at, but for the host's name: that it is
	 *  another is told, and the connection goes on. A server asks for none. */
	QNET_VERIFY_NONE = 0,
	/** What is wrong with it is told, and the connection goes on. A server asks
	 *  for one. */
	QNET_QUERY_PEER = 1,
	/** It must be valid. */
	QNET_VERIFY_PEER = 2,
	/** As QNET_VERIFY_PEER for clients, as QNET_QUERY_PEER for servers. */
	QNET_AUTO_VERIFY_PEER = 3
} qnet_peer_verify_mode;

/** QSslSocket::SslMode */
typedef enum qnet_ssl_mode {
	QNET_UNENCRYPTED_MODE = 0,
	QNET_SSL_CLIENT_MODE = 1,
	QNET_SSL_SERVER_MODE = 2
} qnet_ssl_mode;

/** QCryptographicHash::Algorithm, as far as it is of use for certificates. */
typedef enum qnet_cryptographic_hash_algorithm {
	QNET_MD5 = 1,
	QNET_SHA1 = 2,
	QNET_SHA224 = 3,
	QNET_SHA256 = 4,
	QNET_SHA384 = 5,
	QNET_SHA512 = 6,
	QNET_SHA3_224 = 11,
	QNET_SHA3_256 = 12,
	QNET_SHA3_384 = 13,
	QNET_SHA3_512 = 14
} qnet_cryptographic_hash_algorithm;

/**
 * Reports whether connections can be encrypted: always.
 *
 * Qt: QSslSocket::supportsSsl()
 */
QNET_API bool qnet_ssl_supports_ssl(void);

/**
 * Returns what does it, and its version: "crypto/tls go1.26"; a static string.
 *
 * Qt: QSslSocket::sslLibraryVersionString()
 */
QNET_API const char *qnet_ssl_ssl_library_version_string(void);

/**
 * Returns the version of it as one number: 0x011a0000 for Go 1.26, with the patch in
 * the last 16 bits.
 *
 * Qt: QSslSocket::sslLibraryVersionNumber()
 */
QNET_API int64_t qnet_ssl_ssl_library_version_number(void);

/**
 * Returns what encrypts: "crypto/tls", the only one there is; a static string.
 *
 * Qt: QSslSocket::activeBackend()
 */
QNET_API const char *qnet_ssl_active_backend(void);

/**
 * Writes the protocols that a configuration may have to @p protocols, as many as
 * @p max, and returns how many there are. -1, with a warning, if @p protocols is
 * NULL and @p max is not 0, or @p max is negative.
 *
 * Qt: QSslSocket::supportedProtocols()
 */
QNET_API int qnet_ssl_supported_protocols(qnet_ssl_protocol *protocols, int max);

/**
 * Reports whether a configuration may have @p protocol.
 *
 * Qt: QSslSocket::isProtocolSupported()
 */
QNET_API bool qnet_ssl_is_protocol_supported(qnet_ssl_protocol protocol);

/**
 * Writes what the library can do to @p features, as many as @p max, and returns how
 * many there are. -1, with a warning, if @p features is NULL and @p max is not 0, or
 * @p max is negative.
 *
 * Qt: QSslSocket::supportedFeatures()
 */
QNET_API int qnet_ssl_supported_features(qnet_ssl_supported_feature *features, int max);

/**
 * Reports whether the library can do @p feature.
 *
 * Qt: QSslSocket::isFeatureSupported()
 */
QNET_API bool qnet_ssl_is_feature_supported(qnet_ssl_supported_feature feature);

#ifdef __cplusplus
}
#endif

#endif
