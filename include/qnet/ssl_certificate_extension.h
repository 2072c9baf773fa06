/**
 * @file ssl_certificate_extension.h
 * The extensions of certificates (QSslCertificateExtension), as
 * qnet_ssl_certificate_extensions() returns them. See ssl.h for what all values of
 * TLS have in common.
 */
#ifndef QNET_SSL_CERTIFICATE_EXTENSION_H
#define QNET_SSL_CERTIFICATE_EXTENSION_H

#include <qnet/global.h>
#include <qnet/ssl.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a value, or a part of it, is: beyond Qt, which has a QVariant for it. */
typedef enum qnet_ssl_value_type {
	/** Nothing: what the extension says cannot be read, or there is no such part. */
	QNET_SSL_NO_VALUE = 0,
	/** A text. */
	QNET_SSL_TEXT_VALUE = 1,
	/** Bytes. */
	QNET_SSL_BYTES_VALUE = 2,
	/** "true" or "false". */
	QNET_SSL_BOOL_VALUE = 3,
	/** A decimal number of 64 bits. */
	QNET_SSL_NUMBER_VALUE = 4,
	/** Texts, one after the other. */
	QNET_SSL_LIST_VALUE = 5,
	/** Parts that have names, which are sorted. */
	QNET_SSL_MAP_VALUE = 6
} qnet_ssl_value_type;

/** The index that stands for a value as a whole. */
#define QNET_SSL_WHOLE_VALUE (-1)

/**
 * Returns another handle of @p extension, to be released like it; NULL for NULL.
 *
 * Qt: QSslCertificateExtension::operator=()
 */
QNET_API qnet_ssl_certificate_extension *qnet_ssl_certificate_extension_copy(qnet_ssl_certificate_extension *extension);

/**
 * Releases @p extension. NULL is ignored.
 *
 * Qt: QSslCertificateExtension::~QSslCertificateExtension()
 */
QNET_API void qnet_ssl_certificate_extension_delete(qnet_ssl_certificate_extension *extension);

/**
 * Returns the object identifier, such as "2.5.29.19"; "" for NULL.
 *
 * Qt: QSslCertificateExtension::oid()
 */
QNET_API const char *qnet_ssl_certificate_extension_oid(qnet_ssl_certificate_extension *extension);

/**
 * Returns the short name, such as "basicConstraints", or the object identifier if
 * there is none.
 *
 * Qt: QSslCertificateExtension::name()
 */
QNET_API const char *qnet_ssl_certificate_extension_name(qnet_ssl_certificate_extension *extension);

/**
 * Reports whether a certificate is to be refused by whoever does not know the
 * extension.
 *
 * Qt: QSslCertificateExtension::isCritical()
 */
QNET_API bool qnet_ssl_certificate_extension_is_critical(qnet_ssl_certificate_extension *extension);

/**
 * Reports whether the form of the value stays as it is: that is so for
 * basicConstraints, subjectKeyIdentifier, authorityKeyIdentifier and
 * authorityInfoAccess, if they can be read.
 *
 * Qt: QSslCertificateExtension::isSupported()
 */
QNET_API bool qnet_ssl_certificate_extension_is_supported(qnet_ssl_certificate_extension *extension);

/**
 * Returns what the value is, with QNET_SSL_WHOLE_VALUE as @p index, or what the part
 * @p index of a list or map is, from 0 on: QNET_SSL_NO_VALUE if there are not so
 * many.
 *
 * Beyond Qt: QVariant is not in C.
 */
QNET_API qnet_ssl_value_type qnet_ssl_certificate_extension_value_type(qnet_ssl_certificate_extension *extension, int index);

/**
 * Returns the name of the part @p index of a map, such as "ca"; "" for what has no
 * name, NULL if there is no such part.
 *
 * Beyond Qt: QVariant is not in C.
 */
QNET_API const char *qnet_ssl_certificate_extension_value_name(qnet_ssl_certificate_extension *extension, int index);

/**
 * Returns the value, with QNET_SSL_WHOLE_VALUE as @p index, or the part @p index of
 * a list or map, as text or bytes. NULL for a list or map as a whole, and for what
 * is not there. What nobody here knows is bytes: DER.
 *
 * Qt: QSslCertificateExtension::value()
 */
QNET_API const char *qnet_ssl_certificate_extension_value(qnet_ssl_certificate_extension *extension, int index, int64_t *size);

#ifdef __cplusplus
}
#endif

#endif
