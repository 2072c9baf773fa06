package verify

import (
	"slices"

	"qnet/core/tls/certificate"
)

// Bits of Netscape's kinds of certificates.
const (
	netscapeClient = 0x80
	netscapeServer = 0x40
	netscapeTLSCA  = 0x04
	netscapeAnyCA  = 0x07
)

// purposes are what a certificate says for a purpose: an old one serves as well.
var purposes = map[Purpose][]string{
	Server: {"1.3.6.1.5.5.7.3.1", "2.16.840.1.113730.4.1", "1.3.6.1.4.1.311.10.3.3"},
	Client: {"1.3.6.1.5.5.7.3.2"},
}

// mayIssue reports whether a certificate may be an authority's. One that is not the last of
// a chain is to say so as certificates do today.
func mayIssue(c *certificate.Certificate, between bool) bool {
	if between {
		return !c.IsBroken() && claim(c) == byConstraints
	}
	return !c.IsBroken() && claim(c) != none
}

// A certificate claims to be an authority's in one of several ways.
const (
	none = iota
	byConstraints
	byUsage // or it is too old to say it
	byNetscape
)

func claim(c *certificate.Certificate) int {
	if !c.Allows(certificate.CertSign) {
		return none
	}
	if basic, has := c.Basic(); has {
		if basic.CA {
			return byConstraints
		}
		return none
	}
	kind, has := c.Netscape()
	switch {
	case c.Version() == "1" && c.IsItsIssuers(), c.HasUsage():
		return byUsage
	case has && kind&netscapeAnyCA != 0:
		return byNetscape
	}
	return none
}

// fits reports whether a certificate is for a purpose: the peer's own or, in a chain, that
// of an authority.
func fits(c *certificate.Certificate, p Purpose, authority bool) bool {
	if p == Any || c.IsBroken() {
		return true // what it says does not count then
	}
	if list, says := c.Purposes(); says && !slices.ContainsFunc(list, func(id string) bool { return slices.Contains(purposes[p], id) }) {
		return false
	}
	kind, has := c.Netscape()
	if authority {
		switch claim(c) {
		case none:
			return false
		case byNetscape:
			return kind&netscapeTLSCA != 0
		}
		return true
	}
	usage, own := certificate.DigitalSignature|certificate.KeyEncipherment|certificate.KeyAgreement, byte(netscapeServer)
	if p == Client {
		usage, own = certificate.DigitalSignature|certificate.KeyAgreement, netscapeClient
	}
	return c.Allows(usage) && !(has && kind&own == 0)
}
