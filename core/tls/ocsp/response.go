package ocsp

import (
	"time"

	"qnet/core/tls/certificate"
	"qnet/core/tls/configuration"
	"qnet/core/tls/der"
)

// response is what somebody says of certificates (RFC 6960, 4.2.1).
type response struct {
	status int64 // 0: there is something in it
	basic  *basic
}

// basic is all that the one who has signed says.
type basic struct {
	signed       []byte
	algorithm    certificate.Algorithm
	signature    []byte
	certificates []*certificate.Certificate
	byName       []byte // the signer's, or
	byKey        []byte // the hash of his key
	about        []single
}

// single is what is said of one certificate.
type single struct {
	id           id
	status       configuration.OCSPStatus
	reason       configuration.RevocationReason
	since, until time.Time // no end: zero
	valid        bool      // the dates are some
}

// id says which certificate.
type id struct {
	hash      []byte // the algorithm
	name, key []byte // the issuer's, hashed
	serial    []byte
}

const basicType = "1.3.6.1.5.5.7.48.1.1"

// read reads a response and reports whether it is one. What is behind it does not matter;
// one of another kind than the basic one has none of that.
func read(data []byte) (r response, ok bool) {
	all, _, ok := der.Next(data)
	if !ok || all.Tag != der.Sequence {
		return r, false
	}
	outer := der.Read(all.Body)
	status := der.Int(outer.Body(der.Enumerated))
	if !outer.OK() || !status.IsInt64() {
		return r, false
	}
	r.status = status.Int64()
	bytes, has := outer.Optional(der.Explicit(0))
	if !outer.Done() {
		return r, false
	}
	if has {
		inner := der.Open(bytes.Body, der.Sequence)
		kind := inner.Identifier()
		content := inner.Body(der.OctetString)
		if !inner.Done() {
			return r, false
		}
		if kind == basicType {
			r.basic = readBasic(content)
		}
	}
	return r, true
}

// readBasic returns nil if it is none. What is behind it does not matter to OpenSSL.
func readBasic(data []byte) *basic {
	b := &basic{}
	all, _, ok := der.Next(data)
	if !ok || all.Tag != der.Sequence {
		return nil
	}
	outer := der.Read(all.Body)
	content := outer.Take(der.Sequence)
	b.signed = content.Raw
	b.algorithm = certificate.TakeAlgorithm(&outer)
	b.signature = outer.Bits()
	if e, has := outer.Optional(der.Explicit(0)); has {
		list := der.Open(e.Body, der.Sequence)
		for list.More() {
			c, _, ok := certificate.Parse(list.Any().Raw)
			if !ok {
				return nil
			}
			b.certificates = append(b.certificates, c)
		}
		if !list.Done() {
			return nil
		}
	}
	inner := der.Read(content.Body)
	inner.Optional(der.Explicit(0)) // the version
	switch e := inner.Any(); e.Tag {
	case der.Explicit(1):
		b.byName = e.Body
	case der.Explicit(2):
		key := der.Read(e.Body)
		b.byKey = key.Body(der.OctetString)
		if !key.Done() {
			return nil
		}
	default:
		return nil
	}
	inner.Any() // when it was made
	for list := inner.Inside(der.Sequence); list.More() || !list.OK(); {
		one, ok := readSingle(list.Take(der.Sequence).Body)
		if !ok {
			return nil
		}
		b.about = append(b.about, one)
	}
	inner.Optional(der.Explicit(1)) // extensions
	if !outer.Done() || !inner.Done() {
		return nil
	}
	return b
}

func readSingle(body []byte) (s single, ok bool) {
	r := der.Read(body)
	which := r.Inside(der.Sequence)
	s.id = id{which.Take(der.Sequence).Raw, which.Body(der.OctetString), which.Body(der.OctetString), which.Body(der.Integer)}
	s.reason = configuration.NoReason
	switch e := r.Any(); e.Tag {
	case der.Context(0):
		s.status = configuration.OCSPGood
	case der.Explicit(1):
		s.status = configuration.OCSPRevoked
		revoked := der.Read(e.Body)
		revoked.Any() // when
		if reason, has := revoked.Optional(der.Explicit(0)); has {
			inner := der.Read(reason.Body)
			n := der.Int(inner.Body(der.Enumerated))
			if !inner.Done() || !n.IsInt64() {
				return s, false
			}
			s.reason = reasonOf(n.Int64())
		}
		if !revoked.Done() {
			return s, false
		}
	case der.Context(2):
		s.status = configuration.OCSPUnknown
	default:
		return s, false
	}
	s.since, s.valid = r.Any().Time()
	if e, has := r.Optional(der.Explicit(0)); has {
		inner := der.Read(e.Body)
		var ok bool
		s.until, ok = inner.Any().Time()
		s.valid = s.valid && ok && inner.Done()
	}
	r.Optional(der.Explicit(1)) // extensions
	return s, r.Done() && which.Done()
}

// reasonOf returns the reason with a number of RFC 5280, 5.3.1, as far as Qt has it.
func reasonOf(number int64) configuration.RevocationReason {
	const removeFromCRL = 8
	switch {
	case number >= 0 && number <= int64(configuration.CertificateHold):
		return configuration.RevocationReason(number)
	case number == removeFromCRL:
		return configuration.RemoveFromCRL
	}
	return configuration.NoReason
}
