package socket

import (
	"qnet/core/address"
	"qnet/core/endpoint"
	"qnet/core/failure"
	"qnet/core/local"
	"qnet/core/loop"
	"qnet/core/sctp"
	"qnet/core/sys"
)

// Bind binds s before it connects, and reports whether it could (QAbstractSocket::bind). A
// UDP socket with a proxy does not wait for it: what becomes of that is signalled later.
func (s *Socket) Bind(a address.Address, port uint16, mode BindMode) bool {
	if s.Deleting() {
		return false
	}
	if s.kind == Local {
		s.Refuse()
		return false
	}
	if s.state != Unconnected {
		s.warn("bind", "the socket is not unconnected")
		s.fail(failure.NotNow)
		return false
	}
	if s.kind == UDP {
		return s.bindDatagrams("", a, port, mode)
	}
	return s.bind(a, port, mode) && s.emitBound()
}

// openBound makes a descriptor that is bound.
func (s *Socket) openBound(a address.Address, port uint16, mode BindMode) (int, *failure.Failure) {
	fd, err := s.open(a)
	if err != nil {
		return -1, failure.Create(err)
	}
	if mode&ReuseAddressHint != 0 || mode == ShareAddress {
		endpoint.ShareAddress(fd)
	}
	if err := endpoint.Bind(fd, a, port); err != nil {
		sys.Close(fd)
		return -1, failure.Bind(err)
	}
	return fd, nil
}

// emitBound signals that s is bound, which it was.
func (s *Socket) emitBound() bool {
	s.emit(SignalStateChanged, int64(Bound))
	return true
}

// bind binds an unconnected socket, and reports whether it could. That is still to be
// signalled.
func (s *Socket) bind(a address.Address, port uint16, mode BindMode) bool {
	fd, f := s.openBound(a, port, mode)
	if f != nil {
		s.fail(f)
		return false
	}
	s.dropDescriptor()
	s.fd, s.exposed = int32(fd), true
	s.setLocal(endpoint.Local(fd))
	// In a handler of a former connection's end its peer is still known.
	s.peer, s.peerPort = address.Null, 0
	if a.Protocol() == address.AnyIP {
		s.SetLocalAddress(address.Any)
	}
	s.state = Bound
	if s.udp() != nil {
		s.updateInterest()
	}
	return true
}

// SetDescriptor takes over fd, and reports whether it could; otherwise fd is left alone
// (QAbstractSocket::setSocketDescriptor).
func (s *Socket) SetDescriptor(fd int, state State, mode OpenMode) bool {
	if s.Deleting() {
		return false
	}
	if s.kind == SCTP && !sctp.IsSCTP(fd) {
		s.failure = failure.NotSCTP
		return false
	}
	// Its own descriptor would be closed to make room for it.
	if fd == int(s.fd) || s.udp() != nil && !s.udp().adopt(fd) || sys.Adopt(fd) != nil {
		s.failure = failure.BadDescriptor
		return false
	}
	s.dropDescriptor()
	s.ends &= settings
	s.clearBuffers()
	if x := s.SSL(); x != nil {
		x.forget()
	}
	s.fd = int32(fd)
	s.edge = s.kind == TCP && endpoint.IsTCP(fd)
	if s.kind == Local {
		s.watchForDescriptors(local.IsStream(fd))
	}
	before := s.state
	s.state, s.channelled = state, state == Connected
	if x := s.Channels(); x != nil && state == Connected {
		x.begin()
	}
	s.updateInterest()
	if s.interest != 0 && s.watch == 0 {
		// A file, for example: the system cannot tell when it is ready.
		s.dropFilter()
		s.fd, s.interest, s.state = -1, 0, before
		s.failure = failure.BadDescriptor
		return false
	}
	// As in Qt only connecting can make it unbuffered.
	s.mode, s.bypass = mode, false
	if s.kind == Local {
		s.exposed = true
		s.closeDescriptors()
		s.adoptNames()
		s.enter(state)
		return true
	}
	if before != state && !s.enter(state) {
		return true
	}
	s.exposed = true
	s.setEnds(taken(fd))
	s.updateInterest()
	return true
}

// Adopt makes a connected socket of a descriptor that a server accepted. last is
// this end of the one before, or nil: a server's connections mostly share it.
func Adopt(l *loop.Loop, fd int, peer address.Address, peerPort uint16, last *address.Endpoint) *Socket {
	return AdoptAs(l, fd, EndsOf(fd, peer, peerPort, last))
}

// EndsOf returns the ends of a descriptor that a server accepted; last is as for Adopt.
func EndsOf(fd int, peer address.Address, peerPort uint16, last *address.Endpoint) Ends {
	if a, port := endpoint.Local(fd); last == nil || last.Address != a || last.Port != port {
		last = &address.Endpoint{Address: a, Port: port}
	}
	return Ends{last, peer, peerPort}
}

// AdoptGiven is Adopt for a descriptor that the program has got from a server.
func AdoptGiven(l *loop.Loop, fd int) *Socket { return AdoptAs(l, fd, taken(fd)) }

// connectedAs makes s, which is new, that of a descriptor that was accepted.
func (s *Socket) connectedAs(fd int) {
	s.fd, s.exposed, s.channelled = int32(fd), true, true
	s.mode, s.state = ReadWrite, Connected
}

// AdoptAs is Adopt for a connection whose ends the system does not know.
func AdoptAs(l *loop.Loop, fd int, e Ends) *Socket {
	s := New(l)
	s.connectedAs(fd)
	s.edge = true
	s.setEnds(e)
	s.updateInterest()
	return s
}
