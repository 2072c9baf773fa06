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
	"qnet/core/server"
	"qnet/core/socket"
	"qnet/core/timer"
)

// emitter is an object of core with signals.
type emitter interface {
	guarded
	attached
	Base() *object.Object
}

// connect registers the C function f for a signal; kind tells how to call it.
func connect[T any, P interface {
	*T
	emitter
}](address C.uintptr_t, signal object.Signal, f, data C.uintptr_t, kind object.Kind) C.uint64_t {
	if f == 0 {
		warnCaller("the callback is NULL")
		return 0
	}
	return on(address, 0, func(o P) C.uint64_t {
		slot := o.Base().Connect(signal, kind)
		slot.Function, slot.Data = uintptr(f), uintptr(data)
		return C.uint64_t(connections.add(o.Base(), slot))
	})
}

//export qnetgo_disconnect
func qnetgo_disconnect(id C.uint64_t) (ok C.bool) {
	defer recovered(&ok, false)
	o, slot := connections.remove(uint64(id))
	if slot == nil {
		return false
	}
	l := o.Loop()
	l.Lock()
	defer l.Unlock()
	return C.bool(o.Off(slot))
}

// posted returns a call of a C function for the loop to make.
func posted(l *loop.Loop, f, data C.uintptr_t) func() {
	return func() { l.Call(nil, func() { C.qnetc_call_loop(f, data) }) }
}

// The callbacks of a slot: its function, the handle of the object and its data.

func callback(s *object.Slot) C.uintptr_t { return C.uintptr_t(s.Function) }

func self(o *object.Object) C.uintptr_t { return C.uintptr_t(o.Attachment().Address()) }

func userData(s *object.Slot) C.uintptr_t { return C.uintptr_t(s.Data) }

var callSocket = object.NewDirectKind(func(o *object.Object, s *object.Slot, _ int64) {
	C.qnetc_call_socket(callback(s), self(o), userData(s))
})

var callSocketState = object.NewKind(func(o *object.Object, s *object.Slot, arg int64) {
	C.qnetc_call_socket_state(callback(s), self(o), C.int(arg), userData(s))
})

var callSocketError = object.NewKind(func(o *object.Object, s *object.Slot, arg int64) {
	C.qnetc_call_socket_error(callback(s), self(o), C.int(arg), userData(s))
})

var callSocketBytes = object.NewKind(func(o *object.Object, s *object.Slot, arg int64) {
	C.qnetc_call_socket_bytes(callback(s), self(o), C.int64_t(arg), userData(s))
})

var callServer = object.NewKind(func(o *object.Object, s *object.Slot, _ int64) {
	C.qnetc_call_server(callback(s), self(o), userData(s))
})

var callServerError = object.NewKind(func(o *object.Object, s *object.Slot, arg int64) {
	C.qnetc_call_server_error(callback(s), self(o), C.int(arg), userData(s))
})

var callLocalServer = object.NewKind(func(o *object.Object, s *object.Slot, _ int64) {
	C.qnetc_call_local_server(callback(s), self(o), userData(s))
})

var callTimer = object.NewKind(func(o *object.Object, s *object.Slot, _ int64) {
	C.qnetc_call_timer(callback(s), self(o), userData(s))
})

// The exports of the signals.

//export qnetgo_socket_on_connected
func qnetgo_socket_on_connected(s, f, data C.uintptr_t) C.uint64_t {
	return connect[socket.Socket](s, socket.SignalConnected, f, data, callSocket)
}

//export qnetgo_socket_on_disconnected
func qnetgo_socket_on_disconnected(s, f, data C.uintptr_t) C.uint64_t {
	return connect[socket.Socket](s, socket.SignalDisconnected, f, data, callSocket)
}

//export qnetgo_socket_on_error_occurred
func qnetgo_socket_on_error_occurred(s, f, data C.uintptr_t) C.uint64_t {
	return connect[socket.Socket](s, socket.SignalErrorOccurred, f, data, callSocketError)
}

//export qnetgo_socket_on_host_found
func qnetgo_socket_on_host_found(s, f, data C.uintptr_t) C.uint64_t {
	return connect[socket.Socket](s, socket.SignalHostFound, f, data, callSocket)
}

//export qnetgo_socket_on_state_changed
func qnetgo_socket_on_state_changed(s, f, data C.uintptr_t) C.uint64_t {
	return connect[socket.Socket](s, socket.SignalStateChanged, f, data, callSocketState)
}

//export qnetgo_socket_on_ready_read
func qnetgo_socket_on_ready_read(s, f, data C.uintptr_t) C.uint64_t {
	return connect[socket.Socket](s, socket.SignalReadyRead, f, data, callSocket)
}

//export qnetgo_socket_on_bytes_written
func qnetgo_socket_on_bytes_written(s, f, data C.uintptr_t) C.uint64_t {
	return connect[socket.Socket](s, socket.SignalBytesWritten, f, data, callSocketBytes)
}

//export qnetgo_socket_on_about_to_close
func qnetgo_socket_on_about_to_close(s, f, data C.uintptr_t) C.uint64_t {
	return connect[socket.Socket](s, socket.SignalAboutToClose, f, data, callSocket)
}

//export qnetgo_socket_on_read_channel_finished
func qnetgo_socket_on_read_channel_finished(s, f, data C.uintptr_t) C.uint64_t {
	return connect[socket.Socket](s, socket.SignalReadChannelFinished, f, data, callSocket)
}

//export qnetgo_socket_on_write_buffer_drained
func qnetgo_socket_on_write_buffer_drained(s, f, data C.uintptr_t) C.uint64_t {
	return connect[socket.Socket](s, socket.SignalWriteBufferDrained, f, data, callSocket)
}

//export qnetgo_socket_on_destroyed
func qnetgo_socket_on_destroyed(s, f, data C.uintptr_t) C.uint64_t {
	return connect[socket.Socket](s, object.Destroyed, f, data, callSocket)
}

//export qnetgo_tcp_server_on_new_connection
func qnetgo_tcp_server_on_new_connection(s, f, data C.uintptr_t) C.uint64_t {
	return connect[server.Server](s, server.SignalNewConnection, f, data, callServer)
}

//export qnetgo_tcp_server_on_pending_connection_available
func qnetgo_tcp_server_on_pending_connection_available(s, f, data C.uintptr_t) C.uint64_t {
	return connect[server.Server](s, server.SignalPendingConnectionAvailable, f, data, callServer)
}

//export qnetgo_tcp_server_on_accept_error
func qnetgo_tcp_server_on_accept_error(s, f, data C.uintptr_t) C.uint64_t {
	return connect[server.Server](s, server.SignalAcceptError, f, data, callServerError)
}

//export qnetgo_tcp_server_on_destroyed
func qnetgo_tcp_server_on_destroyed(s, f, data C.uintptr_t) C.uint64_t {
	return connect[server.Server](s, object.Destroyed, f, data, callServer)
}

//export qnetgo_local_server_on_new_connection
func qnetgo_local_server_on_new_connection(s, f, data C.uintptr_t) C.uint64_t {
	return connect[server.LocalServer](s, server.SignalNewConnection, f, data, callLocalServer)
}

//export qnetgo_local_server_on_destroyed
func qnetgo_local_server_on_destroyed(s, f, data C.uintptr_t) C.uint64_t {
	return connect[server.LocalServer](s, object.Destroyed, f, data, callLocalServer)
}

//export qnetgo_timer_on_timeout
func qnetgo_timer_on_timeout(t, f, data C.uintptr_t) C.uint64_t {
	return connect[timer.Timer](t, timer.SignalTimeout, f, data, callTimer)
}
