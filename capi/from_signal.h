/*
 * How a signal handler of the program ends a loop. A handler may interrupt anything, Go
 * too, so this is C that needs no lock: it leaves a request and wakes the loop.
 */
#ifndef QNETC_FROM_SIGNAL_H
#define QNETC_FROM_SIGNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "fork.h"

/* How many requests were left and not taken, of all loops together: Go reads it without entering C. */
extern QNETC_HIDDEN uint32_t qnetc_requests;

/*
 * Lets handlers ask for the end of the loop of a handle, which fd wakes. A request that
 * was left for the default loop before there was one is its.
 */
QNETC_HIDDEN void qnetc_let_signals_end(uintptr_t handle, int fd, bool is_default);

/* Takes that back: afterwards no handler is about to use fd. */
QNETC_HIDDEN void qnetc_keep_signals_off(uintptr_t handle);

/* Takes the request for the loop that fd wakes, and its exit code; false if there is none. */
QNETC_HIDDEN bool qnetc_take_request(int fd, int *code);

#endif
