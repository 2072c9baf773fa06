/*
 * What a program that runs at random must always find, as checks that fail at
 * most once each. Who includes this defines `enum check` and `CHECKS` first, and
 * fills in the names of `checks`.
 */
#ifndef QNET_TESTS_WRONG_H
#define QNET_TESTS_WRONG_H

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

struct check_state {
	const char *name;
	atomic_int failures;
	char why[300]; /* of the first */
};

static struct check_state checks[CHECKS];

__attribute__((format(printf, 2, 3))) static void wrong(enum check check, const char *format, ...)
{
	va_list arguments;

	if (checks[check].failures++ > 0)
		return;
	va_start(arguments, format);
	vsnprintf(checks[check].why, sizeof checks[check].why, format, arguments);
	va_end(arguments);
	fprintf(stderr, "%s: %s\n", checks[check].name, checks[check].why);
}

/* A message handler: warnings are as may be. */
static inline void wrong_message(qnet_msg_type type, const char *message, void *user_data)
{
	(void)user_data;
	if (type != QNET_WARNING_MSG)
		wrong(NO_INTERNAL_ERROR, "%s", message);
}

static inline void report_checks(void)
{
	for (int i = 0; i < CHECKS; i++)
		check_report(checks[i].name, checks[i].failures > 0 ? checks[i].why : NULL);
}

#endif
