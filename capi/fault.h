#ifndef QNETC_FAULT_H
#define QNETC_FAULT_H

#include "fork.h"

/* Has faults end the program as they do without Go, where it has no handlers; before Go starts. */
QNETC_HIDDEN void qnetc_handle_faults(void);

#endif
