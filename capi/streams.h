/*
 * The numbers 0 to 2, the program's standard streams. Of one that has closed some,
 * they are free: what opens a descriptor here gets the lowest.
 */
#ifndef QNETC_STREAMS_H
#define QNETC_STREAMS_H

#include "fork.h"

struct qnetc_streams {
	bool held[3];
};

/*
 * Has those numbers taken that are free, until they are released: for what opens
 * descriptors of its own, Go and the dynamic linker. To the program they are as
 * good as closed meanwhile: what has them can neither be read nor written.
 */
QNETC_HIDDEN struct qnetc_streams qnetc_hold_streams(void);
QNETC_HIDDEN void qnetc_release_streams(const struct qnetc_streams *streams);

#endif
