/*
 * SCTP sockets and servers, and the channels of all sockets. Without SCTP in the
 * kernel: that it is said.
 */
#include "pair.h"

#include <signal.h>
#include <sys/wait.h>

static struct check_log events;

static const char *lacks_sctp(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_SCTP);

	if (fd < 0)
		return check_why("the kernel lacks SCTP: %s", strerror(errno));
	close(fd);
	return NULL;
}

#define NEED_SCTP() \
	do { \
		const char *why_ = lacks_sctp(); \
		if (why_ != NULL) \
			return check_skip(why_); \
	} while (0)

/* What is signalled --------------------------------------------------------- */

static void on_ready_read(qnet_socket *socket, void *user_data)
{
	(void)socket;
	check_note(&events, "%sready", (const char *)user_data);
}

static void on_channel_ready_read(qnet_socket *socket, int channel, void *user_data)
{
	(void)socket;
	check_note(&events, "%sready:%d", (const char *)user_data, channel);
}

static void on_bytes_written(qnet_socket *socket, int64_t bytes, void *user_data)
{
	(void)socket;
	check_note(&events, "%swritten=%d", (const char *)user_data, (int)bytes);
}

static void on_channel_bytes_written(qnet_socket *socket, int channel, int64_t bytes, void *user_data)
{
	(void)socket;
	check_note(&events, "%swritten:%d=%d", (const char *)user_data, channel, (int)bytes);
}

static void on_error_occurred(qnet_socket *socket, qnet_error error, void *user_data)
{
	(void)socket;
	check_note(&events, "%serror:%d", (const char *)user_data, error);
}

static void on_disconnected(qnet_socket *socket, void *user_data)
{
	(void)socket;
	check_note(&events, "%sdisconnected", (const char *)user_data);
}

static void watch(qnet_socket *socket, const char *name)
{
	qnet_socket_on_ready_read(socket, on_ready_read, (void *)name);
	qnet_socket_on_channel_ready_read(socket, on_channel_ready_read, (void *)name);
	qnet_socket_on_bytes_written(socket, on_bytes_written, (void *)name);
	qnet_socket_on_channel_bytes_written(socket, on_channel_bytes_written, (void *)name);
	qnet_socket_on_error_occurred(socket, on_error_occurred, (void *)name);
	qnet_socket_on_disconnected(socket, on_disconnected, (void *)name);
}

/* Two ends ------------------------------------------------------------------ */

/* Makes a server and a socket of SCTP, for so many channels, and connects them. */
static const char *open_sctp(struct pair *pair, int channels)
{
	*pair = (struct pair){ .fd = -1 };
	pair->loop = qnet_loop_new();
	pair->server = qnet_sctp_server_new(pair->loop);
	pair->client = qnet_sctp_socket_new(pair->loop);
	qnet_sctp_server_set_maximum_channel_count(pair->server, channels);
	qnet_sctp_socket_set_maximum_channel_count(pair->client, channels);
	REQUIRE(qnet_tcp_server_listen(pair->server, QNET_ADDRESS_LOCAL_HOST, 0));
	pair_connect(pair, QNET_READ_WRITE);
	REQUIRE_OK(pair_accept(pair));
	watch(pair->client, "a:");
	watch(pair->peer, "b:");
	check_take(&events);
	return NULL;
}

/* Runs body with two connected sockets. */
static const char *with_sctp(int channels, const char *(*body)(struct pair *))
{
	struct pair pair;
	const char *why = open_sctp(&pair, channels);

	if (why == NULL)
		why = body(&pair);
	pair_close(&pair);
	return why;
}

static bool send_on(qnet_socket *socket, int channel, const void *data, size_t size)
{
	qnet_socket_set_current_write_channel(socket, channel);
	return qnet_sctp_socket_write_datagram(socket, data, (int64_t)size);
}

/* Reads a message of a channel, which must be as expected. */
static const char *expect_on(qnet_socket *socket, int channel, const void *data, size_t size)
{
	qnet_datagram got = { .size = 77 };

	qnet_socket_set_current_read_channel(socket, channel);
	REQUIRE(qnet_sctp_socket_read_datagram(socket, &got));
	REQUIRE_EQUAL(got.size, size);
	REQUIRE(memcmp(got.data, data, size) == 0 && ((const char *)got.data)[size] == '\0');
	return NULL;
}

/* A kernel without it ------------------------------------------------------- */

static const char *no_sctp(void)
{
	static const char why[] = "The system does not support SCTP";
	qnet_loop *loop;
	qnet_socket *socket;
	qnet_tcp_server *server;
	uint16_t port = 0;
	int fd;

	if (lacks_sctp() == NULL)
		return check_skip("the kernel has SCTP");
	loop = qnet_loop_new();
	socket = qnet_sctp_socket_new(loop);
	server = qnet_sctp_server_new(loop);
	watch(socket, "");
	for (int channels = -1; channels <= 1; channels++) {
		qnet_sctp_socket_set_maximum_channel_count(socket, channels);
		qnet_sctp_server_set_maximum_channel_count(server, channels);
		qnet_socket_connect_to_address(socket, QNET_ADDRESS_LOCAL_HOST, 1, QNET_READ_WRITE);
		REQUIRE(!qnet_socket_wait_for_connected(socket, 10000));
		REQUIRE_EQUAL(qnet_socket_error(socket), QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR);
		REQUIRE_TEXT(qnet_socket_error_string(socket), why);
		qnet_socket_connect_to_host(socket, "localhost", 1, QNET_READ_WRITE, QNET_ANY_IP_PROTOCOL);
		UNTIL(loop, qnet_socket_state(socket) == QNET_UNCONNECTED_STATE);
		REQUIRE_TEXT(qnet_socket_error_string(socket), why);
		REQUIRE(!qnet_socket_bind(socket, QNET_ADDRESS_ANY, 0, QNET_DEFAULT_FOR_PLATFORM));
		REQUIRE_EQUAL(qnet_socket_error(socket), QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR);
		REQUIRE_TEXT(qnet_socket_error_string(socket), why);
		REQUIRE_TEXT(check_take(&events), "error:10 error:10 error:10");
		REQUIRE(!qnet_tcp_server_listen(server, QNET_ADDRESS_ANY, 0));
		REQUIRE_EQUAL(qnet_tcp_server_server_error(server), QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR);
		REQUIRE_TEXT(qnet_tcp_server_error_string(server), why);
	}
	fd = raw_bind(&port);
	REQUIRE(listen(fd, 1) == 0 && !qnet_tcp_server_set_socket_descriptor(server, fd));
	REQUIRE_EQUAL(qnet_tcp_server_server_error(server), QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR);
	REQUIRE(!qnet_socket_set_socket_descriptor(socket, fd, QNET_CONNECTED_STATE, QNET_READ_WRITE));
	REQUIRE_TEXT(qnet_socket_error_string(socket), "The descriptor is not of an SCTP socket");
	close(fd);
	qnet_socket_delete(socket);
	qnet_tcp_server_delete(server);
	qnet_loop_delete(loop);
	return NULL;
}

static const char *proxies(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_socket *socket = qnet_sctp_socket_new(loop);
	qnet_tcp_server *server = qnet_sctp_server_new(loop);
	qnet_network_proxy proxy = { .type = QNET_SOCKS5_PROXY, .host_name = "127.0.0.1", .port = 1 };

	for (int type = QNET_SOCKS5_PROXY; type <= QNET_HTTP_PROXY; type++) {
		if (type == QNET_NO_PROXY)
			continue;
		proxy.type = type;
		qnet_socket_set_proxy(socket, &proxy);
		qnet_tcp_server_set_proxy(server, &proxy);
		qnet_socket_connect_to_host(socket, "192.0.2.1", 1, QNET_READ_WRITE, QNET_ANY_IP_PROTOCOL);
		REQUIRE_EQUAL(qnet_socket_state(socket), QNET_UNCONNECTED_STATE);
		REQUIRE_EQUAL(qnet_socket_error(socket), QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR);
		REQUIRE(!qnet_tcp_server_listen(server, QNET_ADDRESS_ANY, 0));
		REQUIRE_EQUAL(qnet_tcp_server_server_error(server), QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR);
	}
	qnet_socket_delete(socket);
	qnet_tcp_server_delete(server);
	qnet_loop_delete(loop);
	return NULL;
}

/* Others -------------------------------------------------------------------- */

static const char *other_kinds(void)
{
	struct pair pair;
	qnet_datagram got;

	REQUIRE_OK(pair_prepare(&pair));
	REQUIRE_EQUAL(qnet_socket_socket_type(pair.client), QNET_TCP_SOCKET);
	REQUIRE(!qnet_sctp_socket_is_in_datagram_mode(pair.client));
	REQUIRE_EQUAL(qnet_socket_error(pair.client), QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR);
	REQUIRE_EQUAL(qnet_sctp_socket_maximum_channel_count(pair.client), -1);
	REQUIRE(!qnet_sctp_socket_read_datagram(pair.client, &got) && !qnet_sctp_socket_write_datagram(pair.client, "x", 1));
	qnet_sctp_socket_set_maximum_channel_count(pair.client, 1);
	REQUIRE_EQUAL(qnet_sctp_server_maximum_channel_count(pair.server), -1);
	REQUIRE_EQUAL(qnet_tcp_server_server_error(pair.server), QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR);
	qnet_sctp_server_set_maximum_channel_count(pair.server, 1);
	REQUIRE(qnet_sctp_server_next_pending_datagram_connection(pair.server) == NULL);
	pair_close(&pair);
	return NULL;
}

/* What Qt says of the one channel of a TCP socket. */
static const char *one_channel(void)
{
	struct pair pair;
	char data[10];

	REQUIRE_OK(pair_prepare(&pair));
	REQUIRE_EQUAL(qnet_socket_read_channel_count(pair.client), 0);
	REQUIRE_EQUAL(qnet_socket_write_channel_count(pair.client), 0);
	pair_connect(&pair, QNET_READ_WRITE);
	REQUIRE_EQUAL(qnet_socket_read_channel_count(pair.client), 0);
	REQUIRE_OK(pair_accept(&pair));
	watch(pair.client, "a:");
	watch(pair.peer, "b:");
	REQUIRE_EQUAL(qnet_socket_read_channel_count(pair.client), 1);
	REQUIRE_EQUAL(qnet_socket_write_channel_count(pair.client), 1);
	REQUIRE_EQUAL(qnet_socket_read_channel_count(pair.peer), 1);
	REQUIRE_EQUAL(qnet_socket_current_read_channel(pair.client), 0);
	REQUIRE_EQUAL(qnet_socket_current_write_channel(pair.client), 0);
	qnet_socket_set_current_read_channel(pair.client, 0);
	qnet_socket_set_current_write_channel(pair.client, 0);
	REQUIRE_WARNINGS(0);
	qnet_socket_set_current_read_channel(pair.client, 1);
	qnet_socket_set_current_write_channel(pair.client, -1);
	REQUIRE_WARNINGS(2);
	REQUIRE_EQUAL(qnet_socket_error(pair.client), QNET_OPERATION_ERROR);
	REQUIRE_EQUAL(qnet_socket_current_read_channel(pair.client), 0);
	REQUIRE_EQUAL(qnet_socket_write(pair.client, "hello", 5), 5);
	UNTIL(pair.loop, qnet_socket_bytes_available(pair.peer) == 5);
	REQUIRE_TEXT(check_take(&events), "a:written=5 a:written:0=5 b:ready b:ready:0");
	REQUIRE_EQUAL(qnet_socket_read(pair.peer, data, sizeof data), 5);
	qnet_socket_close(pair.peer);
	REQUIRE_EQUAL(qnet_socket_read_channel_count(pair.peer), 0);
	UNTIL(pair.loop, qnet_socket_state(pair.client) == QNET_UNCONNECTED_STATE);
	REQUIRE_EQUAL(qnet_socket_read_channel_count(pair.client), 1);
	REQUIRE_EQUAL(qnet_socket_write_channel_count(pair.client), 0);
	check_take(&events);
	pair_close(&pair);
	return NULL;
}

static const char *one_direction(void)
{
	struct pair pair;

	REQUIRE_OK(pair_open_mode(&pair, QNET_READ_ONLY));
	REQUIRE_EQUAL(qnet_socket_read_channel_count(pair.client), 1);
	REQUIRE_EQUAL(qnet_socket_write_channel_count(pair.client), 0);
	pair_close(&pair);
	return NULL;
}

/* Connections --------------------------------------------------------------- */

static const char *echo(struct pair *pair)
{
	qnet_datagram got;

	REQUIRE_EQUAL(qnet_socket_socket_type(pair->peer), QNET_SCTP_SOCKET);
	REQUIRE(qnet_sctp_socket_is_in_datagram_mode(pair->peer) && qnet_sctp_server_maximum_channel_count(pair->server) == 4);
	REQUIRE_EQUAL(qnet_sctp_socket_maximum_channel_count(pair->peer), 4);
	REQUIRE_EQUAL(qnet_socket_read_channel_count(pair->client), 4);
	REQUIRE_EQUAL(qnet_socket_write_channel_count(pair->client), 4);
	REQUIRE(!qnet_sctp_socket_read_datagram(pair->client, &got));
	REQUIRE(send_on(pair->client, 0, "hello", 5) && send_on(pair->client, 0, "and", 3));
	REQUIRE_EQUAL(qnet_socket_bytes_to_write(pair->client), 8);
	UNTIL(pair->loop, qnet_socket_bytes_available(pair->peer) == 8);
	REQUIRE_TEXT(check_take(&events), "a:written=5 a:written:0=5 a:written=3 a:written:0=3 b:ready b:ready:0 b:ready b:ready:0");
	REQUIRE(qnet_sctp_socket_read_datagram(pair->peer, &got));
	REQUIRE_TEXT(got.data, "hello");
	REQUIRE_EQUAL(got.sender_port, qnet_socket_local_port(pair->client));
	REQUIRE_EQUAL(got.destination_port, qnet_tcp_server_server_port(pair->server));
	REQUIRE(qnet_host_address_is_loopback(&got.sender) && qnet_host_address_is_loopback(&got.destination));
	REQUIRE_EQUAL(got.hop_limit, -1);
	REQUIRE(send_on(pair->peer, 0, got.data, (size_t)got.size));
	UNTIL(pair->loop, qnet_socket_bytes_available(pair->client) == 5);
	REQUIRE_OK(expect_on(pair->client, 0, "hello", 5));
	REQUIRE_OK(expect_on(pair->peer, 0, "and", 3));
	check_take(&events);
	qnet_socket_disconnect_from_host(pair->client);
	UNTIL(pair->loop, qnet_socket_state(pair->peer) == QNET_UNCONNECTED_STATE);
	REQUIRE_TEXT(check_take(&events), "a:disconnected b:error:1 b:disconnected");
	return NULL;
}

static const char *echo_case(void)
{
	NEED_SCTP();
	return with_sctp(4, echo);
}

/* Every channel has its messages in their order, whatever the others have. */
static const char *four_channels(struct pair *pair)
{
	enum { CHANNELS = 4, COUNT = 50 };
	char text[40];
	int64_t want[CHANNELS] = { 0 };

	for (int i = 0; i < COUNT; i++) {
		for (int c = 0; c < CHANNELS; c++) {
			int n = snprintf(text, sizeof text, "message %d of channel %d", i, c);

			REQUIRE(send_on(pair->client, c, text, (size_t)n));
			want[c] += n;
		}
	}
	for (int c = 0; c < CHANNELS; c++) {
		qnet_socket_set_current_read_channel(pair->peer, c);
		UNTIL(pair->loop, qnet_socket_bytes_available(pair->peer) == want[c]);
	}
	for (int i = 0; i < COUNT; i++) {
		for (int c = CHANNELS - 1; c >= 0; c--) {
			int n = snprintf(text, sizeof text, "message %d of channel %d", i, c);

			REQUIRE_OK(expect_on(pair->peer, c, text, (size_t)n));
		}
	}
	check_take(&events);
	/* The current channel's signals come for it alone. */
	qnet_socket_set_current_read_channel(pair->client, 3);
	REQUIRE(send_on(pair->peer, 3, "x", 1) && send_on(pair->peer, 2, "yz", 2));
	UNTIL(pair->loop, strstr(events.text, "a:ready:2") != NULL);
	REQUIRE_TEXT(check_take(&events), "b:written:3=1 b:written=2 b:written:2=2 a:ready a:ready:3 a:ready:2");
	return NULL;
}

static const char *four_channels_case(void)
{
	NEED_SCTP();
	return with_sctp(4, four_channels);
}

static const char *sizes(struct pair *pair)
{
	static const size_t list[] = { 1, 1460, 65535, 65536, 300000, 1 << 20 };
	static char data[1 << 20];
	uint32_t x = 1;

	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (char)((x = x * 1664525 + 1013904223) >> 24);
	for (size_t i = 0; i < LENGTH(list); i++) {
		check_take(&events);
		REQUIRE(send_on(pair->client, 1, data, list[i]));
		qnet_socket_set_current_read_channel(pair->peer, 1);
		UNTIL(pair->loop, qnet_socket_bytes_available(pair->peer) > 0);
		REQUIRE_OK(expect_on(pair->peer, 1, data, list[i]));
	}
	REQUIRE(!qnet_sctp_socket_write_datagram(pair->client, data, 0));
	REQUIRE_EQUAL(qnet_socket_error(pair->client), QNET_OPERATION_ERROR);
	qnet_socket_set_current_write_channel(pair->client, 4);
	REQUIRE(!qnet_sctp_socket_write_datagram(pair->client, data, 1));
	REQUIRE_EQUAL(qnet_socket_write(pair->client, data, 1), -1);
	REQUIRE_EQUAL(qnet_socket_error(pair->client), QNET_OPERATION_ERROR);
	REQUIRE_EQUAL(qnet_socket_state(pair->client), QNET_CONNECTED_STATE);
	REQUIRE_WARNINGS(0);
	return NULL;
}

static const char *sizes_case(void)
{
	NEED_SCTP();
	return with_sctp(4, sizes);
}

static const char *byte_stream(struct pair *pair)
{
	static char data[1000000], back[sizeof data];
	int64_t total = 0;

	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (char)(i * i >> 7);
	REQUIRE(!qnet_sctp_socket_is_in_datagram_mode(pair->peer));
	REQUIRE_EQUAL(qnet_socket_read_channel_count(pair->peer), 1);
	REQUIRE(qnet_sctp_server_next_pending_datagram_connection(pair->server) == NULL);
	REQUIRE_EQUAL(qnet_socket_write(pair->client, data, sizeof data), sizeof data);
	UNTIL(pair->loop, qnet_socket_bytes_available(pair->peer) == sizeof data);
	while (total < (int64_t)sizeof data) {
		int64_t n = qnet_socket_read(pair->peer, back + total, 70000);

		REQUIRE(n > 0);
		total += n;
	}
	REQUIRE(memcmp(data, back, sizeof data) == 0);
	check_take(&events);
	REQUIRE(!qnet_sctp_socket_write_datagram(pair->client, data, 1));
	REQUIRE(!qnet_sctp_socket_read_datagram(pair->client, &(qnet_datagram){ 0 }));
	qnet_sctp_socket_set_maximum_channel_count(pair->client, 1);
	qnet_sctp_server_set_maximum_channel_count(pair->server, 1);
	REQUIRE_WARNINGS(4);
	return NULL;
}

static const char *byte_stream_case(void)
{
	NEED_SCTP();
	return with_sctp(-1, byte_stream);
}

static const char *waits(struct pair *pair)
{
	REQUIRE(send_on(pair->client, 1, "first", 5));
	REQUIRE(qnet_socket_wait_for_bytes_written(pair->client, 10000));
	REQUIRE(!qnet_socket_wait_for_ready_read(pair->peer, 50)); /* it is for channel 0 */
	qnet_socket_set_current_read_channel(pair->peer, 1);
	REQUIRE_EQUAL(qnet_socket_bytes_available(pair->peer), 5);
	REQUIRE(send_on(pair->client, 1, "next", 4) && qnet_socket_flush(pair->client));
	REQUIRE(qnet_socket_wait_for_ready_read(pair->peer, 10000));
	REQUIRE_OK(expect_on(pair->peer, 1, "first", 5));
	REQUIRE_OK(expect_on(pair->peer, 1, "next", 4));
	qnet_socket_disconnect_from_host(pair->client);
	REQUIRE(qnet_socket_wait_for_disconnected(pair->peer, 10000));
	return NULL;
}

static const char *waits_case(void)
{
	NEED_SCTP();
	return with_sctp(2, waits);
}

/* A peer that dies ---------------------------------------------------------- */

/* A process connects to a port, sends a message and does nothing any more. */
static pid_t start_peer(uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	pid_t pid = fork();
	int fd;

	if (pid != 0)
		return pid;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP);
	if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0 && send(fd, "alive", 5, 0) == 5)
		pause();
	_exit(1);
}

/* With what it has not read it cannot say good-bye: the connection is aborted. */
static const char *dies(bool unread)
{
	struct pair pair = { .fd = -1 };
	pid_t pid;

	pair.loop = qnet_loop_new();
	pair.server = qnet_sctp_server_new(pair.loop);
	REQUIRE(qnet_tcp_server_listen(pair.server, QNET_ADDRESS_LOCAL_HOST, 0));
	pid = start_peer(qnet_tcp_server_server_port(pair.server));
	REQUIRE(pid > 0);
	REQUIRE(qnet_tcp_server_wait_for_new_connection(pair.server, 10000, NULL));
	pair.peer = qnet_sctp_server_next_pending_datagram_connection(pair.server);
	watch(pair.peer, "");
	UNTIL(pair.loop, qnet_socket_bytes_available(pair.peer) == 5);
	if (unread) {
		REQUIRE(send_on(pair.peer, 0, "unread", 6));
		UNTIL(pair.loop, qnet_socket_bytes_to_write(pair.peer) == 0);
	}
	check_take(&events);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	UNTIL(pair.loop, qnet_socket_state(pair.peer) == QNET_UNCONNECTED_STATE);
	REQUIRE_TEXT(check_take(&events), "error:1 disconnected");
	REQUIRE(!qnet_sctp_socket_write_datagram(pair.peer, "x", 1));
	REQUIRE_WARNINGS(1);
	REQUIRE_OK(expect_on(pair.peer, 0, "alive", 5));
	pair_close(&pair);
	return NULL;
}

static const char *peer_dies(void)
{
	NEED_SCTP();
	REQUIRE_OK(dies(false));
	return dies(true);
}

/* In callbacks -------------------------------------------------------------- */

static void on_delete(qnet_socket *socket, int channel, void *user_data)
{
	(void)channel;
	qnet_socket_delete(socket);
	*(bool *)user_data = true;
}

static void on_written_delete(qnet_socket *socket, int channel, int64_t bytes, void *user_data)
{
	(void)bytes;
	on_delete(socket, channel, user_data);
}

static const char *deleted_inside(void)
{
	bool gone = false;

	NEED_SCTP();
	for (int i = 0; i < 2; i++) {
		struct pair pair;

		REQUIRE_OK(open_sctp(&pair, 3));
		gone = false;
		if (i == 0)
			qnet_socket_on_channel_ready_read(pair.client, on_delete, &gone);
		else
			qnet_socket_on_channel_bytes_written(pair.client, on_written_delete, &gone);
		for (int c = 0; c < 3; c++)
			REQUIRE(send_on(i == 0 ? pair.peer : pair.client, c, "message", 7));
		UNTIL(pair.loop, gone);
		check_settle(pair.loop);
		pair.client = NULL;
		pair_close(&pair);
		check_take(&events);
	}
	return NULL;
}

static const char *misuse(struct pair *pair)
{
	REQUIRE(!qnet_sctp_socket_read_datagram(pair->client, NULL));
	REQUIRE(!qnet_sctp_socket_write_datagram(pair->client, NULL, 4));
	REQUIRE(!qnet_sctp_socket_write_datagram(pair->client, "x", -1));
	REQUIRE_WARNINGS(3);
	qnet_socket_start_transaction(pair->client);
	qnet_socket_set_current_read_channel(pair->client, 1);
	REQUIRE(!qnet_sctp_socket_read_datagram(pair->client, &(qnet_datagram){ 0 }));
	REQUIRE_WARNINGS(2);
	qnet_socket_rollback_transaction(pair->client);
	REQUIRE_EQUAL(qnet_socket_send_file(pair->client, 0, 0, -1), -1);
	REQUIRE_EQUAL(qnet_socket_error(pair->client), QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR);
	qnet_socket_close_write_channel(pair->client);
	REQUIRE_EQUAL(qnet_socket_error(pair->client), QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR);
	check_take(&events);
	return NULL;
}

static const char *misuse_case(void)
{
	NEED_SCTP();
	return with_sctp(2, misuse);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		{ "no_sctp", no_sctp },
		{ "proxies", proxies },
		{ "other_kinds", other_kinds },
		{ "one_channel", one_channel },
		{ "one_direction", one_direction },
		{ "echo", echo_case },
		{ "four_channels", four_channels_case },
		{ "sizes", sizes_case },
		{ "byte_stream", byte_stream_case },
		{ "waits", waits_case },
		{ "peer_dies", peer_dies },
		{ "deleted_inside", deleted_inside },
		{ "misuse", misuse_case },
	};

	return check_main(cases, LENGTH(cases), argc, argv);
}
