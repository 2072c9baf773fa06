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

// waryReads is how many reads find out whether descriptors come that nobody wants.
const waryReads = 16

// passing is the filter that brings descriptors along with the bytes of a local socket.
// It is there while some are to be sent, or received, or may come unasked.
type passing struct {
	receives  bool
	wary      int        // reads that are still to find out whether some come unasked
	outgoing  []outgoing // in the order of their messages
	incoming  []int      // received, and nobody has taken them
	control   []byte     // room for those that come
	truncated bool       // some did not find room
}

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
	n := s.allow(len(p))
	if n <= 0 {
		return n
	}
	p = p[:n]
	own, f := duplicate(descriptors)
	if f != nil {
		s.failure = f
		return -1
	}
	part := s.passing()
	part.outgoing = append(part.outgoing, outgoing{s.tx.Len(), own})
	s.pass()
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

// Send sends up to the byte that the first descriptors travel with, or from it up to the
// next.
func (p *passing) Send(raw *Raw, parts [][]byte) (int, error) {
	if len(p.outgoing) == 0 {
		return raw.Send(parts)
	}
	n, err := 0, error(nil)
	if first := p.outgoing[0]; first.after > 0 {
		n, err = raw.Send(upTo(parts, first.after))
	} else {
		if len(p.outgoing) > 1 {
			parts = upTo(parts, p.outgoing[1].after)
		}
		if n, err = sys.SendDescriptors(raw.FD(), parts, first.descriptors); err == nil {
			closeAll(first.descriptors)
			p.outgoing = p.outgoing[1:]
		}
	}
	if err == nil {
		for i := range p.outgoing {
			p.outgoing[i].after -= n
		}
		p.leave(raw)
	}
	return n, err
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

// Holds reports nothing: the system keeps it all.
func (p *passing) Holds() (input, output bool) { return false, false }

// End has nothing to say.
func (p *passing) End(*Raw) {}

// Close closes what was to be sent. What was received can be taken still.
func (p *passing) Close() {
	for _, o := range p.outgoing {
		closeAll(o.descriptors)
	}
	p.outgoing = nil
}

// passing returns that of a local socket.
func (s *Socket) passing() *passing { return &s.cold.local.passing }

// pass has what is read and sent go through passing, which leaves by itself.
func (s *Socket) pass() { s.cold.filter, s.filtering = s.passing(), filtered }

// leave takes p out if there is nothing more to do.
func (p *passing) leave(raw *Raw) {
	if !p.receives && p.wary == 0 && len(p.outgoing) == 0 {
		raw.Leave()
	}
}

// SetReceivesDescriptors has the descriptors that the peer sends received;
// otherwise the system closes them.
func (s *Socket) SetReceivesDescriptors(on bool) {
	crowded := s.descriptorsFull()
	p := s.passing()
	p.receives, p.wary = on, 0
	if on && p.control == nil {
		p.control = make([]byte, sys.ControlSize)
	}
	switch {
	case s.fd < 0:
	case on:
		s.pass()
		s.expectDescriptors()
	case s.filtering != 0:
		p.leave((*Raw)(s))
	}
	s.resumeIfTaken(crowded)
}

// ReceivesDescriptors reports what SetReceivesDescriptors was given.
func (s *Socket) ReceivesDescriptors() bool { return s.receives() }

func (s *Socket) receives() bool { return s.kind == Local && s.passing().receives }

// The system ends a read at a message with descriptors, also if nobody wants them, and
// does not say so: what is behind it is no news. A socket that may get such messages
// is told of all data in each turn, which costs a twentieth of the time of a short
// message; the others are not. A peer that sends them unasked is found out: by the first
// reads, and by Recheck.

// watchForDescriptors prepares for a new descriptor, of a stream if it says so.
func (s *Socket) watchForDescriptors(stream bool) {
	s.passing().wary = 0
	s.edge = stream && !s.receives()
	if s.receives() {
		s.pass()
	}
	s.beWary()
}

// beWary has the next reads find out whether the peer sends descriptors unasked, for
// which the system has more to do.
func (s *Socket) beWary() {
	if s.edge {
		s.passing().wary = waryReads
		s.pass()
	}
}

// expectDescriptors has s told of all data in each turn.
func (s *Socket) expectDescriptors() {
	if s.edge {
		s.edge = false
		s.updateInterest()
	}
}

// Recv also takes the descriptors that come, or finds out whether some do.
func (p *passing) Recv(raw *Raw, room []byte) (int, error) {
	if p.receives {
		n, descriptors, lost, err := sys.RecvDescriptors(raw.FD(), room, p.control)
		p.incoming = append(p.incoming, descriptors...)
		p.truncated = p.truncated || lost
		return n, err
	}
	if p.wary == 0 {
		return raw.Recv(room)
	}
	n, _, came, err := sys.RecvDescriptors(raw.FD(), room, nil)
	p.wary--
	if came {
		p.wary = 0
		(*Socket)(raw).expectDescriptors()
	}
	p.leave(raw)
	return n, err
}

// reportTruncation reports descriptors for which there was no room. It reports whether to
// go on.
func (s *Socket) reportTruncation() bool {
	p := s.passing()
	if !p.truncated {
		return true
	}
	p.truncated = false
	return s.fail(failure.LostDescriptors)
}

// DescriptorCount returns how many received descriptors can be taken.
func (s *Socket) DescriptorCount() int { return len(s.passing().incoming) }

// TakeDescriptors returns up to most received descriptors, the oldest first. They are
// the caller's then.
func (s *Socket) TakeDescriptors(most int) []int {
	p := s.passing()
	n := min(most, len(p.incoming))
	taken := p.incoming[:n]
	crowded := s.descriptorsFull()
	p.incoming = p.incoming[n:]
	if len(p.incoming) == 0 {
		p.incoming = nil
	}
	s.resumeIfTaken(crowded)
	return taken
}

// resumeIfTaken reads on if too many descriptors were the reason not to.
func (s *Socket) resumeIfTaken(before bool) {
	if before && !s.full() {
		s.resumeReading()
	}
}

// descriptorsFull reports whether too many received descriptors wait to be taken.
func (s *Socket) descriptorsFull() bool {
	return s.receives() && len(s.passing().incoming) >= maxUntaken
}

// closeDescriptors closes the received ones that nobody has taken.
func (s *Socket) closeDescriptors() {
	if s.kind == Local {
		p := s.passing()
		closeAll(p.incoming)
		p.incoming, p.truncated = nil, false
	}
}

// scheduleRecheck has s look once more, in a while, whether there is something to read.
func (s *Socket) scheduleRecheck() {
	if s.recheck == none {
		s.recheck = scheduled
		s.Loop().ScheduleRecheck((*handler)(s))
	}
}

// Recheck is called by the loop some time after scheduleRecheck.
func (h *handler) Recheck() {
	s := (*Socket)(h)
	transient := s.recheck == noMemory
	s.recheck = none
	if transient {
		s.retry()
	}
	if s.kind == Local && s.edge && s.arrived() {
		// Either it has come just now, or it was behind a message with descriptors.
		s.beWary()
	}
	s.rearm(poll.In)
}
