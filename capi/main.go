//go:debug x509negativeserial=1

// Command capi is the C interface over core, built as a shared library. The
// public functions are C stubs (stubs.c, generated from the headers), which start
// Go at the first call (start.c), refuse to work in a forked child and call the
// exports of this package.
//
// One file per class holds the exports, each a few lines over core; handle.go,
// call.go and signal.go hold what they share.
package main

/*
#cgo CFLAGS: -I${SRCDIR}/../include -std=c11 -D_GNU_SOURCE -Wall -Wextra -Wno-unused-parameter
#cgo qnet_archive CFLAGS: -DQNETC_ARCHIVE
#include <stdint.h>
#include "lease.h"
#include "limit.h"
*/
import "C"

import (
	"fmt"
	"os"
	"sync"
	"time"

	"qnet/core/fault"
	"qnet/core/lease"
	"qnet/core/message"
)

func init() {
	lease.Run = func(round uintptr, word uint64) { C.qnetc_run(C.uintptr_t(round), C.uint64_t(word)) }
	lease.Abandon = func() { C.qnetc_lease_abandon() }
	C.qnetc_restore_limit()
	// Go's runtime opens two descriptors at its first timer, which may be that
	// of a garbage collection at any time: now a program that counts its
	// descriptors is not surprised later.
	time.AfterFunc(time.Hour, func() {}).Stop()
}

// qnetgo_wait returns when Go has started and all is initialised, as every export does.
//
//export qnetgo_wait
func qnetgo_wait() {}

//export qnetgo_enter
func qnetgo_enter() {
	// Not in init: the message is for the host's handler, on the host's thread.
	if err := injectFaults(); err != nil {
		message.Send(message.Warning, fmt.Sprintf("QNET_FAULTS: %v; there will be no faults", err))
	}
	reportTrace()
}

var faults sync.Once

// injectFaults has system calls fail if the environment asked for that when Go
// started. It returns, once, what it does not understand of it.
func injectFaults() (err error) {
	faults.Do(func() {
		if text := os.Getenv("QNET_FAULTS"); text != "" {
			err = fault.Inject(text)
		}
	})
	return err
}

func main() {}
