/*
 * What all of Go's goroutines do, for tests that stand still. Only the archives that are
 * made for tests can tell (the tag qnet_debug).
 */
#ifndef QNET_TESTS_STACKS_H
#define QNET_TESTS_STACKS_H

#include <stdbool.h>
#include <stddef.h>

__attribute__((weak)) void qnetgo_dump_stacks(void);

static inline bool has_stacks(void)
{
	return qnetgo_dump_stacks != NULL;
}

/* Writes them to stderr. No signal handler may. */
static inline void dump_stacks(void)
{
	if (has_stacks())
		qnetgo_dump_stacks();
}

#endif
