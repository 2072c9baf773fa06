package quota

import (
	"net/netip"

	"qnet/core/address"
)

// defaultPrefix is how many bits tell IPv6 clients apart: who has one address of
// such a network usually has all of them.
const defaultPrefix = 64

// group is whose connections are counted together: an IPv4 address, also one that
// is mapped to IPv6, or the first bits of an IPv6 address. Neighbours on a link are
// told apart by the whole of it, since they all share the first 64 bits.
type group = netip.Addr

func (l *Limits) groupOf(a address.Address) group {
	if l.perGroup == 0 {
		return group{}
	}
	ip := a.Addr().Unmap()
	if !ip.Is6() || ip.IsLinkLocalUnicast() {
		return ip
	}
	return netip.PrefixFrom(ip.WithZone(""), l.prefix).Masked().Addr()
}

func (l *Limits) join(g group) {
	if g.IsValid() {
		if l.groups == nil {
			l.groups = map[group]int{}
		}
		l.groups[g]++
	}
}

func (l *Limits) leave(g group) {
	if n := l.groups[g] - 1; n > 0 {
		l.groups[g] = n
	} else {
		delete(l.groups, g)
	}
}

// Admits reports whether one more connection from a is within the limit.
func (l *Limits) Admits(a address.Address) bool {
	return l.perGroup == 0 || l.groups[l.groupOf(a)] < l.perGroup
}

// PerAddress returns how many connections one address may have, 0 for any number.
func (l *Limits) PerAddress() int { return l.perGroup }

// SetPerAddress is the setter of PerAddress. It ends no connection.
func (l *Limits) SetPerAddress(n int) {
	l.perGroup = n
	l.regroup()
}

// Prefix returns how many bits of an IPv6 address count.
func (l *Limits) Prefix() int { return l.prefix }

// SetPrefix is the setter of Prefix.
func (l *Limits) SetPrefix(bits int) {
	l.prefix = bits
	l.regroup()
}

// regroup counts anew.
func (l *Limits) regroup() {
	l.groups = nil
	l.each(func(c *Connection) {
		c.group = l.groupOf(c.peer.From())
		l.join(c.group)
	})
	for c := range l.away {
		c.group = l.groupOf(c.away.from)
		l.join(c.group)
	}
}
