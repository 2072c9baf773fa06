// Package address holds host addresses: what QHostAddress is in Qt, as a small Go value.
//
// Qt is followed to the letter, also where it is lenient: which texts are addresses, how an address is written, which
// range it belongs to, and when two addresses are equal.
package address

import "net/netip"

// Protocol is the network layer an address belongs to (QHostAddress::NetworkLayerProtocol,
// QAbstractSocket::NetworkLayerProtocol), with Qt's numeric values.
type Protocol int8

// The protocols of QAbstractSocket::NetworkLayerProtocol.
const (
	IPv4    Protocol = 0  // QAbstractSocket::IPv4Protocol
	IPv6    Protocol = 1  // QAbstractSocket::IPv6Protocol
	AnyIP   Protocol = 2  // QAbstractSocket::AnyIPProtocol: both at once, as in the address Any
	Unknown Protocol = -1 // QAbstractSocket::UnknownNetworkLayerProtocol: the null address
)

// Address is an IPv4 or IPv6 address, or the dual-stack address Any (QHostAddress). The zero value is the null address.
//
// Two addresses are identical under Go's == only if their scope ids are, too. [Address.Equal] is Qt's operator==,
// which does not look at scope ids.
type Address struct {
	ip netip.Addr // carries the scope id as its zone; invalid in the null address
}

// anyScope sets Any apart from AnyIPv6: a scope id that no address has.
const anyScope = "\x00"

// The addresses of QHostAddress::SpecialAddress.
var (
	Null          = Address{}                                           // QHostAddress::Null: no address
	Broadcast     = FromIPv4(0xffffffff)                                // QHostAddress::Broadcast: 255.255.255.255
	LocalHost     = FromIPv4(0x7f000001)                                // QHostAddress::LocalHost: 127.0.0.1
	LocalHostIPv6 = FromAddr(netip.IPv6Loopback())                      // QHostAddress::LocalHostIPv6: ::1
	Any           = Address{netip.IPv6Unspecified().WithZone(anyScope)} // QHostAddress::Any: every address, IPv4 and IPv6
	AnyIPv6       = FromAddr(netip.IPv6Unspecified())                   // QHostAddress::AnyIPv6: ::
	AnyIPv4       = FromIPv4(0)                                         // QHostAddress::AnyIPv4: 0.0.0.0
)

// FromAddr returns the address a, with its zone as the scope id. An IPv4-mapped IPv6 address stays IPv6, as it does in
// QHostAddress(const sockaddr *); the invalid Addr becomes the null address.
func FromAddr(a netip.Addr) Address {
	return Address{a}
}

// FromIPv4 returns the IPv4 address with the number v, 0x7f000001 being 127.0.0.1 (QHostAddress(quint32)).
func FromIPv4(v uint32) Address {
	return FromAddr(netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}))
}

// FromIPv6 returns the IPv6 address with the bytes b in network order (QHostAddress(const quint8 *)).
func FromIPv6(b [16]byte) Address {
	return FromAddr(netip.AddrFrom16(b))
}

// Addr returns the address with the scope id as its zone. It is :: for Any, and invalid for the null address.
func (a Address) Addr() netip.Addr {
	if a == Any {
		return netip.IPv6Unspecified()
	}
	return a.ip
}

// Protocol returns the protocol the address belongs to (QHostAddress::protocol).
func (a Address) Protocol() Protocol {
	switch {
	case a == Any:
		return AnyIP
	case a.ip.Is4():
		return IPv4
	case a.ip.Is6():
		return IPv6
	}
	return Unknown
}

// MaxScopeID is how many bytes a scope id has at most: the room that qnet_host_address of C has for it. Linux's names of
// interfaces have up to 15.
const MaxScopeID = 31

// ScopeID returns the scope of an IPv6 address, by convention the name or the number of a network interface, or ""
// (QHostAddress::scopeId).
func (a Address) ScopeID() string {
	return a.Addr().Zone()
}

// WithScopeID returns the address with another scope id; "" removes it (QHostAddress::setScopeId). Only addresses of
// protocol IPv6 have one: all others are returned as they are.
func (a Address) WithScopeID(id string) Address {
	if a.Protocol() == IPv6 && id != anyScope {
		a.ip = a.ip.WithZone(id)
	}
	return a
}
