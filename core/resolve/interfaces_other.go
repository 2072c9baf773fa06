//go:build !linux

package resolve

import (
	"net"
	"net/netip"

	"qnet/core/dns"
)

// interfaces returns the addresses of this machine, with the lengths of their networks;
// none if it cannot be told.
func interfaces() ([]netip.Prefix, error) {
	list, err := net.InterfaceAddrs()
	if err != nil {
		if dns.Exhausted(err) {
			return nil, err
		}
		return nil, nil
	}
	var own []netip.Prefix
	for _, a := range list {
		if n, ok := a.(*net.IPNet); ok {
			ip, _ := netip.AddrFromSlice(n.IP)
			bits, _ := n.Mask.Size()
			own = append(own, netip.PrefixFrom(ip.Unmap(), bits))
		}
	}
	return own, nil
}
