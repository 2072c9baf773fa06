/* The data behind the QNET_ADDRESS_* macros. */

#include <qnet/host_address.h>

const qnet_host_address qnet_address_null = {
	QNET_UNKNOWN_NETWORK_LAYER_PROTOCOL, { 0 }, "",
};

const qnet_host_address qnet_address_broadcast = {
	QNET_IPV4_PROTOCOL, { 255, 255, 255, 255 }, "",
};

const qnet_host_address qnet_address_local_host = {
	QNET_IPV4_PROTOCOL, { 127, 0, 0, 1 }, "",
};

const qnet_host_address qnet_address_local_host_ipv6 = {
	QNET_IPV6_PROTOCOL, { [15] = 1 }, "",
};

const qnet_host_address qnet_address_any = {
	QNET_ANY_IP_PROTOCOL, { 0 }, "",
};

const qnet_host_address qnet_address_any_ipv6 = {
	QNET_IPV6_PROTOCOL, { 0 }, "",
};

const qnet_host_address qnet_address_any_ipv4 = {
	QNET_IPV4_PROTOCOL, { 0 }, "",
};
