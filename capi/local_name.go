package main

/*
#include <stdint.h>
#include <stdlib.h>

static inline uintptr_t qnetc_tmpdir(void) { return (uintptr_t)secure_getenv("TMPDIR"); }
*/
import "C"

import (
	"strings"

	"qnet/core/local"
)

// Go's copy of the environment is from when it started.
func init() { local.TempDir = func() string { return text(C.qnetc_tmpdir()) } }

// A NUL, which abstract names may contain, ends a string in C; it goes as the
// two bytes that no UTF-8 contains.
const (
	nul        = "\x00"
	encodedNUL = "\xc0\x80"
)

// nameText returns a server's name from C.
func nameText(address C.uintptr_t) string {
	return strings.ReplaceAll(text(address), encodedNUL, nul)
}

// nameForC returns a server's name as C gets it.
func nameForC(name string) string { return strings.ReplaceAll(name, nul, encodedNUL) }
