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
#include <stdlib.h>
#include "lease.h"
#include "limit.h"
*/
import "C"

import (
	"fmt"
	"time"
	"unsafe"

	"qnet/core/lease"
	"qnet/core/message"
	"qnet/core/sys"
)

func init() {
	lease.Run = func(round uintptr, word uint64) { C.qnetc_run(C.uintptr_t(round), C.uint64_t(word)) }
	lease.Abandon = func() { C.qnetc_lease_abandon() }
	C.qnetc_restore_limit()
	injectFaults()
	// Go's runtime opens two descriptors at its first timer, which may be that
	// of a garbage collection at any time: now a program that counts its
	// descriptors is not surprised later.
	time.AfterFunc(time.Hour, func() {}).Stop()
}

// injectFaults has system calls fail if the environment asks for that. It is asked
// for in C: Go does not see what the program has set before it loaded the library.
func injectFaults() {
	name := C.CString("QNET_FAULTS")
	defer C.free(unsafe.Pointer(name))
	value := C.getenv(name)
	if value == nil || *value == 0 {
		return
	}
	if err := sys.Inject(C.GoString(value)); err != nil {
		message.Send(message.Warning, fmt.Sprintf("QNET_FAULTS: %v; there will be no faults", err))
	}
}

func main() {}
