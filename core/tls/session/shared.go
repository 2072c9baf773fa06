package session

import (
	"crypto/tls"
	"slices"
	"sync"
	"time"
	"unsafe"

	"qnet/core/failure"
	"qnet/core/tls/certificate"
	"qnet/core/tls/cipher"
	"qnet/core/tls/configuration"
	"qnet/core/tls/key"
	"qnet/core/tls/protocol"
	"qnet/core/tls/verify"
)

// shared is what all connections of one configuration have together, so that thousands of
// them need it once: the configuration for crypto/tls, with the keys of a server's tickets,
// and who is trusted.
type shared struct {
	c      configuration.Configuration
	server bool
	base   *tls.Config
	// defaults and alternatives are the certificates of a server.
	own          []identity
	min, max     uint16
	suites       []uint16 // before TLS 1.3, in their order; nil: as crypto/tls likes
	mu           sync.Mutex
	trusted      *verify.Store
	trustedSince time.Time
	clients      map[string]*tls.Config // by the server's name
	variants     map[variant]*tls.Config
}

// identity is a certificate with its key, here and as crypto/tls has it.
type identity struct {
	leaf *certificate.Certificate
	pair tls.Certificate
}

// id tells configurations apart as far as crypto/tls is concerned. Slices are never changed
// in place, so that they are the same if they are in the same place.
type id struct {
	server                                                    bool
	protocol                                                  protocol.Protocol
	mode                                                      configuration.VerifyMode
	depth                                                     int
	options                                                   configuration.Option
	ocsp, system, missing                                     bool
	key                                                       *key.Key
	chain, alternatives, ciphers, curves, authorities, protos place
}

type place struct {
	at     unsafe.Pointer
	length int
}

func at[T any](list []T) place { return place{unsafe.Pointer(unsafe.SliceData(list)), len(list)} }

func idOf(c configuration.Configuration, server bool) id {
	return id{server, c.Protocol, c.VerifyMode, c.VerifyDepth, c.Options, c.OCSP, c.SystemAuthorities, c.MissingCertificateIsFatal, c.PrivateKey,
		at(c.LocalChain), at(c.Alternatives), at(c.Ciphers), at(c.Curves), at(c.Authorities), at(c.NextProtocols)}
}

// known are the configurations that were used last. To forget one costs time, and the keys
// of its tickets.
var known = struct {
	sync.Mutex
	all  map[id]*entry
	tick uint64
}{all: map[id]*entry{}}

type entry struct {
	shared *shared
	used   uint64
}

const mostKnown = 64

// sharedFor returns what connections with a configuration share.
func sharedFor(c configuration.Configuration, server bool) (*shared, error) {
	c.SessionTicket, c.Connection = nil, nil
	i := idOf(c, server)
	known.Lock()
	defer known.Unlock()
	known.tick++
	if e := known.all[i]; e != nil {
		e.used = known.tick
		return e.shared, nil
	}
	s := &shared{c: c, server: server}
	if err := s.build(); err != nil {
		return nil, err
	}
	if len(known.all) >= mostKnown {
		var oldest id
		last := known.tick
		for i, e := range known.all {
			if e.used < last {
				oldest, last = i, e.used
			}
		}
		delete(known.all, oldest)
	}
	known.all[i] = &entry{s, known.tick}
	return s, nil
}

// build makes the configuration for crypto/tls.
func (s *shared) build() error {
	c := &s.c
	var ok bool
	if s.min, s.max, ok = c.Protocol.Range(); !ok {
		return Unusable{{Code: failure.SslInvalidUserData, Text: "Attempted to use an unsupported protocol."}}
	}
	c.Authorities = withoutNull(c.Authorities)
	s.base = &tls.Config{
		MinVersion: s.min, MaxVersion: s.max,
		SessionTicketsDisabled:      c.Has(configuration.DisableSessionTickets),
		DynamicRecordSizingDisabled: true,
		InsecureSkipVerify:          true, // this package verifies
	}
	for _, step := range []func() error{s.buildCiphers, s.buildCurves, s.buildIdentities, s.buildNextProtocols} {
		if err := step(); err != nil {
			return err
		}
	}
	if !s.server {
		s.base.GetClientCertificate = s.clientCertificate
		return nil
	}
	if c.OCSP {
		return unusable("Server-side QSslSocket does not support OCSP stapling")
	}
	s.base.GetConfigForClient = s.forClient
	switch {
	case c.VerifyMode == configuration.VerifyNone:
	case c.MissingCertificateIsFatal:
		s.base.ClientAuth = tls.RequireAnyClientCert
	default:
		s.base.ClientAuth = tls.RequestClientCert
	}
	return nil
}

func (s *shared) buildCiphers() error {
	of13 := 0
	for _, one := range s.c.Ciphers {
		switch {
		case one.IsNull():
			return unusable("Invalid or empty cipher list ()")
		case one.Protocol() == protocol.TLS13:
			of13++
		default:
			s.suites = append(s.suites, one.ID())
		}
	}
	if all := len(tls13()); of13 > 0 && of13 < all && s.max >= tls.VersionTLS13 {
		return unusable("The cipher suites of TLS 1.3 cannot be chosen: all of them or none have to be in the list")
	}
	s.base.CipherSuites = s.suites
	if slices.Equal(s.c.Ciphers, cipher.Default()) {
		s.suites = nil
	}
	return nil
}

// tls13 returns the suites of TLS 1.3.
func tls13() []cipher.Cipher {
	return slices.DeleteFunc(cipher.Supported(), func(c cipher.Cipher) bool { return c.Protocol() != protocol.TLS13 })
}

func (s *shared) buildCurves() error {
	for _, curve := range s.c.Curves {
		id, ok := curve.ID()
		if !ok {
			return unusable("Error when setting the elliptic curves (" + curve.ShortName() + ")")
		}
		s.base.CurvePreferences = append(s.base.CurvePreferences, id)
	}
	return nil
}

// buildNextProtocols leaves out what TLS cannot say, as Qt does.
func (s *shared) buildNextProtocols() error {
	total := 0
	for _, p := range s.c.NextProtocols {
		if len(p) > 0 && len(p) <= 255 {
			s.base.NextProtos = append(s.base.NextProtos, string(p))
			total += 1 + len(p)
		}
	}
	if total > 0xffff {
		return unusable("The allowed next protocols are too long")
	}
	return nil
}

// client returns the configuration for crypto/tls of clients of a server.
func (s *shared) client(name string) *tls.Config {
	asked := ""
	if !s.c.Has(configuration.DisableServerNameIndication) {
		asked = serverName(name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.clients[asked]; c != nil {
		return c
	}
	const most = 64
	if len(s.clients) >= most || s.clients == nil {
		s.clients = map[string]*tls.Config{}
	}
	c := s.base.Clone()
	c.ServerName = asked
	s.clients[asked] = c
	return c
}

// store returns who is trusted.
func (s *shared) store(now time.Time) *verify.Store {
	s.mu.Lock()
	defer s.mu.Unlock()
	// What has expired meanwhile is to be left out.
	if s.trusted == nil || now.Sub(s.trustedSince) > time.Hour {
		s.trusted, s.trustedSince = verify.NewStore(s.c.AllAuthorities(), now), now
	}
	return s.trusted
}
