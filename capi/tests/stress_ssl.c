/*
 * The lifetime stress test with servers that encrypt, and clients most of which do.
 */
#define ENCRYPTING 1
#include "stress.c"
