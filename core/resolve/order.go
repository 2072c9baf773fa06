package resolve

import (
	"cmp"
	"math/bits"
	"net/netip"
	"slices"

	"golang.org/x/sys/unix"

	"qnet/core/endpoint"
	"qnet/core/sys"
)

// sorted returns addresses in the order in which they are best tried: RFC 6724 (its
// rules 1, 2, 5, 6, 8 and 9) with the table of RFC 3484, as in the C library. What
// these rules do not tell apart stays in the order that the name server chose. own are
// this machine's addresses.
func sorted(list []netip.Addr, own []netip.Prefix) []netip.Addr {
	if len(list) < 2 {
		return list
	}
	all := make([]destination, len(list))
	for i, a := range list {
		all[i] = newDestination(a, own)
	}
	slices.SortStableFunc(all, destination.compare)
	for i := range all {
		list[i] = all[i].Addr
	}
	return list
}

// destination is an address with what it is judged by.
type destination struct {
	netip.Addr
	source netip.Prefix // of what is sent there; invalid if nothing can be
	policy policy
}

func newDestination(a netip.Addr, own []netip.Prefix) destination {
	d := destination{Addr: a, policy: policyOf(a)}
	if source := sourceFor(a); source.IsValid() {
		d.source = netip.PrefixFrom(source, source.BitLen())
		for _, p := range own {
			if p.Addr() == source {
				d.source = p
			}
		}
	}
	return d
}

// sourceFor asks the system, which sends nothing for that.
func sourceFor(a netip.Addr) netip.Addr {
	const anyPort = 9
	fd, err := endpoint.Dial(unix.SOCK_DGRAM, netip.AddrPortFrom(a, anyPort))
	if err != nil {
		return netip.Addr{}
	}
	defer sys.Close(fd)
	source, _ := endpoint.Local(fd)
	return source.Addr().Unmap().WithZone("")
}

// compare is negative if d is to be tried before e.
func (d destination) compare(e destination) int {
	if d.source.IsValid() != e.source.IsValid() {
		return first(d.source.IsValid())
	}
	if d.source.IsValid() {
		if a, b := d.sameScope(), e.sameScope(); a != b {
			return first(a)
		}
		if a, b := d.sameLabel(), e.sameLabel(); a != b {
			return first(a)
		}
	}
	if c := cmp.Compare(e.policy.precedence, d.policy.precedence); c != 0 {
		return c
	}
	if c := cmp.Compare(scopeOf(d.Addr), scopeOf(e.Addr)); c != 0 {
		return c
	}
	if d.source.IsValid() && d.Is4() == e.Is4() {
		return cmp.Compare(e.common(), d.common())
	}
	return 0
}

// first is the result of comparing two of which one is better.
func first(better bool) int {
	if better {
		return -1
	}
	return 1
}

func (d destination) sameScope() bool { return scopeOf(d.Addr) == scopeOf(d.source.Addr()) }

func (d destination) sameLabel() bool { return policyOf(d.source.Addr()).label == d.policy.label }

// common returns how many bits an address has in common with its source. Of IPv4 only
// those in the source's own network count: beyond it they mean nothing.
func (d destination) common() int {
	if d.Is4() && !d.source.Contains(d.Addr) {
		return 0
	}
	a, b := d.As16(), d.source.Addr().As16()
	n := 0
	for i := range a {
		if x := a[i] ^ b[i]; x != 0 {
			return n + bits.LeadingZeros8(x)
		}
		n += 8
	}
	return n
}

// policy is a line of the table of RFC 3484.
type policy struct {
	prefix            netip.Prefix
	precedence, label int
}

// policies are in the order in which they are looked at.
var policies = []policy{
	{netip.MustParsePrefix("::1/128"), 50, 0},
	{netip.MustParsePrefix("::ffff:0:0/96"), 10, 4}, // IPv4
	{netip.MustParsePrefix("::/96"), 20, 3},
	{netip.MustParsePrefix("2001::/32"), 40, 7},
	{netip.MustParsePrefix("2002::/16"), 30, 2},
	{netip.MustParsePrefix("fec0::/10"), 40, 5},
	{netip.MustParsePrefix("fc00::/7"), 40, 6},
	{netip.MustParsePrefix("::/0"), 40, 1},
}

func policyOf(a netip.Addr) policy {
	a = netip.AddrFrom16(a.As16())
	for _, p := range policies {
		if contains(p.prefix, a) {
			return p
		}
	}
	return policy{}
}

// contains is Prefix.Contains, which takes no IPv4 address in its mapped form.
func contains(p netip.Prefix, a netip.Addr) bool {
	return netip.PrefixFrom(a, p.Bits()).Masked().Addr() == p.Addr()
}

// The scopes of RFC 3484: how far an address reaches.
const (
	linkLocal = 2
	siteLocal = 5
	global    = 14
)

func scopeOf(a netip.Addr) int {
	switch {
	case a.IsMulticast() && a.Is6():
		return int(a.As16()[1] & 15)
	case a.IsLoopback(), a.IsLinkLocalUnicast(), a.IsLinkLocalMulticast():
		return linkLocal
	case contains(netip.MustParsePrefix("fec0::/10"), netip.AddrFrom16(a.As16())):
		return siteLocal
	}
	return global
}
