package main

/*
#include <stdint.h>
#include <stdlib.h>
#include "message.h"

// C.malloc itself ends the process when there is no memory.
static void *qnetc_allocate(size_t size) { return malloc(size); }
*/
import "C"

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"unsafe"

	"qnet/core/loop"
	"qnet/core/message"
)

func init() { installMessageHandler() }

// installMessageHandler has core's messages go to the handler in C.
func installMessageHandler() {
	message.SetHandler(func(kind message.Kind, text string) {
		c := C.CString(text)
		C.qnetc_message(C.int(kind), c)
		C.free(unsafe.Pointer(c))
	})
}

// warn sends a warning. No lock is held.
func warn(text string) { message.Send(message.Warning, text) }

// guarded is an object of core: its loop's lock guards it.
type guarded interface {
	LockLoop() *loop.Loop // the object may be on its way to another one
	Alive() bool
}

// on calls f with the object of a handle, under its loop's lock. A bad handle
// is a warning and a panic a message; the result is then failed.
func on[T any, R any, P interface {
	*T
	guarded
}](address C.uintptr_t, failed R, f func(P) R) (result R) {
	result = failed
	target, why := lookUp[T](address)
	if target == nil {
		warnHandle(address, why)
		return
	}
	o := P(target)
	l := o.LockLoop()
	if !o.Alive() {
		l.Unlock()
		warnHandle(address, deleted)
		return
	}
	done := false
	defer leave(l, &done)
	result = f(o)
	done = true
	return
}

// do is on for what returns nothing.
func do[T any, P interface {
	*T
	guarded
}](address C.uintptr_t, f func(P)) {
	on(address, false, func(p P) bool { f(p); return true })
}

// leave releases the lock. A call that is not done has panicked: the caller gets
// the failure that it began with.
func leave(l *loop.Loop, done *bool) {
	departing := l.Departing()
	l.Unlock()
	if departing {
		l.Depart()
	}
	if !*done {
		reportPanic(recover())
	}
}

// recovered turns a panic into a failure, in a call that holds no lock.
func recovered[R any](result *R, failed R) {
	if p := recover(); p != nil {
		*result = failed
		reportPanic(p)
	}
}

func reportPanic(p any) {
	stack := make([]byte, 8<<10)
	stack = stack[:runtime.Stack(stack, false)]
	message.Send(message.Critical, fmt.Sprintf("internal error: %v\n%s", p, stack))
}

// warnCaller warns with the name of the public function that was called.
func warnCaller(text string) { warn(function() + ": " + text) }

// deleted is what is wrong with the handle of an object that is gone.
const deleted = "the object was deleted"

// warnHandle is warnCaller for what is wrong with a handle, which it names as far as it is known.
func warnHandle(address C.uintptr_t, why string) {
	if address != 0 {
		why += fmt.Sprintf(" (%s 0x%x)", classAt(address), uintptr(address))
	}
	warnCaller(why)
}

// named is an object of core that messages can name.
type named interface {
	Ask(func())
	Warn(function, text, who string)
	Describe() string
}

// warnAbout is warnCaller for a call with an object, whose loop's lock is held.
func warnAbout(o named, text string) { o.Warn(function(), text, o.Describe()) }

// function returns the name of the public function that was called. It is slow,
// and for failures only.
func function() string {
	var pcs [32]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		frame, more := frames.Next()
		if _, name, ok := strings.Cut(frame.Function, "main.qnetgo_"); ok {
			name, _, _ = strings.Cut(name, ".")
			return "qnet_" + name
		}
		if !more {
			return "qnet"
		}
	}
}

// at returns an address from C as a pointer; a NULL is nil.
func at[T any](address C.uintptr_t) *T { return *(**T)(unsafe.Pointer(&address)) }

// text returns a copy of a string from C; NULL is "".
func text(address C.uintptr_t) string { return C.GoString(at[C.char](address)) }

// memory returns size bytes of C's memory, which the caller checked.
func memory(address C.uintptr_t, size int) []byte {
	if size <= 0 {
		return nil
	}
	return unsafe.Slice(at[byte](address), size)
}

// textTable holds what the last string-returning call of a handle returned: few have
// one.
type textTable struct {
	mu sync.Mutex
	of map[*known]unsafe.Pointer
}

var texts = textTable{of: map[*known]unsafe.Pointer{}}

// set makes p, memory of C, the text of a handle instead of the one before. The lock of
// the handle's loop is held.
func (t *textTable) set(k *known, p unsafe.Pointer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	C.free(t.of[k])
	if k.mark(hasText, p != nil); p != nil {
		t.of[k] = owned(p)
	} else {
		delete(t.of, k)
	}
}

// give returns s to C as a string that belongs to the handle until its next.
func (h *handle[T]) give(s string) C.uintptr_t {
	p := unsafe.Pointer(C.CString(s))
	texts.set(&h.known, p)
	return C.uintptr_t(uintptr(p))
}

// allocate returns memory of C's, nil if there is none.
func allocate(size int) unsafe.Pointer { return C.qnetc_allocate(C.size_t(size)) }

// room returns size bytes, and a NUL behind them, that belong to the handle
// until its next string; nil if there is no memory.
func (h *handle[T]) room(size int) []byte {
	p := allocate(size + 1)
	if p == nil {
		return nil
	}
	texts.set(&h.known, p)
	all := unsafe.Slice((*byte)(p), size+1)
	all[size] = 0
	return all[:size]
}

// onText is on for what returns a string.
func onText[T any, P interface {
	*T
	guarded
	attached
}](address C.uintptr_t, f func(P) string) C.uintptr_t {
	return on(address, 0, func(p P) C.uintptr_t {
		return p.Attachment().(*handle[T]).give(f(p))
	})
}

// copyOut writes s to a buffer of C like snprintf.
func copyOut(s string, buffer C.uintptr_t, size C.size_t) C.int {
	if buffer == 0 && size > 0 {
		return -1
	}
	if size > 0 {
		out := memory(buffer, int(min(size, C.size_t(len(s)+1))))
		n := copy(out[:len(out)-1], s)
		out[n] = 0
	}
	return C.int(len(s))
}
