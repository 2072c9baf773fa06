package resolve

import (
	"net/netip"

	"qnet/core/dns"
	"qnet/core/netif"
)

// interfaces returns the addresses of this machine, with the lengths of their networks; none if it cannot be told.
func interfaces() ([]netip.Prefix, error) {
	own, err := netif.Prefixes()
	if dns.Exhausted(err) {
		return nil, err
	}
	return own, nil
}

// families reports whether IPv4 and IPv6 addresses are of use on a machine: those that it
// has none of itself, but for loopback, are not. If it has neither both are
// (AI_ADDRCONFIG of getaddrinfo()).
func families(own []netip.Prefix) (v4, v6 bool) {
	for _, p := range own {
		ip := p.Addr()
		v4 = v4 || ip.Is4() && ip != netip.AddrFrom4([4]byte{127, 0, 0, 1})
		v6 = v6 || ip.Is6() && ip != netip.IPv6Loopback()
	}
	return v4 || !v6, v6 || !v4
}
