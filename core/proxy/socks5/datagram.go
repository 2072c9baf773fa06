package socks5

import "qnet/core/proxy"

// AppendHeader appends what goes before the data of a datagram to a target, which the
// relay takes off (RFC 1928, 7).
func AppendHeader(b []byte, to proxy.Target) []byte {
	return appendAddress(append(b, 0, 0, 0), to)
}

// ParseDatagram returns where a datagram from the relay has come from, and its data. It
// reports whether it is one: a fragment, which nobody sends, is none, and neither is one from
// nowhere.
func ParseDatagram(b []byte) (from proxy.Target, data []byte, ok bool) {
	const header = 3
	if len(b) < header || b[0] != 0 || b[1] != 0 || b[2] != 0 {
		return proxy.Target{}, nil, false
	}
	from, data, ok = parseAddress(b[header:])
	return from, data, ok && (from.Name != "" || !from.Address.IsNull())
}

// Relay returns where datagrams are to be sent to, given what the proxy says and its own
// address: where it says none, it is the same host.
func Relay(bound, own proxy.Target) proxy.Target {
	if bound.Name == "" && (bound.Address.IsNull() || bound.Address.Addr().Unmap().IsUnspecified()) {
		bound.Address = own.Address
	}
	return bound
}
