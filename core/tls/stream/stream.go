// Package stream is an encrypted connection that a loop drives: crypto/tls between what a
// socket reads and writes and what its descriptor does.
//
// It knows no sockets and never waits. The handshake, which crypto/tls cannot interrupt,
// runs on a goroutine that is fed; from then on everything is done by whoever calls.
package stream

import (
	"context"
	"crypto/tls"
	"errors"
	"io"

	"golang.org/x/sys/unix"
)

// Transport is what the encrypted bytes go through.
type Transport interface {
	// Recv takes what has come: 0 at the end, EAGAIN if there is nothing now. Fewer than
	// len(p) bytes are all that there is, or it will be tried again without being asked to.
	Recv(p []byte) (int, error)
	// Send hands over parts, and returns how many bytes were taken; EAGAIN for none.
	Send(parts [][]byte) (int, error)
}

// Stream is one end of a connection, once it has begun. Its methods are not to be called by
// two threads at once.
type Stream struct {
	conn   *tls.Conn
	shake  *handshake // nil once it is over
	err    error      // why it has failed
	wire   wire
	alerts []Alert

	lifetime uint32 // of the ticket of a server before TLS 1.3, in seconds
	ticket   bool   // whether there was one

	more    bool // the last record has bytes that were not read
	drained bool // the system had no more, when Recv was called last
	ended   bool // the peer has said that it sends no more
	told    bool // and that was returned
	untold  bool // why it has failed was not returned yet
	done    bool // the handshake has succeeded
}

// Beginning is how a Stream begins.
type Beginning struct {
	Config *tls.Config // that of a client names the server
	Server bool        // whether it is the end that answers
	// Context is that of the handshake, as the functions of Config are given it.
	Context context.Context
	// Done is called by another goroutine when the handshake is over, before Progress is called for
	// the last time, and may ask for the State, also if there was an error. It may be nil.
	Done func(err error)
	// Progress is called by another goroutine when there is something to be sent or read, or
	// the handshake is over: Recv and Send are to be called then, by whoever may.
	Progress func()
}

// Begin begins the handshake.
func (s *Stream) Begin(b Beginning) {
	if b.Server {
		s.conn = tls.Server(&s.wire, b.Config)
	} else {
		s.conn = tls.Client(&s.wire, b.Config)
	}
	s.begin(b)
}

// Client returns the end that begins the handshake.
func Client(config *tls.Config, progress func()) *Stream {
	s := &Stream{}
	s.Begin(Beginning{Config: config, Context: context.Background(), Progress: progress})
	return s
}

// Server returns the end that answers.
func Server(config *tls.Config, progress func()) *Stream {
	s := &Stream{}
	s.Begin(Beginning{Config: config, Server: true, Context: context.Background(), Progress: progress})
	return s
}

// Encrypted reports whether the handshake is over, with success.
func (s *Stream) Encrypted() bool { return s.shake == nil && s.err == nil }

// Over reports whether the handshake is over, with or without success.
func (s *Stream) Over() bool { return s.shake == nil }

// Done reports whether the handshake has ever succeeded.
func (s *Stream) Done() bool { return s.done }

// AtWork reports whether a goroutine is at work on the handshake that will call progress soon.
func (s *Stream) AtWork() bool { return s.shake != nil && s.shake.atWork() }

// Ended reports whether the peer has said that it sends no more.
func (s *Stream) Ended() bool { return s.ended }

// Err returns why the handshake has failed, or the connection has ended otherwise than by
// its peer's word.
func (s *Stream) Err() error { return s.err }

// State returns what was agreed on, or what there is of that if the handshake has failed;
// only once it is over.
func (s *Stream) State() tls.ConnectionState { return s.conn.ConnectionState() }

// Lifetime returns for how many seconds the ticket may be used that a server before TLS 1.3
// has given in the handshake, and whether it has given one.
func (s *Stream) Lifetime() (seconds uint32, ok bool) { return s.lifetime, s.ticket }

// Recv brings up to len(p) bytes: 0 at the end that the peer has told of, EAGAIN if there is
// nothing now. Without room it only goes on with the handshake. An end that was not told of is
// io.ErrUnexpectedEOF.
func (s *Stream) Recv(t Transport, p []byte) (int, error) {
	s.feed(t)
	switch {
	case s.err != nil:
		s.untold = false
		return -1, s.err
	case s.shake != nil || len(p) == 0:
		return -1, unix.EAGAIN
	}
	// That the system had no more is old by now: this may be the call for its news.
	s.drained = false
	for !s.ended {
		if len(s.wire.out.rest()) > mostAsked {
			s.err = errGreedy
			return -1, s.err
		}
		if !s.more && !s.wire.whole() {
			if err := s.fill(t); err != nil {
				return -1, err
			}
			continue
		}
		n := s.read(t, p)
		// The others that have come with it, as far as there is room.
		for n > 0 && n < len(p) && s.wire.whole() && !s.ended && s.err == nil {
			n += s.read(t, p[n:])
		}
		// Part of a record is worth another look at the system: keeping it costs more.
		if s.drained = s.drained && len(s.wire.in) == 0; s.drained {
			s.wire.shrink()
		}
		if n > 0 {
			s.untold = s.err != nil
			return n, nil
		}
		if s.err != nil {
			return -1, s.err
		}
	}
	s.told = true
	return 0, nil
}

// read reads once what is there, if that is data, or notes what else it is. What is wrong
// the peer is told at once, as nobody sends any more who hears of it.
func (s *Stream) read(t Transport, p []byte) int {
	lent := s.lend()
	n, err := s.conn.Read(p)
	if lent {
		s.takeBack()
	}
	s.more = s.unread(n == len(p))
	switch {
	case n > 0, err == errAgain, err == nil: // or a record without data
	case err == io.EOF:
		s.ended = true
		s.heardEnd()
	default:
		s.failed(err)
		s.err = err
		s.push(t)
	}
	return max(n, 0)
}

// errGreedy is why a connection ends whose peer has us answer and does not listen.
var errGreedy = errors.New("the peer does not read what it asks for")

// fill reads what has come, and reports why there is nothing more.
func (s *Stream) fill(t Transport) error {
	n, err := s.wire.fill(t)
	s.drained = err == unix.EAGAIN || 0 < n && n < short
	if err != nil && err != unix.EAGAIN {
		s.err = err
	}
	return err
}

// short is how few bytes tell that there is no more for now. Those that are still coming in
// are waited for instead.
const short = 4096

// ErrNotYet is why nothing is encrypted before the handshake is over.
var ErrNotYet = errors.New("tls: the handshake is not over")

// Send encrypts some bytes of parts and returns how many, once all that was encrypted before
// is sent: EAGAIN while the system takes no more, ErrNotYet before the end of the handshake.
// Without parts it sends what is held back.
func (s *Stream) Send(t Transport, parts [][]byte) (int, error) {
	s.over()
	if err := s.push(t); err != nil {
		return 0, err
	}
	switch {
	case s.err != nil:
		return 0, s.err
	case s.shake != nil && len(parts) > 0:
		return 0, ErrNotYet
	}
	total := 0
	for _, p := range parts {
		// So much that what does not go out at once is not too much.
		room := mostHeld - len(s.wire.out.rest())
		if room <= 0 {
			break
		}
		if p = p[:min(len(p), room)]; len(p) == 0 {
			continue
		}
		n, err := s.conn.Write(p)
		total += n
		if err != nil {
			s.err = err
			return total, err
		}
	}
	if err := s.push(t); err != nil && err != unix.EAGAIN {
		return total, err
	}
	return total, nil
}

// push sends what is held back.
func (s *Stream) push(t Transport) error {
	if s.shake != nil {
		s.shake.collect(&s.wire)
	}
	return s.wire.push(t)
}

// Holds reports whether Recv may bring more without news from the system, and whether there
// is something to be sent.
func (s *Stream) Holds() (input, output bool) {
	output = len(s.wire.out.rest()) > 0 || s.shake != nil && s.shake.says()
	switch {
	case s.shake != nil || s.err != nil:
		return s.untold, output
	case s.ended:
		return !s.told, output
	}
	return s.more || s.wire.whole() || !s.drained, output
}

// End tells the peer that nothing more will be sent. Before the end of the handshake that
// cannot be told.
func (s *Stream) End(t Transport) {
	if s.shake == nil && s.err == nil {
		if s.conn.CloseWrite() == nil {
			s.alerts = append(s.alerts, Alert{true, Warning, closeNotify})
		}
		s.push(t)
	}
}

// Close gives up whatever is under way.
func (s *Stream) Close() {
	if s.shake != nil {
		s.shake.end(io.ErrClosedPipe)
	}
	s.wire.release()
}
