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

// Servers that spread their connections over loops.

// spreader is a server.
type spreader interface {
	SetLoops([]*loop.Loop)
	LoopCount() int
	Arrived(number int64) *sock
}

func setLoops[T any, P interface {
	*T
	guarded
	spreader
}](address, in C.uintptr_t, count C.int) (ok C.bool) {
	defer recovered(&ok, false)
	// NULL is the default loop.
	list, ours := takeList(in, count, func(address C.uintptr_t) (*loop.Loop, bool) {
		l := findLoop(address)
		return l, l != nil
	})
	if !ours {
		return false
	}
	return on(address, false, func(s P) C.bool { s.SetLoops(list); return true })
}

//export qnetgo_tcp_server_set_loops
func qnetgo_tcp_server_set_loops(s, list C.uintptr_t, count C.int) C.bool {
	return setLoops[tcpServer](s, list, count)
}

//export qnetgo_tcp_server_loop_count
func qnetgo_tcp_server_loop_count(s C.uintptr_t) C.int {
	return on(s, -1, func(s *tcpServer) C.int { return C.int(s.LoopCount()) })
}

//export qnetgo_local_server_set_loops
func qnetgo_local_server_set_loops(s, list C.uintptr_t, count C.int) C.bool {
	return setLoops[localServer](s, list, count)
}

//export qnetgo_local_server_loop_count
func qnetgo_local_server_loop_count(s C.uintptr_t) C.int {
	return on(s, -1, func(s *localServer) C.int { return C.int(s.LoopCount()) })
}

// arrival returns the handle of the connection that a signal is about; 0 if another thread, or a
// slot before, has deleted it.
func arrival[T any, P interface {
	*T
	spreader
}](o *object.Object, number int64) C.uintptr_t {
	var c *sock
	l := o.LockLoop()
	if v := o.Attachment().(*handle[T]).target(); v != nil {
		c = P(v).Arrived(number)
	}
	l.Unlock()
	return handleOf(c)
}

// handleOf returns the handle of a socket, which may be in any loop; 0 if it has none and is gone.
// No lock is held.
func handleOf(c *sock) C.uintptr_t {
	if c == nil {
		return 0
	}
	defer c.LockLoop().Unlock()
	if !c.Alive() && c.Attachment() == nil {
		return 0
	}
	return addressOf(c)
}

var callTcpServerSocket = object.NewKind(func(o *object.Object, s *object.Slot, number int64) {
	if c := arrival[tcpServer](o, number); c != 0 {
		C.qnetc_call_tcp_server_socket(callback(s), self(o), c, userData(s))
	}
})

var callLocalServerSocket = object.NewKind(func(o *object.Object, s *object.Slot, number int64) {
	if c := arrival[localServer](o, number); c != 0 {
		C.qnetc_call_local_server_socket(callback(s), self(o), c, userData(s))
	}
})
