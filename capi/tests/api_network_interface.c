/*
 * The machine's interfaces and their addresses, compared with what the system says
 * itself.
 */
#include "pair.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>

/* Calls for each of the interfaces until one fails. */
static const char *each(const char *(*check)(qnet_network_interface *interface))
{
	qnet_network_interface *all[64];
	int count = qnet_network_interface_all_interfaces(all, LENGTH(all));
	const char *why = NULL;

	REQUIRE(count > 0 && count <= (int)LENGTH(all));
	for (int i = 0; i < count; i++) {
		if (why == NULL)
			why = check(all[i]);
		qnet_network_interface_delete(all[i]);
	}
	return why;
}

/* What an ioctl() tells of an interface; a flag or more of it in *request. */
static const char *ask(unsigned long question, const char *name, struct ifreq *request)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), status;

	memset(request, 0, sizeof *request);
	snprintf(request->ifr_name, sizeof request->ifr_name, "%s", name);
	status = ioctl(fd, question, request);
	close(fd);
	REQUIRE_EQUAL(status, 0);
	return NULL;
}

static const char *like_the_system(qnet_network_interface *interface)
{
	static const struct {
		int system, flag;
	} flags[] = {
		{ IFF_UP, QNET_INTERFACE_IS_UP },
		{ IFF_RUNNING, QNET_INTERFACE_IS_RUNNING },
		{ IFF_BROADCAST, QNET_INTERFACE_CAN_BROADCAST },
		{ IFF_LOOPBACK, QNET_INTERFACE_IS_LOOP_BACK },
		{ IFF_POINTOPOINT, QNET_INTERFACE_IS_POINT_TO_POINT },
		{ IFF_MULTICAST, QNET_INTERFACE_CAN_MULTICAST },
	};
	const char *name = qnet_network_interface_name(interface);
	int index = qnet_network_interface_index(interface);
	qnet_network_interface *copy, *found;
	struct ifreq request;
	char text[18];

	REQUIRE(qnet_network_interface_is_valid(interface));
	REQUIRE_EQUAL((unsigned)index, if_nametoindex(name));
	REQUIRE_TEXT(qnet_network_interface_human_readable_name(interface), name);
	REQUIRE_OK(ask(SIOCGIFMTU, name, &request));
	REQUIRE_EQUAL(qnet_network_interface_maximum_transmission_unit(interface), request.ifr_mtu);
	REQUIRE_OK(ask(SIOCGIFFLAGS, name, &request));
	for (size_t i = 0; i < LENGTH(flags); i++)
		REQUIRE_EQUAL((request.ifr_flags & flags[i].system) != 0,
			      (qnet_network_interface_flags(interface) & flags[i].flag) != 0);
	REQUIRE_EQUAL(qnet_network_interface_type(interface) == QNET_INTERFACE_LOOPBACK, (request.ifr_flags & IFF_LOOPBACK) != 0);
	REQUIRE_OK(ask(SIOCGIFHWADDR, name, &request));
	if (request.ifr_hwaddr.sa_family == 1 /* ARPHRD_ETHER */) {
		const uint8_t *b = (const uint8_t *)request.ifr_hwaddr.sa_data;

		snprintf(text, sizeof text, "%02X:%02X:%02X:%02X:%02X:%02X", b[0], b[1], b[2], b[3], b[4], b[5]);
		REQUIRE_TEXT(qnet_network_interface_hardware_address(interface), text);
	}

	found = qnet_network_interface_interface_from_name(name);
	REQUIRE_TEXT(qnet_network_interface_name(found), name);
	qnet_network_interface_delete(found);
	found = qnet_network_interface_interface_from_index(index);
	copy = qnet_network_interface_copy(found);
	qnet_network_interface_delete(found);
	REQUIRE_TEXT(qnet_network_interface_name(copy), name);
	qnet_network_interface_delete(copy);
	REQUIRE_EQUAL(qnet_network_interface_interface_index_from_name(name), index);
	REQUIRE_EQUAL(qnet_network_interface_interface_name_from_index(index, text, sizeof text), (int)strlen(name));
	REQUIRE_TEXT(text, name);
	return NULL;
}

static const char *interfaces(void)
{
	return each(like_the_system);
}

/* Is this what the system has as an address, or a netmask? */
static bool is_same(const qnet_host_address *address, const struct sockaddr *system)
{
	if (system->sa_family == AF_INET)
		return address->protocol == QNET_IPV4_PROTOCOL &&
		       memcmp(address->bytes, &((const struct sockaddr_in *)system)->sin_addr, 4) == 0;
	return address->protocol == QNET_IPV6_PROTOCOL &&
	       memcmp(address->bytes, &((const struct sockaddr_in6 *)system)->sin6_addr, 16) == 0;
}

static int addresses_known;

static const char *addresses_like_the_system(qnet_network_interface *interface)
{
	int count = qnet_network_interface_address_entry_count(interface), bits;
	qnet_network_address_entry entry = { .size = sizeof entry };
	struct ifaddrs *all, *one;

	REQUIRE_EQUAL(getifaddrs(&all), 0);
	for (int i = 0; i < count; i++) {
		REQUIRE(qnet_network_interface_address_entry(interface, i, &entry));
		for (one = all; one != NULL; one = one->ifa_next)
			if (one->ifa_addr != NULL && strcmp(one->ifa_name, qnet_network_interface_name(interface)) == 0 &&
			    is_same(&entry.ip, one->ifa_addr))
				break;
		REQUIRE(one != NULL);
		REQUIRE(is_same(&entry.netmask, one->ifa_netmask));
		if (one->ifa_flags & IFF_BROADCAST && one->ifa_broadaddr != NULL)
			REQUIRE(is_same(&entry.broadcast, one->ifa_broadaddr));
		bits = 0;
		for (int b = 0; b < 128; b++)
			bits += entry.netmask.bytes[b / 8] >> b % 8 & 1;
		REQUIRE_EQUAL(entry.prefix_length, bits);
		REQUIRE(entry.lifetime_known);
		REQUIRE(entry.validity_lifetime == -1 || entry.validity_lifetime >= entry.preferred_lifetime);
		if (qnet_host_address_is_loopback(&entry.ip))
			REQUIRE_EQUAL(entry.dns_eligibility, QNET_DNS_INELIGIBLE);
		addresses_known += qnet_network_interface_flags(interface) & QNET_INTERFACE_IS_UP;
	}
	freeifaddrs(all);
	REQUIRE(!qnet_network_interface_address_entry(interface, count, &entry));
	REQUIRE(!qnet_network_interface_address_entry(interface, -1, &entry));
	REQUIRE_WARNINGS(0);
	return NULL;
}

static const char *addresses(void)
{
	qnet_host_address all[128], first;
	int count;

	addresses_known = 0;
	REQUIRE_OK(each(addresses_like_the_system));
	count = qnet_network_interface_all_addresses(all, LENGTH(all));
	REQUIRE(count > 0);
	REQUIRE_EQUAL(count, addresses_known);
	/* There is no room, or little. */
	REQUIRE_EQUAL(qnet_network_interface_all_addresses(NULL, 0), count);
	REQUIRE_EQUAL(qnet_network_interface_all_addresses(&first, 1), count);
	REQUIRE(qnet_host_address_is_equal(&first, &all[0], QNET_STRICT_CONVERSION));
	REQUIRE_WARNINGS(0);
	REQUIRE_EQUAL(qnet_network_interface_all_addresses(NULL, 1), -1);
	REQUIRE_EQUAL(qnet_network_interface_all_addresses(&first, -1), -1);
	REQUIRE_EQUAL(qnet_network_interface_all_interfaces(NULL, 1), -1);
	REQUIRE_WARNINGS(3);
	return NULL;
}

/* A program that was compiled when the struct was shorter, and one that forgot to say. */
static const char *entries_of_other_sizes(void)
{
	qnet_network_interface *lo = qnet_network_interface_interface_from_name("lo");
	qnet_network_address_entry entry;

	memset(&entry, 0x55, sizeof entry);
	entry.size = offsetof(qnet_network_address_entry, dns_eligibility);
	REQUIRE(qnet_network_interface_address_entry(lo, 0, &entry));
	REQUIRE_EQUAL(entry.size, offsetof(qnet_network_address_entry, dns_eligibility));
	REQUIRE_EQUAL(entry.prefix_length, 8);
	REQUIRE_EQUAL((int)entry.dns_eligibility, 0x55555555);
	entry.size = 1000;
	REQUIRE(!qnet_network_interface_address_entry(lo, 99, &entry));
	REQUIRE_WARNINGS(0);
	entry.size = 8;
	REQUIRE(!qnet_network_interface_address_entry(lo, 0, &entry));
	REQUIRE_WARNINGS(1);
	qnet_network_interface_delete(lo);
	return NULL;
}

static const char *none(void)
{
	char text[16] = "x";

	REQUIRE(qnet_network_interface_interface_from_name("no such") == NULL);
	REQUIRE(qnet_network_interface_interface_from_name("") == NULL);
	REQUIRE(qnet_network_interface_interface_from_index(0) == NULL);
	REQUIRE(qnet_network_interface_interface_from_index(-1) == NULL);
	REQUIRE(qnet_network_interface_interface_from_index(INT32_MAX) == NULL);
	REQUIRE_EQUAL(qnet_network_interface_interface_index_from_name("no such"), 0);
	REQUIRE_EQUAL(qnet_network_interface_interface_index_from_name("77"), 77);
	REQUIRE_EQUAL(qnet_network_interface_interface_name_from_index(0, text, sizeof text), 0);
	REQUIRE_TEXT(text, "");
	REQUIRE(!qnet_network_interface_is_valid(NULL));
	REQUIRE_EQUAL(qnet_network_interface_index(NULL), 0);
	REQUIRE_EQUAL(qnet_network_interface_flags(NULL), 0);
	REQUIRE_EQUAL(qnet_network_interface_type(NULL), QNET_INTERFACE_UNKNOWN);
	REQUIRE_EQUAL(qnet_network_interface_address_entry_count(NULL), 0);
	REQUIRE_TEXT(qnet_network_interface_name(NULL), "");
	REQUIRE_TEXT(qnet_network_interface_hardware_address(NULL), "");
	qnet_network_interface_delete(NULL);
	REQUIRE_WARNINGS(0);
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		{ "interfaces", interfaces },
		{ "addresses", addresses },
		{ "entries_of_other_sizes", entries_of_other_sizes },
		{ "none", none },
	};

	return check_main(cases, LENGTH(cases), argc, argv);
}
