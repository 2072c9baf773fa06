package socket

import (
	"errors"

	"qnet/core/loop"
	"qnet/core/object"
	"qnet/core/poll"
)

// A socket may go to another loop at any time but while it connects: what is under way then
// belongs to a loop in many ways. What it has in its own goes with it: the watch, buffers,
// timers, and what it has asked the loop to call.

// Why a socket cannot go to another loop.
var (
	errOwned      = errors.New("the socket belongs to a server: set_owner(NULL) first, or move the server")
	errConnecting = errors.New("the socket is being connected")
	errRelayed    = errors.New("the datagrams of the socket go through a proxy")
	errKept       = errors.New("the server is still encrypting the connection")
)

// Family is that of an object.Movable: nothing else belongs to it.
func (s *Socket) Family(f func(*object.Object)) { f(&s.Object) }

// MayMove returns why s cannot go to another loop now.
func (s *Socket) MayMove() error {
	if s.owner != nil {
		return errOwned
	}
	if x := s.SSL(); x != nil && x.keeper != nil {
		return errKept
	}
	return s.MayFollow()
}

// MayFollow is MayMove for a socket that goes with the server that it belongs to.
func (s *Socket) MayFollow() error {
	switch {
	case s.attempt() != nil || s.connecting():
		return errConnecting
	case s.relay() != nil:
		return errRelayed
	}
	return nil
}

// Move has s go to another loop. Both locks are held.
func (s *Socket) Move(from, to *loop.Loop) error {
	m, err := s.BeginMove(to)
	if err == nil {
		m.End(from)
	}
	return err
}

// Moving is a socket that is watched by two loops.
type Moving struct {
	s     *Socket
	to    *loop.Loop
	watch loop.Watch
}

// BeginMove does what may fail. Call Cancel or End then, with the locks still held.
func (s *Socket) BeginMove(to *loop.Loop) (Moving, error) {
	m := Moving{s: s, to: to}
	if s.watch == 0 {
		return m, nil
	}
	events := poll.Event(s.interest) & (poll.In | poll.Out)
	if s.interest&edged != 0 {
		events |= edgeEvents
	}
	var err error
	m.watch, err = to.Watch(int(s.fd), events, (*handler)(s))
	return m, err
}

// Cancel has the socket stay.
func (m *Moving) Cancel() {
	if m.watch != 0 {
		m.to.Unwatch(m.watch)
	}
}

// End has it go. Whatever the system has to tell it tells the new watch anew; what was queued
// in the old loop is queued in the new one.
func (m *Moving) End(from *loop.Loop) {
	s, to := m.s, m.to
	if s.watch != 0 {
		left := from.Forget(s.watch)
		if s.watch = m.watch; left != 0 {
			to.Requeue(s.watch, left)
		}
	}
	s.rx.Move(&from.Pool, &to.Pool)
	s.tx.Move(&from.Pool, &to.Pool)
	h := (*handler)(s)
	if s.flushQueued {
		from.ForgetFlush(h)
		to.FlushLater(h)
	}
	if s.readyRead == due {
		from.ForgetReady(h)
		to.EnqueueReadyAgain(h, s.connectionID, s.rx.Len())
	}
	if s.recheck != none {
		from.ForgetRecheck(h)
		to.ScheduleRecheck(h)
	}
	if u := s.udp(); u != nil {
		u.move(from, to)
	}
	if x := s.Channels(); x != nil {
		x.move(from, to)
	}
	if c := s.quota; c != nil {
		s.quota = c.Move(h, from, to)
	}
	s.Rehome(from, to, s)
	if x := s.SSL(); x != nil {
		x.move(from, to)
	}
	if s.interest != 0 && s.watch == 0 {
		// The old loop could not watch it, and was about to say so.
		s.interest = 0
		s.updateInterest()
	}
}

func (u *udp) move(from, to *loop.Loop) {
	u.inbox.Move(&from.Datagrams, &to.Datagrams)
	if u.flushQueued {
		from.ForgetFlush(u)
		to.FlushLater(u)
	}
}

func (x *SSL) move(from, to *loop.Loop) {
	x.quiet.Move(from, to)
	from.TakeBack(&x.posting)
	if x.due {
		to.PostOnce(&x.posting)
	}
}
