/*
 * Go keeps pointers to its environment. What the program began with may be gone
 * when it starts: overwritten by a program that sets its title, freed after a
 * putenv(). So Go gets a copy of the environment as it is now, and in a program
 * that runs with more rights than its user has (set-user-ID) none: it has
 * settings of Go's runtime.
 */
#include "arguments.h"

#include <elf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

extern char **environ;

/* Those of which Go makes use. */
static const unsigned long tags[] = { AT_PAGESZ, AT_HWCAP, AT_HWCAP2, AT_SYSINFO_EHDR, AT_SECURE, AT_RANDOM };

enum { TAGS = sizeof tags / sizeof tags[0], RANDOM_SIZE = 16 };

/* The leak checker finds here what only Go refers to. */
static void **made;

void **qnetc_arguments(void)
{
	char **variables = getauxval(AT_SECURE) != 0 ? NULL : environ;
	size_t count = 0, size = 0, pointers;
	void **next;
	char *text;

	for (; variables != NULL && variables[count] != NULL; count++)
		size += strlen(variables[count]) + 1;
	/* A NULL behind the arguments, one behind the environment, two behind the vector. */
	pointers = 1 + count + 1 + 2 * TAGS + 2;
	made = calloc(1, pointers * sizeof *made + RANDOM_SIZE + size);
	if (made == NULL)
		abort(); /* as Go does */
	next = made + 1;
	text = (char *)(made + pointers) + RANDOM_SIZE;
	for (size_t i = 0; i < count; i++) {
		*next++ = text;
		text = stpcpy(text, variables[i]) + 1;
	}
	next++;
	for (size_t i = 0; i < TAGS; i++) {
		unsigned long value = getauxval(tags[i]);

		if (value == 0)
			continue;
		/* Go overwrites what it has used, and the program may still want it. */
		if (tags[i] == AT_RANDOM)
			value = (unsigned long)memcpy(made + pointers, (void *)value, RANDOM_SIZE);
		*next++ = (void *)tags[i];
		*next++ = (void *)value;
	}
	return made;
}
