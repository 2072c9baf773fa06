package poll

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"qnet/core/sys"
)

// Waited is a descriptor that Wait looks at, and what it has found.
type Waited struct{ fd unix.PollFd }

// For returns a descriptor to be waited for, until In or Out holds, if it is among events,
// or there is a hang-up or an error.
func For(fd int, events Event) Waited {
	w := unix.PollFd{Fd: int32(fd)}
	if events&(In|Out) == 0 {
		// Some systems tell of a hang-up only who asks for something.
		w.Events = unix.POLLHUP
	}
	if events&In != 0 {
		w.Events |= unix.POLLIN
	}
	if events&Out != 0 {
		w.Events |= unix.POLLOUT
	}
	return Waited{w}
}

// Events returns what the last Wait has found: among In, Out, Hangup and Error.
func (w *Waited) Events() Event {
	var events Event
	for _, e := range []struct {
		poll int16
		is   Event
	}{{unix.POLLIN, In}, {unix.POLLOUT, Out}, {unix.POLLHUP, Hangup}, {unix.POLLERR | unix.POLLNVAL, Error}} {
		if w.fd.Revents&e.poll != 0 {
			events |= e.is
		}
	}
	return events
}

// Forget makes Events return nothing.
func (w *Waited) Forget() { w.fd.Revents = 0 }

// Wait waits until one of list is ready or the deadline has passed (zero: no deadline),
// and reports whether one is.
func Wait(list []Waited, deadline time.Time) bool {
	fds := unsafe.Slice((*unix.PollFd)(unsafe.Pointer(unsafe.SliceData(list))), len(list))
	return sys.Poll(fds, deadline) > 0
}
