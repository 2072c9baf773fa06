/*
 * The threads: what each does, and how they begin and end.
 */
#ifndef QNET_TESTS_STRESS_WORKERS_H
#define QNET_TESTS_STRESS_WORKERS_H

#include "calls.h"
#include "raw.h"

/* Runs a loop, the last one as a host with a loop of its own would. */
static void run_loop(int index)
{
	qnet_loop *loop = loops[index];
	struct pollfd ready[2] = {
		{ .fd = qnet_loop_fd(loop), .events = POLLIN },
		{ .fd = stop_pipe[0], .events = POLLIN },
	};

	while (!stopping) {
		if (index < LOOPS - 1) {
			self->doing = "exec";
			/* It fails while another thread runs the loop. */
			if (qnet_loop_exec(loop) == -1)
				usleep(500);
		} else {
			self->doing = "poll";
			poll(ready, 2, -1);
			self->doing = "process_events";
			qnet_loop_process_events(loop, 0);
		}
	}
}

static void run_chaos(void)
{
	while (!stopping) {
		self->doing = "chaos";
		act();
		if (per_mille(300))
			usleep(rnd(300));
	}
}

static void *run_worker(void *data)
{
	struct worker *worker = data;
	int index = worker->index;

	self = worker;
	worker->number = gettid();
	seed_random(worker->seed);
	if (index < LOOPS)
		run_loop(index);
	else if (index < LOOPS + CHAOS)
		run_chaos();
	else
		run_raw(index - LOOPS - CHAOS);
	worker->number = 0;
	return NULL;
}

static uint64_t seed;

static void start_workers(int round)
{
	stopping = false;
	if (pipe2(stop_pipe, O_CLOEXEC) != 0) {
		perror("pipe");
		exit(2);
	}
	for (int i = 0; i < WORKERS; i++) {
		workers[i].index = i;
		workers[i].seed = (seed * 1009 + (uint64_t)round) * 7919 + (uint64_t)i;
		workers[i].doing = NULL;
		workers[i].number = -1;
	}
	for (int i = WORKERS; i-- > 0;) {
		if (pthread_create(&workers[i].thread, NULL, run_worker, &workers[i]) != 0) {
			perror("pthread_create");
			exit(2);
		}
	}
}

#endif
