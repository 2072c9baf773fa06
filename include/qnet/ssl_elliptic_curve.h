/**
 * @file ssl_elliptic_curve.h
 * Elliptic curves (QSslEllipticCurve): numbers, of which there is nothing to
 * release. Functions take any number, and have nothing to say of one that is no
 * curve's.
 */
#ifndef QNET_SSL_ELLIPTIC_CURVE_H
#define QNET_SSL_ELLIPTIC_CURVE_H

#include <qnet/global.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A curve; 0 is none. The number means something to the library that is loaded only:
 * write down the name.
 */
typedef uint32_t qnet_ssl_elliptic_curve;

/**
 * Returns the curve with the short name that OpenSSL has for it, such as
 * "prime256v1" or "X25519"; 0 if there is none, or @p name is NULL. There are more
 * than connections can use, which qnet_ssl_configuration_supported_elliptic_curves()
 * returns.
 *
 * Qt: QSslEllipticCurve::fromShortName()
 */
QNET_API qnet_ssl_elliptic_curve qnet_ssl_elliptic_curve_from_short_name(const char *name);

/**
 * The same with the long name, which is the short one for all curves.
 *
 * Qt: QSslEllipticCurve::fromLongName()
 */
QNET_API qnet_ssl_elliptic_curve qnet_ssl_elliptic_curve_from_long_name(const char *name);

/**
 * Returns the short name, a static string; "" for 0.
 *
 * Qt: QSslEllipticCurve::shortName()
 */
QNET_API const char *qnet_ssl_elliptic_curve_short_name(qnet_ssl_elliptic_curve curve);

/**
 * Returns the long name, a static string; "" for 0.
 *
 * Qt: QSslEllipticCurve::longName()
 */
QNET_API const char *qnet_ssl_elliptic_curve_long_name(qnet_ssl_elliptic_curve curve);

/**
 * Reports whether TLS has a number for the curve: as in Qt, not so for X25519, which
 * connections use all the same.
 *
 * Qt: QSslEllipticCurve::isTlsNamedCurve()
 */
QNET_API bool qnet_ssl_elliptic_curve_is_tls_named_curve(qnet_ssl_elliptic_curve curve);

#ifdef __cplusplus
}
#endif

#endif
