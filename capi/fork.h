/*
 * The check that every entry point makes before it enters Go: it is made once in
 * each thread. The first of all starts Go. The child of a fork after that has one
 * thread of Go's left: a call there may work, or wait for ever for the others.
 */
#ifndef QNETC_FORK_H
#define QNETC_FORK_H

#include <stdbool.h>

#define QNETC_HIDDEN __attribute__((visibility("hidden")))

/* Set in a child that was forked after Go had started, before it has a second thread; never reset. */
extern QNETC_HIDDEN bool qnetc_in_child;

/* Whether this thread has entered Go before, and has not become a forked child. */
extern QNETC_HIDDEN _Thread_local bool qnetc_entered __attribute__((tls_model("initial-exec")));

/* Has the thread enter Go for the first time; false, with a message, in a forked child and where Go cannot start. */
QNETC_HIDDEN bool qnetc_enter(const char *function);

/* Tells whether function must fail, after a message. */
static inline bool qnetc_refused(const char *function)
{
	return __builtin_expect(!qnetc_entered, 0) && !qnetc_enter(function);
}

#endif
