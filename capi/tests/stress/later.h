/*
 * What comes later: timers, posted calls and look-ups, whose user_data is the loop.
 */
#ifndef QNET_TESTS_STRESS_LATER_H
#define QNET_TESTS_STRESS_LATER_H

#include "mischief.h"

static void on_timeout(qnet_timer *timer, void *data)
{
	struct frame frame;

	(void)data;
	enter(&frame, TIMEOUT, NULL, timer);
	if (per_mille(50))
		qnet_timer_delete(timer);
	else if (per_mille(50))
		qnet_timer_start(timer, (int)rnd(4));
	mischief(TIMEOUT, SOCKET, any_socket());
	leave(&frame);
}

static void make_timer(void)
{
	qnet_timer *timer = qnet_timer_new(any_loop()), *old;

	if (timer == NULL)
		return;
	qnet_timer_on_timeout(timer, on_timeout, NULL);
	qnet_timer_set_single_shot(timer, per_mille(300));
	qnet_timer_start(timer, (int)rnd(5));
	old = atomic_exchange(&timers[rnd(TIMERS)], timer);
	if (old != NULL)
		qnet_timer_delete(old);
}

/* Calls that were posted, and that were made: by a loop that always runs, or by one that may not. */
static struct calls {
	atomic_llong posted, made;
} running_calls, short_calls;

static void on_posted(void *data)
{
	struct calls *calls = data;
	struct frame frame;

	calls->made++;
	enter(&frame, POSTED, NULL, NULL);
	mischief(POSTED, SOCKET, any_socket());
	leave(&frame);
}

static void post(void)
{
	qnet_loop *loop = any_loop();
	struct calls *calls = always_runs(loop) ? &running_calls : &short_calls;

	if (qnet_loop_post(loop, on_posted, calls))
		calls->posted++;
}

static void on_single_shot(void *data)
{
	struct frame frame;

	(void)data;
	enter(&frame, SINGLE_SHOT, NULL, NULL);
	mischief(SINGLE_SHOT, SOCKET, any_socket());
	leave(&frame);
}

static void on_looked_up(qnet_host_info *info, void *data)
{
	struct frame frame;
	qnet_host_address address;

	(void)data;
	enter(&frame, LOOKED_UP, NULL, info);
	qnet_host_info_address(info, 0, &address);
	if (per_mille(500))
		qnet_host_info_delete(info);
	mischief(LOOKED_UP, SOCKET, any_socket());
	leave(&frame);
}

static void look_up(void)
{
	static const char *const names[] = { "localhost", "127.0.0.1", "not a name", "" };
	qnet_host_info *info = qnet_host_info_lookup_host(any_loop(), names[rnd(LENGTH(names))], on_looked_up, NULL), *old;

	if (info == NULL)
		return;
	old = atomic_exchange(&infos[rnd(INFOS)], info);
	if (old != NULL)
		qnet_host_info_delete(old);
}

#endif
