package session

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"sync"
	"time"

	"qnet/core/failure"
	"qnet/core/tls/certificate"
	"qnet/core/tls/configuration"
	"qnet/core/tls/ocsp"
	"qnet/core/tls/verify"
)

// over is called by the handshake's goroutine at its end: the arithmetic of the verdict is
// not for the loop.
func (s *Session) over(err error) {
	if err != nil {
		return
	}
	if v := s.judge(s.State()); v.failures != nil || v.responses != nil || v.refused != nil {
		s.verdict = &v
	}
}

// judge finds what is wrong with the peer.
func (s *Session) judge(state tls.ConnectionState) (v verdict) {
	c, chain := &s.shared.c, parsed(state.PeerCertificates)
	if len(chain) == 0 {
		if s.shared.server && c.VerifyMode == configuration.VerifyPeer {
			v.failures = []verify.Failure{{Code: verify.NoPeerCertificate}}
		}
		return v
	}
	if c.OCSP && (c.VerifyMode == configuration.VerifyPeer || c.VerifyMode == configuration.AutoVerifyPeer) {
		v.checkOCSP(chain, state.OCSPResponse, s.shared.store(time.Now()))
	}
	if !s.shared.server && !verify.MatchesHost(chain[0], s.name) {
		v.failures = append(v.failures, verify.Failure{Code: verify.HostNameMismatch, Certificate: chain[0]})
	}
	if c.VerifyMode != configuration.VerifyNone {
		v.failures = append(v.failures, s.verifyChain(chain)...)
	}
	return v
}

// checkOCSP looks at what the server shows of its certificate. What cannot be read at all
// ends the connection.
func (v *verdict) checkOCSP(chain []*certificate.Certificate, staple []byte, store *verify.Store) {
	codes, said, err := ocsp.Check(staple, chain, store, time.Now())
	v.responses = said
	if err != nil {
		v.refused = &failure.Failure{Code: failure.SslHandshakeFailed, Text: err.Error()}
	}
	for _, code := range codes {
		f := verify.Failure{Code: code, Certificate: chain[0]}
		if code >= verify.OcspNoResponseFound && code <= verify.OcspResponseCannotBeTrusted {
			f.Certificate = nil // it is about no certificate, as in Qt
		}
		v.failures = append(v.failures, f)
	}
}

// verifyChain returns what is wrong with the peer's chain.
func (s *Session) verifyChain(chain []*certificate.Certificate) []verify.Failure {
	if s.rare != nil && s.rare.hold != nil {
		if failures, known := s.rare.hold.verdict(); known {
			return failures
		}
	}
	now := time.Now()
	o := verify.Options{Now: now, Purpose: verify.Server, Depth: s.shared.c.VerifyDepth, Bits: verify.HandshakeBits}
	if s.shared.server {
		o.Purpose = verify.Client
	}
	return verify.Chain(chain, s.shared.store(now), o)
}

// parsed returns certificates as they are used here.
func parsed(list []*x509.Certificate) []*certificate.Certificate {
	raw := make([][]byte, len(list))
	for i, c := range list {
		raw[i] = c.Raw
	}
	return parse(raw)
}

func parse(raw [][]byte) []*certificate.Certificate {
	list := make([]*certificate.Certificate, 0, len(raw))
	for _, der := range raw {
		// What crypto/tls has taken is one.
		if c, _, ok := certificate.Parse(der); ok {
			list = append(list, c)
		}
	}
	return list
}

// hold is where a handshake waits if something is wrong with the peer's chain.
type hold struct {
	session  *Session
	progress func()

	mu       sync.Mutex
	decided  chan struct{}
	goOn     bool
	waits    bool
	failures []verify.Failure
	known    bool
}

type holdKey struct{}

func newHold(s *Session, progress func()) *hold {
	return &hold{session: s, progress: progress, decided: make(chan struct{})}
}

var errRefused = errors.New("certificate verify failed")

// verify is called by the handshake's goroutine with the certificates of the peer.
func (h *hold) verify(raw [][]byte, _ [][]*x509.Certificate) error {
	chain := parse(raw)
	if len(chain) == 0 || h.session.shared.c.VerifyMode == configuration.VerifyNone {
		return nil
	}
	failures := h.session.verifyChain(chain)
	h.mu.Lock()
	h.failures, h.known, h.waits = failures, true, len(failures) > 0
	h.mu.Unlock()
	if len(failures) == 0 {
		return nil
	}
	h.progress()
	<-h.decided
	if !h.goOn {
		return errRefused
	}
	return nil
}

func (h *hold) verdict() (failures []verify.Failure, known bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.failures, h.known
}

func (h *hold) waiting() []verify.Failure {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.waits {
		return nil
	}
	return h.failures
}

// decide ends the wait; only the first decision counts. One that is made before there is
// anything to decide is that the connection is given up.
func (h *hold) decide(goOn bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case <-h.decided:
		return
	default:
	}
	if goOn && !h.waits {
		return
	}
	h.goOn, h.waits = goOn, false
	close(h.decided)
}
