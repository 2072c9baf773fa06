package session

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/tls"
	"crypto/x509"
	"slices"

	"qnet/core/resolve"
	"qnet/core/tls/certificate"
	"qnet/core/tls/configuration"
	"qnet/core/tls/verify"
)

// buildIdentities makes the certificates for crypto/tls.
func (s *shared) buildIdentities() error {
	if len(s.c.LocalChain) > 0 {
		own, err := s.identity(configuration.Identity{Chain: s.c.LocalChain, Key: s.c.PrivateKey})
		if err != nil {
			return err
		}
		s.own = append(s.own, own)
		s.base.Certificates = []tls.Certificate{own.pair}
	}
	if !s.server {
		return nil
	}
	for _, i := range s.c.Alternatives {
		own, err := s.identity(i)
		if err != nil {
			return err
		}
		s.own = append(s.own, own)
	}
	return nil
}

func (s *shared) identity(i configuration.Identity) (identity, error) {
	if len(i.Chain) == 0 || i.Chain[0].IsNull() {
		return identity{}, unusable("Error loading local certificate, there is none")
	}
	leaf, signer := i.Chain[0], i.Key.Signer()
	switch {
	case signer == nil:
		return identity{}, unusable("Cannot provide a certificate with no key")
	case !i.Key.Matches(leaf.PublicKey()):
		return identity{}, unusable("Error loading private key, it is not that of the certificate")
	}
	if k, ok := signer.(*ecdsa.PrivateKey); ok && k.Curve == elliptic.P224() {
		return identity{}, unusable("Error loading private key, the curve secp224r1 is not supported in TLS")
	}
	pair := tls.Certificate{PrivateKey: signer}
	for _, c := range s.completed(withoutNull(i.Chain)) {
		pair.Certificate = append(pair.Certificate, c.DER())
	}
	// One that crypto/x509 refuses can be used all the same.
	pair.Leaf, _ = x509.ParseCertificate(leaf.DER())
	return identity{leaf, pair}, nil
}

func withoutNull(list []*certificate.Certificate) []*certificate.Certificate {
	if !slices.ContainsFunc(list, (*certificate.Certificate).IsNull) {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), (*certificate.Certificate).IsNull)
}

// mostShown is how many certificates OpenSSL shows at most. Without it two that have issued
// each other would have no end.
const mostShown = 102

// completed adds to a certificate that is alone those of its issuers that are trusted, as
// OpenSSL does.
func (s *shared) completed(chain []*certificate.Certificate) []*certificate.Certificate {
	if len(chain) != 1 {
		return chain
	}
	for last := chain[0]; !last.IsItsIssuers() && len(chain) < mostShown; {
		issuer := issuerAmong(last, s.c.Authorities)
		if issuer == nil {
			break
		}
		chain = append(chain[:len(chain):len(chain)], issuer)
		last = issuer
	}
	return chain
}

func issuerAmong(c *certificate.Certificate, others []*certificate.Certificate) *certificate.Certificate {
	for _, other := range others {
		if c.IssuedBy(other) {
			return other
		}
	}
	return nil
}

// clientCertificate returns the certificate that a server wants. Whom it trusts does not
// matter: that is for it to say.
func (s *shared) clientCertificate(wanted *tls.CertificateRequestInfo) (*tls.Certificate, error) {
	if len(s.own) == 0 {
		return &tls.Certificate{}, nil
	}
	anybody := *wanted
	anybody.AcceptableCAs = nil
	if anybody.SupportsCertificate(&s.own[0].pair) != nil && s.own[0].pair.Leaf != nil {
		return &tls.Certificate{}, nil
	}
	return &s.own[0].pair, nil
}

// forName returns which of a server's certificates is for a client, -1 if there is none: the
// first for the name that it asks for, or else the one that is not for names.
func (s *shared) forName(hello *tls.ClientHelloInfo) int {
	first := len(s.own) - len(s.c.Alternatives)
	if hello.ServerName != "" {
		for i := first; i < len(s.own); i++ {
			if verify.MatchesHost(s.own[i].leaf, hello.ServerName) && hello.SupportsCertificate(&s.own[i].pair) == nil {
				return i
			}
		}
	}
	return first - 1
}

// serverName returns the name as a server is asked for, "" if it is none.
func serverName(name string) string {
	ascii, ok := resolve.ToASCII(name)
	if !ok {
		return ""
	}
	return ascii
}
