/**
 * @file authenticator.h
 * What a proxy wants to know of whoever uses it (QAuthenticator). Callbacks of
 * qnet_socket_on_proxy_authentication_required() are given one, to be filled. It is
 * the library's, and holds until the callback returns.
 */
#ifndef QNET_AUTHENTICATOR_H
#define QNET_AUTHENTICATOR_H

#include <qnet/global.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Returns the user: what was set, or else who was refused, "" if nobody was.
 *
 * Qt: QAuthenticator::user()
 */
QNET_API const char *qnet_authenticator_user(qnet_authenticator *authenticator);

/**
 * Sets the user; NULL is "". For NTLM it may name a domain: `DOMAIN\user`.
 *
 * Qt: QAuthenticator::setUser()
 */
QNET_API void qnet_authenticator_set_user(qnet_authenticator *authenticator, const char *user);

/**
 * Returns the password: what was set, or else the one that was refused, "" if
 * there was none.
 *
 * Qt: QAuthenticator::password()
 */
QNET_API const char *qnet_authenticator_password(qnet_authenticator *authenticator);

/**
 * Sets the password; NULL is "".
 *
 * Qt: QAuthenticator::setPassword()
 */
QNET_API void qnet_authenticator_set_password(qnet_authenticator *authenticator, const char *password);

/**
 * Returns what the user and the password are for, in the proxy's words; "" if it
 * has none, as SOCKS.
 *
 * Qt: QAuthenticator::realm()
 */
QNET_API const char *qnet_authenticator_realm(qnet_authenticator *authenticator);

/**
 * Reports whether nothing is known: there is no realm, and neither a user nor a
 * password was tried or set.
 *
 * Qt: QAuthenticator::isNull()
 */
QNET_API bool qnet_authenticator_is_null(qnet_authenticator *authenticator);

/**
 * Returns the option @p name, NULL if there is none. The proxy's realm is the
 * option "realm".
 *
 * Qt: QAuthenticator::option()
 */
QNET_API const char *qnet_authenticator_option(qnet_authenticator *authenticator, const char *name);

/**
 * Sets the option @p name to @p value, for other callbacks to read; NULL is "".
 *
 * Qt: QAuthenticator::setOption()
 */
QNET_API void qnet_authenticator_set_option(qnet_authenticator *authenticator, const char *name, const char *value);

#ifdef __cplusplus
}
#endif

#endif
