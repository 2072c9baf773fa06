/*
 * Go raises the soft limit of descriptors when it starts. It is the whole
 * process's, and inherited by the programs that it starts: a host that uses
 * select() relies on it.
 */
#ifndef QNETC_LIMIT_H
#define QNETC_LIMIT_H

#include "fork.h"

/* Remembers the limit; before Go starts. */
QNETC_HIDDEN void qnetc_remember_limit(void);

/* Takes back what Go has done to the limit, and tells whether it was anything. */
QNETC_HIDDEN bool qnetc_restore_limit(void);

#endif
