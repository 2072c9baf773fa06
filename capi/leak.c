#include "leak.h"

#include <stdlib.h>

extern void __lsan_ignore_object(const void *) __attribute__((weak));

bool qnetc_leaks_are_checked(void)
{
	return __lsan_ignore_object != NULL;
}

void qnetc_mark_in_use(uintptr_t memory)
{
	__lsan_ignore_object((const void *)memory);
}

uintptr_t qnetc_refer_to(uintptr_t address)
{
	uintptr_t *memory = malloc(sizeof *memory);

	if (memory != NULL) {
		*memory = address;
		qnetc_mark_in_use((uintptr_t)memory);
	}
	return (uintptr_t)memory;
}
