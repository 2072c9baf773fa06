package poll

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"qnet/core/fault"
	"qnet/core/sys"
)

// What can be told of a descriptor. Hangup and Error are told without being asked for.
const (
	In         Event = unix.EPOLLIN
	Out        Event = unix.EPOLLOUT
	Priority   Event = unix.EPOLLPRI   // urgent data
	PeerClosed Event = unix.EPOLLRDHUP // the peer sends no more
	Hangup     Event = unix.EPOLLHUP
	Error      Event = unix.EPOLLERR

	// Edge has a descriptor told of only when something is new.
	Edge Event = unix.EPOLLET & 0xffffffff
)

// Poller is an epoll descriptor. Its methods must not be called at the same time, except
// that while it waits others may be, one at a time, and Wake always.
type Poller struct {
	epoll, wake, timer int
}

// New makes a Poller, of three descriptors.
func New() (*Poller, error) {
	p := &Poller{-1, -1, -1}
	var err error
	if p.epoll, err = sys.AboveStandard(unix.EpollCreate1(unix.EPOLL_CLOEXEC)); err != nil {
		return nil, err
	}
	if p.wake, err = sys.NewEvent(); err == nil {
		err = p.Add(p.wake, In, WakeTag)
	}
	if err == nil {
		if p.timer, err = sys.NewTimer(); err == nil {
			err = p.Add(p.timer, In, TimerTag)
		}
	}
	if err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// NewNested makes a Poller of one descriptor, for another to watch: it cannot be woken, and
// has no timer.
func NewNested() (*Poller, error) {
	fd, err := sys.AboveStandard(unix.EpollCreate1(unix.EPOLL_CLOEXEC))
	if err != nil {
		return nil, err
	}
	return &Poller{fd, -1, -1}, nil
}

// Close closes the descriptors.
func (p *Poller) Close() {
	for _, fd := range []int{p.epoll, p.wake, p.timer} {
		if fd >= 0 {
			sys.Close(fd)
		}
	}
}

// Descriptors returns what p has open, for tests, beginning with the one that FD returns.
func (p *Poller) Descriptors() []int { return []int{p.epoll, p.wake, p.timer} }

// FD returns the descriptor that is readable whenever there is something to tell.
func (p *Poller) FD() int { return p.epoll }

// Add has events of fd told under a tag: whenever one of them holds or, with Edge, once
// for each time that it begins to, and at each Modify. A descriptor that cannot be
// watched, such as a file's, is an error.
func (p *Poller) Add(fd int, events Event, tag uint64) error {
	return p.control(unix.EPOLL_CTL_ADD, fd, events, tag)
}

// Modify changes the events of fd.
func (p *Poller) Modify(fd int, events Event, tag uint64) {
	p.control(unix.EPOLL_CTL_MOD, fd, events, tag)
}

// Refresh is Modify for a number that the program may have closed, and perhaps used again: what
// has it now is watched, and it reports whether that was added only now. It is an error if the
// number is closed, or what has it cannot be watched.
func (p *Poller) Refresh(fd int, events Event, tag uint64) (added bool, err error) {
	if err = p.control(unix.EPOLL_CTL_MOD, fd, events, tag); err == unix.ENOENT {
		return true, p.Add(fd, events, tag)
	}
	return false, err
}

// Remove takes fd out. It is to be called before fd is closed: a duplicate of the
// descriptor, in another process too, would keep it here.
func (p *Poller) Remove(fd int) {
	if f := fault.Active(); f != nil {
		f.Unwatch(fd)
	}
	unix.EpollCtl(p.epoll, unix.EPOLL_CTL_DEL, fd, nil)
}

func (p *Poller) control(op, fd int, events Event, tag uint64) error {
	e := unix.EpollEvent{Events: uint32(events), Fd: int32(tag), Pad: int32(tag >> 32)}
	if f := fault.Active(); f != nil {
		again := e
		f.Watch(p.epoll, fd, tag, func() bool { return unix.EpollCtl(p.epoll, unix.EPOLL_CTL_MOD, fd, &again) == nil })
	}
	return unix.EpollCtl(p.epoll, op, fd, &e)
}

// Ready is what is told of a descriptor.
type Ready struct{ event unix.EpollEvent }

// Tag returns the tag under which the descriptor was added.
func (r *Ready) Tag() uint64 { return uint64(uint32(r.event.Fd)) | uint64(uint32(r.event.Pad))<<32 }

// Events returns what it is ready for.
func (r *Ready) Events() Event { return Event(r.event.Events) }

// Now fills list with what is ready now, and returns how many that are. A call that
// cannot block is the cheaper one.
func (p *Poller) Now(list []Ready) int {
	for {
		n, _, e := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(p.epoll), uintptr(unsafe.Pointer(unsafe.SliceData(list))), uintptr(len(list)), 0, 0, 0)
		switch {
		case e == 0:
			return punctual(p.epoll, list[:n])
		case e != unix.EINTR:
			return 0
		}
	}
}

// Wait fills list once something is ready, waiting up to msec milliseconds (-1: without
// limit). It returns 0 after the time or a signal.
func (p *Poller) Wait(list []Ready, msec int) int {
	if f := fault.Active(); f != nil && f.Wakes() {
		return 0
	}
	n, _, e := unix.Syscall6(unix.SYS_EPOLL_PWAIT, uintptr(p.epoll), uintptr(unsafe.Pointer(unsafe.SliceData(list))), uintptr(len(list)), uintptr(msec), 0, 0)
	if e != 0 {
		return 0
	}
	return punctual(p.epoll, list[:n])
}

// WakeFD returns the descriptor that does as Wake when eight bytes, a number that is not 0, are
// written to it; -1 if there is none.
func (p *Poller) WakeFD() int { return p.wake }

// Wake has WakeTag told until Slept.
func (p *Poller) Wake() { sys.Signal(p.wake) }

// Slept ends what Wake has begun.
func (p *Poller) Slept() { sys.Drain(p.wake) }

// SetTimer has TimerTag told from the monotonic time at, in nanoseconds, until Expired, and
// ends what it has begun before.
func (p *Poller) SetTimer(at int64) { sys.SetTimer(p.timer, at) }

// Expired ends what SetTimer has begun.
func (p *Poller) Expired() { sys.Drain(p.timer) }
