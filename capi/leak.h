/*
 * A program may have a leak checker (LeakSanitizer, also a part of the address
 * sanitizer). It does not search Go's memory, and takes for lost what only Go
 * refers to: what the library has from malloc(), and the user data that a program
 * has entrusted to it. So it is told; without one, nothing is done.
 */
#ifndef QNETC_LEAK_H
#define QNETC_LEAK_H

#include <stdint.h>

#include "fork.h"

/* Reports whether the program has a leak checker. */
QNETC_HIDDEN bool qnetc_leaks_are_checked(void);

/* Has memory from malloc(), and what it refers to, count as in use until it is freed. */
QNETC_HIDDEN void qnetc_mark_in_use(uintptr_t memory);

/* Returns memory from malloc() that is in use and refers to the address; 0 if there is none. */
QNETC_HIDDEN uintptr_t qnetc_refer_to(uintptr_t address);

#endif
