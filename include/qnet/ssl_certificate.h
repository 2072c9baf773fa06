/**
 * @file ssl_certificate.h
 * Certificates (QSslCertificate). See ssl.h for what all values of TLS have in
 * common.
 *
 * What is refused elsewhere can be read here if it has the form of a certificate, so
 * that it can be looked at. Names of attributes are short ones such as "CN", or
 * object identifiers if there is none.
 */
#ifndef QNET_SSL_CERTIFICATE_H
#define QNET_SSL_CERTIFICATE_H

#include <qnet/global.h>
#include <qnet/ssl.h>
#include <qnet/ssl_certificate_extension.h>
#include <qnet/ssl_error.h>
#include <qnet/ssl_key.h>

#ifdef __cplusplus
extern "C" {
#endif

/** QSslCertificate::SubjectInfo: attributes of names. */
typedef enum qnet_certificate_subject_info {
	QNET_CERTIFICATE_ORGANIZATION = 0,
	QNET_CERTIFICATE_COMMON_NAME = 1,
	QNET_CERTIFICATE_LOCALITY_NAME = 2,
	QNET_CERTIFICATE_ORGANIZATIONAL_UNIT_NAME = 3,
	QNET_CERTIFICATE_COUNTRY_NAME = 4,
	QNET_CERTIFICATE_STATE_OR_PROVINCE_NAME = 5,
	QNET_CERTIFICATE_DISTINGUISHED_NAME_QUALIFIER = 6,
	QNET_CERTIFICATE_SERIAL_NUMBER = 7,
	QNET_CERTIFICATE_EMAIL_ADDRESS = 8
} qnet_certificate_subject_info;

/** QSslCertificate::PatternSyntax: how a path is meant. */
typedef enum qnet_certificate_pattern_syntax {
	/** A regular expression, as Go has them, that all of the path is to match. */
	QNET_CERTIFICATE_REGULAR_EXPRESSION = 0,
	/** "*", "?" and brackets stand for parts of the names of files and folders. */
	QNET_CERTIFICATE_WILDCARD = 1,
	/** The path of one file. */
	QNET_CERTIFICATE_FIXED_STRING = 2
} qnet_certificate_pattern_syntax;

/**
 * Reads the certificates in @p size bytes at @p data, writes as many as @p max of
 * them to @p certificates, and returns how many there are. What is between them in
 * PEM does not matter, and what is broken is left out; DER ends at what is no
 * certificate. -1, with a warning, if @p data is NULL and @p size is not 0, if
 * @p size is 2 GiB or more, if there is no such format, or if @p certificates is
 * NULL and @p max is not 0, or @p max is negative.
 *
 * Qt: QSslCertificate::fromData()
 */
QNET_API int qnet_ssl_certificate_from_data(const void *data, size_t size, qnet_encoding_format format, qnet_ssl_certificate **certificates, int max);

/**
 * Reads the certificates of the files that @p path stands for, as
 * qnet_ssl_certificate_from_data() does, and returns how many there are. Files that
 * cannot be read are left out; with a pattern, so are hidden files and folders. -1,
 * with a warning, if @p path is NULL, and as qnet_ssl_certificate_from_data().
 *
 * Qt: QSslCertificate::fromPath()
 */
QNET_API int qnet_ssl_certificate_from_path(const char *path, qnet_encoding_format format, qnet_certificate_pattern_syntax syntax, qnet_ssl_certificate **certificates, int max);

/**
 * Reads a file of PKCS #12, of @p size bytes at @p data: a private key and its
 * certificate, which are written to @p key and @p certificate, and the certificates
 * of authorities, of which as many as @p max are written to @p authorities. Returns
 * how many of these there are. @p pass_phrase, @p key and @p certificate may be
 * NULL. What is written is to be released.
 *
 * -1, with a warning that says why, and nothing written, if there is no key, if the
 * pass phrase is wrong, if the file cannot be read, and as
 * qnet_ssl_certificate_from_data().
 *
 * Qt: QSslCertificate::importPkcs12()
 */
QNET_API int qnet_ssl_certificate_import_pkcs12(const void *data, size_t size, const char *pass_phrase, qnet_ssl_key **key, qnet_ssl_certificate **certificate, qnet_ssl_certificate **authorities, int max);

/**
 * Verifies the first of @p count certificates in @p chain; the others are those that
 * lead to one of the authorities that the default configuration trusts, in any
 * order. It is to be for the host @p host_name, unless that is NULL or "". Writes
 * what is wrong to @p errors, as many as @p max, and returns how many errors there
 * are: 0 if it is valid. What it is meant for, and how strong keys and signatures
 * are, does not matter here. -1, with a warning, if a handle is bad or NULL, if
 * @p chain is NULL and @p count is not 0, if @p errors is NULL and @p max is not 0,
 * or if one of the numbers is negative.
 *
 * Qt: QSslCertificate::verify()
 */
QNET_API int qnet_ssl_certificate_verify(qnet_ssl_certificate *const *chain, int count, const char *host_name, qnet_ssl_error **errors, int max);

/**
 * Returns another handle of @p certificate, to be released like it; NULL for NULL.
 *
 * Qt: QSslCertificate::operator=()
 */
QNET_API qnet_ssl_certificate *qnet_ssl_certificate_copy(qnet_ssl_certificate *certificate);

/**
 * Releases @p certificate. NULL is ignored.
 *
 * Qt: QSslCertificate::~QSslCertificate()
 */
QNET_API void qnet_ssl_certificate_delete(qnet_ssl_certificate *certificate);

/**
 * Reports whether @p certificate is none: true for NULL only. False on failure.
 *
 * Qt: QSslCertificate::isNull()
 */
QNET_API bool qnet_ssl_certificate_is_null(qnet_ssl_certificate *certificate);

/**
 * Reports whether @p certificate is known to be a forger's: never, those that Qt
 * knows have expired long ago.
 *
 * Qt: QSslCertificate::isBlacklisted()
 */
QNET_API bool qnet_ssl_certificate_is_blacklisted(qnet_ssl_certificate *certificate);

/**
 * Reports whether @p certificate says that it was issued by the one to whom it was
 * issued. The signature is not looked at.
 *
 * Qt: QSslCertificate::isSelfSigned()
 */
QNET_API bool qnet_ssl_certificate_is_self_signed(qnet_ssl_certificate *certificate);

/**
 * Reports whether @p certificate and @p other are the same, byte for byte.
 *
 * Qt: QSslCertificate::operator==()
 */
QNET_API bool qnet_ssl_certificate_is_equal(qnet_ssl_certificate *certificate, qnet_ssl_certificate *other);

/* What it says ------------------------------------------------------------ */

/**
 * Returns the version, such as "3"; "" for NULL.
 *
 * Qt: QSslCertificate::version()
 */
QNET_API const char *qnet_ssl_certificate_version(qnet_ssl_certificate *certificate);

/**
 * Returns the serial number in hexadecimal, such as "01:a2"; "" for NULL.
 *
 * Qt: QSslCertificate::serialNumber()
 */
QNET_API const char *qnet_ssl_certificate_serial_number(qnet_ssl_certificate *certificate);

/**
 * Returns a digest of @p certificate; for NULL, of nothing. It is empty if there is
 * no such algorithm.
 *
 * Qt: QSslCertificate::digest()
 */
QNET_API const char *qnet_ssl_certificate_digest(qnet_ssl_certificate *certificate, qnet_cryptographic_hash_algorithm algorithm, int64_t *size);

/**
 * Returns the value @p index of an attribute of the issuer, from 0 on: the last in
 * the name comes first. NULL if there are not so many.
 *
 * Qt: QSslCertificate::issuerInfo()
 */
QNET_API const char *qnet_ssl_certificate_issuer_info(qnet_ssl_certificate *certificate, qnet_certificate_subject_info info, int index);

/**
 * The same with the name of an attribute; a NULL name is "".
 *
 * Qt: QSslCertificate::issuerInfo()
 */
QNET_API const char *qnet_ssl_certificate_issuer_info_by_name(qnet_ssl_certificate *certificate, const char *attribute, int index);

/**
 * Returns the value @p index of an attribute of the subject, from 0 on: the last in
 * the name comes first. NULL if there are not so many.
 *
 * Qt: QSslCertificate::subjectInfo()
 */
QNET_API const char *qnet_ssl_certificate_subject_info(qnet_ssl_certificate *certificate, qnet_certificate_subject_info info, int index);

/**
 * The same with the name of an attribute; a NULL name is "".
 *
 * Qt: QSslCertificate::subjectInfo()
 */
QNET_API const char *qnet_ssl_certificate_subject_info_by_name(qnet_ssl_certificate *certificate, const char *attribute, int index);

/**
 * Returns the name of the attribute @p index of the issuer, from 0 on; they are
 * sorted. NULL if there are not so many.
 *
 * Qt: QSslCertificate::issuerInfoAttributes()
 */
QNET_API const char *qnet_ssl_certificate_issuer_info_attributes(qnet_ssl_certificate *certificate, int index);

/**
 * Returns the name of the attribute @p index of the subject, from 0 on; they are
 * sorted. NULL if there are not so many.
 *
 * Qt: QSslCertificate::subjectInfoAttributes()
 */
QNET_API const char *qnet_ssl_certificate_subject_info_attributes(qnet_ssl_certificate *certificate, int index);

/**
 * Returns a name of the issuer for people: the common name, or else the
 * organization, or else a unit of it, or "".
 *
 * Qt: QSslCertificate::issuerDisplayName()
 */
QNET_API const char *qnet_ssl_certificate_issuer_display_name(qnet_ssl_certificate *certificate);

/**
 * Returns a name of the subject for people, as
 * qnet_ssl_certificate_issuer_display_name().
 *
 * Qt: QSslCertificate::subjectDisplayName()
 */
QNET_API const char *qnet_ssl_certificate_subject_display_name(qnet_ssl_certificate *certificate);

/**
 * Returns the further name @p index of a type, from 0 on: the last in the
 * certificate comes first. NULL if there are not so many.
 *
 * Qt: QSslCertificate::subjectAlternativeNames()
 */
QNET_API const char *qnet_ssl_certificate_subject_alternative_names(qnet_ssl_certificate *certificate, qnet_alternative_name_entry_type type, int index);

/**
 * Returns from when on @p certificate is valid, in milliseconds since 1970 (UTC),
 * which may be negative. -1 if it does not say, for NULL, and on failure: no
 * certificate counts milliseconds.
 *
 * Qt: QSslCertificate::effectiveDate()
 */
QNET_API int64_t qnet_ssl_certificate_effective_date(qnet_ssl_certificate *certificate);

/**
 * Returns until when @p certificate is valid, as
 * qnet_ssl_certificate_effective_date().
 *
 * Qt: QSslCertificate::expiryDate()
 */
QNET_API int64_t qnet_ssl_certificate_expiry_date(qnet_ssl_certificate *certificate);

/**
 * Returns the key of the one to whom @p certificate is issued, NULL if it is of a
 * kind that cannot be read. Release it with qnet_ssl_key_delete().
 *
 * Qt: QSslCertificate::publicKey()
 */
QNET_API qnet_ssl_key *qnet_ssl_certificate_public_key(qnet_ssl_certificate *certificate);

/**
 * Writes the extensions to @p extensions, as many as @p max, and returns how many
 * there are. Release each with qnet_ssl_certificate_extension_delete(). -1, with a
 * warning, if @p extensions is NULL and @p max is not 0, or @p max is negative.
 *
 * Qt: QSslCertificate::extensions()
 */
QNET_API int qnet_ssl_certificate_extensions(qnet_ssl_certificate *certificate, qnet_ssl_certificate_extension **extensions, int max);

/* As a file --------------------------------------------------------------- */

/**
 * Returns @p certificate as PEM; "" for NULL.
 *
 * Qt: QSslCertificate::toPem()
 */
QNET_API const char *qnet_ssl_certificate_to_pem(qnet_ssl_certificate *certificate, int64_t *size);

/**
 * Returns @p certificate as DER, as it was read; empty for NULL.
 *
 * Qt: QSslCertificate::toDer()
 */
QNET_API const char *qnet_ssl_certificate_to_der(qnet_ssl_certificate *certificate, int64_t *size);

/**
 * Returns all that @p certificate says, for people; "" for NULL.
 *
 * Qt: QSslCertificate::toText()
 */
QNET_API const char *qnet_ssl_certificate_to_text(qnet_ssl_certificate *certificate);

#ifdef __cplusplus
}
#endif

#endif
