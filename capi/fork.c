#include "fork.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "_cgo_export.h"
#include "handlers.h"
#include "message.h"

#include <qnet/global.h>

_Thread_local bool qnetc_entered __attribute__((tls_model("initial-exec")));

bool qnetc_in_child;

static void after_fork_in_child(void)
{
	qnetc_message_unlock();
	qnetc_in_child = true;
	qnetc_entered = false;
}

/*
 * Runs when the library is loaded. A library that is first loaded in a child
 * registers there, and works.
 */
__attribute__((constructor)) static void register_handlers(void)
{
	pthread_atfork(qnetc_message_lock, qnetc_message_unlock, after_fork_in_child);
}

/* Sends the message about function being called in a forked child. */
static void refuse(const char *function)
{
	static const char why[] =
		": the library cannot be used in a forked child process; load it after the fork, or exec";
	char text[64 + sizeof why];
	size_t length = strlen(function);

	/* No stdio: another thread may have held its locks when the process forked. */
	if (length > sizeof text - sizeof why)
		length = sizeof text - sizeof why;
	memcpy(text, function, length);
	memcpy(text + length, why, sizeof why);
	qnetc_message(QNET_WARNING_MSG, text);
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
	qnetgo_version_number();
	sigdelset(&mask, SIGSEGV);
	sigdelset(&mask, SIGBUS);
	sigdelset(&mask, SIGFPE);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

bool qnetc_enter(const char *function)
{
	if (qnetc_in_child) {
		refuse(function);
		return false;
	}
	enter_first();
	qnetc_entered = true;
	return true;
}
