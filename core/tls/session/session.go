// Package session is one encrypted connection as Qt has it: what a configuration asks for,
// done by crypto/tls, and what is wrong with the peer, said in Qt's words. It knows no
// sockets.
package session

import (
	"context"
	"crypto/tls"

	"qnet/core/failure"
	"qnet/core/tls/certificate"
	"qnet/core/tls/cipher"
	"qnet/core/tls/configuration"
	"qnet/core/tls/protocol"
	"qnet/core/tls/stream"
	"qnet/core/tls/verify"
)

// Session is one end of a connection. Its methods are not to be called by two threads at
// once, and never wait.
type Session struct {
	stream.Stream
	shared *shared
	name   string                     // of the server
	chain  []*certificate.Certificate // the peer's, if somebody has asked for it
	rare   *rare                      // nil for most
	// verdict is what the handshake's goroutine has found, nil if that is nothing. Nobody else
	// looks at it before the handshake is over.
	verdict *verdict
}

// rare is what few connections have.
type rare struct {
	hold    *hold    // it may be interrupted
	tickets *tickets // it keeps them
}

// verdict is what was found of a peer.
type verdict struct {
	failures  []verify.Failure
	responses []configuration.OCSPResponse
	refused   *failure.Failure // why the connection is none, though the peer thinks so
}

// Client returns the end that begins the handshake. The name is that of the server, which is
// asked for and is to be in its certificate: without one no certificate is right. progress is
// called by another goroutine when there is something to be sent or read, the handshake is
// interrupted or over: Recv and Send are to be called then, by whoever may. The error is
// Unusable.
func Client(c configuration.Configuration, name string, progress func()) (*Session, error) {
	shared, err := sharedFor(c, false)
	if err != nil {
		return nil, err
	}
	s := &Session{shared: shared, name: name}
	s.begin(c, stream.Beginning{Config: shared.client(name), Progress: progress})
	return s, nil
}

// Server returns the end that answers.
func Server(c configuration.Configuration, progress func()) (*Session, error) {
	shared, err := sharedFor(c, true)
	if err != nil {
		return nil, err
	}
	s := &Session{shared: shared}
	s.begin(c, stream.Beginning{Config: shared.base, Server: true, Progress: progress})
	return s, nil
}

// begin begins the handshake, with a configuration of its own for what is to be known of
// this session alone.
func (s *Session) begin(c configuration.Configuration, b stream.Beginning) {
	b.Context, b.Done = context.Background(), s.over
	keeps := !b.Server && !c.Has(configuration.DisableSessionPersistence) && !c.Has(configuration.DisableSessionTickets)
	if c.InterruptOnError || keeps {
		s.rare = &rare{}
	}
	if keeps {
		s.rare.tickets = newTickets(c)
	}
	if c.InterruptOnError {
		s.rare.hold = newHold(s, b.Progress)
	}
	switch {
	case s.rare == nil:
	case b.Server:
		// Tickets have the keys of the configuration that is shared, which is why there
		// is no other one before the client has said something.
		b.Context = context.WithValue(b.Context, holdKey{}, s.rare.hold)
	default:
		b.Config = b.Config.Clone()
		if keeps {
			b.Config.ClientSessionCache = s.rare.tickets
		}
		if s.rare.hold != nil {
			b.Config.VerifyPeerCertificate = s.rare.hold.verify
		}
	}
	s.Begin(b)
}

// Recv brings up to len(p) bytes: 0 at the end that the peer has told of, EAGAIN if there is
// nothing now. Other errors are *failure.Failure or the system's.
func (s *Session) Recv(t stream.Transport, p []byte) (int, error) {
	n, err := s.Stream.Recv(t, p)
	if why := s.refused(); why != nil {
		return -1, why
	}
	return n, s.failure(err)
}

// Send encrypts some bytes of parts and returns how many; EAGAIN while the system takes no
// more, stream.ErrNotYet before the end of the handshake. Without parts it sends what is
// held back. Other errors are *failure.Failure or the system's.
func (s *Session) Send(t stream.Transport, parts [][]byte) (int, error) {
	if s.refused() != nil {
		parts = nil
	}
	n, err := s.Stream.Send(t, parts)
	if why := s.refused(); why != nil && err == nil {
		err = why
	}
	return n, s.failure(err)
}

// refused returns why the connection is none although the handshake went well, nil if it is
// one.
func (s *Session) refused() error {
	if !s.Over() || s.verdict == nil || s.verdict.refused == nil {
		return nil
	}
	return s.verdict.refused
}

// Encrypted reports whether the handshake is over, with success, whatever the verdict.
func (s *Session) Encrypted() bool { return s.Stream.Encrypted() && s.refused() == nil }

// Err returns why the handshake has failed, or the connection has ended otherwise than by
// its peer's word: *failure.Failure or an error of the system's.
func (s *Session) Err() error {
	if why := s.refused(); why != nil {
		return why
	}
	return s.failure(s.Stream.Err())
}

// Close gives up whatever is under way.
func (s *Session) Close() {
	if s.rare != nil && s.rare.hold != nil {
		s.rare.hold.decide(false)
	}
	s.Stream.Close()
}

// Failures returns what is wrong with the peer, once it is encrypted: in Qt's order, nil if
// nothing is. Whether that matters is for the caller to see (VerifyNone, QueryPeer).
func (s *Session) Failures() []verify.Failure {
	if !s.Encrypted() || s.verdict == nil {
		return nil
	}
	return s.verdict.failures
}

// Interrupted returns what was found of the peer's chain while the handshake waits for
// Continue or Refuse, nil if it does not.
func (s *Session) Interrupted() []verify.Failure {
	if s.rare == nil || s.rare.hold == nil {
		return nil
	}
	return s.rare.hold.waiting()
}

// Continue has an interrupted handshake go on (QSslSocket::continueInterruptedHandshake).
func (s *Session) Continue() {
	if s.rare != nil && s.rare.hold != nil {
		s.rare.hold.decide(true)
	}
}

// Refuse has an interrupted handshake fail, which tells the peer.
func (s *Session) Refuse() {
	if s.rare != nil && s.rare.hold != nil {
		s.rare.hold.decide(false)
	}
}

// Connection returns what is known of the connection, nil while the handshake is under way.
func (s *Session) Connection() *configuration.Connection {
	if !s.Over() {
		return nil
	}
	state := s.State()
	if s.chain == nil {
		s.chain = parsed(state.PeerCertificates)
	}
	c := &configuration.Connection{PeerChain: s.chain, Protocol: protocol.UnknownProtocol, TicketLifetime: -1}
	if s.verdict != nil {
		c.OCSPResponses = s.verdict.responses
	}
	if !s.Encrypted() {
		return c
	}
	c.Cipher, c.Protocol, c.Resumed = cipher.ByID(state.CipherSuite), protocol.Of(state.Version), state.DidResume
	if state.NegotiatedProtocol != "" {
		c.NextProtocol, c.NextStatus = []byte(state.NegotiatedProtocol), configuration.NextProtocolNegotiated
	}
	if s.rare != nil && s.rare.tickets != nil {
		seconds, given := s.Lifetime()
		c.Ticket, c.TicketLifetime = s.rare.tickets.export(seconds, given)
	}
	return c
}

// TakeTickets returns how many tickets have come since it was last called: only those of
// TLS 1.3, which come after the handshake (QSslSocket::newSessionTicketReceived).
func (s *Session) TakeTickets() int {
	if s.rare == nil || s.rare.tickets == nil || !s.Encrypted() {
		return 0
	}
	n := s.rare.tickets.take()
	if n > 0 && s.State().Version < tls.VersionTLS13 {
		n = 0
	}
	return n
}
