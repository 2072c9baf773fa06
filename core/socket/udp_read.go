package socket

import (
	"golang.org/x/sys/unix"

	"qnet/core/datagram"
	"qnet/core/failure"
)

const notBound = "the socket is not bound"

// ready reports whether there is something bound to receive from. If not it is an error, with a
// warning.
func (u *udp) ready(function string) bool {
	if u.usable() {
		return true
	}
	u.misused(function, notBound)
	return false
}

// asked is ready for what only asks: the error that has ended a binding stays.
func (u *udp) asked(function string) bool {
	if u.usable() {
		return true
	}
	u.warn(function, notBound)
	return false
}

// HasPendingDatagrams reports whether a datagram can be read
// (QUdpSocket::hasPendingDatagrams).
func (s *Socket) HasPendingDatagrams() bool {
	return s.udp().asked("has_pending_datagrams") && s.udp().pending()
}

// PendingDatagramSize returns the size of the next datagram, -1 if there is none
// (QUdpSocket::pendingDatagramSize).
func (s *Socket) PendingDatagramSize() int {
	if !s.udp().asked("pending_datagram_size") || !s.udp().pending() {
		return -1
	}
	return len(s.udp().inbox.First())
}

// ReadDatagram moves the next datagram to p, as much of it as fits, and tells
// where it came from, unless from is nil. It returns the number of bytes; -1,
// with an error, if there is none (QUdpSocket::readDatagram).
func (s *Socket) ReadDatagram(p []byte, from *datagram.Endpoint) int {
	u := s.udp()
	if !u.ready("read_datagram") {
		return -1
	}
	if from != nil && u.pending() {
		*from = u.inbox.Sender()
	}
	n, err := u.nextDatagram(p)
	if err != nil {
		s.fail(failure.Receive(err))
		return -1
	}
	return n
}

// ReceiveDatagram hands over the next datagram, at most limit bytes of it (-1:
// all), to copy, and tells its way. It reports whether there was one
// (QUdpSocket::receiveDatagram).
func (s *Socket) ReceiveDatagram(limit int, way *datagram.Way, copy func(p []byte)) bool {
	u := s.udp()
	if !u.ready("receive_datagram") || !u.pending() {
		return false
	}
	p := u.inbox.First()
	if limit >= 0 {
		p = p[:min(limit, len(p))]
	}
	copy(p)
	u.way(way)
	u.inbox.Drop(u.pool())
	u.wasRead()
	return true
}

// ReadDatagrams hands over up to count datagrams and returns how many; -1, with
// an error, if there was none. Qt has no such call.
func (s *Socket) ReadDatagrams(count int, take func(i int, p []byte, way *datagram.Way)) int {
	u := s.udp()
	if !u.ready("read_datagrams") {
		return -1
	}
	n := 0
	var way datagram.Way
	for n < count && u.pending() {
		u.way(&way)
		take(n, u.inbox.First(), &way)
		u.inbox.Drop(u.pool())
		n++
		u.wasRead()
	}
	if n == 0 && count > 0 {
		err := error(unix.EAGAIN)
		if u.pendingError != nil {
			err, u.pendingError = u.pendingError, nil
		}
		s.fail(failure.Receive(err))
		return -1
	}
	return n
}

// way tells the next datagram's way.
func (u *udp) way(w *datagram.Way) {
	u.inbox.Way(w)
	if !w.Destination.Address.IsNull() {
		w.Destination.Port = u.s.local.Port
	}
}

// DroppedDatagrams returns how many datagrams the system has dropped since s got
// its descriptor, because they were not read in time; -1 without a descriptor.
// Qt has no such call.
func (s *Socket) DroppedDatagrams() int64 {
	if s.fd < 0 {
		return -1
	}
	return int64(s.udp().inbox.Losses.Total(int(s.fd)))
}
