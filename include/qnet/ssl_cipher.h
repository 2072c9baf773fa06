/**
 * @file ssl_cipher.h
 * Cipher suites (QSslCipher): the numbers that they have in TLS, of which there is
 * nothing to release. Functions take any number, and have nothing to say of one that
 * is not supported.
 */
#ifndef QNET_SSL_CIPHER_H
#define QNET_SSL_CIPHER_H

#include <qnet/global.h>
#include <qnet/ssl.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A cipher suite, such as 0xc02f; 0 is none. */
typedef uint16_t qnet_ssl_cipher;

/**
 * Returns the supported suite with the name that OpenSSL has for it, such as
 * "ECDHE-RSA-AES128-GCM-SHA256" or "TLS_AES_128_GCM_SHA256"; 0 if there is none, or
 * @p name is NULL.
 *
 * Qt: QSslCipher::QSslCipher()
 */
QNET_API qnet_ssl_cipher qnet_ssl_cipher_from_name(const char *name);

/**
 * Reports whether @p cipher is none, or not supported.
 *
 * Qt: QSslCipher::isNull()
 */
QNET_API bool qnet_ssl_cipher_is_null(qnet_ssl_cipher cipher);

/**
 * Returns the name, a static string; "" if there is no such suite.
 *
 * Qt: QSslCipher::name()
 */
QNET_API const char *qnet_ssl_cipher_name(qnet_ssl_cipher cipher);

/**
 * Returns how many bits the key has; 0 if there is no such suite.
 *
 * Qt: QSslCipher::supportedBits()
 */
QNET_API int qnet_ssl_cipher_supported_bits(qnet_ssl_cipher cipher);

/**
 * Returns how many bits of the key are secret; 0 if there is no such suite.
 *
 * Qt: QSslCipher::usedBits()
 */
QNET_API int qnet_ssl_cipher_used_bits(qnet_ssl_cipher cipher);

/**
 * Returns how keys are exchanged, such as "ECDH"; a static string, "" if there is no
 * such suite.
 *
 * Qt: QSslCipher::keyExchangeMethod()
 */
QNET_API const char *qnet_ssl_cipher_key_exchange_method(qnet_ssl_cipher cipher);

/**
 * Returns what a server's key is for, such as "RSA"; a static string, "" if there is
 * no such suite.
 *
 * Qt: QSslCipher::authenticationMethod()
 */
QNET_API const char *qnet_ssl_cipher_authentication_method(qnet_ssl_cipher cipher);

/**
 * Returns how data are encrypted, such as "AESGCM(256)"; a static string, "" if
 * there is no such suite.
 *
 * Qt: QSslCipher::encryptionMethod()
 */
QNET_API const char *qnet_ssl_cipher_encryption_method(qnet_ssl_cipher cipher);

/**
 * Returns the first version of TLS that has the suite, as text: "TLSv1.2"; a static
 * string, "" if there is no such suite.
 *
 * Qt: QSslCipher::protocolString()
 */
QNET_API const char *qnet_ssl_cipher_protocol_string(qnet_ssl_cipher cipher);

/**
 * Returns the first version of TLS that has the suite; QNET_UNKNOWN_SSL_PROTOCOL
 * for those that are older than TLS, and if there is no such suite.
 *
 * Qt: QSslCipher::protocol()
 */
QNET_API qnet_ssl_protocol qnet_ssl_cipher_protocol(qnet_ssl_cipher cipher);

#ifdef __cplusplus
}
#endif

#endif
