package server

import (
	"qnet/core/failure"
	"qnet/core/loop"
	"qnet/core/poll"
	"qnet/core/sys"
)

// wait waits up to msec milliseconds (-1: without limit) for a connection and
// accepts it, and up to limit in all, without a running loop. If one is there and
// cannot be accepted, because as many as maxPending are pending already, it ends at
// once: nobody takes them meanwhile. Interrupted by the host, it has neither
// succeeded nor timed out.
func (s *base) wait(msec, limit, maxPending int) (ok, timedOut bool) {
	if !s.IsListening() {
		return false, false
	}
	w := &wait{base: s, limit: limit, maxPending: maxPending, before: s.accepted}
	s.Pin()
	defer s.Unpin()
	ending, err := s.waiters.Wait(s.Loop(), loop.Deadline(msec), w)
	if err != nil {
		s.failure = failure.Create(err)
		return false, false
	}
	return ending == loop.Done && w.listening() && (w.full || s.accepted != w.before), ending == loop.TimedOut
}

// wait is one for a connection.
type wait struct {
	*base
	limit, maxPending int
	before            uint64 // connections
	full              bool   // one is there and cannot be accepted
}

func (w *wait) listening() bool { return w.Alive() && w.IsListening() }

func (w *wait) Over() bool { return !w.listening() || w.full || w.accepted != w.before }

func (w *wait) Wants(list []poll.Waited) ([]poll.Waited, int64) {
	switch {
	case w.spread.returning:
		return list, sys.Now()
	case w.through != nil:
		return w.through.wants(list)
	}
	if w.backOff == 0 && !w.limits.Full() {
		list = append(list, poll.For(w.fd, poll.In))
	}
	at, running := w.retry.Due()
	if w.backOff == 0 || !running {
		at = 0
	}
	return list, at
}

func (w *wait) Proceed(wanted []poll.Waited) {
	switch {
	case !w.listening():
	case w.spread.returning:
		w.takeReturned()
	case w.through != nil:
		w.full = w.through.proceed(w.maxPending)
	case len(wanted) > 0 && wanted[0].Events() != 0:
		if w.full = w.crowded(w.maxPending); !w.full {
			w.accept(true, w.limit, w.maxPending)
		}
	case w.backOff > 0 && w.retry.Passed():
		w.Loop().StopTimer(&w.retry)
		w.retryAccepting()
	}
}
