/*
 * Hosts that fork: to run other programs, which must work, and to go on in the
 * child, where each call fails at once and says why.
 */
#include "host.h"

enum { STATUS = 7, TIMES = 30 };

static struct host_traffic traffic;

/* Waits for a child; returns its status as in host_case. */
static int child_end(pid_t child)
{
	int64_t end = check_now() + 10000;
	int status;

	while (waitpid(child, &status, WNOHANG) == 0) {
		if (check_now() > end) {
			kill(child, SIGKILL);
			waitpid(child, &status, 0);
			return -1000; /* it hangs */
		}
		check_sleep(1);
	}
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/* In a child: tells whether calls of every kind fail, each with one clear message. */
static bool refused(void)
{
	char data[10];

	check_warnings = 0;
	if (qnet_loop_new() != NULL || qnet_loop_exec(traffic.pair.loop) != -1 || qnet_loop_process_events(NULL, -1) ||
	    qnet_socket_read(traffic.pair.client, data, sizeof data) != -1 || qnet_socket_write(traffic.pair.client, "x", 1) != -1 ||
	    qnet_socket_wait_for_ready_read(traffic.pair.client, -1) || qnet_tcp_server_new(NULL) != NULL || host_call())
		return false;
	qnet_socket_delete(traffic.pair.client);
	qnet_loop_delete(traffic.pair.loop);
	if (check_warnings != 10 || strstr(check_message, "qnet_loop_delete: the library cannot be used in a forked child") == NULL)
		return false;
	/* These do not need Go. */
	return qnet_is_forked() && qnet_version_number() == QNET_VERSION && strcmp(qnet_version(), QNET_VERSION_STR) == 0;
}

static void quiet(void)
{
	qnet_set_message_handler(check_count_message, NULL);
}

static const char *beside_a_loop(void)
{
	REQUIRE_OK(host_traffic_start(&traffic));
	quiet();
	for (int i = 0; i < TIMES; i++) {
		pid_t child = fork();

		if (child == 0)
			_exit(refused() ? STATUS : 1);
		REQUIRE_EQUAL(child_end(child), STATUS);
	}
	REQUIRE_OK(host_traffic_goes_on(&traffic, 100));
	return host_traffic_stop(&traffic);
}

/* exit() in the child: with what the parent registered, which calls the library. */
static void at_exit(void)
{
	qnet_loop_process_events(NULL, 0);
	qnet_socket_delete(traffic.pair.client);
}

static const char *child_that_exits(void)
{
	REQUIRE_EQUAL(atexit(at_exit), 0);
	REQUIRE_OK(host_traffic_start(&traffic));
	quiet();
	for (int i = 0; i < TIMES; i++) {
		pid_t child = fork();

		if (child == 0)
			exit(STATUS);
		REQUIRE_EQUAL(child_end(child), STATUS);
	}
	REQUIRE_OK(host_traffic_goes_on(&traffic, 100));
	_exit(0);
}

/* In a callback, from which the child must not return: behind it is Go. */
static const char *callback_why;

static void fork_in_callback(void *unused)
{
	pid_t child = fork();

	if (child == 0)
		_exit(refused() ? STATUS : 1);
	if (callback_why == NULL && child_end(child) != STATUS)
		callback_why = "the child of a callback";
	(void)unused;
}

static const char *in_a_callback(void)
{
	REQUIRE_OK(host_traffic_start(&traffic));
	quiet();
	for (int i = 0; i < TIMES; i++) {
		qnet_loop_post(NULL, fork_in_callback, NULL);
		qnet_loop_process_events(NULL, 0);
		REQUIRE_OK(callback_why);
	}
	/* On the thread that runs the other loop, too. */
	qnet_loop_post(traffic.pair.loop, fork_in_callback, NULL);
	REQUIRE_OK(host_traffic_goes_on(&traffic, 100));
	REQUIRE_OK(callback_why);
	return host_traffic_stop(&traffic);
}

/* A child's threads, and its children, are refused as it is. */
static void *refused_there(void *unused)
{
	(void)unused;
	return refused() ? NULL : (void *)"not refused";
}

static const char *threads_and_children_of_the_child(void)
{
	pid_t child;

	REQUIRE_OK(host_traffic_start(&traffic));
	quiet();
	child = fork();
	if (child == 0) {
		if (host_on_thread(refused_there, NULL, NULL) != NULL)
			_exit(1);
		child = fork();
		if (child == 0)
			_exit(refused() ? STATUS : 2);
		_exit(child_end(child));
	}
	REQUIRE_EQUAL(child_end(child), STATUS);
	return host_traffic_stop(&traffic);
}

/* Forks of one thread while others are in the middle of calls and messages. */
static void *complain(void *stop)
{
	while (!*(atomic_bool *)stop)
		qnet_socket_delete(NULL);
	return NULL;
}

static const char *among_calls(void)
{
	atomic_bool stop = false;
	pthread_t threads[3];

	REQUIRE_OK(host_traffic_start(&traffic));
	quiet();
	for (size_t i = 0; i < LENGTH(threads); i++)
		REQUIRE_EQUAL(pthread_create(&threads[i], NULL, complain, &stop), 0);
	for (int i = 0; i < 3 * TIMES; i++) {
		pid_t child = fork();

		if (child == 0)
			_exit(refused() ? STATUS : 1);
		REQUIRE_EQUAL(child_end(child), STATUS);
	}
	stop = true;
	for (size_t i = 0; i < LENGTH(threads); i++)
		pthread_join(threads[i], NULL);
	return host_traffic_stop(&traffic);
}

/* What it says where nobody listens. */
static const char *message_of_a_child(void)
{
	pid_t child;

	REQUIRE_OK(host_talk());
	child = fork();
	if (child == 0)
		_exit(qnet_loop_new() == NULL ? STATUS : 1);
	exit(child_end(child));
}

/* A fault and a signal end a child as they would without the library. */
static const char *child_that_ends_badly(void)
{
	pid_t child;

	REQUIRE_OK(host_traffic_start(&traffic));
	for (int i = 0; i < TIMES; i++) {
		child = fork();
		if (child == 0) {
			*(volatile int *)16 = 1;
			_exit(1);
		}
		REQUIRE_EQUAL(child_end(child), -SIGSEGV);
		child = fork();
		if (child == 0) {
			raise(SIGTERM);
			_exit(1);
		}
		REQUIRE_EQUAL(child_end(child), -SIGTERM);
	}
	return host_traffic_stop(&traffic);
}

/* Programs that are run: by fork, vfork, posix_spawn and system. They inherit nothing of the library's. */
static const char *programs(void)
{
	char command[200];
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	FILE *list;

	REQUIRE(null >= 0);
	REQUIRE_OK(host_traffic_start(&traffic));
	for (int i = 0; i < TIMES; i++) {
		pid_t child = i % 2 != 0 ? fork() : vfork();

		if (child == 0) {
			execl("/bin/sh", "sh", "-c", "exit 7", (char *)NULL);
			_exit(1);
		}
		REQUIRE_EQUAL(child_end(child), STATUS);
		REQUIRE_EQUAL(WEXITSTATUS(system("exit 3")), 3);
	}
	list = popen("ls -l /proc/self/fd", "r");
	REQUIRE(list != NULL);
	while (fgets(command, sizeof command, list) != NULL)
		REQUIRE(strstr(command, "socket:") == NULL && strstr(command, "anon_inode:") == NULL);
	pclose(list);
	REQUIRE_OK(host_traffic_goes_on(&traffic, 100));
	close(null);
	return host_traffic_stop(&traffic);
}

static const char *talk_after_exec(void)
{
	return host_talk();
}

/* The same program anew, in the child: it works there. */
static const char *same_program(void)
{
	REQUIRE_OK(host_traffic_start(&traffic));
	for (int i = 0; i < 5; i++) {
		pid_t child = fork();

		if (child == 0) {
			execl("/proc/self/exe", "forking", "--case", "talk_after_exec", (char *)NULL);
			_exit(1);
		}
		REQUIRE_EQUAL(child_end(child), 0);
	}
	return host_traffic_stop(&traffic);
}

int main(int argc, char **argv)
{
	static const struct host_case cases[] = {
		{ "beside_a_loop", beside_a_loop, 0, 1, NULL },
		{ "child_that_exits", child_that_exits, 0, 1, NULL },
		{ "in_a_callback", in_a_callback, 0, 1, NULL },
		{ "threads_and_children_of_the_child", threads_and_children_of_the_child, 0, 1, NULL },
		{ "among_calls", among_calls, 0, 1, NULL },
		{ "message_of_a_child", message_of_a_child, STATUS, 1, "qnet: qnet_loop_new: the library cannot be used in a forked child" },
		{ "child_that_ends_badly", child_that_ends_badly, 0, 1, NULL },
		{ "programs", programs, 0, 1, NULL },
		{ "talk_after_exec", talk_after_exec, 0, 1, NULL },
		{ "same_program", same_program, 0, 1, NULL },
	};

	return host_main(cases, LENGTH(cases), argc, argv);
}
