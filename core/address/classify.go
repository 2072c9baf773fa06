package address

import "net/netip"

// IsNull reports whether this is no address at all (QHostAddress::isNull).
func (a Address) IsNull() bool {
	return !a.ip.IsValid()
}

// IsLoopback reports whether the address is in 127.0.0.0/8 or ::1 (QHostAddress::isLoopback). Like all the questions
// below it treats an IPv4-mapped IPv6 address as the IPv4 address, and is false for Any.
func (a Address) IsLoopback() bool {
	return a.plain().IsLoopback()
}

// IsGlobal reports whether the address is a unicast address with global reach (QHostAddress::isGlobal). Addresses for
// private use are included, as in Qt.
func (a Address) IsGlobal() bool {
	ip := a.plain()
	switch {
	case !ip.IsValid(), ip.IsUnspecified(), ip.IsLoopback(), ip.IsLinkLocalUnicast(), ip.IsMulticast():
		return false
	case ip.Is4():
		first := ip.As4()[0]
		return first != 0 && first < 240
	}
	return !lowLinkLocal.Contains(ip)
}

// IsLinkLocal reports whether the address is in 169.254.0.0/16 or fe80::/10 (QHostAddress::isLinkLocal).
func (a Address) IsLinkLocal() bool {
	return a.plain().IsLinkLocalUnicast()
}

// IsSiteLocal reports whether the address is in fec0::/10 (QHostAddress::isSiteLocal).
func (a Address) IsSiteLocal() bool {
	return siteLocal.Contains(a.plain())
}

// IsUniqueLocalUnicast reports whether the address is in fc00::/7 (QHostAddress::isUniqueLocalUnicast).
func (a Address) IsUniqueLocalUnicast() bool {
	ip := a.plain()
	return ip.Is6() && ip.IsPrivate()
}

// IsMulticast reports whether the address is in 224.0.0.0/4 or ff00::/8 (QHostAddress::isMulticast).
func (a Address) IsMulticast() bool {
	return a.plain().IsMulticast()
}

// IsBroadcast reports whether the address is 255.255.255.255 (QHostAddress::isBroadcast).
func (a Address) IsBroadcast() bool {
	return a.plain() == Broadcast.ip
}

// IsPrivateUse reports whether the address is in 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or fc00::/7
// (QHostAddress::isPrivateUse).
func (a Address) IsPrivateUse() bool {
	return a.plain().IsPrivate()
}

var (
	siteLocal    = netip.MustParsePrefix("fec0::/10")
	lowLinkLocal = netip.MustParsePrefix("fe00::/9") // reserved, but for the link-local upper half
)

// plain returns what the questions above are about: the address without scope, and as IPv4 if it is IPv4-mapped. Any is
// in no range at all.
func (a Address) plain() netip.Addr {
	if a == Any {
		return netip.Addr{}
	}
	return a.ip.Unmap().WithZone("")
}
