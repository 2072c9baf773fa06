/*
 * Go's runtime starts with the first call, not when the library is loaded: what
 * is only linked with it, or has only loaded it, may fork and use it in the child.
 */
#ifndef QNETC_START_H
#define QNETC_START_H

#include "fork.h"

/*
 * Starts Go unless it runs; of several threads one does, and the others wait.
 * Returns NULL, or what the system does not give: the next call tries again.
 */
QNETC_HIDDEN const char *qnetc_start(void);

/* Tells whether Go was started, or is being started at this moment. */
QNETC_HIDDEN bool qnetc_begun(void);

/* In a forked child whose parent had not begun: it may. */
QNETC_HIDDEN void qnetc_start_anew(void);

#endif
