/*
 * Local servers, likewise.
 */
#ifndef QNET_TESTS_STRESS_LOCAL_SERVERS_H
#define QNET_TESTS_STRESS_LOCAL_SERVERS_H

#include "servers.h"

static void take_local_connection(qnet_local_server *server)
{
	qnet_socket *socket = adopt_socket(qnet_local_server_next_pending_connection(server));

	if (socket != NULL && per_mille(200))
		qnet_socket_set_owner(socket, per_mille(800) ? NULL : any_local_server());
	if (socket != NULL)
		qnet_local_socket_set_receives_descriptors(socket, per_mille(700));
	put_socket(socket);
}

static void on_local_new_connection(qnet_local_server *server, void *data)
{
	struct frame frame;

	enter(&frame, LOCAL_NEW_CONNECTION, data, server);
	if (per_mille(850))
		take_local_connection(server);
	mischief(LOCAL_NEW_CONNECTION, LOCAL_SERVER, server);
	leave(&frame);
}

static void on_local_server_destroyed(qnet_local_server *server, void *data)
{
	thing_destroyed(data, server);
}

static void on_local_incoming(qnet_local_server *server, intptr_t fd, void *data)
{
	struct frame frame;
	qnet_socket *socket;

	enter(&frame, LOCAL_INCOMING, data, server);
	socket = per_mille(800) ? adopt_socket(qnet_local_socket_new(any_loop())) : NULL;
	if (socket == NULL || !qnet_socket_set_socket_descriptor(socket, fd, QNET_CONNECTED_STATE, QNET_READ_WRITE))
		close((int)fd);
	else if (per_mille(700)) /* refused if its loop is another */
		qnet_local_server_add_pending_connection(server, socket);
	put_socket(socket);
	mischief(LOCAL_INCOMING, LOCAL_SERVER, server);
	leave(&frame);
}

static bool on_local_has_pending(qnet_local_server *server, void *data)
{
	struct frame frame;
	bool answer;

	enter(&frame, LOCAL_HAS_PENDING, data, server);
	answer = qnet_local_server_has_pending_connections(server);
	mischief(LOCAL_HAS_PENDING, LOCAL_SERVER, server);
	leave(&frame);
	return answer;
}

static qnet_socket *on_local_next_pending(qnet_local_server *server, void *data)
{
	struct frame frame;
	qnet_socket *answer;

	enter(&frame, LOCAL_NEXT_PENDING, data, server);
	answer = per_mille(900) ? qnet_local_server_next_pending_connection(server) : NULL;
	mischief(LOCAL_NEXT_PENDING, LOCAL_SERVER, server);
	leave(&frame);
	return answer;
}

/* With so short a queue that it is full at times. */
static void listen_local_server(qnet_local_server *server, int place)
{
	int rights = per_mille(300) ? QNET_USER_ACCESS_OPTION : QNET_NO_OPTIONS;

	qnet_local_server_set_listen_backlog_size(server, (int)rnd(4));
	qnet_local_server_set_max_pending_connections(server, (int)rnd(6));
	qnet_local_server_set_socket_options(server, is_abstract(place) ? QNET_ABSTRACT_NAMESPACE_OPTION : rights);
	qnet_local_server_listen(server, local_names[place]);
}

static void make_local_server(void)
{
	qnet_local_server *server = qnet_local_server_new(any_loop()), *old;
	int place = (int)rnd(LOCAL_SERVERS);
	struct thing *thing;

	if (server == NULL)
		return;
	thing = make_thing(LOCAL_SERVER, server);
	if (qnet_local_server_on_destroyed(server, on_local_server_destroyed, thing) == 0) {
		drop_thing(thing);
		return;
	}
	qnet_local_server_on_new_connection(server, on_local_new_connection, thing);
	if (per_mille(250))
		qnet_local_server_set_incoming_connection(server, on_local_incoming, thing);
	if (per_mille(250))
		qnet_local_server_set_has_pending_connections(server, on_local_has_pending, thing);
	if (per_mille(250))
		qnet_local_server_set_next_pending_connection(server, on_local_next_pending, thing);
	/* The one before has the name still, unless it goes, or its file. */
	old = atomic_exchange(&local_servers[place], server);
	if (old != NULL)
		end_local_server(old, per_mille(700) ? DELETE : DELETE_LATER);
	listen_local_server(server, place);
}

static void call_local_server(void)
{
	qnet_local_server *server = any_local_server();
	int place = (int)rnd(LOCAL_SERVERS);
	bool timed_out;

	self->doing = "a local server's";
	switch (rnd(16)) {
	case 0:
		end_local_server(server, (enum end)rnd(ENDS));
		break;
	case 1:
	case 2:
		listen_local_server(local_servers[place], place);
		break;
	case 3:
		unlink(local_names[place]);
		break;
	case 4:
		qnet_local_server_remove_server(local_names[place]);
		break;
	case 5:
		self->doing = "a local server's wait_for_new_connection";
		qnet_local_server_wait_for_new_connection(server, depth == 0 && per_mille(100) ? -1 : (int)rnd(8), &timed_out);
		break;
	case 6:
		qnet_local_server_set_max_pending_connections(server, (int)rnd(10));
		break;
	case 7:
		qnet_local_server_has_pending_connections(server);
		qnet_local_server_error_string(server);
		qnet_local_server_full_server_name(server);
		qnet_local_server_is_listening(server);
		break;
	case 8:
		qnet_local_server_add_pending_connection(server, any_socket());
		break;
	case 9:
		qnet_local_server_set_allow_half_open(server, per_mille(500));
		qnet_local_server_set_connection_limit(server, (int)rnd(10));
		qnet_local_server_set_idle_timeout(server, per_mille(400) ? 0 : 5 + (int)rnd(100));
		qnet_local_server_set_first_byte_timeout(server, per_mille(400) ? 0 : 5 + (int)rnd(100));
		break;
	default:
		take_local_connection(server);
		break;
	}
}

#endif
