package server

import (
	"time"

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
	if s.fd < 0 {
		return false, false
	}
	w, err := s.waiters.Add(s.Loop())
	if err != nil {
		s.failure = failure.Create(err)
		return false, false
	}
	defer s.waiters.Remove(s.Loop(), w)
	until := loop.Deadline(msec)
	before := s.accepted
	for first := true; ; first = false {
		switch {
		case !s.Alive() || s.fd < 0:
			return false, false
		case s.accepted != before:
			return true, false
		case w.Interrupted():
			return false, false
		case !first && !until.IsZero() && !time.Now().Before(until):
			return false, true
		}
		var list []poll.Waited
		if s.backOff == 0 && !s.limits.Full() {
			list = append(list, poll.For(s.fd, poll.In))
		}
		if at, ok := s.retry.Due(); ok && s.backOff > 0 {
			// Without a loop the time of the next attempt is kept here.
			left := time.Duration(at - sys.Now())
			if left <= 0 {
				s.Loop().StopTimer(&s.retry)
				s.retryAccepting()
				continue
			}
			next := time.Now().Add(left)
			if until.IsZero() || next.Before(until) {
				s.Loop().Sleep(w, nil, next)
				continue
			}
		}
		if s.Loop().Sleep(w, list, until) && len(list) > 0 && list[0].Events() != 0 && s.Alive() {
			if len(s.pending) >= maxPending {
				return true, false
			}
			s.accept(true, limit, maxPending)
		}
	}
}
