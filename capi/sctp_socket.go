package main

/*
#include <stdint.h>
#include <stdbool.h>
#include <qnet/udp_socket.h>
*/
import "C"

import (
	"qnet/core/datagram"
	"qnet/core/loop"
	"qnet/core/socket"
)

//export qnetgo_sctp_socket_new
func qnetgo_sctp_socket_new(l C.uintptr_t) C.uintptr_t {
	return onLoop(l, 0, func(l *loop.Loop) C.uintptr_t { return addressOf(socket.NewSCTP(l)) })
}

// onSCTP is on for what only SCTP sockets can do.
func onSCTP[R any](s C.uintptr_t, failed R, f func(*sock, *socket.Channels) R) R {
	return onKind(s, socket.SCTP, failed, func(s *sock) R { return f(s, s.Channels()) })
}

//export qnetgo_sctp_socket_set_maximum_channel_count
func qnetgo_sctp_socket_set_maximum_channel_count(s C.uintptr_t, n C.int) {
	onSCTP(s, false, func(_ *sock, x *socket.Channels) bool { x.SetMaximumChannelCount(int(n)); return true })
}

//export qnetgo_sctp_socket_maximum_channel_count
func qnetgo_sctp_socket_maximum_channel_count(s C.uintptr_t) C.int {
	return onSCTP(s, -1, func(_ *sock, x *socket.Channels) C.int { return C.int(x.MaximumChannelCount()) })
}

//export qnetgo_sctp_socket_is_in_datagram_mode
func qnetgo_sctp_socket_is_in_datagram_mode(s C.uintptr_t) C.bool {
	return onSCTP(s, false, func(_ *sock, x *socket.Channels) C.bool { return C.bool(x.InDatagramMode()) })
}

//export qnetgo_sctp_socket_read_datagram
func qnetgo_sctp_socket_read_datagram(s, p C.uintptr_t) C.bool {
	return onSCTP(s, false, func(s *sock, x *socket.Channels) C.bool {
		out := at[cDatagram](p)
		if out == nil {
			s.Misused(function(), "the datagram is NULL")
			return false
		}
		var way datagram.Way
		var room []byte
		ok := x.ReadDatagram(&way, func(size int) []byte {
			room = s.Attachment().(*handle[sock]).room(size)
			return room
		})
		if ok {
			give(out, room)
			setWay(out, &way)
		}
		return C.bool(ok)
	})
}

//export qnetgo_sctp_socket_write_datagram
func qnetgo_sctp_socket_write_datagram(s, data C.uintptr_t, size C.int64_t) C.bool {
	return onSCTP(s, false, func(s *sock, x *socket.Channels) C.bool {
		return C.bool(checkMemory(s, data, size, 0) && x.WriteDatagram(memory(data, int(size))))
	})
}
