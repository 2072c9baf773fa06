// Package ocsp looks at what a server shows of its certificate: the word of its issuer that
// it is still good (RFC 6960), as Qt does.
//
// golang.org/x/crypto/ocsp does not tell for which issuer a response is, takes the word of whoever
// has a certificate of the issuer's, and refuses much that OpenSSL takes.
package ocsp

import (
	"bytes"
	"crypto/sha1"
	"errors"
	"slices"
	"time"

	"qnet/core/tls/certificate"
	"qnet/core/tls/configuration"
	"qnet/core/tls/der"
	"qnet/core/tls/verify"
)

// Why there is nothing to be looked at: the connection ends, whatever errors are ignored.
var (
	ErrResponse = errors.New("Failed to decode OCSP response")
	ErrBasic    = errors.New("Failed to extract basic OCSP response")
)

// statuses are the errors for what is said instead of an answer.
var statuses = map[int64]verify.Code{
	1: verify.OcspMalformedRequest, 2: verify.OcspInternalError, 3: verify.OcspTryLater, 5: verify.OcspSigRequired, 6: verify.OcspUnauthorized,
}

// Check returns what is wrong with a response to the question whether the first of the
// certificates that a server has sent is still good, and what it says, which may be good to
// know in any case.
func Check(data []byte, sent []*certificate.Certificate, store *verify.Store, now time.Time) (codes []verify.Code, said []configuration.OCSPResponse, err error) {
	if len(data) == 0 {
		return []verify.Code{verify.OcspNoResponseFound}, nil, nil
	}
	r, ok := read(data)
	switch {
	case !ok:
		return nil, nil, ErrResponse
	case r.status != 0:
		code, known := statuses[r.status]
		if !known {
			code = verify.OcspMalformedResponse
		}
		return []verify.Code{code}, nil, nil
	case r.basic == nil:
		return nil, nil, ErrBasic
	}
	if !r.basic.trusted(sent, store, now) {
		codes = append(codes, verify.OcspResponseCannotBeTrusted)
	}
	if len(r.basic.about) != 1 {
		return append(codes, verify.OcspMalformedResponse), nil, nil
	}
	one := r.basic.about[0]
	issuer := one.issuerOf(sent, store, now)
	if issuer == nil {
		codes = append(codes, verify.OcspResponseCertIDUnknown)
	}
	if !one.isCurrent(now) {
		codes = append(codes, verify.OcspResponseExpired)
	}
	switch one.status {
	case configuration.OCSPRevoked:
		codes = append(codes, verify.CertificateRevoked)
	case configuration.OCSPUnknown:
		codes = append(codes, verify.OcspStatusUnknown)
	}
	return codes, []configuration.OCSPResponse{{Status: one.status, Reason: one.reason, Responder: issuer, Subject: sent[0]}}, nil
}

// isCurrent reports whether what is said holds now, give or take a minute for clocks.
func (s single) isCurrent(now time.Time) bool {
	const skew = time.Minute
	return s.valid && !s.since.After(now.Add(skew)) && (s.until.IsZero() || !s.until.Before(now.Add(-skew)) && !s.until.Before(s.since))
}

// issuerOf returns the issuer of the server's certificate if that is the certificate that is
// spoken of. Unlike for Qt it need not be sent if it is trusted.
func (s single) issuerOf(sent []*certificate.Certificate, store *verify.Store, now time.Time) *certificate.Certificate {
	leaf := sent[0]
	if !bytes.Equal(s.id.serial, leaf.Serial()) {
		return nil
	}
	for _, c := range append(slices.Clone(sent[1:]), store.Issuer(leaf, now)) {
		if c != nil && leaf.IssuedBy(c) && s.id.isBy(c) {
			return c
		}
	}
	return nil
}

// isBy reports whether a certificate is said to be issued by an authority.
func (i id) isBy(c *certificate.Certificate) bool {
	hash := certificate.HashOf(i.hash)
	if hash == 0 || !hash.Available() {
		return false
	}
	sum := func(data []byte) []byte {
		h := hash.New()
		h.Write(data)
		return h.Sum(nil)
	}
	return bytes.Equal(i.name, sum(c.Subject().Raw)) && bytes.Equal(i.key, sum(keyBits(c)))
}

// keyBits returns a certificate's key as its hash is made of it.
func keyBits(c *certificate.Certificate) []byte {
	subject := der.Open(c.SubjectKey(), der.Sequence)
	subject.Any()
	return subject.Bits()
}

// trusted reports whether what is said comes from the issuer, or from somebody whom it lets
// speak for it.
func (b *basic) trusted(sent []*certificate.Certificate, store *verify.Store, now time.Time) bool {
	others := slices.Concat(b.certificates, sent)
	if issuer := store.Issuer(sent[0], now); issuer != nil {
		others = append(others, issuer)
	}
	signer := b.signer(others)
	if signer == nil || len(b.about) == 0 || !b.algorithm.Verify(b.signed, b.signature, signer.PublicKey()) ||
		len(verify.Chain(append([]*certificate.Certificate{signer}, others...), store, verify.Options{Now: now})) > 0 {
		return false
	}
	for _, one := range b.about {
		if !one.id.isBy(signer) && !one.id.mayBeSaidBy(signer, others) {
			return false
		}
	}
	return true
}

// signer returns the certificate of the one who has signed, nil if it is not among some.
func (b *basic) signer(others []*certificate.Certificate) *certificate.Certificate {
	for _, c := range others {
		sum := sha1.Sum(keyBits(c))
		if b.byKey != nil && bytes.Equal(b.byKey, sum[:]) || b.byKey == nil && bytes.Equal(b.byName, c.Subject().Raw) {
			return c
		}
	}
	return nil
}

// ocspSigning is the purpose of those who speak for an issuer.
const ocspSigning = "1.3.6.1.5.5.7.3.9"

// mayBeSaidBy reports whether the issuer has let a signer speak for it.
func (i id) mayBeSaidBy(signer *certificate.Certificate, others []*certificate.Certificate) bool {
	purposes, _ := signer.Purposes()
	return slices.Contains(purposes, ocspSigning) && slices.ContainsFunc(others, func(c *certificate.Certificate) bool {
		return i.isBy(c) && signer.IssuedBy(c) && signer.VerifiedBy(c.PublicKey())
	})
}
