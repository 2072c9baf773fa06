package sys

import (
	"golang.org/x/sys/unix"

	"qnet/core/fault"
)

// MaxDescriptors is how many descriptors one message carries at most
// (SCM_MAX_FD).
const MaxDescriptors = 253

// ControlSize is the room that the descriptors of one message need.
var ControlSize = unix.CmsgSpace(MaxDescriptors * 4)

// SendDescriptors is Send with open descriptors, which travel with the first
// byte.
func SendDescriptors(fd int, parts [][]byte, descriptors []int) (int, error) {
	if f := fault.Active(); f != nil {
		return f.Move(fd, true, total(parts), func(limit int) (int, error) {
			return sendDescriptors(fd, upTo(parts, limit), descriptors)
		})
	}
	return sendDescriptors(fd, parts, descriptors)
}

func sendDescriptors(fd int, parts [][]byte, descriptors []int) (int, error) {
	for {
		n, err := unix.SendmsgBuffers(fd, parts, unix.UnixRights(descriptors...), nil, unix.MSG_NOSIGNAL)
		if err != unix.EINTR {
			return n, err
		}
	}
}

// RecvDescriptors is Recv that also takes the descriptors that come along. The
// room for them is control, of ControlSize; lost tells that some were
// closed: because no more can be open, or because control is nil.
func RecvDescriptors(fd int, p, control []byte) (n int, descriptors []int, lost bool, err error) {
	if f := fault.Active(); f != nil {
		n, err = f.Move(fd, false, len(p), func(limit int) (int, error) {
			var n int
			var err error
			n, descriptors, lost, err = recvDescriptors(fd, p[:limit], control)
			return n, err
		})
		return n, descriptors, lost, err
	}
	return recvDescriptors(fd, p, control)
}

func recvDescriptors(fd int, p, control []byte) (n int, descriptors []int, lost bool, err error) {
	var size, flags int
	for {
		n, size, flags, _, err = unix.Recvmsg(fd, p, control, closingOnExec|unix.MSG_DONTWAIT)
		if err != unix.EINTR {
			break
		}
	}
	if err == unix.ENOTSOCK {
		n, err = recv(fd, p)
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
		if err != nil {
			continue
		}
		for _, fd := range some {
			if closingOnExec == 0 {
				unix.CloseOnExec(fd)
			}
			if fd, err = AboveStandard(fd, nil); err != nil {
				lost = true
			} else {
				descriptors = append(descriptors, fd)
			}
		}
	}
	return n, descriptors, lost || flags&unix.MSG_CTRUNC != 0, nil
}
