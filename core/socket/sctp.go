package socket

import (
	"qnet/core/address"
	"qnet/core/buffer"
	"qnet/core/endpoint"
	"qnet/core/loop"
	"qnet/core/sctp"
)

// Channels is what only an SCTP socket has (QSctpSocket). One in datagram mode has channels, and
// whole messages on each; sctp_read.go is how they come, sctp_write.go how they go. One that is
// to be a byte stream is like a TCP socket.
type Channels struct {
	s    *Socket
	most int // channels that it wants: 0: as many as the peer; -1: a byte stream

	in, out int // channels of the connection, or of the last one

	reading  int      // the current channel
	current  messages // on it, of which the bytes are in the socket's buffer
	unread   map[int]*inbox
	others   int           // bytes in unread
	arriving buffer.Buffer // the message that has come in part
	arrivals uint32        // messages on the current channel, for those who wait

	writing   int // the current channel
	outgoing  map[int]*outbox
	turns     []int // the channels with something to be sent, in the order in which they do
	unsent    int   // bytes in outgoing
	longest   int   // message that the system takes; 0: not asked yet
	sent      []sentOn
	departure uint32 // bytes that were sent on the current channel, for those who wait
}

// NewSCTP makes an unconnected SCTP socket on l, in datagram mode.
func NewSCTP(l *loop.Loop) *Socket {
	s := New(l)
	s.kind = SCTP
	s.ensureCold().sctp = &Channels{s: s}
	return s
}

// AdoptSCTP makes a connected socket of a descriptor that a server accepted, which has asked
// for so many channels.
func AdoptSCTP(l *loop.Loop, fd int, peer address.Address, peerPort uint16, channels int) *Socket {
	s := NewSCTP(l)
	x := s.Channels()
	x.most = channels
	s.connectedAs(fd)
	s.setLocal(endpoint.Local(fd))
	s.peer, s.peerPort = peer, peerPort
	x.begin()
	s.updateInterest()
	return s
}

// Channels returns what an SCTP socket has beyond others; nil for other kinds.
func (s *Socket) Channels() *Channels {
	if s.kind != SCTP {
		return nil
	}
	return s.cold.sctp
}

// messageMode returns what a socket has that is in datagram mode; nil for others.
func (s *Socket) messageMode() *Channels {
	if x := s.Channels(); x != nil && x.InDatagramMode() {
		return x
	}
	return nil
}

// SetMaximumChannelCount sets how many channels the connections to come are to have at most in
// each direction, 0 for as many as the peer offers; a negative number makes them byte streams
// (QSctpSocket::setMaximumChannelCount).
func (x *Channels) SetMaximumChannelCount(n int) {
	if x.s.state != Unconnected {
		x.s.Misused("qnet_sctp_socket_set_maximum_channel_count", "the socket is not unconnected")
		return
	}
	x.most = max(-1, n)
}

// MaximumChannelCount returns what SetMaximumChannelCount was given, -1 for a byte stream
// (QSctpSocket::maximumChannelCount).
func (x *Channels) MaximumChannelCount() int { return x.most }

// InDatagramMode reports whether it has messages (QSctpSocket::isInDatagramMode).
func (x *Channels) InDatagramMode() bool { return x.most >= 0 }

// open makes a descriptor of the family of a.
func (x *Channels) open(a address.Address) (int, error) { return sctp.Open(a, x.most) }

// begin prepares for the connection that the socket has got.
func (x *Channels) begin() {
	fd := int(x.s.fd)
	x.in, x.out, x.longest = 1, 1, sctp.MakeRoom(fd, 0)
	if x.InDatagramMode() {
		sctp.TellChannels(fd)
		// A connection that has ended already has none.
		if in, out, err := sctp.Channels(fd); err == nil {
			x.in, x.out = in, out
		}
		x.dropUnsendable()
	}
	x.s.ensureCold().filter, x.s.filtering = x, filtered
	x.s.filterUsed()
}

// The methods of a Filter.

// Recv is for a byte stream.
func (x *Channels) Recv(raw *Raw, p []byte) (int, error) { return raw.Recv(p) }

// Holds reports whether there are messages to be sent.
func (x *Channels) Holds() (input, output bool) { return false, len(x.turns) > 0 }

// End has nothing to say.
func (x *Channels) End(*Raw) {}

// Close drops what has come of a message that will not come whole.
func (x *Channels) Close() { x.arriving.Clear(x.s.pool()) }

// move has what was received go to another loop.
func (x *Channels) move(from, to *loop.Loop) {
	x.arriving.Move(&from.Pool, &to.Pool)
	for _, b := range x.unread {
		b.bytes.Move(&from.Pool, &to.Pool)
	}
}

// maxRecord is how long the messages are that bytes without boundaries are sent in.
const maxRecord = 32 << 10
