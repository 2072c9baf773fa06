package sys

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"qnet/core/fault"
)

// Open makes a non-blocking socket.
func Open(domain, kind, protocol int) (int, error) {
	if f := fault.Active(); f != nil {
		return f.Open(domain, kind, func() (int, error) { return open(domain, kind, protocol) })
	}
	return open(domain, kind, protocol)
}

// OpenWithoutFaults is Open for a socket of the library's own.
func OpenWithoutFaults(domain, kind, protocol int) (int, error) { return open(domain, kind, protocol) }

// Connect begins to connect fd to a struct sockaddr.
func Connect(fd int, to unsafe.Pointer, size uintptr) unix.Errno {
	if f := fault.Active(); f != nil {
		return f.Connect(fd, to, func() unix.Errno { return connect(fd, to, size) })
	}
	return connect(fd, to, size)
}

// ConnectWithoutFaults is Connect for a socket of the library's own.
func ConnectWithoutFaults(fd int, to unsafe.Pointer, size uintptr) unix.Errno {
	return connect(fd, to, size)
}

// Accept takes the next connection of fd, non-blocking, and fills in the struct
// sockaddr of its peer, for which there is room of *size bytes.
func Accept(fd int, from unsafe.Pointer, size *uint32) (int, unix.Errno) {
	if f := fault.Active(); f != nil {
		return f.Accept(fd, func() (int, unix.Errno) { return accept(fd, from, size) })
	}
	return accept(fd, from, size)
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
