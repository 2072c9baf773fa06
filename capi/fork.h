/*
 * The check that every entry point makes before it enters Go. The child of a
 * fork has one thread of Go's left: a call there may work, or wait for ever for
 * the others.
 */
#ifndef QNETC_FORK_H
#define QNETC_FORK_H

#include <stdbool.h>

#define QNETC_HIDDEN __attribute__((visibility("hidden")))

/* Set in a forked child, before it has a second thread; never reset. */
extern QNETC_HIDDEN bool qnetc_in_child;

/* Sends the message about function being called in a forked child. */
QNETC_HIDDEN void qnetc_refuse(const char *function);

/* Tells whether function must fail because this is a forked child. */
static inline bool qnetc_forked(const char *function)
{
	if (__builtin_expect(!qnetc_in_child, 1))
		return false;
	qnetc_refuse(function);
	return true;
}

#endif
