/*
 * Random calls on random sockets.
 */
#ifndef QNET_TESTS_STRESS_SOCKET_CALLS_H
#define QNET_TESTS_STRESS_SOCKET_CALLS_H

#include "sockets.h"

/* Memory that is lent until it comes back. */
struct loan {
	atomic_bool out;
	char data[];
};

static atomic_llong lent, came_back;

static void on_returned(void *user_data)
{
	struct loan *loan = user_data;

	if (!on_known_thread())
		wrong(KNOWN_THREAD, "memory came back on a thread of the library");
	if (!atomic_exchange(&loan->out, false))
		wrong(RETURNED_ONCE, "it came back twice");
	came_back++;
	free(loan);
}

static void lend_some(qnet_socket *socket)
{
	int64_t size = per_mille(200) ? 100000 : 1 + rnd(3000);
	struct loan *loan = malloc(sizeof *loan + (size_t)size);

	if (loan == NULL)
		return;
	memset(loan->data, 'l', (size_t)size);
	loan->out = true;
	lent++; /* before it may come back */
	if (qnet_socket_write_lent(socket, loan->data, size, on_returned, loan) <= 0) {
		lent--;
		free(loan);
	}
}

static void write_some(qnet_socket *socket)
{
	static const char data[100000] = "some";
	const qnet_write_part parts[] = { { data, 100 }, { data, 1 + rnd(30000) } };

	if (per_mille(300)) {
		lend_some(socket);
		return;
	}
	if (per_mille(100)) {
		qnet_socket_write_parts(socket, parts, 2);
		return;
	}
	qnet_socket_write(socket, data, per_mille(200) ? sizeof data : 1 + rnd(3000));
}

static void read_some(qnet_socket *socket)
{
	char data[300];

	switch (rnd(8)) {
	case 0:
		qnet_socket_peek(socket, data, sizeof data);
		break;
	case 1:
		qnet_socket_skip(socket, rnd(300));
		break;
	case 2:
		qnet_socket_read_line(socket, data, sizeof data);
		break;
	case 3:
		if (qnet_socket_get_char(socket, data))
			qnet_socket_unget_char(socket, data[0]);
		break;
	case 4:
		qnet_socket_can_read_line(socket);
		break;
	default:
		echo(socket);
		break;
	}
}

/* On a socket of the other kind each of these is refused. */
static void use_datagrams(qnet_socket *socket)
{
	static char data[8][3000], out[3000];
	qnet_socket *other = any_socket();
	qnet_datagram list[8];
	qnet_host_address address;
	uint16_t port;

	switch (rnd(8)) {
	case 0:
		while (qnet_udp_socket_has_pending_datagrams(socket) && per_mille(950))
			qnet_udp_socket_read_datagram(socket, data[0], rnd(sizeof data[0]), &address, &port);
		break;
	case 1:
		qnet_udp_socket_receive_datagram(socket, per_mille(500) ? -1 : (int64_t)rnd(100), &list[0]);
		break;
	case 2:
		for (size_t i = 0; i < LENGTH(list); i++)
			list[i] = (qnet_datagram){ .data = data[i], .capacity = sizeof data[i] };
		qnet_udp_socket_read_datagrams(socket, list, LENGTH(list));
		break;
	case 3:
		qnet_udp_socket_pending_datagram_size(socket);
		qnet_udp_socket_dropped_datagrams(socket);
		break;
	case 4:
		qnet_host_address_set_address(&address, "239.255.65.43");
		if (per_mille(500))
			qnet_udp_socket_join_multicast_group(socket, &address, 1);
		else
			qnet_udp_socket_leave_multicast_group(socket, &address, 1);
		qnet_udp_socket_set_multicast_interface(socket, 1);
		break;
	default:
		port = qnet_socket_local_port(other);
		if (!qnet_socket_local_address(other, &address) || port == 0 || per_mille(200))
			qnet_socket_bind(other, &home_address, 0, QNET_DEFAULT_FOR_PLATFORM);
		for (size_t i = 0; i < LENGTH(list); i++)
			list[i] = (qnet_datagram){ .data = out, .size = rnd(2) ? 64 : rnd(sizeof out), .destination = home_address,
				.destination_port = port, .hop_limit = -1 };
		if (per_mille(500))
			qnet_udp_socket_write_datagrams(socket, list, LENGTH(list));
		else
			qnet_udp_socket_write_datagram(socket, out, list[0].size, &home_address, port);
		break;
	}
}

/* Sends and takes descriptors; refused but by local sockets. */
static void pass_descriptors(qnet_socket *socket)
{
	intptr_t fds[8];
	int count = 1 + (int)rnd(LENGTH(fds) - 1), own = 0;

	if (per_mille(50))
		qnet_local_socket_set_receives_descriptors(socket, per_mille(500));
	if (per_mille(500)) {
		count = qnet_local_socket_take_descriptors(socket, fds, count);
		for (int i = 0; i < count; i++)
			close((int)fds[i]);
		return;
	}
	while (own < count && (fds[own] = fcntl(stop_pipe[0], F_DUPFD_CLOEXEC, 0)) >= 0)
		own++;
	if (own > 0)
		qnet_local_socket_write_with_descriptors(socket, "descriptors", 1 + rnd(11), fds, own);
	while (own > 0)
		close((int)fds[--own]);
}

/* On a socket of another kind these are refused. */
static void use_channels(qnet_socket *socket)
{
	static const char data[200000] = "message";
	qnet_datagram datagram;

	switch (rnd(6)) {
	case 0:
		qnet_socket_set_current_read_channel(socket, (int)rnd(7) - 1);
		qnet_socket_set_current_write_channel(socket, (int)rnd(7) - 1);
		break;
	case 1:
	case 2:
		for (int i = (int)rnd(4); i >= 0; i--) {
			qnet_socket_set_current_write_channel(socket, i);
			qnet_sctp_socket_write_datagram(socket, data, per_mille(100) ? sizeof data : 1 + rnd(3000));
		}
		break;
	case 3:
		while (qnet_sctp_socket_read_datagram(socket, &datagram) && per_mille(900))
			continue;
		break;
	case 4:
		qnet_socket_read_channel_count(socket);
		qnet_socket_write_channel_count(socket);
		qnet_socket_current_read_channel(socket);
		qnet_socket_current_write_channel(socket);
		break;
	default:
		qnet_sctp_socket_is_in_datagram_mode(socket);
		qnet_sctp_socket_maximum_channel_count(socket);
		qnet_sctp_socket_set_maximum_channel_count(socket, (int)rnd(6) - 1);
		break;
	}
}

static void look_at(qnet_socket *socket)
{
	qnet_host_address address;
	int64_t pid, uid, gid;

	qnet_socket_state(socket);
	qnet_socket_error(socket);
	qnet_socket_is_valid(socket);
	qnet_socket_bytes_available(socket);
	qnet_socket_bytes_to_write(socket);
	qnet_socket_is_read_channel_finished(socket);
	qnet_socket_is_writable(socket);
	qnet_socket_peer_address(socket, &address);
	qnet_socket_peer_port(socket);
	qnet_socket_error_string(socket);
	qnet_socket_peer_name(socket);
	qnet_local_socket_full_server_name(socket);
	qnet_local_socket_descriptors_available(socket);
	qnet_local_socket_peer_credentials(socket, &pid, &uid, &gid);
}

static void configure(qnet_socket *socket)
{
	switch (rnd(9)) {
	case 8:
		use_proxy(socket);
		break;
	case 0:
		qnet_socket_set_read_buffer_size(socket, rnd(3) * 500);
		break;
	case 1:
		/* Not one that keeps it from the loopback interface. */
		qnet_socket_set_socket_option(socket, (qnet_option)(per_mille(900) ? rnd(8) : QNET_USER_TIMEOUT_OPTION + rnd(3)),
		                              (int)rnd(5000));
		break;
	case 2:
		qnet_socket_resume(socket);
		break;
	case 3:
		qnet_socket_set_owner(socket, any_server());
		break;
	case 4:
		qnet_socket_set_owner(socket, NULL);
		break;
	case 5:
		qnet_socket_set_allow_half_open(socket, per_mille(500));
		break;
	case 6:
		qnet_socket_close_write_channel(socket);
		break;
	default:
		qnet_socket_set_protocol_tag(socket, "tag");
		break;
	}
}

static void bind_socket(qnet_socket *socket)
{
	qnet_socket_bind(socket, &home_address, 0, QNET_DEFAULT_FOR_PLATFORM);
	if (per_mille(700))
		connect_socket(socket);
}

/* Gives a socket one of two connected descriptors; the other is a raw peer's. */
static void give_descriptor(qnet_socket *socket)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
		return;
	if (per_mille(500) && write(fds[1], "given", 5) < 0)
		perror("write");
	if (!qnet_socket_set_socket_descriptor(socket, fds[0], QNET_CONNECTED_STATE, QNET_READ_WRITE))
		close(fds[0]);
	if (per_mille(500))
		qnet_socket_write(socket, "taken", 5);
	close(fds[1]);
}

/*
 * A wait may be without limit only outside of callbacks: the loop's thread may be
 * the one to end it.
 */
static int any_wait(void)
{
	return depth == 0 && per_mille(100) ? -1 : (int)rnd(8);
}

static void wait_for_connected(qnet_socket *socket)
{
	qnet_socket_wait_for_connected(socket, any_wait());
}

static void wait_for_disconnected(qnet_socket *socket)
{
	qnet_socket_wait_for_disconnected(socket, any_wait());
}

static void wait_for_ready_read(qnet_socket *socket)
{
	qnet_socket_wait_for_ready_read(socket, any_wait());
}

static void wait_for_bytes_written(qnet_socket *socket)
{
	qnet_socket_wait_for_bytes_written(socket, any_wait());
}

static void wait_for_encrypted(qnet_socket *socket)
{
	qnet_ssl_socket_wait_for_encrypted(socket, any_wait());
}

static void flush_socket(qnet_socket *socket)
{
	qnet_socket_flush(socket);
}

static void more_signals(qnet_socket *socket)
{
	remember(qnet_socket_on_ready_read(socket, on_ready_read, NULL));
	remember(qnet_socket_on_error_occurred(socket, on_error_occurred, NULL));
}

static void end_any(qnet_socket *socket)
{
	end_socket(socket, (enum end)rnd(ENDS));
}

static const struct {
	const char *name;
	uint32_t weight;
	void (*call)(qnet_socket *);
} socket_calls[] = {
	{ "connect", 14, connect_socket },
	{ "write", 16, write_some },
	{ "read", 16, read_some },
	{ "flush", 6, flush_socket },
	{ "datagrams", 16, use_datagrams },
	{ "descriptors", 14, pass_descriptors },
	{ "channels", 12, use_channels },
	{ "getters", 6, look_at },
	{ "setters", 6, configure },
	{ "encryption", 8, use_encryption },
	{ "bind", 2, bind_socket },
	{ "set_socket_descriptor", 3, give_descriptor },
	{ "wait_for_connected", 3, wait_for_connected },
	{ "wait_for_disconnected", 2, wait_for_disconnected },
	{ "wait_for_ready_read", 3, wait_for_ready_read },
	{ "wait_for_bytes_written", 3, wait_for_bytes_written },
	{ "wait_for_encrypted", 2, wait_for_encrypted },
	{ "on", 2, more_signals },
	{ "end of a socket", 12, end_any },
};

static void call_socket(void)
{
	uint32_t total = 0, at;

	for (size_t i = 0; i < LENGTH(socket_calls); i++)
		total += socket_calls[i].weight;
	at = rnd(total);
	for (size_t i = 0; i < LENGTH(socket_calls); i++) {
		if (at < socket_calls[i].weight) {
			self->doing = socket_calls[i].name;
			socket_calls[i].call(any_socket());
			return;
		}
		at -= socket_calls[i].weight;
	}
}

#endif
