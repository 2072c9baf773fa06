/*
 * Fuzzes what the API parses and writes: addresses, subnets, scope ids and local
 * names as texts, and address structs of any bytes. Texts end where memory ends,
 * so that a byte too much is noticed.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <qnet/qnet.h>

#include "finding.h"

enum { AREA_SIZE = 1 << 14 };

static char *end_of_text, *end_of_buffer;
static qnet_socket *local_socket;

static void handle_message(qnet_msg_type type, const char *text, void *user_data)
{
	(void)user_data;
	if (type != QNET_WARNING_MSG)
		blame("message of type %d: %s", type, text);
}

/* Returns the end of memory behind which there is none. */
static char *make_end(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *area = mmap(NULL, AREA_SIZE + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (area == MAP_FAILED || mprotect(area + AREA_SIZE, page, PROT_NONE) != 0)
		blame("no memory: %m");
	return area + AREA_SIZE;
}

static bool same(const qnet_host_address *a, const qnet_host_address *b)
{
	return qnet_host_address_is_equal(a, b, QNET_STRICT_CONVERSION) &&
	       strcmp(qnet_host_address_scope_id(a), qnet_host_address_scope_id(b)) == 0;
}

/* What is written is cut where there is no room, and is read as the same address. */
static void check_written(const qnet_host_address *address, size_t room)
{
	char whole[QNET_HOST_ADDRESS_STRING_MAX];
	int length = qnet_host_address_to_string(address, whole, sizeof whole);
	qnet_host_address again;
	char *buffer;
	size_t fits;

	if (length < 0 || (size_t)length >= sizeof whole || strlen(whole) != (size_t)length)
		blame("an address has %d characters: %.80s", length, whole);
	room %= sizeof whole;
	buffer = end_of_buffer - room;
	if (qnet_host_address_to_string(address, buffer, room) != length)
		blame("%s has another length with room for %zu", whole, room);
	fits = room == 0 ? 0 : (size_t)length < room ? (size_t)length : room - 1;
	if (room > 0 && (memcmp(buffer, whole, fits) != 0 || buffer[fits] != '\0'))
		blame("%s is not well cut to %zu", whole, room);
	/* A scope id may have what cannot be read back. */
	if (length > 0 && strpbrk(qnet_host_address_scope_id(address), "% \t\n\v\f\r\xc2\xe1\xe2\xe3") == NULL &&
	    (!qnet_host_address_set_address(&again, whole) || (!same(&again, address) && address->protocol != QNET_ANY_IP_PROTOCOL)))
		blame("%s is not the same again", whole);
}

static void check_address(const char *text, size_t room)
{
	qnet_host_address address;
	uint8_t want[16], got[16];

	memset(&address, 0xee, sizeof address);
	if (!qnet_host_address_set_address(&address, text)) {
		if (!qnet_host_address_is_null(&address))
			blame("what is no address became one");
		if (inet_pton(AF_INET, text, want) == 1 || inet_pton(AF_INET6, text, want) == 1)
			blame("%s is refused", text);
		return;
	}
	if (address.protocol == QNET_IPV4_PROTOCOL && inet_pton(AF_INET, text, want) == 1 && memcmp(address.bytes, want, 4) != 0)
		blame("%s is another address to the system", text);
	qnet_host_address_to_i_pv6_address(&address, got);
	if (inet_pton(AF_INET6, text, want) == 1 && memcmp(got, want, sizeof want) != 0)
		blame("%s is another address to the system", text);
	check_written(&address, room);
}

static void check_subnet(const char *text)
{
	qnet_host_address subnet;
	int bits = qnet_host_address_parse_subnet(text, &subnet);

	if (bits < -1 || bits > 128 || (bits == -1) != qnet_host_address_is_null(&subnet))
		blame("%s has %d bits", text, bits);
	if (bits >= 0 && !qnet_host_address_is_in_subnet(&subnet, &subnet, bits))
		blame("%s does not contain its own address", text);
}

static void check_scope(const char *text)
{
	qnet_host_address address = *QNET_ADDRESS_LOCAL_HOST_IPV6;

	if (qnet_host_address_set_scope_id(&address, text) != (strlen(text) < sizeof address.scope_id))
		blame("a scope id of %zu bytes", strlen(text));
	if (strlen(text) < sizeof address.scope_id && strcmp(qnet_host_address_scope_id(&address), text) != 0)
		blame("the scope id %s became another", text);
	check_written(&address, strlen(text));
}

static void check_name(const char *text)
{
	const char *name;

	qnet_local_socket_set_server_name(local_socket, text);
	name = qnet_local_socket_server_name(local_socket);
	if (name == NULL || strcmp(name, text) != 0)
		blame("the name %s became %s", text, name);
}

/* A struct of any bytes: of a program that has not set it. */
static void check_struct(const uint8_t *data, size_t size)
{
	qnet_host_address one, other, again;
	int mode = size > 0 ? data[0] : 0, netmask = size > 1 ? (int8_t)data[1] * 2 : 0;
	bool ok;

	memset(&one, 0, sizeof one);
	memset(&other, 0, sizeof other);
	memcpy(&one, data, size < sizeof one ? size : sizeof one);
	memcpy(&other, data + size / 2, size - size / 2 < sizeof other ? size - size / 2 : sizeof other);
	/* Few numbers are protocols. */
	if (mode < 0xc0)
		one.protocol = (qnet_network_layer_protocol)(mode % 4 - 1);
	if (mode < 0x80)
		other.protocol = (qnet_network_layer_protocol)(mode / 4 % 4 - 1);
	if (qnet_host_address_is_equal(&one, &other, mode) != qnet_host_address_is_equal(&other, &one, mode))
		blame("equality is not symmetric");
	if (!qnet_host_address_is_equal(&one, &one, mode))
		blame("an address is not equal to itself");
	if (qnet_host_address_is_in_subnet(&one, &other, netmask) && netmask > 0 &&
	    !qnet_host_address_is_in_subnet(&one, &other, netmask - 1))
		blame("an address is in a subnet, but not in the one around it");
	if (qnet_host_address_to_i_pv4_address(&one, &ok) != 0 && !ok)
		blame("what is no IPv4 address has a number");
	one.scope_id[sizeof one.scope_id - 1] = '\0'; /* for strlen() */
	again = one;
	if (one.protocol >= QNET_UNKNOWN_NETWORK_LAYER_PROTOCOL && one.protocol <= QNET_ANY_IP_PROTOCOL)
		check_written(&again, size);
}

const char *__asan_default_options(void);
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Go's memory is not searched for pointers, so that each handle looks leaked. */
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	end_of_text = make_end();
	end_of_buffer = make_end();
	qnet_set_message_handler(handle_message, NULL);
	local_socket = qnet_local_socket_new(NULL);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text;

	if (size < 1 || size >= AREA_SIZE)
		return 0;
	if (data[0] % 2 == 0) {
		check_struct(data + 1, size - 1);
		return 0;
	}
	end_of_text[-1] = '\0';
	text = memcpy(end_of_text - size, data + 1, size - 1);
	check_address(text, data[0]);
	check_subnet(text);
	check_scope(text);
	check_name(text);
	return 0;
}
