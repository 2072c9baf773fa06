/*
 * What interrupts the waits of a thread. It is kept in C: Go's goroutines have no
 * variables of a thread, and what is kept here goes with the thread.
 */
#ifndef QNETC_INTERRUPT_H
#define QNETC_INTERRUPT_H

#include <stdbool.h>

#include "fork.h"

/* Sets the descriptor that interrupts the calling thread's waits, -1 for none. */
QNETC_HIDDEN void qnetc_set_interrupt_fd(int fd);

/* Returns that descriptor. */
QNETC_HIDDEN int qnetc_interrupt_fd(void);

/* Notes that a wait of the calling thread was interrupted. */
QNETC_HIDDEN void qnetc_note_interrupt(void);

/* Tells whether one was, and forgets it. */
QNETC_HIDDEN bool qnetc_take_interrupt(void);

#endif
