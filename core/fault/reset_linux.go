package fault

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// resetTCP takes the connection from a socket, which the peer sees as a reset.
func resetTCP(fd int) {
	none := unix.RawSockaddrInet4{Family: unix.AF_UNSPEC}
	unix.RawSyscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&none)), unix.SizeofSockaddrInet4)
}
