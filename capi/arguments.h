/*
 * What Go gets when it starts: what a program finds on its stack.
 */
#ifndef QNETC_ARGUMENTS_H
#define QNETC_ARGUMENTS_H

#include "fork.h"

/*
 * Returns the end of the arguments, of which there are none, the environment and
 * the auxiliary vector, as they lie behind argv. They stay, and belong to Go.
 */
QNETC_HIDDEN void **qnetc_arguments(void);

#endif
