package main

/*
#include <stdint.h>
#include <stdbool.h>
#include "from_signal.h"
*/
import "C"

import (
	"sync/atomic"
	"unsafe"

	"qnet/core/loop"
)

func init() { loop.Woken = endIfAsked }

// requests is how many handlers have asked for the end of a loop that has not heard it yet.
var requests = (*uint32)(unsafe.Pointer(&C.qnetc_requests))

// letSignalsEnd lets signal handlers end the loop of a handle.
func letSignalsEnd(h *handle[loop.Loop], isDefault bool) {
	C.qnetc_let_signals_end(C.uintptr_t(h.address()), C.int(h.target().WakeFD()), C.bool(isDefault))
}

// takeRequest takes what a handler has asked of a loop, if one has, and returns the exit code.
func takeRequest(l *loop.Loop) (code int, asked bool) {
	if atomic.LoadUint32(requests) == 0 {
		return 0, false
	}
	var c C.int
	asked = bool(C.qnetc_take_request(C.int(l.WakeFD()), &c))
	return int(c), asked
}

// endIfAsked is called when a loop was woken: by a handler, perhaps. Where no qnet_loop_exec() runs,
// the request is for the next.
func endIfAsked(l *loop.Loop) {
	if atomic.LoadUint32(requests) == 0 || !l.Executing() {
		return
	}
	if code, asked := takeRequest(l); asked {
		l.Exit(code)
	}
}
