/*
 * An echo server under load: as many connections at once as there may be
 * descriptors, very many one after the other, and more than there are descriptors
 * for. Afterwards all is as before.
 *
 *   load CLIENTS [--connections N] [--at-once N] [CASE ...]
 *
 * CLIENTS is the program whose clients these are.
 */
#include "../pair.h"

#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum {
	PENDING = 200,        /* clients that wait for an answer */
	FIRST = 50000,        /* connections until memory is taken to be what it is to be */
	REMEMBERED = 1 << 16, /* handles */

	/* What memory may differ by: tables whose room is used to another degree, and
	 * pages that are used in part. */
	HEAP_SLACK = 256 << 10,
	RESIDENT_SLACK = 4 << 20,
};

extern char **environ;

static const char *clients_program;
static int connections = 1000000, at_once = 15000;

/* The server ------------------------------------------------------------------- */

static struct {
	qnet_loop *loop;
	qnet_tcp_server *server;
	int accepted, over, errors;
} service;

static void on_ready_read(qnet_socket *socket, void *user_data)
{
	char space[64];
	int64_t n = qnet_socket_read(socket, space, sizeof space);

	(void)user_data;
	qnet_socket_write(socket, space, n);
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
		qnet_socket_on_ready_read(socket, on_ready_read, user_data);
		qnet_socket_on_disconnected(socket, on_disconnected, user_data);
	}
}

static void on_accept_error(qnet_tcp_server *server, qnet_error error, void *user_data)
{
	(void)server;
	(void)user_data;
	service.errors += error == QNET_SOCKET_RESOURCE_ERROR;
}

static const char *serve(void)
{
	service.loop = qnet_loop_new();
	service.server = qnet_tcp_server_new(service.loop);
	service.accepted = service.over = service.errors = 0;
	qnet_tcp_server_set_listen_backlog_size(service.server, 1024);
	qnet_tcp_server_on_new_connection(service.server, on_new_connection, NULL);
	qnet_tcp_server_on_accept_error(service.server, on_accept_error, NULL);
	REQUIRE(qnet_tcp_server_listen(service.server, QNET_ADDRESS_LOCAL_HOST, 0));
	return NULL;
}

static void serve_no_more(void)
{
	qnet_tcp_server_delete(service.server);
	qnet_loop_delete(service.loop);
}

/* The clients ------------------------------------------------------------------ */

static struct {
	pid_t process;
	int input, output; /* its standard input and output */
	char line[200];
	size_t length;
} clients;

static const char *start_clients(int total, int pending, bool hold)
{
	char port[10], count[20], limit[20];
	char *words[] = { (char *)clients_program, port, count, limit, hold ? "hold" : NULL, NULL };
	posix_spawn_file_actions_t actions;
	int in[2], out[2], failed;

	snprintf(port, sizeof port, "%d", qnet_tcp_server_server_port(service.server));
	snprintf(count, sizeof count, "%d", total);
	snprintf(limit, sizeof limit, "%d", pending);
	REQUIRE(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
	failed = posix_spawn(&clients.process, clients_program, &actions, NULL, words, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(in[0]);
	close(out[1]);
	clients.input = in[1];
	clients.output = out[0];
	clients.length = 0;
	fcntl(clients.output, F_SETFL, O_NONBLOCK);
	return failed == 0 ? NULL : check_why("%s: %s", clients_program, strerror(failed));
}

/* Serves until the clients say something, which must be this. */
static const char *await(const char *word)
{
	for (;;) {
		ssize_t n = read(clients.output, clients.line + clients.length, 1);

		if (n == 0)
			return check_why("the clients end without \"%s\"", word);
		if (n < 0) {
			qnet_loop_process_events(service.loop, 10);
		} else if (clients.line[clients.length] == '\n') {
			clients.line[clients.length] = '\0';
			clients.length = 0;
			return strcmp(clients.line, word) == 0 ? NULL : check_why("the clients say \"%s\"", clients.line);
		} else if (clients.length + 2 < sizeof clients.line) {
			clients.length++;
		}
	}
}

/* Serves until the clients are done and the server knows of the end of each. */
static const char *finish_clients(void)
{
	int status = -1;

	REQUIRE_OK(await("done"));
	close(clients.input);
	close(clients.output);
	REQUIRE(waitpid(clients.process, &status, 0) == clients.process && status == 0);
	UNTIL(service.loop, service.over == service.accepted);
	return NULL;
}

static const char *let_clients_go(void)
{
	REQUIRE_EQUAL(write(clients.input, "\n", 1), 1);
	return NULL;
}

/* Memory ------------------------------------------------------------------------ */

struct memory {
	int64_t heap, resident; /* bytes */
};

/* Returns the process's own memory that is resident, in bytes. */
static int64_t resident(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[200];
	long long kilobytes = 0;

	if (file == NULL)
		return 0;
	while (fgets(line, sizeof line, file) != NULL)
		if (sscanf(line, "RssAnon: %lld", &kilobytes) == 1)
			break;
	fclose(file);
	return kilobytes << 10;
}

static struct memory measure(void)
{
	qnet_usage usage = { .size = sizeof usage };

	check_settle(service.loop);
	qnet_get_usage(&usage, true);
	return (struct memory){ .heap = usage.heap_bytes, .resident = resident() };
}

static void print_memory(const char *when, struct memory memory)
{
	printf("   %s: %lld KiB of Go's heap in use, %lld KiB resident\n", when, (long long)memory.heap >> 10,
	       (long long)memory.resident >> 10);
	fflush(stdout);
}

/* Requires that memory is no more than it was. */
static const char *back(struct memory before, struct memory now)
{
	if (now.heap > before.heap + HEAP_SLACK)
		return check_why("%lld bytes of heap, before %lld", (long long)now.heap, (long long)before.heap);
	if (now.resident > before.resident + RESIDENT_SLACK)
		return check_why("%lld bytes resident, before %lld", (long long)now.resident, (long long)before.resident);
	return NULL;
}

/* Deletes as many objects as are remembered, so that their number stays the same. */
static void fill_memory_of_handles(void)
{
	for (int i = 0; i < REMEMBERED; i++)
		qnet_timer_delete(qnet_timer_new(service.loop));
}

static double seconds_since(int64_t start)
{
	return (double)(check_now() - start) / 1000;
}

/* The cases --------------------------------------------------------------------- */

static const char *round_at_once(struct memory *open, struct memory *closed)
{
	qnet_usage usage = { .size = sizeof usage };

	REQUIRE_OK(start_clients(at_once, PENDING, true));
	REQUIRE_OK(await("ready"));
	REQUIRE(qnet_get_usage(&usage, false));
	REQUIRE_EQUAL(usage.sockets, at_once);
	REQUIRE_EQUAL(usage.watches, at_once + 1);
	REQUIRE_EQUAL(usage.connections, 2 * at_once + 2);
	REQUIRE_EQUAL(usage.buffers, 0);
	*open = measure();
	REQUIRE_OK(let_clients_go());
	REQUIRE_OK(finish_clients());
	*closed = measure();
	REQUIRE(qnet_get_usage(&usage, false));
	REQUIRE_EQUAL(usage.sockets, 0);
	REQUIRE_EQUAL(usage.watches, 1);
	REQUIRE_EQUAL(usage.connections, 2);
	REQUIRE_EQUAL(usage.posted, 0);
	REQUIRE_EQUAL(usage.timeouts, 0);
	return NULL;
}

static const char *all_at_once(void)
{
	struct memory before, open, first, second;
	int64_t start = check_now();

	check_begin(check_step, 300);
	REQUIRE_OK(serve());
	fill_memory_of_handles();
	before = measure();
	print_memory("before", before);
	REQUIRE_OK(round_at_once(&open, &first));
	print_memory("open", open);
	print_memory("closed", first);
	printf("   open: %lld bytes each\n", (long long)(open.resident - before.resident) / at_once);
	/* What stays is the room in tables, some hundred bytes for each connection that there was. */
	if (first.heap > before.heap + 200 * at_once + HEAP_SLACK)
		return check_why("%lld bytes of heap, before %lld", (long long)first.heap, (long long)before.heap);
	if (first.resident > before.resident + 400 * at_once + RESIDENT_SLACK)
		return check_why("%lld bytes resident, before %lld", (long long)first.resident, (long long)before.resident);
	REQUIRE_OK(round_at_once(&open, &second));
	print_memory("closed again", second);
	REQUIRE_OK(back(first, second));
	REQUIRE_EQUAL(service.accepted, 2 * at_once);
	serve_no_more();
	printf("   twice %d connections at once: %.1f s\n", at_once, seconds_since(start));
	return NULL;
}

static const char *one_after_another(void)
{
	struct memory first, last;
	int64_t start = check_now();

	check_begin(check_step, 900);
	REQUIRE_OK(serve());
	fill_memory_of_handles();
	REQUIRE_OK(start_clients(FIRST, PENDING, false));
	REQUIRE_OK(finish_clients());
	first = measure();
	print_memory("after the first", first);
	REQUIRE_OK(start_clients(connections - FIRST, PENDING, false));
	REQUIRE_OK(finish_clients());
	last = measure();
	print_memory("after the last", last);
	REQUIRE_EQUAL(service.accepted, connections);
	REQUIRE_OK(back(first, last));
	serve_no_more();
	printf("   %d connections one after another: %.1f s\n", connections, seconds_since(start));
	return NULL;
}

static double processor_seconds(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static const char *running_out_of_descriptors(void)
{
	enum { CLIENTS = 1000, FREE = 100 };
	struct rlimit old, low;
	int64_t start;
	double used;
	int spare;

	check_begin(check_step, 120);
	REQUIRE_OK(serve());
	REQUIRE_OK(start_clients(CLIENTS, CLIENTS, true));
	spare = dup(clients.output);
	REQUIRE(spare >= 0);
	close(spare);
	getrlimit(RLIMIT_NOFILE, &old);
	low = old;
	low.rlim_cur = (rlim_t)(spare + FREE);
	REQUIRE_EQUAL(setrlimit(RLIMIT_NOFILE, &low), 0);
	UNTIL(service.loop, service.errors > 0);
	/* Nobody goes: there is nothing to do but to try again now and then. */
	start = check_now();
	used = processor_seconds();
	while (check_now() - start < 3000)
		qnet_loop_process_events(service.loop, 100);
	used = processor_seconds() - used;
	printf("   %d of %d connections, %d times out of descriptors, %.3f s of processor time in 3 s\n", service.accepted,
	       CLIENTS, service.errors, used);
	REQUIRE(used < 0.3);
	REQUIRE(service.accepted <= FREE && service.accepted >= FREE - 5);
	REQUIRE(service.errors >= 3 && service.errors <= 20);
	start = check_now();
	REQUIRE_OK(let_clients_go());
	REQUIRE_OK(finish_clients());
	setrlimit(RLIMIT_NOFILE, &old);
	REQUIRE_EQUAL(service.accepted, CLIENTS);
	printf("   all served %.1f s after they began to go\n", seconds_since(start));
	serve_no_more();
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		{ "all_at_once", all_at_once },
		{ "one_after_another", one_after_another },
		{ "running_out_of_descriptors", running_out_of_descriptors },
	};
	struct rlimit limit;
	int first = 2;

	if (argc < 2) {
		fprintf(stderr, "load CLIENTS [--connections N] [--at-once N] [CASE ...]\n");
		return 2;
	}
	clients_program = argv[1];
	for (; first + 1 < argc && strncmp(argv[first], "--", 2) == 0; first += 2) {
		if (strcmp(argv[first], "--connections") == 0)
			connections = atoi(argv[first + 1]);
		else if (strcmp(argv[first], "--at-once") == 0)
			at_once = atoi(argv[first + 1]);
	}
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_max < (rlim_t)at_once + 200) {
		at_once = (int)limit.rlim_max - 200;
		printf("skip %d connections more: there may be %d descriptors\n", 15000 - at_once, (int)limit.rlim_max);
	}
	argv[first - 1] = argv[0];
	return check_main(cases, LENGTH(cases), argc - first + 1, argv + first - 1);
}
