package main

/*
#include <stdint.h>
*/
import "C"

import (
	"sync"

	"qnet/core/notifier"
	"qnet/core/timer"
)

// pointers are what programs keep with objects. Few do: each callback is given its own anyway.
var pointers = struct {
	sync.Mutex
	of map[*known]uintptr
}{of: map[*known]uintptr{}}

// keep keeps a pointer of the program's with the object of a handle.
func (k *known) keep(p uintptr) {
	pointers.Lock()
	defer pointers.Unlock()
	if k.mark(hasData, p != 0); p != 0 {
		pointers.of[k] = p
	} else {
		delete(pointers.of, k)
	}
}

// kept returns it.
func (k *known) kept() uintptr {
	pointers.Lock()
	defer pointers.Unlock()
	return pointers.of[k]
}

func setUserData[T any, P interface {
	*T
	guarded
	attached
}](address, p C.uintptr_t) {
	do(address, func(o P) { o.Attachment().(*handle[T]).keep(uintptr(p)) })
}

// userDataOf returns it for a handle, also in the callbacks of destroyed, where on knows nothing more
// of the object.
func userDataOf[T any](address C.uintptr_t) (p C.uintptr_t) {
	defer recovered(&p, 0)
	h, why := find[T](address)
	if h == nil {
		warnHandle(address, why)
		return 0
	}
	return C.uintptr_t(h.kept())
}

//export qnetgo_socket_set_user_data
func qnetgo_socket_set_user_data(o, p C.uintptr_t) { setUserData[sock](o, p) }

//export qnetgo_socket_user_data
func qnetgo_socket_user_data(o C.uintptr_t) C.uintptr_t { return userDataOf[sock](o) }

//export qnetgo_tcp_server_set_user_data
func qnetgo_tcp_server_set_user_data(o, p C.uintptr_t) { setUserData[tcpServer](o, p) }

//export qnetgo_tcp_server_user_data
func qnetgo_tcp_server_user_data(o C.uintptr_t) C.uintptr_t { return userDataOf[tcpServer](o) }

//export qnetgo_local_server_set_user_data
func qnetgo_local_server_set_user_data(o, p C.uintptr_t) { setUserData[localServer](o, p) }

//export qnetgo_local_server_user_data
func qnetgo_local_server_user_data(o C.uintptr_t) C.uintptr_t { return userDataOf[localServer](o) }

//export qnetgo_timer_set_user_data
func qnetgo_timer_set_user_data(o, p C.uintptr_t) { setUserData[timer.Timer](o, p) }

//export qnetgo_timer_user_data
func qnetgo_timer_user_data(o C.uintptr_t) C.uintptr_t { return userDataOf[timer.Timer](o) }

//export qnetgo_notifier_set_user_data
func qnetgo_notifier_set_user_data(o, p C.uintptr_t) { setUserData[notifier.Notifier](o, p) }

//export qnetgo_notifier_user_data
func qnetgo_notifier_user_data(o C.uintptr_t) C.uintptr_t { return userDataOf[notifier.Notifier](o) }
