/*
 * Bytes that are not copied: gathered parts, memory that is lent, files, and what one connection
 * passes on to another; and messages that are written whole or not at all.
 */
#include "pair.h"

#include <pthread.h>
#include <sys/mman.h>

enum { LARGE = 3 << 20 };

static char large[LARGE];

/* What has arrived at the pair's other end. */
static char got[4 * LARGE];
static size_t got_size;

static int returned; /* how often lent memory has come back */
static pthread_t returned_on;

static void on_returned(void *user_data)
{
	(void)user_data;
	returned++;
	returned_on = pthread_self();
}

static void take(qnet_socket *socket, void *user_data)
{
	int64_t n;

	(void)user_data;
	while (got_size < sizeof got && (n = qnet_socket_read(socket, got + got_size, (int64_t)(sizeof got - got_size))) > 0)
		got_size += (size_t)n;
}

static const char *open_pair(struct pair *pair)
{
	REQUIRE_OK(pair_open(pair));
	qnet_socket_on_ready_read(pair->peer, take, NULL);
	got_size = 0;
	returned = 0;
	return NULL;
}

/* Makes a file with the first bytes of large. */
static int make_file(size_t size)
{
	int file = memfd_create("file", MFD_CLOEXEC);

	if (file < 0 || write(file, large, size) != (ssize_t)size)
		return -1;
	return file;
}

static void count(qnet_socket *socket, int64_t bytes, void *user_data)
{
	(void)socket;
	*(int64_t *)user_data += bytes;
}

static const char *everything_in_order(void)
{
	const qnet_write_part parts[] = { { "one ", 4 }, { NULL, 0 }, { "two ", 4 }, { "three ", 6 } };
	struct pair pair;
	int64_t written = 0, total;
	int file = make_file(LARGE);

	REQUIRE(file >= 0);
	REQUIRE_OK(open_pair(&pair));
	qnet_socket_on_bytes_written(pair.client, count, &written);
	REQUIRE_EQUAL(qnet_socket_write_parts(pair.client, parts, LENGTH(parts)), 14);
	REQUIRE_EQUAL(qnet_socket_write_lent(pair.client, large, LARGE, on_returned, NULL), LARGE);
	REQUIRE_EQUAL(qnet_socket_write(pair.client, "between", 7), 7);
	REQUIRE_EQUAL(qnet_socket_send_file(pair.client, file, 1000, LARGE - 2000), LARGE - 2000);
	REQUIRE_EQUAL(qnet_socket_send_file(pair.client, file, LARGE - 10, -1), 10);
	close(file); /* the socket has its own */
	REQUIRE_EQUAL(qnet_socket_write_lent(pair.client, "the end", 7, NULL, NULL), 7);
	REQUIRE_EQUAL(returned, 0);
	total = 14 + LARGE + 7 + LARGE - 2000 + 10 + 7;
	REQUIRE_EQUAL(qnet_socket_bytes_to_write(pair.client), total);
	UNTIL(pair.loop, (int64_t)got_size == total);
	check_settle(pair.loop);
	REQUIRE_EQUAL(written, total);
	REQUIRE_EQUAL(qnet_socket_bytes_to_write(pair.client), 0);
	REQUIRE_EQUAL(returned, 1);
	REQUIRE(pthread_equal(returned_on, pthread_self()));
	REQUIRE(memcmp(got, "one two three ", 14) == 0);
	REQUIRE(memcmp(got + 14, large, LARGE) == 0);
	REQUIRE(memcmp(got + 14 + LARGE, "between", 7) == 0);
	REQUIRE(memcmp(got + 21 + LARGE, large + 1000, LARGE - 2000) == 0);
	REQUIRE(memcmp(got + total - 17, large + LARGE - 10, 10) == 0);
	REQUIRE(memcmp(got + total - 7, "the end", 7) == 0);
	pair_close(&pair);
	return NULL;
}

static const char *bad_arguments(void)
{
	const qnet_write_part parts[] = { { "one ", 4 }, { NULL, 1 }, { "x", -1 } };
	struct pair pair;
	qnet_socket *fresh, *udp;
	int file = make_file(100), ends[2];

	REQUIRE(file >= 0 && pipe(ends) == 0);
	REQUIRE_OK(open_pair(&pair));
	REQUIRE_EQUAL(qnet_socket_write_parts(pair.client, parts, 2), -1);
	REQUIRE_WARNINGS(1);
	REQUIRE_EQUAL(qnet_socket_write_parts(pair.client, parts + 2, 1), -1);
	REQUIRE_WARNINGS(1);
	REQUIRE_EQUAL(qnet_socket_write_parts(pair.client, parts, -1), -1);
	REQUIRE_WARNINGS(1);
	REQUIRE_EQUAL(qnet_socket_write_parts(pair.client, NULL, 0), 0);
	REQUIRE_EQUAL(qnet_socket_write_lent(pair.client, NULL, 1, on_returned, NULL), -1);
	REQUIRE_WARNINGS(1);
	REQUIRE_EQUAL(qnet_socket_write_lent(pair.client, "", 0, on_returned, NULL), 0);
	REQUIRE_EQUAL(qnet_socket_send_file(pair.client, file, 50, 51), -1);
	REQUIRE_EQUAL(qnet_socket_error(pair.client), QNET_OPERATION_ERROR);
	REQUIRE_TEXT(qnet_socket_error_string(pair.client), "The file does not have so many bytes");
	REQUIRE_EQUAL(qnet_socket_send_file(pair.client, file, -1, 1), -1);
	REQUIRE_EQUAL(qnet_socket_send_file(pair.client, ends[0], 0, 1), -1);
	REQUIRE_EQUAL(qnet_socket_error(pair.client), QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR);
	REQUIRE_EQUAL(qnet_socket_send_file(pair.client, -1, 0, 1), -1);
	REQUIRE_EQUAL(qnet_socket_read_to_file(pair.client, ends[1], 1), -1);
	REQUIRE_EQUAL(qnet_socket_error(pair.client), QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR);
	REQUIRE_EQUAL(qnet_socket_read_to_file(pair.client, file, 1), 0);

	fresh = qnet_tcp_socket_new(pair.loop);
	REQUIRE_EQUAL(qnet_socket_write_lent(fresh, "x", 1, on_returned, NULL), -1);
	REQUIRE_EQUAL(qnet_socket_send_file(fresh, file, 0, 1), -1);
	REQUIRE_EQUAL(qnet_socket_read_to_file(fresh, file, 1), -1);
	check_warnings = 0;
	udp = qnet_udp_socket_new(pair.loop);
	REQUIRE_EQUAL(qnet_socket_write_lent(udp, "x", 1, on_returned, NULL), -1);
	REQUIRE_EQUAL(qnet_socket_error(udp), QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR);
	REQUIRE_EQUAL(qnet_socket_send_file(udp, file, 0, 1), -1);
	REQUIRE_EQUAL(qnet_socket_error(udp), QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR);
	check_warnings = 0;
	qnet_socket_delete(udp);
	qnet_socket_delete(fresh);
	check_settle(pair.loop);
	REQUIRE_EQUAL(returned, 0);
	REQUIRE_EQUAL(qnet_socket_bytes_to_write(pair.client), 0);
	close(file);
	close(ends[0]);
	close(ends[1]);
	pair_close(&pair);
	return NULL;
}

/* A message of several parts is one datagram. */
static const char *a_datagram_of_parts(void)
{
	const qnet_write_part parts[] = { { "one ", 4 }, { "two", 3 } };
	qnet_loop *loop = qnet_loop_new();
	qnet_socket *one = qnet_udp_socket_new(loop), *other = qnet_udp_socket_new(loop);
	char text[100];

	REQUIRE(qnet_socket_bind(other, QNET_ADDRESS_LOCAL_HOST, 0, 0));
	qnet_socket_connect_to_address(one, QNET_ADDRESS_LOCAL_HOST, qnet_socket_local_port(other), QNET_READ_WRITE);
	UNTIL(loop, qnet_socket_state(one) == QNET_CONNECTED_STATE);
	REQUIRE_EQUAL(qnet_socket_write_parts(one, parts, 2), 7);
	UNTIL(loop, qnet_udp_socket_has_pending_datagrams(other));
	REQUIRE_EQUAL(qnet_udp_socket_read_datagram(other, text, sizeof text, NULL, NULL), 7);
	REQUIRE(memcmp(text, "one two", 7) == 0);
	qnet_socket_delete(one);
	qnet_socket_delete(other);
	qnet_loop_delete(loop);
	return NULL;
}

static struct pair ending;

static void delete_ending(void *user_data)
{
	on_returned(user_data);
	if (ending.client != NULL)
		qnet_socket_delete(ending.client);
	ending.client = NULL;
}

/* Memory comes back once, whatever ends the connection. */
static const char *memory_comes_back(void)
{
	for (int way = 0; way < 7; way++) {
		bool lent_twice = way % 2 == 0;

		REQUIRE_OK(open_pair(&ending));
		qnet_socket_set_read_buffer_size(ending.peer, 1);
		/* More than the system takes. */
		for (int i = 0; i < 10; i++)
			REQUIRE_EQUAL(qnet_socket_write_lent(ending.client, large, LARGE, way == 6 ? delete_ending : on_returned, NULL), LARGE);
		if (lent_twice)
			check_settle(ending.loop);
		REQUIRE(way == 6 || returned < 10);
		switch (way) {
		case 0:
			qnet_socket_abort(ending.client);
			break;
		case 1:
			qnet_socket_delete(ending.client);
			ending.client = NULL;
			break;
		case 2:
			qnet_socket_abort(ending.peer);
			UNTIL(ending.loop, qnet_socket_state(ending.client) == QNET_UNCONNECTED_STATE);
			break;
		case 3:
			qnet_socket_delete_later(ending.client);
			ending.client = NULL;
			UNTIL(ending.loop, returned == 10);
			break;
		case 4:
			qnet_socket_abort(ending.client);
			qnet_socket_connect_to_address(ending.client, QNET_ADDRESS_LOCAL_HOST, 1, QNET_READ_WRITE);
			break;
		case 5:
			qnet_loop_delete(ending.loop); /* the sockets live on */
			qnet_socket_delete(ending.client);
			ending.client = NULL;
			ending.loop = NULL;
			break;
		case 6:
			qnet_socket_set_read_buffer_size(ending.peer, 0);
			UNTIL(ending.loop, returned == 10);
			REQUIRE(ending.client == NULL);
			break;
		}
		if (returned != 10)
			return check_why("way %d: %d of 10 came back", way, returned);
		pair_close(&ending);
	}
	return NULL;
}

static void *run_loop(void *loop)
{
	qnet_loop_exec(loop);
	return NULL;
}

static void *write_large(void *socket)
{
	for (int i = 0; i < 20; i++)
		qnet_socket_write(socket, large, LARGE);
	return NULL;
}

/* Large writes of several threads arrive whole each, while the loop runs. */
static const char *large_writes_of_threads(void)
{
	enum { WRITES = 20, THREADS = 2 };
	struct pair pair;
	pthread_t threads[THREADS], runner;
	char first = 0;
	static char whole[LARGE];
	REQUIRE_OK(pair_open_raw(&pair, QNET_READ_WRITE));
	REQUIRE(pthread_create(&runner, NULL, run_loop, pair.loop) == 0);
	for (int i = 0; i < THREADS; i++)
		REQUIRE(pthread_create(&threads[i], NULL, write_large, pair.client) == 0);
	for (int i = 0; i < WRITES * THREADS; i++) {
		REQUIRE_EQUAL(recv(pair.fd, whole, LARGE, MSG_WAITALL), LARGE);
		REQUIRE(memcmp(whole, large, LARGE) == 0);
	}
	REQUIRE_EQUAL(recv(pair.fd, &first, 1, MSG_DONTWAIT), -1);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	qnet_loop_quit(pair.loop);
	pthread_join(runner, NULL);
	pair_close(&pair);
	return NULL;
}

static const char *a_file_becomes_shorter(void)
{
	struct pair pair;
	int file = make_file(1000);

	REQUIRE(file >= 0);
	REQUIRE_OK(open_pair(&pair));
	REQUIRE_EQUAL(qnet_socket_send_file(pair.client, file, 0, -1), 1000);
	REQUIRE(ftruncate(file, 10) == 0);
	UNTIL(pair.loop, qnet_socket_state(pair.client) == QNET_UNCONNECTED_STATE);
	REQUIRE_EQUAL(qnet_socket_error(pair.client), QNET_UNKNOWN_SOCKET_ERROR);
	REQUIRE_TEXT(qnet_socket_error_string(pair.client), "The file has become shorter while it was sent");
	close(file);
	pair_close(&pair);
	return NULL;
}

static const char *into_a_file(void)
{
	struct pair pair;
	int file = memfd_create("file", MFD_CLOEXEC);
	int64_t total = 0;

	REQUIRE(file >= 0);
	REQUIRE_OK(pair_open(&pair));
	REQUIRE_EQUAL(qnet_socket_write(pair.client, large, LARGE), LARGE);
	while (total < LARGE) {
		int64_t n = qnet_socket_read_to_file(pair.peer, file, LARGE);

		REQUIRE(n >= 0 && n <= 1 << 20);
		total += n;
		if (n == 0)
			qnet_loop_process_events(pair.loop, 100);
	}
	REQUIRE_EQUAL(lseek(file, 0, SEEK_CUR), LARGE);
	REQUIRE_EQUAL(pread(file, got, LARGE, 0), LARGE);
	REQUIRE(memcmp(got, large, LARGE) == 0);
	qnet_socket_abort(pair.client);
	UNTIL(pair.loop, qnet_socket_state(pair.peer) == QNET_UNCONNECTED_STATE);
	REQUIRE_EQUAL(qnet_socket_read_to_file(pair.peer, file, 1), -1);
	close(file);
	pair_close(&pair);
	return NULL;
}

static struct pair next;

static void pass_on(qnet_socket *socket, void *user_data)
{
	int64_t size;
	const char *data;

	(void)user_data;
	while ((data = qnet_socket_peek_buffer(socket, &size)) != NULL && size > 0) {
		qnet_socket_write(next.client, data, size);
		qnet_socket_skip(socket, size);
		qnet_socket_unget_char(socket, '!');
		qnet_socket_skip(socket, 1);
	}
}

/* What one connection brings another takes, and it stays as it was until it is sent. */
static const char *a_relay(void)
{
	struct pair pair;

	REQUIRE_OK(pair_open(&pair));
	next = (struct pair){ .fd = -1, .loop = pair.loop };
	next.server = qnet_tcp_server_new(pair.loop);
	next.client = qnet_tcp_socket_new(pair.loop);
	REQUIRE(qnet_tcp_server_listen(next.server, QNET_ADDRESS_LOCAL_HOST, 0));
	pair_connect(&next, QNET_READ_WRITE);
	REQUIRE_OK(pair_accept(&next));
	qnet_socket_on_ready_read(pair.peer, pass_on, NULL);
	got_size = 0;
	for (int i = 0; i < 4; i++)
		REQUIRE_EQUAL(qnet_socket_write(pair.client, large, LARGE), LARGE);
	/* Nobody reads for a while: all of it is kept. */
	check_settle(pair.loop);
	qnet_socket_on_ready_read(next.peer, take, NULL);
	take(next.peer, NULL);
	UNTIL(pair.loop, got_size == sizeof got);
	for (int i = 0; i < 4; i++)
		REQUIRE(memcmp(got + i * LARGE, large, LARGE) == 0);
	next.loop = NULL;
	pair_close(&next);
	pair_close(&pair);
	return NULL;
}

static void on_drained(qnet_socket *socket, void *user_data)
{
	(void)socket;
	++*(int *)user_data;
}

static const char *whole_or_not_at_all(void)
{
	struct pair pair;
	int drained = 0;

	REQUIRE_OK(open_pair(&pair));
	REQUIRE(!qnet_socket_writes_whole(pair.client));
	qnet_socket_set_writes_whole(pair.client, true);
	REQUIRE(qnet_socket_writes_whole(pair.client));
	qnet_socket_set_write_buffer_limit(pair.client, 100, 10);
	qnet_socket_on_write_buffer_drained(pair.client, on_drained, &drained);
	REQUIRE_EQUAL(qnet_socket_write(pair.client, large, 60), 60);
	REQUIRE_EQUAL(qnet_socket_write(pair.client, large, 41), 0);
	REQUIRE_EQUAL(qnet_socket_write_lent(pair.client, large, 41, on_returned, NULL), 0);
	REQUIRE_EQUAL(qnet_socket_write(pair.client, large, 101), -1);
	REQUIRE_EQUAL(qnet_socket_error(pair.client), QNET_OPERATION_ERROR);
	REQUIRE_EQUAL(qnet_socket_write(pair.client, large, 40), 40);
	UNTIL(pair.loop, drained == 1);
	REQUIRE_EQUAL(qnet_socket_write(pair.client, large, 100), 100);
	UNTIL(pair.loop, got_size == 200);
	qnet_socket_set_writes_whole(pair.client, false);
	REQUIRE_EQUAL(qnet_socket_write(pair.client, large, 101), 100);
	REQUIRE_EQUAL(returned, 0);
	pair_close(&pair);
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		{ "everything_in_order", everything_in_order },
		{ "bad_arguments", bad_arguments },
		{ "a_datagram_of_parts", a_datagram_of_parts },
		{ "memory_comes_back", memory_comes_back },
		{ "large_writes_of_threads", large_writes_of_threads },
		{ "a_file_becomes_shorter", a_file_becomes_shorter },
		{ "into_a_file", into_a_file },
		{ "a_relay", a_relay },
		{ "whole_or_not_at_all", whole_or_not_at_all },
	};

	for (size_t i = 0; i < sizeof large; i++)
		large[i] = (char)(i * 7 + i / 251);
	return check_main(cases, LENGTH(cases), argc, argv);
}
