package certificate

import (
	"bytes"
	"slices"

	"qnet/core/tls/der"
	"qnet/core/tls/extension"
	"qnet/core/tls/key"
	"qnet/core/tls/name"
)

// Usage is what a key may be used for, by keyUsage.
type Usage uint16

const (
	DigitalSignature Usage = 0x8000
	KeyEncipherment  Usage = 0x2000
	KeyAgreement     Usage = 0x0800
	CertSign         Usage = 0x0400
)

// checked is what the extensions say that verifying rests on.
type checked struct {
	broken                bool // one is not what it is to be, or there twice
	hasBasic              bool
	basic                 extension.Basic
	usage                 Usage
	hasUsage, hasPurposes bool
	purposes              []string
	netscape              byte
	hasNetscape           bool
	keyID                 []byte
	authority             extension.Authority
	selfIssued            bool
	unknownCritical       bool
}

// check reads the extensions.
func (c *Certificate) check() {
	k := &c.checked
	find := func(id string) (extension.Extension, bool) {
		e, count := c.Extension(id)
		k.broken = k.broken || count > 1
		return e, count == 1
	}
	good := func(ok bool) { k.broken = k.broken || !ok }
	var ok bool
	if e, found := find(extension.BasicConstraints); found {
		k.basic, ok = e.Basic()
		k.hasBasic = ok
		good(ok && (k.basic.Path == nil || k.basic.Path.Sign() >= 0))
	}
	if e, found := find(extension.KeyUsage); found {
		bits, ok := e.Bits()
		if len(bits) > 0 {
			k.usage = Usage(bits[0]) << 8
		}
		if len(bits) > 1 {
			k.usage |= Usage(bits[1])
		}
		k.hasUsage = ok
		good(ok && k.usage != 0)
	}
	if e, found := find(extension.ExtendedKeyUsage); found {
		k.purposes, ok = e.Purposes()
		k.hasPurposes = ok
		good(ok)
	}
	if e, found := find(extension.NetscapeCertType); found {
		bits, ok := e.Bits()
		if len(bits) > 0 {
			k.netscape = bits[0]
		}
		k.hasNetscape = ok
		good(ok)
	}
	if e, found := find(extension.SubjectKeyID); found {
		k.keyID, ok = e.KeyID()
		good(ok)
	}
	if e, found := find(extension.AuthorityKeyID); found {
		k.authority, ok = e.Authority()
		good(ok)
	}
	for _, id := range []string{extension.SubjectAltName, extension.NameConstraints, extension.CRLPoints} {
		if e, found := find(id); found {
			good(e.Value() != nil)
		}
	}
	k.unknownCritical = slices.ContainsFunc(c.extensions, func(e extension.Extension) bool { return e.Critical && !handled[e.ID] })
	k.selfIssued = c.issuer.Equal(c.subject)
}

// handled are the extensions that may be critical.
var handled = map[string]bool{
	extension.BasicConstraints: true, extension.KeyUsage: true, extension.ExtendedKeyUsage: true,
	extension.NameConstraints: true, extension.SubjectAltName: true, extension.Policies: true,
	extension.PolicyMappings: true, extension.Constraints: true, extension.InhibitAnyPolicy: true,
	extension.CRLPoints: true, extension.NetscapeCertType: true,
	"1.3.6.1.5.5.7.48.1.5": true,
}

// IsSelfSigned reports whether the certificate says of itself that its subject has signed
// it; the signature is not looked at (QSslCertificate::isSelfSigned).
func (c *Certificate) IsSelfSigned() bool { return c.IsItsIssuers() && c.Allows(CertSign) }

// IsItsIssuers reports whether the certificate is that of its own issuer, who need not be
// allowed to issue any.
func (c *Certificate) IsItsIssuers() bool { return c != nil && c.IssuedBy(c) }

// IsSelfIssued reports whether issuer and subject have the same name.
func (c *Certificate) IsSelfIssued() bool { return c.checked.selfIssued }

// IssuedBy reports whether an issuer's certificate is, by all that both say, the one whose
// key has signed this one.
func (c *Certificate) IssuedBy(issuer *Certificate) bool {
	return c.issuer.Equal(issuer.subject) && !c.checked.broken && !issuer.checked.broken && c.authorityIs(issuer) &&
		c.signedWith(issuer.key)
}

// authorityIs reports whether an issuer's certificate is called as this one calls it.
func (c *Certificate) authorityIs(issuer *Certificate) bool {
	a := &c.checked.authority
	if a.ID != nil && issuer.checked.keyID != nil && !bytes.Equal(a.ID, issuer.checked.keyID) {
		return false
	}
	if a.Serial != nil && !bytes.Equal(a.Serial, issuer.serial) {
		return false
	}
	for _, g := range a.Names {
		if g.Tag == der.Explicit(4) {
			called, ok := name.Parse(g.Body)
			return ok && called.Equal(issuer.issuer)
		}
	}
	return true
}

// signedWith reports whether the signature is of a kind that a key makes.
func (c *Certificate) signedWith(k *key.Key) bool {
	if k == nil {
		return false
	}
	// What is signed says it; that it is said outside, too, is for who checks the signature.
	s, known := Signatures[c.innerAlgorithm.ID]
	return known && s.Key == k.Algorithm()
}

// IsBroken reports whether an extension is not what it is to be, or there twice.
func (c *Certificate) IsBroken() bool { return c.checked.broken }

// HasUnknownCritical reports whether something must be understood that is not.
func (c *Certificate) HasUnknownCritical() bool { return c.checked.unknownCritical }

// Basic returns the basic constraints, and whether there are any.
func (c *Certificate) Basic() (extension.Basic, bool) { return c.checked.basic, c.checked.hasBasic }

// Allows reports whether the key may be used for one of several things.
func (c *Certificate) Allows(usage Usage) bool {
	return !c.checked.hasUsage || c.checked.usage&usage != 0
}

// HasUsage reports whether the certificate says what the key may be used for.
func (c *Certificate) HasUsage() bool { return c.checked.hasUsage }

// Purposes returns the identifiers of what the certificate is for, and whether it says so.
func (c *Certificate) Purposes() ([]string, bool) { return c.checked.purposes, c.checked.hasPurposes }

// Netscape returns the first octet of Netscape's kind of certificate, and whether it is
// said.
func (c *Certificate) Netscape() (byte, bool) { return c.checked.netscape, c.checked.hasNetscape }
