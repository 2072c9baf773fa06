package verify

import (
	"net/netip"
	"strings"

	"qnet/core/resolve"
	"qnet/core/tls/certificate"
	"qnet/core/tls/extension"
)

// MatchesHost reports whether a certificate is for a host, by its name or address, as Qt
// sees it: the common name counts beside all others, and for an address, too.
func MatchesHost(c *certificate.Certificate, host string) bool {
	address, err := netip.ParseAddr(host)
	isAddress := err == nil
	names := c.AlternativeNames()
	if isAddress {
		for _, n := range names {
			if other, err := netip.ParseAddr(n.Name); n.Kind == extension.IPEntry && err == nil && other == address {
				return true
			}
		}
	}
	// To Qt all that is no name is the same one, the empty name, and a certificate for it is
	// for any address of IPv6. Here it matches nothing.
	host, ok := resolve.ToASCII(host)
	matches := func(pattern string) bool {
		if strings.Contains(pattern, "*") {
			return ok && !isAddress && covers(pattern, host)
		}
		name, valid := resolve.ToASCII(pattern)
		return ok && valid && name == host
	}
	for _, cn := range c.SubjectInfo(certificate.CommonName.Attribute()) {
		if matches(cn) {
			return true
		}
	}
	for _, n := range names {
		if n.Kind == extension.DNSEntry && matches(n.Name) {
			return true
		}
	}
	return false
}

// covers reports whether a pattern with a star stands for a host. The star is the end of
// the first label, and there are at least two behind it; all the rest is as it is.
func covers(pattern, host string) bool {
	label, parent, _ := strings.Cut(pattern, ".")
	first, above, _ := strings.Cut(host, ".")
	prefix, star := strings.CutSuffix(strings.ToLower(label), "*")
	parent, ok := resolve.ToASCII(parent)
	return ok && star && !strings.Contains(prefix, "*") && !strings.HasPrefix(prefix, "xn--") &&
		strings.Contains(strings.TrimSuffix(parent, "."), ".") && parent == above && strings.HasPrefix(first, prefix)
}
