// Package certificate reads certificates as Qt and OpenSSL do (QSslCertificate). It takes
// many that crypto/x509 refuses, so that they can be looked at and refused for what is
// wrong with them.
package certificate

import (
	"bytes"
	"math/big"
	"strconv"
	"time"

	"qnet/core/tls/der"
	"qnet/core/tls/extension"
	"qnet/core/tls/key"
	"qnet/core/tls/name"
)

// Certificate is a certificate (QSslCertificate). A nil one is null. Certificates do not
// change, and any thread may use them.
type Certificate struct {
	raw, signed         []byte
	version             int64 // from 0
	serial              []byte
	issuer, subject     name.Name
	notBefore, notAfter der.Element
	key                 *key.Key
	spki                []byte
	extensions          []extension.Extension
	issuerID, subjectID []byte // unique ones, as nobody has them
	innerAlgorithm      Algorithm
	algorithm           Algorithm
	signature           []byte
	checked             checked
}

// Algorithm is how a certificate is signed.
type Algorithm struct {
	ID  string
	Raw []byte // with its parameters
}

// Parse reads the first certificate of data, which is DER, and returns what is behind it.
// It reports whether there is one.
func Parse(data []byte) (c *Certificate, rest []byte, ok bool) {
	all, rest, ok := der.Next(data)
	if !ok || all.Tag != der.Sequence {
		return nil, nil, false
	}
	// It is kept for as long as the certificate, and what it was read from may change.
	all, _, _ = der.Next(bytes.Clone(all.Raw))
	r := der.Read(all.Body)
	signed := r.Take(der.Sequence)
	c = &Certificate{raw: all.Raw, signed: signed.Raw}
	c.algorithm = TakeAlgorithm(&r)
	c.signature = r.Bits()
	if !r.Done() || !c.body(signed.Body) {
		return nil, nil, false
	}
	c.check()
	return c, rest, true
}

// body reads what is signed.
func (c *Certificate) body(signed []byte) bool {
	r := der.Read(signed)
	if e, ok := r.Optional(der.Explicit(0)); ok {
		inner := der.Read(e.Body)
		version := inner.Number()
		if !inner.Done() || !version.IsInt64() {
			return false
		}
		c.version = version.Int64()
	}
	c.serial = r.Body(der.Integer)
	if !der.IsInteger(c.serial) {
		return false
	}
	c.innerAlgorithm = TakeAlgorithm(&r)
	var ok1, ok2 bool
	c.issuer, ok1 = name.Parse(r.Take(der.Sequence).Raw)
	validity := r.Inside(der.Sequence)
	c.notBefore, c.notAfter = validity.Any(), validity.Any()
	c.subject, ok2 = name.Parse(r.Take(der.Sequence).Raw)
	c.spki = r.Take(der.Sequence).Raw
	if !r.OK() || !ok1 || !ok2 || !validity.Done() || !isTime(c.notBefore) || !isTime(c.notAfter) {
		return false
	}
	subject := der.Open(c.spki, der.Sequence)
	if TakeAlgorithm(&subject); subject.Bits() == nil || !subject.Done() {
		return false
	}
	c.key, _ = key.FromSubject(c.spki)
	if e, ok := r.Optional(der.Context(1)); ok {
		c.issuerID, _ = der.Bits(e.Body)
	}
	if e, ok := r.Optional(der.Context(2)); ok {
		c.subjectID, _ = der.Bits(e.Body)
	}
	if e, ok := r.Optional(der.Explicit(3)); ok {
		outer := der.Read(e.Body)
		list := outer.Inside(der.Sequence)
		for list.More() {
			x, ok := extension.Parse(list.Any().Raw)
			if !ok {
				return false
			}
			c.extensions = append(c.extensions, x)
		}
		if !outer.Done() {
			return false
		}
	}
	return r.Done()
}

func isTime(e der.Element) bool { return e.Tag == der.UTCTime || e.Tag == der.GeneralizedTime }

// TakeAlgorithm takes how something is signed.
func TakeAlgorithm(r *der.Reader) Algorithm {
	e := r.Take(der.Sequence)
	inner := der.Read(e.Body)
	a := Algorithm{inner.Identifier(), e.Raw}
	if inner.More() {
		inner.Any()
	}
	if !inner.Done() {
		r.Fail()
	}
	return a
}

// IsNull reports whether there is no certificate (QSslCertificate::isNull).
func (c *Certificate) IsNull() bool { return c == nil }

// Equal reports whether two certificates are the same (QSslCertificate::operator==).
func (c *Certificate) Equal(other *Certificate) bool {
	return c == other || c != nil && other != nil && bytes.Equal(c.raw, other.raw)
}

// IsBlacklisted reports whether the certificate is known to be a forger's
// (QSslCertificate::isBlacklisted). Those that Qt knows have expired by 2014, and none is
// known here.
func (c *Certificate) IsBlacklisted() bool { return false }

// Version returns the version as Qt writes it, "3", or "" (QSslCertificate::version).
func (c *Certificate) Version() string {
	if c == nil {
		return ""
	}
	return strconv.FormatInt(c.version+1, 10)
}

// SerialNumber returns the octets of the number, in hexadecimal with colons between them
// and without a sign (QSslCertificate::serialNumber).
func (c *Certificate) SerialNumber() string {
	if c == nil {
		return ""
	}
	octets := new(big.Int).Abs(der.Int(c.serial)).Bytes()
	if len(octets) == 0 {
		octets = []byte{0}
	}
	return colons(octets)
}

// EffectiveDate returns from when on the certificate is valid, and whether it says so
// (QSslCertificate::effectiveDate).
func (c *Certificate) EffectiveDate() (time.Time, bool) {
	if c == nil {
		return time.Time{}, false
	}
	return c.notBefore.Time()
}

// ExpiryDate returns until when the certificate is valid, and whether it says so
// (QSslCertificate::expiryDate).
func (c *Certificate) ExpiryDate() (time.Time, bool) {
	if c == nil {
		return time.Time{}, false
	}
	return c.notAfter.Time()
}

// PublicKey returns the key of the one to whom the certificate is issued, nil if nobody
// here can read it (QSslCertificate::publicKey).
func (c *Certificate) PublicKey() *key.Key {
	if c == nil {
		return nil
	}
	return c.key
}

// Extensions returns the extensions (QSslCertificate::extensions).
func (c *Certificate) Extensions() []extension.Extension {
	if c == nil {
		return nil
	}
	return c.extensions
}

// Extension returns the extension with an identifier, and how many there are of it.
func (c *Certificate) Extension(id string) (e extension.Extension, count int) {
	for _, x := range c.Extensions() {
		if x.ID == id {
			if count++; count == 1 {
				e = x
			}
		}
	}
	return e, count
}

// DER returns the certificate as it is sent (QSslCertificate::toDer).
func (c *Certificate) DER() []byte {
	if c == nil {
		return nil
	}
	return c.raw
}

// Serial returns the octets of the number, with its sign.
func (c *Certificate) Serial() []byte { return c.serial }

// SubjectKey returns the public key as the certificate has it.
func (c *Certificate) SubjectKey() []byte { return c.spki }

// Signed returns what the signature is of.
func (c *Certificate) Signed() []byte { return c.signed }

// Signature returns the signature and how it was made.
func (c *Certificate) Signature() (Algorithm, []byte) { return c.algorithm, c.signature }

// SameAlgorithms reports whether what is signed says of the signature what is said outside.
func (c *Certificate) SameAlgorithms() bool {
	return bytes.Equal(c.algorithm.Raw, c.innerAlgorithm.Raw)
}

// Issuer returns the name of the one who has issued the certificate.
func (c *Certificate) Issuer() name.Name {
	if c == nil {
		return name.Name{}
	}
	return c.issuer
}

// Subject returns the name of the one to whom the certificate is issued.
func (c *Certificate) Subject() name.Name {
	if c == nil {
		return name.Name{}
	}
	return c.subject
}
