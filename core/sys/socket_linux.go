package sys

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

func open(domain, kind, protocol int) (int, error) {
	return AboveStandard(unix.Socket(domain, kind|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, protocol))
}

func connect(fd int, to unsafe.Pointer, size uintptr) unix.Errno {
	// A local server's path may be on a file system that is slow.
	_, _, e := unix.Syscall(unix.SYS_CONNECT, uintptr(fd), uintptr(to), size)
	return e
}

func accept(fd int, from unsafe.Pointer, size *uint32) (int, unix.Errno) {
	n, _, e := unix.RawSyscall6(unix.SYS_ACCEPT4, uintptr(fd), uintptr(from), uintptr(unsafe.Pointer(size)),
		unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0, 0)
	if e == 0 && int(n) < firstDescriptor {
		return acceptedAboveStandard(int(n))
	}
	return int(n), e
}

// Adopt makes a descriptor that somebody else has made fit for the calls of this package:
// it is not to block.
func Adopt(fd int) error { return setNonblock(fd) }

// closingOnExec is the flag of recvmsg that keeps descriptors from other programs.
const closingOnExec = unix.MSG_CMSG_CLOEXEC

// Bind binds fd to a struct sockaddr.
func Bind(fd int, to unsafe.Pointer, size uintptr) unix.Errno {
	// As above.
	_, _, e := unix.Syscall(unix.SYS_BIND, uintptr(fd), uintptr(to), size)
	return e
}

// LocalName fills in the struct sockaddr that fd is bound to, for which there is room of
// *size bytes.
func LocalName(fd int, name unsafe.Pointer, size *uint32) unix.Errno {
	_, _, e := unix.RawSyscall(unix.SYS_GETSOCKNAME, uintptr(fd), uintptr(name), uintptr(unsafe.Pointer(size)))
	return e
}

// PeerName is LocalName for what fd is connected to.
func PeerName(fd int, name unsafe.Pointer, size *uint32) unix.Errno {
	_, _, e := unix.RawSyscall(unix.SYS_GETPEERNAME, uintptr(fd), uintptr(name), uintptr(unsafe.Pointer(size)))
	return e
}

// Family returns the address family of a socket.
func Family(fd int) (int, error) { return unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DOMAIN) }

// IsTCP reports whether fd is a socket of TCP.
func IsTCP(fd int) bool {
	protocol, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PROTOCOL)
	return err == nil && protocol == unix.IPPROTO_TCP
}

// IsListening reports whether fd is a socket that takes connections.
func IsListening(fd int) bool {
	listening, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN)
	return err == nil && listening != 0
}
