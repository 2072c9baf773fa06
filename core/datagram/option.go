package datagram

import (
	"golang.org/x/sys/unix"

	"qnet/core/sys"
)

// Prepare has fd, of the family IPv6 or IPv4, tell of each packet's way.
func Prepare(fd int, ipv6 bool) {
	if ipv6 {
		unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO, 1)
		unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_RECVHOPLIMIT, 1)
	} else {
		prepare4(fd)
	}
	// Of IPv4 packets that an IPv6 socket takes, too.
	unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_RECVTTL, 1)
	if lossesOption != 0 {
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, lossesOption, 1)
	}
}

// Coalesce lets the system hand over trains of datagrams (GRO), where it has such. It is
// an option of the socket, not of the descriptor: others who read from it notice.
func Coalesce(fd int) {
	if trainsOption != 0 {
		unix.SetsockoptInt(fd, unix.IPPROTO_UDP, trainsOption, 1)
	}
}

// IsDatagram reports whether fd is a datagram socket of IPv4 or IPv6, and of which.
func IsDatagram(fd int) (ipv6, ok bool) {
	kind, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil || kind != unix.SOCK_DGRAM {
		return false, false
	}
	family, err := sys.Family(fd)
	return family == unix.AF_INET6, err == nil && (family == unix.AF_INET6 || family == unix.AF_INET)
}
