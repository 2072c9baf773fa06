package socket

import (
	"golang.org/x/sys/unix"

	"qnet/core/loop"
	"qnet/core/object"
	"qnet/core/sys"
	"qnet/core/tls/configuration"
)

// Keeper is who has a connection encrypted before somebody else gets it: a server. It keeps
// the connection until that is encrypted, or over. Its methods are called with the loop's lock
// held; only the first two may give it up.
type Keeper interface {
	// Hear is called when the peer has said something, which begins with first. Nothing was
	// read of it.
	Hear(first byte)
	// Signalled is told of signals, before the socket's slots are.
	Signalled(signal object.Signal)
	// Notify wakes those up who wait for the keeper without a loop.
	Notify()
	// Over is told of the connection's end.
	Over()
}

// KeepSSL has s, which a server has accepted, kept by k: nothing is read before k has it begin
// to encrypt. The configuration, which has no connection, stays as it is.
func (s *Socket) KeepSSL(k Keeper, c *configuration.Configuration) {
	x := s.addSSL(c)
	x.keeper = k
	x.wait()
}

// Unkeep has the keeper forgotten.
func (x *SSL) Unkeep() { x.keeper = nil }

// Awaited returns the connection as what its keeper waits for without a loop.
func (x *SSL) Awaited() loop.Awaited {
	return &wait{s: x.s, done: func(*wait) bool { return x.keeper == nil }}
}

// over tells the keeper that the connection is over.
func (x *SSL) over() {
	if k := x.keeper; k != nil {
		x.keeper = nil
		k.Over()
	}
}

// GiveUp ends a connection of which the handshake takes too long.
func (x *SSL) GiveUp() {
	s := x.s
	s.clearWritten()
	if s.owes() {
		// The system would go on for minutes to deliver the handshake.
		sys.ResetOnClose(int(s.fd))
	}
	if s.enter(Closing) {
		s.finish(false)
	}
}

// hear looks whether the peer has said something.
func (x *SSL) hear() (int, error) {
	var first [1]byte
	n, err := sys.Peek(int(x.s.fd), first[:])
	if n <= 0 {
		return n, err
	}
	x.first = first[0]
	x.postNews()
	return -1, unix.EAGAIN
}

// emit emits a signal that the keeper is told of, too.
func (x *SSL) emit(signal object.Signal, arg int64) bool { return x.s.emitKept(signal, arg) }

// emitKept is emit for what the keeper is told of, if there is one.
func (s *Socket) emitKept(signal object.Signal, arg int64) bool {
	x := s.SSL()
	if x == nil || x.keeper == nil {
		return s.emit(signal, arg)
	}
	connection := s.connectionID
	// The keeper's slots may have it moved.
	s.Pin()
	x.keeper.Signalled(signal)
	s.Unpin()
	return s.emit(signal, arg) && s.connectionID == connection
}
