/*
 * Servers: their callbacks, limits and pending connections.
 */
#ifndef QNET_TESTS_STRESS_SERVERS_H
#define QNET_TESTS_STRESS_SERVERS_H

#include "../pair.h"
#include "sockets.h"

static void take_connection(qnet_tcp_server *server)
{
	qnet_socket *socket = adopt_socket(per_mille(100) ? qnet_sctp_server_next_pending_datagram_connection(server)
	                                                  : qnet_tcp_server_next_pending_connection(server));

	if (socket != NULL && per_mille(200))
		qnet_socket_set_owner(socket, per_mille(800) ? NULL : any_server());
	put_socket(socket);
}

static void on_server(enum kind kind, qnet_tcp_server *server, void *data)
{
	struct frame frame;

	enter(&frame, kind, data, server);
	if (kind == NEW_CONNECTION && per_mille(850))
		take_connection(server);
	mischief(kind, SERVER, server);
	leave(&frame);
}

static void on_new_connection(qnet_tcp_server *server, void *data)
{
	on_server(NEW_CONNECTION, server, data);
}

static void on_pending_available(qnet_tcp_server *server, void *data)
{
	on_server(PENDING_AVAILABLE, server, data);
}

static void on_accept_error(qnet_tcp_server *server, qnet_error error, void *data)
{
	(void)error;
	on_server(ACCEPT_ERROR, server, data);
}

static void on_refused(qnet_tcp_server *server, const qnet_host_address *address, void *data)
{
	if (qnet_host_address_is_null(address))
		wrong(RIGHT_HANDLE, "refused without an address");
	on_server(REFUSED, server, data);
}

/* Through a proxy it is known only now where it listens, unless somebody waits for that. */
static void on_listening(qnet_tcp_server *server, void *data)
{
	for (int i = 0; i < SERVERS; i++) {
		if (servers[i] == server)
			ports[i] = qnet_tcp_server_server_port(server);
	}
	on_server(LISTENING, server, data);
}

static void on_server_destroyed(qnet_tcp_server *server, void *data)
{
	thing_destroyed(data, server);
}

/* Closes a descriptor as a peer does, or so that the other side sees a reset. */
static void close_raw(int fd)
{
	if (per_mille(400))
		raw_reset(fd);
	else
		close(fd);
}

/* Replaces incomingConnection(): the descriptor is the program's. */
static void on_incoming(qnet_tcp_server *server, intptr_t fd, void *data)
{
	struct frame frame;
	qnet_socket *socket;

	enter(&frame, INCOMING, data, server);
	if (ENCRYPTING)
		socket = adopt_socket(new_encrypting(any_loop()));
	else
		socket = per_mille(800) ? new_socket(any_loop()) : NULL;
	if (socket == NULL || !qnet_socket_set_socket_descriptor(socket, fd, QNET_CONNECTED_STATE, QNET_READ_WRITE))
		close_raw((int)fd);
	else if (ENCRYPTING)
		qnet_ssl_socket_start_server_encryption(socket);
	if (socket != NULL && per_mille(700)) /* refused if its loop is another */
		qnet_tcp_server_add_pending_connection(server, socket);
	put_socket(socket);
	mischief(INCOMING, SERVER, server);
	leave(&frame);
}

static bool on_has_pending(qnet_tcp_server *server, void *data)
{
	struct frame frame;
	bool answer;

	enter(&frame, HAS_PENDING, data, server);
	answer = qnet_tcp_server_has_pending_connections(server);
	mischief(HAS_PENDING, SERVER, server);
	leave(&frame);
	return answer;
}

static qnet_socket *on_next_pending(qnet_tcp_server *server, void *data)
{
	struct frame frame;
	qnet_socket *answer;

	enter(&frame, NEXT_PENDING, data, server);
	answer = per_mille(900) ? qnet_tcp_server_next_pending_connection(server) : NULL;
	mischief(NEXT_PENDING, SERVER, server);
	leave(&frame);
	return answer;
}

static void connect_server_signals(qnet_tcp_server *server, struct thing *thing)
{
	qnet_connection made[] = {
		qnet_tcp_server_on_new_connection(server, on_new_connection, thing),
		qnet_tcp_server_on_pending_connection_available(server, on_pending_available, thing),
		qnet_tcp_server_on_accept_error(server, on_accept_error, thing),
		qnet_tcp_server_on_connection_refused(server, on_refused, thing),
		qnet_tcp_server_on_listening(server, on_listening, thing),
	};

	if (per_mille(100))
		remember(made[rnd(LENGTH(made))]);
	if (ENCRYPTING || per_mille(250))
		qnet_tcp_server_set_incoming_connection(server, on_incoming, thing);
	if (per_mille(250))
		qnet_tcp_server_set_has_pending_connections(server, on_has_pending, thing);
	if (per_mille(250))
		qnet_tcp_server_set_next_pending_connection(server, on_next_pending, thing);
}

/* Sets one of the limits, which are as short as a round wants them, or none. */
static void limit_server(qnet_tcp_server *server)
{
	switch (rnd(5)) {
	case 0:
		qnet_tcp_server_set_connection_limit(server, per_mille(500) ? 0 : 3 + (int)rnd(20));
		break;
	case 1:
		qnet_tcp_server_set_address_connection_limit(server, per_mille(250) ? 0 : 1 + (int)rnd(4));
		break;
	case 2:
		qnet_tcp_server_set_idle_timeout(server, per_mille(400) ? 0 : 5 + (int)rnd(100));
		break;
	case 3:
		qnet_tcp_server_set_first_byte_timeout(server, per_mille(400) ? 0 : 5 + (int)rnd(100));
		break;
	case 4:
		qnet_tcp_server_set_allow_half_open(server, per_mille(500));
		qnet_tcp_server_set_address_prefix_length(server, 1 + (int)rnd(128));
		qnet_tcp_server_open_connections(server);
		qnet_tcp_server_refused_connections(server);
		break;
	}
}

static void listen_server(qnet_tcp_server *server)
{
	const qnet_host_address *const addresses[] = {
		&home_address, &home_address, QNET_ADDRESS_ANY, QNET_ADDRESS_ANY_IPV4,
	};

	qnet_tcp_server_listen(server, addresses[rnd(LENGTH(addresses))], 0);
}

static void make_server(void)
{
	bool channels = !ENCRYPTING && per_mille(has_sctp ? 300 : 30);
	qnet_tcp_server *server = channels ? qnet_sctp_server_new(any_loop()) : qnet_tcp_server_new(any_loop()), *old;
	struct thing *thing;

	if (server == NULL)
		return;
	if (channels)
		qnet_sctp_server_set_maximum_channel_count(server, (int)rnd(6) - 1);
	thing = make_thing(SERVER, server);
	if (qnet_tcp_server_on_destroyed(server, on_server_destroyed, thing) == 0) {
		drop_thing(thing);
		return;
	}
	connect_server_signals(server, thing);
	if (per_mille(300)) /* or there were few who are refused */
		qnet_tcp_server_set_address_connection_limit(server, 1 + (int)rnd(4));
	while (per_mille(400))
		limit_server(server);
	if (per_mille(150))
		use_proxy_to_listen(server);
	old = atomic_exchange(&servers[rnd(SERVERS)], server);
	listen_server(server); /* from now on others may end it */
	if (old != NULL)
		end_server(old, per_mille(700) ? DELETE : DELETE_LATER);
}

#endif
