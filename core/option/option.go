// Package option sets options of sockets (QAbstractSocket::SocketOption) on
// descriptors, and keeps those that are to hold for descriptors to come.
package option

import (
	"maps"

	"golang.org/x/sys/unix"

	"qnet/core/endpoint"
	"qnet/core/sctp"
	"qnet/core/sys"
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
	BindToInterface   Option = 67
)

// name is what the system calls an option.
type name struct {
	level, name int
}

// pair are the names of an option for IPv4 and for IPv6.
type pair struct{ v4, v6 name }

// names are those of all options, which differ between IPv4 and IPv6 for what belongs to
// the network layer. ownNames are added, of what this system has and others have not.
var names = map[Option]pair{
	LowDelay:          both(unix.IPPROTO_TCP, unix.TCP_NODELAY),
	KeepAlive:         both(unix.SOL_SOCKET, unix.SO_KEEPALIVE),
	MulticastTTL:      {name{unix.IPPROTO_IP, unix.IP_MULTICAST_TTL}, name{unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_HOPS}},
	MulticastLoopback: {name{unix.IPPROTO_IP, unix.IP_MULTICAST_LOOP}, name{unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_LOOP}},
	TypeOfService:     {name{unix.IPPROTO_IP, unix.IP_TOS}, name{unix.IPPROTO_IPV6, unix.IPV6_TCLASS}},
	SendBufferSize:    both(unix.SOL_SOCKET, unix.SO_SNDBUF),
	ReceiveBufferSize: both(unix.SOL_SOCKET, unix.SO_RCVBUF),
	KeepAliveIdle:     both(unix.IPPROTO_TCP, keepIdle),
	KeepAliveInterval: both(unix.IPPROTO_TCP, unix.TCP_KEEPINTVL),
	KeepAliveCount:    both(unix.IPPROTO_TCP, unix.TCP_KEEPCNT),
	ReusePort:         both(unix.SOL_SOCKET, reusePort),
}

func init() { maps.Copy(names, ownNames) }

func both(level, option int) pair {
	n := name{level, option}
	return pair{n, n}
}

func (n name) set(fd, value int) error { return unix.SetsockoptInt(fd, n.level, n.name, value) }

// Set sets an option of fd. A socket of IPv6 that may also send IPv4 has it for both.
func Set(fd int, o Option, value int) error {
	p, ok := names[o]
	switch {
	case !ok:
		return unix.ENOPROTOOPT
	case o == LowDelay && sctp.IsSCTP(fd):
		return sctp.SetNoDelay(fd, value)
	}
	switch {
	case isIPv4(fd):
		return p.v4.set(fd, value)
	case p.v4 == p.v6 || !hasBoth || !endpoint.IsDualStack(fd):
		return p.v6.set(fd, value)
	}
	if err := p.v4.set(fd, value); err != nil {
		return err
	}
	return p.v6.set(fd, value)
}

// Get returns the value of an option of fd; of one that has it for both families,
// that of the connection, or of IPv6.
func Get(fd int, o Option) (int, error) {
	p, ok := names[o]
	switch {
	case !ok:
		return 0, unix.ENOPROTOOPT
	case o == LowDelay && sctp.IsSCTP(fd):
		return sctp.NoDelay(fd)
	}
	n := p.v6
	if p.v4 != p.v6 {
		if peer, _ := endpoint.Peer(fd); isIPv4(fd) || hasBoth && peer.Addr().Is4In6() {
			n = p.v4
		}
	}
	return unix.GetsockoptInt(fd, n.level, n.name)
}

func isIPv4(fd int) bool {
	family, err := sys.Family(fd)
	return err == nil && family == unix.AF_INET
}

// setting is an option with a value.
type setting struct {
	option Option
	value  int
}

// Kept are the options that descriptors get when they are made, in the order in which
// they were set.
type Kept []setting

// Keep adds an option, instead of what it was before. It reports whether there is such
// an option.
func (k *Kept) Keep(o Option, value int) bool {
	if _, ok := names[o]; !ok || o == BindToInterface && value < 0 {
		return false
	}
	for i := range *k {
		if (*k)[i].option == o {
			(*k)[i].value = value
			return true
		}
	}
	*k = append(*k, setting{o, value})
	return true
}

// Apply sets the options of fd. Where the system refuses one the descriptor is as good
// without it, unless it says who else gets a part of what arrives, or which way what is
// sent goes: those are the error.
func (k Kept) Apply(fd int) error {
	for _, s := range k {
		if err := Set(fd, s.option, s.value); err != nil && (s.option == ReusePort || s.option == BindToInterface) {
			return err
		}
	}
	return nil
}
