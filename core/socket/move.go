package socket

import (
	"errors"

	"qnet/core/loop"
	"qnet/core/object"
	"qnet/core/poll"
)

// A socket may go to another loop at any time, also while it connects. What it has in its own
// goes with it: watches, buffers, timers, and what it has asked the loop to call.

// Why a socket cannot go to another loop.
var (
	errOwned = errors.New("the socket belongs to a server: set_owner(NULL) first, or move the server")
	errKept  = errors.New("the server is still encrypting the connection")
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
	return nil
}

// Move has s go to another loop. Both locks are held.
func (s *Socket) Move(from, to *loop.Loop) error {
	t := loop.Transfer{From: from, To: to}
	s.Take(&t)
	if err := t.End(); err != nil {
		return err
	}
	s.Moved(from, to)
	return nil
}

// companion is a part of a socket that has watches and timers of its own.
type companion interface {
	// Take has its watches go along.
	Take(*loop.Transfer)
	// Moved has the rest follow, once the socket is in its new loop.
	Moved(from, to *loop.Loop)
}

// companions calls f for each of them.
func (s *Socket) companions(f func(companion)) {
	if c := s.connector(); c != nil {
		f(c)
	}
	if r := s.relay(); r != nil {
		f(r)
	}
}

// Take has the watches of s go along.
func (s *Socket) Take(t *loop.Transfer) {
	events := poll.Event(s.interest) & (poll.In | poll.Out)
	if s.interest&edged != 0 {
		events |= edgeEvents
	}
	t.Take(&s.watch, int(s.fd), events, (*handler)(s))
	s.companions(func(c companion) { c.Take(t) })
}

// Moved has the rest follow: what was queued in the old loop is queued in the new one.
func (s *Socket) Moved(from, to *loop.Loop) {
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
	s.moveTimers(from, to)
	s.Rehome(from, to, s)
	s.companions(func(c companion) { c.Moved(from, to) })
	if x := s.SSL(); x != nil {
		x.move(from, to)
	}
	if s.interest != 0 && s.watch == 0 {
		// The old loop could not watch it, and was about to say so.
		s.interest = 0
		s.updateInterest()
	}
}

// moveTimers is for those of an attempt to connect.
func (s *Socket) moveTimers(from, to *loop.Loop) {
	if s.cold == nil {
		return
	}
	if c := s.cold.limit; c != nil {
		c.timer.Move(from, to)
	}
	if p := s.cold.local; p != nil && p.attempt != nil {
		p.attempt.timer.Move(from, to)
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
