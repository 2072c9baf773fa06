package main

/*
#include <stdint.h>
#include <stdbool.h>
*/
import "C"

import (
	"qnet/core/loop"
	"qnet/core/notifier"
	"qnet/core/object"
	"qnet/core/timer"
)

// findLoop returns the loop of a handle, of which NULL is the default one; nil, with a warning, if
// there is none.
func findLoop(address C.uintptr_t) *loop.Loop {
	if address == 0 {
		if h := defaultLoop(); h != nil {
			return h.target()
		}
		return nil
	}
	h, why := find[loop.Loop](address)
	if h != nil {
		if l := h.target(); l != nil {
			return l
		}
		why = deleted
	}
	warnHandle(address, why)
	return nil
}

// move has an object go to another loop. It takes the locks of both, so it holds none.
func move[T any, P interface {
	*T
	object.Movable
}](address, to C.uintptr_t) (ok C.bool) {
	defer recovered(&ok, false)
	h, why := find[T](address)
	if h == nil {
		warnHandle(address, why)
		return false
	}
	o, l := P(h.target()), findLoop(to)
	if l == nil {
		return false
	}
	err := object.ErrDeleted
	if o != nil {
		err = object.Move(o, l)
	}
	if err != nil {
		warnHandle(address, err.Error())
	}
	return err == nil
}

//export qnetgo_socket_move_to_loop
func qnetgo_socket_move_to_loop(s, l C.uintptr_t) C.bool { return move[sock](s, l) }

//export qnetgo_tcp_server_move_to_loop
func qnetgo_tcp_server_move_to_loop(s, l C.uintptr_t) C.bool { return move[tcpServer](s, l) }

//export qnetgo_local_server_move_to_loop
func qnetgo_local_server_move_to_loop(s, l C.uintptr_t) C.bool { return move[localServer](s, l) }

//export qnetgo_notifier_move_to_loop
func qnetgo_notifier_move_to_loop(n, l C.uintptr_t) C.bool { return move[notifier.Notifier](n, l) }

//export qnetgo_timer_move_to_loop
func qnetgo_timer_move_to_loop(t, l C.uintptr_t) C.bool { return move[timer.Timer](t, l) }
