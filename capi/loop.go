package main

/*
#include <stdint.h>
#include <stdbool.h>
#include "callback.h"
#include "from_signal.h"
#include "handlers.h"
*/
import "C"

import (
	"fmt"
	"sync"

	"qnet/core/loop"
	"qnet/core/timer"
)

// defaultHandle makes the handle of the default loop at its first use.
var defaultHandle = struct {
	sync.Mutex
	h *handle[loop.Loop]
}{}

func defaultLoop() *handle[loop.Loop] {
	defaultHandle.Lock()
	defer defaultHandle.Unlock()
	if defaultHandle.h == nil {
		l, err := loop.Default()
		if err != nil {
			warnCaller(fmt.Sprintf("the default loop cannot be made: %v", err))
			return nil
		}
		defaultHandle.h = newHandle(l)
		letSignalsEnd(defaultHandle.h, true)
		makePlace()
	}
	return defaultHandle.h
}

// onLoop is on for a loop, of which NULL is the default one.
func onLoop[R any](address C.uintptr_t, failed R, f func(*loop.Loop) R) (result R) {
	result = failed
	var l *loop.Loop
	if address == 0 {
		h := defaultLoop()
		if h == nil {
			return
		}
		l = h.target()
	} else {
		var why string
		if l, why = lookUp[loop.Loop](address); l == nil {
			warnHandle(address, why)
			return
		}
	}
	l.Lock()
	if l.Closed() {
		l.Unlock()
		warnHandle(address, deleted)
		return
	}
	done := false
	defer leave(l, &done)
	result = f(l)
	done = true
	return
}

//export qnetgo_loop_new
func qnetgo_loop_new() (address C.uintptr_t) {
	defer recovered(&address, 0)
	l, err := loop.New()
	if err != nil {
		warnCaller(err.Error())
		return 0
	}
	makePlace()
	h := newHandle(l)
	letSignalsEnd(h, false)
	return C.uintptr_t(h.address())
}

//export qnetgo_loop_delete
func qnetgo_loop_delete(address C.uintptr_t) {
	var done bool
	defer recovered(&done, false)
	h, why := find[loop.Loop](address)
	switch {
	case h == nil:
		warnHandle(address, why)
		return
	case h == defaultLoop():
		warnCaller("the default loop cannot be deleted")
		return
	}
	onLoop(address, false, func(l *loop.Loop) bool {
		C.qnetc_keep_signals_off(address)
		l.Close()
		h.release()
		return true
	})
}

//export qnetgo_loop_default
func qnetgo_loop_default() (address C.uintptr_t) {
	defer recovered(&address, 0)
	if h := defaultLoop(); h != nil {
		return C.uintptr_t(h.address())
	}
	return 0
}

//export qnetgo_loop_exec
func qnetgo_loop_exec(address C.uintptr_t) C.int {
	C.qnetc_mend_handlers() // the program has probably installed its own by now
	code, err := int(-1), error(nil)
	onLoop(address, false, func(l *loop.Loop) bool {
		var asked bool
		if code, asked = takeRequest(l); !asked {
			code, err = l.Exec()
		}
		return true
	})
	if err != nil {
		warnCaller(err.Error())
	}
	return C.int(code)
}

//export qnetgo_loop_exit
func qnetgo_loop_exit(address C.uintptr_t, code C.int) {
	onLoop(address, false, func(l *loop.Loop) bool { l.Exit(int(code)); return true })
}

//export qnetgo_loop_quit
func qnetgo_loop_quit(address C.uintptr_t) {
	onLoop(address, false, func(l *loop.Loop) bool { l.Exit(0); return true })
}

//export qnetgo_loop_process_events
func qnetgo_loop_process_events(address C.uintptr_t, msec C.int) C.bool {
	var err error
	did := onLoop(address, false, func(l *loop.Loop) (did bool) {
		did, err = l.ProcessEvents(int(msec))
		return did
	})
	if err != nil {
		warnCaller(err.Error())
	}
	return C.bool(did)
}

//export qnetgo_loop_interrupt
func qnetgo_loop_interrupt(address C.uintptr_t) {
	onLoop(address, false, func(l *loop.Loop) bool { l.Interrupt(); return true })
}

//export qnetgo_loop_fd
func qnetgo_loop_fd(address C.uintptr_t) C.intptr_t {
	return onLoop(address, -1, func(l *loop.Loop) C.intptr_t { return C.intptr_t(l.FD()) })
}

//export qnetgo_loop_post
func qnetgo_loop_post(address, f, data C.uintptr_t) C.bool {
	if f == 0 {
		warnCaller("the callback is NULL")
		return false
	}
	return onLoop(address, false, func(l *loop.Loop) C.bool {
		l.Post(posted(l, f, data))
		return true
	})
}

//export qnetgo_timer_single_shot
func qnetgo_timer_single_shot(address C.uintptr_t, msec C.int, f, data C.uintptr_t) C.bool {
	if f == 0 || msec < 0 {
		warnCaller("the callback is NULL or the time negative")
		return false
	}
	return onLoop(address, false, func(l *loop.Loop) C.bool {
		timer.Single(l, int(msec), posted(l, f, data))
		return true
	})
}
