/*
 * A loop with a thread of its own.
 */
#ifndef QNET_TESTS_WORKER_H
#define QNET_TESTS_WORKER_H

#include "check.h"

#include <pthread.h>

/* A loop that a thread runs. */
struct worker {
	qnet_loop *loop;
	pthread_t thread;
};

static inline void *worker_run(void *worker)
{
	qnet_loop_exec(((struct worker *)worker)->loop);
	return NULL;
}

static inline const char *worker_start(struct worker *worker)
{
	worker->loop = qnet_loop_new();
	REQUIRE(worker->loop != NULL);
	REQUIRE_EQUAL(pthread_create(&worker->thread, NULL, worker_run, worker), 0);
	return NULL;
}

static inline void worker_quit(void *loop)
{
	qnet_loop_quit(loop);
}

static inline void worker_end(struct worker *worker)
{
	qnet_loop_post(worker->loop, worker_quit, worker->loop);
	pthread_join(worker->thread, NULL);
	qnet_loop_delete(worker->loop);
}

#endif
