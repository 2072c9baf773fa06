/* The tasks of loop_bench.h with qnet. */
#include "loop_bench.h"

#include <qnet/qnet.h>

/* calls: a call on one of 100,000 objects, on two threads with a loop each. */
struct caller {
	pthread_t thread;
	pthread_barrier_t *barrier;
	long count;
	double took;
};

static void *call(void *argument)
{
	static _Thread_local qnet_socket *sockets[LOOP_BENCH_OBJECTS];
	struct caller *caller = argument;
	qnet_loop *loop = qnet_loop_new();
	double began;

	for (long i = 0; i < LOOP_BENCH_OBJECTS; i++)
		sockets[i] = qnet_tcp_socket_new(loop);
	pthread_barrier_wait(caller->barrier);
	began = measure_clock(CLOCK_THREAD_CPUTIME_ID);
	for (long i = 0; i < caller->count; i++)
		if (qnet_socket_state(sockets[i * 7919 % LOOP_BENCH_OBJECTS]) != QNET_UNCONNECTED_STATE)
			loop_bench_fail("a socket is connected");
	caller->took = measure_clock(CLOCK_THREAD_CPUTIME_ID) - began;
	return NULL;
}

static double calls(long count)
{
	pthread_barrier_t barrier;
	struct caller callers[2] = { { .barrier = &barrier, .count = count / 2 }, { .barrier = &barrier, .count = count - count / 2 } };

	pthread_barrier_init(&barrier, NULL, 2);
	for (int i = 0; i < 2; i++)
		if (pthread_create(&callers[i].thread, NULL, call, &callers[i]) != 0)
			loop_bench_fail("no thread");
	for (int i = 0; i < 2; i++)
		pthread_join(callers[i].thread, NULL);
	return callers[0].took + callers[1].took;
}

/* timers: single shots that are spread over some seconds. */
static long left;

static void on_timeout(qnet_timer *timer, void *unused)
{
	(void)timer;
	(void)unused;
	if (--left == 0)
		qnet_loop_quit(NULL);
}

static double timers(long count)
{
	qnet_timer **all = calloc((size_t)count, sizeof *all);
	double began;

	left = count;
	for (long i = 0; i < count; i++) {
		all[i] = qnet_timer_new(NULL);
		qnet_timer_set_single_shot(all[i], true);
		qnet_timer_on_timeout(all[i], on_timeout, NULL);
	}
	for (long i = 0; i < count; i++)
		qnet_timer_start(all[i], 500 + rand() % LOOP_BENCH_SPREAD_MS);
	began = cpu();
	qnet_loop_exec(NULL);
	free(all);
	return cpu() - began;
}

/* posts: a call that posts the next one to the loop of the other thread. */
static qnet_loop *loops[2];

static void hop(void *number)
{
	if (left-- > 0)
		qnet_loop_post(loops[!(intptr_t)number], hop, (void *)(intptr_t)!(intptr_t)number);
	else
		for (int i = 0; i < 2; i++)
			qnet_loop_quit(loops[i]);
}

static void *run_loop(void *number)
{
	qnet_loop_exec(loops[(intptr_t)number]);
	return NULL;
}

static double posts(long count)
{
	pthread_t threads[2];
	double began = cpu();

	left = count;
	for (intptr_t i = 0; i < 2; i++)
		loops[i] = qnet_loop_new();
	qnet_loop_post(loops[0], hop, NULL);
	for (intptr_t i = 0; i < 2; i++)
		if (pthread_create(&threads[i], NULL, run_loop, (void *)i) != 0)
			loop_bench_fail("no thread");
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return cpu() - began;
}

/* waits: a message to and fro without a loop. */
static double waits(long count)
{
	struct loop_bench_peer peer;
	qnet_socket *socket = qnet_tcp_socket_new(NULL);
	char data[LOOP_BENCH_MESSAGE] = { 0 };
	double began, others;

	loop_bench_start_peer(&peer, true);
	qnet_socket_connect_to_host(socket, "127.0.0.1", peer.port, QNET_READ_WRITE, QNET_ANY_IP_PROTOCOL);
	if (!qnet_socket_wait_for_connected(socket, 5000))
		loop_bench_fail("no connection");
	began = cpu();
	others = loop_bench_peer_time(&peer);
	for (long i = 0; i < count; i++) {
		qnet_socket_write(socket, data, sizeof data);
		if (!qnet_socket_wait_for_ready_read(socket, 5000) || qnet_socket_read(socket, data, sizeof data) != sizeof data)
			loop_bench_fail("no answer");
	}
	return cpu() - began - (loop_bench_peer_time(&peer) - others);
}

/* connects: connections that are closed at once, one after the other, by address or by name. */
static struct loop_bench_peer target;
static const char *target_name;

static void next(qnet_socket *socket, void *unused)
{
	(void)unused;
	if (left-- > 0)
		qnet_socket_connect_to_host(socket, target_name, target.port, QNET_READ_WRITE, QNET_IPV4_PROTOCOL);
	else
		qnet_loop_quit(NULL);
}

static void close_again(qnet_socket *socket, void *unused)
{
	(void)unused;
	qnet_socket_abort(socket);
}

static double connects_to(const char *name, long count)
{
	qnet_socket *socket = qnet_tcp_socket_new(NULL);
	double began, others;

	target_name = name;
	loop_bench_start_peer(&target, false);
	qnet_socket_on_connected(socket, close_again, NULL);
	qnet_socket_on_disconnected(socket, next, NULL);
	left = count;
	began = cpu();
	others = loop_bench_peer_time(&target);
	next(socket, NULL);
	qnet_loop_exec(NULL);
	return cpu() - began - (loop_bench_peer_time(&target) - others);
}
