/*
 * multicast_receiver: prints what is sent to a multicast group, and from where.
 *
 *   multicast_receiver [--group ADDRESS] [--port PORT] [--interface NAME] [--count N]
 *
 * Without --interface the system chooses one; "lo" stays on this machine. Ends
 * after N datagrams, or never. See multicast_sender.
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>

#include <qnet/qnet.h>

static long left = -1; /* datagrams until the end; negative: without end */

static void on_ready_read(qnet_socket *socket, void *user_data)
{
	(void)user_data;
	while (left != 0 && qnet_udp_socket_has_pending_datagrams(socket)) {
		char from[QNET_HOST_ADDRESS_STRING_MAX];
		qnet_datagram datagram;

		/* The data belongs to the socket until the next call. */
		if (!qnet_udp_socket_receive_datagram(socket, -1, &datagram))
			break;
		qnet_host_address_to_string(&datagram.sender, from, sizeof from);
		printf("%s:%u: %.*s\n", from, (unsigned)datagram.sender_port, (int)datagram.size, (const char *)datagram.data);
		fflush(stdout);
		if (left > 0)
			left--;
	}
	if (left == 0)
		qnet_loop_quit(NULL);
}

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "multicast_receiver: %s: %s\n", what, why);
	return 1;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"group", required_argument, NULL, 'g'},
		{"port", required_argument, NULL, 'p'},
		{"interface", required_argument, NULL, 'i'},
		{"count", required_argument, NULL, 'n'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	const char *group_name = "239.255.43.21", *interface_name = NULL;
	qnet_host_address group;
	unsigned interface = 0;
	long port = 0;
	qnet_socket *socket;
	bool ipv4;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'g': group_name = optarg; break;
		case 'p': port = strtol(optarg, NULL, 10); break;
		case 'i': interface_name = optarg; break;
		case 'n': left = strtol(optarg, NULL, 10); break;
		default:
			fputs("usage: multicast_receiver [--group ADDRESS] [--port PORT] [--interface NAME] [--count N]\n",
			      option == 'h' ? stdout : stderr);
			return option == 'h' ? 0 : 2;
		}
	}
	if (!qnet_host_address_set_address(&group, group_name) || !qnet_host_address_is_multicast(&group))
		return fail(group_name, "not a multicast group");
	if (port < 0 || port > 65535)
		return fail("--port", "not a port");
	if (interface_name != NULL && (interface = if_nametoindex(interface_name)) == 0)
		return fail(interface_name, "no such interface");

	/* A member of an IPv4 group must be bound to IPv4; and others on this machine
	 * may want the port too. */
	ipv4 = qnet_host_address_protocol(&group) == QNET_IPV4_PROTOCOL;
	socket = qnet_udp_socket_new(NULL);
	if (!qnet_socket_bind(socket, ipv4 ? QNET_ADDRESS_ANY_IPV4 : QNET_ADDRESS_ANY_IPV6, (uint16_t)port,
	                      QNET_SHARE_ADDRESS))
		return fail("bind", qnet_socket_error_string(socket));
	if (!qnet_udp_socket_join_multicast_group(socket, &group, interface))
		return fail(group_name, "cannot join the group");
	qnet_socket_on_ready_read(socket, on_ready_read, NULL);
	printf("listening on %s:%u\n", group_name, (unsigned)qnet_socket_local_port(socket));
	fflush(stdout);
	qnet_loop_exec(NULL);
	qnet_socket_delete(socket);
	return 0;
}
