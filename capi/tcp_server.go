package main

/*
#include <stdint.h>
#include <stdbool.h>
#include "callback.h"
*/
import "C"

import (
	"qnet/core/address"
	"qnet/core/loop"
	"qnet/core/option"
	"qnet/core/server"
)

type tcpServer = server.Server

//export qnetgo_tcp_server_new
func qnetgo_tcp_server_new(l C.uintptr_t) C.uintptr_t {
	return onLoop(l, 0, func(l *loop.Loop) C.uintptr_t { return addressOf(server.New(l)) })
}

//export qnetgo_tcp_server_delete
func qnetgo_tcp_server_delete(s C.uintptr_t) { do(s, (*tcpServer).Delete) }

//export qnetgo_tcp_server_delete_later
func qnetgo_tcp_server_delete_later(s C.uintptr_t) { do(s, (*tcpServer).DeleteLater) }

//export qnetgo_tcp_server_listen
func qnetgo_tcp_server_listen(s, p C.uintptr_t, port C.uint16_t) C.bool {
	return on(s, false, func(s *tcpServer) C.bool {
		return C.bool(s.Listen(toAddress(p, address.Any), uint16(port)))
	})
}

//export qnetgo_tcp_server_close
func qnetgo_tcp_server_close(s C.uintptr_t) { do(s, (*tcpServer).Close) }

//export qnetgo_tcp_server_is_listening
func qnetgo_tcp_server_is_listening(s C.uintptr_t) C.bool {
	return on(s, false, func(s *tcpServer) C.bool { return C.bool(s.IsListening()) })
}

//export qnetgo_tcp_server_server_address
func qnetgo_tcp_server_server_address(s, p C.uintptr_t) C.bool {
	return on(s, false, func(s *tcpServer) C.bool { return fromAddress(p, s.Address()) })
}

//export qnetgo_tcp_server_server_port
func qnetgo_tcp_server_server_port(s C.uintptr_t) C.uint16_t {
	return on(s, 0, func(s *tcpServer) C.uint16_t { return C.uint16_t(s.Port()) })
}

//export qnetgo_tcp_server_server_error
func qnetgo_tcp_server_server_error(s C.uintptr_t) C.int {
	return on(s, -1, func(s *tcpServer) C.int { return C.int(s.Failure().Code) })
}

//export qnetgo_tcp_server_error_string
func qnetgo_tcp_server_error_string(s C.uintptr_t) C.uintptr_t {
	return onText(s, func(s *tcpServer) string { return s.Failure().Text })
}

//export qnetgo_tcp_server_has_pending_connections
func qnetgo_tcp_server_has_pending_connections(s C.uintptr_t) C.bool {
	return on(s, false, func(s *tcpServer) C.bool { return C.bool(s.HasPending()) })
}

//export qnetgo_tcp_server_next_pending_connection
func qnetgo_tcp_server_next_pending_connection(s C.uintptr_t) C.uintptr_t {
	return on(s, 0, func(s *tcpServer) C.uintptr_t { return addressOf(s.NextPending()) })
}

//export qnetgo_tcp_server_wait_for_new_connection
func qnetgo_tcp_server_wait_for_new_connection(s C.uintptr_t, msec C.int, timedOut C.uintptr_t) C.bool {
	return on(s, false, func(s *tcpServer) C.bool {
		listening := s.IsListening()
		ok, late := s.WaitForNewConnection(int(msec))
		if out := at[C.bool](timedOut); out != nil && listening {
			*out = C.bool(late)
		}
		return C.bool(ok)
	})
}

//export qnetgo_tcp_server_max_pending_connections
func qnetgo_tcp_server_max_pending_connections(s C.uintptr_t) C.int {
	return on(s, -1, func(s *tcpServer) C.int { return C.int(s.MaxPending()) })
}

//export qnetgo_tcp_server_set_max_pending_connections
func qnetgo_tcp_server_set_max_pending_connections(s C.uintptr_t, n C.int) {
	do(s, func(s *tcpServer) { s.SetMaxPending(int(n)) })
}

//export qnetgo_tcp_server_listen_backlog_size
func qnetgo_tcp_server_listen_backlog_size(s C.uintptr_t) C.int {
	return on(s, -1, func(s *tcpServer) C.int { return C.int(s.Backlog()) })
}

//export qnetgo_tcp_server_set_listen_backlog_size
func qnetgo_tcp_server_set_listen_backlog_size(s C.uintptr_t, n C.int) {
	do(s, func(s *tcpServer) { s.SetBacklog(int(n)) })
}

//export qnetgo_tcp_server_pause_accepting
func qnetgo_tcp_server_pause_accepting(s C.uintptr_t) { do(s, (*tcpServer).Pause) }

//export qnetgo_tcp_server_resume_accepting
func qnetgo_tcp_server_resume_accepting(s C.uintptr_t) { do(s, (*tcpServer).Resume) }

//export qnetgo_tcp_server_socket_descriptor
func qnetgo_tcp_server_socket_descriptor(s C.uintptr_t) C.intptr_t {
	return on(s, -1, func(s *tcpServer) C.intptr_t { return C.intptr_t(s.Descriptor()) })
}

//export qnetgo_tcp_server_set_socket_descriptor
func qnetgo_tcp_server_set_socket_descriptor(s C.uintptr_t, fd C.intptr_t) C.bool {
	return on(s, false, func(s *tcpServer) C.bool { return C.bool(s.SetDescriptor(int(fd))) })
}

//export qnetgo_tcp_server_socket_option
func qnetgo_tcp_server_socket_option(s C.uintptr_t, o C.int) C.int {
	return on(s, -1, func(s *tcpServer) C.int { return C.int(s.Option(option.Option(o))) })
}

//export qnetgo_tcp_server_set_socket_option
func qnetgo_tcp_server_set_socket_option(s C.uintptr_t, o, value C.int) C.bool {
	return on(s, false, func(s *tcpServer) C.bool { return C.bool(s.SetOption(option.Option(o), int(value))) })
}

//export qnetgo_tcp_server_set_allow_half_open
func qnetgo_tcp_server_set_allow_half_open(s C.uintptr_t, allow C.bool) {
	do(s, func(s *tcpServer) { s.SetAllowHalfOpen(bool(allow)) })
}

//export qnetgo_tcp_server_allow_half_open
func qnetgo_tcp_server_allow_half_open(s C.uintptr_t) C.bool {
	return on(s, false, func(s *tcpServer) C.bool { return C.bool(s.AllowHalfOpen()) })
}

//export qnetgo_tcp_server_add_pending_connection
func qnetgo_tcp_server_add_pending_connection(s, c C.uintptr_t) {
	onBoth(s, c, (*tcpServer).AddPending)
}

//export qnetgo_tcp_server_set_incoming_connection
func qnetgo_tcp_server_set_incoming_connection(s, f, data C.uintptr_t) {
	do(s, func(v *tcpServer) {
		parts.set(v, partIncoming, f, data)
		if f == 0 {
			v.SetIncoming(nil)
			return
		}
		v.SetIncoming(func(fd int) {
			v.Ask(func() { C.qnetc_call_tcp_server_incoming(f, s, C.intptr_t(fd), data) })
		})
	})
}

//export qnetgo_tcp_server_set_has_pending_connections
func qnetgo_tcp_server_set_has_pending_connections(s, f, data C.uintptr_t) {
	do(s, func(v *tcpServer) {
		parts.set(v, partHasPending, f, data)
		if f == 0 {
			v.SetHasPending(nil)
			return
		}
		v.SetHasPending(func() (answer bool) {
			v.Ask(func() { answer = bool(C.qnetc_call_tcp_server_has_pending(f, s, data)) })
			return answer
		})
	})
}

//export qnetgo_tcp_server_set_next_pending_connection
func qnetgo_tcp_server_set_next_pending_connection(s, f, data C.uintptr_t) {
	do(s, func(v *tcpServer) {
		parts.set(v, partNextPending, f, data)
		if f == 0 {
			v.SetNextPending(nil)
			return
		}
		v.SetNextPending(func() *sock {
			var answer C.uintptr_t
			v.Ask(func() { answer = C.qnetc_call_tcp_server_next_pending(f, s, data) })
			return answered(v, answer)
		})
	})
}

// answered returns the socket that a callback of a server has answered, nil for
// NULL or with a warning.
func answered(v anyServer, answer C.uintptr_t) *sock {
	if answer == 0 {
		return nil
	}
	h, why := find[sock](answer)
	if h == nil {
		warnAbout(v, "of the callback's answer, "+why)
		return nil
	}
	return h.target()
}

//export qnetgo_tcp_server_set_proxy
func qnetgo_tcp_server_set_proxy(s, p C.uintptr_t) {
	do(s, func(s *tcpServer) { s.SetProxy(toProxy(p)) })
}

//export qnetgo_tcp_server_proxy
func qnetgo_tcp_server_proxy(s, p C.uintptr_t) C.bool {
	return on(s, false, func(s *tcpServer) C.bool { return fromProxy(p, s.Proxy()) })
}
