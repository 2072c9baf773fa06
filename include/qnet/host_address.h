/**
 * @file host_address.h
 * IPv4 and IPv6 addresses as plain values: they need no release, and each
 * function only reads or writes the structs it is given. A NULL address stands
 * for the null address, and no function of this header warns, but in a forked
 * child.
 */
#ifndef QNET_HOST_ADDRESS_H
#define QNET_HOST_ADDRESS_H

#include <qnet/global.h>

#ifdef __cplusplus
extern "C" {
#endif

/** QAbstractSocket::NetworkLayerProtocol */
typedef enum qnet_network_layer_protocol {
	QNET_IPV4_PROTOCOL = 0,
	QNET_IPV6_PROTOCOL = 1,
	QNET_ANY_IP_PROTOCOL = 2,
	QNET_UNKNOWN_NETWORK_LAYER_PROTOCOL = -1
} qnet_network_layer_protocol;

/** QHostAddress::ConversionModeFlag, for qnet_host_address_is_equal(). */
typedef enum qnet_conversion_mode {
	QNET_STRICT_CONVERSION = 0,
	QNET_CONVERT_V4_MAPPED_TO_IPV4 = 1,
	QNET_CONVERT_V4_COMPAT_TO_IPV4 = 2,
	QNET_CONVERT_UNSPECIFIED_ADDRESS = 4,
	QNET_CONVERT_LOCAL_HOST = 8,
	QNET_TOLERANT_CONVERSION = 0xff
} qnet_conversion_mode;

/** Room for any address as text with its scope id and the final NUL. */
#define QNET_HOST_ADDRESS_STRING_MAX 80

/**
 * An address. Fill it with the functions below or start from one of the
 * QNET_ADDRESS_* constants. Qt: QHostAddress
 */
typedef struct qnet_host_address {
	/** Unknown: the null address. Any IP: both families' wildcard. */
	qnet_network_layer_protocol protocol;
	/** In network byte order; an IPv4 address fills the first four. */
	uint8_t bytes[16];
	/** An interface's name or number for IPv6, NUL-terminated; else empty. */
	char scope_id[32];
} qnet_host_address;

/** The data behind the QNET_ADDRESS_* constants; use those. */
QNET_API const qnet_host_address qnet_address_null;
/** See QNET_ADDRESS_BROADCAST. */
QNET_API const qnet_host_address qnet_address_broadcast;
/** See QNET_ADDRESS_LOCAL_HOST. */
QNET_API const qnet_host_address qnet_address_local_host;
/** See QNET_ADDRESS_LOCAL_HOST_IPV6. */
QNET_API const qnet_host_address qnet_address_local_host_ipv6;
/** See QNET_ADDRESS_ANY. */
QNET_API const qnet_host_address qnet_address_any;
/** See QNET_ADDRESS_ANY_IPV6. */
QNET_API const qnet_host_address qnet_address_any_ipv6;
/** See QNET_ADDRESS_ANY_IPV4. */
QNET_API const qnet_host_address qnet_address_any_ipv4;

/** No address. Qt: QHostAddress::Null. These constants are `const qnet_host_address *`. */
#define QNET_ADDRESS_NULL (&qnet_address_null)
/** 255.255.255.255. Qt: QHostAddress::Broadcast */
#define QNET_ADDRESS_BROADCAST (&qnet_address_broadcast)
/** 127.0.0.1. Qt: QHostAddress::LocalHost */
#define QNET_ADDRESS_LOCAL_HOST (&qnet_address_local_host)
/** ::1. Qt: QHostAddress::LocalHostIPv6 */
#define QNET_ADDRESS_LOCAL_HOST_IPV6 (&qnet_address_local_host_ipv6)
/** Every address of both families. Qt: QHostAddress::Any */
#define QNET_ADDRESS_ANY (&qnet_address_any)
/** Every IPv6 address (::). Qt: QHostAddress::AnyIPv6 */
#define QNET_ADDRESS_ANY_IPV6 (&qnet_address_any_ipv6)
/** Every IPv4 address (0.0.0.0). Qt: QHostAddress::AnyIPv4 */
#define QNET_ADDRESS_ANY_IPV4 (&qnet_address_any_ipv4)

/**
 * Parses @p text (IPv4, also in its short forms, or IPv6 with an optional
 * `%scope` of up to 31 bytes) into @p address. Returns false, and sets the null
 * address, if it is neither; nothing is looked up.
 *
 * Qt: QHostAddress::setAddress(const QString &)
 */
QNET_API bool qnet_host_address_set_address(qnet_host_address *address, const char *text);

/**
 * Writes @p address as text into @p buffer of @p size bytes
 * (QNET_HOST_ADDRESS_STRING_MAX always suffices), NUL-terminated and cut if it
 * must be. Returns the length of the whole text, as snprintf does; 0 for the
 * null address; -1 if @p buffer is NULL and @p size is not 0.
 *
 * Qt: QHostAddress::toString()
 */
QNET_API int qnet_host_address_to_string(const qnet_host_address *address, char *buffer, size_t size);

/**
 * Makes @p address the null address.
 *
 * Qt: QHostAddress::clear()
 */
QNET_API void qnet_host_address_clear(qnet_host_address *address);

/**
 * Tells whether @p address is the null address.
 *
 * Qt: QHostAddress::isNull()
 */
QNET_API bool qnet_host_address_is_null(const qnet_host_address *address);

/**
 * Tells whether @p address is ::1, ::ffff:127.0.0.0/104 or in 127.0.0.0/8.
 *
 * Qt: QHostAddress::isLoopback()
 */
QNET_API bool qnet_host_address_is_loopback(const qnet_host_address *address);

/**
 * Tells whether @p address is a global unicast address: none of the special
 * ranges, private ones included among the global as in Qt.
 *
 * Qt: QHostAddress::isGlobal()
 */
QNET_API bool qnet_host_address_is_global(const qnet_host_address *address);

/**
 * Tells whether @p address is in 169.254.0.0/16 or fe80::/10.
 *
 * Qt: QHostAddress::isLinkLocal()
 */
QNET_API bool qnet_host_address_is_link_local(const qnet_host_address *address);

/**
 * Tells whether @p address is in the deprecated fec0::/10.
 *
 * Qt: QHostAddress::isSiteLocal()
 */
QNET_API bool qnet_host_address_is_site_local(const qnet_host_address *address);

/**
 * Tells whether @p address is in fc00::/7.
 *
 * Qt: QHostAddress::isUniqueLocalUnicast()
 */
QNET_API bool qnet_host_address_is_unique_local_unicast(const qnet_host_address *address);

/**
 * Tells whether @p address is in 224.0.0.0/4 or ff00::/8.
 *
 * Qt: QHostAddress::isMulticast()
 */
QNET_API bool qnet_host_address_is_multicast(const qnet_host_address *address);

/**
 * Tells whether @p address is 255.255.255.255.
 *
 * Qt: QHostAddress::isBroadcast()
 */
QNET_API bool qnet_host_address_is_broadcast(const qnet_host_address *address);

/**
 * Tells whether @p address is in one of the private ranges: 10.0.0.0/8,
 * 172.16.0.0/12, 192.168.0.0/16, or unique local IPv6.
 *
 * Qt: QHostAddress::isPrivateUse()
 */
QNET_API bool qnet_host_address_is_private_use(const qnet_host_address *address);

/**
 * Tells whether @p address and @p other are the same address, with @p mode a
 * set of qnet_conversion_mode flags for those of different families.
 *
 * Qt: QHostAddress::isEqual()
 */
QNET_API bool qnet_host_address_is_equal(const qnet_host_address *address, const qnet_host_address *other, int mode);

/**
 * Tells whether @p address lies in the subnet of which the first @p netmask
 * bits are those of @p subnet.
 *
 * Qt: QHostAddress::isInSubnet()
 */
QNET_API bool qnet_host_address_is_in_subnet(const qnet_host_address *address, const qnet_host_address *subnet, int netmask);

/**
 * Parses a subnet such as "192.168.0.0/16", "10/8" or "fe80::/10" into
 * @p subnet. Returns the number of bits of its mask; -1, with the null
 * address, if @p text is no subnet.
 *
 * Qt: QHostAddress::parseSubnet()
 */
QNET_API int qnet_host_address_parse_subnet(const char *text, qnet_host_address *subnet);

/**
 * Returns the IPv4 address in host byte order and sets @p ok, unless NULL, to
 * whether there is one (IPv4, or IPv6 that stands for IPv4); else 0.
 *
 * Qt: QHostAddress::toIPv4Address()
 */
QNET_API uint32_t qnet_host_address_to_i_pv4_address(const qnet_host_address *address, bool *ok);

/**
 * Writes the sixteen bytes of @p address as IPv6 in network byte order to
 * @p bytes, an IPv4 address in its mapped form (::ffff:a.b.c.d). Zeros for the
 * null address.
 *
 * Qt: QHostAddress::toIPv6Address()
 */
QNET_API void qnet_host_address_to_i_pv6_address(const qnet_host_address *address, uint8_t bytes[16]);

/**
 * Returns the family of @p address; unknown for the null address.
 *
 * Qt: QHostAddress::protocol()
 */
QNET_API qnet_network_layer_protocol qnet_host_address_protocol(const qnet_host_address *address);

/**
 * Returns the scope id of an IPv6 address, a pointer into @p address; else "".
 *
 * Qt: QHostAddress::scopeId()
 */
QNET_API const char *qnet_host_address_scope_id(const qnet_host_address *address);

/**
 * Sets the scope id (an interface's name or number) of an IPv6 address.
 * Returns false, with nothing changed, if @p address is of another family or
 * @p id longer than 31 bytes. NULL clears it.
 *
 * Qt: QHostAddress::setScopeId()
 */
QNET_API bool qnet_host_address_set_scope_id(qnet_host_address *address, const char *id);

/* Hosts with ports ---------------------------------------------------------- */

/**
 * Takes apart a host and a port: "host:port" or, for IPv6, "[address]:port", such as
 * "example.org:443", "127.0.0.1:80", "[::1]:80", "[fe80::1%eth0]:80" and "*:80". Writes the
 * host without brackets to @p host, which has room for @p size bytes, and the port
 * to @p port, and returns true. Otherwise returns false, and writes what is wrong with @p text to
 * @p host, in English and cut to @p size: no host, no port, a port that is not a number from 0 to
 * 65535, an IPv6 address without brackets, something in brackets that is none, a
 * character that no host has, or too little room; @p port stays. A NULL is wrong, too.
 *
 * Beyond Qt: QUrl does this there.
 */
QNET_API bool qnet_host_port_parse(const char *text, char *host, size_t size, uint16_t *port);

/**
 * Writes a host and a port as one text to @p buffer like snprintf(): with brackets if
 * there is a colon in @p host. Returns the length that the text has; -1 if @p host is NULL,
 * or @p buffer NULL with a @p size above 0.
 *
 * Beyond Qt: see qnet_host_port_parse().
 */
QNET_API int qnet_host_port_join(const char *host, uint16_t port, char *buffer, size_t size);

#ifdef __cplusplus
}
#endif

#endif
