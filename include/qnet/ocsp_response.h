/**
 * @file ocsp_response.h
 * What the issuer of a certificate says of it (QOcspResponse), which a server sends
 * along with it. See ssl.h for what all values of TLS have in common.
 */
#ifndef QNET_OCSP_RESPONSE_H
#define QNET_OCSP_RESPONSE_H

#include <qnet/global.h>
#include <qnet/ssl.h>

#ifdef __cplusplus
extern "C" {
#endif

/** QOcspCertificateStatus */
typedef enum qnet_ocsp_certificate_status {
	QNET_OCSP_GOOD = 0,
	QNET_OCSP_REVOKED = 1,
	QNET_OCSP_UNKNOWN = 2
} qnet_ocsp_certificate_status;

/** QOcspRevocationReason */
typedef enum qnet_ocsp_revocation_reason {
	QNET_OCSP_NO_REASON = -1,
	QNET_OCSP_UNSPECIFIED = 0,
	QNET_OCSP_KEY_COMPROMISE = 1,
	QNET_OCSP_CA_COMPROMISE = 2,
	QNET_OCSP_AFFILIATION_CHANGED = 3,
	QNET_OCSP_SUPERSEDED = 4,
	QNET_OCSP_CESSATION_OF_OPERATION = 5,
	QNET_OCSP_CERTIFICATE_HOLD = 6,
	QNET_OCSP_REMOVE_FROM_CRL = 7
} qnet_ocsp_revocation_reason;

/**
 * Returns a response that says nothing, as NULL does. Release it with
 * qnet_ocsp_response_delete().
 *
 * Qt: QOcspResponse::QOcspResponse()
 */
QNET_API qnet_ocsp_response *qnet_ocsp_response_new(void);

/**
 * Returns another handle of @p response, to be released like it; NULL for NULL.
 *
 * Qt: QOcspResponse::operator=()
 */
QNET_API qnet_ocsp_response *qnet_ocsp_response_copy(qnet_ocsp_response *response);

/**
 * Releases @p response. NULL is ignored.
 *
 * Qt: QOcspResponse::~QOcspResponse()
 */
QNET_API void qnet_ocsp_response_delete(qnet_ocsp_response *response);

/**
 * Returns whether the certificate is good; QNET_OCSP_UNKNOWN for NULL and on
 * failure.
 *
 * Qt: QOcspResponse::certificateStatus()
 */
QNET_API qnet_ocsp_certificate_status qnet_ocsp_response_certificate_status(qnet_ocsp_response *response);

/**
 * Returns why the certificate was revoked, QNET_OCSP_NO_REASON if it was not.
 *
 * Qt: QOcspResponse::revocationReason()
 */
QNET_API qnet_ocsp_revocation_reason qnet_ocsp_response_revocation_reason(qnet_ocsp_response *response);

/**
 * Returns the certificate of who has signed the response, NULL if it was not sent.
 * Release it with qnet_ssl_certificate_delete().
 *
 * Qt: QOcspResponse::responder()
 */
QNET_API qnet_ssl_certificate *qnet_ocsp_response_responder(qnet_ocsp_response *response);

/**
 * Returns the certificate that the response is about, NULL if there is none. Release
 * it with qnet_ssl_certificate_delete().
 *
 * Qt: QOcspResponse::subject()
 */
QNET_API qnet_ssl_certificate *qnet_ocsp_response_subject(qnet_ocsp_response *response);

/**
 * Reports whether @p response and @p other say the same.
 *
 * Qt: QOcspResponse::operator==()
 */
QNET_API bool qnet_ocsp_response_is_equal(qnet_ocsp_response *response, qnet_ocsp_response *other);

#ifdef __cplusplus
}
#endif

#endif
