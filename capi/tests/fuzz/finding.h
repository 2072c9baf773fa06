/*
 * How the fuzz targets say that they have found something.
 */
#ifndef QNET_TESTS_FUZZ_FINDING_H
#define QNET_TESTS_FUZZ_FINDING_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

__attribute__((format(printf, 1, 2), noreturn)) static void blame(const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "\nFINDING: ");
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	abort();
}

#endif
