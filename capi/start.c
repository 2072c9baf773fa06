#include "start.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>

#include "_cgo_export.h"
#include "arguments.h"
#include "fault.h"
#include "limit.h"
#include "need.h"
#include "streams.h"
#include "trace.h"

/* What start.ld found; at NULL where Go has started in its own way, as in a test that is written in Go. */
typedef void entry(int argc, void **argv);
extern QNETC_HIDDEN entry *const qnetc_go_entry __attribute__((weak));

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool begun;

static void run(void)
{
	qnetc_go_entry(0, qnetc_arguments());
	qnetgo_wait();
}

/*
 * What Go does when it starts, it does for the whole process, and is told or taken
 * back: signal handlers, the limit of descriptors. Its threads are not the host's,
 * whose signals are not for them: it may wait for them with sigwait() or a
 * signalfd, and its handlers need not fit on their stacks. They get the mask of
 * the thread that starts the first of them; what Go must get, it opens itself to.
 */
static const char *start(void)
{
	const char *missing;
	struct qnetc_streams streams;
	sigset_t all, mask;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &mask);
	/* What Go opens at its beginning it keeps open: the program must not print into that. */
	streams = qnetc_hold_streams();
	missing = qnetc_missing();
	if (missing == NULL) {
		begun = true;
		qnetc_remember_limit();
		qnetc_handle_faults();
		qnetc_begin_trace();
		run();
	}
	qnetc_release_streams(&streams);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	return missing;
}

bool qnetc_begun(void)
{
	return begun || &qnetc_go_entry == NULL;
}

const char *qnetc_start(void)
{
	const char *missing = NULL;
	int saved = errno;

	pthread_mutex_lock(&lock);
	if (!qnetc_begun())
		missing = start();
	pthread_mutex_unlock(&lock);
	errno = saved;
	return missing;
}

void qnetc_start_anew(void)
{
	/* Another thread may have been looking for what it needs. */
	pthread_mutex_init(&lock, NULL);
}
