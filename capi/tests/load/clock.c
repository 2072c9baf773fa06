/*
 * Timers, and times that something may take, when the clock is out of the
 * ordinary: just started or years old (this program is run in time namespaces for
 * that), and when the process was stopped for a while.
 *
 *   clock [CASE ...]
 */
#include "../pair.h"

#include <sys/wait.h>

/* Timers ------------------------------------------------------------------------ */

static int shots[3], repeats;

static void on_shot(void *user_data)
{
	++*(int *)user_data;
}

static void on_timeout(qnet_timer *timer, void *user_data)
{
	(void)timer;
	(void)user_data;
	repeats++;
}

static void print_clock(void)
{
	printf("   the monotonic clock says %lld s\n", (long long)check_now() / 1000);
}

/* How long it was, in milliseconds: at least so much, and not very much more. */
#define REQUIRE_TIME(start, least) \
	do { \
		int64_t took_ = check_now() - (start); \
		if (took_ < (least) || took_ > (least) + 1000) \
			return check_why("line %d: %lld ms, not some %d", __LINE__, (long long)took_, least); \
	} while (0)

static const char *timers(void)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_timer *timer = qnet_timer_new(loop);
	int64_t start = check_now();

	print_clock();
	memset(shots, 0, sizeof shots);
	repeats = 0;
	qnet_timer_on_timeout(timer, on_timeout, NULL);
	qnet_timer_start(timer, 20);
	qnet_timer_single_shot(loop, 50, on_shot, &shots[0]);
	qnet_timer_single_shot(loop, 100, on_shot, &shots[1]);
	qnet_timer_single_shot(loop, INT32_MAX, on_shot, &shots[2]);
	UNTIL(loop, shots[0] == 1);
	REQUIRE_TIME(start, 49);
	UNTIL(loop, shots[1] == 1);
	REQUIRE_TIME(start, 99);
	UNTIL(loop, repeats >= 10);
	REQUIRE_TIME(start, 199);
	REQUIRE(repeats <= 11 && shots[0] == 1 && shots[1] == 1 && shots[2] == 0);
	qnet_timer_delete(timer);
	qnet_loop_delete(loop);
	return NULL;
}

static const char *waits(void)
{
	struct pair pair;
	int64_t start;

	REQUIRE_OK(pair_open(&pair));
	start = check_now();
	REQUIRE(!qnet_loop_process_events(pair.loop, 50) || !qnet_loop_process_events(pair.loop, 50));
	REQUIRE(check_now() - start >= 49);
	start = check_now();
	REQUIRE(!qnet_socket_wait_for_ready_read(pair.client, 100));
	REQUIRE_EQUAL(qnet_socket_error(pair.client), QNET_SOCKET_TIMEOUT_ERROR);
	REQUIRE_TIME(start, 99);
	start = check_now();
	REQUIRE(!qnet_tcp_server_wait_for_new_connection(pair.server, 100, NULL));
	REQUIRE_TIME(start, 99);
	pair_close(&pair);
	return NULL;
}

static void on_error(qnet_socket *socket, qnet_error error, void *user_data)
{
	(void)socket;
	*(int *)user_data = error;
}

/* A limit of a server: it has somebody who says nothing. */
static const char *limits(void)
{
	struct pair pair;
	int error = -1;
	int64_t start;

	REQUIRE_OK(pair_prepare(&pair));
	qnet_tcp_server_set_idle_timeout(pair.server, 150);
	start = check_now();
	pair_connect(&pair, QNET_READ_WRITE);
	REQUIRE_OK(pair_accept(&pair));
	qnet_socket_on_error_occurred(pair.peer, on_error, &error);
	UNTIL(pair.loop, error == QNET_SOCKET_TIMEOUT_ERROR);
	REQUIRE_TIME(start, 149);
	pair_close(&pair);
	return NULL;
}

/* Stopped ----------------------------------------------------------------------- */

enum { STOP = 2000, EVERY = 100 };

/* What became of the timers in the child, which was stopped meanwhile. */
struct outcome {
	int shots[3];
	int repeats_before, repeats_at_once, repeats_after;
	int64_t gap; /* the longest time between two turns */
};

static int sleeper(int ready, int result)
{
	qnet_loop *loop = qnet_loop_new();
	qnet_timer *timer = qnet_timer_new(loop);
	struct outcome out = { .gap = 0 };
	int64_t last, resumed;

	alarm(30);
	qnet_timer_on_timeout(timer, on_timeout, NULL);
	qnet_timer_start(timer, EVERY);
	qnet_timer_single_shot(loop, 700, on_shot, &shots[0]);
	qnet_timer_single_shot(loop, 600, on_shot, &shots[1]);
	qnet_timer_single_shot(loop, STOP + 5000, on_shot, &shots[2]);
	while (repeats < 3)
		qnet_loop_process_events(loop, 10);
	last = check_now();
	if (write(ready, "x", 1) != 1)
		return 1;
	do {
		out.repeats_before = repeats;
		qnet_loop_process_events(loop, 0);
		resumed = check_now();
		out.gap = resumed - last;
		last = resumed;
	} while (out.gap < STOP / 2);
	/* All that was due. The turn that was stopped may have seen the timers as they were. */
	qnet_loop_process_events(loop, 0);
	out.repeats_at_once = repeats - out.repeats_before;
	while (check_now() - resumed < 5 * EVERY)
		qnet_loop_process_events(loop, 5);
	out.repeats_after = repeats - out.repeats_before;
	memcpy(out.shots, shots, sizeof shots);
	return write(result, &out, sizeof out) == (ssize_t)sizeof out ? 0 : 1;
}

/* A process that was stopped makes up for nothing: what is due comes once. */
static const char *stopped(void)
{
	char ready_text[10], result_text[10], byte;
	struct outcome out;
	int ready[2], result[2], status = -1;
	pid_t child;

	REQUIRE(pipe(ready) == 0 && pipe(result) == 0);
	snprintf(ready_text, sizeof ready_text, "%d", ready[1]);
	snprintf(result_text, sizeof result_text, "%d", result[1]);
	child = fork();
	if (child == 0) {
		execl("/proc/self/exe", "clock", "--sleeper", ready_text, result_text, (char *)NULL);
		_exit(127);
	}
	REQUIRE(child > 0);
	close(ready[1]);
	close(result[1]);
	REQUIRE_EQUAL(read(ready[0], &byte, 1), 1);
	kill(child, SIGSTOP);
	REQUIRE(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status));
	check_sleep(STOP);
	kill(child, SIGCONT);
	REQUIRE_EQUAL(read(result[0], &out, sizeof out), sizeof out);
	REQUIRE(waitpid(child, &status, 0) == child && status == 0);
	close(ready[0]);
	close(result[0]);
	printf("   stopped for %lld ms: %d timeouts before, %d at once, %d after %d ms more\n", (long long)out.gap,
	       out.repeats_before, out.repeats_at_once, out.repeats_after, 5 * EVERY);
	REQUIRE(out.gap >= STOP - 100);
	REQUIRE_EQUAL(out.shots[0], 1);
	REQUIRE_EQUAL(out.shots[1], 1);
	REQUIRE_EQUAL(out.shots[2], 0);
	REQUIRE_EQUAL(out.repeats_at_once, 1);
	REQUIRE(out.repeats_after >= 4 && out.repeats_after <= 7);
	return NULL;
}

static const char *wall_clock_set(void)
{
	return check_skip("every process of this machine would see it; core/sys tests that no code reads that clock");
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		{ "timers", timers },
		{ "waits", waits },
		{ "limits", limits },
		{ "stopped", stopped },
		{ "wall_clock_set", wall_clock_set },
	};

	if (argc == 4 && strcmp(argv[1], "--sleeper") == 0)
		return sleeper(atoi(argv[2]), atoi(argv[3]));
	return check_main(cases, LENGTH(cases), argc, argv);
}
