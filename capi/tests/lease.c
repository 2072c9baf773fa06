/*
 * What a callback of readyRead reads and writes does not enter Go (capi/lease.h).
 * Nothing of that may be seen from outside.
 */
#include "pair.h"

#include <poll.h>
#include <pthread.h>
#include <sys/wait.h>

/* One socket with a callback that does something of the case's own. */
struct visit {
	struct pair pair;
	const char *(*act)(struct visit *);
	const char *why;
	int calls;
};

static void on_ready_read(qnet_socket *socket, void *user_data)
{
	struct visit *visit = user_data;

	(void)socket;
	if (visit->calls++ == 0 && visit->why == NULL)
		visit->why = visit->act(visit);
}

/* Has act run in a callback that was told of text. */
static const char *visit_with(struct visit *visit, const char *text, const char *(*act)(struct visit *))
{
	*visit = (struct visit){ .act = act };
	REQUIRE_OK(pair_open_raw(&visit->pair, QNET_READ_WRITE));
	REQUIRE(qnet_socket_on_ready_read(visit->pair.client, on_ready_read, visit) != 0);
	REQUIRE(send(visit->pair.fd, text, strlen(text), 0) == (ssize_t)strlen(text));
	UNTIL(visit->pair.loop, visit->calls > 0);
	return visit->why;
}

static bool readable(int fd)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	return poll(&wait, 1, 0) > 0;
}

/* Runs the loop until the peer has got text, and no more. */
static const char *arrives(struct visit *visit, const char *text)
{
	char got[100] = "";
	size_t size = 0;

	while (size < strlen(text)) {
		ssize_t n;

		UNTIL(visit->pair.loop, readable(visit->pair.fd));
		n = recv(visit->pair.fd, got + size, sizeof got - 1 - size, MSG_DONTWAIT);
		REQUIRE(n > 0);
		size += (size_t)n;
		got[size] = '\0';
	}
	REQUIRE_TEXT(got, text);
	return NULL;
}

/* The cases ---------------------------------------------------------------- */

static const char *read_in_parts(struct visit *visit)
{
	qnet_socket *socket = visit->pair.client;
	char data[10] = "";

	REQUIRE_EQUAL(qnet_socket_bytes_available(socket), 6);
	REQUIRE_EQUAL(qnet_socket_read(socket, data, 2), 2);
	REQUIRE_EQUAL(qnet_socket_bytes_available(socket), 4);
	REQUIRE_EQUAL(qnet_socket_read(socket, data + 2, 1), 1);
	REQUIRE_TEXT(data, "abc");
	/* From here on it goes through Go, which must see what was read. */
	REQUIRE_EQUAL(qnet_socket_peek(socket, data, sizeof data), 3);
	REQUIRE(memcmp(data, "def", 3) == 0);
	qnet_socket_unget_char(socket, 'C');
	REQUIRE_EQUAL(qnet_socket_bytes_available(socket), 4);
	REQUIRE_EQUAL(qnet_socket_read(socket, data, sizeof data), 4);
	REQUIRE(memcmp(data, "Cdef", 4) == 0);
	REQUIRE_EQUAL(qnet_socket_read(socket, data, sizeof data), 0);
	return NULL;
}

static const char *reading_in_parts(void)
{
	struct visit visit;

	REQUIRE_OK(visit_with(&visit, "abcdef", read_in_parts));
	pair_close(&visit.pair);
	return NULL;
}

static const char *read_a_part(struct visit *visit)
{
	char data[2];

	REQUIRE_EQUAL(qnet_socket_read(visit->pair.client, data, 2), 2);
	return NULL;
}

static const char *the_rest_stays(void)
{
	struct visit visit;
	char data[10] = "";

	REQUIRE_OK(visit_with(&visit, "abcdef", read_a_part));
	REQUIRE_EQUAL(qnet_socket_bytes_available(visit.pair.client), 4);
	REQUIRE_EQUAL(qnet_socket_read(visit.pair.client, data, sizeof data), 4);
	REQUIRE_TEXT(data, "cdef");
	pair_close(&visit.pair);
	return NULL;
}

static const char *use_in_place(struct visit *visit)
{
	qnet_socket *socket = visit->pair.client;
	int64_t size = -1;
	const char *data = qnet_socket_peek_buffer(socket, &size);

	REQUIRE_EQUAL(size, 6);
	REQUIRE(memcmp(data, "abcdef", 6) == 0);
	REQUIRE_EQUAL(qnet_socket_write(socket, data, size), 6);
	REQUIRE_EQUAL(qnet_socket_skip(socket, 2), 2);
	REQUIRE(qnet_socket_peek_buffer(socket, &size) == data + 2);
	REQUIRE_EQUAL(size, 4);
	/* Through Go: it stays where it is. */
	REQUIRE_EQUAL(qnet_socket_bytes_to_write(socket), 6);
	REQUIRE(qnet_socket_peek_buffer(socket, &size) == data + 2);
	REQUIRE_EQUAL(size, 4);
	REQUIRE_EQUAL(qnet_socket_skip(socket, 1), 1);
	REQUIRE_EQUAL(qnet_socket_write(socket, data, 6), 6);
	REQUIRE_EQUAL(qnet_socket_skip(socket, 100), 3);
	REQUIRE_EQUAL(qnet_socket_skip(socket, 1), 0);
	REQUIRE(qnet_socket_peek_buffer(socket, &size) == NULL);
	REQUIRE_EQUAL(size, 0);
	return NULL;
}

static const char *using_in_place(void)
{
	struct visit visit;

	REQUIRE_OK(visit_with(&visit, "abcdef", use_in_place));
	REQUIRE_OK(arrives(&visit, "abcdefabcdef"));
	pair_close(&visit.pair);
	return NULL;
}

static const char *write_in_place_and_more(struct visit *visit)
{
	qnet_socket *socket = visit->pair.client;
	int64_t size;
	const char *data = qnet_socket_peek_buffer(socket, &size);

	REQUIRE_EQUAL(qnet_socket_write(socket, data, 3), 3);
	REQUIRE_EQUAL(qnet_socket_skip(socket, 3), 3);
	REQUIRE_EQUAL(qnet_socket_write(socket, "xyz", 3), 3);
	REQUIRE_EQUAL(qnet_socket_write(socket, data + 3, 3), 3);
	REQUIRE_EQUAL(qnet_socket_skip(socket, 3), 3);
	return NULL;
}

static const char *write_more_and_in_place(struct visit *visit)
{
	qnet_socket *socket = visit->pair.client;
	int64_t size;
	const char *data = qnet_socket_peek_buffer(socket, &size);

	REQUIRE_EQUAL(qnet_socket_write(socket, "xyz", 3), 3);
	REQUIRE_EQUAL(qnet_socket_write(socket, data, size), size);
	REQUIRE_EQUAL(qnet_socket_skip(socket, size), size);
	return NULL;
}

static const char *write_in_place_and_end(struct visit *visit)
{
	qnet_socket *socket = visit->pair.client;
	int64_t size;
	const char *data = qnet_socket_peek_buffer(socket, &size);

	REQUIRE_EQUAL(qnet_socket_write(socket, data, size), size);
	REQUIRE_EQUAL(qnet_socket_skip(socket, size), size);
	return NULL;
}

static const char *writing_in_place(void)
{
	static const struct {
		const char *(*act)(struct visit *);
		const char *answer;
	} ways[] = {
		{ write_in_place_and_more, "abcxyzdef" },
		{ write_more_and_in_place, "xyzabcdef" },
		{ write_in_place_and_end, "abcdef" },
	};

	for (size_t i = 0; i < LENGTH(ways); i++) {
		struct visit visit;

		REQUIRE_OK(visit_with(&visit, "abcdef", ways[i].act));
		REQUIRE_OK(arrives(&visit, ways[i].answer));
		REQUIRE_EQUAL(qnet_socket_bytes_available(visit.pair.client), 0);
		pair_close(&visit.pair);
	}
	return NULL;
}

static const char *skip_under_the_lease(struct visit *visit)
{
	int64_t size;

	REQUIRE_EQUAL(qnet_socket_skip(visit->pair.client, 4), 4);
	REQUIRE(qnet_socket_peek_buffer(visit->pair.client, &size) != NULL);
	REQUIRE_EQUAL(size, 2);
	return NULL;
}

static const char *skipping(void)
{
	struct visit visit;
	const char *data;
	int64_t size = 0;

	REQUIRE_OK(visit_with(&visit, "abcdef", skip_under_the_lease));
	/* After the callback it is elsewhere, and still there. */
	data = qnet_socket_peek_buffer(visit.pair.client, &size);
	REQUIRE(size == 2 && memcmp(data, "ef", 2) == 0);
	REQUIRE_EQUAL(qnet_socket_skip(visit.pair.client, 10), 2);
	REQUIRE(qnet_socket_peek_buffer(visit.pair.client, &size) == NULL && size == 0);
	pair_close(&visit.pair);
	return NULL;
}

static const char *read_all_and_more(struct visit *visit)
{
	char data[10];

	REQUIRE_EQUAL(qnet_socket_read(visit->pair.client, data, sizeof data), 3);
	REQUIRE_EQUAL(qnet_socket_read(visit->pair.client, data, sizeof data), 0);
	REQUIRE_EQUAL(qnet_socket_bytes_available(visit->pair.client), 0);
	return NULL;
}

static const char *nothing_is_left(void)
{
	struct visit visit;

	REQUIRE_OK(visit_with(&visit, "abc", read_all_and_more));
	REQUIRE_EQUAL(qnet_socket_bytes_available(visit.pair.client), 0);
	pair_close(&visit.pair);
	return NULL;
}

static void count_calls(qnet_socket *socket, void *user_data)
{
	int *left = user_data;

	*left = (int)qnet_socket_bytes_available(socket);
}

static const char *two_callbacks(void)
{
	struct visit visit = { .act = read_a_part };
	int left = -1;

	REQUIRE_OK(pair_open_raw(&visit.pair, QNET_READ_WRITE));
	REQUIRE(qnet_socket_on_ready_read(visit.pair.client, on_ready_read, &visit) != 0);
	REQUIRE(qnet_socket_on_ready_read(visit.pair.client, count_calls, &left) != 0);
	REQUIRE(send(visit.pair.fd, "abcdef", 6, 0) == 6);
	UNTIL(visit.pair.loop, left >= 0);
	REQUIRE_EQUAL(left, 4);
	pair_close(&visit.pair);
	return visit.why;
}

static const char *write_in_turns(struct visit *visit)
{
	qnet_socket *socket = visit->pair.client;

	REQUIRE_EQUAL(qnet_socket_write(socket, "a", 1), 1);
	REQUIRE_EQUAL(qnet_socket_write(socket, "b", 1), 1);
	REQUIRE(!readable(visit->pair.fd));
	REQUIRE(qnet_socket_put_char(socket, 'c')); /* through Go */
	REQUIRE_EQUAL(qnet_socket_write(socket, "d", 1), 1);
	REQUIRE_EQUAL(qnet_socket_bytes_to_write(socket), 4);
	return NULL;
}

static const char *writes_keep_their_order(void)
{
	struct visit visit;

	REQUIRE_OK(visit_with(&visit, "x", write_in_turns));
	REQUIRE_OK(arrives(&visit, "abcd"));
	pair_close(&visit.pair);
	return NULL;
}

static const char *write_and_flush(struct visit *visit)
{
	REQUIRE_EQUAL(qnet_socket_write(visit->pair.client, "now", 3), 3);
	REQUIRE(qnet_socket_flush(visit->pair.client));
	REQUIRE(readable(visit->pair.fd));
	return NULL;
}

static const char *flushing(void)
{
	struct visit visit;

	REQUIRE_OK(visit_with(&visit, "x", write_and_flush));
	REQUIRE_OK(arrives(&visit, "now"));
	pair_close(&visit.pair);
	return NULL;
}

enum { BLOCK = 1000, BLOCKS = 100 };

static const char *write_blocks(struct visit *visit)
{
	char block[BLOCK];

	for (int i = 0; i < BLOCKS; i++) {
		memset(block, 'a' + i % 26, sizeof block);
		REQUIRE_EQUAL(qnet_socket_write(visit->pair.client, block, sizeof block), sizeof block);
	}
	REQUIRE_EQUAL(qnet_socket_bytes_to_write(visit->pair.client), BLOCK * BLOCKS);
	return NULL;
}

static const char *more_than_there_is_room_for(void)
{
	struct visit visit;
	int size = 0;

	REQUIRE_OK(visit_with(&visit, "x", write_blocks));
	while (size < BLOCK * BLOCKS) {
		char got[BLOCK];
		ssize_t n;

		UNTIL(visit.pair.loop, readable(visit.pair.fd));
		n = recv(visit.pair.fd, got, sizeof got, MSG_DONTWAIT);
		REQUIRE(n > 0);
		for (ssize_t i = 0; i < n; i++, size++)
			REQUIRE_EQUAL(got[i], 'a' + size / BLOCK % 26);
	}
	pair_close(&visit.pair);
	return NULL;
}

static const char *write_over_the_limit(struct visit *visit)
{
	qnet_socket_set_write_buffer_limit(visit->pair.client, 4, 1);
	return NULL;
}

static void write_ten(qnet_socket *socket, void *user_data)
{
	*(int64_t *)user_data = qnet_socket_write(socket, "0123456789", 10);
}

static const char *a_write_limit_holds(void)
{
	struct visit visit;
	int64_t taken = -1;

	REQUIRE_OK(visit_with(&visit, "x", write_over_the_limit));
	REQUIRE(qnet_socket_on_ready_read(visit.pair.client, write_ten, &taken) != 0);
	REQUIRE(send(visit.pair.fd, "y", 1, 0) == 1);
	UNTIL(visit.pair.loop, taken >= 0);
	REQUIRE_EQUAL(taken, 4);
	REQUIRE_OK(arrives(&visit, "0123"));
	pair_close(&visit.pair);
	return NULL;
}

static const char *refuse_mistakes(struct visit *visit)
{
	qnet_socket *socket = visit->pair.client, *other = qnet_tcp_socket_new(visit->pair.loop);
	char data[10];

	/* The other's calls go on being the other's. */
	REQUIRE_EQUAL(qnet_socket_write(other, "abc", 3), -1);
	REQUIRE_WARNINGS(1);
	REQUIRE_EQUAL(qnet_socket_read(other, data, sizeof data), -1);
	REQUIRE_WARNINGS(1);
	REQUIRE_EQUAL(qnet_socket_bytes_available(other), 0);
	REQUIRE_EQUAL(qnet_socket_read(socket, NULL, 3), -1);
	REQUIRE_EQUAL(qnet_socket_read(socket, data, -3), -1);
	REQUIRE_EQUAL(qnet_socket_write(socket, NULL, 3), -1);
	REQUIRE_EQUAL(qnet_socket_write(socket, "abc", -3), -1);
	REQUIRE_WARNINGS(4);
	REQUIRE_EQUAL(qnet_socket_read(socket, data, 0), 0);
	REQUIRE_EQUAL(qnet_socket_write(socket, "", 0), 0);
	qnet_socket_delete(other);
	return NULL;
}

static const char *mistakes(void)
{
	struct visit visit;

	REQUIRE_OK(visit_with(&visit, "x", refuse_mistakes));
	pair_close(&visit.pair);
	return NULL;
}

static const char *write_and_close(struct visit *visit)
{
	char data[10];

	REQUIRE_EQUAL(qnet_socket_write(visit->pair.client, "bye", 3), 3);
	qnet_socket_close(visit->pair.client);
	REQUIRE_EQUAL(qnet_socket_write(visit->pair.client, "more", 4), -1);
	REQUIRE_EQUAL(qnet_socket_read(visit->pair.client, data, sizeof data), -1);
	REQUIRE_WARNINGS(2);
	return NULL;
}

static const char *closing(void)
{
	struct visit visit;
	char end;

	REQUIRE_OK(visit_with(&visit, "x", write_and_close));
	REQUIRE_OK(arrives(&visit, "bye"));
	UNTIL(visit.pair.loop, qnet_socket_state(visit.pair.client) == QNET_UNCONNECTED_STATE);
	REQUIRE_EQUAL(recv(visit.pair.fd, &end, 1, 0), 0);
	pair_close(&visit.pair);
	return NULL;
}

static const char *write_and_delete(struct visit *visit)
{
	char data[10];

	REQUIRE_EQUAL(qnet_socket_write(visit->pair.client, "never", 5), 5);
	qnet_socket_delete(visit->pair.client);
	REQUIRE_EQUAL(qnet_socket_bytes_available(visit->pair.client), -1);
	REQUIRE_EQUAL(qnet_socket_write(visit->pair.client, "more", 4), -1);
	REQUIRE_EQUAL(qnet_socket_read(visit->pair.client, data, sizeof data), -1);
	REQUIRE_WARNINGS(3);
	visit->pair.client = NULL;
	return NULL;
}

static const char *deleting(void)
{
	struct visit visit;

	REQUIRE_OK(visit_with(&visit, "x", write_and_delete));
	pair_close(&visit.pair);
	return NULL;
}

static const char *delete_everything(struct visit *visit)
{
	qnet_socket *socket = visit->pair.client;
	struct pair other;
	char data[10];

	REQUIRE_EQUAL(qnet_socket_write(socket, "never", 5), 5);
	pair_close(&visit->pair); /* the loop too */
	/* A new loop may get what the old one had. */
	REQUIRE_OK(pair_open_raw(&other, QNET_READ_WRITE));
	REQUIRE(qnet_socket_on_ready_read(other.client, count_calls, &(int){ 0 }) != 0);
	REQUIRE_EQUAL(qnet_socket_bytes_available(socket), -1);
	REQUIRE_EQUAL(qnet_socket_write(socket, "more", 4), -1);
	REQUIRE_EQUAL(qnet_socket_read(socket, data, sizeof data), -1);
	REQUIRE_WARNINGS(3);
	pair_close(&other);
	return NULL;
}

static const char *deleting_the_loop(void)
{
	struct visit visit = { .act = delete_everything };

	REQUIRE_OK(pair_open_raw(&visit.pair, QNET_READ_WRITE));
	REQUIRE(qnet_socket_on_ready_read(visit.pair.client, on_ready_read, &visit) != 0);
	REQUIRE(send(visit.pair.fd, "x", 1, 0) == 1);
	for (int64_t end = check_now() + 10000; visit.calls == 0 && check_now() < end;)
		qnet_loop_process_events(visit.pair.loop, 10);
	REQUIRE_EQUAL(visit.calls, 1);
	return visit.why;
}

/* A child has the lease in its memory, but not the right to use it. */
static const char *fork_between_writes(struct visit *visit)
{
	qnet_socket *socket = visit->pair.client;
	char data[3];
	pid_t child;
	int status;

	REQUIRE_EQUAL(qnet_socket_read(socket, data, 1), 1);
	REQUIRE_EQUAL(qnet_socket_write(socket, "a", 1), 1);
	child = fork();
	if (child == 0) {
		_exit(qnet_socket_write(socket, "child", 5) != -1 || qnet_socket_read(socket, data, 1) != -1 ||
		      qnet_socket_bytes_available(socket) != -1);
	}
	REQUIRE(child > 0 && waitpid(child, &status, 0) == child);
	REQUIRE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	REQUIRE_EQUAL(qnet_socket_write(socket, "b", 1), 1);
	REQUIRE_EQUAL(qnet_socket_read(socket, data, sizeof data), 2);
	REQUIRE(memcmp(data, "yz", 2) == 0);
	return NULL;
}

static const char *forking(void)
{
	struct visit visit;

	REQUIRE_OK(visit_with(&visit, "xyz", fork_between_writes));
	REQUIRE_OK(arrives(&visit, "ab"));
	pair_close(&visit.pair);
	return NULL;
}

/* Datagrams are no stream, also where a peek has brought much of one. */
static void peek_and_write(qnet_socket *socket, void *user_data)
{
	char data[8000];
	int *calls = user_data;

	if ((*calls)++ == 0) {
		qnet_socket_peek(socket, data, sizeof data);
		return;
	}
	qnet_socket_write(socket, "one", 3);
	qnet_socket_write(socket, "two", 3);
}

static const char *datagrams(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_socket *udp = qnet_udp_socket_new(loop);
	char data[8000] = "much";
	int fds[2], calls = 0;

	for (int i = 0; i < 2; i++) {
		struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

		fds[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		REQUIRE(bind(fds[i], (struct sockaddr *)&address, sizeof address) == 0);
	}
	for (int i = 0; i < 2; i++) {
		struct sockaddr_in address;
		socklen_t size = sizeof address;

		REQUIRE(getsockname(fds[1 - i], (struct sockaddr *)&address, &size) == 0);
		REQUIRE(connect(fds[i], (struct sockaddr *)&address, size) == 0);
	}
	REQUIRE(qnet_socket_set_socket_descriptor(udp, fds[0], QNET_CONNECTED_STATE, QNET_READ_WRITE));
	REQUIRE(qnet_socket_on_ready_read(udp, peek_and_write, &calls) != 0);
	REQUIRE(send(fds[1], data, sizeof data, 0) == sizeof data);
	UNTIL(loop, calls == 1);
	REQUIRE(send(fds[1], "more", 4, 0) == 4);
	UNTIL(loop, calls == 2);
	REQUIRE_EQUAL(recv(fds[1], data, sizeof data, MSG_DONTWAIT), 3);
	REQUIRE(memcmp(data, "one", 3) == 0);
	REQUIRE_EQUAL(recv(fds[1], data, sizeof data, MSG_DONTWAIT), 3);
	REQUIRE(memcmp(data, "two", 3) == 0);
	qnet_socket_delete(udp);
	qnet_loop_delete(loop);
	close(fds[1]);
	return NULL;
}

/* What happens while a nested loop calls back another socket. */
struct inner {
	qnet_socket *outer;
	int available, calls;
};

static void on_inner_ready(qnet_socket *socket, void *user_data)
{
	struct inner *inner = user_data;
	char data[10];

	inner->available = (int)qnet_socket_bytes_available(inner->outer);
	if (qnet_socket_read(socket, data, sizeof data) == 5 && qnet_socket_read(inner->outer, data, 1) == 1 && data[0] == 'b')
		inner->calls++;
}

static const char *run_a_nested_loop(struct visit *visit)
{
	struct inner inner = { visit->pair.client, 0, 0 };
	qnet_socket *other = qnet_tcp_socket_new(visit->pair.loop);
	char data[10];

	REQUIRE_EQUAL(qnet_socket_read(visit->pair.client, data, 1), 1);
	qnet_socket_connect_to_address(other, QNET_ADDRESS_LOCAL_HOST, qnet_tcp_server_server_port(visit->pair.server), QNET_READ_WRITE);
	REQUIRE(qnet_socket_on_ready_read(other, on_inner_ready, &inner) != 0);
	UNTIL(visit->pair.loop, qnet_tcp_server_has_pending_connections(visit->pair.server));
	REQUIRE_EQUAL(qnet_socket_write(qnet_tcp_server_next_pending_connection(visit->pair.server), "inner", 5), 5);
	UNTIL(visit->pair.loop, inner.calls > 0);
	REQUIRE_EQUAL(inner.available, 2);
	REQUIRE_EQUAL(qnet_socket_read(visit->pair.client, data, sizeof data), 1);
	REQUIRE_EQUAL(data[0], 'c');
	qnet_socket_delete(other);
	return NULL;
}

static const char *nested_loop(void)
{
	struct visit visit;

	REQUIRE_OK(visit_with(&visit, "abc", run_a_nested_loop));
	pair_close(&visit.pair);
	return NULL;
}

/* Two threads at once ------------------------------------------------------ */

enum { LINE = 16, LINES = 20000 };

struct writer {
	qnet_socket *socket;
	char letter;
	int written;
	atomic_bool go;
};

/* Writes a line of one letter, which must come out whole. */
static bool write_line(struct writer *writer)
{
	char line[LINE];

	memset(line, writer->letter, LINE - 1);
	line[LINE - 1] = '\n';
	if (qnet_socket_write(writer->socket, line, LINE) != LINE)
		return false;
	writer->written++;
	return true;
}

static void *write_lines(void *argument)
{
	struct writer *writer = argument;

	while (!writer->go)
		sched_yield();
	while (writer->written < LINES && write_line(writer))
		;
	return NULL;
}

static void write_back(qnet_socket *socket, void *user_data)
{
	struct writer *writer = user_data;
	char data[8];

	writer->go = true;
	while (qnet_socket_read(socket, data, sizeof data) > 0)
		if (writer->written < LINES)
			write_line(writer);
}

/* Reads lines until there are so many of each letter. */
static const char *read_lines(struct pair *pair, int each)
{
	static char data[1 << 16];
	size_t size = 0;
	int count[2] = { 0, 0 };

	while (count[0] < each || count[1] < each) {
		ssize_t n;
		size_t used = 0;

		send(pair->fd, "0123456789abcdef0123456789abcdef", 32, MSG_DONTWAIT);
		UNTIL(pair->loop, readable(pair->fd));
		n = recv(pair->fd, data + size, sizeof data - size, MSG_DONTWAIT);
		REQUIRE(n > 0);
		size += (size_t)n;
		for (; size - used >= LINE; used += LINE) {
			const char *line = data + used;

			for (int i = 1; i < LINE - 1; i++)
				REQUIRE_EQUAL(line[i], line[0]);
			REQUIRE_EQUAL(line[LINE - 1], '\n');
			REQUIRE(line[0] == 'a' || line[0] == 'b');
			count[line[0] - 'a']++;
		}
		memmove(data, data + used, size -= used);
	}
	REQUIRE_EQUAL(count[0], each);
	REQUIRE_EQUAL(count[1], each);
	return NULL;
}

static const char *another_thread_writes(void)
{
	struct writer inside = { .letter = 'a' }, outside = { .letter = 'b' };
	struct pair pair;
	pthread_t thread;
	const char *why;

	REQUIRE_OK(pair_open_raw(&pair, QNET_READ_WRITE));
	inside.socket = outside.socket = pair.client;
	REQUIRE(qnet_socket_on_ready_read(pair.client, write_back, &inside) != 0);
	outside.go = true;
	REQUIRE(pthread_create(&thread, NULL, write_lines, &outside) == 0);
	why = read_lines(&pair, LINES);
	pthread_join(thread, NULL);
	pair_close(&pair);
	return why;
}

struct reader {
	qnet_socket *socket;
	atomic_llong sum; /* of the bytes that were read on either thread */
	atomic_llong count;
	atomic_bool stop;
};

static void take(struct reader *reader)
{
	unsigned char data[7];
	int64_t n = qnet_socket_read(reader->socket, data, sizeof data);

	for (int64_t i = 0; i < n; i++)
		reader->sum += data[i];
	if (n > 0)
		reader->count += n;
}

static void *read_beside(void *argument)
{
	struct reader *reader = argument;

	while (!reader->stop)
		take(reader);
	return NULL;
}

static void read_some(qnet_socket *socket, void *user_data)
{
	(void)socket;
	for (int i = 0; i < 8; i++)
		take(user_data);
}

static const char *another_thread_reads(void)
{
	enum { TOTAL = 1 << 19 };
	struct reader reader = { 0 };
	struct pair pair;
	pthread_t thread;
	long long sum = 0;
	int sent = 0;

	REQUIRE_OK(pair_open_raw(&pair, QNET_READ_WRITE));
	reader.socket = pair.client;
	REQUIRE(qnet_socket_on_ready_read(pair.client, read_some, &reader) != 0);
	REQUIRE(pthread_create(&thread, NULL, read_beside, &reader) == 0);
	while (sent < TOTAL) {
		unsigned char data[64];
		ssize_t n;

		for (size_t i = 0; i < sizeof data; i++)
			data[i] = (unsigned char)((sent + i) * 31 % 251);
		n = send(pair.fd, data, sizeof data, MSG_DONTWAIT);
		for (ssize_t i = 0; i < n; i++)
			sum += data[i];
		sent += n > 0 ? (int)n : 0;
		qnet_loop_process_events(pair.loop, 0);
	}
	UNTIL(pair.loop, reader.count == sent);
	reader.stop = true;
	pthread_join(thread, NULL);
	REQUIRE_EQUAL(reader.sum, sum);
	pair_close(&pair);
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		{ "reading_in_parts", reading_in_parts },
		{ "the_rest_stays", the_rest_stays },
		{ "using_in_place", using_in_place },
		{ "skipping", skipping },
		{ "writing_in_place", writing_in_place },
		{ "nothing_is_left", nothing_is_left },
		{ "two_callbacks", two_callbacks },
		{ "writes_keep_their_order", writes_keep_their_order },
		{ "flushing", flushing },
		{ "more_than_there_is_room_for", more_than_there_is_room_for },
		{ "a_write_limit_holds", a_write_limit_holds },
		{ "mistakes", mistakes },
		{ "closing", closing },
		{ "deleting", deleting },
		{ "deleting_the_loop", deleting_the_loop },
		{ "forking", forking },
		{ "datagrams", datagrams },
		{ "nested_loop", nested_loop },
		{ "another_thread_writes", another_thread_writes },
		{ "another_thread_reads", another_thread_reads },
	};

	return check_main(cases, LENGTH(cases), argc, argv);
}
