package socket

import (
	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/datagram"
	"qnet/core/endpoint"
	"qnet/core/failure"
	"qnet/core/loop"
)

// udp is what a UDP socket has beyond the others: datagrams that were received
// ahead, and when they are signalled.
//
// Qt leaves datagrams in the system until they are read. Here they are taken
// many at a time, but it looks the same: readyRead comes once until something is
// read, and then again as long as there is more.
type udp struct {
	s            *Socket
	inbox        datagram.Queue
	pendingError error // what the network has reported, not signalled yet
	sender       datagram.Sender
	relay        *relay // through a proxy; nil: there is none

	readyReadEmitted bool // readyRead was emitted and nothing read since
	flushQueued      bool // Flush is to be called
	readInSignal     int  // datagrams in the present readyRead

	multicast uint32 // the interface that was chosen for sending
}

// maxTurn is how many datagrams can be read in one readyRead: a socket that is
// flooded would keep a handler that reads all there is for ever, and the loop's
// other sockets waiting.
const maxTurn = 64

// NewUDP makes an unconnected UDP socket on l.
func NewUDP(l *loop.Loop) *Socket {
	s := New(l)
	s.kind = UDP
	s.ensureCold().udp = &udp{s: s}
	return s
}

// openMode returns the mode that s is opened in when asked for mode.
func (s *Socket) openMode(mode OpenMode) OpenMode {
	if s.udp() != nil {
		mode |= Unbuffered
	}
	return mode
}

// open makes a descriptor of the family of a.
func (u *udp) open(a address.Address) (int, error) {
	fd, err := endpoint.OpenDatagram(a)
	if err == nil {
		u.adopt(fd)
		datagram.Coalesce(fd)
	}
	return fd, err
}

// adopt prepares for fd, and reports whether it is a datagram socket.
func (u *udp) adopt(fd int) bool {
	ipv6, ok := datagram.IsDatagram(fd)
	if !ok {
		return false
	}
	datagram.Prepare(fd, ipv6)
	peer, _ := endpoint.Peer(fd)
	u.sender = datagram.Sender{FD: fd, IPv6: ipv6, Mapped: datagram.IsMapped(peer)}
	u.inbox.Losses.Begin(fd)
	return true
}

// forgetDatagrams drops what belonged to the descriptor.
func (s *Socket) forgetDatagrams() {
	u := s.udp()
	if u == nil {
		return
	}
	u.forgetReceived()
	u.multicast = 0
	if u.relay != nil {
		u.relay.Close()
		u.relay, u.inbox.Envelope, u.sender.Envelope = nil, nil, nil
	}
}

// forgetReceived drops what has come.
func (u *udp) forgetReceived() {
	u.inbox.Clear(u.pool())
	u.pendingError, u.readyReadEmitted = nil, false
}

// relay returns the way of a UDP socket through a proxy; nil if there is none.
func (s *Socket) relay() *relay {
	if u := s.udp(); u != nil {
		return u.relay
	}
	return nil
}

func (u *udp) pool() *datagram.Pool { return &u.s.Loop().Datagrams }

// usable reports whether there is a descriptor to receive from.
func (u *udp) usable() bool { return u.s.fd >= 0 && !u.s.broken && u.s.state != Unconnected }

// hears reports whether what comes is for it: until its relay is made, nothing is.
func (u *udp) hears() bool { return u.relay == nil || u.relay.stage == made }

// pending reports whether there is a datagram to be read, and asks the system
// unless there is one already. Once enough were read in this readyRead the
// others have to wait for the next.
func (u *udp) pending() bool {
	if u.s.readyRead == emitting && u.readInSignal >= maxTurn {
		u.flushLater()
		return false
	}
	if !u.inbox.Empty() {
		return true
	}
	if !u.usable() {
		return false
	}
	u.fill()
	return !u.inbox.Empty()
}

// fill takes datagrams from the system into the empty inbox, or the network's
// report that one could not be delivered.
func (u *udp) fill() {
	if !u.hears() {
		return
	}
	err := u.inbox.Fill(u.pool(), int(u.s.fd))
	if err == unix.EAGAIN {
		return
	}
	if err != nil {
		u.pendingError = err
	}
	u.s.received++
	// Those who wait for the system to have something would not see it any more.
	u.s.notifyWaiters()
	u.scheduleReadyRead()
}

// receive takes datagrams from the system, when it has some, and says so.
func (u *udp) receive() bool {
	u.readInSignal = 0
	before := u.s.received
	if u.inbox.Empty() {
		u.fill()
	} else {
		u.s.received++
	}
	if u.s.received == before {
		return false
	}
	u.emitReadyRead()
	return true
}

// emitReadyRead emits readyRead, as long as nobody reads once for all that is there.
func (u *udp) emitReadyRead() {
	s := u.s
	if u.readyReadEmitted {
		s.pauseReading()
		return
	}
	connection := s.connectionID
	u.readyReadEmitted = !u.inbox.Empty()
	nested := s.readyRead == emitting
	if !nested {
		u.readInSignal = 0
	}
	s.emitReadyRead()
	if err := u.pendingError; err != nil && s.connectionID == connection && s.Alive() && !nested {
		u.pendingError = nil
		s.fail(failure.Receive(err))
	}
	u.settle(connection)
}

// settle has the next readyRead come when it should: never before something
// was read, and soon if not all was.
func (u *udp) settle(connection uint32) {
	s := u.s
	switch {
	case s.connectionID != connection || !s.Alive() || s.fd < 0:
	case u.readyReadEmitted:
		s.pauseReading()
	case !u.inbox.Empty():
		u.scheduleReadyRead()
	}
}

// scheduleReadyRead has Flush called at the end of the loop's turn.
func (u *udp) scheduleReadyRead() {
	if !u.readyReadEmitted && u.s.readyRead != emitting {
		u.flushLater()
	}
}

func (u *udp) flushLater() {
	if !u.flushQueued {
		u.flushQueued = true
		u.s.Loop().FlushLater(u)
		u.s.notifyWaiters()
	}
}

// Flush is called by the loop at the end of its turn.
func (u *udp) Flush() {
	u.flushQueued = false
	if u.s.readyRead == emitting {
		// In a loop that a handler runs: it may read again.
		u.readInSignal = 0
		return
	}
	if u.s.Alive() && (!u.inbox.Empty() || u.pendingError != nil) && u.s.wantsData() {
		u.emitReadyRead()
	}
}

// Send does nothing: datagrams are sent at once.
func (u *udp) Send() {}

// flushPendingReadyRead emits readyRead if there is something to be read, unless that was
// done before, and reports whether there is.
func (u *udp) flushPendingReadyRead() bool {
	u.readInSignal = 0
	if !u.pending() && u.pendingError == nil {
		return false
	}
	u.emitReadyRead()
	return true
}

// wasRead is called after something was read.
func (u *udp) wasRead() {
	u.readInSignal++
	if u.readyReadEmitted {
		u.readyReadEmitted = false
		u.s.resumeReading()
	}
	if u.s.readyRead != emitting && !u.inbox.Empty() {
		u.scheduleReadyRead()
	}
}

// nextDatagram moves the next datagram to p, as much of it as fits. EAGAIN says that
// there is none.
func (u *udp) nextDatagram(p []byte) (int, error) {
	if !u.pending() {
		if err := u.pendingError; err != nil {
			u.pendingError = nil
			return -1, err
		}
		return -1, unix.EAGAIN
	}
	n := copy(p, u.inbox.First())
	u.inbox.Drop(u.pool())
	u.wasRead()
	return n, nil
}

// read takes the next datagram.
func (u *udp) read(p []byte) int {
	if u.s.fd < 0 || u.s.broken {
		return -1
	}
	n, err := u.nextDatagram(p)
	switch {
	case err == unix.EAGAIN:
		return 0
	case err != nil:
		u.s.failure = failure.Receive(err)
		return -1
	}
	if s := u.s; s.transacting {
		s.rx.Append(s.pool(), p[:n])
		s.cold.position += n
	}
	return n
}

// lineOn goes on in the next datagrams with a line of which the buffer had n bytes.
func (u *udp) lineOn(p []byte, n int) int {
	s := u.s
	for ended := false; !ended && n < len(p); {
		u.fetch(1)
		if s.unread() == 0 {
			break
		}
		var k int
		k, ended = s.lineBuffered(p[n:])
		n += k
	}
	if n == 0 {
		return s.read(p[:1])
	}
	return n
}

// readAll reads the datagrams that are there, one behind the other.
func (u *udp) readAll(grow func(size int) []byte) int {
	s := u.s
	u.pending()
	p := grow(s.unread() + u.inbox.Bytes())
	n := max(0, s.read(p[:s.unread()]))
	for !u.inbox.Empty() && u.pending() {
		k := u.read(p[n:])
		if k <= 0 {
			break // a datagram of no bytes, behind which Qt stops
		}
		n += k
	}
	if s.mode&Text != 0 {
		n = dropReturns(p[:n])
	}
	return n
}

// fetch moves whole datagrams to the buffer until it has so many bytes, for
// those who look at it before they take it.
func (u *udp) fetch(want int) {
	s := u.s
	for s.unread() < want && u.pending() {
		s.rx.Append(s.pool(), u.inbox.First())
		u.inbox.Drop(u.pool())
		u.wasRead()
	}
}

// available returns the size of the next datagram, as bytesAvailable does.
func (u *udp) available() int64 {
	if !u.pending() {
		return 0
	}
	return int64(len(u.inbox.First()))
}
