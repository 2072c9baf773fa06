package socket

import (
	"golang.org/x/sys/unix"

	"qnet/core/address"
)

// Option is a QAbstractSocket::SocketOption; those from 64 on are qnet's own.
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
	KeepAliveIdle     Option = 8
	KeepAliveInterval Option = 9
	KeepAliveCount    Option = 10
	UserTimeout       Option = 64
	ReusePort         Option = 65
	ReceiveTrains     Option = 66
)

// name is what the system calls an option.
type name struct {
	level, name int
}

// names are those for IPv4 and for IPv6, which differ for what belongs to the
// network layer.
var names = map[Option]struct{ v4, v6 name }{
	LowDelay:          both(unix.IPPROTO_TCP, unix.TCP_NODELAY),
	KeepAlive:         both(unix.SOL_SOCKET, unix.SO_KEEPALIVE),
	MulticastTTL:      {name{unix.IPPROTO_IP, unix.IP_MULTICAST_TTL}, name{unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_HOPS}},
	MulticastLoopback: {name{unix.IPPROTO_IP, unix.IP_MULTICAST_LOOP}, name{unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_LOOP}},
	TypeOfService:     {name{unix.IPPROTO_IP, unix.IP_TOS}, name{unix.IPPROTO_IPV6, unix.IPV6_TCLASS}},
	SendBufferSize:    both(unix.SOL_SOCKET, unix.SO_SNDBUF),
	ReceiveBufferSize: both(unix.SOL_SOCKET, unix.SO_RCVBUF),
	PathMTU:           {name{unix.IPPROTO_IP, unix.IP_MTU}, name{unix.IPPROTO_IPV6, unix.IPV6_MTU}},
	KeepAliveIdle:     both(unix.IPPROTO_TCP, unix.TCP_KEEPIDLE),
	KeepAliveInterval: both(unix.IPPROTO_TCP, unix.TCP_KEEPINTVL),
	KeepAliveCount:    both(unix.IPPROTO_TCP, unix.TCP_KEEPCNT),
	UserTimeout:       both(unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT),
	ReusePort:         both(unix.SOL_SOCKET, unix.SO_REUSEPORT),
	ReceiveTrains:     both(unix.IPPROTO_UDP, unix.UDP_GRO),
}

func both(level, option int) struct{ v4, v6 name } {
	n := name{level, option}
	return struct{ v4, v6 name }{n, n}
}

// nameOf returns the name of an option for a protocol.
func nameOf(o Option, p address.Protocol) (n name, ok bool) {
	pair, ok := names[o]
	if p == address.IPv4 {
		return pair.v4, ok
	}
	return pair.v6, ok
}

// setOption is an option that was set while connecting.
type setOption struct {
	option Option
	value  int
}

func (s *Socket) setOption(fd int, p address.Protocol, o Option, value int) bool {
	n, ok := nameOf(o, p)
	return ok && unix.SetsockoptInt(fd, n.level, n.name, value) == nil
}

// SetOption sets an option; false without a descriptor or if the system refuses
// (QAbstractSocket::setSocketOption). While connecting it is set for each
// address that is tried.
func (s *Socket) SetOption(o Option, value int) bool {
	if s.fd >= 0 {
		return !s.broken && s.setOption(int(s.fd), s.here.Address.Protocol(), o, value)
	}
	if !s.dialing() {
		return false
	}
	d := s.rare.dial
	d.options = append(d.options, setOption{o, value})
	ok := true
	for _, a := range d.attempts {
		ok = s.setOption(a.fd, a.to.Protocol(), o, value) && ok
	}
	return ok
}

// Option returns an option's value; -1 if there is none
// (QAbstractSocket::socketOption).
func (s *Socket) Option(o Option) int {
	fd, protocol := int(s.fd), s.here.Address.Protocol()
	if fd < 0 && s.dialing() {
		a := s.rare.dial.attempts[0]
		fd, protocol = a.fd, a.to.Protocol()
	}
	n, ok := nameOf(o, protocol)
	if !ok || fd < 0 || s.broken {
		return -1
	}
	value, err := unix.GetsockoptInt(fd, n.level, n.name)
	if err != nil {
		return -1
	}
	return value
}
