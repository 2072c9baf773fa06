/*
 * Connections whose two directions end one after the other: what was written arrives,
 * whoever has said all first.
 */
#include "pair.h"

#include <pthread.h>
#include <sys/un.h>

enum { LARGE = 12 << 20 };

static char large[LARGE];

static struct check_log events;

static void on_ready_read(qnet_socket *socket, void *user_data)
{
	(void)socket;
	(void)user_data;
	check_note(&events, "ready");
}

static void on_error(qnet_socket *socket, qnet_error error, void *user_data)
{
	(void)socket;
	(void)user_data;
	check_note(&events, "error:%d", error);
}

static void on_finished(qnet_socket *socket, void *user_data)
{
	(void)user_data;
	check_note(&events, "finished:%d", qnet_socket_is_read_channel_finished(socket));
}

static void on_disconnected(qnet_socket *socket, void *user_data)
{
	(void)socket;
	(void)user_data;
	check_note(&events, "disconnected");
}

static void watch(qnet_socket *socket)
{
	check_take(&events);
	qnet_socket_on_ready_read(socket, on_ready_read, NULL);
	qnet_socket_on_error_occurred(socket, on_error, NULL);
	qnet_socket_on_read_channel_finished(socket, on_finished, NULL);
	qnet_socket_on_disconnected(socket, on_disconnected, NULL);
}

/* A connection of a server whose other end is a plain descriptor. */
struct served {
	qnet_loop *loop;
	qnet_tcp_server *tcp;
	qnet_local_server *local;
	qnet_socket *socket;
	int fd;
};

static void served_close(struct served *served)
{
	if (served->tcp != NULL)
		qnet_tcp_server_delete(served->tcp);
	if (served->local != NULL)
		qnet_local_server_delete(served->local);
	close(served->fd);
	qnet_loop_delete(served->loop);
}

static const char *serve_tcp(struct served *served, bool half_open)
{
	struct sockaddr_in to = { .sin_family = AF_INET };

	*served = (struct served){ .loop = qnet_loop_new() };
	served->tcp = qnet_tcp_server_new(served->loop);
	REQUIRE(!qnet_tcp_server_allow_half_open(served->tcp));
	qnet_tcp_server_set_allow_half_open(served->tcp, half_open);
	REQUIRE_EQUAL(qnet_tcp_server_allow_half_open(served->tcp), half_open);
	REQUIRE(qnet_tcp_server_listen(served->tcp, QNET_ADDRESS_LOCAL_HOST, 0));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = htons(qnet_tcp_server_server_port(served->tcp));
	served->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	REQUIRE(connect(served->fd, (struct sockaddr *)&to, sizeof to) == 0);
	UNTIL(served->loop, qnet_tcp_server_has_pending_connections(served->tcp));
	served->socket = qnet_tcp_server_next_pending_connection(served->tcp);
	return NULL;
}

static const char *serve_local(struct served *served, bool half_open)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	*served = (struct served){ .loop = qnet_loop_new() };
	served->local = qnet_local_server_new(served->loop);
	REQUIRE(!qnet_local_server_allow_half_open(served->local));
	qnet_local_server_set_allow_half_open(served->local, half_open);
	REQUIRE_EQUAL(qnet_local_server_allow_half_open(served->local), half_open);
	snprintf(to.sun_path, sizeof to.sun_path, "/tmp/qnet-half-open-%d", (int)getpid());
	REQUIRE(qnet_local_server_listen(served->local, to.sun_path));
	served->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	REQUIRE(connect(served->fd, (struct sockaddr *)&to, sizeof to) == 0);
	UNTIL(served->loop, qnet_local_server_has_pending_connections(served->local));
	served->socket = qnet_local_server_next_pending_connection(served->local);
	return NULL;
}

typedef const char *(*serve)(struct served *, bool half_open);

static const serve servers[] = { serve_tcp, serve_local };

/* Reads to the end, on a thread of its own. */
struct reader {
	pthread_t thread;
	int fd;
	int64_t bytes;
	bool same, ended;
	atomic_bool done;
};

static void *reader_run(void *argument)
{
	static char piece[1 << 16];
	struct reader *reader = argument;
	ssize_t n;

	reader->same = true;
	while ((n = read(reader->fd, piece, sizeof piece)) > 0) {
		reader->same = reader->same && memcmp(piece, large + reader->bytes, (size_t)n) == 0;
		reader->bytes += n;
	}
	reader->ended = n == 0;
	reader->done = true;
	return NULL;
}

static const char *reader_start(struct reader *reader, int fd)
{
	*reader = (struct reader){ .fd = fd };
	REQUIRE_EQUAL(pthread_create(&reader->thread, NULL, reader_run, reader), 0);
	return NULL;
}

static const char *reader_has_all(struct reader *reader, qnet_loop *loop)
{
	UNTIL(loop, reader->done);
	pthread_join(reader->thread, NULL);
	REQUIRE_EQUAL(reader->bytes, LARGE);
	REQUIRE(reader->same && reader->ended);
	return NULL;
}

static void answer(qnet_socket *socket, void *user_data)
{
	char request[10];

	(void)user_data;
	if (qnet_socket_read(socket, request, sizeof request) > 0)
		qnet_socket_write(socket, large, LARGE);
}

/* As in Qt the peer's end is that of the connection, but its answer comes before. */
static const char *the_answer_is_whole(void)
{
	for (size_t i = 0; i < LENGTH(servers); i++) {
		struct served served;
		struct reader reader;

		REQUIRE_OK(servers[i](&served, false));
		REQUIRE(!qnet_socket_allow_half_open(served.socket));
		qnet_socket_on_ready_read(served.socket, answer, NULL);
		watch(served.socket);
		REQUIRE_EQUAL(write(served.fd, "request", 7), 7);
		REQUIRE_EQUAL(shutdown(served.fd, SHUT_WR), 0);
		UNTIL(served.loop, qnet_socket_bytes_to_write(served.socket) > 0);
		check_settle(served.loop);
		REQUIRE_EQUAL(qnet_socket_state(served.socket), QNET_CONNECTED_STATE);
		REQUIRE(qnet_socket_bytes_to_write(served.socket) > 0);
		REQUIRE_OK(reader_start(&reader, served.fd));
		REQUIRE_OK(reader_has_all(&reader, served.loop));
		UNTIL(served.loop, qnet_socket_state(served.socket) == QNET_UNCONNECTED_STATE);
		REQUIRE_TEXT(check_take(&events), "ready error:1 finished:0 disconnected");
		REQUIRE_EQUAL(qnet_socket_bytes_to_write(served.socket), 0);
		served_close(&served);
	}
	return NULL;
}

/* A late answer, and its end. */
static const char *a_half_open_connection(void)
{
	for (size_t i = 0; i < LENGTH(servers); i++) {
		struct served served;
		struct reader reader;
		char request[10];

		REQUIRE_OK(servers[i](&served, true));
		REQUIRE(qnet_socket_allow_half_open(served.socket));
		watch(served.socket);
		REQUIRE_EQUAL(write(served.fd, "request", 7), 7);
		REQUIRE_EQUAL(shutdown(served.fd, SHUT_WR), 0);
		UNTIL(served.loop, qnet_socket_is_read_channel_finished(served.socket));
		check_settle(served.loop);
		REQUIRE_TEXT(check_take(&events), "ready finished:1");
		REQUIRE_EQUAL(qnet_socket_state(served.socket), QNET_CONNECTED_STATE);
		REQUIRE_EQUAL(qnet_socket_read(served.socket, request, sizeof request), 7);
		REQUIRE_EQUAL(qnet_socket_read(served.socket, request, sizeof request), -1);
		REQUIRE(qnet_socket_at_end(served.socket) && qnet_socket_is_writable(served.socket));
		REQUIRE(!qnet_socket_wait_for_ready_read(served.socket, -1));
		REQUIRE_EQUAL(qnet_socket_write(served.socket, large, 10), 10);
		REQUIRE(qnet_socket_wait_for_bytes_written(served.socket, 10000));
		REQUIRE_EQUAL(qnet_socket_write(served.socket, large + 10, LARGE - 10), LARGE - 10);
		qnet_socket_close_write_channel(served.socket);
		REQUIRE(!qnet_socket_is_writable(served.socket));
		REQUIRE_EQUAL(qnet_socket_write(served.socket, "x", 1), -1);
		REQUIRE_EQUAL(qnet_socket_error(served.socket), QNET_OPERATION_ERROR);
		REQUIRE_OK(reader_start(&reader, served.fd));
		REQUIRE_OK(reader_has_all(&reader, served.loop));
		UNTIL(served.loop, qnet_socket_state(served.socket) == QNET_UNCONNECTED_STATE);
		REQUIRE_TEXT(check_take(&events), "disconnected");
		REQUIRE(!qnet_socket_is_read_channel_finished(served.socket));
		served_close(&served);
	}
	return NULL;
}

/* A client that says all that it has to say, and listens on. */
static const char *a_client_that_has_said_all(void)
{
	for (int half_open = 0; half_open < 2; half_open++) {
		struct pair pair;
		char data[10];

		REQUIRE_OK(pair_prepare(&pair));
		qnet_tcp_server_set_allow_half_open(pair.server, true);
		qnet_socket_set_allow_half_open(pair.client, half_open);
		watch(pair.client);
		pair_connect(&pair, QNET_READ_WRITE);
		/* While connecting, too. */
		REQUIRE_EQUAL(qnet_socket_write(pair.client, "request", 7), 7);
		qnet_socket_close_write_channel(pair.client);
		REQUIRE_OK(pair_accept(&pair));
		UNTIL(pair.loop, qnet_socket_is_read_channel_finished(pair.peer));
		REQUIRE_EQUAL(qnet_socket_read(pair.peer, data, sizeof data), 7);
		REQUIRE_EQUAL(qnet_socket_write(pair.peer, "answer", 6), 6);
		UNTIL(pair.loop, qnet_socket_bytes_available(pair.client) == 6);
		REQUIRE_EQUAL(qnet_socket_read(pair.client, data, sizeof data), 6);
		REQUIRE_TEXT(check_take(&events), "ready");
		qnet_socket_close_write_channel(pair.peer);
		UNTIL(pair.loop, qnet_socket_state(pair.client) == QNET_UNCONNECTED_STATE);
		REQUIRE_TEXT(check_take(&events), half_open ? "finished:1 disconnected" : "error:1 finished:0 disconnected");
		pair_close(&pair);
	}
	return NULL;
}

/* In a callback that reads and writes without entering Go. */
static void say_all(qnet_socket *socket, void *user_data)
{
	char data[100];
	int64_t size = qnet_socket_read(socket, data, sizeof data);

	(void)user_data;
	qnet_socket_write(socket, data, size);
	qnet_socket_close_write_channel(socket);
	check_note(&events, "%d", (int)qnet_socket_write(socket, data, size));
}

static const char *the_end_in_a_callback(void)
{
	struct served served;
	char data[20];

	check_take(&events);
	REQUIRE_OK(serve_tcp(&served, true));
	qnet_socket_on_ready_read(served.socket, say_all, NULL);
	REQUIRE_EQUAL(write(served.fd, "said", 4), 4);
	UNTIL(served.loop, !qnet_socket_is_writable(served.socket));
	check_settle(served.loop);
	REQUIRE_EQUAL(read(served.fd, data, sizeof data), 4);
	REQUIRE_EQUAL(read(served.fd, data, sizeof data), 0);
	/* It is called again, and what it writes is refused. */
	REQUIRE_EQUAL(write(served.fd, "more", 4), 4);
	check_settle(served.loop);
	REQUIRE_TEXT(check_take(&events), "-1 -1");
	REQUIRE_EQUAL(qnet_socket_state(served.socket), QNET_CONNECTED_STATE);
	served_close(&served);
	return NULL;
}

static const char *where_there_is_no_channel(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_socket *tcp = qnet_tcp_socket_new(loop), *udp = qnet_udp_socket_new(loop);

	qnet_socket_close_write_channel(tcp);
	REQUIRE_WARNINGS(1);
	qnet_socket_close_write_channel(udp);
	REQUIRE_EQUAL(qnet_socket_error(udp), QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR);
	REQUIRE(!qnet_socket_is_read_channel_finished(tcp));
	qnet_socket_delete(tcp);
	qnet_socket_delete(udp);
	qnet_loop_delete(loop);
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		{ "the_answer_is_whole", the_answer_is_whole },
		{ "a_half_open_connection", a_half_open_connection },
		{ "a_client_that_has_said_all", a_client_that_has_said_all },
		{ "the_end_in_a_callback", the_end_in_a_callback },
		{ "where_there_is_no_channel", where_there_is_no_channel },
	};

	for (size_t i = 0; i < sizeof large; i++)
		large[i] = (char)(i * 7 + i / 251);
	return check_main(cases, LENGTH(cases), argc, argv);
}
