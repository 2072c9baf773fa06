// Package sys makes the system calls of the other packages on raw descriptors.
// Those that cannot block go through RawSyscall: telling Go's scheduler of a
// call that takes a microsecond costs as much as the call.
package sys

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"qnet/core/fault"
)

// MaxParts is how many pieces Send takes at once.
const MaxParts = 16

// Recv reads from a non-blocking descriptor, which need not be a socket.
func Recv(fd int, p []byte) (int, error) {
	if faults != nil {
		return faults.move(fd, false, len(p), func(limit int) (int, error) { return Discard(fd, p[:limit]) })
	}
	return Discard(fd, p)
}

// Discard is Recv of what nobody wants: it has no faults.
func Discard(fd int, p []byte) (int, error) {
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

// Send writes the parts to a non-blocking descriptor, as much as it takes, and
// never raises SIGPIPE.
func Send(fd int, parts [][]byte) (int, error) {
	if faults != nil {
		return faults.move(fd, true, total(parts), func(limit int) (int, error) { return send(fd, upTo(parts, limit)) })
	}
	return send(fd, parts)
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

// SendOne is Send for one part.
func SendOne(fd int, p []byte) (int, error) {
	if faults != nil {
		return faults.move(fd, true, len(p), func(limit int) (int, error) { return sendOne(fd, p[:limit]) })
	}
	return sendOne(fd, p)
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

// writeQuietly writes to what is no socket. There is no MSG_NOSIGNAL for a
// pipe, so SIGPIPE is blocked around the call and a new one is taken away:
// the process's signal dispositions are its own.
func writeQuietly(fd int, p []byte) (int, error) {
	var pipe, old, pending unix.Sigset_t
	pipe.Val[0] = 1 << (uint(unix.SIGPIPE) - 1)
	const setSize = 8
	unix.RawSyscall6(unix.SYS_RT_SIGPROCMASK, unix.SIG_BLOCK, uintptr(unsafe.Pointer(&pipe)), uintptr(unsafe.Pointer(&old)), setSize, 0, 0)
	unix.RawSyscall(unix.SYS_RT_SIGPENDING, uintptr(unsafe.Pointer(&pending)), setSize, 0)
	var n uintptr
	var e unix.Errno = unix.EINTR
	for e == unix.EINTR {
		n, _, e = unix.RawSyscall(unix.SYS_WRITE, uintptr(fd), pointer(p), uintptr(len(p)))
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

// Probe tells what Recv would find: data (1), an end (0) or an error.
func Probe(fd int) (int, error) {
	var probe [1]byte
	return Peek(fd, probe[:])
}

// Peek is Recv that leaves the data in the system.
func Peek(fd int, p []byte) (int, error) {
	if faults != nil && faults.happens("probe", fault.Again) {
		faults.remind(fd)
		return -1, unix.EAGAIN
	}
	for {
		n, _, err := unix.Recvfrom(fd, p, unix.MSG_PEEK|unix.MSG_DONTWAIT)
		if err != unix.EINTR {
			return n, err
		}
	}
}

// Available returns how many bytes can be read at once; 0 if that is unknown.
func Available(fd int) int {
	n, err := unix.IoctlGetInt(fd, unix.TIOCINQ)
	if err != nil {
		return 0
	}
	return n
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

// Close closes fd. EINTR is no failure on Linux: the descriptor is gone.
func Close(fd int) {
	if faults != nil {
		faults.forget(fd)
	}
	unix.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0)
}

// EndSending tells the other end of a connection that nothing more will be sent.
func EndSending(fd int) { unix.Shutdown(fd, unix.SHUT_WR) }

// ThreadID returns the calling thread's id.
func ThreadID() int {
	id, _ := unix.RawSyscallNoError(unix.SYS_GETTID, 0, 0, 0)
	return int(id)
}

func pointer(p []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(p))) }

// ResetOnClose has closing fd end its connection with a reset, and drop what was not
// delivered.
func ResetOnClose(fd int) {
	unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
}
