package address

import "net/netip"

// ConversionMode says which addresses of different protocols [Address.IsEqual] may take for the same
// (QHostAddress::ConversionMode), with Qt's numeric values. The modes can be combined.
type ConversionMode int

// The modes of QHostAddress::ConversionModeFlag.
const (
	// ConvertV4MappedToIPv4 takes ::ffff:1.2.3.4 for 1.2.3.4 (QHostAddress::ConvertV4MappedToIPv4).
	ConvertV4MappedToIPv4 ConversionMode = 1
	// ConvertV4CompatToIPv4 takes ::1.2.3.4 for 1.2.3.4, but not ::1 for 0.0.0.1 (QHostAddress::ConvertV4CompatToIPv4).
	ConvertV4CompatToIPv4 ConversionMode = 2
	// ConvertUnspecifiedAddress takes Any, 0.0.0.0 and :: for the same (QHostAddress::ConvertUnspecifiedAddress).
	ConvertUnspecifiedAddress ConversionMode = 4
	// ConvertLocalHost takes ::1 for 127.0.0.1 (QHostAddress::ConvertLocalHost).
	ConvertLocalHost ConversionMode = 8
	// TolerantConversion is all of them (QHostAddress::TolerantConversion).
	TolerantConversion ConversionMode = 0xff
	// StrictConversion is none of them (QHostAddress::StrictConversion).
	StrictConversion ConversionMode = 0
)

// Equal reports whether both are the same address of the same protocol (QHostAddress::operator==). As in Qt, scope ids
// are not compared.
func (a Address) Equal(b Address) bool {
	return a.IsEqual(b, StrictConversion)
}

// IsEqual reports whether both are the same address, with the conversions that mode allows (QHostAddress::isEqual). As
// in Qt, scope ids are not compared.
func (a Address) IsEqual(b Address, mode ConversionMode) bool {
	a, b = a.WithScopeID(""), b.WithScopeID("")
	pa, pb := a.Protocol(), b.Protocol()
	switch {
	case pa == pb:
		return a == b
	case pa == Unknown || pb == Unknown:
		return false
	case pa == AnyIP || pb == AnyIP:
		return mode&ConvertUnspecifiedAddress != 0 && a.Addr().IsUnspecified() && b.Addr().IsUnspecified()
	case mode&ConvertLocalHost != 0 && isLocalHost(a) && isLocalHost(b):
		return true
	}
	va, oka := a.asIPv4(mode)
	vb, okb := b.asIPv4(mode)
	return oka && okb && va == vb
}

func isLocalHost(a Address) bool {
	return a == LocalHost || a.ip == netip.IPv6Loopback()
}
