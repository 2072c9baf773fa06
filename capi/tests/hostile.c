/*
 * Clients that misbehave in every way, against a server with limits that also has
 * one client that does not: that one must be answered all the time, and in the end
 * nothing may be left of the others.
 */
#include "pair.h"

#define LIMIT (64 << 10) /* what the server keeps for a client, each way */
#define FIRST_BYTE 300
#define IDLE 600

/* The service ---------------------------------------------------------------- */

/*
 * It sends back what it receives. A client that starts with 'B' wants goodbye: the
 * server ends the connection with much still to be sent.
 */
struct service {
	qnet_loop *loop;
	qnet_tcp_server *server;
	int accepted, over; /* connections */
	int timeouts;
	int64_t most; /* bytes that were to be sent on one connection */
};

static struct service service;

static void serve(qnet_socket *socket)
{
	static char space[16 << 10];

	/* Who does not take the answers is asked for no more. */
	while (qnet_socket_bytes_available(socket) > 0 && qnet_socket_bytes_to_write(socket) < LIMIT) {
		int64_t n = qnet_socket_read(socket, space, sizeof space);

		if (n > 0 && space[0] == 'B') {
			static char much[8 << 20];

			qnet_socket_write(socket, much, sizeof much);
			qnet_socket_disconnect_from_host(socket);
			return;
		}
		qnet_socket_write(socket, space, n);
	}
	if (qnet_socket_bytes_to_write(socket) > service.most)
		service.most = qnet_socket_bytes_to_write(socket);
}

static void on_ready_read(qnet_socket *socket, void *user_data)
{
	(void)user_data;
	serve(socket);
}

static void on_bytes_written(qnet_socket *socket, int64_t bytes, void *user_data)
{
	(void)bytes;
	(void)user_data;
	if (qnet_socket_state(socket) == QNET_CONNECTED_STATE)
		serve(socket);
}

static void on_error(qnet_socket *socket, qnet_error error, void *user_data)
{
	(void)socket;
	(void)user_data;
	service.timeouts += error == QNET_SOCKET_TIMEOUT_ERROR;
}

static void on_disconnected(qnet_socket *socket, void *user_data)
{
	(void)user_data;
	service.over++;
	qnet_socket_delete_later(socket);
}

static void on_new_connection(qnet_tcp_server *server, void *user_data)
{
	qnet_socket *socket;

	while ((socket = qnet_tcp_server_next_pending_connection(server)) != NULL) {
		service.accepted++;
		qnet_socket_set_read_buffer_size(socket, LIMIT);
		qnet_socket_on_ready_read(socket, on_ready_read, user_data);
		qnet_socket_on_bytes_written(socket, on_bytes_written, user_data);
		qnet_socket_on_error_occurred(socket, on_error, user_data);
		qnet_socket_on_disconnected(socket, on_disconnected, user_data);
		/* What came before there was anybody to be told. */
		if (qnet_socket_state(socket) != QNET_CONNECTED_STATE) {
			service.over++;
			qnet_socket_delete_later(socket);
		} else {
			serve(socket);
		}
	}
}

/* The client that behaves ------------------------------------------------------ */

#define MESSAGE 1000

static struct {
	int fd;
	size_t sent, got;
	unsigned char number;
	int rounds;
	int64_t began, slowest;
} good;

/* Goes on with what it does: it sends a message and takes the answer. */
static const char *good_step(void)
{
	char message[MESSAGE], answer[MESSAGE];
	ssize_t n;

	memset(message, 'a' + good.number % 20, sizeof message);
	if (good.sent == 0)
		good.began = check_now();
	if (good.sent < MESSAGE) {
		n = send(good.fd, message + good.sent, MESSAGE - good.sent, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN)
			return check_why("it cannot send: %s", strerror(errno));
		good.sent += n > 0 ? (size_t)n : 0;
	}
	n = recv(good.fd, answer, MESSAGE - good.got, MSG_DONTWAIT);
	if (n == 0 || (n < 0 && errno != EAGAIN))
		return check_why("it is not answered: %s", n == 0 ? "the end" : strerror(errno));
	if (n > 0 && memcmp(answer, message, (size_t)n) != 0)
		return "it gets another answer";
	good.got += n > 0 ? (size_t)n : 0;
	if (good.got == MESSAGE) {
		int64_t took = check_now() - good.began;

		if (took > good.slowest)
			good.slowest = took;
		good.rounds++;
		good.number++;
		good.sent = good.got = 0;
	}
	return NULL;
}

/* A turn for everybody. */
static const char *step(void)
{
	qnet_loop_process_events(service.loop, 1);
	return good.fd < 0 ? NULL : good_step();
}

#define MEANWHILE(condition) \
	do { \
		int64_t end_ = check_now() + 20000; \
		while (!(condition)) { \
			REQUIRE_OK(step()); \
			if (check_now() > end_) \
				return check_why("line %d: waited in vain for %s: %d open", __LINE__, #condition, \
				                 qnet_tcp_server_open_connections(service.server)); \
		} \
	} while (0)

static const char *begin(void)
{
	memset(&service, 0, sizeof service);
	memset(&good, 0, sizeof good);
	service.loop = qnet_loop_new();
	service.server = qnet_tcp_server_new(service.loop);
	qnet_tcp_server_on_new_connection(service.server, on_new_connection, NULL);
	qnet_tcp_server_set_first_byte_timeout(service.server, FIRST_BYTE);
	qnet_tcp_server_set_idle_timeout(service.server, IDLE);
	qnet_tcp_server_set_listen_backlog_size(service.server, 512);
	REQUIRE(qnet_tcp_server_listen(service.server, QNET_ADDRESS_LOCAL_HOST, 0));
	good.fd = raw_connect(qnet_tcp_server_server_port(service.server));
	REQUIRE(good.fd >= 0);
	MEANWHILE(good.rounds > 0);
	return NULL;
}

/* The good one is answered still, and then nothing is left. */
static const char *finish(void)
{
	int rounds = good.rounds;

	MEANWHILE(qnet_tcp_server_open_connections(service.server) == 1);
	MEANWHILE(good.rounds >= rounds + 20);
	/* Nobody has kept it waiting; but the machine may have other work. */
	if (good.slowest > 2000)
		return check_why("an answer took %d ms", (int)good.slowest);
	close(good.fd);
	good.fd = -1;
	MEANWHILE(qnet_tcp_server_open_connections(service.server) == 0 && service.over == service.accepted);
	qnet_tcp_server_delete(service.server);
	qnet_loop_delete(service.loop);
	return NULL;
}

/* Those that do not -------------------------------------------------------------- */

enum { MANY = 60 };

static int bad[MANY];

static const char *connect_bad(void)
{
	for (int i = 0; i < MANY; i++) {
		bad[i] = raw_connect(qnet_tcp_server_server_port(service.server));
		REQUIRE(bad[i] >= 0);
	}
	return NULL;
}

static void close_bad(void)
{
	for (int i = 0; i < MANY; i++)
		close(bad[i]);
}

static void reset_bad(void)
{
	for (int i = 0; i < MANY; i++)
		raw_reset(bad[i]);
}

/* Sends without waiting; tells how much was taken. */
static ssize_t say(int fd, const void *data, size_t size)
{
	ssize_t n = send(fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);

	return n > 0 ? n : 0;
}

static const char *silent(void)
{
	REQUIRE_OK(begin());
	REQUIRE_OK(connect_bad());
	MEANWHILE(service.accepted == MANY + 1);
	REQUIRE_EQUAL(qnet_tcp_server_open_connections(service.server), MANY + 1);
	MEANWHILE(service.timeouts == MANY);
	REQUIRE_OK(finish());
	close_bad();
	return NULL;
}

/* A byte now and then is answered; when it stops, or comes too seldom, it is over. */
static const char *drip(void)
{
	int64_t start, next;
	int times = 0;

	REQUIRE_OK(begin());
	REQUIRE_OK(connect_bad());
	MEANWHILE(service.accepted == MANY + 1);
	for (start = next = check_now(); check_now() - start < 3 * IDLE;) {
		if (check_now() >= next) {
			for (int i = 0; i < MANY; i++)
				if (i % 2 == 0 || times == 0)
					say(bad[i], "d", 1);
			next += IDLE / 6;
			times++;
		}
		REQUIRE_OK(step());
	}
	REQUIRE_EQUAL(service.timeouts, MANY / 2);
	REQUIRE_EQUAL(qnet_tcp_server_open_connections(service.server), MANY / 2 + 1);
	MEANWHILE(service.timeouts == MANY);
	REQUIRE_OK(finish());
	close_bad();
	return NULL;
}

/* Sends as much as it can, and takes none of the answers. */
static const char *never_reads(void)
{
	static char data[64 << 10];

	REQUIRE_OK(begin());
	REQUIRE_OK(connect_bad());
	memset(data, 'x', sizeof data);
	for (int64_t stop = check_now() + 20000; service.timeouts < MANY;) {
		for (int i = 0; i < MANY; i++)
			say(bad[i], data, sizeof data);
		REQUIRE_OK(step());
		REQUIRE(check_now() < stop);
	}
	/* The server has kept no more for any of them than it wanted to. */
	REQUIRE(service.most <= LIMIT + (16 << 10));
	REQUIRE_OK(finish());
	close_bad();
	return NULL;
}

/* Ends its side at once and goes on taking nothing. */
static const char *half_closed(void)
{
	static char data[4 << 20];

	REQUIRE_OK(begin());
	REQUIRE_OK(connect_bad());
	memset(data, 'x', sizeof data);
	for (int i = 0; i < MANY; i++) {
		say(bad[i], data, i % 2 == 0 ? sizeof data : 10);
		shutdown(bad[i], SHUT_WR);
	}
	MEANWHILE(service.over == MANY);
	REQUIRE_OK(finish());
	close_bad();
	return NULL;
}

/* Resets. In each case the reset comes with the server in another state. */

static const char *reset_before_accept(void)
{
	REQUIRE_OK(begin());
	qnet_tcp_server_pause_accepting(service.server);
	REQUIRE_OK(connect_bad());
	for (int i = 0; i < MANY; i += 2)
		say(bad[i], "hello", 5);
	reset_bad();
	qnet_tcp_server_resume_accepting(service.server);
	MEANWHILE(service.accepted > 1 && service.over == service.accepted - 1);
	REQUIRE_OK(finish());
	return NULL;
}

static const char *reset_before_data(void)
{
	REQUIRE_OK(begin());
	REQUIRE_OK(connect_bad());
	MEANWHILE(service.accepted == MANY + 1);
	reset_bad();
	MEANWHILE(service.over == MANY);
	REQUIRE_EQUAL(service.timeouts, 0);
	REQUIRE_OK(finish());
	return NULL;
}

static const char *reset_amid_messages(void)
{
	char answer[10];

	REQUIRE_OK(begin());
	REQUIRE_OK(connect_bad());
	for (int i = 0; i < MANY; i++)
		say(bad[i], "half of it", 10);
	/* Half of them have their answer, the other half's is under way. */
	for (int i = 0; i < MANY; i += 2)
		MEANWHILE(recv(bad[i], answer, sizeof answer, MSG_DONTWAIT) == 10);
	for (int i = 0; i < MANY; i++)
		say(bad[i], "half of it", 10);
	reset_bad();
	MEANWHILE(service.over == MANY);
	REQUIRE_OK(finish());
	return NULL;
}

/* With bytes unread on both sides, and the server waiting to write. */
static const char *reset_with_both_ways_full(void)
{
	static char data[64 << 10];
	int full = 0;

	REQUIRE_OK(begin());
	qnet_tcp_server_set_idle_timeout(service.server, 0);
	REQUIRE_OK(connect_bad());
	memset(data, 'x', sizeof data);
	/* Until nothing moves any more. */
	for (int quiet = 0; quiet < 50; quiet++) {
		full = 0;
		for (int i = 0; i < MANY; i++)
			if (say(bad[i], data, sizeof data) > 0)
				quiet = 0;
			else
				full++;
		REQUIRE_OK(step());
	}
	REQUIRE_EQUAL(full, MANY);
	REQUIRE(service.most >= LIMIT);
	reset_bad();
	MEANWHILE(service.over == MANY);
	REQUIRE_OK(finish());
	return NULL;
}

/* The server has said goodbye and has much to send still. */
static const char *reset_amid_goodbye(void)
{
	enum { FEW = 12 };

	REQUIRE_OK(begin());
	REQUIRE_OK(connect_bad());
	for (int i = FEW; i < MANY; i++)
		close(bad[i]);
	for (int i = 0; i < FEW; i++)
		say(bad[i], "B", 1);
	MEANWHILE(service.accepted == MANY + 1 && qnet_tcp_server_open_connections(service.server) == FEW + 1);
	/* The first half resets, the others never take it: their time runs out. */
	for (int i = 0; i < FEW / 2; i++)
		raw_reset(bad[i]);
	MEANWHILE(service.over == MANY);
	REQUIRE_EQUAL(service.timeouts, FEW / 2);
	REQUIRE_OK(finish());
	for (int i = FEW / 2; i < FEW; i++)
		close(bad[i]);
	return NULL;
}

/* All at once, in random order and with random ends. */
static const char *all_at_once(void)
{
	static char data[100 << 10];
	unsigned random = 12345;
	int fds[MANY], live = 0, began = 0;

	REQUIRE_OK(begin());
	qnet_tcp_server_set_connection_limit(service.server, MANY / 2);
	memset(data, 'x', sizeof data);
	while (began < 20 * MANY || live > 0) {
		random = random * 1664525 + 1013904223;
		int what = (int)(random >> 24) % 8, i = live > 0 ? (int)(random >> 8 & 0xffff) % live : 0;

		if (what < 3 && live < MANY && began < 20 * MANY) {
			fds[live] = raw_connect(qnet_tcp_server_server_port(service.server));
			REQUIRE(fds[live] >= 0);
			live++;
			began++;
		} else if (live > 0) {
			switch (what) {
			case 3: say(fds[i], data, sizeof data); break;
			case 4: say(fds[i], "B", 1); break;
			case 5: shutdown(fds[i], SHUT_WR); break;
			case 6: raw_reset(fds[i]); break;
			case 7: close(fds[i]); break;
			}
			if (what >= 6)
				fds[i] = fds[--live];
		}
		REQUIRE_OK(step());
		REQUIRE(qnet_tcp_server_open_connections(service.server) <= MANY / 2);
	}
	REQUIRE_OK(finish());
	return NULL;
}

/* The limits on numbers -------------------------------------------------------------- */

/* Returns a plain connection from another address of this machine, or -1. */
static int connect_from(uint32_t from, uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(from);
	if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0) {
		address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		address.sin_port = htons(port);
		if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
			return fd;
	}
	close(fd);
	return -1;
}

/* One address takes as many connections as it gets; others get theirs. */
static const char *flood_of_an_address(void)
{
	uint16_t port;
	int other;

	REQUIRE_OK(begin());
	port = qnet_tcp_server_server_port(service.server);
	qnet_tcp_server_set_address_connection_limit(service.server, 10);
	for (int i = 0; i < MANY; i++) {
		bad[i] = connect_from(INADDR_LOOPBACK + 1, port);
		REQUIRE(bad[i] >= 0);
	}
	MEANWHILE(qnet_tcp_server_refused_connections(service.server) == MANY - 10);
	REQUIRE_EQUAL(qnet_tcp_server_open_connections(service.server), 11);
	other = connect_from(INADDR_LOOPBACK + 2, port);
	REQUIRE(other >= 0);
	MEANWHILE(service.accepted == 12);
	close(other);
	REQUIRE_OK(finish());
	close_bad();
	return NULL;
}

/* Silent clients hold every place: they lose it, and who waits gets in. */
static const char *flood_of_silence(void)
{
	int late;
	char answer[5];

	REQUIRE_OK(begin());
	qnet_tcp_server_set_connection_limit(service.server, 11);
	REQUIRE_OK(connect_bad());
	late = raw_connect(qnet_tcp_server_server_port(service.server));
	REQUIRE(late >= 0 && say(late, "hello", 5) == 5);
	while (recv(late, answer, sizeof answer, MSG_DONTWAIT) != 5) {
		MEANWHILE(true);
		REQUIRE_OK(step());
		REQUIRE(qnet_tcp_server_open_connections(service.server) <= 11);
		REQUIRE(service.timeouts <= MANY);
	}
	/* Those before it had their time first. */
	REQUIRE(service.timeouts >= MANY - 10);
	close(late);
	REQUIRE_OK(finish());
	close_bad();
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		{ "silent", silent },
		{ "drip", drip },
		{ "never_reads", never_reads },
		{ "half_closed", half_closed },
		{ "reset_before_accept", reset_before_accept },
		{ "reset_before_data", reset_before_data },
		{ "reset_amid_messages", reset_amid_messages },
		{ "reset_with_both_ways_full", reset_with_both_ways_full },
		{ "reset_amid_goodbye", reset_amid_goodbye },
		{ "all_at_once", all_at_once },
		{ "flood_of_an_address", flood_of_an_address },
		{ "flood_of_silence", flood_of_silence },
	};

	return check_main(cases, LENGTH(cases), argc, argv);
}
