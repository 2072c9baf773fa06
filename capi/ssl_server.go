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
)

// onSSLServer is on for what only servers can do that encrypt. On others it is the error
// QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR.
func onSSLServer[R any](s C.uintptr_t, failed R, f func(*server.SSL) R) R {
	return on(s, failed, func(s *tcpServer) R {
		if s.SSL() == nil {
			s.Refuse()
			return failed
		}
		return f(s.SSL())
	})
}

// doSSLServer is onSSLServer for what returns nothing.
func doSSLServer(s C.uintptr_t, f func(*server.SSL)) {
	onSSLServer(s, false, func(x *server.SSL) bool { f(x); return true })
}

//export qnetgo_ssl_server_new
func qnetgo_ssl_server_new(l C.uintptr_t) C.uintptr_t {
	return onLoop(l, 0, func(l *loop.Loop) C.uintptr_t { return addressOf(server.NewSSL(l)) })
}

//export qnetgo_ssl_server_set_ssl_configuration
func qnetgo_ssl_server_set_ssl_configuration(s, c C.uintptr_t) {
	if copied, ok := configurationOf(c); ok {
		doSSLServer(s, func(x *server.SSL) { x.SetConfiguration(copied) })
	}
}

//export qnetgo_ssl_server_ssl_configuration
func qnetgo_ssl_server_ssl_configuration(s C.uintptr_t) C.uintptr_t {
	return onSSLServer(s, 0, func(x *server.SSL) C.uintptr_t { return newValue(x.Configuration()) })
}

//export qnetgo_ssl_server_incoming_connection
func qnetgo_ssl_server_incoming_connection(s C.uintptr_t, fd C.intptr_t) C.bool {
	return onSSLServer(s, false, func(x *server.SSL) C.bool { return C.bool(x.IncomingConnection(int(fd))) })
}

//export qnetgo_ssl_server_set_handshake_timeout
func qnetgo_ssl_server_set_handshake_timeout(s C.uintptr_t, msec C.int) {
	doSSLServer(s, func(x *server.SSL) { x.SetHandshakeTimeout(int(msec)) })
}

//export qnetgo_ssl_server_handshake_timeout
func qnetgo_ssl_server_handshake_timeout(s C.uintptr_t) C.int {
	return onSSLServer(s, -1, func(x *server.SSL) C.int { return C.int(x.HandshakeTimeout()) })
}

//export qnetgo_ssl_server_set_handshake_limit
func qnetgo_ssl_server_set_handshake_limit(s C.uintptr_t, n C.int) {
	doSSLServer(s, func(x *server.SSL) { x.SetHandshakeLimit(int(n)) })
}

//export qnetgo_ssl_server_handshake_limit
func qnetgo_ssl_server_handshake_limit(s C.uintptr_t) C.int {
	return onSSLServer(s, -1, func(x *server.SSL) C.int { return C.int(x.HandshakeLimit()) })
}

//export qnetgo_ssl_server_handshakes
func qnetgo_ssl_server_handshakes(s C.uintptr_t) C.int {
	return onSSLServer(s, -1, func(x *server.SSL) C.int { return C.int(x.Handshakes()) })
}

// Signals

// newServerKind makes a kind of slots whose callbacks are told of a connection that is not
// encrypted yet. One that another thread has deleted meanwhile is not told of.
func newServerKind(call func(o *object.Object, s *object.Slot, connection C.uintptr_t, e server.Event)) object.Kind {
	return object.NewKind(func(o *object.Object, s *object.Slot, number int64) {
		if connection, e := eventOf(o, number); connection != 0 {
			call(o, s, connection, e)
		}
	})
}

func eventOf(o *object.Object, number int64) (connection C.uintptr_t, e server.Event) {
	l := o.LockLoop()
	v := o.Attachment().(*handle[tcpServer]).target()
	if v != nil && v.SSL() != nil {
		e = v.SSL().Event(number)
	}
	l.Unlock()
	return handleOf(e.Socket), e
}

var callSslServerSocket = newServerKind(func(o *object.Object, s *object.Slot, connection C.uintptr_t, _ server.Event) {
	C.qnetc_call_ssl_server_socket(callback(s), self(o), connection, userData(s))
})

var callSslServerError = newServerKind(func(o *object.Object, s *object.Slot, connection C.uintptr_t, e server.Event) {
	C.qnetc_call_ssl_server_error(callback(s), self(o), connection, C.int(e.Error), userData(s))
})

var callSslServerSslError = newServerKind(func(o *object.Object, s *object.Slot, connection C.uintptr_t, e server.Event) {
	lendFailure(e.Failure, func(failure C.uintptr_t) {
		C.qnetc_call_ssl_server_ssl_error(callback(s), self(o), connection, failure, userData(s))
	})
})

var callSslServerSslErrors = newServerKind(func(o *object.Object, s *object.Slot, connection C.uintptr_t, e server.Event) {
	lendFailures(e.Failures, func(list C.uintptr_t, count C.int) {
		C.qnetc_call_ssl_server_ssl_errors(callback(s), self(o), connection, list, count, userData(s))
	})
})

var callSslServerAlert = newServerKind(func(o *object.Object, s *object.Slot, connection C.uintptr_t, e server.Event) {
	lendText(e.Alert.Text, func(description C.uintptr_t) {
		C.qnetc_call_ssl_server_alert(callback(s), self(o), connection, C.int(e.Alert.Level), C.int(e.Alert.Type), description, userData(s))
	})
})
