package main

/*
#include <stdint.h>
#include <stdlib.h>
#include "trace.h"
*/
import "C"

import (
	"sync"
	"unsafe"

	"qnet/core/object"
)

// The environment's wish was read before Go was started.
func init() {
	if bool(C.qnetc_tracing) {
		object.Trace = traceSignal
	}
}

// reportTrace warns, once, if what the environment asks for is not to be had.
var reportTrace = sync.OnceFunc(func() { C.qnetc_report_trace() })

// traceSignal writes down that an object emits a signal, whether it has slots or not. What has no
// handle the program does not know.
func traceSignal(o *object.Object, signal object.Signal, arg int64) {
	h, ok := o.Attachment().(interface{ base() *known })
	if !ok {
		return
	}
	k := h.base()
	name := signalNames[k.class()][signal]
	if signal == object.Destroyed {
		name = "destroyed"
	}
	if name == "" {
		return
	}
	c := C.CString(classNames[k.class()] + " " + name)
	C.qnetc_trace_signal(c, C.uintptr_t(k.address()), C.int64_t(arg))
	C.free(unsafe.Pointer(c))
}
