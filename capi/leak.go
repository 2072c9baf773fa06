package main

/*
#include <stdlib.h>
#include "leak.h"
*/
import "C"

import (
	"sync"
	"unsafe"
)

// leaksAreChecked reports whether the program has a leak checker, for which all
// that is here is done (leak.h).
var leaksAreChecked = bool(C.qnetc_leaks_are_checked())

// owned returns p, memory of C's that the library has allocated.
func owned(p unsafe.Pointer) unsafe.Pointer {
	if leaksAreChecked && p != nil {
		C.qnetc_mark_in_use(C.uintptr_t(uintptr(p)))
	}
	return p
}

// entrustedTable counts how often the program has entrusted the library with an
// address, as user data, and keeps memory of C's that refers to it.
type entrustedTable struct {
	mu sync.Mutex
	of map[uintptr]*entrusted
}

type entrusted struct {
	times  int
	memory C.uintptr_t
}

var userDatas = entrustedTable{of: map[uintptr]*entrusted{}}

// add notes that the library has the user data now.
func (t *entrustedTable) add(data uintptr) {
	if leaksAreChecked {
		t.count(data, 1)
	}
}

// drop is the opposite of add.
func (t *entrustedTable) drop(data uintptr) {
	if leaksAreChecked {
		t.count(data, -1)
	}
}

func (t *entrustedTable) count(data uintptr, change int) {
	if data == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.of[data]
	if e == nil {
		e = &entrusted{memory: C.qnetc_refer_to(C.uintptr_t(data))}
		t.of[data] = e
	}
	if e.times += change; e.times == 0 {
		C.free(*(*unsafe.Pointer)(unsafe.Pointer(&e.memory)))
		delete(t.of, data)
	}
}

// part names the callbacks of an object that are no slots.
type part uint8

const (
	partResult part = iota
	partIncoming
	partHasPending
	partNextPending
)

// partOf is such a callback of the object of a handle.
type partOf struct {
	of   *known
	part part
}

// partTable has the user data of these callbacks.
type partTable struct {
	mu   sync.Mutex
	data map[partOf]uintptr
}

var parts = partTable{data: map[partOf]uintptr{}}

// set notes the user data of a callback f of o; with 0 there is none any more.
func (t *partTable) set(o attached, p part, f, data C.uintptr_t) {
	if leaksAreChecked {
		t.replace(partOf{o.Attachment().(interface{ base() *known }).base(), p}, uintptr(data), f != 0 && data != 0)
	}
}

func (t *partTable) replace(key partOf, data uintptr, there bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if old, ok := t.data[key]; ok {
		userDatas.drop(old)
		delete(t.data, key)
	}
	if there {
		userDatas.add(data)
		t.data[key] = data
	}
}

// forget notes that the object of a handle is gone.
func (t *partTable) forget(of *known) {
	if !leaksAreChecked {
		return
	}
	for p := partResult; p <= partNextPending; p++ {
		t.replace(partOf{of, p}, 0, false)
	}
}
