// Package endpoint makes sockets of the system and asks for their addresses:
// descriptors on the one side, address.Address and ports on the other.
package endpoint

import (
	"encoding/binary"
	"net"
	"net/netip"
	"strconv"

	"golang.org/x/sys/unix"

	"qnet/core/address"
)

// Open makes a non-blocking stream socket of the family of a: IPv4, IPv6 alone,
// or IPv6 that also takes IPv4 for address.Any.
func Open(a address.Address) (int, error) {
	return openKind(a, unix.SOCK_STREAM, unix.IPPROTO_TCP)
}

// OpenDatagram is Open for a datagram socket, which may send to everybody.
func OpenDatagram(a address.Address) (int, error) {
	fd, err := openKind(a, unix.SOCK_DGRAM, unix.IPPROTO_UDP)
	if err == nil {
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_BROADCAST, 1)
	}
	return fd, err
}

func openKind(a address.Address, kind, protocol int) (int, error) {
	family := unix.AF_INET6
	if a.Protocol() == address.IPv4 {
		family = unix.AF_INET
	}
	fd, err := open(family, kind, protocol)
	if err == unix.EAFNOSUPPORT && a.Protocol() == address.AnyIP {
		return open(unix.AF_INET, kind, protocol)
	}
	if err != nil || family == unix.AF_INET {
		return fd, err
	}
	only := 1
	if a.Protocol() == address.AnyIP || a.Addr().Is4In6() {
		only = 0
	}
	unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, only)
	return fd, nil
}

func open(family, kind, protocol int) (int, error) {
	return unix.Socket(family, kind|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, protocol)
}

// Bind binds fd to a and port.
func Bind(fd int, a address.Address, port uint16) error {
	sa, err := sockaddr(fd, a, port)
	if err != nil {
		return err
	}
	return unix.Bind(fd, sa)
}

// Connect starts to connect fd; EINPROGRESS says that it goes on.
func Connect(fd int, a address.Address, port uint16) error {
	sa, err := sockaddr(fd, a, port)
	if err != nil {
		return err
	}
	again := true
	for {
		err = unix.Connect(fd, sa)
		switch {
		case err == unix.EINTR:
		case err == unix.ECONNABORTED && again:
			// The end of a former attempt that failed, told once more.
			again = false
		default:
			return err
		}
	}
}

// Accept takes the next connection of fd, with the peer's address.
func Accept(fd int) (conn int, peer address.Address, port uint16, err error) {
	for {
		conn, sa, err := unix.Accept4(fd, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		// A connection that the peer gave up meanwhile is no failure.
		if err == unix.EINTR || err == unix.ECONNABORTED {
			continue
		}
		if err != nil {
			return -1, address.Null, 0, err
		}
		peer, port := fromSockaddr(sa)
		return conn, peer, port, nil
	}
}

// Local returns the address that fd is bound to; the null address if none.
func Local(fd int) (address.Address, uint16) {
	sa, err := unix.Getsockname(fd)
	if err != nil {
		return address.Null, 0
	}
	return fromSockaddr(sa)
}

// Peer returns the address that fd is connected to; the null address if none.
func Peer(fd int) (address.Address, uint16) {
	sa, err := unix.Getpeername(fd)
	if err != nil {
		return address.Null, 0
	}
	return fromSockaddr(sa)
}

// IsDualStack tells whether fd, bound to ::, takes IPv4 too.
func IsDualStack(fd int) bool {
	only, err := unix.GetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY)
	return err == nil && only == 0
}

// sockaddr returns a as the family of fd needs it: an IPv6 socket reaches IPv4
// by mapped addresses.
func sockaddr(fd int, a address.Address, port uint16) (unix.Sockaddr, error) {
	family, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DOMAIN)
	if err != nil {
		return nil, err
	}
	ip := a.Addr()
	if family == unix.AF_INET {
		if a.Protocol() == address.AnyIP {
			ip = netip.IPv4Unspecified()
		}
		if ip = ip.Unmap(); !ip.Is4() {
			return nil, unix.EAFNOSUPPORT
		}
		return &unix.SockaddrInet4{Port: int(port), Addr: ip.As4()}, nil
	}
	if !ip.IsValid() {
		return nil, unix.EAFNOSUPPORT
	}
	sa := &unix.SockaddrInet6{Port: int(port), Addr: ip.As16()}
	if zone := ip.Zone(); zone != "" {
		if sa.ZoneId = zoneIndex(zone); sa.ZoneId == 0 {
			return nil, unix.EADDRNOTAVAIL
		}
	}
	return sa, nil
}

func fromSockaddr(sa unix.Sockaddr) (address.Address, uint16) {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return address.FromIPv4(binary.BigEndian.Uint32(sa.Addr[:])), uint16(sa.Port)
	case *unix.SockaddrInet6:
		a := address.FromIPv6(sa.Addr)
		if sa.ZoneId != 0 {
			a = a.WithScopeID(zoneName(sa.ZoneId))
		}
		return a, uint16(sa.Port)
	}
	return address.Null, 0
}

// zoneIndex returns the number of an interface that is given by name or number.
func zoneIndex(zone string) uint32 {
	if n, err := strconv.ParseUint(zone, 10, 32); err == nil {
		return uint32(n)
	}
	nic, err := net.InterfaceByName(zone)
	if err != nil {
		return 0
	}
	return uint32(nic.Index)
}

func zoneName(index uint32) string {
	if nic, err := net.InterfaceByIndex(int(index)); err == nil {
		return nic.Name
	}
	return strconv.FormatUint(uint64(index), 10)
}
