/*
 * Hosts under the leak checker, as they run their tests: nothing is reported that
 * they have not lost, and what they have lost is. What the library has for them,
 * and what only it refers to, is not lost.
 */
#include "host.h"

enum { LOST = 1, TIMES = 100 }; /* the exit status of the address sanitizer */

/* What a program has made, to which only the user data will refer: memory, which refers to more. */
struct context {
	void *more;
};

__attribute__((noinline)) static void *context(void)
{
	struct context *made = malloc(sizeof *made);

	if (made == NULL)
		abort();
	made->more = malloc(100);
	return made;
}

static void on_socket(qnet_socket *socket, void *user_data)
{
	(void)socket;
	(void)user_data;
}

static void on_timer(qnet_timer *timer, void *user_data)
{
	(void)timer;
	(void)user_data;
}

static void on_posted(void *user_data)
{
	(void)user_data;
}

static void on_looked_up(qnet_host_info *info, void *user_data)
{
	(void)info;
	*(bool *)user_data = true;
}

static void on_incoming(qnet_tcp_server *server, intptr_t descriptor, void *user_data)
{
	(void)server;
	(void)user_data;
	close((int)descriptor);
}

static bool on_local_has_pending(qnet_local_server *server, void *user_data)
{
	(void)server;
	(void)user_data;
	return false;
}

static qnet_socket *on_next_pending(qnet_tcp_server *server, void *user_data)
{
	(void)server;
	(void)user_data;
	return NULL;
}

/* Nothing lost ---------------------------------------------------------------- */

static const char *deleted_handles(void)
{
	for (int i = 0; i < TIMES; i++) {
		qnet_loop *loop = qnet_loop_new();

		qnet_socket_delete(qnet_tcp_socket_new(loop));
		qnet_socket_delete(qnet_udp_socket_new(loop));
		qnet_socket_delete(qnet_local_socket_new(loop));
		qnet_tcp_server_delete(qnet_tcp_server_new(loop));
		qnet_local_server_delete(qnet_local_server_new(loop));
		qnet_timer_delete(qnet_timer_new(loop));
		qnet_host_info_delete(qnet_host_info_from_name("127.0.0.1"));
		qnet_loop_delete(loop);
		qnet_loop_process_events(NULL, 0);
	}
	return host_talk();
}

/* Handles to which nothing refers any more, with what they have: texts, peeked data, pending connections. */
__attribute__((noinline)) static const char *forget_objects(void)
{
	struct pair pair;

	REQUIRE_OK(pair_open(&pair));
	REQUIRE(qnet_socket_error_string(pair.client) != NULL);
	REQUIRE(qnet_socket_peer_name(pair.peer) != NULL);
	REQUIRE_EQUAL(qnet_socket_write(pair.client, "hello", 5), 5);
	REQUIRE(qnet_socket_wait_for_ready_read(pair.peer, 10000) || qnet_socket_flush(pair.client));
	return NULL;
}

static const char *forgotten_objects(void)
{
	return forget_objects();
}

/* User data of every kind of callback, in use when the program ends. */
__attribute__((noinline)) static const char *entrust(void)
{
	qnet_socket *socket = qnet_udp_socket_new(NULL);
	qnet_timer *timer = qnet_timer_new(NULL);
	qnet_tcp_server *server = qnet_tcp_server_new(NULL);
	qnet_local_server *local = qnet_local_server_new(NULL);

	REQUIRE(qnet_socket_on_ready_read(socket, on_socket, context()) != 0);
	REQUIRE(qnet_socket_on_destroyed(socket, on_socket, context()) != 0);
	REQUIRE(qnet_timer_on_timeout(timer, on_timer, (char *)context() + 1) != 0); /* what it points into */
	qnet_timer_start(timer, 1000000);
	qnet_tcp_server_set_incoming_connection(server, on_incoming, context());
	qnet_tcp_server_set_next_pending_connection(server, on_next_pending, context());
	qnet_local_server_set_has_pending_connections(local, on_local_has_pending, context());
	REQUIRE(qnet_loop_post(NULL, on_posted, context()));
	REQUIRE(qnet_timer_single_shot(NULL, 1000000, on_posted, context()));
	REQUIRE(qnet_host_info_lookup_host(NULL, "localhost", on_looked_up, context()) != NULL);
	return NULL;
}

static const char *entrusted(void)
{
	return entrust();
}

/* The same pointer twice: it stays until it goes twice. */
static const char *entrusted_twice(void)
{
	qnet_socket *socket = qnet_udp_socket_new(NULL);
	void *data = context();
	qnet_connection one = qnet_socket_on_ready_read(socket, on_socket, data);

	REQUIRE(qnet_socket_on_bytes_written(socket, (qnet_socket_bytes_callback)(void (*)(void))on_socket, data) != 0);
	REQUIRE(qnet_disconnect(one));
	data = NULL;
	return NULL;
}

/* Lost -------------------------------------------------------------------------- */

__attribute__((noinline)) static const char *lose_by_disconnecting(void)
{
	qnet_socket *socket = qnet_udp_socket_new(NULL);

	REQUIRE(qnet_disconnect(qnet_socket_on_ready_read(socket, on_socket, context())));
	return NULL;
}

__attribute__((noinline)) static const char *lose_by_deleting(void)
{
	qnet_timer *timer = qnet_timer_new(NULL);

	REQUIRE(qnet_timer_on_timeout(timer, on_timer, context()) != 0);
	qnet_timer_delete(timer);
	return NULL;
}

__attribute__((noinline)) static const char *lose_by_posting(void)
{
	REQUIRE(qnet_loop_post(NULL, on_posted, context()));
	while (qnet_loop_process_events(NULL, 0))
		;
	return NULL;
}

__attribute__((noinline)) static const char *lose_by_replacing(void)
{
	qnet_tcp_server *server = qnet_tcp_server_new(NULL);

	qnet_tcp_server_set_incoming_connection(server, on_incoming, context());
	qnet_tcp_server_set_incoming_connection(server, NULL, NULL);
	return NULL;
}

__attribute__((noinline)) static const char *lose_with_a_server(void)
{
	qnet_local_server *server = qnet_local_server_new(NULL);

	qnet_local_server_set_has_pending_connections(server, on_local_has_pending, context());
	qnet_local_server_delete(server);
	return NULL;
}

__attribute__((noinline)) static const char *lose_with_a_look_up(void)
{
	bool *done = calloc(1, sizeof *done + sizeof(void *));
	qnet_host_info *info = qnet_host_info_lookup_host(NULL, "localhost", on_looked_up, done);

	REQUIRE(info != NULL);
	while (!*done)
		qnet_loop_process_events(NULL, 1000);
	qnet_host_info_delete(info);
	return NULL;
}

/* Where nothing of it is left in registers and on the stack. */
static void *elsewhere(void *lose)
{
	return (void *)((const char *(*)(void))lose)();
}

#define LOSING(name) \
	static const char *name(void) { return host_on_thread(elsewhere, (void *)lose_##name, NULL); }

LOSING(by_disconnecting)
LOSING(by_deleting)
LOSING(by_posting)
LOSING(by_replacing)
LOSING(with_a_server)
LOSING(with_a_look_up)

#define REPORT "LeakSanitizer: detected memory leaks"

int main(int argc, char **argv)
{
	static const struct host_case cases[] = {
		{ "deleted_handles", deleted_handles, 0, 1, NULL },
		{ "forgotten_objects", forgotten_objects, 0, 1, NULL },
		{ "entrusted", entrusted, 0, 3, NULL },
		{ "entrusted_twice", entrusted_twice, 0, 1, NULL },
		{ "by_disconnecting", by_disconnecting, LOST, 1, REPORT },
		{ "by_deleting", by_deleting, LOST, 1, REPORT },
		{ "by_posting", by_posting, LOST, 1, REPORT },
		{ "by_replacing", by_replacing, LOST, 1, REPORT },
		{ "with_a_server", with_a_server, LOST, 1, REPORT },
		{ "with_a_look_up", with_a_look_up, LOST, 1, REPORT },
	};

	return host_main(cases, LENGTH(cases), argc, argv);
}
