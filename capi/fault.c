/*
 * A fault in the program's own code ends it as it would without the library.
 * Go handles SIGSEGV, SIGBUS and SIGFPE, since it makes panics of them. Faults
 * outside Go it passes on to the handler that was there before it, but where
 * there was none, a fault in a callback would end the process with a report on
 * Go's insides and another signal. So there is one: it has the default action
 * happen, at the place of the fault.
 */
#include "fault.h"

#include <signal.h>
#include <stddef.h>

/* Returns to the instruction, which now meets the default action; what was sent by a program is sent again. */
static void by_default(int number, siginfo_t *info, void *context)
{
	(void)context;
	signal(number, SIG_DFL);
	if (info->si_code <= 0)
		raise(number);
}

void qnetc_handle_faults(void)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE };
	struct sigaction now, handler = { .sa_sigaction = by_default, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
		if (sigaction(faults[i], NULL, &now) == 0 && !(now.sa_flags & SA_SIGINFO) && now.sa_handler == SIG_DFL)
			sigaction(faults[i], &handler, NULL);
}
