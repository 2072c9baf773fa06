/*
 * Go starts its threads when the library is loaded, with the signal mask of the
 * thread that loads it. They are not the host's: its signals are not for them,
 * as it may wait for them with sigwait() or a signalfd, and its handlers need
 * not fit on their stacks. So everything is blocked for that moment; what Go
 * must get, it opens itself to again.
 */
#include <pthread.h>
#include <signal.h>

static sigset_t found;

/* Runs before Go's own constructor. */
__attribute__((constructor(101))) static void block_signals(void)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &found);
}

/* Runs after it: what comes from C is linked behind what comes from Go. */
__attribute__((constructor)) static void restore_signals(void)
{
	pthread_sigmask(SIG_SETMASK, &found, NULL);
}
