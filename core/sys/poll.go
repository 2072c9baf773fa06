package sys

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"qnet/core/fault"
)

// NewPoll returns an epoll descriptor.
func NewPoll() (int, error) { return AboveStandard(unix.EpollCreate1(unix.EPOLL_CLOEXEC)) }

// EpollControl adds a descriptor to those that epfd watches, changes what for, or
// takes it out.
func EpollControl(epfd, op, fd int, event *unix.EpollEvent) error {
	if faults != nil {
		faults.watch(epfd, op, fd, event)
	}
	return unix.EpollCtl(epfd, op, fd, event)
}

// EpollNow fills events with what is ready now.
func EpollNow(epfd int, events []unix.EpollEvent) int {
	n := epollNow(epfd, events)
	if faults != nil {
		return faults.delay(epfd, events[:n])
	}
	return n
}

func epollNow(epfd int, events []unix.EpollEvent) int {
	for {
		n, _, e := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(epfd), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), 0, 0, 0)
		if e == 0 {
			return int(n)
		}
		if e != unix.EINTR {
			return 0
		}
	}
}

// EpollWait fills events once something is ready, waiting up to msec
// milliseconds (-1: without limit). It returns 0 after the time or a signal.
func EpollWait(epfd int, events []unix.EpollEvent, msec int) int {
	if faults != nil {
		if faults.happens("epoll", fault.Interrupt) {
			return 0
		}
		return faults.delay(epfd, events[:epollWait(epfd, events, msec)])
	}
	return epollWait(epfd, events, msec)
}

func epollWait(epfd int, events []unix.EpollEvent, msec int) int {
	n, _, e := unix.Syscall6(unix.SYS_EPOLL_PWAIT, uintptr(epfd), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), uintptr(msec), 0, 0)
	if e != 0 {
		return 0
	}
	return int(n)
}

// Poll waits until one of fds is ready or the deadline has passed (zero: no
// deadline). It returns how many are ready, 0 after the time.
func Poll(fds []unix.PollFd, deadline time.Time) int {
	for {
		var ts *unix.Timespec
		if !deadline.IsZero() {
			left := max(0, time.Until(deadline))
			t := unix.NsecToTimespec(int64(left))
			ts = &t
		}
		n, err := unix.Ppoll(fds, ts, nil)
		if err == nil {
			return n
		}
		if err != unix.EINTR {
			return 0
		}
	}
}
