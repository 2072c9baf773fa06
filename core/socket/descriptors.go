package socket

import (
	"golang.org/x/sys/unix"

	"qnet/core/failure"
	"qnet/core/poll"
	"qnet/core/sys"
)

// maxUntaken is how many received descriptors wait to be taken. Nothing is
// read any more then: a peer must not fill the process's table.
const maxUntaken = 2 * sys.MaxDescriptors

// heed is why reads look at the descriptors that come.
type heed uint8

const (
	wanted  heed = 1 << iota // they are received
	unasked                  // it is found out whether some come all the same
)

// waryReads is how many reads find out whether descriptors come that nobody wants.
const waryReads = 16

// outgoing are descriptors that travel with a byte of what is to be sent.
type outgoing struct {
	after       int // how many bytes are to be sent before
	descriptors []int
}

// WriteWithDescriptors is Write of a message that brings the peer duplicates of
// open descriptors, with its first byte.
func (s *Socket) WriteWithDescriptors(p []byte, descriptors []int) int {
	switch {
	case len(descriptors) == 0:
		return s.Write(p)
	case s.state != Connected || s.mode&WriteOnly == 0 || s.has(writeEnded):
		return s.Write(p) // which fails
	case len(p) == 0:
		s.failure = failure.EmptyMessage
		return -1
	case len(descriptors) > sys.MaxDescriptors:
		s.failure = failure.ManyDescriptors
		return -1
	}
	if p = s.cut(p); len(p) == 0 {
		return 0
	}
	own, f := duplicate(descriptors)
	if f != nil {
		s.failure = f
		return -1
	}
	part := s.rare.local
	part.outgoing = append(part.outgoing, outgoing{s.tx.Len(), own})
	s.carries = true
	s.tx.Append(s.pool(), p)
	s.flushLater()
	return len(p)
}

// duplicate returns descriptors of our own, so that the caller may close his.
func duplicate(descriptors []int) ([]int, *failure.Failure) {
	own := make([]int, 0, len(descriptors))
	for _, fd := range descriptors {
		d, err := sys.Duplicate(fd)
		if err != nil {
			closeAll(own)
			if err == unix.EBADF {
				return nil, failure.ClosedDescriptor
			}
			return nil, failure.Create(err)
		}
		own = append(own, d)
	}
	return own, nil
}

func closeAll(descriptors []int) {
	for _, fd := range descriptors {
		sys.Close(fd)
	}
}

// sendDescriptors is send while there are descriptors to be sent: up to the
// byte that the first of them travel with, or from it up to the next.
func (s *Socket) sendDescriptors() (int, error) {
	p := s.rare.local
	limit := s.tx.Len()
	var descriptors []int
	if first := p.outgoing[0]; first.after > 0 {
		limit = first.after
	} else {
		descriptors = first.descriptors
		if len(p.outgoing) > 1 {
			limit = p.outgoing[1].after
		}
	}
	var space [sys.MaxParts][]byte
	parts := upTo(s.tx.Parts(space[:]), limit)
	n, err := 0, error(nil)
	if descriptors == nil {
		n, err = sys.Send(int(s.fd), parts)
	} else {
		n, err = sys.SendDescriptors(int(s.fd), parts, descriptors)
	}
	if err != nil {
		return n, err
	}
	if descriptors != nil {
		closeAll(descriptors)
		p.outgoing = p.outgoing[1:]
	}
	for i := range p.outgoing {
		p.outgoing[i].after -= n
	}
	s.carries = len(p.outgoing) > 0
	return n, nil
}

// upTo returns the first limit bytes of parts.
func upTo(parts [][]byte, limit int) [][]byte {
	for i, p := range parts {
		if len(p) >= limit {
			parts[i] = p[:limit]
			return parts[:i+1]
		}
		limit -= len(p)
	}
	return parts
}

// dropOutgoing closes what was to be sent.
func (s *Socket) dropOutgoing() {
	p := s.rare.local
	for _, o := range p.outgoing {
		closeAll(o.descriptors)
	}
	p.outgoing, s.carries = nil, false
}

// SetReceivesDescriptors has the descriptors that the peer sends received;
// otherwise the system closes them.
func (s *Socket) SetReceivesDescriptors(on bool) {
	crowded := s.crowded()
	s.heeds = 0
	if on {
		s.heeds = wanted
		s.expectDescriptors()
	}
	if p := s.rare.local; on && p.control == nil {
		p.control = make([]byte, sys.ControlSize)
	}
	s.uncrowded(crowded)
}

// ReceivesDescriptors reports what SetReceivesDescriptors was given.
func (s *Socket) ReceivesDescriptors() bool { return s.receives() }

func (s *Socket) receives() bool { return s.heeds&wanted != 0 }

// The system ends a read at a message with descriptors, also if nobody wants them, and
// does not say so: what is behind it is no news. A socket that may get such messages
// is told of all data in each turn, which costs a twentieth of the time of a short
// message; the others are not. A peer that sends them unasked is found out: by the first
// reads, and by Look.

// beginHeeding prepares for a new descriptor, of a stream if it says so.
func (s *Socket) beginHeeding(stream bool) {
	s.edge = stream && !s.receives()
	s.beWary()
}

// beWary has the next reads find out whether the peer sends descriptors unasked, for
// which the system has more to do.
func (s *Socket) beWary() {
	if s.edge {
		s.heeds |= unasked
		s.rare.local.wary = waryReads
	}
}

// expectDescriptors has s told of all data in each turn.
func (s *Socket) expectDescriptors() {
	s.heeds &^= unasked
	if s.edge {
		s.edge = false
		s.updateInterest()
	}
}

// recvHeeding is recv for a socket to which descriptors may come.
func (s *Socket) recvHeeding(p []byte) (int, error) {
	if s.receives() {
		return s.recvDescriptors(p)
	}
	n, _, came, err := sys.RecvDescriptors(int(s.fd), p, nil)
	part := s.rare.local
	if part.wary--; part.wary <= 0 {
		s.heeds &^= unasked
	}
	if came {
		s.expectDescriptors()
	}
	return n, err
}

// recvDescriptors is recv for a socket that receives descriptors too.
func (s *Socket) recvDescriptors(p []byte) (int, error) {
	part := s.rare.local
	n, descriptors, lost, err := sys.RecvDescriptors(int(s.fd), p, part.control)
	part.incoming = append(part.incoming, descriptors...)
	part.lost = part.lost || lost
	return n, err
}

// sayLost reports descriptors for which there was no room. It tells whether to
// go on.
func (s *Socket) sayLost() bool {
	p := s.rare.local
	if !p.lost {
		return true
	}
	p.lost = false
	return s.fail(failure.LostDescriptors)
}

// DescriptorCount returns how many received descriptors can be taken.
func (s *Socket) DescriptorCount() int { return len(s.rare.local.incoming) }

// TakeDescriptors returns up to most received descriptors, the oldest first. They are
// the caller's then.
func (s *Socket) TakeDescriptors(most int) []int {
	p := s.rare.local
	n := min(most, len(p.incoming))
	taken := p.incoming[:n]
	crowded := s.crowded()
	p.incoming = p.incoming[n:]
	if len(p.incoming) == 0 {
		p.incoming = nil
	}
	s.uncrowded(crowded)
	return taken
}

// uncrowded reads on if too many descriptors were the reason not to.
func (s *Socket) uncrowded(before bool) {
	if before && !s.full() {
		s.resumeReading()
	}
}

// crowded tells whether too many received descriptors wait to be taken.
func (s *Socket) crowded() bool {
	return s.receives() && len(s.rare.local.incoming) >= maxUntaken
}

// closeDescriptors closes the received ones that nobody has taken.
func (s *Socket) closeDescriptors() {
	if s.kind == Local {
		p := s.rare.local
		closeAll(p.incoming)
		p.incoming, p.lost = nil, false
	}
}

// lookLater has s look again, in a while, whether there is more to read.
func (s *Socket) lookLater() {
	if s.edge && !s.looking {
		s.looking = true
		s.Loop().LookLater(s)
	}
}

// Look is called by the loop some time after LookLater.
func (s *Socket) Look() {
	s.looking = false
	s.feed()
	if s.kind == Local && s.edge && sys.Available(int(s.fd)) > 0 {
		// Either it has come just now, or it was behind a message with descriptors.
		s.beWary()
	}
	s.rearm(poll.In)
}
