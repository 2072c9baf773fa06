/*
 * A handler that interrupts Go's code must run on the thread's alternate stack:
 * what it finds otherwise is a goroutine's, of a few KiB and with other data
 * below it. Go sees to that for the handlers that it finds when it is loaded. A
 * program that is linked with the library has none before; it is to ask for
 * SA_ONSTACK, but this catches most of those that do not.
 */
#ifndef QNETC_HANDLERS_H
#define QNETC_HANDLERS_H

#include "fork.h"

/* Has the signal handlers that are installed now run on the alternate stack. */
QNETC_HIDDEN void qnetc_mend_handlers(void);

#endif
