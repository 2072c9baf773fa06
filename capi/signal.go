package main

/*
#include <stdint.h>
#include <stdbool.h>
#include "callback.h"
*/
import "C"

import (
	"sync"

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
	On(object.Signal, func(arg int64)) *object.Slot
	Off(*object.Slot) bool
}

// connect registers the C function f for a signal; call is how to call it.
func connect[T any, P interface {
	*T
	emitter
}](address C.uintptr_t, signal object.Signal, f, data C.uintptr_t, call func(f, self C.uintptr_t, arg int64, data C.uintptr_t)) C.uint64_t {
	if f == 0 {
		warnCaller("the callback is NULL")
		return 0
	}
	return on(address, 0, func(o P) C.uint64_t {
		slot := o.On(signal, func(arg int64) { call(f, address, arg, data) })
		connections.add(slot.ID(), connection{o, slot})
		return C.uint64_t(slot.ID())
	})
}

type connection struct {
	object emitter
	slot   *object.Slot
}

// connectionTable finds a registration by its number.
type connectionTable struct {
	mu   sync.Mutex
	byID map[uint64]connection
}

var connections = connectionTable{byID: map[uint64]connection{}}

func (t *connectionTable) add(id uint64, c connection) {
	t.mu.Lock()
	t.byID[id] = c
	t.mu.Unlock()
}

func (t *connectionTable) remove(id uint64) (connection, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c, ok := t.byID[id]
	delete(t.byID, id)
	return c, ok
}

//export qnetgo_disconnect
func qnetgo_disconnect(id C.uint64_t) (ok C.bool) {
	defer recovered(&ok, false)
	c, found := connections.remove(uint64(id))
	if !found {
		return false
	}
	l := c.object.Loop()
	l.Lock()
	defer l.Unlock()
	return C.bool(c.object.Off(c.slot))
}

// posted returns a call of a C function for the loop to make.
func posted(l *loop.Loop, f, data C.uintptr_t) func() {
	return func() { l.Call(nil, func() { C.qnetc_call_loop(f, data) }) }
}

func callSocket(f, self C.uintptr_t, _ int64, data C.uintptr_t) {
	C.qnetc_call_socket(f, self, data)
}

func callSocketState(f, self C.uintptr_t, state int64, data C.uintptr_t) {
	C.qnetc_call_socket_state(f, self, C.int(state), data)
}

func callSocketError(f, self C.uintptr_t, code int64, data C.uintptr_t) {
	C.qnetc_call_socket_error(f, self, C.int(code), data)
}

func callSocketBytes(f, self C.uintptr_t, bytes int64, data C.uintptr_t) {
	C.qnetc_call_socket_bytes(f, self, C.int64_t(bytes), data)
}

func callServer(f, self C.uintptr_t, _ int64, data C.uintptr_t) {
	C.qnetc_call_server(f, self, data)
}

func callServerError(f, self C.uintptr_t, code int64, data C.uintptr_t) {
	C.qnetc_call_server_error(f, self, C.int(code), data)
}

func callLocalServer(f, self C.uintptr_t, _ int64, data C.uintptr_t) {
	C.qnetc_call_local_server(f, self, data)
}

func callTimer(f, self C.uintptr_t, _ int64, data C.uintptr_t) {
	C.qnetc_call_timer(f, self, data)
}

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
	lease := on(s, 0, func(s *socket.Socket) C.uintptr_t { return C.uintptr_t(s.Loop().Lease.Address()) })
	if lease == 0 {
		return 0
	}
	return connect[socket.Socket](s, socket.SignalReadyRead, f, data, func(f, self C.uintptr_t, _ int64, data C.uintptr_t) {
		C.qnetc_call_ready_read(f, self, data, lease)
	})
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
