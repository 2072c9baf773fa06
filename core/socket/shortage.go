package socket

import (
	"time"

	"golang.org/x/sys/unix"

	"qnet/core/sys"
)

// The system may have no memory for a call now, or too many descriptors may be under way
// in messages that nobody has taken. It does not tell when that is over, and no byte is
// lost meanwhile, so the call is made again in a while. Qt ends the connection.

const (
	// shortagePatience is how long a shortage of memory may last.
	shortagePatience = 10 * time.Second
	// shortageOver is when one that nothing was heard of has ended.
	shortageOver = time.Second
)

// shortage is a time without memory.
type shortage struct {
	since, last int64
}

// retryIfTransient reports whether err is for want of something that comes back, and is no failure
// yet: s goes on by itself.
func (s *Socket) retryIfTransient(err error) bool {
	switch {
	case s.state == Unconnected:
		return false
	case err == unix.ETOOMANYREFS:
		// As with a full buffer, it is for the peer to read, whenever it likes.
	case !sys.OutOfMemory(err) || !s.patient():
		return false
	}
	s.scheduleRecheck()
	s.recheck = noMemory
	s.notifyWaiters()
	return true
}

// patient reports whether the shortage of memory that is met now may still pass.
func (s *Socket) patient() bool {
	r, now := s.ensureCold(), sys.Now()
	if r.shortage == nil {
		r.shortage = &shortage{}
	}
	t := r.shortage
	if now-t.last > int64(shortageOver) {
		t.since = now
	}
	t.last = now
	return now-t.since <= int64(shortagePatience)
}

// retry has s go on after a shortage.
func (s *Socket) retry() {
	if s.fd < 0 || s.broken {
		return
	}
	s.Resume()
	if s.hasUnsent() {
		s.flushLater()
	}
}
