package sys

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Open makes a non-blocking socket.
func Open(domain, kind, protocol int) (int, error) {
	if faults != nil {
		return faults.open(domain, kind, protocol)
	}
	return OpenWithoutFaults(domain, kind, protocol)
}

// OpenWithoutFaults is Open for a socket of the library's own.
func OpenWithoutFaults(domain, kind, protocol int) (int, error) {
	return AboveStandard(unix.Socket(domain, kind|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, protocol))
}

// Connect begins to connect fd to a struct sockaddr.
func Connect(fd int, to unsafe.Pointer, size uintptr) unix.Errno {
	if faults != nil {
		return faults.connect(fd, to, size)
	}
	return connect(fd, to, size)
}

func connect(fd int, to unsafe.Pointer, size uintptr) unix.Errno {
	// A local server's path may be on a file system that is slow.
	_, _, e := unix.Syscall(unix.SYS_CONNECT, uintptr(fd), uintptr(to), size)
	return e
}

// Accept takes the next connection of fd, non-blocking, and fills in the struct
// sockaddr of its peer.
func Accept(fd int, from unsafe.Pointer, size *uint32) (int, unix.Errno) {
	if faults != nil {
		return faults.accept(fd, from, size)
	}
	return accept(fd, from, size)
}

func accept(fd int, from unsafe.Pointer, size *uint32) (int, unix.Errno) {
	n, _, e := unix.RawSyscall6(unix.SYS_ACCEPT4, uintptr(fd), uintptr(from), uintptr(unsafe.Pointer(size)),
		unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0, 0)
	if e == 0 && int(n) < firstDescriptor {
		return acceptedAboveStandard(int(n))
	}
	return int(n), e
}

// acceptedAboveStandard is AboveStandard for accept. Without another descriptor the
// connection is lost.
func acceptedAboveStandard(fd int) (int, unix.Errno) {
	fd, err := AboveStandard(fd, nil)
	if err != nil {
		return -1, err.(unix.Errno)
	}
	return fd, 0
}
