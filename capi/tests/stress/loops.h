/*
 * Loops: run within callbacks, made and deleted under way.
 */
#ifndef QNET_TESTS_STRESS_LOOPS_H
#define QNET_TESTS_STRESS_LOOPS_H

#include "mischief.h"

static void quit_loop(void *data)
{
	qnet_loop_quit(data);
}

static void nested_loop(qnet_loop *loop)
{
	if (nesting >= 3)
		return;
	nesting++;
	/* The main thread ends all other loops. Nobody would end its own, if another thread has made the timer's call. */
	if (per_mille(700) || self == &main_worker)
		qnet_loop_process_events(loop, (int)rnd(3));
	else if (qnet_timer_single_shot(loop, (int)rnd(3), quit_loop, loop))
		qnet_loop_exec(loop);
	nesting--;
}

/* A loop that others may find, run and delete too. */
static void make_loop(void)
{
	qnet_loop *loop = qnet_loop_new(), *old;
	qnet_socket *socket;

	if (loop == NULL)
		return;
	socket = new_socket(loop);
	connect_socket(socket);
	for (int i = 0; i < 3; i++)
		qnet_loop_process_events(loop, 1);
	put_socket(socket);
	old = atomic_exchange(&short_loops[rnd(SHORT_LOOPS)], loop);
	if (old != NULL)
		qnet_loop_delete(old);
}

#endif
