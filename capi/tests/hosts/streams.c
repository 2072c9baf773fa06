/*
 * Hosts that have closed their standard streams: no descriptor of the library
 * keeps such a number, or what the program prints would go to a peer.
 */
#include "host.h"

#include <sys/socket.h>

enum { STREAMS = 3 };

static bool closed[STREAMS];

/* Closes the streams in the set, a bit each; fd, whose number is a large one, stays for the test's own words. */
static int close_streams(int set)
{
	int fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 100);

	for (int i = 0; i < STREAMS; i++)
		if ((closed[i] = (set >> i & 1) != 0))
			close(i);
	return fd;
}

static const char *streams_are_closed(void)
{
	for (int i = 0; i < STREAMS; i++)
		if (closed[i] && fcntl(i, F_GETFD) >= 0)
			return check_why("%d is open", i);
	return NULL;
}

/* A local connection on which a descriptor comes along. */
static const char *pass_descriptors(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_local_server *server = qnet_local_server_new(loop);
	qnet_socket *client = qnet_local_socket_new(loop), *peer;
	intptr_t sent = qnet_loop_fd(loop), got = -1; /* any one will do */

	REQUIRE(qnet_local_server_listen(server, "streams"));
	qnet_local_socket_connect_to_server(client, "streams", QNET_READ_WRITE);
	REQUIRE_EQUAL(qnet_socket_state(client), QNET_CONNECTED_STATE);
	REQUIRE(qnet_local_server_has_pending_connections(server) || qnet_local_server_wait_for_new_connection(server, 10000, NULL));
	peer = qnet_local_server_next_pending_connection(server);
	qnet_local_socket_set_receives_descriptors(peer, true);
	REQUIRE_EQUAL(qnet_local_socket_write_with_descriptors(client, "x", 1, &sent, 1), 1);
	REQUIRE(qnet_socket_flush(client));
	REQUIRE(qnet_socket_wait_for_ready_read(peer, 10000));
	REQUIRE_EQUAL(qnet_local_socket_take_descriptors(peer, &got, 1), 1);
	REQUIRE(got >= STREAMS);
	REQUIRE_OK(streams_are_closed());
	close((int)got);
	qnet_socket_delete(client);
	qnet_local_server_delete(server);
	qnet_loop_delete(loop);
	return NULL;
}

static const char *send_datagram(void)
{
	qnet_socket *one = qnet_udp_socket_new(NULL), *other = qnet_udp_socket_new(NULL);

	REQUIRE(qnet_socket_bind(other, QNET_ADDRESS_LOCAL_HOST, 0, QNET_DEFAULT_FOR_PLATFORM));
	REQUIRE_EQUAL(qnet_udp_socket_write_datagram(one, "x", 1, QNET_ADDRESS_LOCAL_HOST, qnet_socket_local_port(other)), 1);
	REQUIRE(qnet_socket_wait_for_ready_read(other, 10000));
	REQUIRE_OK(streams_are_closed());
	qnet_socket_delete(one);
	qnet_socket_delete(other);
	return NULL;
}

static const char *use_all(void)
{
	struct host_traffic traffic = { 0 };
	qnet_host_info *info;

	REQUIRE_OK(host_talk());
	REQUIRE_OK(pass_descriptors());
	REQUIRE_OK(send_datagram());
	REQUIRE_OK(host_traffic_start(&traffic));
	REQUIRE_OK(host_traffic_goes_on(&traffic, 100));
	REQUIRE_OK(streams_are_closed());
	REQUIRE(!qnet_socket_wait_for_disconnected(traffic.pair.client, 1)); /* on another thread than the loop's */
	REQUIRE_OK(streams_are_closed());
	REQUIRE_OK(host_traffic_stop(&traffic));
	info = qnet_host_info_from_name("localhost");
	REQUIRE(qnet_host_info_address_count(info) > 0);
	qnet_host_info_delete(info);
	return streams_are_closed();
}

static const char *use_without(int set)
{
	int words = close_streams(set);
	const char *why = host_call() ? streams_are_closed() : "the first call fails";

	for (int i = 0; why == NULL && i < 5; i++)
		why = use_all();
	dup2(words, STDERR_FILENO);
	return why;
}

static const char *without_input(void) { return use_without(1); }
static const char *without_output(void) { return use_without(2); }
static const char *without_both(void) { return use_without(3); }
static const char *without_errors(void) { return use_without(4); }
static const char *without_any(void) { return use_without(7); }

int main(int argc, char **argv)
{
	static const struct host_case cases[] = {
		{ "without_input", without_input, 0, 1, NULL },
		{ "without_output", without_output, 0, 1, NULL },
		{ "without_both", without_both, 0, 1, NULL },
		{ "without_errors", without_errors, 0, 1, NULL },
		{ "without_any", without_any, 0, 3, NULL },
	};

	return host_main(cases, LENGTH(cases), argc, argv);
}
