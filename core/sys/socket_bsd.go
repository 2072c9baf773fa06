//go:build darwin || freebsd

package sys

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

func connect(fd int, to unsafe.Pointer, size uintptr) unix.Errno {
	return withName(to, size, func(name unix.Sockaddr) error { return unix.Connect(fd, name) })
}

// Bind binds fd to a struct sockaddr.
func Bind(fd int, to unsafe.Pointer, size uintptr) unix.Errno {
	return withName(to, size, func(name unix.Sockaddr) error { return unix.Bind(fd, name) })
}

func withName(raw unsafe.Pointer, size uintptr, do func(name unix.Sockaddr) error) unix.Errno {
	name, err := fromRaw(raw, size)
	if err == nil {
		err = do(name)
	}
	return errno(err)
}

func accept(fd int, from unsafe.Pointer, size *uint32) (int, unix.Errno) {
	conn, name, err := acceptOne(fd)
	if err != nil {
		return -1, errno(err)
	}
	toRaw(name, from, size)
	if conn < firstDescriptor {
		return acceptedAboveStandard(conn)
	}
	return conn, 0
}

// LocalName fills in the struct sockaddr that fd is bound to, for which there is room of
// *size bytes.
func LocalName(fd int, name unsafe.Pointer, size *uint32) unix.Errno {
	sa, err := unix.Getsockname(fd)
	if err == nil {
		toRaw(sa, name, size)
	}
	return errno(err)
}

// PeerName is LocalName for what fd is connected to.
func PeerName(fd int, name unsafe.Pointer, size *uint32) unix.Errno {
	sa, err := unix.Getpeername(fd)
	if err == nil {
		toRaw(sa, name, size)
	}
	return errno(err)
}

// Family returns the address family of a socket, which its name has even before it is
// bound: not all of these systems have SO_DOMAIN.
func Family(fd int) (int, error) {
	name, err := unix.Getsockname(fd)
	if err != nil {
		return 0, err
	}
	switch name.(type) {
	case *unix.SockaddrInet4:
		return unix.AF_INET, nil
	case *unix.SockaddrInet6:
		return unix.AF_INET6, nil
	case *unix.SockaddrUnix:
		return unix.AF_UNIX, nil
	}
	return unix.AF_UNSPEC, nil
}

// IsTCP reports whether fd is a socket of TCP: it has TCP's options. Not all of these
// systems have SO_PROTOCOL.
func IsTCP(fd int) bool {
	kind, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil || kind != unix.SOCK_STREAM {
		return false
	}
	if family, err := Family(fd); err != nil || family == unix.AF_UNIX {
		return false // at whose level the number would mean something else
	}
	_, err = unix.GetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY)
	return err == nil
}

func errno(err error) unix.Errno {
	if err == nil {
		return 0
	}
	if e, is := err.(unix.Errno); is {
		return e
	}
	return unix.EINVAL
}
