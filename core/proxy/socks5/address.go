package socks5

import (
	"encoding/binary"
	"net/netip"

	"qnet/core/address"
	"qnet/core/proxy"
)

// appendAddress appends a target as it is in messages: its family, itself and its port.
func appendAddress(b []byte, t proxy.Target) []byte {
	a := t.Address.Addr()
	switch {
	case t.Name != "":
		b = append(append(b, familyName, byte(len(t.Name))), t.Name...)
	case a.Is6():
		ip := a.As16()
		b = append(append(b, familyIPv6), ip[:]...)
	case a.Is4():
		ip := a.As4()
		b = append(append(b, familyIPv4), ip[:]...)
	default:
		b = append(b, familyIPv4, 0, 0, 0, 0)
	}
	return binary.BigEndian.AppendUint16(b, t.Port)
}

// addressLength returns how long the target is that b begins with, of which it needs
// two bytes. It reports whether its family is known.
func addressLength(b []byte) (int, bool) {
	const family, port = 1, 2
	switch b[0] {
	case familyIPv4:
		return family + 4 + port, true
	case familyIPv6:
		return family + 16 + port, true
	case familyName:
		return family + 1 + int(b[1]) + port, true
	}
	return 0, false
}

// parseAddress returns the target that b begins with, and what is behind it.
func parseAddress(b []byte) (t proxy.Target, rest []byte, ok bool) {
	if len(b) < 2 {
		return t, nil, false
	}
	n, ok := addressLength(b)
	if !ok || len(b) < n {
		return t, nil, false
	}
	t.Port = binary.BigEndian.Uint16(b[n-2:])
	switch host := b[1 : n-2]; b[0] {
	case familyName:
		// Some servers write an address so.
		if a, ok := address.Parse(string(host[1:])); ok {
			t.Address = a
		} else {
			t.Name = string(host[1:])
		}
	default:
		a, _ := netip.AddrFromSlice(host)
		t.Address = address.FromAddr(a)
	}
	return t, b[n:], true
}
