package main

/*
#include <stdint.h>
#include "callback.h"
*/
import "C"

import (
	"qnet/core/object"
	"qnet/core/socket"
)

//export qnetgo_socket_read_channel_count
func qnetgo_socket_read_channel_count(s C.uintptr_t) C.int {
	return on(s, -1, func(s *sock) C.int { return C.int(s.ReadChannelCount()) })
}

//export qnetgo_socket_write_channel_count
func qnetgo_socket_write_channel_count(s C.uintptr_t) C.int {
	return on(s, -1, func(s *sock) C.int { return C.int(s.WriteChannelCount()) })
}

//export qnetgo_socket_current_read_channel
func qnetgo_socket_current_read_channel(s C.uintptr_t) C.int {
	return on(s, -1, func(s *sock) C.int { return C.int(s.CurrentReadChannel()) })
}

//export qnetgo_socket_set_current_read_channel
func qnetgo_socket_set_current_read_channel(s C.uintptr_t, channel C.int) {
	do(s, func(s *sock) { s.SetCurrentReadChannel(int(channel)) })
}

//export qnetgo_socket_current_write_channel
func qnetgo_socket_current_write_channel(s C.uintptr_t) C.int {
	return on(s, -1, func(s *sock) C.int { return C.int(s.CurrentWriteChannel()) })
}

//export qnetgo_socket_set_current_write_channel
func qnetgo_socket_set_current_write_channel(s C.uintptr_t, channel C.int) {
	do(s, func(s *sock) { s.SetCurrentWriteChannel(int(channel)) })
}

// callSocketChannelBytes calls back with a channel and how many bytes were sent on it.
var callSocketChannelBytes = object.NewKind(func(o *object.Object, s *object.Slot, arg int64) {
	channel, bytes := socket.Written(arg)
	C.qnetc_call_socket_channel_bytes(callback(s), self(o), C.int(channel), C.int64_t(bytes), userData(s))
})
