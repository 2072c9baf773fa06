/*
 * What the programs share that are hosts of the library, each in its own way.
 * Every case runs in a process of its own, a fresh copy of the program, as often
 * as it says; how that process must end is part of the case.
 */
#ifndef QNET_TESTS_HOST_H
#define QNET_TESTS_HOST_H

#include "../pair.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <sys/wait.h>

struct host_case {
	const char *name;
	const char *(*run)(void); /* returns why it fails, or ends the process */
	int ends;                 /* with this exit status or, if negative, signal */
	int times;                /* 0: once */
	const char *says;         /* what its output must have, NULL: nothing at all */
};

enum { HOST_FAILED = 99, HOST_SECONDS = 30 };

extern char **environ;

/* What a process printed, and how it ended. */
struct host_end {
	int status; /* as in host_case */
	char output[8000];
};

/* Reads what a process prints, to its end; false if that takes too long. */
static inline bool host_read(int fd, char *output, size_t size)
{
	int64_t end = check_now() + HOST_SECONDS * 1000;
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	size_t length = 0;
	ssize_t n = 1;

	while (n > 0) {
		char rest[1000];
		int64_t left = end - check_now();
		bool full = length + 1 >= size;

		if (left <= 0 || poll(&ready, 1, (int)left) == 0)
			return false;
		n = full ? read(fd, rest, sizeof rest) : read(fd, output + length, size - 1 - length);
		if (n > 0 && !full)
			length += (size_t)n;
	}
	output[length] = '\0';
	return true;
}

/* Runs a program with the arguments and waits for its end; returns why it could not. */
static inline const char *host_run(char **arguments, struct host_end *end)
{
	posix_spawn_file_actions_t actions;
	int out[2], status;
	pid_t child;
	bool ended;

	memset(end, 0, sizeof *end);
	REQUIRE(pipe2(out, O_CLOEXEC) == 0);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out[1], STDERR_FILENO);
	status = posix_spawn(&child, arguments[0], &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(out[1]);
	REQUIRE_EQUAL(status, 0);
	ended = host_read(out[0], end->output, sizeof end->output);
	if (!ended)
		kill(child, getenv("QNET_TEST_STOP") != NULL ? SIGSTOP : SIGKILL);
	close(out[0]);
	REQUIRE(waitpid(child, &status, WUNTRACED) == child);
	if (!ended)
		return check_why("it hangs; so far it said: %.700s", end->output);
	end->status = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
	return NULL;
}

/* Runs a case once. */
static inline const char *host_try(const char *program, const struct host_case *c)
{
	static struct host_end end;
	char *arguments[] = { (char *)program, "--case", (char *)c->name, NULL };
	const char *why = host_run(arguments, &end);

	if (why != NULL)
		return why;
	if (end.status == 0 && strncmp(end.output, "skip: ", 6) == 0) {
		check_skipped = strtok(end.output + 6, "\n");
		return NULL;
	}
	if (end.status != c->ends)
		return check_why("it ended with %d, not %d, and said: %.800s", end.status, c->ends, end.output);
	if (c->says == NULL ? end.output[0] != '\0' : strstr(end.output, c->says) == NULL)
		return check_why("it said: %.900s", end.output);
	return NULL;
}

static inline int host_main(const struct host_case *cases, size_t count, int argc, char **argv)
{
	char program[1000];
	ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
	bool inside = argc == 3 && strcmp(argv[1], "--case") == 0;

	if (length < 0)
		return 2;
	program[length] = '\0';
	for (size_t i = 0; i < count; i++) {
		const struct host_case *c = &cases[i];
		const char *why = NULL;
		bool wanted = argc < 2;

		for (int a = 1; a < argc; a++)
			wanted = wanted || strcmp(argv[a], c->name) == 0;
		if (!wanted)
			continue;
		if (inside) {
			if ((why = c->run()) == NULL)
				return check_skipped != NULL ? (printf("skip: %s\n", check_skipped), 0) : 0;
			fprintf(stderr, "%s\n", why);
			return HOST_FAILED;
		}
		for (int n = 0; why == NULL && n < (c->times > 0 ? c->times : 1); n++)
			why = host_try(program, c);
		if (why == NULL && check_skipped != NULL)
			printf("skip %s: %s\n", c->name, check_skipped);
		else
			check_report(c->name, why);
		check_skipped = NULL;
	}
	return check_finish();
}

/* ------------------------------------------------------------------------- */

/* A call that is over at once, and true; the first one starts Go. */
static inline bool host_call(void)
{
	return qnet_host_address_is_loopback(QNET_ADDRESS_LOCAL_HOST);
}

/* A server and a client that say something to each other, with the functions that wait. */
static inline const char *host_talk(void)
{
	char got[8] = "";
	qnet_loop *loop = qnet_loop_new();
	qnet_tcp_server *server = qnet_tcp_server_new(loop);
	qnet_socket *client = qnet_tcp_socket_new(loop), *peer;

	REQUIRE(loop != NULL && server != NULL && client != NULL);
	REQUIRE(qnet_tcp_server_listen(server, QNET_ADDRESS_LOCAL_HOST, 0));
	qnet_socket_connect_to_address(client, QNET_ADDRESS_LOCAL_HOST, qnet_tcp_server_server_port(server), QNET_READ_WRITE);
	REQUIRE(qnet_socket_wait_for_connected(client, 10000));
	REQUIRE(qnet_tcp_server_has_pending_connections(server) || qnet_tcp_server_wait_for_new_connection(server, 10000, NULL));
	peer = qnet_tcp_server_next_pending_connection(server);
	REQUIRE_EQUAL(qnet_socket_write(client, "hello", 5), 5);
	REQUIRE(qnet_socket_flush(client));
	REQUIRE(qnet_socket_wait_for_ready_read(peer, 10000));
	REQUIRE_EQUAL(qnet_socket_read(peer, got, sizeof got - 1), 5);
	REQUIRE_TEXT(got, "hello");
	REQUIRE_EQUAL(qnet_socket_write(peer, "you", 3), 3);
	REQUIRE(qnet_socket_flush(peer));
	REQUIRE(qnet_socket_wait_for_ready_read(client, 10000));
	REQUIRE_EQUAL(qnet_socket_read(client, got, sizeof got - 1), 3);
	qnet_socket_delete(client);
	qnet_tcp_server_delete(server);
	qnet_loop_delete(loop);
	return NULL;
}

/* Two ends that send each other the same piece for ever, in a loop that a thread runs. */
struct host_traffic {
	struct pair pair;
	pthread_t thread;
	atomic_long reads;
};

static inline void host_echo(qnet_socket *socket, void *user_data)
{
	struct host_traffic *traffic = user_data;
	char piece[1000];
	int64_t size = qnet_socket_read(socket, piece, sizeof piece);

	traffic->reads++;
	if (size > 0)
		qnet_socket_write(socket, piece, size);
}

static inline void *host_exec(void *loop)
{
	return (void *)(intptr_t)qnet_loop_exec(loop);
}

static inline const char *host_traffic_prepare(struct host_traffic *traffic)
{
	static const char piece[500];

	REQUIRE_OK(pair_open(&traffic->pair));
	qnet_socket_on_ready_read(traffic->pair.client, host_echo, traffic);
	qnet_socket_on_ready_read(traffic->pair.peer, host_echo, traffic);
	REQUIRE_EQUAL(qnet_socket_write(traffic->pair.client, piece, sizeof piece), sizeof piece);
	return NULL;
}

static inline const char *host_traffic_start(struct host_traffic *traffic)
{
	REQUIRE_OK(host_traffic_prepare(traffic));
	REQUIRE_EQUAL(pthread_create(&traffic->thread, NULL, host_exec, traffic->pair.loop), 0);
	while (traffic->reads < 10)
		sched_yield();
	return NULL;
}

/* Waits until so many more pieces came. */
static inline const char *host_traffic_goes_on(struct host_traffic *traffic, long count)
{
	int64_t end = check_now() + 10000;
	long wanted = traffic->reads + count;

	while (traffic->reads < wanted && check_now() < end)
		check_sleep(1);
	REQUIRE(traffic->reads >= wanted);
	return NULL;
}

static inline const char *host_traffic_stop(struct host_traffic *traffic)
{
	qnet_loop_quit(traffic->pair.loop);
	pthread_join(traffic->thread, NULL);
	pair_close(&traffic->pair);
	return NULL;
}

/* Runs f on a thread that ends at once. */
static inline const char *host_on_thread(void *(*f)(void *), void *argument, const pthread_attr_t *attributes)
{
	pthread_t thread;
	void *why = NULL;

	REQUIRE_EQUAL(pthread_create(&thread, attributes, f, argument), 0);
	REQUIRE_EQUAL(pthread_join(thread, &why), 0);
	return why;
}

#endif
