/*
 * loop_uv: qnet inside a libuv loop. See echo.h for what it does; SIGTERM and SIGINT end it.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <uv.h>

#include "echo.h"

/* One turn, without waiting. If work is left the descriptor remains readable. */
static void on_readable(uv_poll_t *poll, int status, int events)
{
	(void)poll;
	(void)status;
	(void)events;
	qnet_loop_process_events(NULL, 0);
}

static void on_tick(uv_timer_t *timer)
{
	struct echo *echo = timer->data;

	echo->ticks++;
}

static void on_signal(uv_signal_t *handle, int number)
{
	(void)number;
	uv_stop(handle->loop);
}

static void catch_signal(uv_loop_t *loop, uv_signal_t *handle, int number)
{
	struct sigaction action;

	uv_signal_init(loop, handle);
	uv_signal_start(handle, on_signal, number);
	/* The handler may interrupt the library's own code, whose stacks are not made for it; libuv does not
	 * ask for the other one. */
	if (sigaction(number, NULL, &action) == 0) {
		action.sa_flags |= SA_ONSTACK;
		sigaction(number, &action, NULL);
	}
}

static void close_handle(uv_handle_t *handle, void *ignored)
{
	(void)ignored;
	uv_close(handle, NULL);
}

int main(void)
{
	uv_loop_t *loop = uv_default_loop();
	uv_signal_t signals[2];
	uv_timer_t timer;
	uv_poll_t poll;
	struct echo echo;

	catch_signal(loop, &signals[0], SIGTERM);
	catch_signal(loop, &signals[1], SIGINT);
	if (!echo_start(&echo))
		return 1;
	uv_timer_init(loop, &timer);
	timer.data = &echo;
	uv_timer_start(&timer, on_tick, 10, 10);
	uv_poll_init(loop, &poll, qnet_loop_fd(NULL));
	uv_poll_start(&poll, UV_READABLE, on_readable);

	uv_run(loop, UV_RUN_DEFAULT);

	echo_stop(&echo);
	uv_walk(loop, close_handle, NULL);
	uv_run(loop, UV_RUN_DEFAULT);
	return uv_loop_close(loop) == 0 ? 0 : 1;
}
