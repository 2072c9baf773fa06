package socket

import (
	"errors"

	"qnet/core/poll"
	"qnet/core/sys"
)

// Filter stands between a stream socket and its descriptor: what is read and what is sent
// goes through it, for as long as the connection lasts or until it leaves. So limits,
// waits, rounds and ends are the socket's, whatever the filter does to the bytes.
//
// Most sockets have none, and pay nothing. A filter's methods are called with the loop's
// lock held, and must not give it up.
type Filter interface {
	// Recv brings up to len(p) bytes: 0 at the end of what the peer sends, EAGAIN if there
	// is nothing now. It has then asked the system until that had nothing more.
	Recv(raw *Raw, p []byte) (int, error)
	// Send takes some bytes of parts and returns how many, once all that it has held back
	// is sent. It returns EAGAIN while the system takes no more, and NotYet if it takes
	// nothing itself before it has called Raw.Again. Without parts nothing is to be taken.
	Send(raw *Raw, parts [][]byte) (int, error)
	// Holds reports whether Recv may bring more, or an end, without any news from the system,
	// and whether something is held back that is to be sent. It is asked after each of the
	// others, and when Raw.Again is called. A Recv that has not asked the system, as enough was
	// there, may have been called for its news, which are not told again: so it holds input.
	Holds() (input, output bool)
	// End is told once that nothing more will be sent. The last of its bytes may be held
	// back.
	End(raw *Raw)
	// Close ends it, with the connection or when it leaves.
	Close()
}

// NotYet is why a filter takes nothing to be sent.
var NotYet = errors.New("the filter is not ready")

// Raw is a socket as its filter sees it, until Filter.Close.
type Raw Socket

// FD returns the descriptor.
func (r *Raw) FD() int { return int(r.fd) }

// Recv takes what the system has.
func (r *Raw) Recv(p []byte) (int, error) { return sys.Recv(r.FD(), p) }

// Send hands parts, as many as sys.MaxParts, to the system, and returns how many bytes it
// has taken.
func (r *Raw) Send(parts [][]byte) (int, error) {
	if len(parts) == 1 {
		return sys.SendOne(r.FD(), parts[0])
	}
	return sys.Send(r.FD(), parts)
}

// Again has the socket read and send once more, soon: something is ready of which the
// system does not tell.
func (r *Raw) Again() {
	s := (*Socket)(r)
	if s.outlet == held {
		s.outlet = free
		s.updateInterest()
	}
	s.filterUsed()
	s.flushLater()
	s.readAgain()
	s.notifyWaiters()
}

// Leave takes the filter out: from now on the socket is a plain one.
func (r *Raw) Leave() { (*Socket)(r).dropFilter() }

// SetFilter has what is read and sent go through f, instead of another filter, until the
// connection ends; without one f is closed at once. It goes through the buffers also if s
// was connected with Unbuffered.
func (s *Socket) SetFilter(f Filter) {
	if s.state != Connected || s.fd < 0 || s.broken || s.udp() != nil {
		f.Close()
		return
	}
	s.dropFilter()
	s.ensureCold().filter, s.filtering = f, filtered
	s.bypass = false
	(*Raw)(s).Again()
}

func (s *Socket) dropFilter() {
	if s.filtering != 0 {
		f := s.filter()
		s.cold.filter, s.filtering = nil, 0
		f.Close()
	}
}

// filtering is what s knows of its filter.
type filtering uint8

const (
	filtered   filtering = 1 << iota // there is one
	holdsInput                       // as it says itself
	holdsOutput
)

// filter returns the filter, which there must be.
func (s *Socket) filter() Filter { return s.cold.filter }

// filterUsed looks what a filter has become by being used; it may have left.
func (s *Socket) filterUsed() {
	if s.filtering == 0 {
		return
	}
	s.filtering = filtered
	input, output := s.filter().Holds()
	if input {
		s.filtering |= holdsInput
	}
	if output {
		s.filtering |= holdsOutput
	}
}

// readAgain has s read in the next turn, if it reads.
func (s *Socket) readAgain() {
	if s.watch != 0 {
		s.Loop().Requeue(s.watch, poll.In)
	}
}

// What follows is all that moves bytes between a stream and its descriptor.

// recv takes what has come.
func (s *Socket) recv(p []byte) (int, error) {
	if s.filtering != 0 {
		return s.recvFiltered(p)
	}
	return sys.Recv(int(s.fd), p)
}

func (s *Socket) recvFiltered(p []byte) (int, error) {
	n, err := s.filter().Recv((*Raw)(s), p)
	s.filterUsed()
	if s.filtering&holdsInput != 0 {
		s.readAgain()
	}
	if s.filtering&holdsOutput != 0 {
		s.flushLater()
	}
	return n, err
}

// send sends of p what is taken.
func (s *Socket) send(p []byte) (int, error) {
	if s.filtering != 0 {
		parts := &s.pool().Parts
		parts[0] = p
		return s.sendFiltered(parts[:1])
	}
	return sys.SendOne(int(s.fd), p)
}

// sendQueued sends what is taken of the first that is to be sent.
func (s *Socket) sendQueued() (int, error) {
	if f, first := s.tx.File(); first {
		return s.sendFile(f)
	}
	if s.filtering != 0 {
		return s.sendFiltered(s.tx.Parts(s.pool().Parts[:]))
	}
	if p, all := s.tx.First(); all {
		return sys.SendOne(int(s.fd), p)
	}
	var parts [sys.MaxParts][]byte
	return sys.Send(int(s.fd), s.tx.Parts(parts[:]))
}

// sendFiltered is given parts of the pool's room: an array of its own would not stay on
// the stack.
func (s *Socket) sendFiltered(parts [][]byte) (int, error) {
	n, err := s.filter().Send((*Raw)(s), parts)
	clear(parts)
	s.filterUsed()
	return n, err
}

// endOutput has a filter send what it has to say last, and reports whether nothing is left
// to be sent.
func (s *Socket) endOutput() bool {
	if s.filtering == 0 {
		return true
	}
	if !s.has(outputEnded) {
		s.ends |= outputEnded
		s.filter().End((*Raw)(s))
		s.filterUsed()
	}
	return s.filtering&holdsOutput == 0
}

// arrived reports whether there are bytes that s has not read.
func (s *Socket) arrived() bool { return s.filtering&holdsInput != 0 || sys.Available(int(s.fd)) > 0 }

// drain takes from the system what nobody will read, and returns how much that was.
func (s *Socket) drain(p []byte) (int, error) { return sys.RecvUnwanted(int(s.fd), p) }
