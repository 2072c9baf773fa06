/*
 * What a callback does besides its duty.
 */
#ifndef QNET_TESTS_STRESS_MISCHIEF_H
#define QNET_TESTS_STRESS_MISCHIEF_H

#include "places.h"
#include "things.h"

static void mischief(enum kind kind, enum class class, void *handle);
static void act(void);
static void nested_loop(qnet_loop *loop);

static void end_socket(qnet_socket *socket, enum end end)
{
	switch (end) {
	case CLOSE:
		if (per_mille(500))
			qnet_socket_close(socket);
		else
			qnet_socket_disconnect_from_host(socket);
		break;
	case ABORT:
		qnet_socket_abort(socket);
		break;
	case DELETE:
		qnet_socket_delete(socket);
		break;
	default:
		qnet_socket_delete_later(socket);
		break;
	}
}

static void end_server(qnet_tcp_server *server, enum end end)
{
	switch (end) {
	case CLOSE:
		qnet_tcp_server_close(server);
		break;
	case ABORT: /* there is none: a socket, which may be one of the server's */
		qnet_socket_abort(any_socket());
		break;
	case DELETE:
		qnet_tcp_server_delete(server);
		break;
	default:
		qnet_tcp_server_delete_later(server);
		break;
	}
}

static void end_local_server(qnet_local_server *server, enum end end)
{
	switch (end) {
	case CLOSE:
		qnet_local_server_close(server);
		break;
	case ABORT: /* as above */
		qnet_socket_abort(any_socket());
		break;
	case DELETE:
		qnet_local_server_delete(server);
		break;
	default:
		qnet_local_server_delete_later(server);
		break;
	}
}

#endif
