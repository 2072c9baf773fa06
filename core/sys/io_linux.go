package sys

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

const fionread = unix.TIOCINQ

func recv(fd int, p []byte) (int, error) {
	for {
		n, _, e := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), pointer(p), uintptr(len(p)), 0, 0, 0)
		if e == unix.ENOTSOCK {
			n, _, e = unix.RawSyscall(unix.SYS_READ, uintptr(fd), pointer(p), uintptr(len(p)))
		}
		if e == 0 {
			return int(n), nil
		}
		if e != unix.EINTR {
			return -1, e
		}
	}
}

func send(fd int, parts [][]byte) (int, error) {
	var iov [MaxParts]unix.Iovec
	for i, p := range parts {
		iov[i].Base = unsafe.SliceData(p)
		iov[i].SetLen(len(p))
	}
	var msg unix.Msghdr
	msg.Iov = &iov[0]
	msg.SetIovlen(len(parts))
	for {
		n, _, e := unix.RawSyscall(unix.SYS_SENDMSG, uintptr(fd), uintptr(unsafe.Pointer(&msg)), unix.MSG_NOSIGNAL)
		switch e {
		case 0:
			return int(n), nil
		case unix.EINTR:
		case unix.ENOTSOCK:
			return writeQuietly(fd, parts[0])
		default:
			return -1, e
		}
	}
}

func sendOne(fd int, p []byte) (int, error) {
	for {
		n, _, e := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), pointer(p), uintptr(len(p)), unix.MSG_NOSIGNAL, 0, 0)
		switch e {
		case 0:
			return int(n), nil
		case unix.EINTR:
		case unix.ENOTSOCK:
			return writeQuietly(fd, p)
		default:
			return -1, e
		}
	}
}

// writeQuietly writes to what is no socket.
func writeQuietly(fd int, p []byte) (int, error) {
	return quietly(func() (uintptr, unix.Errno) {
		n, _, e := unix.RawSyscall(unix.SYS_WRITE, uintptr(fd), pointer(p), uintptr(len(p)))
		return n, e
	})
}

// sendFile has the system copy from a file to a descriptor.
func sendFile(fd, file int, offset int64, size int) (int, error) {
	return quietly(func() (uintptr, unix.Errno) {
		at := offset
		n, _, e := unix.RawSyscall6(unix.SYS_SENDFILE, uintptr(fd), uintptr(file), uintptr(unsafe.Pointer(&at)), uintptr(size), 0, 0)
		return n, e
	})
}

// quietly makes a call that has no MSG_NOSIGNAL, again if it is interrupted. SIGPIPE is
// blocked around it and a new one is taken away: the process's signal dispositions are its own.
func quietly(call func() (uintptr, unix.Errno)) (int, error) {
	var pipe, old, pending unix.Sigset_t
	pipe.Val[0] = 1 << (uint(unix.SIGPIPE) - 1)
	const setSize = 8
	unix.RawSyscall6(unix.SYS_RT_SIGPROCMASK, unix.SIG_BLOCK, uintptr(unsafe.Pointer(&pipe)), uintptr(unsafe.Pointer(&old)), setSize, 0, 0)
	unix.RawSyscall(unix.SYS_RT_SIGPENDING, uintptr(unsafe.Pointer(&pending)), setSize, 0)
	var n uintptr
	var e unix.Errno = unix.EINTR
	for e == unix.EINTR {
		n, e = call()
	}
	if e == unix.EPIPE && pending.Val[0]&pipe.Val[0] == 0 {
		var now unix.Timespec
		unix.RawSyscall6(unix.SYS_RT_SIGTIMEDWAIT, uintptr(unsafe.Pointer(&pipe)), 0, uintptr(unsafe.Pointer(&now)), setSize, 0, 0)
	}
	unix.RawSyscall6(unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK, uintptr(unsafe.Pointer(&old)), 0, setSize, 0, 0)
	if e != 0 {
		return -1, e
	}
	return int(n), nil
}

// Outstanding returns how many bytes that were sent the other end has not taken yet;
// 0 if that is unknown. Of a local socket it is how much memory they take.
func Outstanding(fd int) int {
	n, err := unix.IoctlGetInt(fd, unix.TIOCOUTQ)
	if err != nil {
		return 0
	}
	return n
}

func closeNow(fd int) { unix.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0) }

func pointer(p []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(p))) }
