// Package stream is an encrypted connection that a loop drives: crypto/tls between what a
// socket reads and writes and what its descriptor does.
//
// It knows no sockets and never waits. The handshake, which crypto/tls cannot interrupt,
// runs on a goroutine that is fed; from then on everything is done by whoever calls.
package stream

import (
	"crypto/tls"
	"errors"
	"io"

	"golang.org/x/sys/unix"
)

// Transport is what the encrypted bytes go through.
type Transport interface {
	// Recv takes what has come: 0 at the end, EAGAIN if there is nothing now.
	Recv(p []byte) (int, error)
	// Send hands over parts, and returns how many bytes were taken; EAGAIN for none.
	Send(parts [][]byte) (int, error)
}

// Stream is one end of a connection. Its methods are not to be called by two threads at
// once.
type Stream struct {
	conn  *tls.Conn
	shake *handshake // nil once it is over
	err   error      // why it has failed
	wire  wire

	more    bool // the last record has bytes that were not read
	drained bool // the system had no more
	ended   bool // the peer has said that it sends no more
	told    bool // and that was returned
}

// Client returns the end that begins the handshake; the configuration names the server.
// progress is called by another goroutine when there is something to be sent or read, or the
// handshake is over: Recv and Send are to be called then, by whoever may.
func Client(config *tls.Config, progress func()) *Stream {
	s := &Stream{}
	s.conn = tls.Client(&s.wire, config)
	s.begin(progress)
	return s
}

// Server returns the end that answers.
func Server(config *tls.Config, progress func()) *Stream {
	s := &Stream{}
	s.conn = tls.Server(&s.wire, config)
	s.begin(progress)
	return s
}

// Encrypted reports whether the handshake is over, with success.
func (s *Stream) Encrypted() bool { return s.shake == nil && s.err == nil }

// Err returns why the handshake has failed, or the connection has ended otherwise than by
// its peer's word.
func (s *Stream) Err() error { return s.err }

// State returns what was agreed on; only once it is encrypted.
func (s *Stream) State() tls.ConnectionState { return s.conn.ConnectionState() }

// Recv brings up to len(p) bytes, of which there must be one: 0 at the end that the peer
// has told of, EAGAIN if there is nothing now. An end that it has not told of is
// io.ErrUnexpectedEOF.
func (s *Stream) Recv(t Transport, p []byte) (int, error) {
	s.feed(t)
	switch {
	case s.err != nil:
		return -1, s.err
	case s.shake != nil:
		return -1, unix.EAGAIN
	}
	for !s.ended {
		if !s.more && !s.wire.hasRecord() {
			if err := s.fill(t); err != nil {
				return -1, err
			}
			continue
		}
		n, err := s.conn.Read(p)
		s.more = n == len(p)
		switch {
		case n > 0:
			return n, nil
		case err == errAgain || err == nil: // a record without data
		case err == io.EOF:
			s.ended = true
		default:
			s.err = err
			return -1, err
		}
	}
	s.told = true
	return 0, nil
}

// fill reads what has come, and reports why there is nothing more.
func (s *Stream) fill(t Transport) error {
	err := s.wire.fill(t)
	s.drained = err == unix.EAGAIN
	if err != nil && !s.drained {
		s.err = err
	}
	return err
}

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
		p = p[:min(len(p), max(0, mostHeld-len(s.wire.out)))]
		if len(p) == 0 {
			break
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
	output = len(s.wire.out) > 0 || s.shake != nil && s.shake.says()
	switch {
	case s.shake != nil || s.err != nil:
		return false, output
	case s.ended:
		return !s.told, output
	}
	return s.more || s.wire.hasRecord() || !s.drained, output
}

// End tells the peer that nothing more will be sent. Before the end of the handshake that
// cannot be told.
func (s *Stream) End(t Transport) {
	if s.shake == nil && s.err == nil {
		s.conn.CloseWrite()
		s.push(t)
	}
}

// Close gives up whatever is under way.
func (s *Stream) Close() {
	if s.shake != nil {
		s.shake.cancel()
	}
	s.wire.release()
}
