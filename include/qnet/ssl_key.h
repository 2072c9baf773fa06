/**
 * @file ssl_key.h
 * Private and public keys (QSslKey). See ssl.h for what all values of TLS have in
 * common.
 *
 * RSA, keys on the curves P-224, P-256, P-384 and P-521, and Ed25519, which Qt does
 * not read. Private keys in the forms PKCS #1, SEC 1 and PKCS #8, in the clear or
 * encrypted: PKCS #5 with PBKDF2 or scrypt and AES or triple DES, PKCS #12's triple
 * DES, and OpenSSL's traditional form.
 */
#ifndef QNET_SSL_KEY_H
#define QNET_SSL_KEY_H

#include <qnet/global.h>
#include <qnet/ssl.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Reads a key from @p size bytes at @p data, and returns it. With QNET_PEM the first
 * key of the type counts, and what is around it does not matter. It is to be of
 * @p algorithm; with QNET_OPAQUE_KEY any will do, which is beyond Qt. A private key
 * that is encrypted is decrypted with @p pass_phrase, which may be NULL.
 *
 * If there is no such key, what is returned is null, see qnet_ssl_key_is_null(), and
 * qnet_ssl_key_error_string() says why. NULL, with a warning, if @p data is NULL and
 * @p size is not 0, or @p size is 2 GiB or more. Release it with
 * qnet_ssl_key_delete().
 *
 * Qt: QSslKey::QSslKey()
 */
QNET_API qnet_ssl_key *qnet_ssl_key_new(const void *data, size_t size, qnet_key_algorithm algorithm, qnet_encoding_format format, qnet_key_type type, const char *pass_phrase);

/**
 * Returns another handle of @p key, to be released like it; NULL for NULL.
 *
 * Qt: QSslKey::operator=()
 */
QNET_API qnet_ssl_key *qnet_ssl_key_copy(qnet_ssl_key *key);

/**
 * Releases @p key. NULL is ignored.
 *
 * Qt: QSslKey::~QSslKey()
 */
QNET_API void qnet_ssl_key_delete(qnet_ssl_key *key);

/**
 * Reports whether @p key is none. False on failure.
 *
 * Qt: QSslKey::isNull()
 */
QNET_API bool qnet_ssl_key_is_null(qnet_ssl_key *key);

/**
 * Returns why @p key is null; "" if it is not.
 *
 * Beyond Qt: why a key could not be read.
 */
QNET_API const char *qnet_ssl_key_error_string(qnet_ssl_key *key);

/**
 * Returns how many bits @p key has; -1 if it is null.
 *
 * Qt: QSslKey::length()
 */
QNET_API int qnet_ssl_key_length(qnet_ssl_key *key);

/**
 * Returns whether @p key is private. NULL is public, and what could not be read what
 * it was to be.
 *
 * Qt: QSslKey::type()
 */
QNET_API qnet_key_type qnet_ssl_key_type(qnet_ssl_key *key);

/**
 * Returns what @p key is for: what could not be read, for what it was to be.
 *
 * Qt: QSslKey::algorithm()
 */
QNET_API qnet_key_algorithm qnet_ssl_key_algorithm(qnet_ssl_key *key);

/**
 * Returns @p key as PEM. If it is private and @p pass_phrase neither NULL nor "", it
 * is encrypted, as PKCS #8 with AES-256 and PBKDF2, which takes some hundredths of
 * a second; then the text is another one each time, and holds until the next such
 * call for this handle. "" for a null key.
 *
 * Qt: QSslKey::toPem()
 */
QNET_API const char *qnet_ssl_key_to_pem(qnet_ssl_key *key, const char *pass_phrase, int64_t *size);

/**
 * Returns @p key as DER: PKCS #1, SEC 1 or, of an algorithm without a form of its
 * own, PKCS #8; a public one as in certificates. Empty for a null key and, as in
 * Qt, if @p pass_phrase is neither NULL nor "".
 *
 * Qt: QSslKey::toDer()
 */
QNET_API const char *qnet_ssl_key_to_der(qnet_ssl_key *key, const char *pass_phrase, int64_t *size);

/**
 * Reports whether @p key and @p other are the same key. Null ones are.
 *
 * Qt: QSslKey::operator==()
 */
QNET_API bool qnet_ssl_key_is_equal(qnet_ssl_key *key, qnet_ssl_key *other);

#ifdef __cplusplus
}
#endif

#endif
