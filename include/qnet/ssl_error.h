/**
 * @file ssl_error.h
 * What is wrong with a certificate (QSslError). See ssl.h for what all values of TLS
 * have in common.
 */
#ifndef QNET_SSL_ERROR_H
#define QNET_SSL_ERROR_H

#include <qnet/global.h>
#include <qnet/ssl.h>

#ifdef __cplusplus
extern "C" {
#endif

/** QSslError::SslError */
typedef enum qnet_ssl_error_code {
	QNET_SSL_NO_ERROR = 0,
	QNET_SSL_UNABLE_TO_GET_ISSUER_CERTIFICATE = 1,
	QNET_SSL_UNABLE_TO_DECRYPT_CERTIFICATE_SIGNATURE = 2,
	QNET_SSL_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY = 3,
	QNET_SSL_CERTIFICATE_SIGNATURE_FAILED = 4,
	QNET_SSL_CERTIFICATE_NOT_YET_VALID = 5,
	QNET_SSL_CERTIFICATE_EXPIRED = 6,
	QNET_SSL_INVALID_NOT_BEFORE_FIELD = 7,
	QNET_SSL_INVALID_NOT_AFTER_FIELD = 8,
	/** It is not trusted and says itself who it is. */
	QNET_SSL_SELF_SIGNED_CERTIFICATE = 9,
	/** The chain ends with an authority that is not trusted. */
	QNET_SSL_SELF_SIGNED_CERTIFICATE_IN_CHAIN = 10,
	/** The issuer is not known, neither from the peer nor here. */
	QNET_SSL_UNABLE_TO_GET_LOCAL_ISSUER_CERTIFICATE = 11,
	/** There is only one certificate, and its issuer is not known. */
	QNET_SSL_UNABLE_TO_VERIFY_FIRST_CERTIFICATE = 12,
	QNET_SSL_CERTIFICATE_REVOKED = 13,
	/** It is no authority's, and has issued another. */
	QNET_SSL_INVALID_CA_CERTIFICATE = 14,
	QNET_SSL_PATH_LENGTH_EXCEEDED = 15,
	QNET_SSL_INVALID_PURPOSE = 16,
	QNET_SSL_CERTIFICATE_UNTRUSTED = 17,
	QNET_SSL_CERTIFICATE_REJECTED = 18,
	QNET_SSL_SUBJECT_ISSUER_MISMATCH = 19,
	QNET_SSL_AUTHORITY_ISSUER_SERIAL_NUMBER_MISMATCH = 20,
	QNET_SSL_NO_PEER_CERTIFICATE = 21,
	/** It is for another host. */
	QNET_SSL_HOST_NAME_MISMATCH = 22,
	QNET_SSL_NO_SSL_SUPPORT = 23,
	QNET_SSL_CERTIFICATE_BLACKLISTED = 24,
	QNET_SSL_CERTIFICATE_STATUS_UNKNOWN = 25,
	QNET_SSL_OCSP_NO_RESPONSE_FOUND = 26,
	QNET_SSL_OCSP_MALFORMED_REQUEST = 27,
	QNET_SSL_OCSP_MALFORMED_RESPONSE = 28,
	QNET_SSL_OCSP_INTERNAL_ERROR = 29,
	QNET_SSL_OCSP_TRY_LATER = 30,
	QNET_SSL_OCSP_SIG_REQUIRED = 31,
	QNET_SSL_OCSP_UNAUTHORIZED = 32,
	QNET_SSL_OCSP_RESPONSE_CANNOT_BE_TRUSTED = 33,
	QNET_SSL_OCSP_RESPONSE_CERT_ID_UNKNOWN = 34,
	QNET_SSL_OCSP_RESPONSE_EXPIRED = 35,
	QNET_SSL_OCSP_STATUS_UNKNOWN = 36,
	/** Anything else: an extension that is not known and critical, a key that is
	 *  too short, a chain that is too long, a name that its authority may not
	 *  issue for. */
	QNET_SSL_UNSPECIFIED_ERROR = -1
} qnet_ssl_error_code;

/**
 * Returns a new error about @p certificate, NULL for one that is about none. NULL,
 * with a warning, if @p code is none. Release it with qnet_ssl_error_delete().
 *
 * Qt: QSslError::QSslError()
 */
QNET_API qnet_ssl_error *qnet_ssl_error_new(qnet_ssl_error_code code, qnet_ssl_certificate *certificate);

/**
 * Returns another handle of @p error, to be released like it; NULL for NULL.
 *
 * Qt: QSslError::operator=()
 */
QNET_API qnet_ssl_error *qnet_ssl_error_copy(qnet_ssl_error *error);

/**
 * Releases @p error. NULL is ignored.
 *
 * Qt: QSslError::~QSslError()
 */
QNET_API void qnet_ssl_error_delete(qnet_ssl_error *error);

/**
 * Returns what is wrong; QNET_SSL_NO_ERROR for NULL, QNET_SSL_UNSPECIFIED_ERROR on
 * failure.
 *
 * Qt: QSslError::error()
 */
QNET_API qnet_ssl_error_code qnet_ssl_error_error(qnet_ssl_error *error);

/**
 * Returns what is wrong as text.
 *
 * Qt: QSslError::errorString()
 */
QNET_API const char *qnet_ssl_error_error_string(qnet_ssl_error *error);

/**
 * Returns the certificate that something is wrong with, NULL if there is none.
 * Release it with qnet_ssl_certificate_delete().
 *
 * Qt: QSslError::certificate()
 */
QNET_API qnet_ssl_certificate *qnet_ssl_error_certificate(qnet_ssl_error *error);

/**
 * Reports whether @p error and @p other are the same error of the same certificate.
 *
 * Qt: QSslError::operator==()
 */
QNET_API bool qnet_ssl_error_is_equal(qnet_ssl_error *error, qnet_ssl_error *other);

#ifdef __cplusplus
}
#endif

#endif
