package sys

import (
	"golang.org/x/sys/unix"

	"qnet/core/fault"
)

// Message is a datagram, or a train of them, with where it comes from or goes to, and
// control messages. On Linux it is struct mmsghdr.
type Message struct {
	unix.Msghdr
	N uint32 // how many bytes were received
}

// RecvMessages fills list with the datagrams that there are, and returns how many.
func RecvMessages(fd int, list []Message) (int, error) {
	if f := fault.Active(); f != nil {
		return f.Move(fd, false, len(list), func(count int) (int, error) { return recvMessages(fd, list[:count]) })
	}
	return recvMessages(fd, list)
}

// SendMessages sends list, as much as the system takes, and returns how many.
func SendMessages(fd int, list []Message) (int, error) {
	if f := fault.Active(); f != nil {
		return f.Move(fd, true, len(list), func(count int) (int, error) { return sendMessages(fd, list[:count]) })
	}
	return sendMessages(fd, list)
}

// SendMessage sends one datagram.
func SendMessage(fd int, h *unix.Msghdr) error {
	if f := fault.Active(); f != nil {
		_, err := f.Move(fd, true, 1, func(int) (int, error) {
			if err := sendMessage(fd, h); err != nil {
				return -1, err
			}
			return 1, nil
		})
		return err
	}
	return sendMessage(fd, h)
}
