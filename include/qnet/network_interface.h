/**
 * @file network_interface.h
 * The network interfaces of this machine (QNetworkInterface) and their addresses
 * (QNetworkAddressEntry).
 *
 * A `qnet_network_interface` is how an interface was when it was asked for: it never
 * changes, belongs to no loop, and is released with
 * qnet_network_interface_delete(). NULL stands for an interface that is none, of which
 * functions have nothing to say. A text that is returned belongs to the handle and
 * holds as long as it.
 */
#ifndef QNET_NETWORK_INTERFACE_H
#define QNET_NETWORK_INTERFACE_H

#include <qnet/global.h>
#include <qnet/host_address.h>

#ifdef __cplusplus
extern "C" {
#endif

/** An interface; see above. */
typedef struct qnet_network_interface qnet_network_interface;

/** QNetworkInterface::InterfaceFlag, to be combined with `|`. */
typedef enum qnet_interface_flag {
	/** It is switched on. */
	QNET_INTERFACE_IS_UP = 0x1,
	/** It has what it needs to transmit, such as a cable. */
	QNET_INTERFACE_IS_RUNNING = 0x2,
	/** Its IPv4 networks have a broadcast address. */
	QNET_INTERFACE_CAN_BROADCAST = 0x4,
	/** What is sent comes back to this machine. */
	QNET_INTERFACE_IS_LOOP_BACK = 0x8,
	/** There is one machine at the other end. */
	QNET_INTERFACE_IS_POINT_TO_POINT = 0x10,
	/** It can be joined to multicast groups. */
	QNET_INTERFACE_CAN_MULTICAST = 0x20
} qnet_interface_flag;

/** QNetworkInterface::InterfaceType */
typedef enum qnet_interface_type {
	QNET_INTERFACE_UNKNOWN = 0,
	QNET_INTERFACE_LOOPBACK = 1,
	/** A tunnel or the like. */
	QNET_INTERFACE_VIRTUAL = 2,
	QNET_INTERFACE_ETHERNET = 3,
	QNET_INTERFACE_SLIP = 4,
	QNET_INTERFACE_CAN_BUS = 5,
	QNET_INTERFACE_PPP = 6,
	QNET_INTERFACE_FDDI = 7,
	QNET_INTERFACE_WIFI = 8,
	QNET_INTERFACE_PHONET = 9,
	QNET_INTERFACE_IEEE802154 = 10,
	QNET_INTERFACE_SIX_LO_WPAN = 11,
	QNET_INTERFACE_IEEE80216 = 12,
	QNET_INTERFACE_IEEE1394 = 13
} qnet_interface_type;

/** QNetworkAddressEntry::DnsEligibilityStatus */
typedef enum qnet_dns_eligibility {
	QNET_DNS_ELIGIBILITY_UNKNOWN = -1,
	QNET_DNS_INELIGIBLE = 0,
	QNET_DNS_ELIGIBLE = 1
} qnet_dns_eligibility;

/** An address of an interface. Qt: QNetworkAddressEntry */
typedef struct qnet_network_address_entry {
	/** sizeof of this struct, set by the caller: later versions may have more. */
	size_t size;
	/** The address itself; with the name of the interface as its scope if it is
	 *  of a link. */
	qnet_host_address ip;
	/** The part of the address that names the network. */
	qnet_host_address netmask;
	/** Where all of the network listen; the null address for IPv6. */
	qnet_host_address broadcast;
	/** How many bits the netmask has. */
	int prefix_length;
	/** May it be published, so that others find this machine by it? */
	qnet_dns_eligibility dns_eligibility;
	/** Does the system say how long the address lives? */
	bool lifetime_known;
	/** How many milliseconds from now on it is preferred; -1: for ever. */
	int64_t preferred_lifetime;
	/** How many milliseconds from now on it can be used; -1: for ever. */
	int64_t validity_lifetime;
} qnet_network_address_entry;

/* Finding them ------------------------------------------------------------- */

/**
 * Writes handles of the interfaces, in the order of the system, to @p interfaces,
 * which has room for @p max of them. Returns how many there are, which may be more;
 * -1 on failure: descriptors have run out, or @p interfaces is NULL and @p max more
 * than 0.
 *
 * Qt: QNetworkInterface::allInterfaces()
 */
QNET_API int qnet_network_interface_all_interfaces(qnet_network_interface **interfaces, int max);

/**
 * Writes the addresses of all interfaces that are up to @p addresses, which has room
 * for @p max of them. Returns how many there are, which may be more; -1 on failure,
 * as of qnet_network_interface_all_interfaces().
 *
 * Qt: QNetworkInterface::allAddresses()
 */
QNET_API int qnet_network_interface_all_addresses(qnet_host_address *addresses, int max);

/**
 * Returns the interface with the name @p name, or with that index as text; NULL if
 * there is none, or @p name is NULL.
 *
 * Qt: QNetworkInterface::interfaceFromName()
 */
QNET_API qnet_network_interface *qnet_network_interface_interface_from_name(const char *name);

/**
 * Returns the interface with the index @p index; NULL if there is none.
 *
 * Qt: QNetworkInterface::interfaceFromIndex()
 */
QNET_API qnet_network_interface *qnet_network_interface_interface_from_index(int index);

/**
 * Returns the index of the interface with the name @p name, and of an index as text
 * that number; 0 if there is none, or @p name is NULL.
 *
 * Qt: QNetworkInterface::interfaceIndexFromName()
 */
QNET_API int qnet_network_interface_interface_index_from_name(const char *name);

/**
 * Writes the name of the interface with the index @p index to @p buffer, at most
 * @p size bytes with the final NUL. Returns its length, 0 if there is no such
 * interface; -1 if @p buffer is NULL and @p size more than 0. 16 bytes are room for
 * any.
 *
 * Qt: QNetworkInterface::interfaceNameFromIndex()
 */
QNET_API int qnet_network_interface_interface_name_from_index(int index, char *buffer, size_t size);

/**
 * Returns another handle of @p interface, to be released like it; NULL for NULL.
 *
 * Qt: QNetworkInterface::operator=()
 */
QNET_API qnet_network_interface *qnet_network_interface_copy(qnet_network_interface *interface);

/**
 * Releases @p interface. NULL is ignored.
 *
 * Qt: QNetworkInterface::~QNetworkInterface()
 */
QNET_API void qnet_network_interface_delete(qnet_network_interface *interface);

/* What they are ------------------------------------------------------------ */

/**
 * Reports whether @p interface is one: false for NULL.
 *
 * Qt: QNetworkInterface::isValid()
 */
QNET_API bool qnet_network_interface_is_valid(qnet_network_interface *interface);

/**
 * Returns the index, from 1 on; 0 for NULL, -1 on failure.
 *
 * Qt: QNetworkInterface::index()
 */
QNET_API int qnet_network_interface_index(qnet_network_interface *interface);

/**
 * Returns the name, such as "eth0"; "" for NULL.
 *
 * Qt: QNetworkInterface::name()
 */
QNET_API const char *qnet_network_interface_name(qnet_network_interface *interface);

/**
 * Returns a name for people: the name.
 *
 * Qt: QNetworkInterface::humanReadableName()
 */
QNET_API const char *qnet_network_interface_human_readable_name(qnet_network_interface *interface);

/**
 * Returns the address of the hardware as text, such as "00:16:3E:5E:6C:00"; "" if it
 * has none.
 *
 * Qt: QNetworkInterface::hardwareAddress()
 */
QNET_API const char *qnet_network_interface_hardware_address(qnet_network_interface *interface);

/**
 * Returns the flags, of qnet_interface_flag; 0 for NULL, -1 on failure.
 *
 * Qt: QNetworkInterface::flags()
 */
QNET_API int qnet_network_interface_flags(qnet_network_interface *interface);

/**
 * Returns what kind of interface it is. On systems other than Linux only loopback,
 * Ethernet (wireless, too) and virtual ones are told apart.
 *
 * Qt: QNetworkInterface::type()
 */
QNET_API qnet_interface_type qnet_network_interface_type(qnet_network_interface *interface);

/**
 * Returns how many bytes a packet may have (MTU); 0 if that is
 * unknown, -1 on failure.
 *
 * Qt: QNetworkInterface::maximumTransmissionUnit()
 */
QNET_API int qnet_network_interface_maximum_transmission_unit(qnet_network_interface *interface);

/**
 * Returns how many addresses the interface has; -1 on failure.
 *
 * Qt: QNetworkInterface::addressEntries()
 */
QNET_API int qnet_network_interface_address_entry_count(qnet_network_interface *interface);

/**
 * Writes the address @p index, from 0 on, to @p entry, whose `size` the caller has
 * set: at most as many bytes, and `size` then tells how many. Returns false if there
 * are not so many addresses, and with a warning if @p entry is NULL or its `size`
 * less than up to `prefix_length`.
 *
 * Qt: QNetworkInterface::addressEntries()
 */
QNET_API bool qnet_network_interface_address_entry(qnet_network_interface *interface, int index, qnet_network_address_entry *entry);

#ifdef __cplusplus
}
#endif

#endif
