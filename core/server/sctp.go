package server

import (
	"qnet/core/address"
	"qnet/core/endpoint"
	"qnet/core/loop"
	"qnet/core/sctp"
	"qnet/core/socket"
)

// SCTP is what only a server has that listens for SCTP (QSctpServer).
type SCTP struct {
	s    *Server
	most int // channels of connections, as in socket.Channels
}

// NewSCTP makes an SCTP server on l that does not listen. Its connections are in datagram mode.
func NewSCTP(l *loop.Loop) *Server {
	s := New(l)
	s.sctp = &SCTP{s: s}
	return s
}

// SCTP returns what s has for SCTP; nil if it listens for TCP.
func (s *Server) SCTP() *SCTP { return s.sctp }

// SetMaximumChannelCount sets how many channels connections are to have at most in each
// direction, 0 for as many as the peer offers; a negative number makes them byte streams
// (QSctpServer::setMaximumChannelCount).
func (x *SCTP) SetMaximumChannelCount(n int) {
	if !x.s.isListeningAlready("qnet_sctp_server_set_maximum_channel_count") {
		x.most = max(-1, n)
	}
}

// MaximumChannelCount returns what SetMaximumChannelCount was given, -1 for byte streams
// (QSctpServer::maximumChannelCount).
func (x *SCTP) MaximumChannelCount() int { return x.most }

// NextPendingDatagramConnection takes the next pending connection that is in datagram mode, nil
// if there is none. It goes on belonging to the server
// (QSctpServer::nextPendingDatagramConnection).
func (x *SCTP) NextPendingDatagramConnection() *socket.Socket {
	for i, c := range x.s.pending {
		if m := c.Channels(); m != nil && m.InDatagramMode() {
			return x.s.takePending(i)
		}
	}
	return nil
}

// open makes a descriptor to listen on.
func (s *Server) open(a address.Address) (int, error) {
	if s.sctp != nil {
		return sctp.Open(a, s.sctp.most)
	}
	return endpoint.Open(a)
}
