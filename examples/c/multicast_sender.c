/*
 * multicast_sender: sends numbered texts to a multicast group, one each
 * interval. See multicast_receiver.
 *
 *   multicast_sender --port PORT [--group ADDRESS] [--interface NAME] [--count N] [--interval MILLISECONDS] [--ttl N]
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>

#include <qnet/qnet.h>

struct sender {
	qnet_socket *socket;
	qnet_host_address group;
	uint16_t port;
	long sent, count;
	int status;
};

static void on_timeout(qnet_timer *timer, void *user_data)
{
	struct sender *sender = user_data;
	char text[64];
	int size = snprintf(text, sizeof text, "message %ld", ++sender->sent);

	(void)timer;
	/* A datagram is sent at once, or not at all. */
	if (qnet_udp_socket_write_datagram(sender->socket, text, size, &sender->group, sender->port) != size) {
		fprintf(stderr, "multicast_sender: %s\n", qnet_socket_error_string(sender->socket));
		sender->status = 1;
		qnet_loop_quit(NULL);
	} else if (sender->sent == sender->count) {
		qnet_loop_quit(NULL);
	}
}

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "multicast_sender: %s: %s\n", what, why);
	return 1;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"group", required_argument, NULL, 'g'},
		{"port", required_argument, NULL, 'p'},
		{"interface", required_argument, NULL, 'i'},
		{"count", required_argument, NULL, 'n'},
		{"interval", required_argument, NULL, 't'},
		{"ttl", required_argument, NULL, 'l'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	const char *group_name = "239.255.43.21", *interface_name = NULL;
	struct sender sender = { .count = 3 };
	unsigned interface = 0;
	int option, interval = 200, ttl = 1;
	long port = 0;
	qnet_timer *timer;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'g': group_name = optarg; break;
		case 'p': port = strtol(optarg, NULL, 10); break;
		case 'i': interface_name = optarg; break;
		case 'n': sender.count = strtol(optarg, NULL, 10); break;
		case 't': interval = atoi(optarg); break;
		case 'l': ttl = atoi(optarg); break;
		default:
			fputs("usage: multicast_sender --port PORT [--group ADDRESS] [--interface NAME] [--count N]\n"
			      "                        [--interval MILLISECONDS] [--ttl N]\n", option == 'h' ? stdout : stderr);
			return option == 'h' ? 0 : 2;
		}
	}
	if (!qnet_host_address_set_address(&sender.group, group_name) || !qnet_host_address_is_multicast(&sender.group))
		return fail(group_name, "not a multicast group");
	if (port <= 0 || port > 65535)
		return fail("--port", "give the receivers' port");
	if (interface_name != NULL && (interface = if_nametoindex(interface_name)) == 0)
		return fail(interface_name, "no such interface");
	sender.port = (uint16_t)port;

	sender.socket = qnet_udp_socket_new(NULL);
	if (!qnet_socket_bind(sender.socket, qnet_host_address_protocol(&sender.group) == QNET_IPV4_PROTOCOL
	                                         ? QNET_ADDRESS_ANY_IPV4 : QNET_ADDRESS_ANY_IPV6, 0, QNET_DEFAULT_FOR_PLATFORM) ||
	    !qnet_udp_socket_set_multicast_interface(sender.socket, interface) ||
	    !qnet_socket_set_socket_option(sender.socket, QNET_MULTICAST_TTL_OPTION, ttl))
		return fail("socket", qnet_socket_error_string(sender.socket));
	timer = qnet_timer_new(NULL);
	qnet_timer_on_timeout(timer, on_timeout, &sender);
	qnet_timer_start(timer, interval);
	qnet_loop_exec(NULL);
	qnet_timer_delete(timer);
	qnet_socket_delete(sender.socket);
	return sender.status;
}
