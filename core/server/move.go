package server

import (
	"qnet/core/loop"
	"qnet/core/object"
	"qnet/core/poll"
)

// A server goes to another loop with all sockets that belong to it, as an object of Qt's does
// with its children.

// Family calls f for the server and its sockets.
func (s *base) Family(f func(*object.Object)) {
	f(&s.Object)
	for _, c := range s.owner.Sockets() {
		f(&c.Object)
	}
}

// MayMove is that of an object.Movable: nothing keeps s where it is.
func (s *base) MayMove() error { return nil }

// Move has s go to another loop. Both locks are held.
func (s *base) Move(from, to *loop.Loop) error {
	sockets := s.owner.Sockets()
	t := loop.Transfer{From: from, To: to}
	t.Take(&s.watch, s.fd, poll.In, s)
	if s.through != nil {
		s.through.Take(&t)
	}
	for _, c := range sockets {
		c.Take(&t)
	}
	if err := t.End(); err != nil {
		return err
	}
	s.retry.Move(from, to)
	s.Rehome(from, to, s.class)
	for _, c := range sockets {
		c.Moved(from, to)
	}
	if s.through != nil {
		s.through.Moved(from, to)
	}
	if s.spread.returning {
		s.Post(s.takeReturned)
	}
	s.limits.ServerMoved(from, to)
	s.moved(from, to)
	return nil
}

func (s *Server) moved(from, to *loop.Loop) {
	x := s.ssl
	if x == nil {
		return
	}
	for _, h := range x.handshakes {
		h.timer.Move(from, to)
	}
	if x.promoting {
		s.Post(x.promote)
	}
}

func (s *LocalServer) moved(from, to *loop.Loop) {}
