/*
 * Go reserves address space when it starts, and ends the process with a word on
 * its insides if it does not get it. That must be before the program sees it
 * come, so it is told in plain words first.
 */
#include <sys/mman.h>

#include "message.h"

#include <qnet/global.h>

enum { ROOM = 820 << 20 }; /* what Go 1.26 takes at once; more comes with its threads */

/* Runs when the library is loaded, before Go's own constructor. */
__attribute__((constructor(101))) static void look_for_room(void)
{
	void *room = mmap(NULL, ROOM, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (room != MAP_FAILED)
		munmap(room, ROOM);
	else
		qnetc_message(QNET_CRITICAL_MSG, "the library needs 2 GB of address space, not of memory: "
						 "RLIMIT_AS (ulimit -v) allows less than it takes to start");
}
