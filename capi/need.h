/*
 * What Go needs to start. Where it gets less it ends the process, with a word on
 * its insides, so it is asked for first.
 */
#ifndef QNETC_NEED_H
#define QNETC_NEED_H

#include "fork.h"

/* Returns what is missing, as a sentence about the library; NULL if nothing is. */
QNETC_HIDDEN const char *qnetc_missing(void);

#endif
