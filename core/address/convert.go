package address

import (
	"encoding/binary"
	"net/netip"
)

// IPv4 returns the address as a number, 127.0.0.1 being 0x7f000001, and whether it is one (QHostAddress::toIPv4Address):
// IPv4 addresses are, IPv4-mapped IPv6 addresses are, and so are Any and :: as 0. All others give 0 and false.
func (a Address) IPv4() (uint32, bool) {
	if a == Any {
		return 0, true
	}
	return a.asIPv4(ConvertV4MappedToIPv4 | ConvertUnspecifiedAddress)
}

// IPv6 returns the bytes of the address in network order (QHostAddress::toIPv6Address). IPv4 addresses are mapped into
// ::ffff:0:0/96, except for 0.0.0.0, which becomes ::. The null address and Any are all zeros.
func (a Address) IPv6() [16]byte {
	if a.IsNull() || a.Addr().IsUnspecified() {
		return [16]byte{}
	}
	return a.ip.As16()
}

// asIPv4 returns the number of an IPv4 address, or of an IPv6 address that mode allows to be taken for one. Any is
// neither.
func (a Address) asIPv4(mode ConversionMode) (uint32, bool) {
	switch a.Protocol() {
	case IPv4:
		b := a.ip.As4()
		return binary.BigEndian.Uint32(b[:]), true
	case IPv6:
		b := a.ip.As16()
		v := binary.BigEndian.Uint32(b[12:])
		switch {
		case a.ip.WithZone("") == netip.IPv6Unspecified():
			// Zero is also the IPv4-compatible address of 0.0.0.0.
			return 0, mode&(ConvertUnspecifiedAddress|ConvertV4CompatToIPv4) != 0
		case a.ip.Is4In6() && mode&ConvertV4MappedToIPv4 != 0:
			return v, true
		case ([12]byte)(b[:]) == [12]byte{} && v != 1 && mode&ConvertV4CompatToIPv4 != 0:
			return v, true
		}
	}
	return 0, false
}
