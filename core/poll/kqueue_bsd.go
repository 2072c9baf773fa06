//go:build darwin || freebsd

package poll

import (
	"math"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"

	"qnet/core/fault"
	"qnet/core/sys"
)

// What can be told of a descriptor. Hangup and Error are told without being asked for.
// Where poll(2) knows the event, the value is its. PeerClosed is told together with In.
const (
	In         Event = unix.POLLIN
	Out        Event = unix.POLLOUT
	Priority   Event = unix.POLLPRI // urgent data
	PeerClosed Event = 1 << 13      // the peer sends no more
	Hangup     Event = unix.POLLHUP
	Error      Event = unix.POLLERR

	// Edge has a descriptor told of only when something is new.
	Edge Event = 1 << 31
)

// Poller is a kqueue. Its methods must not be called at the same time, except that while
// it waits others may be, one at a time, and Wake always.
//
// A kqueue watches filters, not descriptors: one for reading, one for writing, each with
// its own event. What is told of a descriptor is put together here.
type Poller struct {
	queue int
	found []kevent // room for what the system tells

	mu      sync.Mutex // of what follows, since a wait that ends reads it
	watched []watched  // by descriptor
	serial  uint64     // of the last watch
	batch   uint64     // of the last call that has told something
}

// watched is what there is to tell of a descriptor.
type watched struct {
	serial uint64 // which its filters have too; 0: it is not watched
	tag    uint64
	events Event

	batch uint64 // that it was told of last
	place int    // where it is in that
}

// New makes a Poller, of one descriptor.
func New() (*Poller, error) {
	queue, err := sys.NewQueue()
	if err != nil {
		return nil, err
	}
	p := &Poller{queue: queue}
	for _, tag := range []uint64{WakeTag, TimerTag} {
		if err := sys.UserEvent(queue, tag, unix.EV_ADD, 0); err != nil {
			p.Close()
			return nil, err
		}
	}
	return p, nil
}

// NewNested makes a Poller for another to watch: it cannot be woken, and has no timer.
func NewNested() (*Poller, error) {
	queue, err := sys.NewQueue()
	if err != nil {
		return nil, err
	}
	return &Poller{queue: queue}, nil
}

// Close closes the descriptor.
func (p *Poller) Close() { sys.Close(p.queue) }

// Descriptors returns what p has open, for tests, beginning with the one that FD returns.
func (p *Poller) Descriptors() []int { return []int{p.queue} }

// FD returns the descriptor that is readable whenever there is something to tell. It may
// be readable for what holds no more: Now looks again, and then it is not.
func (p *Poller) FD() int { return p.queue }

// Add has events of fd told under a tag: whenever one of them holds or, with Edge, once
// for each time that it begins to, and at each Modify. A descriptor that cannot be
// watched, such as a file's, is an error.
func (p *Poller) Add(fd int, events Event, tag uint64) error {
	if err := watchable(fd); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isWatched(fd) {
		return unix.EEXIST
	}
	return p.watch(fd, events, tag)
}

// watchable returns why fd is not watched. The system would tell of a file, too, but by
// rules of its own.
func watchable(fd int) error {
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return err
	}
	if kind := stat.Mode & unix.S_IFMT; kind == unix.S_IFREG || kind == unix.S_IFDIR {
		return unix.EPERM
	}
	return nil
}

// isWatched reports whether the system has filters of fd. A descriptor that was closed
// without Remove has lost them, and its number may be another's.
func (p *Poller) isWatched(fd int) bool {
	if fd >= len(p.watched) || p.watched[fd].serial == 0 {
		return false
	}
	w := &p.watched[fd]
	probe := w.filters(fd)[0]
	probe.flags = unix.EV_ENABLE | unix.EV_RECEIPT // which it is
	answer := [1]kevent{}
	n := p.call([]kevent{probe}, answer[:], &unix.Timespec{})
	return n != 1 || answer[0].data == 0
}

// watch has the system watch fd.
func (p *Poller) watch(fd int, events Event, tag uint64) error {
	if fd >= len(p.watched) {
		p.watched = append(p.watched, make([]watched, fd+1-len(p.watched))...)
	}
	p.serial++
	w := &p.watched[fd]
	*w = watched{serial: p.serial, tag: tag, events: events}
	p.note(fd, events, tag)
	err := p.change(w.filters(fd))
	if err != nil {
		p.unwatch(fd)
	}
	return err
}

// note has a plan of faults know of a watch.
func (p *Poller) note(fd int, events Event, tag uint64) {
	if f := fault.Active(); f != nil {
		f.Watch(p.queue, fd, tag, func() bool {
			p.mu.Lock()
			defer p.mu.Unlock()
			w := &p.watched[fd]
			return w.serial != 0 && p.change(deletions(fd)) == nil && p.change(w.filters(fd)) == nil
		})
	}
}

// Modify changes the events of fd.
func (p *Poller) Modify(fd int, events Event, tag uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	// New filters look at the descriptor at once, which changed ones need not do.
	p.unwatch(fd)
	p.watch(fd, events, tag)
}

// Refresh is Modify for a number that the program may have closed, and perhaps used again: what
// has it now is watched, and it reports whether that was added only now. It is an error if the
// number is closed, or what has it cannot be watched.
func (p *Poller) Refresh(fd int, events Event, tag uint64) (added bool, err error) {
	if err := watchable(fd); err != nil {
		return false, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	added = !p.isWatched(fd)
	p.unwatch(fd)
	return added, p.watch(fd, events, tag)
}

// Remove takes fd out. It is to be called before fd is closed.
func (p *Poller) Remove(fd int) {
	if f := fault.Active(); f != nil {
		f.Unwatch(fd)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unwatch(fd)
}

func (p *Poller) unwatch(fd int) {
	if fd >= 0 && fd < len(p.watched) {
		p.watched[fd] = watched{}
	}
	p.change(deletions(fd))
}

// filters returns what the system is to watch.
func (w *watched) filters(fd int) []kevent {
	flags := uint16(unix.EV_ADD)
	if w.events&Edge != 0 {
		flags |= unix.EV_CLEAR
	}
	var list []kevent
	add := func(filter int16, flags uint16, fflags uint32, data int64) {
		list = append(list, kevent{ident: uint64(fd), filter: filter, flags: flags, fflags: fflags, data: data, serial: w.serial})
	}
	if w.events&In != 0 {
		reading := flags
		if priorityFilter == 0 && w.events&Priority != 0 {
			// What is behind urgent data would not be told of: a read stops before.
			reading &^= unix.EV_CLEAR
		}
		add(unix.EVFILT_READ, reading, 0, 0)
	}
	if w.events&Out != 0 {
		add(unix.EVFILT_WRITE, flags, 0, 0)
	}
	if len(list) == 0 {
		// For its end alone. There is never that much room; a system that takes less for
		// enough tells once, and that is not told on.
		add(unix.EVFILT_WRITE, unix.EV_ADD|unix.EV_CLEAR, unix.NOTE_LOWAT, math.MaxInt32)
	}
	if priorityFilter != 0 && w.events&Priority != 0 {
		add(priorityFilter, flags, priorityNote, 0)
	}
	return list
}

// deletions returns the changes that take all filters of fd away.
func deletions(fd int) []kevent {
	list := []kevent{
		{ident: uint64(fd), filter: unix.EVFILT_READ, flags: unix.EV_DELETE},
		{ident: uint64(fd), filter: unix.EVFILT_WRITE, flags: unix.EV_DELETE},
		{ident: uint64(fd), filter: priorityFilter, flags: unix.EV_DELETE},
	}
	if priorityFilter == 0 {
		return list[:2]
	}
	return list
}

// change makes changes, each of which the system answers. It returns the first error of
// one that adds what cannot be done without.
func (p *Poller) change(list []kevent) error {
	for i := range list {
		list[i].flags |= unix.EV_RECEIPT
	}
	var answers [3]kevent
	n := p.call(list, answers[:len(list)], &unix.Timespec{})
	if n < 0 {
		return unix.ENOMEM
	}
	for i := range answers[:n] {
		if a := &answers[i]; a.data != 0 && list[i].flags&unix.EV_ADD != 0 && a.filter != priorityFilter {
			return unix.Errno(a.data)
		}
	}
	return nil
}

// call is kevent(2); -1 is a failure.
func (p *Poller) call(changes, events []kevent, timeout *unix.Timespec) int {
	n, err := unix.Kevent(p.queue, theirs(changes), theirs(events), timeout)
	if err != nil {
		return -1
	}
	return n
}

func theirs(list []kevent) []unix.Kevent_t {
	return unsafe.Slice((*unix.Kevent_t)(unsafe.Pointer(unsafe.SliceData(list))), len(list))
}

// Ready is what is told of a descriptor.
type Ready struct {
	tag    uint64
	events Event
}

// Tag returns the tag under which the descriptor was added.
func (r *Ready) Tag() uint64 { return r.tag }

// Events returns what it is ready for.
func (r *Ready) Events() Event { return r.events }

// Now fills list with what is ready now, and returns how many that are.
func (p *Poller) Now(list []Ready) int {
	return punctual(p.queue, list[:p.fill(list, &unix.Timespec{})])
}

// Wait fills list once something is ready, waiting up to msec milliseconds (-1: without
// limit). It returns 0 after the time or a signal, or when there is nothing to tell.
func (p *Poller) Wait(list []Ready, msec int) int {
	if f := fault.Active(); f != nil && f.Wakes() {
		return 0
	}
	var timeout *unix.Timespec
	if msec >= 0 {
		const longest = 1e9 // of milliseconds: some systems refuse a longer time
		t := unix.NsecToTimespec(int64(min(msec, longest)) * 1e6)
		timeout = &t
	}
	return punctual(p.queue, list[:p.fill(list, timeout)])
}

// fill waits, and puts together what the system tells. It returns how many of list those
// are.
func (p *Poller) fill(list []Ready, timeout *unix.Timespec) int {
	if len(p.found) < len(list) {
		p.found = make([]kevent, len(list))
	}
	found := p.found[:len(list)]
	n := p.call(nil, found, timeout)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.batch++
	told, timer := 0, false
	for i := range found[:max(0, n)] {
		k := &found[i]
		switch k.filter {
		case unix.EVFILT_TIMER:
			// It has fired once; the other goes on telling.
			sys.UserEvent(p.queue, TimerTag, 0, unix.NOTE_TRIGGER)
			k.ident = TimerTag
			fallthrough
		case unix.EVFILT_USER:
			if k.ident == TimerTag && timer {
				continue
			}
			timer = timer || k.ident == TimerTag
			list[told] = Ready{k.ident, In}
			told++
		default:
			told = p.tell(list, told, k)
		}
	}
	return told
}

// tell adds an event to the first of list, which have told so many things. It returns how
// many they are then.
func (p *Poller) tell(list []Ready, told int, k *kevent) int {
	w := &p.watched[k.ident]
	events := k.events() & (w.events | Hangup | Error)
	switch {
	case k.serial != w.serial, events == 0:
		// Of what is not watched any more; or nothing that anybody wants to know.
	case w.batch == p.batch:
		list[w.place].events |= events
	default:
		w.batch, w.place = p.batch, told
		list[told] = Ready{w.tag, events}
		told++
	}
	return told
}

// events returns what the system tells of a descriptor.
func (k *kevent) events() (events Event) {
	ended := k.flags&unix.EV_EOF != 0
	switch k.filter {
	case unix.EVFILT_READ:
		if events = In; ended {
			events |= PeerClosed
		}
	case unix.EVFILT_WRITE:
		if events = Out; ended {
			// The end of what can be sent: by this side, too, which then waits for data alone.
			events |= Hangup
		}
	case priorityFilter:
		return Priority
	}
	if ended && k.fflags != 0 {
		events |= Hangup | Error // which is in fflags
	}
	return events
}

// WakeFD returns -1: nothing can be written to a kqueue.
func (p *Poller) WakeFD() int { return -1 }

// Wake has WakeTag told until Slept.
func (p *Poller) Wake() { sys.UserEvent(p.queue, WakeTag, 0, unix.NOTE_TRIGGER) }

// Slept ends what Wake has begun.
func (p *Poller) Slept() { p.reset(WakeTag) }

// reset ends what the program has triggered: a new event is not.
func (p *Poller) reset(tag uint64) {
	sys.UserEvent(p.queue, tag, unix.EV_DELETE, 0)
	sys.UserEvent(p.queue, tag, unix.EV_ADD, 0)
}

// SetTimer has TimerTag told from the time at of sys.Now, in nanoseconds, until Expired;
// after a day, if that comes first, so that none is too long for the system; and at once
// where the system has no more timers: whoever is told too early sets it again.
func (p *Poller) SetTimer(at int64) {
	p.Expired()
	if at == 0 {
		return
	}
	const day = 24 * 60 * 60 * 1e9
	err := p.change([]kevent{{
		ident: TimerTag, filter: unix.EVFILT_TIMER, flags: unix.EV_ADD | unix.EV_ONESHOT, fflags: unix.NOTE_NSECONDS,
		data: min(max(1, at-sys.Now()), day),
	}})
	if err != nil {
		sys.UserEvent(p.queue, TimerTag, 0, unix.NOTE_TRIGGER)
	}
}

// Expired ends what SetTimer has begun.
func (p *Poller) Expired() {
	p.change([]kevent{{ident: TimerTag, filter: unix.EVFILT_TIMER, flags: unix.EV_DELETE}})
	p.reset(TimerTag)
}
