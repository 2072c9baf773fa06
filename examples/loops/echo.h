/*
 * What the programs here have in common, which is qnet's side of them: a server that sends each client's data back,
 * with the number of ticks that the host's own timer has made before them. The rest of each program is the host's loop.
 */
#ifndef ECHO_H
#define ECHO_H

#include <stdbool.h>
#include <stdio.h>

#include <qnet/qnet.h>

struct echo {
	qnet_tcp_server *server;
	unsigned long ticks; /* counted by the host's timer */
};

static inline void echo_on_ready_read(qnet_socket *socket, void *user_data)
{
	const struct echo *echo = (const struct echo *)user_data;
	char prefix[40];
	int length = snprintf(prefix, sizeof prefix, "%lu ticks: ", echo->ticks);
	int64_t size;
	const char *data = qnet_socket_read_all(socket, &size);

	qnet_socket_write(socket, prefix, length);
	qnet_socket_write(socket, data, size);
}

static inline void echo_on_disconnected(qnet_socket *socket, void *user_data)
{
	(void)user_data;
	qnet_socket_delete_later(socket);
}

static inline void echo_on_new_connection(qnet_tcp_server *server, void *user_data)
{
	qnet_socket *socket;

	while ((socket = qnet_tcp_server_next_pending_connection(server)) != NULL) {
		qnet_socket_on_ready_read(socket, echo_on_ready_read, user_data);
		qnet_socket_on_disconnected(socket, echo_on_disconnected, NULL);
	}
}

/* Listens on the default loop, and says where. */
static inline bool echo_start(struct echo *echo)
{
	echo->ticks = 0;
	echo->server = qnet_tcp_server_new(NULL);
	if (echo->server == NULL || qnet_tcp_server_on_new_connection(echo->server, echo_on_new_connection, echo) == 0)
		return false; /* the library has said why on stderr */
	if (!qnet_tcp_server_listen(echo->server, QNET_ADDRESS_LOCAL_HOST, 0)) {
		fprintf(stderr, "listen: %s\n", qnet_tcp_server_error_string(echo->server));
		return false;
	}
	printf("listening on 127.0.0.1:%u\n", (unsigned)qnet_tcp_server_server_port(echo->server));
	fflush(stdout);
	return true;
}

static inline void echo_stop(struct echo *echo)
{
	qnet_tcp_server_delete(echo->server);
}

#endif
