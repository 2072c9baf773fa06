package sys

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// RecvMessages fills an array of struct mmsghdr with the datagrams that there are,
// and returns how many.
func RecvMessages(fd int, headers unsafe.Pointer, count int) (int, error) {
	if faults != nil {
		return faults.move(fd, false, count, func(count int) (int, error) { return recvMessages(fd, headers, count) })
	}
	return recvMessages(fd, headers, count)
}

func recvMessages(fd int, headers unsafe.Pointer, count int) (int, error) {
	return messages(unix.SYS_RECVMMSG, fd, headers, count, unix.MSG_DONTWAIT)
}

// SendMessages sends what an array of struct mmsghdr says, as much as the system
// takes, and returns how many.
func SendMessages(fd int, headers unsafe.Pointer, count int) (int, error) {
	if faults != nil {
		return faults.move(fd, true, count, func(count int) (int, error) { return sendMessages(fd, headers, count) })
	}
	return sendMessages(fd, headers, count)
}

func sendMessages(fd int, headers unsafe.Pointer, count int) (int, error) {
	return messages(unix.SYS_SENDMMSG, fd, headers, count, unix.MSG_NOSIGNAL|unix.MSG_DONTWAIT)
}

func messages(number uintptr, fd int, headers unsafe.Pointer, count int, flags uintptr) (int, error) {
	for {
		n, _, e := unix.RawSyscall6(number, uintptr(fd), uintptr(headers), uintptr(count), flags, 0, 0)
		if e == 0 {
			return int(n), nil
		}
		if e != unix.EINTR {
			return -1, e
		}
	}
}

// SendMessage sends one datagram.
func SendMessage(fd int, h *unix.Msghdr) error {
	if faults != nil {
		_, err := faults.move(fd, true, 1, func(int) (int, error) {
			if err := sendMessage(fd, h); err != nil {
				return -1, err
			}
			return 1, nil
		})
		return err
	}
	return sendMessage(fd, h)
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
