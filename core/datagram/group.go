package datagram

import (
	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/endpoint"
)

// Join makes fd a member of a multicast group on an interface; 0 is the
// system's choice.
func Join(fd int, group address.Address, index uint32) error {
	return membership(fd, group, index, unix.IP_ADD_MEMBERSHIP, unix.IPV6_JOIN_GROUP)
}

// Leave is the opposite of Join.
func Leave(fd int, group address.Address, index uint32) error {
	return membership(fd, group, index, unix.IP_DROP_MEMBERSHIP, unix.IPV6_LEAVE_GROUP)
}

func membership(fd int, group address.Address, index uint32, option4, option6 int) error {
	switch ip := group.Addr(); {
	case ip.Is4():
		return unix.SetsockoptIPMreqn(fd, unix.IPPROTO_IP, option4, &unix.IPMreqn{Multiaddr: ip.As4(), Ifindex: int32(index)})
	case ip.Is6():
		if index == 0 && ip.Zone() != "" {
			index = endpoint.InterfaceIndex(fd, ip.Zone())
		}
		return unix.SetsockoptIPv6Mreq(fd, unix.IPPROTO_IPV6, option6, &unix.IPv6Mreq{Multiaddr: ip.As16(), Interface: index})
	}
	return unix.EINVAL
}

// SetInterface chooses the interface for what fd sends to multicast groups; 0
// is the system's choice. One that sends both IPv4 and IPv6 uses it for both.
func SetInterface(fd int, ipv6 bool, index uint32) error {
	err := unix.SetsockoptIPMreqn(fd, unix.IPPROTO_IP, unix.IP_MULTICAST_IF, &unix.IPMreqn{Ifindex: int32(index)})
	if ipv6 {
		return unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_IF, int(index))
	}
	return err
}
