package main

/*
#include <stdint.h>
#include <stdbool.h>
#include "callback.h"
*/
import "C"

import (
	"qnet/core/loop"
	"qnet/core/object"
)

// emitter is an object of core with signals.
type emitter interface {
	guarded
	attached
	Base() *object.Object
}

// connect registers the C function f for a signal; kind tells how to call it.
func connect[T any, P interface {
	*T
	emitter
}](address C.uintptr_t, signal object.Signal, f, data C.uintptr_t, kind object.Kind) C.uint64_t {
	if f == 0 {
		warnCaller("the callback is NULL")
		return 0
	}
	return on(address, 0, func(o P) C.uint64_t {
		slot := o.Base().Connect(signal, kind)
		slot.Function, slot.Data = uintptr(f), uintptr(data)
		return C.uint64_t(connections.add(o.Base(), slot))
	})
}

//export qnetgo_disconnect
func qnetgo_disconnect(id C.uint64_t) (ok C.bool) {
	defer recovered(&ok, false)
	o, slot := connections.remove(uint64(id))
	if slot == nil {
		return false
	}
	defer o.LockLoop().Unlock()
	return C.bool(o.Off(slot))
}

// posted returns a call of a C function for the loop to make, once.
func posted(l *loop.Loop, f, data C.uintptr_t) func() {
	userDatas.add(uintptr(data))
	return func() {
		userDatas.drop(uintptr(data))
		l.Call(nil, func() { C.qnetc_call_loop(f, data) })
	}
}

// The callbacks of a slot: its function, the handle of the object and its data.

func callback(s *object.Slot) C.uintptr_t { return C.uintptr_t(s.Function) }

func self(o *object.Object) C.uintptr_t { return C.uintptr_t(o.Attachment().Address()) }

func userData(s *object.Slot) C.uintptr_t { return C.uintptr_t(s.Data) }
