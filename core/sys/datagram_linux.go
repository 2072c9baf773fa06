package sys

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

func recvMessages(fd int, list []Message) (int, error) {
	return messages(unix.SYS_RECVMMSG, fd, list, unix.MSG_DONTWAIT)
}

func sendMessages(fd int, list []Message) (int, error) {
	return messages(unix.SYS_SENDMMSG, fd, list, unix.MSG_NOSIGNAL|unix.MSG_DONTWAIT)
}

func messages(number uintptr, fd int, list []Message, flags uintptr) (int, error) {
	for {
		n, _, e := unix.RawSyscall6(number, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(list))), uintptr(len(list)), flags, 0, 0)
		if e == 0 {
			return int(n), nil
		}
		if e != unix.EINTR {
			return -1, e
		}
	}
}

func sendMessage(fd int, h *unix.Msghdr) error {
	for {
		_, _, e := unix.RawSyscall(unix.SYS_SENDMSG, uintptr(fd), uintptr(unsafe.Pointer(h)), unix.MSG_NOSIGNAL|unix.MSG_DONTWAIT)
		if e == 0 {
			return nil
		}
		if e != unix.EINTR {
			return e
		}
	}
}
