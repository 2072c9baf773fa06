/*
 * loop_poll: qnet inside a loop of one's own around poll(). See echo.h for what it does; SIGTERM and SIGINT end it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "echo.h"

static int signal_pipe[2];

static void on_signal(int number)
{
	int saved = errno;
	char byte = (char)number;
	ssize_t ignored = write(signal_pipe[1], &byte, 1);

	(void)ignored;
	errno = saved;
}

static bool catch_signals(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof action);
	sigemptyset(&action.sa_mask);
	action.sa_handler = on_signal;
	/* The handler may interrupt the library's own code, whose stacks are not made for it. */
	action.sa_flags = SA_RESTART | SA_ONSTACK;
	return pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) == 0 && sigaction(SIGTERM, &action, NULL) == 0 &&
	       sigaction(SIGINT, &action, NULL) == 0;
}

static int64_t now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

int main(void)
{
	enum { TICK_MS = 10 };
	struct pollfd descriptors[2];
	struct echo echo;
	int64_t next;

	if (!catch_signals() || !echo_start(&echo))
		return 1;
	descriptors[0] = (struct pollfd){.fd = qnet_loop_fd(NULL), .events = POLLIN};
	descriptors[1] = (struct pollfd){.fd = signal_pipe[0], .events = POLLIN};
	next = now_ms() + TICK_MS;
	while (descriptors[1].revents == 0) {
		int64_t left = next - now_ms();

		/* The host's timer alone decides how long to wait: qnet's are behind its descriptor. */
		if (left <= 0) {
			echo.ticks++;
			next += TICK_MS;
			left = 0;
		}
		if (poll(descriptors, 2, (int)left) > 0 && descriptors[0].revents != 0)
			qnet_loop_process_events(NULL, 0); /* one turn, without waiting */
	}
	echo_stop(&echo);
	return 0;
}
