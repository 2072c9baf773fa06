/*
 * The C API in ordinary use: sockets.
 */
#include "pair.h"

#include <pthread.h>
#include <sys/stat.h>

/* Events ------------------------------------------------------------------- */

static struct check_log events;

static void on_connected(qnet_socket *socket, void *user_data)
{
	(void)socket;
	check_note(&events, "%sconnected", (const char *)user_data);
}

static void on_disconnected(qnet_socket *socket, void *user_data)
{
	(void)socket;
	check_note(&events, "%sdisconnected", (const char *)user_data);
}

static void on_error_occurred(qnet_socket *socket, qnet_error error, void *user_data)
{
	check_note(&events, "%serror:%d", (const char *)user_data, error);
	if (qnet_socket_error(socket) != error)
		check_note(&events, "(but error() is %d)", qnet_socket_error(socket));
}

static void on_host_found(qnet_socket *socket, void *user_data)
{
	(void)socket;
	check_note(&events, "%shost_found", (const char *)user_data);
}

static void on_state_changed(qnet_socket *socket, qnet_state state, void *user_data)
{
	static const char *const names[] = { "unconnected", "lookup", "connecting", "connected", "bound", "listening", "closing" };

	check_note(&events, "%s=%s", (const char *)user_data, names[state]);
	if (qnet_socket_state(socket) != state)
		check_note(&events, "(but state() is %d)", qnet_socket_state(socket));
}

static void on_ready_read(qnet_socket *socket, void *user_data)
{
	check_note(&events, "%sready:%d", (const char *)user_data, (int)qnet_socket_bytes_available(socket));
}

static void on_bytes_written(qnet_socket *socket, int64_t bytes, void *user_data)
{
	(void)socket;
	check_note(&events, "%swritten:%d", (const char *)user_data, (int)bytes);
}

static void on_about_to_close(qnet_socket *socket, void *user_data)
{
	(void)socket;
	check_note(&events, "%sabout_to_close", (const char *)user_data);
}

static void on_read_channel_finished(qnet_socket *socket, void *user_data)
{
	(void)socket;
	check_note(&events, "%sfinished", (const char *)user_data);
}

static void on_drained(qnet_socket *socket, void *user_data)
{
	(void)socket;
	check_note(&events, "%sdrained", (const char *)user_data);
}

static void on_destroyed(qnet_socket *socket, void *user_data)
{
	(void)socket;
	check_note(&events, "%sdestroyed", (const char *)user_data);
}

/* Notes all signals of a socket, with a prefix, from now on. */
static const char *watch(qnet_socket *socket, const char *prefix)
{
	void *data = (void *)prefix;

	REQUIRE(qnet_socket_on_connected(socket, on_connected, data) != 0);
	REQUIRE(qnet_socket_on_disconnected(socket, on_disconnected, data) != 0);
	REQUIRE(qnet_socket_on_error_occurred(socket, on_error_occurred, data) != 0);
	REQUIRE(qnet_socket_on_host_found(socket, on_host_found, data) != 0);
	REQUIRE(qnet_socket_on_state_changed(socket, on_state_changed, data) != 0);
	REQUIRE(qnet_socket_on_ready_read(socket, on_ready_read, data) != 0);
	REQUIRE(qnet_socket_on_bytes_written(socket, on_bytes_written, data) != 0);
	REQUIRE(qnet_socket_on_about_to_close(socket, on_about_to_close, data) != 0);
	REQUIRE(qnet_socket_on_read_channel_finished(socket, on_read_channel_finished, data) != 0);
	REQUIRE(qnet_socket_on_write_buffer_drained(socket, on_drained, data) != 0);
	REQUIRE(qnet_socket_on_destroyed(socket, on_destroyed, data) != 0);
	check_take(&events);
	return NULL;
}

static bool happened(const char *word)
{
	return strstr(events.text, word) != NULL;
}

/* Sends text from the pair's other end and waits until the client has it. */
static const char *arrive(struct pair *pair, const char *text)
{
	int64_t want = qnet_socket_bytes_available(pair->client) + (int64_t)strlen(text);

	REQUIRE_EQUAL(qnet_socket_write(pair->peer, text, (int64_t)strlen(text)), strlen(text));
	UNTIL(pair->loop, qnet_socket_bytes_available(pair->client) >= want);
	return NULL;
}

/* Connecting --------------------------------------------------------------- */

static const char *fresh(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_socket *socket = qnet_tcp_socket_new(loop);
	qnet_host_address address;

	REQUIRE(socket != NULL);
	REQUIRE_EQUAL(qnet_socket_state(socket), QNET_UNCONNECTED_STATE);
	REQUIRE_EQUAL(qnet_socket_error(socket), QNET_UNKNOWN_SOCKET_ERROR);
	REQUIRE_TEXT(qnet_socket_error_string(socket), "Unknown error");
	REQUIRE(!qnet_socket_is_valid(socket) && !qnet_socket_is_open(socket));
	REQUIRE(!qnet_socket_is_readable(socket) && !qnet_socket_is_writable(socket));
	REQUIRE_EQUAL(qnet_socket_open_mode(socket), QNET_NOT_OPEN);
	REQUIRE(qnet_socket_is_sequential(socket));
	REQUIRE_EQUAL(qnet_socket_socket_type(socket), QNET_TCP_SOCKET);
	REQUIRE_EQUAL(qnet_socket_socket_descriptor(socket), -1);
	REQUIRE(!qnet_socket_local_address(socket, &address) && qnet_host_address_is_null(&address));
	REQUIRE(!qnet_socket_peer_address(socket, &address) && qnet_host_address_is_null(&address));
	REQUIRE_EQUAL(qnet_socket_local_port(socket), 0);
	REQUIRE_EQUAL(qnet_socket_peer_port(socket), 0);
	REQUIRE_TEXT(qnet_socket_peer_name(socket), "");
	REQUIRE_TEXT(qnet_socket_protocol_tag(socket), "");
	REQUIRE_EQUAL(qnet_socket_pause_mode(socket), QNET_PAUSE_NEVER);
	REQUIRE_EQUAL(qnet_socket_bytes_available(socket), 0);
	REQUIRE_EQUAL(qnet_socket_bytes_to_write(socket), 0);
	REQUIRE_EQUAL(qnet_socket_read_buffer_size(socket), 0);
	REQUIRE_EQUAL(qnet_socket_write_buffer_limit(socket), 0);
	REQUIRE_EQUAL(qnet_socket_socket_option(socket, QNET_LOW_DELAY_OPTION), -1);
	REQUIRE(!qnet_socket_is_transaction_started(socket));
	REQUIRE(!qnet_socket_can_read_line(socket) && qnet_socket_at_end(socket) && !qnet_socket_flush(socket));
	qnet_socket_abort(socket);
	qnet_socket_close(socket);
	qnet_socket_disconnect_from_host(socket);
	qnet_socket_delete(socket);
	qnet_loop_delete(loop);
	return NULL;
}

static const char *connected(void)
{
	struct pair pair;
	qnet_host_address address;
	uint16_t port;

	REQUIRE_OK(pair_prepare(&pair));
	REQUIRE_OK(watch(pair.client, ""));
	pair_connect(&pair, QNET_READ_WRITE);
	REQUIRE_TEXT(check_take(&events), "=lookup =connecting host_found");
	REQUIRE(qnet_socket_is_open(pair.client));
	REQUIRE_OK(pair_accept(&pair));
	REQUIRE_TEXT(check_take(&events), "=connected connected");
	port = qnet_tcp_server_server_port(pair.server);
	REQUIRE(qnet_socket_is_valid(pair.client));
	REQUIRE(qnet_socket_is_readable(pair.client) && qnet_socket_is_writable(pair.client));
	REQUIRE_EQUAL(qnet_socket_open_mode(pair.client), QNET_READ_WRITE);
	REQUIRE(qnet_socket_socket_descriptor(pair.client) >= 0);
	REQUIRE(qnet_socket_peer_address(pair.client, &address));
	REQUIRE(qnet_host_address_is_equal(&address, QNET_ADDRESS_LOCAL_HOST, QNET_STRICT_CONVERSION));
	REQUIRE_EQUAL(qnet_socket_peer_port(pair.client), port);
	REQUIRE(qnet_socket_local_address(pair.peer, &address));
	REQUIRE_EQUAL(qnet_socket_local_port(pair.peer), port);
	REQUIRE_EQUAL(qnet_socket_peer_port(pair.peer), qnet_socket_local_port(pair.client));
	REQUIRE_TEXT(qnet_socket_peer_name(pair.client), "127.0.0.1");
	pair_close(&pair);
	REQUIRE_TEXT(check_take(&events), "about_to_close =unconnected finished disconnected destroyed");
	return NULL;
}

static const char *connected_by_name(void)
{
	struct pair pair;

	REQUIRE_OK(pair_prepare(&pair));
	REQUIRE_OK(watch(pair.client, ""));
	qnet_socket_connect_to_host(pair.client, "localhost", qnet_tcp_server_server_port(pair.server), QNET_READ_WRITE, QNET_IPV4_PROTOCOL);
	REQUIRE_TEXT(check_take(&events), "=lookup");
	REQUIRE_OK(pair_accept(&pair));
	REQUIRE_TEXT(check_take(&events), "=connecting host_found =connected connected");
	REQUIRE_TEXT(qnet_socket_peer_name(pair.client), "localhost");
	/* A second time: the connection survives. */
	qnet_socket_connect_to_host(pair.client, "127.0.0.1", 1, QNET_READ_WRITE, QNET_ANY_IP_PROTOCOL);
	REQUIRE_WARNINGS(1);
	REQUIRE_TEXT(check_take(&events), "error:19");
	REQUIRE_EQUAL(qnet_socket_state(pair.client), QNET_CONNECTED_STATE);
	pair_close(&pair);
	return NULL;
}

static const char *refused(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_socket *socket = qnet_tcp_socket_new(loop);
	uint16_t port = 0;
	int fd = raw_bind(&port); /* but nobody listens */

	REQUIRE(fd >= 0);
	REQUIRE_OK(watch(socket, ""));
	qnet_socket_connect_to_address(socket, QNET_ADDRESS_LOCAL_HOST, port, QNET_READ_WRITE);
	UNTIL(loop, happened("error"));
	REQUIRE_TEXT(check_take(&events), "=lookup =connecting host_found =unconnected error:0");
	REQUIRE_EQUAL(qnet_socket_error(socket), QNET_CONNECTION_REFUSED_ERROR);
	REQUIRE_TEXT(qnet_socket_error_string(socket), "Connection refused");
	REQUIRE(qnet_socket_is_open(socket));
	close(fd);

	qnet_socket_connect_to_host(socket, "not a name", port, QNET_READ_WRITE, QNET_ANY_IP_PROTOCOL);
	UNTIL(loop, happened("error"));
	REQUIRE_TEXT(check_take(&events), "=lookup =unconnected error:2");
	qnet_socket_connect_to_address(socket, NULL, port, QNET_READ_WRITE);
	UNTIL(loop, happened("error"));
	REQUIRE_TEXT(check_take(&events), "=lookup =unconnected error:2");
	/* A literal of the wrong family. */
	qnet_socket_connect_to_host(socket, "127.0.0.1", port, QNET_READ_WRITE, QNET_IPV6_PROTOCOL);
	UNTIL(loop, happened("error"));
	REQUIRE_TEXT(check_take(&events), "=lookup =unconnected error:2");
	qnet_socket_delete(socket);
	qnet_loop_delete(loop);
	return NULL;
}

/* Data --------------------------------------------------------------------- */

/* The error belongs to the last call that has failed, and its message names the object. */
static const char *error_of_the_last_call(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_tcp_server *server = qnet_tcp_server_new(loop);
	qnet_socket *socket = qnet_tcp_socket_new(loop);
	uint16_t port;
	char form[200];

	REQUIRE(qnet_tcp_server_listen(server, QNET_ADDRESS_LOCAL_HOST, 0));
	port = qnet_tcp_server_server_port(server);
	REQUIRE(!qnet_tcp_server_listen(server, QNET_ADDRESS_LOCAL_HOST, 0));
	REQUIRE_EQUAL(qnet_tcp_server_server_error(server), QNET_OPERATION_ERROR);
	snprintf(form, sizeof form, "qnet_tcp_server_listen: the server is listening already (QTcpServer 0x%llx, at 127.0.0.1:%d)",
		 (unsigned long long)(uintptr_t)server, port);
	REQUIRE_TEXT(check_message, form);
	REQUIRE_WARNINGS(1);
	qnet_tcp_server_delete(server);

	qnet_socket_connect_to_address(socket, QNET_ADDRESS_LOCAL_HOST, port, QNET_READ_WRITE);
	UNTIL(loop, qnet_socket_error(socket) == QNET_CONNECTION_REFUSED_ERROR);
	REQUIRE_EQUAL(qnet_socket_write(socket, "x", 1), -1);
	REQUIRE_TEXT(qnet_socket_error_string(socket), "Socket is not connected");
	REQUIRE_EQUAL(qnet_socket_error(socket), QNET_UNKNOWN_SOCKET_ERROR);
	qnet_socket_connect_to_address(socket, QNET_ADDRESS_LOCAL_HOST, port, QNET_READ_WRITE);
	UNTIL(loop, qnet_socket_error(socket) == QNET_CONNECTION_REFUSED_ERROR);
	qnet_socket_close(socket);
	REQUIRE_EQUAL(qnet_socket_error(socket), QNET_CONNECTION_REFUSED_ERROR);
	REQUIRE(!qnet_socket_wait_for_ready_read(socket, 0));
	REQUIRE_EQUAL(qnet_socket_error(socket), QNET_CONNECTION_REFUSED_ERROR);
	REQUIRE_EQUAL(qnet_socket_write(socket, "x", 1), -1);
	REQUIRE_TEXT(qnet_socket_error_string(socket), "The socket is not open");
	REQUIRE_EQUAL(qnet_socket_error(socket), QNET_OPERATION_ERROR);
	snprintf(form, sizeof form, "qnet_socket_write: the socket is not open (QTcpSocket 0x%llx, peer 127.0.0.1)",
		 (unsigned long long)(uintptr_t)socket);
	REQUIRE_TEXT(check_message, form);
	REQUIRE_WARNINGS(1);

	qnet_socket_connect_to_address(socket, QNET_ADDRESS_LOCAL_HOST, port, 0);
	REQUIRE_EQUAL(qnet_socket_state(socket), QNET_UNCONNECTED_STATE);
	REQUIRE_EQUAL(qnet_socket_error(socket), QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR);
	REQUIRE_TEXT(qnet_socket_error_string(socket), "The open mode allows neither reading nor writing");
	qnet_socket_read(socket, form, -1);
	REQUIRE(strstr(check_message, "qnet_socket_read: the size is wrong or the memory NULL (QTcpSocket 0x") == check_message);
	REQUIRE_TEXT(qnet_socket_error_string(socket), "The size is wrong or the memory NULL");
	REQUIRE_WARNINGS(1);
	qnet_socket_delete(socket);
	qnet_socket_write(socket, "x", 1);
	snprintf(form, sizeof form, "qnet_socket_write: the object was deleted (qnet_socket 0x%llx)", (unsigned long long)(uintptr_t)socket);
	REQUIRE_TEXT(check_message, form);
	REQUIRE_WARNINGS(1);
	qnet_loop_delete(loop);
	return NULL;
}

static const char *reading(void)
{
	struct pair pair;
	char data[20], c = 0;
	int64_t size = 0;

	REQUIRE_OK(pair_open(&pair));
	REQUIRE(qnet_socket_at_end(pair.client));
	REQUIRE_EQUAL(qnet_socket_read(pair.client, data, sizeof data), 0);
	REQUIRE(!qnet_socket_get_char(pair.client, &c));
	REQUIRE_OK(arrive(&pair, "hello, world"));
	REQUIRE(!qnet_socket_at_end(pair.client));
	REQUIRE_EQUAL(qnet_socket_peek(pair.client, data, 5), 5);
	REQUIRE(memcmp(data, "hello", 5) == 0);
	REQUIRE(memcmp(qnet_socket_peek_buffer(pair.client, &size), "hello, world", 12) == 0);
	REQUIRE_EQUAL(size, 12);
	REQUIRE_EQUAL(qnet_socket_bytes_available(pair.client), 12);
	REQUIRE_EQUAL(qnet_socket_read(pair.client, data, 4), 4);
	REQUIRE(memcmp(data, "hell", 4) == 0);
	REQUIRE(qnet_socket_get_char(pair.client, &c) && c == 'o');
	qnet_socket_unget_char(pair.client, 'O');
	REQUIRE(qnet_socket_get_char(pair.client, &c) && c == 'O');
	REQUIRE_EQUAL(qnet_socket_skip(pair.client, 2), 2);
	REQUIRE_TEXT(qnet_socket_read_all(pair.client, &size), "world");
	REQUIRE_EQUAL(size, 5);
	REQUIRE_TEXT(qnet_socket_read_all(pair.client, &size), "");
	REQUIRE_EQUAL(size, 0);
	REQUIRE_EQUAL(qnet_socket_read(pair.client, data, -1), -1);
	REQUIRE_EQUAL(qnet_socket_skip(pair.client, -1), -1);
	REQUIRE_WARNINGS(2);
	pair_close(&pair);
	return NULL;
}

static const char *reading_lines(void)
{
	struct pair pair;
	char line[8];

	REQUIRE_OK(pair_open(&pair));
	REQUIRE_OK(arrive(&pair, "one\ntwo and more\nrest"));
	REQUIRE(qnet_socket_can_read_line(pair.client));
	REQUIRE_EQUAL(qnet_socket_read_line(pair.client, line, sizeof line), 4);
	REQUIRE_TEXT(line, "one\n");
	REQUIRE_EQUAL(qnet_socket_read_line(pair.client, line, sizeof line), 7);
	REQUIRE_TEXT(line, "two and");
	REQUIRE_EQUAL(qnet_socket_read_line(pair.client, line, sizeof line), 6);
	REQUIRE_TEXT(line, " more\n");
	REQUIRE(!qnet_socket_can_read_line(pair.client));
	REQUIRE_EQUAL(qnet_socket_read_line(pair.client, line, sizeof line), 4);
	REQUIRE_TEXT(line, "rest");
	REQUIRE_EQUAL(qnet_socket_read_line(pair.client, line, sizeof line), 0);
	REQUIRE_EQUAL(qnet_socket_read_line(pair.client, line, 1), -1);
	REQUIRE_WARNINGS(1);
	pair_close(&pair);
	return NULL;
}

static const char *reading_text(void)
{
	struct pair pair;
	char data[20];
	int64_t size = 0;

	REQUIRE_OK(pair_open_mode(&pair, QNET_READ_WRITE | QNET_TEXT));
	REQUIRE_OK(arrive(&pair, "a\r\nb\r\n"));
	REQUIRE(memcmp(qnet_socket_peek_buffer(pair.client, &size), "a\nb\n", 4) == 0);
	REQUIRE_EQUAL(size, 4);
	REQUIRE_EQUAL(qnet_socket_read(pair.client, data, sizeof data), 4);
	REQUIRE(memcmp(data, "a\nb\n", 4) == 0);
	REQUIRE(qnet_socket_peek_buffer(pair.client, &size) == NULL);
	pair_close(&pair);
	return NULL;
}

static const char *reading_unbuffered(void)
{
	struct pair pair;
	char data[20];
	int64_t size = 0;

	REQUIRE_OK(pair_open_mode(&pair, QNET_READ_WRITE | QNET_UNBUFFERED));
	REQUIRE_OK(arrive(&pair, "direct"));
	REQUIRE(memcmp(qnet_socket_peek_buffer(pair.client, &size), "direct", 6) == 0);
	REQUIRE_EQUAL(size, 6);
	REQUIRE_EQUAL(qnet_socket_read(pair.client, data, sizeof data), 6);
	REQUIRE(memcmp(data, "direct", 6) == 0);
	REQUIRE_EQUAL(qnet_socket_write(pair.client, "back", 4), 4);
	REQUIRE_EQUAL(qnet_socket_bytes_to_write(pair.client), 0);
	UNTIL(pair.loop, qnet_socket_bytes_available(pair.peer) == 4);
	pair_close(&pair);
	return NULL;
}

static void look_at_error(qnet_socket *socket, qnet_error error, void *user_data)
{
	check_note(&events, "error:%d %s", error, qnet_socket_error_string(socket));
	if (user_data != NULL)
		qnet_socket_delete(socket);
}

/* An unbuffered read that fails says so; the loop then tells of it, which may be the end of the socket. */
static const char *reading_after_a_reset(void)
{
	for (int deletes = 0; deletes < 2; deletes++) {
		struct pair pair;
		char data[10];

		REQUIRE_OK(pair_open_raw(&pair, QNET_READ_WRITE | QNET_UNBUFFERED));
		check_take(&events);
		qnet_socket_on_error_occurred(pair.client, look_at_error, deletes ? &pair : NULL);
		raw_reset(pair.fd);
		pair.fd = -1;
		check_sleep(20);
		REQUIRE_TEXT(qnet_socket_read_all(pair.client, NULL), "");
		REQUIRE_EQUAL(qnet_socket_read(pair.client, data, sizeof data), -1);
		REQUIRE_TEXT(check_take(&events), "");
		UNTIL(pair.loop, events.text[0] != '\0');
		REQUIRE_TEXT(check_take(&events), "error:1 The remote host closed the connection");
		if (deletes)
			pair.client = NULL;
		pair_close(&pair);
	}
	return NULL;
}

static const char *transactions(void)
{
	struct pair pair;
	char data[10];
	int64_t size = 0;

	REQUIRE_OK(pair_open(&pair));
	REQUIRE_OK(arrive(&pair, "abcdef"));
	qnet_socket_start_transaction(pair.client);
	REQUIRE(qnet_socket_is_transaction_started(pair.client));
	REQUIRE_EQUAL(qnet_socket_read(pair.client, data, 4), 4);
	REQUIRE_EQUAL(qnet_socket_bytes_available(pair.client), 2);
	REQUIRE(memcmp(qnet_socket_peek_buffer(pair.client, &size), "ef", 2) == 0);
	REQUIRE_EQUAL(size, 2);
	qnet_socket_rollback_transaction(pair.client);
	REQUIRE(!qnet_socket_is_transaction_started(pair.client));
	REQUIRE_EQUAL(qnet_socket_bytes_available(pair.client), 6);
	qnet_socket_start_transaction(pair.client);
	qnet_socket_start_transaction(pair.client);
	REQUIRE_WARNINGS(1);
	REQUIRE_EQUAL(qnet_socket_read(pair.client, data, 4), 4);
	qnet_socket_commit_transaction(pair.client);
	REQUIRE_TEXT(qnet_socket_read_all(pair.client, NULL), "ef");
	qnet_socket_commit_transaction(pair.client);
	qnet_socket_rollback_transaction(pair.client);
	REQUIRE_WARNINGS(2);
	pair_close(&pair);
	return NULL;
}

static const char *read_buffer_limit(void)
{
	struct pair pair;
	char data[1000];

	REQUIRE_OK(pair_open(&pair));
	qnet_socket_set_read_buffer_size(pair.client, 100);
	REQUIRE_EQUAL(qnet_socket_read_buffer_size(pair.client), 100);
	memset(data, 'x', sizeof data);
	REQUIRE_EQUAL(qnet_socket_write(pair.peer, data, 250), 250);
	UNTIL(pair.loop, qnet_socket_bytes_available(pair.client) == 100);
	check_settle(pair.loop);
	REQUIRE_EQUAL(qnet_socket_bytes_available(pair.client), 100);
	/* Whatever was taken, as much comes after it. */
	REQUIRE_EQUAL(qnet_socket_read(pair.client, data, 60), 60);
	UNTIL(pair.loop, qnet_socket_bytes_available(pair.client) == 100);
	REQUIRE_EQUAL(qnet_socket_skip(pair.client, 1), 1);
	UNTIL(pair.loop, qnet_socket_bytes_available(pair.client) == 100);
	qnet_socket_set_read_buffer_size(pair.client, 0);
	UNTIL(pair.loop, qnet_socket_bytes_available(pair.client) == 189);
	pair_close(&pair);
	return NULL;
}

static const char *writing(void)
{
	struct pair pair;

	REQUIRE_OK(pair_open(&pair));
	REQUIRE_OK(watch(pair.client, ""));
	REQUIRE_EQUAL(qnet_socket_write(pair.client, "some", 4), 4);
	REQUIRE(qnet_socket_put_char(pair.client, '!'));
	REQUIRE_EQUAL(qnet_socket_write(pair.client, "", 0), 0);
	REQUIRE_EQUAL(qnet_socket_bytes_to_write(pair.client), 5);
	REQUIRE_TEXT(events.text, "");
	UNTIL(pair.loop, qnet_socket_bytes_available(pair.peer) == 5);
	REQUIRE_TEXT(check_take(&events), "written:5");
	REQUIRE_EQUAL(qnet_socket_bytes_to_write(pair.client), 0);
	REQUIRE_TEXT(qnet_socket_read_all(pair.peer, NULL), "some!");
	REQUIRE(!qnet_socket_flush(pair.client));
	qnet_socket_write(pair.client, "more", 4);
	REQUIRE(qnet_socket_flush(pair.client));
	REQUIRE_TEXT(check_take(&events), "written:4");
	UNTIL(pair.loop, qnet_socket_bytes_available(pair.peer) == 4);
	REQUIRE_EQUAL(qnet_socket_write(pair.client, "x", -1), -1);
	REQUIRE_WARNINGS(1);
	qnet_socket_close(pair.client);
	REQUIRE_EQUAL(qnet_socket_write(pair.client, "x", 1), -1);
	REQUIRE(!qnet_socket_put_char(pair.client, 'x'));
	REQUIRE_WARNINGS(2);
	pair_close(&pair);
	return NULL;
}

static struct transfer {
	int64_t sent, written, received;
	uint32_t out, in; /* sums of what was sent and received */
} transfer;

static void add_written(qnet_socket *socket, int64_t bytes, void *user_data)
{
	(void)socket;
	(void)user_data;
	transfer.written += bytes;
}

static uint32_t sum(uint32_t sum, const unsigned char *data, int64_t size)
{
	for (int64_t i = 0; i < size; i++)
		sum = sum * 31 + data[i];
	return sum;
}

static void add_received(qnet_socket *socket, void *user_data)
{
	unsigned char data[30000];
	int64_t n;

	(void)user_data;
	while ((n = qnet_socket_read(socket, data, sizeof data)) > 0) {
		transfer.received += n;
		transfer.in = sum(transfer.in, data, n);
	}
}

static const char *writing_much(void)
{
	static unsigned char data[300000];
	struct pair pair;

	REQUIRE_OK(pair_open(&pair));
	memset(&transfer, 0, sizeof transfer);
	qnet_socket_on_bytes_written(pair.client, add_written, NULL);
	qnet_socket_on_ready_read(pair.peer, add_received, NULL);
	/* Pieces of all sizes, faster than the peer takes them. */
	for (int i = 0; transfer.sent < 20000000; i++) {
		int64_t size = 1 + i * 7919 % (int64_t)sizeof data;

		for (int64_t k = 0; k < size; k++)
			data[k] = (unsigned char)(i + k * k);
		REQUIRE_EQUAL(qnet_socket_write(pair.client, data, size), size);
		transfer.out = sum(transfer.out, data, size);
		transfer.sent += size;
		if (i % 8 == 0)
			qnet_loop_process_events(pair.loop, 0);
	}
	UNTIL(pair.loop, transfer.received == transfer.sent && transfer.written == transfer.sent);
	REQUIRE_EQUAL(transfer.in, transfer.out);
	REQUIRE_EQUAL(qnet_socket_bytes_to_write(pair.client), 0);
	pair_close(&pair);
	return NULL;
}

static const char *write_buffer_limit(void)
{
	static char data[10000000];
	struct pair pair;
	int64_t taken, total = 0;

	REQUIRE_OK(pair_open(&pair));
	REQUIRE_OK(watch(pair.client, ""));
	qnet_socket_set_write_buffer_limit(pair.client, 1000, 1000);
	qnet_socket_set_write_buffer_limit(pair.client, -1, 0);
	REQUIRE_WARNINGS(2);
	qnet_socket_set_write_buffer_limit(pair.client, 100000, 1000);
	REQUIRE_EQUAL(qnet_socket_write_buffer_limit(pair.client), 100000);
	qnet_socket_set_read_buffer_size(pair.peer, 1000);
	/* What the system takes, then what is kept, then nothing. */
	for (int i = 0; i < 1000; i++) {
		taken = qnet_socket_write(pair.client, data, sizeof data);
		REQUIRE(taken >= 0 && taken <= (int64_t)sizeof data);
		REQUIRE(qnet_socket_bytes_to_write(pair.client) <= 100000);
		total += taken;
		qnet_loop_process_events(pair.loop, 0);
	}
	REQUIRE_EQUAL(qnet_socket_write(pair.client, data, 1), 0);
	check_take(&events);
	check_settle(pair.loop);
	REQUIRE_TEXT(events.text, "");
	qnet_socket_on_ready_read(pair.peer, add_received, NULL);
	memset(&transfer, 0, sizeof transfer);
	add_received(pair.peer, NULL);
	qnet_socket_set_read_buffer_size(pair.peer, 0);
	UNTIL(pair.loop, transfer.received == total);
	check_settle(pair.loop);
	REQUIRE(happened("drained"));
	REQUIRE_EQUAL(qnet_socket_write(pair.client, data, 10), 10);
	pair_close(&pair);
	return NULL;
}

static void send_and_wait(qnet_socket *socket, int64_t bytes, void *user_data)
{
	struct pair *pair = user_data;
	int64_t end = check_now() + 5000;

	(void)socket;
	(void)bytes;
	while (qnet_socket_bytes_available(pair->client) < 5 && check_now() < end)
		qnet_loop_process_events(pair->loop, 10);
	check_note(&events, "waited:%d", (int)qnet_socket_bytes_available(pair->client));
}

/* A loop inside a callback goes on with what the outer turn has still to send. */
static const char *writing_with_nested_loop(void)
{
	struct pair pair;

	REQUIRE_OK(pair_open(&pair));
	check_take(&events);
	qnet_socket_on_bytes_written(pair.client, send_and_wait, &pair);
	qnet_socket_write(pair.client, "first", 5);
	qnet_socket_write(pair.peer, "reply", 5);
	UNTIL(pair.loop, happened("waited"));
	REQUIRE_TEXT(check_take(&events), "waited:5");
	pair_close(&pair);
	return NULL;
}

static void loop_again(qnet_socket *socket, void *user_data)
{
	struct pair *pair = user_data;
	int64_t end = check_now() + 5000;

	check_note(&events, "in:%d", (int)qnet_socket_bytes_available(socket));
	qnet_socket_write(pair->peer, "more", 4);
	while (qnet_socket_bytes_available(socket) < 8 && check_now() < end)
		qnet_loop_process_events(pair->loop, 10);
	check_note(&events, "out:%d", (int)qnet_socket_bytes_available(socket));
}

static const char *ready_read_is_not_recursive(void)
{
	struct pair pair;

	REQUIRE_OK(pair_open(&pair));
	check_take(&events);
	qnet_socket_on_ready_read(pair.client, loop_again, &pair);
	qnet_socket_write(pair.peer, "some", 4);
	UNTIL(pair.loop, happened("out"));
	check_settle(pair.loop);
	REQUIRE_TEXT(check_take(&events), "in:4 out:8");
	pair_close(&pair);
	return NULL;
}

/* Closing ------------------------------------------------------------------ */

static const char *peer_closes(void)
{
	struct pair pair;
	char data[4];

	REQUIRE_OK(pair_open_raw(&pair, QNET_READ_WRITE));
	REQUIRE_OK(watch(pair.client, ""));
	REQUIRE_EQUAL(write(pair.fd, "last", 4), 4);
	close(pair.fd);
	pair.fd = -1;
	UNTIL(pair.loop, happened("disconnected"));
	REQUIRE_TEXT(check_take(&events), "ready:4 error:1 =closing =unconnected finished disconnected");
	REQUIRE_TEXT(qnet_socket_error_string(pair.client), "The remote host closed the connection");
	/* What came is still there, then nothing more comes. */
	REQUIRE(qnet_socket_is_open(pair.client));
	REQUIRE_EQUAL(qnet_socket_read(pair.client, data, sizeof data), 4);
	REQUIRE_EQUAL(qnet_socket_read(pair.client, data, sizeof data), -1);
	REQUIRE_EQUAL(qnet_socket_write(pair.client, data, sizeof data), -1);
	REQUIRE_TEXT(check_take(&events), "");
	qnet_socket_close(pair.client);
	REQUIRE_TEXT(check_take(&events), "about_to_close");
	pair_close(&pair);
	return NULL;
}

static const char *peer_resets(void)
{
	struct pair pair;

	REQUIRE_OK(pair_open_raw(&pair, QNET_READ_WRITE));
	REQUIRE_OK(watch(pair.client, ""));
	raw_reset(pair.fd);
	pair.fd = -1;
	UNTIL(pair.loop, happened("disconnected"));
	REQUIRE_TEXT(check_take(&events), "error:1 =closing =unconnected finished disconnected");
	pair_close(&pair);
	return NULL;
}

static const char *closing(void)
{
	struct pair pair;

	REQUIRE_OK(pair_open(&pair));
	REQUIRE_OK(watch(pair.client, ""));
	qnet_socket_write(pair.client, "pending", 7);
	qnet_socket_close(pair.client);
	REQUIRE_TEXT(check_take(&events), "about_to_close =closing");
	REQUIRE(!qnet_socket_is_open(pair.client));
	UNTIL(pair.loop, happened("disconnected") && qnet_socket_state(pair.peer) == QNET_UNCONNECTED_STATE);
	REQUIRE_TEXT(check_take(&events), "written:7 =unconnected finished disconnected");
	REQUIRE_TEXT(qnet_socket_read_all(pair.peer, NULL), "pending");
	pair_close(&pair);

	REQUIRE_OK(pair_open(&pair));
	REQUIRE_OK(watch(pair.client, ""));
	qnet_socket_disconnect_from_host(pair.client);
	REQUIRE_TEXT(check_take(&events), "=closing =unconnected finished disconnected");
	REQUIRE(qnet_socket_is_open(pair.client));
	pair_close(&pair);

	REQUIRE_OK(pair_open(&pair));
	REQUIRE_OK(watch(pair.client, ""));
	qnet_socket_write(pair.client, "dropped", 7);
	qnet_socket_abort(pair.client);
	REQUIRE_TEXT(check_take(&events), "about_to_close =unconnected finished disconnected");
	REQUIRE(!qnet_socket_is_open(pair.client));
	REQUIRE_EQUAL(qnet_socket_bytes_to_write(pair.client), 0);
	pair_close(&pair);
	return NULL;
}

/* What is written, and closed, while connecting comes afterwards. */
static const char *closing_while_connecting(void)
{
	struct pair pair;

	REQUIRE_OK(pair_prepare(&pair));
	REQUIRE_OK(watch(pair.client, ""));
	pair_connect(&pair, QNET_READ_WRITE);
	REQUIRE_EQUAL(qnet_socket_write(pair.client, "early", 5), 5);
	qnet_socket_disconnect_from_host(pair.client);
	REQUIRE_TEXT(check_take(&events), "=lookup =connecting host_found");
	UNTIL(pair.loop, happened("disconnected") && qnet_tcp_server_has_pending_connections(pair.server));
	REQUIRE_TEXT(check_take(&events), "=connected connected =closing written:5 =unconnected finished disconnected");
	pair.peer = qnet_tcp_server_next_pending_connection(pair.server);
	UNTIL(pair.loop, qnet_socket_state(pair.peer) == QNET_UNCONNECTED_STATE);
	REQUIRE_TEXT(qnet_socket_read_all(pair.peer, NULL), "early");
	pair_close(&pair);
	return NULL;
}

static const char *connecting_again(void)
{
	struct pair pair;

	REQUIRE_OK(pair_open(&pair));
	for (int i = 0; i < 3; i++) {
		qnet_socket_abort(pair.client);
		pair_connect(&pair, QNET_READ_WRITE);
		REQUIRE_OK(pair_accept(&pair));
		REQUIRE_OK(arrive(&pair, "again"));
	}
	pair_close(&pair);
	return NULL;
}

static struct pair *reconnecting;

static void reconnect(qnet_socket *socket, void *user_data)
{
	(void)socket;
	check_note(&events, "%s(", (const char *)user_data);
	qnet_socket_abort(reconnecting->client);
	pair_connect(reconnecting, QNET_READ_WRITE);
	check_note(&events, ")");
}

/* What the old connection would still have said is not said of the new one. */
static const char *connecting_again_inside_callbacks(void)
{
	struct pair pair;
	qnet_connection connection;

	REQUIRE_OK(pair_open(&pair));
	REQUIRE_OK(watch(pair.client, ""));
	reconnecting = &pair;
	connection = qnet_socket_on_read_channel_finished(pair.client, reconnect, "again");
	qnet_socket_disconnect_from_host(pair.client);
	REQUIRE(qnet_disconnect(connection));
	REQUIRE_TEXT(check_take(&events), "=closing =unconnected finished again( about_to_close =lookup =connecting host_found )");
	REQUIRE_OK(pair_accept(&pair));
	REQUIRE_TEXT(check_take(&events), "=connected connected");

	connection = qnet_socket_on_ready_read(pair.client, reconnect, "again");
	qnet_socket_write(pair.peer, "x", 1);
	UNTIL(pair.loop, happened(")"));
	REQUIRE(qnet_disconnect(connection));
	REQUIRE_TEXT(check_take(&events), "ready:1 again( about_to_close =unconnected finished disconnected =lookup =connecting host_found )");
	REQUIRE_OK(pair_accept(&pair));
	REQUIRE_TEXT(check_take(&events), "=connected connected");
	REQUIRE_OK(arrive(&pair, "anew"));
	pair_close(&pair);
	return NULL;
}

/* Descriptors and options -------------------------------------------------- */

static const char *binding(void)
{
	struct pair pair;
	qnet_socket *other;
	qnet_host_address address;
	uint16_t port;
	intptr_t fd;

	REQUIRE_OK(pair_prepare(&pair));
	REQUIRE_OK(watch(pair.client, ""));
	REQUIRE(qnet_socket_bind(pair.client, QNET_ADDRESS_LOCAL_HOST, 0, QNET_DEFAULT_FOR_PLATFORM));
	REQUIRE_TEXT(check_take(&events), "=bound");
	port = qnet_socket_local_port(pair.client);
	fd = qnet_socket_socket_descriptor(pair.client);
	REQUIRE(port != 0 && fd >= 0 && qnet_socket_local_address(pair.client, &address));

	other = qnet_tcp_socket_new(pair.loop);
	REQUIRE_OK(watch(other, "other "));
	REQUIRE(!qnet_socket_bind(other, QNET_ADDRESS_LOCAL_HOST, port, QNET_DONT_SHARE_ADDRESS));
	REQUIRE_EQUAL(qnet_socket_error(other), QNET_ADDRESS_IN_USE_ERROR);
	REQUIRE_TEXT(check_take(&events), "other error:8");
	REQUIRE(qnet_socket_bind(other, NULL, 0, QNET_SHARE_ADDRESS | QNET_REUSE_ADDRESS_HINT));
	qnet_socket_delete(other);
	check_take(&events);

	pair_connect(&pair, QNET_READ_WRITE);
	REQUIRE_OK(pair_accept(&pair));
	REQUIRE_EQUAL(qnet_socket_local_port(pair.client), port);
	REQUIRE_EQUAL(qnet_socket_peer_port(pair.peer), port);
	REQUIRE_EQUAL(qnet_socket_socket_descriptor(pair.client), fd);
	pair_close(&pair);
	return NULL;
}

static int system_option(qnet_socket *socket, int level, int name)
{
	int value = -1;
	socklen_t size = sizeof value;

	getsockopt((int)qnet_socket_socket_descriptor(socket), level, name, &value, &size);
	return value;
}

static const char *options(void)
{
	static const struct {
		qnet_option option;
		int level, name, value;
	} list[] = {
		{ QNET_LOW_DELAY_OPTION, IPPROTO_TCP, TCP_NODELAY, 1 },
		{ QNET_KEEP_ALIVE_OPTION, SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ QNET_TYPE_OF_SERVICE_OPTION, IPPROTO_IP, IP_TOS, 32 },
		{ QNET_SEND_BUFFER_SIZE_SOCKET_OPTION, SOL_SOCKET, SO_SNDBUF, 30000 },
		{ QNET_RECEIVE_BUFFER_SIZE_SOCKET_OPTION, SOL_SOCKET, SO_RCVBUF, 30000 },
		{ QNET_KEEP_ALIVE_IDLE_OPTION, IPPROTO_TCP, TCP_KEEPIDLE, 77 },
		{ QNET_KEEP_ALIVE_INTERVAL_OPTION, IPPROTO_TCP, TCP_KEEPINTVL, 7 },
		{ QNET_KEEP_ALIVE_COUNT_OPTION, IPPROTO_TCP, TCP_KEEPCNT, 3 },
		{ QNET_USER_TIMEOUT_OPTION, IPPROTO_TCP, TCP_USER_TIMEOUT, 12345 },
		{ QNET_REUSE_PORT_OPTION, SOL_SOCKET, SO_REUSEPORT, 1 },
	};
	struct pair pair;

	REQUIRE_OK(pair_open(&pair));
	for (size_t i = 0; i < LENGTH(list); i++) {
		REQUIRE_EQUAL(qnet_socket_socket_option(pair.client, list[i].option), system_option(pair.client, list[i].level, list[i].name));
		if (!qnet_socket_set_socket_option(pair.client, list[i].option, list[i].value))
			return check_why("option %d cannot be set", list[i].option);
		REQUIRE_EQUAL(qnet_socket_socket_option(pair.client, list[i].option), system_option(pair.client, list[i].level, list[i].name));
		REQUIRE(system_option(pair.client, list[i].level, list[i].name) >= list[i].value);
	}
	REQUIRE_EQUAL(qnet_socket_socket_option(pair.client, QNET_PATH_MTU_SOCKET_OPTION), system_option(pair.client, IPPROTO_IP, IP_MTU));
	/* The system has multicast for datagrams only. */
	REQUIRE_EQUAL(qnet_socket_socket_option(pair.client, QNET_MULTICAST_TTL_OPTION), system_option(pair.client, IPPROTO_IP, IP_MULTICAST_TTL));
	REQUIRE_EQUAL(qnet_socket_socket_option(pair.client, QNET_MULTICAST_LOOPBACK_OPTION), system_option(pair.client, IPPROTO_IP, IP_MULTICAST_LOOP));
	REQUIRE(!qnet_socket_set_socket_option(pair.client, QNET_MULTICAST_TTL_OPTION, 5));
	REQUIRE_EQUAL(qnet_socket_socket_option(pair.client, (qnet_option)999), -1);
	REQUIRE(!qnet_socket_set_socket_option(pair.client, (qnet_option)999, 1));
	qnet_socket_abort(pair.client);
	REQUIRE_EQUAL(qnet_socket_socket_option(pair.client, QNET_KEEP_ALIVE_OPTION), -1);
	pair_close(&pair);
	return NULL;
}

/* A connection that another library has made. */
static const char *descriptor_of_a_connection(void)
{
	struct pair pair;
	uint16_t port = 0;
	int listener = raw_bind(&port), one, two;

	REQUIRE(listener >= 0 && listen(listener, 1) == 0);
	one = raw_connect(port);
	two = accept(listener, NULL, NULL);
	close(listener);
	REQUIRE(one >= 0 && two >= 0);
	REQUIRE_OK(pair_prepare(&pair));
	REQUIRE_OK(watch(pair.client, ""));
	REQUIRE(qnet_socket_set_socket_descriptor(pair.client, one, QNET_CONNECTED_STATE, QNET_READ_WRITE));
	REQUIRE_EQUAL(qnet_socket_socket_descriptor(pair.client), one);
	REQUIRE_EQUAL(qnet_socket_state(pair.client), QNET_CONNECTED_STATE);
	REQUIRE_EQUAL(qnet_socket_peer_port(pair.client), port);
	REQUIRE((fcntl(one, F_GETFL) & O_NONBLOCK) != 0);
	check_take(&events);
	REQUIRE_EQUAL(write(two, "given", 5), 5);
	UNTIL(pair.loop, qnet_socket_bytes_available(pair.client) == 5);
	qnet_socket_write(pair.client, "taken", 5);
	close(two);
	UNTIL(pair.loop, happened("disconnected"));
	REQUIRE(fcntl(one, F_GETFD) == -1); /* closed: it was the socket's */
	/* A number that is no descriptor is left alone. */
	REQUIRE(!qnet_socket_set_socket_descriptor(pair.client, one, QNET_CONNECTED_STATE, QNET_READ_WRITE));
	REQUIRE_EQUAL(qnet_socket_error(pair.client), QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR);
	REQUIRE(!qnet_socket_set_socket_descriptor(pair.client, -1, QNET_CONNECTED_STATE, QNET_READ_WRITE));
	pair_close(&pair);
	return NULL;
}

/* A socket's own descriptor is not to be closed to make room for itself. */
static const char *descriptor_of_its_own(void)
{
	struct pair pair;
	intptr_t fd;

	REQUIRE_OK(pair_open(&pair));
	fd = qnet_socket_socket_descriptor(pair.client);
	REQUIRE(!qnet_socket_set_socket_descriptor(pair.client, fd, QNET_CONNECTED_STATE, QNET_READ_WRITE));
	REQUIRE_EQUAL(qnet_socket_socket_descriptor(pair.client), fd);
	REQUIRE_OK(arrive(&pair, "still connected"));
	pair_close(&pair);
	return NULL;
}

/* What is no socket can be read and written too, and raises no signal. */
static const char *descriptor_of_a_fifo(void)
{
	char name[] = "/tmp/qnet-fifo-XXXXXX", path[64];
	qnet_loop *loop = qnet_loop_new();
	qnet_socket *reader = qnet_tcp_socket_new(loop), *writer = qnet_tcp_socket_new(loop);
	int in, out;

	REQUIRE(mkdtemp(name) != NULL);
	snprintf(path, sizeof path, "%s/fifo", name);
	REQUIRE_EQUAL(mkfifo(path, 0600), 0);
	in = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	out = open(path, O_WRONLY | O_CLOEXEC);
	unlink(path);
	rmdir(name);
	REQUIRE_OK(watch(writer, ""));
	REQUIRE(qnet_socket_set_socket_descriptor(reader, in, QNET_CONNECTED_STATE, QNET_READ_ONLY));
	REQUIRE(qnet_socket_set_socket_descriptor(writer, out, QNET_CONNECTED_STATE, QNET_WRITE_ONLY));
	REQUIRE_EQUAL(qnet_socket_write(writer, "through", 7), 7);
	UNTIL(loop, qnet_socket_bytes_available(reader) == 7);
	REQUIRE_TEXT(qnet_socket_read_all(reader, NULL), "through");
	check_take(&events);
	qnet_socket_delete(reader);
	qnet_socket_write(writer, "nobody", 6); /* SIGPIPE would end the test */
	UNTIL(loop, happened("disconnected"));
	REQUIRE(happened("error:"));
	qnet_socket_delete(writer);
	qnet_loop_delete(loop);
	return NULL;
}

/* Waiting ------------------------------------------------------------------ */

static const char *waiting(void)
{
	struct pair pair;
	bool timed_out = true;

	REQUIRE_OK(pair_prepare(&pair));
	REQUIRE_OK(watch(pair.client, ""));
	pair_connect(&pair, QNET_READ_WRITE);
	REQUIRE(qnet_socket_wait_for_connected(pair.client, 5000));
	REQUIRE(qnet_socket_wait_for_connected(pair.client, 0));
	REQUIRE_TEXT(check_take(&events), "=lookup =connecting host_found =connected connected");
	REQUIRE(qnet_tcp_server_wait_for_new_connection(pair.server, 5000, &timed_out));
	REQUIRE(!timed_out);
	pair.peer = qnet_tcp_server_next_pending_connection(pair.server);

	REQUIRE(!qnet_socket_wait_for_bytes_written(pair.client, 1000));
	qnet_socket_write(pair.client, "ask", 3);
	REQUIRE(qnet_socket_wait_for_bytes_written(pair.client, 5000));
	REQUIRE_TEXT(check_take(&events), "written:3");
	REQUIRE(qnet_socket_wait_for_ready_read(pair.peer, 5000));
	REQUIRE_TEXT(qnet_socket_read_all(pair.peer, NULL), "ask");

	qnet_socket_write(pair.peer, "answer", 6);
	qnet_socket_disconnect_from_host(pair.peer);
	REQUIRE(qnet_socket_wait_for_disconnected(pair.peer, 5000));
	REQUIRE(qnet_socket_wait_for_ready_read(pair.client, -1));
	REQUIRE_TEXT(check_take(&events), "ready:6");
	REQUIRE(qnet_socket_wait_for_disconnected(pair.client, -1));
	REQUIRE_TEXT(check_take(&events), "error:1 =closing =unconnected finished disconnected");

	REQUIRE(!qnet_socket_wait_for_connected(pair.client, 1000));
	REQUIRE(!qnet_socket_wait_for_ready_read(pair.client, 1000));
	REQUIRE_WARNINGS(0);
	REQUIRE(!qnet_socket_wait_for_bytes_written(pair.client, 1000));
	REQUIRE(!qnet_socket_wait_for_disconnected(pair.client, 1000));
	REQUIRE_WARNINGS(2);
	pair_close(&pair);
	return NULL;
}

static const char *waiting_in_vain(void)
{
	struct pair pair;
	int64_t start;

	REQUIRE_OK(pair_open(&pair));
	REQUIRE_OK(watch(pair.client, ""));
	start = check_now();
	REQUIRE(!qnet_socket_wait_for_ready_read(pair.client, 50));
	REQUIRE(check_now() - start >= 49);
	REQUIRE_TEXT(check_take(&events), "error:5");
	REQUIRE_EQUAL(qnet_socket_state(pair.client), QNET_CONNECTED_STATE);
	REQUIRE(!qnet_socket_wait_for_disconnected(pair.client, 10));
	REQUIRE_TEXT(check_take(&events), "error:5");
	REQUIRE_OK(arrive(&pair, "still connected"));
	pair_close(&pair);
	return NULL;
}

static const char *waiting_for_a_refusal(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_socket *socket = qnet_tcp_socket_new(loop), *connected[2] = { NULL };
	uint16_t port = 0;
	int fd = raw_bind(&port);

	REQUIRE_OK(watch(socket, ""));
	qnet_socket_connect_to_host(socket, "localhost", port, QNET_READ_WRITE, QNET_IPV4_PROTOCOL);
	REQUIRE(!qnet_socket_wait_for_connected(socket, 5000));
	REQUIRE_TEXT(check_take(&events), "=lookup =connecting host_found =unconnected error:0");
	/* A full backlog: the connection neither fails nor comes about. */
	REQUIRE_EQUAL(listen(fd, 0), 0);
	for (int i = 0; i < 3; i++) {
		qnet_socket_abort(socket);
		check_take(&events);
		qnet_socket_connect_to_address(socket, QNET_ADDRESS_LOCAL_HOST, port, QNET_READ_WRITE);
		qnet_socket_set_owner(socket, NULL);
		if (qnet_socket_wait_for_connected(socket, 100)) {
			REQUIRE(i < 2);
			connected[i] = socket;
			socket = qnet_tcp_socket_new(loop);
			REQUIRE_OK(watch(socket, ""));
		} else {
			REQUIRE_TEXT(check_take(&events), "=lookup =connecting host_found =unconnected");
			REQUIRE_EQUAL(qnet_socket_error(socket), QNET_SOCKET_TIMEOUT_ERROR);
			break;
		}
	}
	close(fd);
	qnet_socket_delete(socket);
	for (size_t i = 0; i < LENGTH(connected); i++)
		if (connected[i] != NULL)
			qnet_socket_delete(connected[i]);
	qnet_loop_delete(loop);
	return NULL;
}

/* A thread of its own that waits while the loop runs on this one. */
struct waiter {
	qnet_socket *socket;
	bool (*wait)(qnet_socket *, int);
	int milliseconds;
	atomic_bool done;
	bool answer;
	pthread_t thread;
};

static void *wait_there(void *data)
{
	struct waiter *waiter = data;

	waiter->answer = waiter->wait(waiter->socket, waiter->milliseconds);
	waiter->done = true;
	return NULL;
}

static void start_waiter(struct waiter *waiter)
{
	waiter->done = false;
	waiter->answer = false;
	pthread_create(&waiter->thread, NULL, wait_there, waiter);
}

static const char *waiting_on_another_thread(void)
{
	struct pair pair;
	struct waiter waiter = { .wait = qnet_socket_wait_for_connected, .milliseconds = -1 };

	REQUIRE_OK(pair_prepare(&pair));
	waiter.socket = pair.client;
	pair_connect(&pair, QNET_READ_WRITE);
	start_waiter(&waiter);
	UNTIL(pair.loop, waiter.done);
	pthread_join(waiter.thread, NULL);
	REQUIRE(waiter.answer);
	REQUIRE_OK(pair_accept(&pair));

	waiter.wait = qnet_socket_wait_for_ready_read;
	start_waiter(&waiter);
	for (int64_t end = check_now() + 10000; !waiter.done && check_now() < end;) {
		/* Data that came before it began does not count. */
		qnet_socket_write(pair.peer, "data", 4);
		qnet_loop_process_events(pair.loop, 20);
		check_sleep(1);
	}
	REQUIRE(waiter.done);
	pthread_join(waiter.thread, NULL);
	REQUIRE(waiter.answer);

	/* It ends with the connection, and with the socket. */
	waiter.wait = qnet_socket_wait_for_disconnected;
	start_waiter(&waiter);
	qnet_loop_process_events(pair.loop, 20);
	qnet_socket_abort(pair.client);
	pthread_join(waiter.thread, NULL);
	check_warnings = 0; /* if it had not begun before */

	pair_connect(&pair, QNET_READ_WRITE);
	REQUIRE_OK(pair_accept(&pair));
	waiter.wait = qnet_socket_wait_for_ready_read;
	start_waiter(&waiter);
	check_sleep(30);
	qnet_socket_delete(pair.client);
	pair.client = NULL;
	pthread_join(waiter.thread, NULL);
	REQUIRE(!waiter.answer);
	check_warnings = 0;
	pair_close(&pair);
	return NULL;
}

/* A signal handler that writes to a pipe, as hosts have it. */
static int interrupt_pipe[2];

static void write_to_pipe(int number)
{
	char byte = (char)number;
	ssize_t done = write(interrupt_pipe[1], &byte, 1);

	(void)done;
}

static void *raise_signal(void *thread)
{
	check_sleep(20);
	pthread_kill(*(pthread_t *)thread, SIGUSR1);
	return NULL;
}

static const char *waiting_until_a_signal(void)
{
	static bool (*const waits[])(qnet_socket *, int) = {
		qnet_socket_wait_for_ready_read,
		qnet_socket_wait_for_disconnected,
	};
	struct sigaction action = { .sa_handler = write_to_pipe, .sa_flags = SA_ONSTACK }, before;
	struct pair pair;
	pthread_t self = pthread_self(), thread;
	struct waiter waiter = { .wait = qnet_socket_wait_for_ready_read, .milliseconds = 50 };
	bool timed_out = true;
	char byte;

	REQUIRE_EQUAL(pipe(interrupt_pipe), 0);
	sigaction(SIGUSR1, &action, &before);
	REQUIRE_OK(pair_open(&pair));
	REQUIRE_OK(watch(pair.client, ""));
	qnet_set_interrupt_fd(interrupt_pipe[0]);
	REQUIRE(!qnet_interrupted());
	for (size_t i = 0; i < LENGTH(waits); i++) {
		pthread_create(&thread, NULL, raise_signal, &self);
		REQUIRE(!waits[i](pair.client, -1));
		pthread_join(thread, NULL);
		REQUIRE(qnet_interrupted());
		REQUIRE(!qnet_interrupted());
		REQUIRE_EQUAL(read(interrupt_pipe[0], &byte, 1), 1);
		REQUIRE_EQUAL(byte, SIGUSR1);
	}
	REQUIRE_TEXT(check_take(&events), "");
	pthread_create(&thread, NULL, raise_signal, &self);
	REQUIRE(!qnet_tcp_server_wait_for_new_connection(pair.server, -1, &timed_out));
	pthread_join(thread, NULL);
	REQUIRE(!timed_out);
	REQUIRE(qnet_interrupted());

	/* The pipe is readable still: another thread waits for its time, this one not at all. */
	waiter.socket = pair.peer;
	start_waiter(&waiter);
	pthread_join(waiter.thread, NULL);
	REQUIRE_EQUAL(qnet_socket_error(pair.peer), QNET_SOCKET_TIMEOUT_ERROR);
	qnet_socket_write(pair.peer, "data", 4);
	qnet_socket_flush(pair.peer);
	REQUIRE(!qnet_socket_wait_for_ready_read(pair.client, 5000));
	REQUIRE(qnet_interrupted());
	qnet_set_interrupt_fd(-1);
	REQUIRE(qnet_socket_wait_for_ready_read(pair.client, 5000));
	REQUIRE(!qnet_interrupted());
	sigaction(SIGUSR1, &before, NULL);
	pair_close(&pair);
	close(interrupt_pipe[0]);
	close(interrupt_pipe[1]);
	return NULL;
}

/* Lifetime ----------------------------------------------------------------- */

static const char *deleting(void)
{
	struct pair pair;

	REQUIRE_OK(pair_open(&pair));
	REQUIRE_OK(watch(pair.client, ""));
	qnet_socket_delete_later(pair.client);
	qnet_socket_delete_later(pair.client);
	REQUIRE_EQUAL(qnet_socket_state(pair.client), QNET_CONNECTED_STATE);
	UNTIL(pair.loop, happened("destroyed"));
	REQUIRE_TEXT(check_take(&events), "about_to_close =unconnected finished disconnected destroyed");
	REQUIRE_EQUAL(qnet_socket_state(pair.client), QNET_UNCONNECTED_STATE);
	REQUIRE_WARNINGS(1);
	qnet_socket_delete_later(pair.client);
	qnet_socket_delete(pair.client);
	REQUIRE_WARNINGS(2);
	pair.client = NULL;
	pair_close(&pair);
	return NULL;
}

static void delete_in_state(qnet_socket *socket, qnet_state state, void *user_data)
{
	if (state == QNET_CONNECTED_STATE) {
		qnet_socket_delete(socket);
		check_note(&events, "%sback", (const char *)user_data);
	}
}

/* What a socket would still have said after its deletion is not said. */
static const char *deleting_inside_callbacks(void)
{
	struct pair pair;

	REQUIRE_OK(pair_prepare(&pair));
	qnet_socket_on_state_changed(pair.client, delete_in_state, "");
	REQUIRE_OK(watch(pair.client, ""));
	pair_connect(&pair, QNET_READ_WRITE);
	UNTIL(pair.loop, happened("back"));
	check_settle(pair.loop);
	REQUIRE_TEXT(check_take(&events), "=lookup =connecting host_found about_to_close =unconnected finished disconnected destroyed back");
	pair.client = NULL;
	pair_close(&pair);
	return NULL;
}

static void delete_later_and_nest(qnet_socket *socket, void *user_data)
{
	struct pair *pair = user_data;

	qnet_socket_delete_later(socket);
	check_settle(pair->loop);
	check_note(&events, "nested:%d", qnet_socket_state(socket));
}

/* A deletion that was put off in a callback waits for that callback's loop. */
static const char *deleting_later_with_nested_loop(void)
{
	struct pair pair;

	REQUIRE_OK(pair_open(&pair));
	check_take(&events);
	qnet_socket_on_ready_read(pair.client, delete_later_and_nest, &pair);
	qnet_socket_on_destroyed(pair.client, on_destroyed, "");
	qnet_socket_write(pair.peer, "x", 1);
	UNTIL(pair.loop, happened("destroyed"));
	REQUIRE_TEXT(check_take(&events), "nested:3 destroyed");
	pair.client = NULL;
	pair_close(&pair);
	return NULL;
}

static const char *owners(void)
{
	struct pair pair;
	qnet_loop *loop = qnet_loop_new();
	qnet_tcp_server *stranger = qnet_tcp_server_new(loop);
	qnet_socket *kept;

	REQUIRE_OK(pair_open(&pair));
	REQUIRE_OK(watch(pair.peer, ""));
	kept = pair.peer;
	REQUIRE(!qnet_socket_set_owner(kept, stranger));
	REQUIRE_WARNINGS(1);
	qnet_tcp_server_delete(stranger);
	qnet_loop_delete(loop);
	REQUIRE(qnet_socket_set_owner(kept, NULL));
	REQUIRE(qnet_socket_set_owner(pair.client, pair.server));
	qnet_tcp_server_delete(pair.server);
	pair.server = NULL;
	/* The client went with the server, the peer did not. */
	REQUIRE_WARNINGS(0);
	REQUIRE_EQUAL(qnet_socket_state(kept), QNET_CONNECTED_STATE);
	REQUIRE_EQUAL(qnet_socket_state(pair.client), QNET_UNCONNECTED_STATE);
	REQUIRE_WARNINGS(1);
	pair.client = NULL;
	REQUIRE(!happened("destroyed"));
	qnet_socket_delete(kept);
	REQUIRE(happened("destroyed"));
	pair_close(&pair);
	return NULL;
}

/* For those who build their own kind of socket ------------------------------- */

static const char *protected_setters(void)
{
	struct pair pair;
	qnet_host_address address;

	REQUIRE_OK(pair_open(&pair));
	REQUIRE_OK(watch(pair.client, ""));
	qnet_host_address_set_address(&address, "192.0.2.1");
	qnet_socket_set_local_address(pair.client, &address);
	qnet_socket_set_local_port(pair.client, 11);
	qnet_host_address_set_address(&address, "192.0.2.2");
	qnet_socket_set_peer_address(pair.client, &address);
	qnet_socket_set_peer_port(pair.client, 22);
	qnet_socket_set_peer_name(pair.client, "a name");
	qnet_socket_set_socket_error(pair.client, QNET_TEMPORARY_ERROR);
	REQUIRE(qnet_socket_local_address(pair.client, &address) && address.bytes[3] == 1);
	REQUIRE_EQUAL(qnet_socket_local_port(pair.client), 11);
	REQUIRE(qnet_socket_peer_address(pair.client, &address) && address.bytes[3] == 2);
	REQUIRE_EQUAL(qnet_socket_peer_port(pair.client), 22);
	REQUIRE_TEXT(qnet_socket_peer_name(pair.client), "a name");
	REQUIRE_EQUAL(qnet_socket_error(pair.client), QNET_TEMPORARY_ERROR);
	REQUIRE_OK(arrive(&pair, "still connected"));
	qnet_socket_set_socket_state(pair.client, QNET_CLOSING_STATE);
	REQUIRE_EQUAL(qnet_socket_state(pair.client), QNET_CLOSING_STATE);
	qnet_socket_set_socket_state(pair.client, QNET_CONNECTED_STATE);
	REQUIRE_TEXT(check_take(&events), "ready:15");

	qnet_socket_set_protocol_tag(pair.client, "http");
	REQUIRE_TEXT(qnet_socket_protocol_tag(pair.client), "http");
	qnet_socket_set_protocol_tag(pair.client, NULL);
	REQUIRE_TEXT(qnet_socket_protocol_tag(pair.client), "");
	qnet_socket_set_pause_mode(pair.client, QNET_PAUSE_ON_SSL_ERRORS);
	REQUIRE_EQUAL(qnet_socket_pause_mode(pair.client), QNET_PAUSE_ON_SSL_ERRORS);
	qnet_socket_resume(pair.client);
	pair_close(&pair);
	return NULL;
}

/* The process -------------------------------------------------------------- */

static const char *no_descriptor_left(void)
{
	int before = check_count_descriptors();

	REQUIRE_OK(connected());
	REQUIRE_OK(closing());
	REQUIRE_OK(binding());
	REQUIRE_OK(waiting());
	REQUIRE_OK(waiting_on_another_thread());
	REQUIRE_OK(descriptor_of_a_connection());
	REQUIRE_OK(deleting_inside_callbacks());
	REQUIRE_EQUAL(check_count_descriptors(), before);
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		{ "fresh", fresh },
		{ "connected", connected },
		{ "connected_by_name", connected_by_name },
		{ "refused", refused },
		{ "error_of_the_last_call", error_of_the_last_call },
		{ "reading", reading },
		{ "reading_lines", reading_lines },
		{ "reading_text", reading_text },
		{ "reading_unbuffered", reading_unbuffered },
		{ "reading_after_a_reset", reading_after_a_reset },
		{ "transactions", transactions },
		{ "read_buffer_limit", read_buffer_limit },
		{ "writing", writing },
		{ "writing_much", writing_much },
		{ "write_buffer_limit", write_buffer_limit },
		{ "writing_with_nested_loop", writing_with_nested_loop },
		{ "ready_read_is_not_recursive", ready_read_is_not_recursive },
		{ "peer_closes", peer_closes },
		{ "peer_resets", peer_resets },
		{ "closing", closing },
		{ "closing_while_connecting", closing_while_connecting },
		{ "connecting_again", connecting_again },
		{ "connecting_again_inside_callbacks", connecting_again_inside_callbacks },
		{ "binding", binding },
		{ "options", options },
		{ "descriptor_of_a_connection", descriptor_of_a_connection },
		{ "descriptor_of_its_own", descriptor_of_its_own },
		{ "descriptor_of_a_fifo", descriptor_of_a_fifo },
		{ "waiting", waiting },
		{ "waiting_in_vain", waiting_in_vain },
		{ "waiting_for_a_refusal", waiting_for_a_refusal },
		{ "waiting_on_another_thread", waiting_on_another_thread },
		{ "waiting_until_a_signal", waiting_until_a_signal },
		{ "deleting", deleting },
		{ "deleting_inside_callbacks", deleting_inside_callbacks },
		{ "deleting_later_with_nested_loop", deleting_later_with_nested_loop },
		{ "owners", owners },
		{ "protected_setters", protected_setters },
		{ "no_descriptor_left", no_descriptor_left },
	};

	return check_main(cases, LENGTH(cases), argc, argv);
}
