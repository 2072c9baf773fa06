package socket

import (
	"fmt"
	"time"

	"qnet/core/failure"
	"qnet/core/loop"
	"qnet/core/sys"
)

// connectLimit is how long an attempt to connect may take altogether.
type connectLimit struct {
	msec  int
	timer loop.Timer
	at    int64 // when it is over, on the clock of sys.Now; 0: no attempt is under way
}

// SetConnectTimeout limits the attempts that begin from now on to msec milliseconds, with all
// addresses and proxies together; 0 is no limit. Qt has none.
func (s *Socket) SetConnectTimeout(msec int) {
	if msec < 0 {
		s.misused("set_connect_timeout", fmt.Sprintf("%d is negative", msec))
		return
	}
	if c := s.ensureCold(); c.limit == nil {
		c.limit = &connectLimit{}
	}
	s.cold.limit.msec = msec
}

// ConnectTimeout returns what SetConnectTimeout was given.
func (s *Socket) ConnectTimeout() int {
	if s.cold == nil || s.cold.limit == nil {
		return 0
	}
	return s.cold.limit.msec
}

// startLimit begins the time of an attempt.
func (s *Socket) startLimit() {
	s.stopLimit()
	if s.ConnectTimeout() == 0 {
		return
	}
	c := s.cold.limit
	d := time.Duration(c.msec) * time.Millisecond
	c.at = sys.Now() + int64(d)
	c.timer.Expired = s.limitReached
	s.Loop().StartTimer(&c.timer, d)
}

// stopLimit ends it.
func (s *Socket) stopLimit() {
	if s.cold != nil && s.cold.limit != nil && s.cold.limit.at != 0 {
		s.Loop().StopTimer(&s.cold.limit.timer)
		s.cold.limit.at = 0
	}
}

// limitAt returns the earlier of a time on the clock of sys.Now, 0 for none, and the end of the
// attempt: who waits does without the loop's timers.
func (s *Socket) limitAt(at int64) int64 {
	if s.cold.limit == nil || s.cold.limit.at == 0 || at != 0 && at < s.cold.limit.at {
		return at
	}
	return s.cold.limit.at
}

// limitDue reports whether the time is over.
func (s *Socket) limitDue() bool {
	return s.cold.limit != nil && s.cold.limit.at != 0 && s.cold.limit.at <= sys.Now()
}

// limitReached ends the attempt.
func (s *Socket) limitReached() {
	if !s.connecting() {
		return
	}
	f := failure.NotConnectedWithin(s.ConnectTimeout())
	if s.kind == Local {
		s.serverFailed(failure.ConnectingLocal(f))
		return
	}
	s.connectFailed(f)
}
