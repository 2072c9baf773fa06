/*
 * Socket options: when they are set before there is a descriptor, when a socket is of
 * both families, and what of them is seen on the wire.
 */
#include "pair.h"

#include <net/if.h>

#ifndef SO_BINDTOIFINDEX
#define SO_BINDTOIFINDEX 62
#endif

static int option_of(intptr_t fd, int level, int name)
{
	int value = -1;
	socklen_t size = sizeof value;

	getsockopt((int)fd, level, name, &value, &size);
	return value;
}

static int option(qnet_socket *socket, int level, int name)
{
	return option_of(qnet_socket_socket_descriptor(socket), level, name);
}

/* Makes two sockets that are bound to one port; sets with an option whether they may. */
static const char *bind_two(qnet_socket *(*make)(qnet_loop *), bool share)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_socket *one = make(loop), *two = make(loop);

	if (share) {
		REQUIRE(qnet_socket_set_socket_option(one, QNET_REUSE_PORT_OPTION, 1));
		REQUIRE(qnet_socket_set_socket_option(two, QNET_REUSE_PORT_OPTION, 1));
	}
	REQUIRE(qnet_socket_bind(one, QNET_ADDRESS_LOCAL_HOST, 0, QNET_DEFAULT_FOR_PLATFORM));
	REQUIRE_EQUAL(option(one, SOL_SOCKET, SO_REUSEPORT), share);
	REQUIRE_EQUAL(qnet_socket_bind(two, QNET_ADDRESS_LOCAL_HOST, qnet_socket_local_port(one), QNET_DEFAULT_FOR_PLATFORM), share);
	if (share) {
		/* Also for what is made anew. */
		uint16_t port = qnet_socket_local_port(one);

		qnet_socket_close(two);
		qnet_socket_close(one);
		REQUIRE(qnet_socket_bind(two, QNET_ADDRESS_LOCAL_HOST, port, QNET_DEFAULT_FOR_PLATFORM));
		REQUIRE(qnet_socket_bind(one, QNET_ADDRESS_LOCAL_HOST, port, QNET_DEFAULT_FOR_PLATFORM));
	} else {
		REQUIRE_EQUAL(qnet_socket_error(two), QNET_ADDRESS_IN_USE_ERROR);
	}
	qnet_socket_delete(one);
	qnet_socket_delete(two);
	qnet_loop_delete(loop);
	return NULL;
}

static const char *sockets_share_a_port(void)
{
	REQUIRE_OK(bind_two(qnet_udp_socket_new, true));
	REQUIRE_OK(bind_two(qnet_tcp_socket_new, true));
	REQUIRE_OK(bind_two(qnet_udp_socket_new, false));
	return bind_two(qnet_tcp_socket_new, false);
}

static const char *servers_share_a_port(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_tcp_server *one = qnet_tcp_server_new(loop), *two = qnet_tcp_server_new(loop), *other = qnet_tcp_server_new(loop);
	uint16_t port;

	REQUIRE_EQUAL(qnet_tcp_server_socket_option(one, QNET_REUSE_PORT_OPTION), -1);
	REQUIRE(qnet_tcp_server_set_socket_option(one, QNET_REUSE_PORT_OPTION, 1));
	REQUIRE(qnet_tcp_server_set_socket_option(two, QNET_REUSE_PORT_OPTION, 1));
	REQUIRE(!qnet_tcp_server_set_socket_option(two, (qnet_option)999, 1));
	REQUIRE(qnet_tcp_server_listen(one, QNET_ADDRESS_LOCAL_HOST, 0));
	REQUIRE_EQUAL(qnet_tcp_server_socket_option(one, QNET_REUSE_PORT_OPTION), 1);
	REQUIRE_EQUAL(qnet_tcp_server_socket_option(one, (qnet_option)999), -1);
	port = qnet_tcp_server_server_port(one);
	REQUIRE(qnet_tcp_server_listen(two, QNET_ADDRESS_LOCAL_HOST, port));
	REQUIRE(!qnet_tcp_server_listen(other, QNET_ADDRESS_LOCAL_HOST, port));
	REQUIRE_EQUAL(qnet_tcp_server_server_error(other), QNET_ADDRESS_IN_USE_ERROR);
	qnet_tcp_server_close(one);
	REQUIRE(qnet_tcp_server_listen(one, QNET_ADDRESS_LOCAL_HOST, port));
	qnet_tcp_server_delete(one);
	qnet_tcp_server_delete(two);
	qnet_tcp_server_delete(other);
	qnet_loop_delete(loop);
	return NULL;
}

/* What a server was set before it listens, its connections have; and while it listens. */
static const char *connections_inherit(void)
{
	struct pair pair = { .fd = -1 };

	pair.loop = qnet_loop_new();
	pair.server = qnet_tcp_server_new(pair.loop);
	pair.client = qnet_tcp_socket_new(pair.loop);
	REQUIRE(qnet_tcp_server_set_socket_option(pair.server, QNET_RECEIVE_BUFFER_SIZE_SOCKET_OPTION, 50000));
	REQUIRE(qnet_tcp_server_set_socket_option(pair.server, QNET_LOW_DELAY_OPTION, 1));
	REQUIRE(qnet_socket_set_socket_option(pair.client, QNET_SEND_BUFFER_SIZE_SOCKET_OPTION, 30000));
	REQUIRE_EQUAL(qnet_socket_socket_option(pair.client, QNET_SEND_BUFFER_SIZE_SOCKET_OPTION), -1);
	REQUIRE(qnet_tcp_server_listen(pair.server, QNET_ADDRESS_ANY, 0));
	REQUIRE(qnet_tcp_server_set_socket_option(pair.server, QNET_KEEP_ALIVE_OPTION, 1));
	REQUIRE(qnet_tcp_server_set_socket_option(pair.server, QNET_TYPE_OF_SERVICE_OPTION, 184));
	REQUIRE(!qnet_tcp_server_set_socket_option(pair.server, QNET_MULTICAST_TTL_OPTION, 1));
	pair_connect(&pair, QNET_READ_WRITE);
	REQUIRE_OK(pair_accept(&pair));
	REQUIRE_EQUAL(option(pair.peer, SOL_SOCKET, SO_RCVBUF), 100000);
	REQUIRE_EQUAL(option(pair.peer, IPPROTO_TCP, TCP_NODELAY), 1);
	REQUIRE_EQUAL(option(pair.peer, SOL_SOCKET, SO_KEEPALIVE), 1);
	REQUIRE_EQUAL(option(pair.peer, IPPROTO_IP, IP_TOS), 184);
	REQUIRE_EQUAL(option(pair.client, SOL_SOCKET, SO_SNDBUF), 60000);
	/* The server listens on both families, and its connections are of both, too. */
	REQUIRE(qnet_socket_set_socket_option(pair.peer, QNET_TYPE_OF_SERVICE_OPTION, 32));
	REQUIRE_EQUAL(option(pair.peer, IPPROTO_IP, IP_TOS), 32);
	REQUIRE_EQUAL(qnet_socket_socket_option(pair.peer, QNET_TYPE_OF_SERVICE_OPTION), 32);
	pair_close(&pair);
	return NULL;
}

static const char *bound_to_an_interface(void)
{
	int lo = (int)if_nametoindex("lo");
	struct pair pair = { .fd = -1 };
	qnet_socket *udp;

	pair.loop = qnet_loop_new();
	pair.server = qnet_tcp_server_new(pair.loop);
	pair.client = qnet_tcp_socket_new(pair.loop);
	udp = qnet_udp_socket_new(pair.loop);
	REQUIRE(lo > 0);
	REQUIRE(qnet_tcp_server_set_socket_option(pair.server, QNET_BIND_TO_INTERFACE_OPTION, lo));
	REQUIRE(!qnet_tcp_server_set_socket_option(pair.server, QNET_BIND_TO_INTERFACE_OPTION, -1));
	REQUIRE(qnet_socket_set_socket_option(pair.client, QNET_BIND_TO_INTERFACE_OPTION, lo));
	REQUIRE(qnet_socket_set_socket_option(udp, QNET_BIND_TO_INTERFACE_OPTION, lo));
	REQUIRE(qnet_tcp_server_listen(pair.server, QNET_ADDRESS_LOCAL_HOST, 0));
	REQUIRE_EQUAL(option_of(qnet_tcp_server_socket_descriptor(pair.server), SOL_SOCKET, SO_BINDTOIFINDEX), lo);
	pair_connect(&pair, QNET_READ_WRITE);
	REQUIRE_OK(pair_accept(&pair));
	REQUIRE_EQUAL(qnet_socket_socket_option(pair.client, QNET_BIND_TO_INTERFACE_OPTION), lo);
	/* By its first datagram, which binds it. */
	REQUIRE_EQUAL(qnet_udp_socket_write_datagram(udp, "x", 1, QNET_ADDRESS_LOCAL_HOST, qnet_tcp_server_server_port(pair.server)), 1);
	REQUIRE_EQUAL(option(udp, SOL_SOCKET, SO_BINDTOIFINDEX), lo);
	qnet_socket_delete(udp);
	/* Where there is no such interface, nothing goes out by another. */
	udp = qnet_udp_socket_new(pair.loop);
	REQUIRE(qnet_socket_set_socket_option(udp, QNET_BIND_TO_INTERFACE_OPTION, 999999));
	REQUIRE_EQUAL(qnet_udp_socket_write_datagram(udp, "x", 1, QNET_ADDRESS_LOCAL_HOST, 9), -1);
	qnet_socket_delete(udp);
	pair_close(&pair);
	return NULL;
}

/* Options of a local socket's descriptor. */
static const char *local_sockets_keep_them_too(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_local_server *server = qnet_local_server_new(loop);
	qnet_socket *client = qnet_local_socket_new(loop);
	char name[40];

	snprintf(name, sizeof name, "qnet-options-%d", (int)getpid());
	REQUIRE(qnet_local_server_listen(server, name));
	REQUIRE(qnet_socket_set_socket_option(client, QNET_SEND_BUFFER_SIZE_SOCKET_OPTION, 30000));
	REQUIRE(qnet_socket_set_socket_option(client, QNET_LOW_DELAY_OPTION, 1)); /* which it cannot have, and does without */
	qnet_local_socket_connect_to_server(client, name, QNET_READ_WRITE);
	REQUIRE_EQUAL(qnet_socket_state(client), QNET_CONNECTED_STATE);
	REQUIRE_EQUAL(option(client, SOL_SOCKET, SO_SNDBUF), 60000);
	qnet_socket_delete(client);
	qnet_local_server_delete(server);
	qnet_loop_delete(loop);
	return NULL;
}

/* The wire ------------------------------------------------------------------ */

/* A plain socket of the system that is told how datagrams of IPv4 come. */
struct wire {
	int fd;
	uint16_t port;
	int tos, ttl; /* of the last */
};

static const char *wire_open(struct wire *wire)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	struct timeval patience = { 10, 0 };
	socklen_t size = sizeof at;
	int on = 1;

	wire->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	REQUIRE(wire->fd >= 0);
	REQUIRE(bind(wire->fd, (struct sockaddr *)&at, sizeof at) == 0);
	REQUIRE(getsockname(wire->fd, (struct sockaddr *)&at, &size) == 0);
	wire->port = ntohs(at.sin_port);
	REQUIRE(setsockopt(wire->fd, IPPROTO_IP, IP_RECVTOS, &on, sizeof on) == 0);
	REQUIRE(setsockopt(wire->fd, IPPROTO_IP, IP_RECVTTL, &on, sizeof on) == 0);
	REQUIRE(setsockopt(wire->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0);
	return NULL;
}

static const char *wire_read(struct wire *wire)
{
	char byte, control[256];
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };

	wire->tos = wire->ttl = -1;
	REQUIRE_EQUAL(recvmsg(wire->fd, &message, 0), 1);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c != NULL; c = CMSG_NXTHDR(&message, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS)
			wire->tos = *CMSG_DATA(c);
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL)
			memcpy(&wire->ttl, CMSG_DATA(c), sizeof wire->ttl);
	}
	return NULL;
}

static const char *seen_on_the_wire(void)
{
	static const qnet_host_address *const from[] = { QNET_ADDRESS_ANY_IPV4, QNET_ADDRESS_ANY };
	qnet_loop *loop = qnet_loop_new();
	qnet_host_address group;
	struct ip_mreqn membership = { .imr_ifindex = (int)if_nametoindex("lo") };
	struct wire wire;

	REQUIRE_OK(wire_open(&wire));
	inet_pton(AF_INET, "239.255.7.7", &membership.imr_multiaddr);
	REQUIRE(setsockopt(wire.fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership, sizeof membership) == 0);
	REQUIRE(qnet_host_address_set_address(&group, "239.255.7.7"));
	for (size_t i = 0; i < LENGTH(from); i++) {
		qnet_socket *udp = qnet_udp_socket_new(loop);

		REQUIRE(qnet_socket_bind(udp, from[i], 0, QNET_DEFAULT_FOR_PLATFORM));
		REQUIRE(qnet_socket_set_socket_option(udp, QNET_TYPE_OF_SERVICE_OPTION, 184));
		REQUIRE(qnet_socket_set_socket_option(udp, QNET_MULTICAST_TTL_OPTION, 9));
		REQUIRE_EQUAL(qnet_socket_socket_option(udp, QNET_TYPE_OF_SERVICE_OPTION), 184);
		REQUIRE_EQUAL(qnet_socket_socket_option(udp, QNET_MULTICAST_TTL_OPTION), 9);
		REQUIRE(qnet_udp_socket_set_multicast_interface(udp, if_nametoindex("lo")));
		REQUIRE_EQUAL(qnet_udp_socket_write_datagram(udp, "x", 1, QNET_ADDRESS_LOCAL_HOST, wire.port), 1);
		REQUIRE_OK(wire_read(&wire));
		REQUIRE_EQUAL(wire.tos, 184);
		REQUIRE_EQUAL(qnet_udp_socket_write_datagram(udp, "x", 1, &group, wire.port), 1);
		REQUIRE_OK(wire_read(&wire));
		REQUIRE_EQUAL(wire.ttl, 9);
		REQUIRE_EQUAL(wire.tos, 184);
		/* By lo itself it comes all the same. */
		REQUIRE(qnet_socket_set_socket_option(udp, QNET_MULTICAST_LOOPBACK_OPTION, 0));
		REQUIRE_EQUAL(option(udp, IPPROTO_IP, IP_MULTICAST_LOOP), 0);
		qnet_socket_delete(udp);
	}
	close(wire.fd);
	qnet_loop_delete(loop);
	return NULL;
}

/* A way that is zero but for where to go. */
static const char *zeroed_datagrams(void)
{
	static const qnet_host_address *const from[] = { QNET_ADDRESS_ANY_IPV4, QNET_ADDRESS_ANY };
	qnet_loop *loop = qnet_loop_new();
	struct wire wire;

	REQUIRE_OK(wire_open(&wire));
	for (size_t i = 0; i < LENGTH(from); i++) {
		qnet_socket *udp = qnet_udp_socket_new(loop);
		qnet_datagram datagram = { 0 };

		REQUIRE(qnet_socket_bind(udp, from[i], 0, QNET_DEFAULT_FOR_PLATFORM));
		datagram.data = (void *)"x";
		datagram.size = 1;
		datagram.destination = *QNET_ADDRESS_LOCAL_HOST;
		datagram.destination_port = wire.port;
		REQUIRE_EQUAL(qnet_udp_socket_write_datagrams(udp, &datagram, 1), 1);
		REQUIRE_OK(wire_read(&wire));
		REQUIRE(wire.ttl > 1);
		datagram.interface_index = if_nametoindex("lo");
		datagram.hop_limit = 7;
		REQUIRE_EQUAL(qnet_udp_socket_write_datagrams(udp, &datagram, 1), 1);
		REQUIRE_OK(wire_read(&wire));
		REQUIRE_EQUAL(wire.ttl, 7);
		/* On a connection it needs nothing but the data. */
		qnet_socket_connect_to_address(udp, QNET_ADDRESS_LOCAL_HOST, wire.port, QNET_READ_WRITE);
		UNTIL(loop, qnet_socket_state(udp) == QNET_CONNECTED_STATE);
		datagram = (qnet_datagram){ .data = (void *)"x", .size = 1, .hop_limit = 8 };
		REQUIRE_EQUAL(qnet_udp_socket_write_datagrams(udp, &datagram, 1), 1);
		REQUIRE_OK(wire_read(&wire));
		REQUIRE_EQUAL(wire.ttl, 8);
		qnet_socket_delete(udp);
	}
	close(wire.fd);
	qnet_loop_delete(loop);
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		{ "sockets_share_a_port", sockets_share_a_port },
		{ "servers_share_a_port", servers_share_a_port },
		{ "connections_inherit", connections_inherit },
		{ "bound_to_an_interface", bound_to_an_interface },
		{ "local_sockets_keep_them_too", local_sockets_keep_them_too },
		{ "seen_on_the_wire", seen_on_the_wire },
		{ "zeroed_datagrams", zeroed_datagrams },
	};

	return check_main(cases, LENGTH(cases), argc, argv);
}
