/*
 * How a host ends while the library is at work: at once, silently, and with the
 * status that it gave. Each case many times, since the moment matters.
 */
#include "host.h"

enum { TIMES = 50, STATUS = 7 };

static struct host_traffic traffic;

static const char *exit_beside_a_loop(void)
{
	REQUIRE_OK(host_traffic_start(&traffic));
	exit(STATUS);
}

static const char *return_beside_a_loop(void)
{
	return host_traffic_start(&traffic);
}

static const char *exit_at_once_beside_a_loop(void)
{
	REQUIRE_OK(host_traffic_start(&traffic));
	_exit(STATUS);
}

static const char *quick_exit_beside_a_loop(void)
{
	REQUIRE_OK(host_traffic_start(&traffic));
	quick_exit(STATUS);
}

static const char *exit_beside_many_loops(void)
{
	static struct host_traffic all[6];

	for (size_t i = 0; i < LENGTH(all); i++)
		REQUIRE_OK(host_traffic_start(&all[i]));
	exit(STATUS);
}

static void exit_now(qnet_socket *socket, void *user_data)
{
	(void)user_data;
	if (traffic.reads > 20)
		exit(STATUS);
	(void)socket;
}

static const char *exit_in_a_callback(void)
{
	REQUIRE_OK(host_traffic_prepare(&traffic));
	qnet_socket_on_ready_read(traffic.pair.peer, exit_now, NULL);
	qnet_loop_exec(traffic.pair.loop);
	return "the loop ended";
}

/* The main thread waits for one that ends the process. */
static const char *exit_in_a_callback_of_a_thread(void)
{
	REQUIRE_OK(host_traffic_prepare(&traffic));
	qnet_socket_on_ready_read(traffic.pair.peer, exit_now, NULL);
	REQUIRE_EQUAL(pthread_create(&traffic.thread, NULL, host_exec, traffic.pair.loop), 0);
	pthread_join(traffic.thread, NULL);
	return "the loop ended";
}

static void exit_later(void *unused)
{
	(void)unused;
	exit(STATUS);
}

static void exit_from_within(void *loop)
{
	qnet_loop_post(loop, exit_later, NULL);
	qnet_loop_exec(loop);
}

static const char *exit_in_a_nested_loop(void)
{
	REQUIRE_OK(host_traffic_prepare(&traffic));
	qnet_loop_post(traffic.pair.loop, exit_from_within, traffic.pair.loop);
	qnet_loop_exec(traffic.pair.loop);
	return "the loop ended";
}

static void *wait_for_ever(void *socket)
{
	qnet_socket_wait_for_ready_read(socket, -1);
	return NULL;
}

static const char *exit_beside_a_waiting_thread(void)
{
	struct pair pair;
	pthread_t thread;

	REQUIRE_OK(pair_open(&pair));
	REQUIRE_EQUAL(pthread_create(&thread, NULL, wait_for_ever, pair.client), 0);
	exit(STATUS);
}

static void looked_up(qnet_host_info *info, void *user_data)
{
	(void)info;
	(void)user_data;
}

static const char *exit_beside_a_look_up(void)
{
	REQUIRE(qnet_host_info_lookup_host(NULL, "localhost", looked_up, NULL) != NULL);
	exit(STATUS);
}

static void *exit_after_main(void *unused)
{
	(void)unused;
	if (host_traffic_goes_on(&traffic, 100) != NULL)
		_exit(HOST_FAILED);
	exit(STATUS);
}

/* The main thread ends, the others go on. */
static const char *main_thread_ends(void)
{
	pthread_t thread;

	REQUIRE_OK(host_traffic_start(&traffic));
	REQUIRE_EQUAL(pthread_create(&thread, NULL, exit_after_main, NULL), 0);
	pthread_exit(NULL);
}

/* What atexit() registered may use the library, also from before its first use. */
static void use_at_exit(void)
{
	const char *why = host_talk();

	if (why == NULL && traffic.pair.loop != NULL)
		why = host_traffic_goes_on(&traffic, 10);
	if (why == NULL && traffic.pair.loop != NULL)
		why = host_traffic_stop(&traffic);
	if (why != NULL)
		printf("%s\n", why);
}

static const char *use_in_exit_handlers(void)
{
	REQUIRE(atexit(use_at_exit) == 0);
	REQUIRE_OK(host_traffic_start(&traffic));
	REQUIRE(atexit(use_at_exit) == 0);
	exit(STATUS);
}

static const char *exit_handlers_in_a_callback(void)
{
	REQUIRE(atexit(use_at_exit) == 0);
	qnet_loop_post(NULL, exit_later, NULL);
	qnet_loop_exec(NULL);
	return "the loop ended";
}

__attribute__((destructor)) static void use_in_a_destructor(void)
{
	/* After main and the handlers; only where a case wants it. */
	if (getenv("QNET_TEST_DESTRUCTOR") != NULL)
		use_at_exit();
}

static const char *use_in_destructors(void)
{
	setenv("QNET_TEST_DESTRUCTOR", "1", 1);
	REQUIRE_OK(host_traffic_start(&traffic));
	exit(STATUS);
}

static void abort_now(void *unused)
{
	(void)unused;
	abort();
}

static const char *abort_in_a_callback(void)
{
	qnet_loop_post(NULL, abort_now, NULL);
	qnet_loop_exec(NULL);
	return "the loop ended";
}

/* Signals that nobody handles end it as they would without the library. */
static const char *kill_with(int signal)
{
	REQUIRE_OK(host_traffic_start(&traffic));
	kill(getpid(), signal);
	for (;;)
		pause();
}

static const char *killed_by_term(void) { return kill_with(SIGTERM); }
static const char *killed_by_interrupt(void) { return kill_with(SIGINT); }
static const char *killed_by_hangup(void) { return kill_with(SIGHUP); }
static const char *killed_by_user(void) { return kill_with(SIGUSR1); }
static const char *killed_by_profile(void) { return kill_with(SIGPROF); }

static const char *killed_by_a_broken_pipe(void)
{
	int ends[2];

	REQUIRE_OK(host_traffic_start(&traffic));
	REQUIRE(pipe(ends) == 0);
	close(ends[0]);
	REQUIRE(write(ends[1], "", 1) == 1);
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct host_case cases[] = {
		{ "exit_beside_a_loop", exit_beside_a_loop, STATUS, TIMES, NULL },
		{ "return_beside_a_loop", return_beside_a_loop, 0, TIMES, NULL },
		{ "exit_at_once_beside_a_loop", exit_at_once_beside_a_loop, STATUS, TIMES, NULL },
		{ "quick_exit_beside_a_loop", quick_exit_beside_a_loop, STATUS, TIMES, NULL },
		{ "exit_beside_many_loops", exit_beside_many_loops, STATUS, TIMES, NULL },
		{ "exit_in_a_callback", exit_in_a_callback, STATUS, TIMES, NULL },
		{ "exit_in_a_callback_of_a_thread", exit_in_a_callback_of_a_thread, STATUS, TIMES, NULL },
		{ "exit_in_a_nested_loop", exit_in_a_nested_loop, STATUS, TIMES, NULL },
		{ "exit_beside_a_waiting_thread", exit_beside_a_waiting_thread, STATUS, TIMES, NULL },
		{ "exit_beside_a_look_up", exit_beside_a_look_up, STATUS, TIMES, NULL },
		{ "main_thread_ends", main_thread_ends, STATUS, TIMES, NULL },
		{ "use_in_exit_handlers", use_in_exit_handlers, STATUS, TIMES, NULL },
		{ "exit_handlers_in_a_callback", exit_handlers_in_a_callback, STATUS, TIMES, NULL },
		{ "use_in_destructors", use_in_destructors, STATUS, TIMES, NULL },
		{ "abort_in_a_callback", abort_in_a_callback, -SIGABRT, 5, NULL },
		{ "killed_by_term", killed_by_term, -SIGTERM, 5, NULL },
		{ "killed_by_interrupt", killed_by_interrupt, -SIGINT, 5, NULL },
		{ "killed_by_hangup", killed_by_hangup, -SIGHUP, 5, NULL },
		{ "killed_by_user", killed_by_user, -SIGUSR1, 5, NULL },
		{ "killed_by_profile", killed_by_profile, -SIGPROF, 5, NULL },
		{ "killed_by_a_broken_pipe", killed_by_a_broken_pipe, -SIGPIPE, 5, NULL },
	};

	return host_main(cases, LENGTH(cases), argc, argv);
}
