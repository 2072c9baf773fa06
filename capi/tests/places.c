/*
 * Loops that are never idle, one for each processor, do not keep other threads from
 * calling the library. Not the time of a call is looked at, which others on the machine
 * have a part in, but whether its thread went to sleep in it.
 */
#include "check.h"

#include <pthread.h>
#include <sys/resource.h>

enum { MOST = 64, CALLS = 500, MAY_SLEEP = CALLS / 33 };

struct hog {
	pthread_t thread;
	qnet_loop *loop;
	qnet_timer *timer;
	atomic_int ticks;
};

static void on_tick(qnet_timer *timer, void *user_data)
{
	(void)timer;
	((struct hog *)user_data)->ticks++;
}

static void *run(void *user_data)
{
	qnet_loop_exec(((struct hog *)user_data)->loop);
	return NULL;
}

/* Returns how often this thread has slept. */
static long sleeps(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nvcsw;
}

static const char *busy_loops_keep_nobody_out(void)
{
	static struct hog hogs[MOST];
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	int count = processors > 0 && processors < MOST ? (int)processors : MOST, slept = 0;
	qnet_loop *loop = qnet_loop_new();
	qnet_socket *socket = qnet_tcp_socket_new(loop);

	for (int i = 0; i < count; i++) {
		struct hog *hog = &hogs[i];

		hog->loop = qnet_loop_new();
		hog->timer = qnet_timer_new(hog->loop);
		REQUIRE(qnet_timer_on_timeout(hog->timer, on_tick, hog) != 0);
		qnet_timer_start(hog->timer, 0);
		REQUIRE(pthread_create(&hog->thread, NULL, run, hog) == 0);
	}
	for (int i = 0; i < count; i++)
		while (hogs[i].ticks == 0)
			check_sleep(1);
	for (int i = 0; i < CALLS; i++) {
		long before = sleeps();

		qnet_socket_state(socket);
		slept += sleeps() > before;
		check_sleep(1); /* so that Go may give its place to another */
	}
	for (int i = 0; i < count; i++) {
		qnet_loop_exit(hogs[i].loop, 0);
		pthread_join(hogs[i].thread, NULL);
		qnet_timer_delete(hogs[i].timer);
		qnet_loop_delete(hogs[i].loop);
	}
	qnet_socket_delete(socket);
	qnet_loop_delete(loop);
	if (slept > MAY_SLEEP)
		return check_why("beside %d busy loops %d of %d calls had to wait", count, slept, CALLS);
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		{ "busy_loops_keep_nobody_out", busy_loops_keep_nobody_out },
	};

	return check_main(cases, LENGTH(cases), argc, argv);
}
