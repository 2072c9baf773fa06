/*
 * Two ends of a connection, both qnet's, or one of them a plain descriptor.
 */
#ifndef QNET_TESTS_PAIR_H
#define QNET_TESTS_PAIR_H

#include "check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

struct pair {
	qnet_loop *loop;
	qnet_tcp_server *server;
	qnet_socket *client;
	qnet_socket *peer; /* of a pair of sockets: the server's end */
	int fd;            /* of a pair with a plain descriptor: its end */
};

static inline void pair_close(struct pair *pair)
{
	if (pair->client != NULL)
		qnet_socket_delete(pair->client);
	if (pair->server != NULL)
		qnet_tcp_server_delete(pair->server); /* with the peer */
	if (pair->fd >= 0)
		close(pair->fd);
	if (pair->loop != NULL)
		qnet_loop_delete(pair->loop);
	*pair = (struct pair){ .fd = -1 };
}

/* Makes a loop, a server that listens and a socket that is not connected. */
static inline const char *pair_prepare(struct pair *pair)
{
	*pair = (struct pair){ .fd = -1 };
	pair->loop = qnet_loop_new();
	pair->server = qnet_tcp_server_new(pair->loop);
	pair->client = qnet_tcp_socket_new(pair->loop);
	REQUIRE(pair->loop != NULL && pair->server != NULL && pair->client != NULL);
	REQUIRE(qnet_tcp_server_listen(pair->server, QNET_ADDRESS_LOCAL_HOST, 0));
	return NULL;
}

/* Starts to connect the client to the server. */
static inline void pair_connect(struct pair *pair, int mode)
{
	qnet_socket_connect_to_address(pair->client, QNET_ADDRESS_LOCAL_HOST, qnet_tcp_server_server_port(pair->server), mode);
}

/* Ends what pair_connect() started, and takes the server's end. */
static inline const char *pair_accept(struct pair *pair)
{
	UNTIL(pair->loop, qnet_socket_state(pair->client) == QNET_CONNECTED_STATE &&
	                      qnet_tcp_server_has_pending_connections(pair->server));
	pair->peer = qnet_tcp_server_next_pending_connection(pair->server);
	REQUIRE(pair->peer != NULL);
	return NULL;
}

/* Makes a pair of connected sockets; the client is open in mode. */
static inline const char *pair_open_mode(struct pair *pair, int mode)
{
	const char *why = pair_prepare(pair);

	if (why != NULL)
		return why;
	pair_connect(pair, mode);
	return pair_accept(pair);
}

static inline const char *pair_open(struct pair *pair)
{
	return pair_open_mode(pair, QNET_READ_WRITE);
}

/* Returns a plain socket that is bound to a port of this machine, or -1. */
static inline int raw_bind(uint16_t *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 || getsockname(fd, (struct sockaddr *)&address, &size) != 0)
		return -1;
	*port = ntohs(address.sin_port);
	return fd;
}

/* Returns a plain socket that is connected to a port, or -1. */
static inline int raw_connect(uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Closes a connected descriptor so that the other side sees a reset. */
static inline void raw_reset(int fd)
{
	struct linger reset = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	close(fd);
}

/* Makes a pair of which the other end is a plain descriptor. */
static inline const char *pair_open_raw(struct pair *pair, int mode)
{
	const char *why = pair_prepare(pair);
	uint16_t port = 0;
	int listener;

	if (why != NULL)
		return why;
	listener = raw_bind(&port);
	REQUIRE(listener >= 0 && listen(listener, 1) == 0);
	qnet_socket_connect_to_address(pair->client, QNET_ADDRESS_LOCAL_HOST, port, mode);
	pair->fd = accept(listener, NULL, NULL);
	close(listener);
	REQUIRE(pair->fd >= 0);
	UNTIL(pair->loop, qnet_socket_state(pair->client) == QNET_CONNECTED_STATE);
	return NULL;
}

/* Runs a part of a case that answers like a case. */
#define REQUIRE_OK(call) \
	do { \
		const char *why_ = (call); \
		if (why_ != NULL) \
			return why_; \
	} while (0)

#endif
