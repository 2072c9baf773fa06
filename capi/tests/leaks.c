/*
 * What every other test program relies on at its end: that a leak of each kind is
 * found, and named, and that there is none when it was undone.
 */
#include "pair.h"

#include <pthread.h>

/* Requires that what is found names all of these, and nothing else. */
static const char *found(const char *names)
{
	const char *why = leaks_within(0), *rest;
	int parts = 1, wanted = 1;
	char name[100];

	if (why == NULL)
		return check_why("nothing is found, want %s", names);
	for (rest = why; (rest = strstr(rest, ", before")) != NULL; rest++)
		parts++;
	parts--;
	for (rest = names; (rest = strchr(rest, ';')) != NULL; rest++)
		wanted++;
	for (rest = names; *rest != '\0';) {
		int length = (int)strcspn(rest, ";");

		snprintf(name, sizeof name, " %.*s, before", length, rest);
		if (strstr(why, name) == NULL)
			return check_why("found %s, not %.*s", why, length, rest);
		rest += length + (rest[length] == ';');
	}
	if (parts != wanted)
		return check_why("found %s, want %s alone", why, names);
	return NULL;
}

static void ignore(qnet_socket *socket, void *user_data)
{
	(void)socket;
	(void)user_data;
}

static void nothing(void *user_data)
{
	(void)user_data;
}

static const char *objects(void)
{
	qnet_socket *socket = qnet_tcp_socket_new(NULL);
	qnet_tcp_server *server;
	qnet_local_server *local;
	qnet_timer *timer;
	qnet_host_info *info;

	REQUIRE_OK(found("sockets"));
	qnet_socket_delete(socket);
	server = qnet_tcp_server_new(NULL);
	REQUIRE_OK(found("TCP servers"));
	REQUIRE(qnet_tcp_server_listen(server, QNET_ADDRESS_LOCAL_HOST, 0));
	REQUIRE_OK(found("TCP servers;watches;descriptors"));
	qnet_tcp_server_delete(server);
	local = qnet_local_server_new(NULL);
	REQUIRE_OK(found("local servers"));
	qnet_local_server_delete(local);
	timer = qnet_timer_new(NULL);
	REQUIRE_OK(found("timers"));
	qnet_timer_start(timer, 1000000);
	REQUIRE_OK(found("timers;timeouts"));
	qnet_timer_delete(timer);
	info = qnet_host_info_from_name("127.0.0.1");
	REQUIRE_OK(found("host infos"));
	qnet_host_info_delete(info);
	return leaks_within(0);
}

static const char *loops(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_socket *socket;

	REQUIRE_OK(found("loops;descriptors"));
	REQUIRE(qnet_loop_post(loop, nothing, NULL));
	REQUIRE_OK(found("loops;posted calls;descriptors"));
	socket = qnet_tcp_socket_new(loop);
	/* Its socket keeps it. */
	qnet_loop_delete(loop);
	REQUIRE_OK(found("sockets;loops;descriptors"));
	qnet_socket_delete(socket);
	REQUIRE(leaks_within(0) == NULL);
	REQUIRE(qnet_timer_single_shot(NULL, 100, nothing, NULL));
	REQUIRE_OK(found("timeouts"));
	qnet_loop_process_events(NULL, 10000);
	return leaks_within(0);
}

static const char *connections(void)
{
	qnet_socket *socket = qnet_tcp_socket_new(NULL);
	qnet_connection connection = qnet_socket_on_connected(socket, ignore, NULL);

	REQUIRE_OK(found("sockets;connections"));
	REQUIRE(qnet_disconnect(connection));
	REQUIRE_OK(found("sockets"));
	qnet_socket_on_connected(socket, ignore, NULL);
	qnet_socket_delete(socket);
	return leaks_within(0);
}

/* A connection that nobody takes, with bytes that nobody reads. */
static const char *pending(void)
{
	qnet_tcp_server *server = qnet_tcp_server_new(NULL);
	qnet_socket *socket;
	qnet_usage usage = { .size = sizeof usage };
	char byte;
	int fd;

	REQUIRE(qnet_tcp_server_listen(server, QNET_ADDRESS_LOCAL_HOST, 0));
	fd = raw_connect(qnet_tcp_server_server_port(server));
	REQUIRE(fd >= 0);
	UNTIL(NULL, qnet_tcp_server_has_pending_connections(server));
	REQUIRE_OK(found("sockets;TCP servers;watches;descriptors"));
	REQUIRE(send(fd, "hello", 5, 0) == 5);
	socket = qnet_tcp_server_next_pending_connection(server);
	UNTIL(NULL, qnet_socket_bytes_available(socket) == 5);
	REQUIRE_EQUAL(qnet_socket_peek(socket, &byte, 1), 1);
	REQUIRE(qnet_get_usage(&usage, false));
	REQUIRE_EQUAL(usage.sockets, 1);
	REQUIRE_EQUAL(usage.tcp_servers, 1);
	REQUIRE_EQUAL(usage.watches, 2);
	REQUIRE_EQUAL(usage.buffers, 1);
	close(fd);
	qnet_tcp_server_delete(server);
	return leaks_within(0);
}

static const char *descriptors(void)
{
	int fd = dup(STDERR_FILENO);

	REQUIRE_OK(found("descriptors"));
	close(fd);
	return leaks_within(0);
}

/* A thread that has called the library, and stays. */
static void *stay(void *barrier)
{
	qnet_version();
	qnet_loop_process_events(NULL, 0);
	pthread_barrier_wait(barrier);
	pthread_barrier_wait(barrier);
	return NULL;
}

static const char *threads(void)
{
	pthread_barrier_t barrier;
	pthread_t thread;

	pthread_barrier_init(&barrier, NULL, 2);
	pthread_create(&thread, NULL, stay, &barrier);
	pthread_barrier_wait(&barrier);
	REQUIRE_OK(found("goroutines"));
	pthread_barrier_wait(&barrier);
	pthread_join(thread, NULL);
	pthread_barrier_destroy(&barrier);
	return leaks_within(0);
}

/* Turns: a callback finds its own. */
static void ask(void *usage)
{
	qnet_get_usage(usage, false);
}

static const char *turns(void)
{
	qnet_usage usage = { .size = sizeof usage };

	REQUIRE(qnet_loop_post(NULL, ask, &usage));
	qnet_loop_process_events(NULL, 1000);
	REQUIRE_EQUAL(usage.turns, 1);
	return leaks_within(0);
}

/* A caller that was compiled with fewer fields, or more, gets those that both know. */
static const char *sizes(void)
{
	struct {
		qnet_usage usage;
		char beyond[64];
	} room;
	qnet_socket *socket = qnet_tcp_socket_new(NULL);
	const size_t old = offsetof(qnet_usage, sockets) + sizeof room.usage.sockets;

	memset(&room, 0x5a, sizeof room);
	room.usage.size = old;
	REQUIRE(qnet_get_usage(&room.usage, false));
	REQUIRE_EQUAL(room.usage.size, old);
	REQUIRE_EQUAL(room.usage.sockets, 1);
	REQUIRE_EQUAL((unsigned char)*((char *)&room + old), 0x5a);
	room.usage.size = sizeof room;
	REQUIRE(qnet_get_usage(&room.usage, false));
	REQUIRE_EQUAL(room.usage.size, sizeof room.usage);
	REQUIRE(room.usage.heap_bytes > 0 && room.beyond[0] == 0x5a);
	room.usage.size = old - 1;
	REQUIRE(!qnet_get_usage(&room.usage, false));
	REQUIRE_WARNINGS(1);
	qnet_socket_delete(socket);
	return leaks_within(0);
}

/* Go's memory comes and goes with the objects. */
static const char *heap(void)
{
	enum { MANY = 20000 };
	static qnet_socket *sockets[MANY];
	qnet_usage usage = { .size = sizeof usage };
	int64_t before, with;

	REQUIRE(qnet_get_usage(&usage, true));
	before = usage.heap_bytes;
	for (int i = 0; i < MANY; i++)
		REQUIRE((sockets[i] = qnet_tcp_socket_new(NULL)) != NULL);
	REQUIRE(qnet_get_usage(&usage, true));
	REQUIRE_EQUAL(usage.sockets, MANY);
	with = usage.heap_bytes;
	REQUIRE(with > before + 200 * MANY);
	for (int i = 0; i < MANY; i++)
		qnet_socket_delete(sockets[i]);
	REQUIRE(qnet_get_usage(&usage, true));
	REQUIRE(usage.deleted_handles >= MANY);
	/* What stays is the handles that are remembered. */
	if (usage.heap_bytes > before + LEAKS_HANDLE_HEAP * MANY)
		return check_why("%lld bytes of heap before, %lld with %d sockets, %lld after", (long long)before,
				 (long long)with, MANY, (long long)usage.heap_bytes);
	return leaks_within(0);
}

/* The program's own memory: a pointer that stands nowhere as it is. */
static volatile uintptr_t hidden;

__attribute__((noinline)) static bool lose(size_t size)
{
	char *lost = malloc(size);

	if (lost == NULL)
		return false;
	memset(lost, 1, size);
	hidden = ~(uintptr_t)lost;
	return true;
}

static const char *memory(void)
{
	const char *why;

	REQUIRE(lose(1 << 20));
	why = leaks_within(0);
	free((void *)~hidden);
#if !defined(LEAKS_SANITIZED) && !defined(__GLIBC__)
	if (why == NULL)
		return check_skip("neither the sanitizer nor malloc_info() is there");
#endif
	if (why == NULL || (strstr(why, "bytes of malloc") == NULL && strstr(why, "the sanitizer") == NULL))
		return check_why("a megabyte is not missed: %s", why == NULL ? "nothing" : why);
	return leaks_within(0);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		{ "objects", objects },
		{ "sizes", sizes },
		{ "loops", loops },
		{ "connections", connections },
		{ "pending", pending },
		{ "descriptors", descriptors },
		{ "threads", threads },
		{ "turns", turns },
		{ "heap", heap },
		{ "memory", memory },
	};

	return check_main(cases, LENGTH(cases), argc, argv);
}
