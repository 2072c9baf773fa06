package server

import (
	"errors"

	"qnet/core/loop"
	"qnet/core/object"
	"qnet/core/poll"
	"qnet/core/socket"
)

// A server goes to another loop with all sockets that belong to it, as an object of Qt's does
// with its children.

var errThrough = errors.New("the server listens through a proxy")

// Family calls f for the server and its sockets.
func (s *base) Family(f func(*object.Object)) {
	f(&s.Object)
	for _, c := range s.owner.Sockets() {
		f(&c.Object)
	}
}

// MayMove returns why s cannot go to another loop now.
func (s *base) MayMove() error {
	if s.through != nil {
		return errThrough
	}
	for _, c := range s.owner.Sockets() {
		if err := c.MayFollow(); err != nil {
			return err
		}
	}
	return nil
}

// Move has s go to another loop. Both locks are held.
func (s *base) Move(from, to *loop.Loop) error {
	watch := loop.Watch(0)
	if s.watch != 0 {
		var err error
		if watch, err = to.Watch(s.fd, poll.In, s); err != nil {
			return err
		}
	}
	sockets, err := beginMove(s.owner.Sockets(), to)
	if err != nil {
		if watch != 0 {
			to.Unwatch(watch)
		}
		return err
	}
	if s.watch != 0 {
		// The system tells the new watch of what it has told the old one.
		from.Forget(s.watch)
		s.watch = watch
	}
	s.retry.Move(from, to)
	s.Rehome(from, to, s.class)
	for i := range sockets {
		sockets[i].End(from)
	}
	s.limits.ServerMoved(from, to)
	s.moved(from, to)
	return nil
}

// beginMove begins to move all of a list, or none.
func beginMove(list []*socket.Socket, to *loop.Loop) ([]socket.Moving, error) {
	moving := make([]socket.Moving, 0, len(list))
	for _, c := range list {
		m, err := c.BeginMove(to)
		if err != nil {
			for i := range moving {
				moving[i].Cancel()
			}
			return nil, err
		}
		moving = append(moving, m)
	}
	return moving, nil
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
