package main

/*
#include <stdint.h>
#include <stdbool.h>
#include "callback.h"
*/
import "C"

import (
	"qnet/core/loop"
	"qnet/core/server"
	"qnet/core/socket"
)

type localServer = server.LocalServer

//export qnetgo_local_server_new
func qnetgo_local_server_new(l C.uintptr_t) C.uintptr_t {
	return onLoop(l, 0, func(l *loop.Loop) C.uintptr_t { return addressOf(server.NewLocal(l)) })
}

//export qnetgo_local_server_delete
func qnetgo_local_server_delete(s C.uintptr_t) { do(s, (*localServer).Delete) }

//export qnetgo_local_server_delete_later
func qnetgo_local_server_delete_later(s C.uintptr_t) { do(s, (*localServer).DeleteLater) }

//export qnetgo_local_server_listen
func qnetgo_local_server_listen(s, name C.uintptr_t) C.bool {
	if name == 0 {
		warnCaller("the name is NULL")
		return false
	}
	return on(s, false, func(s *localServer) C.bool { return C.bool(s.Listen(nameText(name))) })
}

//export qnetgo_local_server_listen_descriptor
func qnetgo_local_server_listen_descriptor(s C.uintptr_t, fd C.intptr_t) C.bool {
	return on(s, false, func(s *localServer) C.bool { return C.bool(s.ListenDescriptor(int(fd))) })
}

//export qnetgo_local_server_close
func qnetgo_local_server_close(s C.uintptr_t) { do(s, (*localServer).Close) }

//export qnetgo_local_server_remove_server
func qnetgo_local_server_remove_server(name C.uintptr_t) (ok C.bool) {
	defer recovered(&ok, false)
	if name == 0 {
		warnCaller("the name is NULL")
		return false
	}
	return C.bool(server.RemoveLocal(nameText(name)))
}

//export qnetgo_local_server_is_listening
func qnetgo_local_server_is_listening(s C.uintptr_t) C.bool {
	return on(s, false, func(s *localServer) C.bool { return C.bool(s.IsListening()) })
}

//export qnetgo_local_server_server_name
func qnetgo_local_server_server_name(s C.uintptr_t) C.uintptr_t {
	return onText(s, func(s *localServer) string { return nameForC(s.Name()) })
}

//export qnetgo_local_server_full_server_name
func qnetgo_local_server_full_server_name(s C.uintptr_t) C.uintptr_t {
	return onText(s, func(s *localServer) string { return nameForC(s.FullName()) })
}

//export qnetgo_local_server_server_error
func qnetgo_local_server_server_error(s C.uintptr_t) C.int {
	return on(s, -1, func(s *localServer) C.int { return C.int(s.Failure().Code) })
}

//export qnetgo_local_server_error_string
func qnetgo_local_server_error_string(s C.uintptr_t) C.uintptr_t {
	return onText(s, func(s *localServer) string { return s.Failure().Text })
}

//export qnetgo_local_server_set_socket_options
func qnetgo_local_server_set_socket_options(s C.uintptr_t, options C.int) {
	do(s, func(s *localServer) { s.SetOptions(server.Options(options)) })
}

//export qnetgo_local_server_socket_options
func qnetgo_local_server_socket_options(s C.uintptr_t) C.int {
	return on(s, -1, func(s *localServer) C.int { return C.int(s.Options()) })
}

//export qnetgo_local_server_socket_descriptor
func qnetgo_local_server_socket_descriptor(s C.uintptr_t) C.intptr_t {
	return on(s, -1, func(s *localServer) C.intptr_t { return C.intptr_t(s.Descriptor()) })
}

//export qnetgo_local_server_has_pending_connections
func qnetgo_local_server_has_pending_connections(s C.uintptr_t) C.bool {
	return on(s, false, func(s *localServer) C.bool { return C.bool(s.HasPending()) })
}

//export qnetgo_local_server_next_pending_connection
func qnetgo_local_server_next_pending_connection(s C.uintptr_t) C.uintptr_t {
	return on(s, 0, func(s *localServer) C.uintptr_t { return addressOf(s.NextPending()) })
}

//export qnetgo_local_server_wait_for_new_connection
func qnetgo_local_server_wait_for_new_connection(s C.uintptr_t, msec C.int, timedOut C.uintptr_t) C.bool {
	return on(s, false, func(s *localServer) C.bool {
		ok, late := s.WaitForNewConnection(int(msec))
		if out := at[C.bool](timedOut); out != nil {
			*out = C.bool(late)
		}
		return C.bool(ok)
	})
}

//export qnetgo_local_server_max_pending_connections
func qnetgo_local_server_max_pending_connections(s C.uintptr_t) C.int {
	return on(s, -1, func(s *localServer) C.int { return C.int(s.MaxPending()) })
}

//export qnetgo_local_server_set_max_pending_connections
func qnetgo_local_server_set_max_pending_connections(s C.uintptr_t, n C.int) {
	do(s, func(s *localServer) { s.SetMaxPending(int(n)) })
}

//export qnetgo_local_server_listen_backlog_size
func qnetgo_local_server_listen_backlog_size(s C.uintptr_t) C.int {
	return on(s, -1, func(s *localServer) C.int { return C.int(s.Backlog()) })
}

//export qnetgo_local_server_set_listen_backlog_size
func qnetgo_local_server_set_listen_backlog_size(s C.uintptr_t, n C.int) {
	do(s, func(s *localServer) { s.SetBacklog(int(n)) })
}

//export qnetgo_local_server_set_allow_half_open
func qnetgo_local_server_set_allow_half_open(s C.uintptr_t, allow C.bool) {
	do(s, func(s *localServer) { s.SetAllowHalfOpen(bool(allow)) })
}

//export qnetgo_local_server_allow_half_open
func qnetgo_local_server_allow_half_open(s C.uintptr_t) C.bool {
	return on(s, false, func(s *localServer) C.bool { return C.bool(s.AllowHalfOpen()) })
}

//export qnetgo_local_server_add_pending_connection
func qnetgo_local_server_add_pending_connection(s, c C.uintptr_t) {
	onBoth(s, c, func(s *localServer, c *sock) {
		if c.Kind() != socket.Local {
			warnAbout(s, "the socket is not a local one")
			return
		}
		s.AddPending(c)
	})
}

//export qnetgo_local_server_set_incoming_connection
func qnetgo_local_server_set_incoming_connection(s, f, data C.uintptr_t) {
	do(s, func(v *localServer) {
		parts.set(v, partIncoming, f, data)
		if f == 0 {
			v.SetIncoming(nil)
			return
		}
		v.SetIncoming(func(fd int) {
			v.Ask(func() { C.qnetc_call_local_server_incoming(f, s, C.intptr_t(fd), data) })
		})
	})
}

//export qnetgo_local_server_set_has_pending_connections
func qnetgo_local_server_set_has_pending_connections(s, f, data C.uintptr_t) {
	do(s, func(v *localServer) {
		parts.set(v, partHasPending, f, data)
		if f == 0 {
			v.SetHasPending(nil)
			return
		}
		v.SetHasPending(func() (answer bool) {
			v.Ask(func() { answer = bool(C.qnetc_call_local_server_has_pending(f, s, data)) })
			return answer
		})
	})
}

//export qnetgo_local_server_set_next_pending_connection
func qnetgo_local_server_set_next_pending_connection(s, f, data C.uintptr_t) {
	do(s, func(v *localServer) {
		parts.set(v, partNextPending, f, data)
		if f == 0 {
			v.SetNextPending(nil)
			return
		}
		v.SetNextPending(func() *sock {
			var answer C.uintptr_t
			v.Ask(func() { answer = C.qnetc_call_local_server_next_pending(f, s, data) })
			return answered(v, answer)
		})
	})
}
