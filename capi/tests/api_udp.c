/*
 * The C API in ordinary use: UDP sockets.
 */
#include "pair.h"

#include <net/if.h>
#include <pthread.h>
#include <sched.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

/* Two bound sockets, and what they have said. */
struct udp {
	qnet_loop *loop;
	qnet_socket *a, *b;
	uint16_t a_port, b_port;
};

static struct check_log events;

static void on_ready_read(qnet_socket *socket, void *user_data)
{
	(void)socket;
	check_note(&events, "%sready", (const char *)user_data);
}

static void on_bytes_written(qnet_socket *socket, int64_t bytes, void *user_data)
{
	(void)socket;
	check_note(&events, "%swritten:%d", (const char *)user_data, (int)bytes);
}

static void on_error_occurred(qnet_socket *socket, qnet_error error, void *user_data)
{
	(void)socket;
	check_note(&events, "%serror:%d", (const char *)user_data, error);
}

static void on_state_changed(qnet_socket *socket, qnet_state state, void *user_data)
{
	(void)socket;
	check_note(&events, "%s=%d", (const char *)user_data, state);
}

static void watch(qnet_socket *socket, const char *name)
{
	qnet_socket_on_ready_read(socket, on_ready_read, (void *)name);
	qnet_socket_on_bytes_written(socket, on_bytes_written, (void *)name);
	qnet_socket_on_error_occurred(socket, on_error_occurred, (void *)name);
	qnet_socket_on_state_changed(socket, on_state_changed, (void *)name);
}

static void udp_close(struct udp *udp)
{
	qnet_socket_delete(udp->a);
	qnet_socket_delete(udp->b);
	qnet_loop_delete(udp->loop);
}

static const char *udp_open(struct udp *udp, const qnet_host_address *address)
{
	udp->loop = qnet_loop_new();
	udp->a = qnet_udp_socket_new(udp->loop);
	udp->b = qnet_udp_socket_new(udp->loop);
	REQUIRE(udp->loop != NULL && udp->a != NULL && udp->b != NULL);
	REQUIRE(qnet_socket_bind(udp->a, address, 0, QNET_DEFAULT_FOR_PLATFORM));
	REQUIRE(qnet_socket_bind(udp->b, address, 0, QNET_DEFAULT_FOR_PLATFORM));
	udp->a_port = qnet_socket_local_port(udp->a);
	udp->b_port = qnet_socket_local_port(udp->b);
	REQUIRE(udp->a_port != 0 && udp->b_port != 0);
	watch(udp->a, "a:");
	watch(udp->b, "b:");
	check_take(&events);
	return NULL;
}

/* Runs body with two sockets that are bound to address. */
static const char *with_udp_at(const qnet_host_address *address, const char *(*body)(struct udp *))
{
	struct udp udp = { NULL, NULL, NULL, 0, 0 };
	const char *why = udp_open(&udp, address);

	if (why == NULL)
		why = body(&udp);
	udp_close(&udp);
	return why;
}

static const char *with_udp(const char *(*body)(struct udp *))
{
	return with_udp_at(QNET_ADDRESS_LOCAL_HOST, body);
}

/* Has a send a text to b. */
static bool send_text(struct udp *udp, const char *text)
{
	int64_t size = (int64_t)strlen(text);

	return qnet_udp_socket_write_datagram(udp->a, text, size, QNET_ADDRESS_LOCAL_HOST, udp->b_port) == size;
}

/* Sending and receiving ---------------------------------------------------- */

static const char *exchange(struct udp *udp)
{
	char data[100];
	qnet_host_address from;
	uint16_t port;

	REQUIRE(!qnet_udp_socket_has_pending_datagrams(udp->b));
	REQUIRE_EQUAL(qnet_udp_socket_pending_datagram_size(udp->b), -1);
	REQUIRE(send_text(udp, "hello") && send_text(udp, "") && send_text(udp, "a longer one"));
	REQUIRE_TEXT(check_take(&events), "a:written:5 a:written:0 a:written:12");
	UNTIL(udp->loop, strstr(events.text, "b:ready") != NULL);
	check_settle(udp->loop);
	REQUIRE_TEXT(check_take(&events), "b:ready"); /* and not again before something was read */

	REQUIRE_EQUAL(qnet_socket_bytes_available(udp->b), 5);
	REQUIRE_EQUAL(qnet_udp_socket_pending_datagram_size(udp->b), 5);
	REQUIRE_EQUAL(qnet_udp_socket_read_datagram(udp->b, data, sizeof data, &from, &port), 5);
	REQUIRE(memcmp(data, "hello", 5) == 0 && port == udp->a_port);
	REQUIRE(qnet_host_address_is_equal(&from, QNET_ADDRESS_LOCAL_HOST, QNET_STRICT_CONVERSION));
	check_settle(udp->loop);
	REQUIRE_TEXT(check_take(&events), "b:ready"); /* for the rest */

	REQUIRE(qnet_udp_socket_has_pending_datagrams(udp->b));
	REQUIRE_EQUAL(qnet_udp_socket_pending_datagram_size(udp->b), 0);
	REQUIRE_EQUAL(qnet_udp_socket_read_datagram(udp->b, NULL, 0, NULL, NULL), 0);
	REQUIRE_EQUAL(qnet_udp_socket_read_datagram(udp->b, data, 8, NULL, NULL), 8); /* the rest is dropped */
	REQUIRE(memcmp(data, "a longer", 8) == 0);
	REQUIRE(!qnet_udp_socket_has_pending_datagrams(udp->b));
	REQUIRE_EQUAL(qnet_udp_socket_read_datagram(udp->b, data, sizeof data, NULL, NULL), -1);
	REQUIRE_EQUAL(qnet_socket_error(udp->b), QNET_TEMPORARY_ERROR);
	REQUIRE_TEXT(check_take(&events), "b:error:22");
	return NULL;
}

static const char *exchange_case(void)
{
	return with_udp(exchange);
}

static const char *receive(struct udp *udp)
{
	qnet_datagram got = { .size = 77 };

	REQUIRE(!qnet_udp_socket_receive_datagram(udp->b, -1, &got));
	REQUIRE_EQUAL(got.size, 77);
	REQUIRE(send_text(udp, "hello world") && send_text(udp, "next"));
	REQUIRE(qnet_udp_socket_receive_datagram(udp->b, 5, &got));
	REQUIRE_EQUAL(got.size, 5);
	REQUIRE_TEXT(got.data, "hello");
	REQUIRE_EQUAL(got.sender_port, udp->a_port);
	REQUIRE_EQUAL(got.destination_port, udp->b_port);
	REQUIRE_EQUAL(got.interface_index, if_nametoindex("lo"));
	REQUIRE_EQUAL(got.hop_limit, 64);
	REQUIRE(qnet_host_address_is_loopback(&got.sender) && qnet_host_address_is_loopback(&got.destination));
	REQUIRE(qnet_udp_socket_receive_datagram(udp->b, -1, &got));
	REQUIRE_TEXT(got.data, "next");
	return NULL;
}

static const char *receive_case(void)
{
	return with_udp(receive);
}

static const char *batch(struct udp *udp)
{
	enum { COUNT = 100 };
	static char sent[COUNT][200], room[COUNT][200];
	static qnet_datagram out[COUNT], in[COUNT];
	int64_t bytes = 0;

	/* Runs of one size, which go as trains, shorter ones at their end, empty ones. */
	for (int i = 0; i < COUNT; i++) {
		memset(sent[i], 'a' + i % 26, sizeof sent[i]);
		out[i] = (qnet_datagram){ .data = sent[i], .size = i % 20 == 19 ? 0 : i % 20 == 9 ? 7 : 100 + i / 10 };
		out[i].destination = *QNET_ADDRESS_LOCAL_HOST;
		out[i].destination_port = udp->b_port;
		out[i].hop_limit = i < 50 ? -1 : 9;
		in[i] = (qnet_datagram){ .data = room[i], .capacity = sizeof room[i] };
		bytes += out[i].size;
	}
	REQUIRE_EQUAL(qnet_udp_socket_write_datagrams(udp->a, out, COUNT), COUNT);
	REQUIRE_TEXT(check_take(&events), check_why("a:written:%d", (int)bytes));
	for (int got = 0; got < COUNT;) {
		int n = qnet_udp_socket_read_datagrams(udp->b, in + got, COUNT - got);

		REQUIRE(n > 0);
		got += n;
	}
	for (int i = 0; i < COUNT; i++) {
		REQUIRE_EQUAL(in[i].size, out[i].size);
		REQUIRE(memcmp(room[i], sent[i], (size_t)in[i].size) == 0);
		REQUIRE_EQUAL(in[i].sender_port, udp->a_port);
		REQUIRE_EQUAL(in[i].hop_limit, i < 50 ? 64 : 9);
	}
	REQUIRE_EQUAL(qnet_udp_socket_read_datagrams(udp->b, in, COUNT), -1);
	REQUIRE_TEXT(check_take(&events), "b:error:22");
	REQUIRE_EQUAL(qnet_udp_socket_read_datagrams(udp->b, in, 0), 0);
	REQUIRE_EQUAL(qnet_udp_socket_write_datagrams(udp->a, out, 0), 0);

	/* The second of three cannot be sent. */
	out[1].size = 65508;
	out[1].data = calloc(1, 65508);
	REQUIRE_EQUAL(qnet_udp_socket_write_datagrams(udp->a, out, 3), 1);
	REQUIRE_EQUAL(qnet_socket_error(udp->a), QNET_DATAGRAM_TOO_LARGE_ERROR);
	REQUIRE_TEXT(check_take(&events), "a:written:100 a:error:6");
	REQUIRE_EQUAL(qnet_udp_socket_write_datagrams(udp->a, out + 1, 2), -1);
	free(out[1].data);
	check_take(&events);

	/* A train that no packet of the path could hold goes in pieces. */
	in[0].capacity = 3;
	out[1] = out[0];
	REQUIRE_EQUAL(qnet_udp_socket_write_datagrams(udp->a, out, 2), 2);
	REQUIRE_EQUAL(qnet_udp_socket_read_datagrams(udp->b, in, 1), 1);
	REQUIRE_EQUAL(in[0].size, 3); /* of the 100; the rest is dropped */
	REQUIRE_EQUAL(qnet_udp_socket_write_datagrams(udp->a, out, -1), -1);
	REQUIRE_EQUAL(qnet_udp_socket_read_datagrams(udp->b, in, -1), -1);
	in[0].capacity = -1;
	REQUIRE_EQUAL(qnet_udp_socket_read_datagrams(udp->b, in, 1), -1);
	REQUIRE_WARNINGS(3);
	return NULL;
}

static const char *batch_case(void)
{
	return with_udp(batch);
}

static const char *source(struct udp *udp)
{
	qnet_datagram out = { .data = "hello", .size = 5, .hop_limit = 7, .destination_port = udp->b_port }, in;

	REQUIRE(qnet_host_address_set_address(&out.sender, "127.0.0.7"));
	REQUIRE(qnet_host_address_set_address(&out.destination, "127.0.0.9"));
	REQUIRE_EQUAL(qnet_udp_socket_write_datagrams(udp->a, &out, 1), 1);
	REQUIRE(qnet_udp_socket_receive_datagram(udp->b, -1, &in));
	REQUIRE(qnet_host_address_is_equal(&in.sender, &out.sender, QNET_TOLERANT_CONVERSION));
	REQUIRE(qnet_host_address_is_equal(&in.destination, &out.destination, QNET_TOLERANT_CONVERSION));
	REQUIRE_EQUAL(in.hop_limit, 7);
	return NULL;
}

static const char *source_ipv4(void)
{
	return with_udp_at(QNET_ADDRESS_ANY_IPV4, source);
}

/* With IPv4 on a socket of both families. */
static const char *source_any(void)
{
	return with_udp_at(QNET_ADDRESS_ANY, source);
}

static const char *ipv6(struct udp *udp)
{
	qnet_datagram out = { .data = "hello", .size = 5, .hop_limit = 7, .destination_port = udp->b_port }, in;

	out.destination = *QNET_ADDRESS_LOCAL_HOST_IPV6;
	out.sender = *QNET_ADDRESS_LOCAL_HOST_IPV6;
	REQUIRE_EQUAL(qnet_udp_socket_write_datagrams(udp->a, &out, 1), 1);
	REQUIRE(qnet_udp_socket_receive_datagram(udp->b, -1, &in));
	REQUIRE_EQUAL(in.hop_limit, 7);
	REQUIRE_EQUAL(in.size, 5);
	REQUIRE(qnet_host_address_is_equal(&in.destination, QNET_ADDRESS_LOCAL_HOST_IPV6, QNET_STRICT_CONVERSION));
	REQUIRE_EQUAL(in.interface_index, if_nametoindex("lo"));
	return NULL;
}

static const char *ipv6_case(void)
{
	return with_udp_at(QNET_ADDRESS_ANY_IPV6, ipv6);
}

static const char *connected(struct udp *udp)
{
	qnet_socket *c = qnet_udp_socket_new(udp->loop);
	char data[100];
	uint16_t port;

	watch(c, "c:");
	qnet_socket_connect_to_address(c, QNET_ADDRESS_LOCAL_HOST, udp->b_port, QNET_READ_WRITE);
	REQUIRE_TEXT(check_take(&events), "c:=1 c:=2 c:=3");
	port = qnet_socket_local_port(c);
	REQUIRE_EQUAL(qnet_socket_write(c, "hello", 5), 5);
	REQUIRE_TEXT(check_take(&events), "c:written:5");
	REQUIRE_EQUAL(qnet_udp_socket_read_datagram(udp->b, data, sizeof data, NULL, NULL), 5);
	REQUIRE_EQUAL(qnet_udp_socket_write_datagram(c, "again", 5, NULL, 0), 5); /* to the peer */
	REQUIRE_EQUAL(qnet_udp_socket_read_datagram(udp->b, data, sizeof data, NULL, NULL), 5);
	REQUIRE_EQUAL(qnet_udp_socket_write_datagram(udp->b, "one", 3, QNET_ADDRESS_LOCAL_HOST, port), 3);
	REQUIRE_EQUAL(qnet_udp_socket_write_datagram(udp->b, "two", 3, QNET_ADDRESS_LOCAL_HOST, port), 3);
	REQUIRE_EQUAL(qnet_udp_socket_write_datagram(udp->a, "foreign", 7, QNET_ADDRESS_LOCAL_HOST, port), 7);
	REQUIRE(qnet_socket_wait_for_ready_read(c, 10000));
	REQUIRE_EQUAL(qnet_socket_read(c, data, 2), 2); /* the third byte is dropped */
	REQUIRE_EQUAL(qnet_socket_read(c, data, sizeof data), 3);
	REQUIRE_EQUAL(qnet_socket_read(c, data, sizeof data), 0);
	check_take(&events);

	/* Nobody receives any more: the network says so. */
	qnet_socket_close(udp->b);
	REQUIRE_EQUAL(qnet_socket_write(c, "anybody?", 8), 8);
	UNTIL(udp->loop, strstr(events.text, "c:error:0") != NULL);
	REQUIRE_EQUAL(qnet_socket_state(c), QNET_CONNECTED_STATE);
	qnet_socket_disconnect_from_host(c);
	REQUIRE_EQUAL(qnet_socket_state(c), QNET_UNCONNECTED_STATE);
	qnet_socket_delete(c);
	return NULL;
}

static const char *connected_case(void)
{
	return with_udp(connected);
}

static const char *errors(struct udp *udp)
{
	static char large[65508];
	qnet_socket *c = qnet_udp_socket_new(udp->loop);

	REQUIRE_EQUAL(qnet_udp_socket_write_datagram(udp->a, large, sizeof large, QNET_ADDRESS_LOCAL_HOST, udp->b_port), -1);
	REQUIRE_EQUAL(qnet_socket_error(udp->a), QNET_DATAGRAM_TOO_LARGE_ERROR);
	REQUIRE_TEXT(check_take(&events), "a:error:6");
	REQUIRE_EQUAL(qnet_udp_socket_write_datagram(udp->a, large, sizeof large - 1, QNET_ADDRESS_LOCAL_HOST, udp->b_port), 65507);
	REQUIRE_EQUAL(qnet_udp_socket_pending_datagram_size(udp->b), 65507);
	REQUIRE_EQUAL(qnet_udp_socket_write_datagram(udp->a, "x", 1, NULL, 9), -1);

	/* Neither bound nor connected. */
	REQUIRE(!qnet_udp_socket_has_pending_datagrams(c));
	REQUIRE_EQUAL(qnet_udp_socket_pending_datagram_size(c), -1);
	REQUIRE_EQUAL(qnet_udp_socket_read_datagram(c, large, sizeof large, NULL, NULL), -1);
	REQUIRE(!qnet_udp_socket_set_multicast_interface(c, 1));
	REQUIRE_EQUAL(qnet_udp_socket_multicast_interface(c), 0);
	REQUIRE_WARNINGS(5);
	REQUIRE_EQUAL(qnet_udp_socket_dropped_datagrams(c), -1);

	/* The first datagram binds. */
	REQUIRE_EQUAL(qnet_udp_socket_write_datagram(c, "x", 1, QNET_ADDRESS_LOCAL_HOST, udp->b_port), 1);
	REQUIRE_EQUAL(qnet_socket_state(c), QNET_BOUND_STATE);
	REQUIRE_EQUAL(qnet_udp_socket_dropped_datagrams(c), 0);
	qnet_socket_delete(c);
	return NULL;
}

static const char *errors_case(void)
{
	return with_udp(errors);
}

static const char *wrong_kind(void)
{
	qnet_socket *tcp = qnet_tcp_socket_new(NULL);
	qnet_datagram datagram = { .hop_limit = -1 };
	char data[1];

	qnet_socket_on_error_occurred(tcp, on_error_occurred, "");
	check_take(&events);
	REQUIRE(!qnet_udp_socket_has_pending_datagrams(tcp));
	REQUIRE_EQUAL(qnet_udp_socket_pending_datagram_size(tcp), -1);
	REQUIRE_EQUAL(qnet_udp_socket_read_datagram(tcp, data, 1, NULL, NULL), -1);
	REQUIRE(!qnet_udp_socket_receive_datagram(tcp, -1, &datagram));
	REQUIRE_EQUAL(qnet_udp_socket_read_datagrams(tcp, &datagram, 1), -1);
	REQUIRE_EQUAL(qnet_udp_socket_dropped_datagrams(tcp), -1);
	REQUIRE_EQUAL(qnet_udp_socket_write_datagram(tcp, "x", 1, QNET_ADDRESS_LOCAL_HOST, 9), -1);
	REQUIRE_EQUAL(qnet_udp_socket_write_datagrams(tcp, &datagram, 1), -1);
	REQUIRE(!qnet_udp_socket_join_multicast_group(tcp, QNET_ADDRESS_LOCAL_HOST, 0));
	REQUIRE(!qnet_udp_socket_leave_multicast_group(tcp, QNET_ADDRESS_LOCAL_HOST, 0));
	REQUIRE_EQUAL(qnet_udp_socket_multicast_interface(tcp), 0);
	REQUIRE(!qnet_udp_socket_set_multicast_interface(tcp, 1));
	REQUIRE_TEXT(check_take(&events), "error:10 error:10 error:10 error:10 error:10 error:10 error:10 error:10 error:10 "
	                                  "error:10 error:10 error:10");
	REQUIRE_EQUAL(qnet_socket_error(tcp), QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR);
	qnet_socket_delete(tcp);
	return NULL;
}

/* Closing and deleting inside readyRead ------------------------------------- */

static void close_in_ready_read(qnet_socket *socket, void *user_data)
{
	int *calls = user_data;

	if (++*calls == 1)
		qnet_socket_close(socket);
	else
		qnet_socket_delete(socket);
}

static const char *closing(struct udp *udp)
{
	int calls = 0;
	uint16_t port = udp->b_port;

	qnet_socket_on_ready_read(udp->b, close_in_ready_read, &calls);
	for (int i = 0; i < 40; i++)
		REQUIRE(send_text(udp, "x"));
	UNTIL(udp->loop, calls == 1);
	REQUIRE_EQUAL(qnet_socket_state(udp->b), QNET_UNCONNECTED_STATE);
	REQUIRE_EQUAL(qnet_socket_bytes_available(udp->b), 0);
	REQUIRE(qnet_socket_bind(udp->b, QNET_ADDRESS_LOCAL_HOST, port, QNET_DEFAULT_FOR_PLATFORM));
	REQUIRE(!qnet_udp_socket_has_pending_datagrams(udp->b)); /* what was there is gone */
	for (int i = 0; i < 40; i++)
		REQUIRE(send_text(udp, "x"));
	UNTIL(udp->loop, calls == 2);
	check_settle(udp->loop);
	udp->b = qnet_udp_socket_new(udp->loop); /* to be deleted at the end */
	return NULL;
}

static const char *closing_case(void)
{
	return with_udp(closing);
}

/* A million datagrams ------------------------------------------------------ */

enum { MILLION = 1000000, NUMBERED_SIZE = 64 };

struct numbered {
	uint16_t port;
	int train; /* datagrams in each call */
	const char *failed;
	atomic_bool done;
};

/* Sends a million numbered datagrams, some with each call. */
static void *send_numbered(void *user_data)
{
	static char data[64 * NUMBERED_SIZE];
	struct numbered *numbered = user_data;
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(numbered->port) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), size = NUMBERED_SIZE;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
		numbered->failed = "the sender cannot connect";
	else if (numbered->train > 1 && setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof size) != 0)
		numbered->failed = "the system does not split trains";
	for (int64_t number = 0; numbered->failed == NULL && number < MILLION;) {
		char *p = data;

		for (int i = 0; i < numbered->train; i++, p += NUMBERED_SIZE, number++)
			memcpy(p, &number, sizeof number);
		if (send(fd, data, (size_t)(p - data), 0) != p - data)
			numbered->failed = "the sender cannot send";
	}
	close(fd);
	numbered->done = true;
	return NULL;
}

static int64_t received, last_number, wrong;

static void read_numbered(qnet_socket *socket, void *user_data)
{
	(void)user_data;
	while (qnet_udp_socket_has_pending_datagrams(socket)) {
		char data[2 * NUMBERED_SIZE];
		int64_t number;

		if (qnet_udp_socket_read_datagram(socket, data, sizeof data, NULL, NULL) != NUMBERED_SIZE)
			wrong++;
		memcpy(&number, data, sizeof number);
		wrong += number <= last_number; /* twice, or before its turn */
		last_number = number;
		received++;
	}
}

/* What arrives is what the system has not dropped, once and in order. */
static const char *million(int train, bool trains)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_socket *socket = qnet_udp_socket_new(loop);
	struct numbered numbered = { .train = train };
	pthread_t sender;
	int64_t dropped;

	received = wrong = 0;
	last_number = -1;
	REQUIRE(qnet_socket_bind(socket, QNET_ADDRESS_LOCAL_HOST, 0, QNET_DEFAULT_FOR_PLATFORM));
	REQUIRE_EQUAL(qnet_socket_socket_option(socket, QNET_RECEIVE_TRAINS_OPTION), 1);
	REQUIRE(qnet_socket_set_socket_option(socket, QNET_RECEIVE_TRAINS_OPTION, trains));
	qnet_socket_on_ready_read(socket, read_numbered, NULL);
	numbered.port = qnet_socket_local_port(socket);
	REQUIRE(pthread_create(&sender, NULL, send_numbered, &numbered) == 0);
	while (!numbered.done)
		qnet_loop_process_events(loop, 10);
	pthread_join(sender, NULL);
	while (qnet_loop_process_events(loop, 0))
		continue;
	dropped = qnet_udp_socket_dropped_datagrams(socket);
	qnet_socket_delete(socket);
	qnet_loop_delete(loop);
	if (numbered.failed != NULL)
		return numbered.failed;
	printf("of %d datagrams in trains of %d, received %s, %lld arrived and %lld were dropped\n", MILLION, train,
	       trains ? "whole" : "singly", (long long)received, (long long)dropped);
	REQUIRE_EQUAL(wrong, 0);
	REQUIRE(received > 0 && dropped >= 0);
	REQUIRE_EQUAL(received + dropped, MILLION);
	return NULL;
}

static const char *million_single(void)
{
	return million(1, true);
}

static const char *million_trains(void)
{
	return million(64, true);
}

static const char *million_trains_split(void)
{
	return million(64, false);
}

/* A flood beside a connection ----------------------------------------------- */

struct flood {
	uint16_t port;
	atomic_bool stop;
};

static void *send_flood(void *user_data)
{
	static const char data[64 * NUMBERED_SIZE];
	struct flood *flood = user_data;
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(flood->port) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), size = NUMBERED_SIZE;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof size);
	while (!flood->stop)
		sendto(fd, data, sizeof data, 0, (struct sockaddr *)&address, sizeof address);
	close(fd);
	return NULL;
}

static void echo(qnet_socket *socket, void *user_data)
{
	char data[16];
	int64_t size = qnet_socket_read(socket, data, sizeof data);

	(void)user_data;
	qnet_socket_write(socket, data, size);
}

static void ping(qnet_socket *socket, void *user_data)
{
	int *rounds = user_data;

	++*rounds;
	echo(socket, NULL);
}

/* One who answers from another thread would hide that the loop does not turn:
 * both ends are on it. */
static const char *flooded(void)
{
	enum { ROUNDS = 500 };
	struct pair pair;
	struct flood flood = { .stop = false };
	const char *why = pair_open(&pair);
	qnet_socket *udp;
	pthread_t sender;
	int rounds = 0;

	if (why != NULL)
		return why;
	udp = qnet_udp_socket_new(pair.loop);
	received = 0;
	REQUIRE(qnet_socket_bind(udp, QNET_ADDRESS_LOCAL_HOST, 0, QNET_DEFAULT_FOR_PLATFORM));
	flood.port = qnet_socket_local_port(udp);
	qnet_socket_on_ready_read(udp, read_numbered, NULL);
	qnet_socket_on_ready_read(pair.peer, echo, NULL);
	qnet_socket_on_ready_read(pair.client, ping, &rounds);
	REQUIRE(pthread_create(&sender, NULL, send_flood, &flood) == 0);
	while (received < 1000)
		qnet_loop_process_events(pair.loop, 10);
	qnet_socket_write(pair.client, "ping", 4);
	while (rounds < ROUNDS)
		qnet_loop_process_events(pair.loop, 10);
	flood.stop = true;
	pthread_join(sender, NULL);
	qnet_socket_delete(udp);
	pair_close(&pair);
	REQUIRE(received > ROUNDS); /* the flood went on meanwhile */
	return NULL;
}

/* Multicast ---------------------------------------------------------------- */

static const char *membership(struct udp *udp)
{
	qnet_host_address group, other;
	uint32_t lo = if_nametoindex("lo");
	qnet_datagram in;

	REQUIRE(qnet_host_address_set_address(&group, "239.255.98.76"));
	REQUIRE(qnet_host_address_set_address(&other, "10.1.2.3"));
	REQUIRE(qnet_udp_socket_join_multicast_group(udp->b, &group, lo));
	REQUIRE(!qnet_udp_socket_join_multicast_group(udp->b, &group, lo));
	REQUIRE(!qnet_udp_socket_join_multicast_group(udp->b, &other, lo));
	REQUIRE_EQUAL(qnet_udp_socket_multicast_interface(udp->a), 0);
	REQUIRE(qnet_udp_socket_set_multicast_interface(udp->a, lo));
	REQUIRE_EQUAL(qnet_udp_socket_multicast_interface(udp->a), lo);
	REQUIRE(!qnet_udp_socket_set_multicast_interface(udp->a, 4000000));
	REQUIRE(qnet_socket_set_socket_option(udp->a, QNET_MULTICAST_TTL_OPTION, 5));
	REQUIRE_EQUAL(qnet_udp_socket_write_datagram(udp->a, "all", 3, &group, udp->b_port), 3);
	UNTIL(udp->loop, qnet_udp_socket_has_pending_datagrams(udp->b));
	REQUIRE(qnet_udp_socket_receive_datagram(udp->b, -1, &in));
	REQUIRE_EQUAL(in.hop_limit, 5);
	REQUIRE(qnet_host_address_is_equal(&in.destination, &group, QNET_STRICT_CONVERSION));
	REQUIRE(qnet_udp_socket_leave_multicast_group(udp->b, &group, lo));
	REQUIRE(!qnet_udp_socket_leave_multicast_group(udp->b, &group, lo));
	REQUIRE_EQUAL(qnet_udp_socket_write_datagram(udp->a, "all", 3, &group, udp->b_port), 3);
	REQUIRE(!qnet_socket_wait_for_ready_read(udp->b, 50));
	return NULL;
}

static const char *membership_case(void)
{
	return with_udp_at(QNET_ADDRESS_ANY_IPV4, membership);
}

/* Runs a command of the shell; returns whether it succeeded. */
__attribute__((format(printf, 1, 2))) static bool shell(const char *format, ...)
{
	char command[500];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(command, sizeof command, format, arguments);
	va_end(arguments);
	return system(command) == 0;
}

/* The two network namespaces, x and y, are named after this process. */
static bool make_namespaces(void)
{
	int id = getpid();

	return shell("ip netns add qnet-x-%d && ip netns add qnet-y-%d", id, id) &&
	       shell("ip -n qnet-x-%d link add veth0 type veth peer name veth0 netns qnet-y-%d", id, id) &&
	       shell("for n in x y; do ip -n qnet-$n-%d addr add 10.98.76.$(($(printf %%d \"'$n\") - 119))/24 dev veth0 && "
	             "ip -n qnet-$n-%d addr add fd98:76::$(($(printf %%d \"'$n\") - 119))/64 dev veth0 nodad && "
	             "ip -n qnet-$n-%d link set veth0 up && ip -n qnet-$n-%d route add 239.0.0.0/8 dev veth0 || exit 1; done",
	             id, id, id, id) &&
	       /* The way to groups is there once the other end's being up has come through. */
	       shell("for i in $(seq 1000); do ip -n qnet-x-%d -6 route get ff15::1 oif veth0 >/dev/null 2>&1 && exit 0; done; exit 1", id);
}

static void remove_namespaces(void)
{
	shell("ip netns delete qnet-x-%d 2>/dev/null; ip netns delete qnet-y-%d 2>/dev/null", getpid(), getpid());
}

/* Makes a socket in a network namespace: those that this thread makes belong to
 * the namespace that it is in. */
static qnet_socket *bind_in(qnet_loop *loop, char name, const qnet_host_address *address, uint32_t *interface)
{
	char path[100];
	int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), there;
	qnet_socket *socket = qnet_udp_socket_new(loop);

	snprintf(path, sizeof path, "/run/netns/qnet-%c-%d", name, getpid());
	there = open(path, O_RDONLY | O_CLOEXEC);
	if (home < 0 || there < 0 || setns(there, CLONE_NEWNET) != 0 ||
	    !qnet_socket_bind(socket, address, 0, QNET_DEFAULT_FOR_PLATFORM)) {
		qnet_socket_delete(socket);
		socket = NULL;
	}
	*interface = if_nametoindex("veth0");
	if (setns(home, CLONE_NEWNET) != 0)
		abort();
	close(home);
	close(there);
	return socket;
}

static const char *multicast_between(const qnet_host_address *any, const char *group_name)
{
	qnet_loop *loop = qnet_loop_new();
	uint32_t x_interface, y_interface;
	qnet_socket *x = bind_in(loop, 'x', any, &x_interface), *y = bind_in(loop, 'y', any, &y_interface);
	qnet_host_address group;
	qnet_datagram in;
	uint16_t port;

	REQUIRE(x != NULL && y != NULL && x_interface != 0 && y_interface != 0);
	REQUIRE(qnet_host_address_set_address(&group, group_name));
	port = qnet_socket_local_port(y);
	REQUIRE(qnet_udp_socket_set_multicast_interface(x, x_interface));
	REQUIRE(qnet_socket_set_socket_option(x, QNET_MULTICAST_TTL_OPTION, 3));

	REQUIRE_EQUAL(qnet_udp_socket_write_datagram(x, "before", 6, &group, port), 6);
	REQUIRE(!qnet_socket_wait_for_ready_read(y, 50));
	REQUIRE(qnet_udp_socket_join_multicast_group(y, &group, y_interface));
	REQUIRE_EQUAL(qnet_udp_socket_write_datagram(x, "member", 6, &group, port), 6);
	REQUIRE(qnet_socket_wait_for_ready_read(y, 10000));
	REQUIRE(qnet_udp_socket_receive_datagram(y, -1, &in));
	REQUIRE_TEXT(in.data, "member");
	REQUIRE_EQUAL(in.interface_index, y_interface);
	REQUIRE_EQUAL(in.hop_limit, 3);
	REQUIRE(qnet_host_address_is_equal(&in.destination, &group, QNET_STRICT_CONVERSION));

	/* The answer goes to the sender alone. */
	REQUIRE_EQUAL(qnet_udp_socket_write_datagram(y, "answer", 6, &in.sender, in.sender_port), 6);
	REQUIRE(qnet_socket_wait_for_ready_read(x, 10000));
	REQUIRE(qnet_udp_socket_receive_datagram(x, -1, &in));
	REQUIRE_TEXT(in.data, "answer");

	REQUIRE(qnet_udp_socket_leave_multicast_group(y, &group, y_interface));
	REQUIRE_EQUAL(qnet_udp_socket_write_datagram(x, "after", 5, &group, port), 5);
	REQUIRE(!qnet_socket_wait_for_ready_read(y, 50));
	qnet_socket_delete(x);
	qnet_socket_delete(y);
	qnet_loop_delete(loop);
	return NULL;
}

static const char *in_namespaces(const qnet_host_address *any, const char *group)
{
	const char *why;

	if (geteuid() != 0)
		return check_skip("making network namespaces takes root");
	if (!shell("command -v ip >/dev/null"))
		return check_skip("there is no command ip (Debian: iproute2)");
	if (!make_namespaces()) {
		remove_namespaces();
		return check_skip("the system makes no network namespaces or no veth");
	}
	why = multicast_between(any, group);
	remove_namespaces();
	return why;
}

static const char *multicast_ipv4(void)
{
	return in_namespaces(QNET_ADDRESS_ANY_IPV4, "239.255.98.76");
}

static const char *multicast_ipv6(void)
{
	return in_namespaces(QNET_ADDRESS_ANY_IPV6, "ff15::9876");
}

static const struct check_case cases[] = {
	{ "datagrams, one by one", exchange_case },
	{ "datagrams with their way", receive_case },
	{ "datagrams, many with each call", batch_case },
	{ "a chosen source and hop limit, IPv4", source_ipv4 },
	{ "a chosen source and hop limit, IPv4 of both families", source_any },
	{ "a chosen source and hop limit, IPv6", ipv6_case },
	{ "a connected socket", connected_case },
	{ "errors of datagrams", errors_case },
	{ "datagrams of a TCP socket", wrong_kind },
	{ "closing inside readyRead", closing_case },
	{ "a million datagrams, sent one by one", million_single },
	{ "a million datagrams in trains", million_trains },
	{ "a million datagrams in trains, received singly", million_trains_split },
	{ "a flood beside a connection", flooded },
	{ "membership of a multicast group", membership_case },
	{ "IPv4 multicast between network namespaces", multicast_ipv4 },
	{ "IPv6 multicast between network namespaces", multicast_ipv6 },
};

int main(int argc, char **argv)
{
	return check_main(cases, LENGTH(cases), argc, argv);
}
