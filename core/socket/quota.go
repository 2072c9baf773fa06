package socket

import (
	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/quota"
	"qnet/core/sys"
)

// CountFor has the connection of s count for a server's limits, until its descriptor
// is closed. One that counts for them already goes on.
func (s *Socket) CountFor(l *quota.Limits) {
	if s.fd < 0 || s.quota != nil && s.quota.CountsFor(l) {
		return
	}
	s.uncount()
	s.quota = l.Begin((*handler)(s))
}

// CountAs has the connection of s count as c, which was begun for it.
func (s *Socket) CountAs(c *quota.Connection) {
	s.quota = c
	c.Belongs((*handler)(s))
}

func (s *Socket) uncount() {
	if c := s.quota; c != nil {
		s.quota = nil
		c.Over((*handler)(s))
	}
}

// The methods of a quota.Peer.

// From returns the address at the other end.
func (h *handler) From() address.Address { return h.peer }

// Progress tells how far the connection has come. Of what was sent counts what the
// other end has acknowledged: the system's own queue is no progress.
func (h *handler) Progress() quota.Progress {
	s := (*Socket)(h)
	taken := s.sent + s.txDirect
	if s.kind == TCP && s.fd >= 0 {
		taken -= uint32(sys.Outstanding(int(s.fd)))
	}
	return quota.Progress{Received: s.received, Taken: taken}
}

// ReaderPaused reports whether bytes have come that s does not read: its turn has not come yet,
// or its buffer is full and that is not because the other end takes no answer.
func (h *handler) ReaderPaused() bool {
	s := (*Socket)(h)
	return s.fd >= 0 && !s.broken && s.arrived() &&
		(s.wantsData() || s.paused && s.state == Connected && !s.owes())
}

// owes reports whether the other end has yet to take something.
func (s *Socket) owes() bool {
	return s.hasUnsent() || s.fd >= 0 && sys.Outstanding(int(s.fd)) > 0
}

// Expire ends the connection because of f. If the other end has yet to take something
// it is reset: the system would go on trying to deliver that, and keep it in memory,
// for minutes.
func (h *handler) Expire(f *failure.Failure) {
	s := (*Socket)(h)
	if s.fd < 0 || s.broken || s.state != Connected && s.state != Closing {
		return
	}
	if s.owes() {
		sys.ResetOnClose(int(s.fd))
	}
	s.failConnection(f)
}
