// Command capi is the C interface over core, built as a shared library. The
// public functions are C stubs (stubs.c, generated from the headers), which
// refuse to work in a forked child and call the exports of this package.
//
// One file per class holds the exports, each a few lines over core; handle.go,
// call.go and signal.go hold what they share.
package main

/*
#cgo CFLAGS: -I${SRCDIR}/../include -std=c11 -D_GNU_SOURCE -Wall -Wextra -Wno-unused-parameter
#include <stdint.h>
#include "lease.h"
#include "limit.h"
*/
import "C"

import (
	"time"

	"qnet/core/lease"
)

func init() {
	lease.Run = func(round uintptr, word uint64) { C.qnetc_run(C.uintptr_t(round), C.uint64_t(word)) }
	C.qnetc_restore_limit()
	// Go's runtime opens two descriptors at its first timer, which may be that
	// of a garbage collection at any time: now a program that counts its
	// descriptors is not surprised later.
	time.AfterFunc(time.Hour, func() {}).Stop()
}

func main() {}
