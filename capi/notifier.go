package main

/*
#include <stdint.h>
#include <stdbool.h>
#include "callback.h"
*/
import "C"

import (
	"math"

	"qnet/core/loop"
	"qnet/core/notifier"
	"qnet/core/object"
)

//export qnetgo_notifier_new
func qnetgo_notifier_new(l C.uintptr_t, fd C.intptr_t, kind C.int) C.uintptr_t {
	return newNotifier(l, kind, func(n *notifier.Notifier) {
		if n.SetDescriptor(descriptor(fd)); !n.IsValid() {
			warnAbout(n, "there is no such descriptor")
		}
		n.SetEnabled(true)
	})
}

//export qnetgo_notifier_new_without_socket
func qnetgo_notifier_new_without_socket(l C.uintptr_t, kind C.int) C.uintptr_t {
	return newNotifier(l, kind, func(*notifier.Notifier) {})
}

// newNotifier makes a notifier, and begins with it.
func newNotifier(l C.uintptr_t, kind C.int, begin func(*notifier.Notifier)) C.uintptr_t {
	if kind < C.int(notifier.Read) || kind > C.int(notifier.Exception) {
		warnCaller("there is no such type")
		return 0
	}
	return onLoop(l, 0, func(l *loop.Loop) C.uintptr_t {
		n := notifier.New(l, notifier.Kind(kind))
		address := addressOf(n)
		begin(n)
		return address
	})
}

// descriptor returns a descriptor of C's, -1 for what is none.
func descriptor(fd C.intptr_t) int {
	if fd < 0 || fd > math.MaxInt32 {
		return -1
	}
	return int(fd)
}

//export qnetgo_notifier_delete
func qnetgo_notifier_delete(n C.uintptr_t) { do(n, (*notifier.Notifier).Delete) }

//export qnetgo_notifier_delete_later
func qnetgo_notifier_delete_later(n C.uintptr_t) { do(n, (*notifier.Notifier).DeleteLater) }

//export qnetgo_notifier_set_socket
func qnetgo_notifier_set_socket(n C.uintptr_t, fd C.intptr_t) {
	do(n, func(n *notifier.Notifier) { n.SetDescriptor(descriptor(fd)) })
}

//export qnetgo_notifier_socket
func qnetgo_notifier_socket(n C.uintptr_t) C.intptr_t {
	return on(n, -1, func(n *notifier.Notifier) C.intptr_t { return C.intptr_t(n.Descriptor()) })
}

//export qnetgo_notifier_type
func qnetgo_notifier_type(n C.uintptr_t) C.int {
	return on(n, 0, func(n *notifier.Notifier) C.int { return C.int(n.Kind()) })
}

//export qnetgo_notifier_is_valid
func qnetgo_notifier_is_valid(n C.uintptr_t) C.bool {
	return on(n, false, func(n *notifier.Notifier) C.bool { return C.bool(n.IsValid()) })
}

//export qnetgo_notifier_is_enabled
func qnetgo_notifier_is_enabled(n C.uintptr_t) C.bool {
	return on(n, false, func(n *notifier.Notifier) C.bool { return C.bool(n.Enabled()) })
}

//export qnetgo_notifier_set_enabled
func qnetgo_notifier_set_enabled(n C.uintptr_t, enabled C.bool) {
	do(n, func(n *notifier.Notifier) { n.SetEnabled(bool(enabled)) })
}

// callNotifierActivated calls back with the descriptor and the type.
var callNotifierActivated = object.NewKind(func(o *object.Object, s *object.Slot, arg int64) {
	fd, kind := notifier.Activation(arg)
	C.qnetc_call_notifier_activated(callback(s), self(o), C.intptr_t(fd), C.int(kind), userData(s))
})
