package sys

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// MaxDescriptors is how many descriptors one message carries at most
// (SCM_MAX_FD).
const MaxDescriptors = 253

// ControlSize is the room that the descriptors of one message need.
var ControlSize = unix.CmsgSpace(MaxDescriptors * 4)

// SendDescriptors is Send with open descriptors, which travel with the first
// byte.
func SendDescriptors(fd int, parts [][]byte, descriptors []int) (int, error) {
	for {
		n, err := unix.SendmsgBuffers(fd, parts, unix.UnixRights(descriptors...), nil, unix.MSG_NOSIGNAL)
		if err != unix.EINTR {
			return n, err
		}
	}
}

// RecvLocal is Recv from a local socket. The system ends a read behind the
// first byte of a message with descriptors; part tells that it did.
func RecvLocal(fd int, p []byte) (n int, part bool, err error) {
	iov := unix.Iovec{Base: unsafe.SliceData(p)}
	iov.SetLen(len(p))
	var msg unix.Msghdr
	msg.Iov = &iov
	msg.SetIovlen(1)
	for {
		r, _, e := unix.RawSyscall(unix.SYS_RECVMSG, uintptr(fd), uintptr(unsafe.Pointer(&msg)), unix.MSG_DONTWAIT)
		if e == 0 {
			// There is no room for descriptors: they are closed, and missed.
			return int(r), msg.Flags&unix.MSG_CTRUNC != 0, nil
		}
		if e != unix.EINTR {
			return -1, false, e
		}
	}
}

// RecvDescriptors is Recv that also takes the descriptors that come along. The
// room for them is control, of ControlSize; lost tells that the system closed
// some because no more can be open.
func RecvDescriptors(fd int, p, control []byte) (n int, descriptors []int, lost bool, err error) {
	var size, flags int
	for {
		n, size, flags, _, err = unix.Recvmsg(fd, p, control, unix.MSG_CMSG_CLOEXEC|unix.MSG_DONTWAIT)
		if err != unix.EINTR {
			break
		}
	}
	if err == unix.ENOTSOCK {
		n, err = Recv(fd, p)
		return n, nil, false, err
	}
	if err != nil {
		return -1, nil, false, err
	}
	messages, err := unix.ParseSocketControlMessage(control[:size])
	if err != nil {
		return n, nil, true, nil
	}
	for i := range messages {
		// Other kinds of messages are of no interest.
		some, err := unix.ParseUnixRights(&messages[i])
		if err == nil {
			descriptors = append(descriptors, some...)
		}
	}
	return n, descriptors, flags&unix.MSG_CTRUNC != 0, nil
}

// Duplicate returns another descriptor for what fd is.
func Duplicate(fd int) (int, error) {
	return unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
}
