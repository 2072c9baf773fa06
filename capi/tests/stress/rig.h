/*
 * What all parts share: how much there is of everything, what is checked, and the
 * threads.
 */
#ifndef QNET_TESTS_STRESS_RIG_H
#define QNET_TESTS_STRESS_RIG_H

#include "../check.h"
#include "../random.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#if defined(__SANITIZE_ADDRESS__)
#define FREE_AT_ONCE 1 /* a use after that is found */
#else
#define FREE_AT_ONCE 0 /* kept until the end of the round, to look at the mark */
#endif

enum {
	LOOPS = 3,
	SHORT_LOOPS = 3,
	CHAOS = 4,
	RAW = 3, /* the last is a proxy */
	WORKERS = LOOPS + CHAOS + RAW,
	SOCKETS = 160,
	SERVERS = 10,
	LOCAL_SERVERS = 8,
	TIMERS = 12,
	INFOS = 6,
	CONNECTIONS = 256,
	PEERS = 20,      /* of each raw thread */
	DEEP = 6,        /* callbacks this deep within each other do no more mischief */
	ROUND = 1200,    /* milliseconds */
	STEP_TIME = 120, /* seconds until a step counts as hanging */
};

enum check {
	DESTROYED_ONCE,
	DESTROYED_LAST,
	DESTROYED_WAITS,
	RIGHT_HANDLE,
	KNOWN_THREAD,
	NO_INTERNAL_ERROR,
	POSTED_ONCE,
	RETURNED_ONCE,
	WORKING,
	COVERAGE,
	CHECKS
};

#include "../wrong.h"

static struct check_state checks[CHECKS] = {
	[DESTROYED_ONCE] = { .name = "destroyed exactly once" },
	[DESTROYED_LAST] = { .name = "no callback after destroyed" },
	[DESTROYED_WAITS] = { .name = "destroyed waits for callbacks on other threads" },
	[RIGHT_HANDLE] = { .name = "callbacks get their object" },
	[KNOWN_THREAD] = { .name = "callbacks only on the program's threads" },
	[NO_INTERNAL_ERROR] = { .name = "no internal error" },
	[POSTED_ONCE] = { .name = "posted calls are made exactly once" },
	[RETURNED_ONCE] = { .name = "memory that was lent comes back exactly once" },
	[WORKING] = { .name = "the loops go on working" },
	[COVERAGE] = { .name = "every end in every kind of callback" },
};

static struct worker {
	pthread_t thread;
	int index;
	uint64_t seed;
	atomic_int number;         /* the system's, 0 before and after */
	const char *_Atomic doing; /* for the watchdog */
} workers[WORKERS], main_worker;

static _Thread_local struct worker *self;
static atomic_bool stopping;
static int stop_pipe[2]; /* readable when all is to end */

static bool on_known_thread(void)
{
	return self != NULL && self->number == gettid();
}

/* Describes what every thread does, for the watchdog. */
static void describe_workers(void)
{
	for (int i = 0; i < WORKERS; i++) {
		const char *doing = workers[i].doing;

		check_say("  ");
		check_say(i < LOOPS ? "loop: " : i < LOOPS + CHAOS ? "chaos: " : "raw: ");
		check_say(workers[i].number == 0 ? "ended" : doing != NULL ? doing : "?");
		check_say("\n");
	}
}

#endif
