package address

import "net/netip"

// String writes the address as QHostAddress::toString does, with its scope id. The null address is "", and Any is
// "0.0.0.0".
func (a Address) String() string {
	switch {
	case a.IsNull():
		return ""
	case a == Any:
		return AnyIPv4.String()
	}
	b := a.ip.As16()
	// Of the addresses that begin with twelve zero bytes netip writes only the IPv4-mapped ones with dots.
	if a.ip.Is6() && ([12]byte)(b[:]) == [12]byte{} && (b[12] != 0 || b[13] != 0) {
		text := "::" + netip.AddrFrom4([4]byte(b[12:])).String()
		if scope := a.ScopeID(); scope != "" {
			text += "%" + scope
		}
		return text
	}
	return a.ip.String()
}
