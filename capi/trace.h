/*
 * QNET_TRACE: what is called and signalled, a line each, for who looks for a fault. When it
 * is off that costs a look at qnetc_tracing.
 */
#ifndef QNETC_TRACE_H
#define QNETC_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fork.h"

/* Whether there is a trace; set when the library starts, and not changed after that. */
extern QNETC_HIDDEN bool qnetc_tracing;

/* Begins the trace that the environment asks for. */
QNETC_HIDDEN void qnetc_begin_trace(void);

/* Warns if it could not begin. */
QNETC_HIDDEN void qnetc_report_trace(void);

/* Writes a line, with the time and the thread in front. */
QNETC_HIDDEN void qnetc_trace(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Writes the line of a signal of an object. */
QNETC_HIDDEN void qnetc_trace_signal(const char *name, uintptr_t handle, int64_t argument);

/* Makes a text fit to be shown. */
static inline const char *qnetc_shown(const char *text)
{
	return text != NULL ? text : "NULL";
}

#endif
