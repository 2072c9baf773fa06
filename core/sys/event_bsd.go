//go:build darwin || freebsd

package sys

import "golang.org/x/sys/unix"

// NewQueue returns a kqueue. The system gives it to no other program, but a duplicate
// would be inherited.
func NewQueue() (int, error) {
	fd, err := AboveStandard(unix.Kqueue())
	if err == nil {
		unix.CloseOnExec(fd)
	}
	return fd, err
}

// NewEvent returns a descriptor that is readable from Signal to Drain: a kqueue, with
// nothing in it but what the program itself triggers. It takes one descriptor, where a
// pipe takes two.
func NewEvent() (int, error) {
	fd, err := NewQueue()
	if err == nil {
		if err = UserEvent(fd, 0, unix.EV_ADD, 0); err != nil {
			Close(fd)
			return -1, err
		}
	}
	return fd, err
}

// Signal makes what NewEvent has returned readable.
func Signal(fd int) { UserEvent(fd, 0, 0, unix.NOTE_TRIGGER) }

// Drain makes what NewEvent has returned unreadable. Systems differ in how a user's event
// is reset; a new one is not triggered.
func Drain(fd int) {
	UserEvent(fd, 0, unix.EV_DELETE, 0)
	UserEvent(fd, 0, unix.EV_ADD, 0)
}

// UserEvent makes a change of one of the events that the program itself triggers, in a
// kqueue.
func UserEvent(queue int, id uint64, flags uint16, note uint32) error {
	change := [1]unix.Kevent_t{{Ident: id, Filter: unix.EVFILT_USER, Flags: flags, Fflags: note}}
	for {
		// An interrupted call has made the change; making it again does no harm, but a
		// deletion is not found.
		_, err := unix.Kevent(queue, change[:], nil, nil)
		if err != unix.EINTR {
			return err
		}
	}
}
