package dial

import "qnet/core/address"

// interleave alternates the families, beginning with that of the first address.
func interleave(list []address.Address) []address.Address {
	var first, second []address.Address
	for _, a := range list {
		if a.Protocol() == list[0].Protocol() {
			first = append(first, a)
		} else {
			second = append(second, a)
		}
	}
	out := make([]address.Address, 0, len(list))
	for len(first) > 0 || len(second) > 0 {
		if len(first) > 0 {
			out, first = append(out, first[0]), first[1:]
		}
		if len(second) > 0 {
			out, second = append(out, second[0]), second[1:]
		}
	}
	return out
}

// Limit returns those of the addresses that are of a protocol; all for address.AnyIP.
func Limit(addresses []address.Address, p address.Protocol) []address.Address {
	if p != address.IPv4 && p != address.IPv6 {
		return addresses
	}
	var list []address.Address
	for _, a := range addresses {
		if a.Protocol() == p {
			list = append(list, a)
		}
	}
	return list
}
