// Package endpoint makes sockets of the system and asks for their addresses:
// descriptors on the one side, address.Address and ports on the other.
package endpoint

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/sys"
)

// Open makes a non-blocking stream socket of the family of a: IPv4, IPv6 alone,
// or IPv6 that also takes IPv4 for address.Any.
func Open(a address.Address) (int, error) {
	return openKind(a, unix.SOCK_STREAM, unix.IPPROTO_TCP)
}

// OpenSCTP is Open for a socket of SCTP.
func OpenSCTP(a address.Address) (int, error) {
	return openKind(a, unix.SOCK_STREAM, unix.IPPROTO_SCTP)
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
	return sys.Open(family, kind, protocol)
}

// Bind binds fd to a and port.
func Bind(fd int, a address.Address, port uint16) error {
	return call(fd, a, port, sys.Bind)
}

// ShareAddress lets others bind to the address that fd is going to be bound to.
func ShareAddress(fd int) { unix.SetsockoptInt(fd, unix.SOL_SOCKET, sharing(fd), 1) }

// Connect starts to connect fd; EINPROGRESS says that it goes on.
func Connect(fd int, a address.Address, port uint16) error {
	again := true
	for {
		err := call(fd, a, port, sys.Connect)
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

// call makes a system call on fd with an address.
func call(fd int, a address.Address, port uint16, do func(fd int, sa unsafe.Pointer, size uintptr) unix.Errno) error {
	family, err := sys.Family(fd)
	if err != nil {
		return err
	}
	var sa unix.RawSockaddrInet6
	size, err := Encode(&sa, fd, family != unix.AF_INET, a, port)
	if err != nil {
		return err
	}
	if e := do(fd, unsafe.Pointer(&sa), uintptr(size)); e != 0 {
		return e
	}
	return nil
}

// Accept takes the next connection of fd, with the peer's address; that of a
// local socket is null.
func Accept(fd int) (conn int, peer address.Address, port uint16, err error) {
	for {
		var sa unix.RawSockaddrInet6
		size := uint32(unsafe.Sizeof(sa))
		n, e := sys.Accept(fd, unsafe.Pointer(&sa), &size)
		switch e {
		case 0:
			peer, port := Decode(&sa, n)
			return n, peer, port, nil
		case unix.EINTR, unix.ECONNABORTED:
			// A connection that the peer gave up meanwhile is no failure.
		default:
			return -1, address.Null, 0, e
		}
	}
}

// Local returns the address that fd is bound to; the null address if none, and
// address.Any if it takes both families.
func Local(fd int) (address.Address, uint16) {
	var sa unix.RawSockaddrInet6
	size := uint32(unsafe.Sizeof(sa))
	if sys.LocalName(fd, unsafe.Pointer(&sa), &size) != 0 {
		return address.Null, 0
	}
	a, port := Decode(&sa, fd)
	if a == address.AnyIPv6 && IsDualStack(fd) {
		a = address.Any
	}
	return a, port
}

// Peer returns the address that fd is connected to; the null address if none.
func Peer(fd int) (address.Address, uint16) {
	var sa unix.RawSockaddrInet6
	size := uint32(unsafe.Sizeof(sa))
	if sys.PeerName(fd, unsafe.Pointer(&sa), &size) != 0 {
		return address.Null, 0
	}
	return Decode(&sa, fd)
}

// IsTCP reports whether fd is a socket of TCP.
func IsTCP(fd int) bool { return sys.IsTCP(fd) }

// IsDualStack reports whether fd, bound to ::, takes IPv4 too.
func IsDualStack(fd int) bool {
	only, err := unix.GetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY)
	return err == nil && only == 0
}
