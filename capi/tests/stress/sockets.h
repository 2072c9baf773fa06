/*
 * Sockets: their callbacks, and how they are made and connected.
 */
#ifndef QNET_TESTS_STRESS_SOCKETS_H
#define QNET_TESTS_STRESS_SOCKETS_H

#include "encrypted.h"

static qnet_socket *adopt_socket(qnet_socket *socket);

static void put_socket(qnet_socket *socket)
{
	qnet_socket *old;

	if (socket == NULL)
		return;
	old = atomic_exchange(&sockets[rnd(SOCKETS)], socket);
	if (old != NULL)
		end_socket(old, per_mille(600) ? DELETE : DELETE_LATER);
}

static void echo(qnet_socket *socket)
{
	char data[8192];
	int64_t n;

	switch (rnd(8)) {
	case 0: /* left unread */
		return;
	case 1:
		n = qnet_socket_read(socket, data, 1 + rnd(64));
		break;
	case 2:
		qnet_socket_read_all(socket, NULL);
		return;
	case 3:
		qnet_socket_start_transaction(socket);
		n = qnet_socket_read(socket, data, sizeof data);
		if (per_mille(500))
			qnet_socket_rollback_transaction(socket);
		else
			qnet_socket_commit_transaction(socket);
		break;
	default:
		n = qnet_socket_read(socket, data, sizeof data);
		break;
	}
	if (n > 0 && per_mille(700))
		qnet_socket_write(socket, data, n);
}

static void do_duty(enum kind kind, qnet_socket *socket)
{
	static const char hello[1000] = "hello";

	switch (kind) {
	case CONNECTED:
		if (per_mille(200))
			qnet_socket_set_write_buffer_limit(socket, 500, rnd(500));
		qnet_socket_write(socket, hello, 1 + rnd(sizeof hello));
		break;
	case READY_READ:
		echo(socket);
		break;
	case BYTES_WRITTEN:
		if (per_mille(100))
			qnet_socket_write(socket, hello, 1 + rnd(sizeof hello));
		break;
	case READ_CHANNEL_FINISHED:
	case DISCONNECTED:
		if (per_mille(300))
			echo(socket);
		break;
	default:
		break;
	}
}

static void on_socket(enum kind kind, qnet_socket *socket, void *data)
{
	struct frame frame;

	enter(&frame, kind, data, socket);
	do_duty(kind, socket);
	mischief(kind, SOCKET, socket);
	leave(&frame);
}

static void on_connected(qnet_socket *socket, void *data)
{
	on_socket(CONNECTED, socket, data);
}

static void on_disconnected(qnet_socket *socket, void *data)
{
	on_socket(DISCONNECTED, socket, data);
}

static void on_error_occurred(qnet_socket *socket, qnet_error error, void *data)
{
	(void)error;
	on_socket(ERROR_OCCURRED, socket, data);
}

static void on_host_found(qnet_socket *socket, void *data)
{
	on_socket(HOST_FOUND, socket, data);
}

static void on_state_changed(qnet_socket *socket, qnet_state state, void *data)
{
	(void)state;
	on_socket(STATE_CHANGED, socket, data);
}

static void on_ready_read(qnet_socket *socket, void *data)
{
	on_socket(READY_READ, socket, data);
}

static void on_bytes_written(qnet_socket *socket, int64_t bytes, void *data)
{
	(void)bytes;
	on_socket(BYTES_WRITTEN, socket, data);
}

static void on_channel_ready_read(qnet_socket *socket, int channel, void *data)
{
	if (per_mille(300))
		qnet_socket_set_current_read_channel(socket, channel);
	on_socket(CHANNEL_READY, socket, data);
}

static void on_channel_bytes_written(qnet_socket *socket, int channel, int64_t bytes, void *data)
{
	(void)channel;
	(void)bytes;
	on_socket(CHANNEL_WRITTEN, socket, data);
}

static void on_about_to_close(qnet_socket *socket, void *data)
{
	on_socket(ABOUT_TO_CLOSE, socket, data);
}

static void on_read_channel_finished(qnet_socket *socket, void *data)
{
	on_socket(READ_CHANNEL_FINISHED, socket, data);
}

static void on_drained(qnet_socket *socket, void *data)
{
	on_socket(DRAINED, socket, data);
}

/* Ends a thing, which must not be inside a callback on another thread. */
static void thing_destroyed(struct thing *thing, void *handle)
{
	struct frame frame;
	enum class class;
	int own = 0;

	enter(&frame, DESTROYED, NULL, handle);
	if (thing->mark != LIVE) {
		wrong(DESTROYED_ONCE, "destroyed again");
		leave(&frame);
		return;
	}
	if (thing->handle != handle)
		wrong(RIGHT_HANDLE, "destroyed");
	for (struct frame *f = frames; f != NULL; f = f->below) {
		if (f->thing == thing) {
			f->thing = NULL;
			own++;
		}
	}
	if (thing->inside != own)
		wrong(DESTROYED_WAITS, "%d callbacks under way elsewhere", thing->inside - own);
	class = thing->class;
	drop_thing(thing);
	mischief(DESTROYED, class, handle);
	leave(&frame);
}

static void on_socket_destroyed(qnet_socket *socket, void *data)
{
	thing_destroyed(data, socket);
}

/* A second registration for destroyed, which may be removed. */
static void on_socket_destroyed_too(qnet_socket *socket, void *data)
{
	struct frame frame;

	(void)data;
	enter(&frame, DESTROYED, NULL, socket);
	mischief(DESTROYED, SOCKET, socket);
	leave(&frame);
}

static void connect_signals(qnet_socket *socket, struct thing *thing)
{
	qnet_connection made[] = {
		qnet_socket_on_connected(socket, on_connected, thing),
		qnet_socket_on_disconnected(socket, on_disconnected, thing),
		qnet_socket_on_error_occurred(socket, on_error_occurred, thing),
		qnet_socket_on_host_found(socket, on_host_found, thing),
		qnet_socket_on_state_changed(socket, on_state_changed, thing),
		qnet_socket_on_ready_read(socket, on_ready_read, thing),
		qnet_socket_on_bytes_written(socket, on_bytes_written, thing),
		qnet_socket_on_about_to_close(socket, on_about_to_close, thing),
		qnet_socket_on_read_channel_finished(socket, on_read_channel_finished, thing),
		qnet_socket_on_write_buffer_drained(socket, on_drained, thing),
		qnet_socket_on_proxy_authentication_required(socket, on_proxy_asks, thing),
	};

	connect_encrypted_signals(socket, thing);
	if (per_mille(300)) { /* with them C cannot be lent what was read */
		qnet_socket_on_channel_ready_read(socket, on_channel_ready_read, thing);
		qnet_socket_on_channel_bytes_written(socket, on_channel_bytes_written, thing);
	}
	if (per_mille(200))
		remember(made[rnd(LENGTH(made))]);
	if (per_mille(100))
		remember(qnet_socket_on_destroyed(socket, on_socket_destroyed_too, NULL));
	if (per_mille(100))
		remember(qnet_socket_on_state_changed(socket, on_state_changed, thing));
}

/*
 * Takes a socket that is new to the program. Another thread may have deleted it
 * already, with its server.
 */
static qnet_socket *adopt_socket(qnet_socket *socket)
{
	struct thing *thing;

	if (socket == NULL)
		return NULL;
	thing = make_thing(SOCKET, socket);
	if (qnet_socket_on_destroyed(socket, on_socket_destroyed, thing) == 0) {
		drop_thing(thing);
		return NULL;
	}
	/* From here on the thing may be gone: only its address is of use. */
	connect_signals(socket, thing);
	return socket;
}

/* A socket of SCTP: without that in the kernel everything fails. */
static qnet_socket *new_with_channels(qnet_loop *loop)
{
	qnet_socket *socket = qnet_sctp_socket_new(loop);

	qnet_sctp_socket_set_maximum_channel_count(socket, (int)rnd(6) - 1);
	return socket;
}

static qnet_socket *new_socket(qnet_loop *loop)
{
	if (!ENCRYPTING && per_mille(has_sctp ? 300 : 30))
		return adopt_socket(new_with_channels(loop));
	if (per_mille(ENCRYPTING ? 800 : 100))
		return adopt_socket(new_encrypting(loop));
	if (per_mille(300))
		return adopt_socket(qnet_local_socket_new(loop));
	return adopt_socket(per_mille(250) ? qnet_udp_socket_new(loop) : qnet_tcp_socket_new(loop));
}

/* Another kind of socket refuses it. */
static void connect_local_socket(qnet_socket *socket, int mode)
{
	int place = (int)rnd(LOCAL_SERVERS);

	qnet_local_socket_set_socket_options(socket, is_abstract(place) ? QNET_ABSTRACT_NAMESPACE_OPTION : QNET_NO_OPTIONS);
	qnet_local_socket_set_receives_descriptors(socket, per_mille(700));
	qnet_local_socket_connect_to_server(socket, per_mille(50) ? "" : local_names[place], mode);
}

static void connect_socket(qnet_socket *socket)
{
	static const int modes[] = { QNET_READ_WRITE, QNET_READ_WRITE, QNET_READ_WRITE, QNET_READ_ONLY,
		QNET_READ_WRITE | QNET_UNBUFFERED, QNET_READ_WRITE | QNET_TEXT };
	int mode = modes[rnd(LENGTH(modes))];

	if (qnet_socket_socket_type(socket) == QNET_LOCAL_SOCKET || per_mille(20)) {
		connect_local_socket(socket, mode);
		return;
	}
	if (per_mille(900) && qnet_ssl_socket_ssl_handshake_errors(socket, NULL, 0) >= 0) {
		connect_encrypted(socket, mode);
		return;
	}
	switch (rnd(10)) {
	case 0: /* a port that is nobody else's */
		qnet_socket_connect_to_host(socket, "localhost", (uint16_t)local_port, mode, QNET_ANY_IP_PROTOCOL);
		break;
	case 1:
		qnet_socket_connect_to_host(socket, "localhost", (uint16_t)local_port, mode, QNET_IPV4_PROTOCOL);
		break;
	case 2: /* no name at all: not found */
		qnet_socket_connect_to_host(socket, "not a name", any_port(), mode, QNET_ANY_IP_PROTOCOL);
		break;
	case 3:
		qnet_socket_connect_to_host(socket, mapped_home, any_port(), mode, QNET_ANY_IP_PROTOCOL);
		break;
	case 4:
		qnet_socket_connect_to_host(socket, home, any_port(), mode, QNET_ANY_IP_PROTOCOL);
		break;
	default:
		qnet_socket_connect_to_address(socket, &home_address, any_port(), mode);
		break;
	}
}

static void make_socket(void)
{
	qnet_socket *socket = new_socket(any_loop());

	if (per_mille(200))
		use_proxy(socket);
	connect_socket(socket);
	put_socket(socket);
}

#endif
