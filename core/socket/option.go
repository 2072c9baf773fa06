package socket

import (
	"golang.org/x/sys/unix"

	"qnet/core/address"
)

// Option is a QAbstractSocket::SocketOption.
type Option int

const (
	LowDelay          Option = 0
	KeepAlive         Option = 1
	MulticastTTL      Option = 2
	MulticastLoopback Option = 3
	TypeOfService     Option = 4
	SendBufferSize    Option = 5
	ReceiveBufferSize Option = 6
	PathMTU           Option = 7
)

// optionName returns the system's name of an option, which depends on the
// family for those of the network layer.
func (s *Socket) optionName(o Option) (level, name int, ok bool) {
	v6 := s.local.Protocol() != address.IPv4
	switch o {
	case LowDelay:
		return unix.IPPROTO_TCP, unix.TCP_NODELAY, true
	case KeepAlive:
		return unix.SOL_SOCKET, unix.SO_KEEPALIVE, true
	case MulticastTTL:
		if v6 {
			return unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_HOPS, true
		}
		return unix.IPPROTO_IP, unix.IP_MULTICAST_TTL, true
	case MulticastLoopback:
		if v6 {
			return unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_LOOP, true
		}
		return unix.IPPROTO_IP, unix.IP_MULTICAST_LOOP, true
	case TypeOfService:
		if v6 {
			return unix.IPPROTO_IPV6, unix.IPV6_TCLASS, true
		}
		return unix.IPPROTO_IP, unix.IP_TOS, true
	case SendBufferSize:
		return unix.SOL_SOCKET, unix.SO_SNDBUF, true
	case ReceiveBufferSize:
		return unix.SOL_SOCKET, unix.SO_RCVBUF, true
	case PathMTU:
		if v6 {
			return unix.IPPROTO_IPV6, unix.IPV6_MTU, true
		}
		return unix.IPPROTO_IP, unix.IP_MTU, true
	}
	return 0, 0, false
}

// SetOption sets an option; false without a descriptor or if the system
// refuses (QAbstractSocket::setSocketOption).
func (s *Socket) SetOption(o Option, value int) bool {
	level, name, ok := s.optionName(o)
	return ok && s.fd >= 0 && !s.broken && unix.SetsockoptInt(int(s.fd), level, name, value) == nil
}

// Option returns an option's value; -1 if there is none
// (QAbstractSocket::socketOption).
func (s *Socket) Option(o Option) int {
	level, name, ok := s.optionName(o)
	if !ok || s.fd < 0 || s.broken {
		return -1
	}
	value, err := unix.GetsockoptInt(int(s.fd), level, name)
	if err != nil {
		return -1
	}
	return value
}
