package socket

import (
	"fmt"

	"qnet/core/buffer"
	"qnet/core/datagram"
	"qnet/core/failure"
	"qnet/core/sctp"
)

// inbox is what was received on a channel.
type inbox struct {
	messages
	bytes buffer.Buffer
}

// messages are where those end that lie one behind the other in a buffer.
type messages struct {
	sizes []int
	total int
}

func (m *messages) add(size int) {
	m.sizes = append(m.sizes, size)
	m.total += size
}

// settle makes up for what was read, or put back, as if there were no messages: length is what
// is left. What a message has lost it is shorter by.
func (m *messages) settle(length int) {
	for length < m.total {
		gone := min(m.sizes[0], m.total-length)
		m.total -= gone
		if m.sizes[0] -= gone; m.sizes[0] == 0 {
			m.sizes = m.sizes[1:]
		}
	}
	if more := length - m.total; more > 0 {
		if len(m.sizes) == 0 {
			m.sizes = append(m.sizes, 0)
		}
		m.sizes[0] += more
		m.total = length
	}
	if len(m.sizes) == 0 {
		m.sizes = nil
	}
}

// maxMessages is how many messages one readiness brings, so that the loop's other sockets get
// their turn.
const maxMessages = 32

// receive takes messages from the system and says so for each. It reports whether anything was
// taken.
func (x *Channels) receive() (took bool) {
	s := x.s
	connection := s.connectionID
	for range maxMessages {
		if x.arriving.Len() == 0 && s.mode&ReadOnly != 0 && s.full() {
			s.pauseReading()
			return took
		}
		channel, whole := 0, false
		n, err := x.arriving.Fill(s.pool(), maxRead, func(p []byte) (n int, err error) {
			n, channel, whole, err = sctp.Recv(int(s.fd), p)
			return n, err
		})
		if n <= 0 {
			s.nothingRead(err)
			return took
		}
		took = true
		s.received += uint32(n)
		if !whole {
			x.arriving.Settle(s.pool())
			if x.arriving.Len() > sctp.MaxMessage {
				s.failConnection(failure.LongMessage)
				return took
			}
			continue
		}
		if !x.deliver(channel) || s.connectionID != connection || s.broken || !s.wantsData() {
			return took
		}
	}
	return took
}

// deliver puts the message that has come whole to those of its channel, and says so. It reports
// whether the connection goes on.
func (x *Channels) deliver(channel int) bool {
	s := x.s
	size := x.arriving.Len()
	if s.mode&ReadOnly == 0 {
		// Nobody can read it.
		x.arriving.Clear(s.pool())
		s.notifyWaiters()
		return true
	}
	connection := s.connectionID
	if channel == x.reading {
		x.current.settle(s.rx.Len())
		x.current.add(size)
		s.rx.Join(&x.arriving)
		x.arrivals++
		s.emitReadyReadOnce()
	} else {
		b := x.inbox(channel)
		b.add(size)
		b.bytes.Join(&x.arriving)
		b.bytes.Settle(s.pool())
		x.others += size
	}
	if s.connectionID != connection || !s.Alive() {
		return false
	}
	if !s.emit(SignalChannelReadyRead, int64(channel)) {
		return false
	}
	s.afterReadyRead()
	return true
}

// inbox returns that of a channel which is not the current one.
func (x *Channels) inbox(channel int) *inbox {
	b := x.unread[channel]
	if b == nil {
		if x.unread == nil {
			x.unread = map[int]*inbox{}
		}
		b = &inbox{}
		x.unread[channel] = b
	}
	return b
}

// setReading makes another channel the current one.
func (x *Channels) setReading(channel int) {
	if channel == x.reading {
		return
	}
	s := x.s
	x.current.settle(s.rx.Len())
	if n := s.rx.Len(); n > 0 {
		*x.inbox(x.reading) = inbox{x.current, s.rx}
		x.others += n
	}
	s.rx, x.current = buffer.Buffer{}, messages{}
	if b := x.unread[channel]; b != nil {
		s.rx, x.current = b.bytes, b.messages
		x.others -= s.rx.Len()
		delete(x.unread, channel)
	}
	x.reading = channel
}

// ReadDatagram hands the next message of the current channel over, which room is made for
// unless there is no memory, and tells its way. It reports whether there was one
// (QSctpSocket::readDatagram).
func (x *Channels) ReadDatagram(way *datagram.Way, room func(size int) []byte) bool {
	s := x.s
	if !x.permitted("read_datagram", ReadOnly) {
		return false
	}
	if s.transacting {
		x.misused("read_datagram", "a transaction is under way")
		return false
	}
	x.current.settle(s.rx.Len())
	if len(x.current.sizes) == 0 {
		return false
	}
	size := x.current.sizes[0]
	p := room(size)
	if p == nil {
		x.misused("read_datagram", fmt.Sprintf("there is no memory for %d bytes", size))
		return false
	}
	s.rx.Read(s.pool(), p[:size])
	x.current.settle(s.rx.Len())
	*way = datagram.Way{
		Sender:      datagram.Endpoint{Address: s.peer, Port: s.peerPort},
		Destination: datagram.Endpoint{Address: s.local.Address, Port: s.local.Port},
		HopLimit:    -1,
	}
	s.resumeIfRoom()
	return true
}

// permitted reports whether there are messages that can be read, or written. It is an error,
// with a warning, if not.
func (x *Channels) permitted(function string, mode OpenMode) bool {
	switch {
	case !x.InDatagramMode():
		x.misused(function, "the socket is a byte stream")
	case x.s.mode == NotOpen:
		x.misused(function, "the socket is not open")
	case x.s.mode&mode == 0:
		x.misused(function, "the socket is not open in this direction")
	default:
		return true
	}
	return false
}

func (x *Channels) misused(function, text string) { x.s.Misused("qnet_sctp_socket_"+function, text) }

// clearRead drops what was received.
func (x *Channels) clearRead() {
	for _, b := range x.unread {
		b.bytes.Clear(x.s.pool())
	}
	x.unread, x.others, x.current = nil, 0, messages{}
}
