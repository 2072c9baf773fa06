package main

/*
#include <stdint.h>

static inline uintptr_t qnetc_empty(void) { return (uintptr_t)""; }
*/
import "C"

// emptyText is "" as a static string of C.
func emptyText() C.uintptr_t { return C.qnetc_empty() }
