#include "fork.h"

#include <pthread.h>
#include <signal.h>

#include "_cgo_export.h"
#include "handlers.h"
#include "message.h"
#include "start.h"

#include <qnet/global.h>

_Thread_local bool qnetc_entered __attribute__((tls_model("initial-exec")));

bool qnetc_in_child;

static void after_fork_in_child(void)
{
	qnetc_message_unlock();
	if (qnetc_begun()) {
		qnetc_in_child = true;
		qnetc_entered = false;
	} else {
		qnetc_start_anew();
	}
}

bool qnet_is_forked(void)
{
	return qnetc_in_child;
}

/* Runs when the library is loaded. */
__attribute__((constructor)) static void register_handlers(void)
{
	pthread_atfork(qnetc_message_lock, qnetc_message_unlock, after_fork_in_child);
}

/*
 * Go opens a thread that enters it for the first time to some signals, SIGCHLD
 * among them, and leaves it like that. A host that reads them from a signalfd
 * would lose them: what it blocked is blocked again, but for the faults, which
 * Go must see while it is in its own code.
 */
static void enter_first(void)
{
	sigset_t mask;

	qnetc_mend_handlers();
	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	qnetgo_enter();
	sigdelset(&mask, SIGSEGV);
	sigdelset(&mask, SIGBUS);
	sigdelset(&mask, SIGFPE);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

bool qnetc_enter(const char *function)
{
	const char *missing;

	if (qnetc_in_child) {
		qnetc_message_about(function, QNET_WARNING_MSG, "the library cannot be used in a forked child process of one that has called it; "
						   "make the first call after the fork, or exec");
		return false;
	}
	missing = qnetc_start();
	if (missing != NULL) {
		qnetc_message_about(function, QNET_CRITICAL_MSG, missing);
		return false;
	}
	enter_first();
	qnetc_entered = true;
	return true;
}
