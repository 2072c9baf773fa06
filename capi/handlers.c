#include "handlers.h"

#include <signal.h>
#include <stddef.h>

void qnetc_mend_handlers(void)
{
	for (int i = 1; i <= SIGRTMAX; i++) {
		struct sigaction action;

		if (sigaction(i, NULL, &action) != 0 || (action.sa_flags & SA_ONSTACK) != 0)
			continue;
		if ((action.sa_flags & SA_SIGINFO) == 0 && (action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN))
			continue;
		action.sa_flags |= SA_ONSTACK;
		sigaction(i, &action, NULL);
	}
}
