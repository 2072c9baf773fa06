package main

/*
#include <stdint.h>
#include <stdbool.h>
#include <stdlib.h>
*/
import "C"

import (
	"sync"
	"unsafe"

	"qnet/core/netif"
	"qnet/core/tls/certificate"
	"qnet/core/tls/configuration"
	"qnet/core/tls/extension"
	"qnet/core/tls/key"
	"qnet/core/tls/verify"
)

// value is what a handle of C stands for that belongs to no loop: a value of core, and the
// texts that C was given of it. Those of one that does not change stay as long as it: any
// thread may have them, and there are only so many.
type value[T any] struct {
	of     T
	handle *handle[value[T]] // nil for what NULL stands for

	mu     sync.Mutex // of what follows, and of what a mutable one is of
	gone   bool
	texts  map[string]unsafe.Pointer // by what they say
	latest unsafe.Pointer            // one that goes when there is the next
}

// newValue returns a new handle of a value.
func newValue[T any](of T) C.uintptr_t {
	v := &value[T]{of: of}
	v.handle = newHandle(v)
	return C.uintptr_t(v.handle.address())
}

// What NULL stands for, where it does.
var (
	nullCertificate = &value[*certificate.Certificate]{}
	nullInterface   = &value[netif.Interface]{}
	nullKey         = &value[sslKey]{of: sslKey{kind: key.Public}}
	nullExtension   = &value[extension.Extension]{}
	nullFailure     = &value[verify.Failure]{}
	nullResponse    = &value[configuration.OCSPResponse]{of: saysNothing}
)

// nullOf returns what NULL stands for, nil if it is a mistake.
func nullOf[T any]() *value[T] {
	for _, null := range []any{nullCertificate, nullInterface, nullKey, nullExtension, nullFailure, nullResponse} {
		if v, ok := null.(*value[T]); ok {
			return v
		}
	}
	return nil
}

// valueAt returns the value of a handle; with nil, why there is none.
func valueAt[T any](address C.uintptr_t) (*value[T], string) {
	if address == 0 {
		if null := nullOf[T](); null != nil {
			return null, ""
		}
	}
	return lookUp[value[T]](address)
}

// onValue calls f with the value of a handle. A bad handle is a warning and a panic a
// message; the result is then failed.
func onValue[T, R any](address C.uintptr_t, failed R, f func(*value[T]) R) (result R) {
	defer recovered(&result, failed)
	v, why := valueAt[T](address)
	if v == nil {
		warnHandle(address, why)
		return failed
	}
	return f(v)
}

// onValues is onValue for two values of a type.
func onValues[T, R any](address, other C.uintptr_t, failed R, f func(T, T) R) R {
	return onValue(address, failed, func(v *value[T]) R {
		return onValue(other, failed, func(w *value[T]) R { return f(v.of, w.of) })
	})
}

// onValueText is onValue for what returns a text.
func onValueText[T any](address C.uintptr_t, f func(T) string) C.uintptr_t {
	return onValue(address, 0, func(v *value[T]) C.uintptr_t { return v.text(f(v.of)) })
}

// onValueTexts is onValue for what returns a text of a list, NULL if there are not so many.
func onValueTexts[T any](address C.uintptr_t, index C.int, f func(T) []string) C.uintptr_t {
	return onValue(address, 0, func(v *value[T]) C.uintptr_t {
		list := f(v.of)
		if index < 0 || int(index) >= len(list) {
			return 0
		}
		return v.text(list[index])
	})
}

// onValueBytes is onValueText for bytes, whose number is written to where C wants it.
func onValueBytes[T any](address, size C.uintptr_t, f func(T) []byte) C.uintptr_t {
	return onValue(address, 0, func(v *value[T]) C.uintptr_t { return v.bytes(string(f(v.of)), size) })
}

// text returns a text for C that holds as long as the value.
func (v *value[T]) text(s string) C.uintptr_t {
	v.mu.Lock()
	defer v.mu.Unlock()
	p := v.texts[s]
	if p == nil && !v.gone {
		if p = newText(s); p == nil {
			return 0
		}
		if v.texts == nil {
			v.texts = map[string]unsafe.Pointer{}
		}
		v.texts[s] = p
	}
	return C.uintptr_t(uintptr(p))
}

// bytes is text with the number of bytes.
func (v *value[T]) bytes(s string, size C.uintptr_t) C.uintptr_t {
	return withSize(v.text(s), s, size)
}

// replace returns a text for C that holds until the next of these.
func (v *value[T]) replace(s string, size C.uintptr_t) C.uintptr_t {
	v.mu.Lock()
	defer v.mu.Unlock()
	C.free(v.latest)
	v.latest = nil
	if !v.gone {
		v.latest = newText(s)
	}
	return withSize(C.uintptr_t(uintptr(v.latest)), s, size)
}

// withSize writes how long a text is, unless C does not want to know.
func withSize(p C.uintptr_t, s string, size C.uintptr_t) C.uintptr_t {
	if to := at[C.int64_t](size); to != nil {
		*to = 0
		if p != 0 {
			*to = C.int64_t(len(s))
		}
	}
	return p
}

// newText returns memory of C with a text and a NUL behind it, nil if there is none.
func newText(s string) unsafe.Pointer {
	p := allocate(len(s) + 1)
	if p != nil {
		to := unsafe.Slice((*byte)(p), len(s)+1)
		to[copy(to, s)] = 0
	}
	return owned(p)
}

// deleteValue deletes the value of a handle. It may be used by another thread until then.
func deleteValue[T any](address C.uintptr_t) {
	onValue(address, false, func(v *value[T]) bool {
		if v.handle == nil {
			return true // NULL stands for it
		}
		v.mu.Lock()
		twice := v.gone
		v.gone = true
		if !twice {
			for _, p := range v.texts {
				C.free(p)
			}
			C.free(v.latest)
			v.texts, v.latest = nil, nil // a call that is under way may still ask
			v.handle.release()
		}
		v.mu.Unlock()
		if twice {
			warnHandle(address, deleted)
		}
		return true
	})
}

// copyValue returns another handle of a value that does not change.
func copyValue[T any](address C.uintptr_t) C.uintptr_t {
	return onValue(address, 0, func(v *value[T]) C.uintptr_t {
		if v.handle == nil {
			return 0
		}
		return newValue(v.of)
	})
}

// giveValues writes new handles of values to an array of C and returns how many values
// there are.
func giveValues[T any](list []T, out C.uintptr_t, room C.int) C.int {
	if !isRoom(out, room) {
		return -1
	}
	if n := min(len(list), int(room)); n > 0 {
		to := unsafe.Slice(at[C.uintptr_t](out), n)
		for i := range to {
			to[i] = newValue(list[i])
		}
	}
	return C.int(len(list))
}

// isRoom reports whether there is room for so many elements of a list.
func isRoom(out C.uintptr_t, room C.int) bool {
	if room < 0 || out == 0 && room > 0 {
		warnCaller("there is no room for the list")
		return false
	}
	return true
}

// takeValues returns the values of an array of handles. A bad one, which NULL is here, is
// a warning.
func takeValues[T any](in C.uintptr_t, count C.int) (list []T, ok bool) {
	return takeList(in, count, func(address C.uintptr_t) (value T, ok bool) {
		v, why := valueAt[T](address)
		if address == 0 {
			v, why = nil, "a handle is NULL"
		}
		if v == nil {
			warnHandle(address, why)
			return value, false
		}
		return v.of, true
	})
}

// takeList returns what take makes of each handle of an array, which warns of a bad one.
func takeList[T any](in C.uintptr_t, count C.int, take func(address C.uintptr_t) (T, bool)) (list []T, ok bool) {
	if count < 0 || in == 0 && count > 0 {
		warnCaller("the list is NULL, or its length negative")
		return nil, false
	}
	if count == 0 {
		return nil, true
	}
	for _, address := range unsafe.Slice(at[C.uintptr_t](in), count) {
		one, ok := take(address)
		if !ok {
			return nil, false
		}
		list = append(list, one)
	}
	return list, true
}
