package main

/*
#include <stdint.h>
#include "callback.h"
*/
import "C"

import (
	"qnet/core/address"
	"qnet/core/object"
)

// The limits of servers, which Qt does not have.

//export qnetgo_tcp_server_open_connections
func qnetgo_tcp_server_open_connections(s C.uintptr_t) C.int {
	return on(s, -1, func(s *tcpServer) C.int { return C.int(s.OpenConnections()) })
}

//export qnetgo_tcp_server_connection_limit
func qnetgo_tcp_server_connection_limit(s C.uintptr_t) C.int {
	return on(s, -1, func(s *tcpServer) C.int { return C.int(s.ConnectionLimit()) })
}

//export qnetgo_tcp_server_set_connection_limit
func qnetgo_tcp_server_set_connection_limit(s C.uintptr_t, n C.int) {
	do(s, func(s *tcpServer) { s.SetConnectionLimit(int(n)) })
}

//export qnetgo_tcp_server_address_connection_limit
func qnetgo_tcp_server_address_connection_limit(s C.uintptr_t) C.int {
	return on(s, -1, func(s *tcpServer) C.int { return C.int(s.AddressConnectionLimit()) })
}

//export qnetgo_tcp_server_set_address_connection_limit
func qnetgo_tcp_server_set_address_connection_limit(s C.uintptr_t, n C.int) {
	do(s, func(s *tcpServer) { s.SetAddressConnectionLimit(int(n)) })
}

//export qnetgo_tcp_server_address_prefix_length
func qnetgo_tcp_server_address_prefix_length(s C.uintptr_t) C.int {
	return on(s, -1, func(s *tcpServer) C.int { return C.int(s.AddressPrefixLength()) })
}

//export qnetgo_tcp_server_set_address_prefix_length
func qnetgo_tcp_server_set_address_prefix_length(s C.uintptr_t, n C.int) {
	do(s, func(s *tcpServer) { s.SetAddressPrefixLength(int(n)) })
}

//export qnetgo_tcp_server_idle_timeout
func qnetgo_tcp_server_idle_timeout(s C.uintptr_t) C.int {
	return on(s, -1, func(s *tcpServer) C.int { return C.int(s.IdleTimeout()) })
}

//export qnetgo_tcp_server_set_idle_timeout
func qnetgo_tcp_server_set_idle_timeout(s C.uintptr_t, n C.int) {
	do(s, func(s *tcpServer) { s.SetIdleTimeout(int(n)) })
}

//export qnetgo_tcp_server_first_byte_timeout
func qnetgo_tcp_server_first_byte_timeout(s C.uintptr_t) C.int {
	return on(s, -1, func(s *tcpServer) C.int { return C.int(s.FirstByteTimeout()) })
}

//export qnetgo_tcp_server_set_first_byte_timeout
func qnetgo_tcp_server_set_first_byte_timeout(s C.uintptr_t, n C.int) {
	do(s, func(s *tcpServer) { s.SetFirstByteTimeout(int(n)) })
}

//export qnetgo_tcp_server_refused_connections
func qnetgo_tcp_server_refused_connections(s C.uintptr_t) C.int64_t {
	return on(s, -1, func(s *tcpServer) C.int64_t { return C.int64_t(s.Refused()) })
}

// callTcpServerAddress calls back with the address that a refusal was about.
var callTcpServerAddress = object.NewKind(func(o *object.Object, s *object.Slot, number int64) {
	var a address.Address
	l := o.LockLoop()
	if v := o.Attachment().(*handle[tcpServer]).target(); v != nil {
		a = v.RefusedAddress(number)
	}
	l.Unlock()
	var c cAddress
	setAddress(&c, a)
	C.qnetc_call_tcp_server_address(callback(s), self(o), &c, userData(s))
})

//export qnetgo_local_server_open_connections
func qnetgo_local_server_open_connections(s C.uintptr_t) C.int {
	return on(s, -1, func(s *localServer) C.int { return C.int(s.OpenConnections()) })
}

//export qnetgo_local_server_connection_limit
func qnetgo_local_server_connection_limit(s C.uintptr_t) C.int {
	return on(s, -1, func(s *localServer) C.int { return C.int(s.ConnectionLimit()) })
}

//export qnetgo_local_server_set_connection_limit
func qnetgo_local_server_set_connection_limit(s C.uintptr_t, n C.int) {
	do(s, func(s *localServer) { s.SetConnectionLimit(int(n)) })
}

//export qnetgo_local_server_idle_timeout
func qnetgo_local_server_idle_timeout(s C.uintptr_t) C.int {
	return on(s, -1, func(s *localServer) C.int { return C.int(s.IdleTimeout()) })
}

//export qnetgo_local_server_set_idle_timeout
func qnetgo_local_server_set_idle_timeout(s C.uintptr_t, n C.int) {
	do(s, func(s *localServer) { s.SetIdleTimeout(int(n)) })
}

//export qnetgo_local_server_first_byte_timeout
func qnetgo_local_server_first_byte_timeout(s C.uintptr_t) C.int {
	return on(s, -1, func(s *localServer) C.int { return C.int(s.FirstByteTimeout()) })
}

//export qnetgo_local_server_set_first_byte_timeout
func qnetgo_local_server_set_first_byte_timeout(s C.uintptr_t, n C.int) {
	do(s, func(s *localServer) { s.SetFirstByteTimeout(int(n)) })
}
