package main

/*
#include <stdint.h>
*/
import "C"

import (
	"qnet/core/loop"
	"qnet/core/server"
)

//export qnetgo_sctp_server_new
func qnetgo_sctp_server_new(l C.uintptr_t) C.uintptr_t {
	return onLoop(l, 0, func(l *loop.Loop) C.uintptr_t { return addressOf(server.NewSCTP(l)) })
}

// onSCTPServer is on for what only servers can do that listen for SCTP. On others it is the
// error QNET_UNSUPPORTED_SOCKET_OPERATION_ERROR.
func onSCTPServer[R any](s C.uintptr_t, failed R, f func(*server.SCTP) R) R {
	return on(s, failed, func(s *tcpServer) R {
		if s.SCTP() == nil {
			s.Refuse()
			return failed
		}
		return f(s.SCTP())
	})
}

//export qnetgo_sctp_server_set_maximum_channel_count
func qnetgo_sctp_server_set_maximum_channel_count(s C.uintptr_t, n C.int) {
	onSCTPServer(s, false, func(x *server.SCTP) bool { x.SetMaximumChannelCount(int(n)); return true })
}

//export qnetgo_sctp_server_maximum_channel_count
func qnetgo_sctp_server_maximum_channel_count(s C.uintptr_t) C.int {
	return onSCTPServer(s, -1, func(x *server.SCTP) C.int { return C.int(x.MaximumChannelCount()) })
}

//export qnetgo_sctp_server_next_pending_datagram_connection
func qnetgo_sctp_server_next_pending_datagram_connection(s C.uintptr_t) C.uintptr_t {
	return onSCTPServer(s, 0, func(x *server.SCTP) C.uintptr_t { return addressOf(x.NextPendingDatagramConnection()) })
}
