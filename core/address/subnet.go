package address

import (
	"net/netip"
	"strings"
)

// IsInSubnet reports whether the address belongs to the subnet that shares the first netmask bits with the address
// subnet (QHostAddress::isInSubnet). Addresses of different protocols never do, nor does the null address or Any. A
// negative netmask matches nothing; one beyond the length of the address stands for all of it.
func (a Address) IsInSubnet(subnet Address, netmask int) bool {
	p := a.Protocol()
	if p != subnet.Protocol() || p == Unknown || p == AnyIP || netmask < 0 {
		return false
	}
	prefix := netip.PrefixFrom(subnet.WithScopeID("").Addr(), min(netmask, subnet.Addr().BitLen()))
	return prefix.Contains(a.WithScopeID("").Addr())
}

// ParseSubnet reads a subnet as QHostAddress::parseSubnet does, and returns its first address and the length of its
// netmask, or Null and -1 if text is none.
//
// An IPv4 subnet is one to four decimal numbers, and then a slash and a number of bits or a dotted netmask; without a
// slash the mask covers the numbers given: 192.168 is 192.168.0.0/16. An IPv6 subnet is an address with or without a
// slash and a number of bits.
//
// Unlike Qt, it refuses a netmask of 2³¹ bits and more, which Qt returns as a negative number; an IPv6 address as the
// netmask of an IPv4 subnet, of which Qt takes the first four bytes; and a NUL, at which Qt stops reading each number.
func ParseSubnet(text string) (Address, int) {
	net, mask, masked := strings.Cut(text, "/")
	var a Address
	var bits int
	var ok bool
	if strings.Contains(net, ":") {
		a, ok = Parse(net)
		ok = ok && a.Protocol() == IPv6
		bits = 128
	} else {
		a, bits, ok = parseNet(net, masked)
	}
	if !ok {
		return Null, -1
	}
	if masked {
		if bits = parseNetmask(mask, a.Addr().BitLen()); bits < 0 {
			return Null, -1
		}
	}
	first := firstOf(a.WithScopeID("").Addr(), bits)
	return FromAddr(first).WithScopeID(a.ScopeID()), bits
}

// parseNet reads the IPv4 address of a subnet, which may lack the last numbers, and returns how many bits were given.
// Only if a netmask follows, it may lack all of them.
func parseNet(text string, masked bool) (a Address, bits int, ok bool) {
	if text == "" {
		return AnyIPv4, 0, masked
	}
	var b [4]byte
	n := 0
	for more := true; more && text != ""; n++ {
		var part string
		part, text, more = strings.Cut(text, ".")
		v, ok := parseDecimal(part)
		if !ok || v > 255 || n == len(b) || n == len(b)-1 && more {
			return Null, 0, false
		}
		b[n] = byte(v)
	}
	return FromAddr(netip.AddrFrom4(b)), 8 * n, true
}

// parseNetmask reads a number of bits up to most or, where that is IPv4's, a dotted netmask. It returns -1 if text is
// neither.
func parseNetmask(text string, most int) int {
	if most != Broadcast.Addr().BitLen() || !strings.Contains(text, ".") {
		if n, ok := parseDecimal(text); ok && n <= uint64(most) {
			return int(n)
		}
		return -1
	}
	a, ok := Parse(text)
	if !ok || a.Protocol() != IPv4 {
		return -1
	}
	for bits := range 33 {
		if firstOf(Broadcast.Addr(), bits) == a.Addr() {
			return bits
		}
	}
	return -1
}

// firstOf returns the first address of the subnet of that many bits that ip is in.
func firstOf(ip netip.Addr, bits int) netip.Addr {
	return netip.PrefixFrom(ip, bits).Masked().Addr()
}

// parseDecimal reads a whole text as a decimal number with space around it.
func parseDecimal(text string) (uint64, bool) {
	n, rest, ok := scanNumber(text, 10)
	return n, ok && skipSpace(rest) == ""
}
