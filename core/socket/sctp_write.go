package socket

import (
	"fmt"
	"slices"

	"qnet/core/failure"
	"qnet/core/sctp"
)

// outbox is what is to be sent on a channel.
type outbox struct {
	messages [][]byte
	bytes    int
}

// sentOn is what was sent on a channel and is to be signalled.
type sentOn struct{ channel, bytes int }

// WriteDatagram has p sent as one message on the current channel, whole or not at all. It
// reports whether it will be (QSctpSocket::writeDatagram).
func (x *Channels) WriteDatagram(p []byte) bool {
	s := x.s
	switch {
	case !x.permitted("write_datagram", WriteOnly):
	case s.state != Connected || s.broken:
		x.misused("write_datagram", "the socket is not connected")
	case len(p) == 0:
		s.failure = failure.EmptyDatagram
	case !x.exists():
	case !x.takes(len(p)):
		s.failure = failure.TooLarge
	case s.WriteLimit() > 0 && int64(len(p)) > s.WriteLimit():
		s.failure = failure.MessageTooLong
	case s.WriteLimit() > 0 && int64(x.unsent+len(p)) > s.WriteLimit():
		s.cold.writes.cut = true
		s.failure = failure.WriteBufferFull
	default:
		x.queue(slices.Clone(p))
		return true
	}
	return false
}

// takes reports whether the system takes messages of size bytes. It is asked for more room if
// it does not.
func (x *Channels) takes(size int) bool {
	if size > x.longest {
		x.longest = sctp.MakeRoom(int(x.s.fd), size)
	}
	return size <= x.longest
}

// exists reports whether there is the current channel. It is an error if not.
func (x *Channels) exists() bool {
	if x.writing < x.out {
		return true
	}
	x.s.failure = failure.Misuse(fmt.Sprintf("there is no channel %d: the connection has %d", x.writing, x.out))
	return false
}

// write has p sent on the current channel, in messages that the system takes. Before there is a
// connection it may be that there will be no such channel.
func (x *Channels) write(p []byte) int {
	s := x.s
	n := s.admit(len(p))
	if n <= 0 || s.state == Connected && !x.exists() {
		return min(n, -1)
	}
	for piece := range slices.Chunk(p[:n], maxRecord) {
		x.queue(slices.Clone(piece))
	}
	return n
}

// queue has a message sent on the current channel.
func (x *Channels) queue(p []byte) {
	s := x.s
	if x.outgoing == nil {
		x.outgoing = map[int]*outbox{}
	}
	b := x.outgoing[x.writing]
	if b == nil {
		b = &outbox{}
		x.outgoing[x.writing] = b
		x.turns = append(x.turns, x.writing)
	}
	b.messages = append(b.messages, p)
	b.bytes += len(p)
	x.unsent += len(p)
	if s.filtering != 0 {
		s.filtering |= holdsOutput
	}
	s.written()
}

// Send sends what is taken: of a byte stream one message, else one message on each channel in
// turn, as in Qt.
func (x *Channels) Send(raw *Raw, parts [][]byte) (int, error) {
	if !x.InDatagramMode() {
		if len(parts) == 0 {
			return 0, nil
		}
		return raw.Send(upTo(parts, min(maxRecord, x.longest)))
	}
	total := 0
	for len(x.turns) > 0 && total < maxFlush {
		channel := x.turns[0]
		p := x.outgoing[channel].messages[0]
		if err := sctp.Send(raw.FD(), p, channel); err != nil {
			if total == 0 {
				return -1, err
			}
			// It is found again.
			break
		}
		total += len(p)
		x.took(channel, len(p))
	}
	return total, nil
}

// took notes that the system has taken the first message of the channel whose turn it was.
func (x *Channels) took(channel, size int) {
	x.turns = x.turns[1:]
	b := x.outgoing[channel]
	b.messages[0] = nil
	b.messages = b.messages[1:]
	b.bytes -= size
	if len(b.messages) > 0 {
		x.turns = append(x.turns, channel)
	} else {
		delete(x.outgoing, channel)
	}
	x.unsent -= size
	if channel == x.writing {
		x.departure += uint32(size)
	}
	x.sent = append(x.sent, sentOn{channel, size})
}

// emitWritten emits what was sent.
func (x *Channels) emitWritten() {
	s := x.s
	list := x.sent
	x.sent = nil
	connection := s.connectionID
	for _, m := range list {
		if m.channel == x.writing && !s.emitBytesWrittenOnce(m.bytes) {
			return
		}
		if s.connectionID != connection || !s.emit(SignalChannelBytesWritten, WrittenOn(m.channel, m.bytes)) {
			return
		}
	}
}

// bytesToWrite returns what is to be sent on the current channel, or was sent and not signalled
// yet.
func (x *Channels) bytesToWrite() int64 {
	n := 0
	if b := x.outgoing[x.writing]; b != nil {
		n = b.bytes
	}
	for _, m := range x.sent {
		if m.channel == x.writing {
			n += m.bytes
		}
	}
	return int64(n)
}

// dropUnsendable drops what was written before there was a connection, for channels that it has
// not got, and tells of it.
func (x *Channels) dropUnsendable() {
	for channel, b := range x.outgoing {
		if channel < x.out {
			continue
		}
		x.unsent -= b.bytes
		delete(x.outgoing, channel)
		x.turns = slices.DeleteFunc(x.turns, func(c int) bool { return c == channel })
		x.misused("write", fmt.Sprintf("what was written on channel %d is dropped: the connection has %d", channel, x.out))
	}
}

// clearWritten drops what is to be sent.
func (x *Channels) clearWritten() {
	x.outgoing, x.turns, x.unsent, x.sent = nil, nil, 0, nil
	x.s.filtering &^= holdsOutput
}
