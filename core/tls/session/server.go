package session

import (
	"crypto/tls"
	"slices"

	"qnet/core/tls/cipher"
	"qnet/core/tls/configuration"
)

// variant is what a server chooses for a client.
type variant struct {
	own   int    // which of its certificates
	suite uint16 // before TLS 1.3; 0: crypto/tls chooses
	plain bool   // no next protocol in common: Qt goes on without
}

// forClient returns the configuration for crypto/tls for a client.
func (s *shared) forClient(hello *tls.ClientHelloInfo) (*tls.Config, error) {
	v := variant{own: s.forName(hello)}
	v.suite = s.suiteFor(hello, v.own)
	v.plain = len(hello.SupportedProtos) > 0 &&
		!slices.ContainsFunc(s.base.NextProtos, func(p string) bool { return slices.Contains(hello.SupportedProtos, p) })
	c := s.variant(v)
	if h, _ := hello.Context().Value(holdKey{}).(*hold); h != nil {
		c = c.Clone()
		c.VerifyPeerCertificate = h.verify
	}
	return c, nil
}

// variant returns a variant of the configuration for crypto/tls.
func (s *shared) variant(v variant) *tls.Config {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.variants[v]; c != nil {
		return c
	}
	c := s.base.Clone()
	c.GetConfigForClient = nil
	if v.own >= 0 {
		c.Certificates = []tls.Certificate{s.own[v.own].pair}
	}
	if v.suite != 0 {
		c.CipherSuites = []uint16{v.suite}
	}
	if v.plain {
		c.NextProtos = nil
	}
	if s.variants == nil {
		s.variants = map[variant]*tls.Config{}
	}
	s.variants[v] = c
	return c
}

// suiteFor chooses the suite for a client, as crypto/tls has an order of its own: the first
// of the server's that the client has, or of the client's that the server has. It returns 0 to leave it to
// crypto/tls.
func (s *shared) suiteFor(hello *tls.ClientHelloInfo, own int) uint16 {
	clientsOrder := s.c.Has(configuration.DisableServerCipherPreference)
	if s.suites == nil && !clientsOrder || own < 0 {
		return 0
	}
	version := uint16(0)
	for _, v := range hello.SupportedVersions {
		if v >= s.min && v <= s.max {
			version = max(version, v)
		}
	}
	if version >= tls.VersionTLS13 {
		return 0
	}
	ours := s.suites
	if ours == nil {
		for _, c := range cipher.Default() {
			ours = append(ours, c.ID())
		}
	}
	first, second := ours, hello.CipherSuites
	if clientsOrder {
		first, second = second, first
	}
	for _, suite := range first {
		if !slices.Contains(second, suite) {
			continue
		}
		// crypto/tls looks whether a certificate fits to a client's suites.
		only := *hello
		only.CipherSuites, only.SupportedVersions = []uint16{suite}, []uint16{version}
		if only.SupportsCertificate(&s.own[own].pair) == nil {
			return suite
		}
	}
	return 0
}
