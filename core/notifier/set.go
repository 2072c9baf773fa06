package notifier

import (
	"fmt"
	"sync"

	"golang.org/x/sys/unix"

	"qnet/core/loop"
	"qnet/core/poll"
)

// set is what the enabled notifiers of a loop watch.
type set struct {
	loop   *loop.Loop
	poller *poll.Poller
	watch  loop.Watch // of the poller's descriptor
	places map[int]*place
	tags   map[uint64]*place
	tag    uint64
	list   []*place // all of them, for those who look at some at a time
	next   int      // in list

	ready     []*place // what was fetched
	told      int      // how many of these
	unwatched int      // how many places are ready without being told by the system
	rechecks  bool     // it will look again for want of memory
}

// place is a descriptor, with the notifiers that are told of it.
type place struct {
	fd        int
	tag       uint64
	index     int // in list
	state     state
	ready     bool        // without being told by the system
	notifiers []*Notifier // in the order in which they were enabled
}

type state uint8

const (
	fresh state = iota // the system was not asked yet
	watched
	always  // the system says that it cannot be watched: for files, it is ready
	lacking // the system lacks memory for it
)

// sets are those of all loops that have one. It is kept here, since loops know nothing of notifiers.
var sets = setTable{of: map[*loop.Loop]*set{}}

type setTable struct {
	sync.Mutex
	of map[*loop.Loop]*set
}

// setOf returns the set of a loop, and makes it if there is none.
func setOf(l *loop.Loop) (*set, error) {
	sets.Lock()
	defer sets.Unlock()
	if s := sets.of[l]; s != nil {
		return s, nil
	}
	s := &set{loop: l, places: map[int]*place{}, tags: map[uint64]*place{}, tag: poll.FirstTag}
	if err := s.open(); err != nil {
		return nil, err
	}
	sets.of[l] = s
	l.SetIdler(s)
	return s, nil
}

// open makes the poller, and has the loop watch it.
func (s *set) open() error {
	p, err := poll.NewNested()
	if err != nil {
		return err
	}
	w, err := s.loop.Watch(p.FD(), poll.In, s)
	if err != nil {
		p.Close()
		return err
	}
	s.poller, s.watch = p, w
	return nil
}

func (s *set) close() {
	s.loop.Unwatch(s.watch)
	s.poller.Close()
}

// watch has n told of its descriptor. If it cannot be n is disabled. It returns what is to be
// warned of.
func (n *Notifier) watch() (warning string) {
	s, err := setOf(n.Loop())
	if err != nil {
		n.enabled = false
		return "the descriptor cannot be watched: " + err.Error()
	}
	p := s.places[n.fd]
	if p == nil {
		p = &place{fd: n.fd, index: len(s.list)}
		s.places[n.fd] = p
		s.list = append(s.list, p)
		s.nameAnew(p)
	}
	twice := false
	for _, other := range p.notifiers {
		twice = twice || other.kind == n.kind
	}
	n.place = p
	p.notifiers = append(p.notifiers, n)
	if err := s.refresh(p); err != nil {
		n.enabled = false
		n.unwatch()
		return n.lost(err)
	}
	if twice {
		return fmt.Sprintf("another notifier is told of descriptor %d for %s, too", n.fd, n.kind)
	}
	return ""
}

// lost returns what is said of a notifier that is disabled because of its descriptor.
func (n *Notifier) lost(why error) string {
	what := "is closed"
	if why != unix.EBADF {
		what = "cannot be watched, " + why.Error()
	}
	return fmt.Sprintf("descriptor %d %s: its %s notifier is disabled", n.fd, what, n.kind)
}

func (n *Notifier) warn(text string) { n.Warn("qnet_notifier_set_enabled", text, n.Describe()) }

// unwatch is the opposite of watch.
func (n *Notifier) unwatch() {
	p := n.place
	if p == nil {
		return
	}
	n.place = nil
	s := sets.find(n.Loop())
	for i, other := range p.notifiers {
		if other == n {
			// Who goes through them has a copy.
			p.notifiers = append(p.notifiers[:i:i], p.notifiers[i+1:]...)
			break
		}
	}
	if len(p.notifiers) > 0 {
		s.refresh(p)
		return
	}
	s.forget(p)
}

func (t *setTable) find(l *loop.Loop) *set {
	t.Lock()
	defer t.Unlock()
	return t.of[l]
}

// forget forgets a place of which nobody is told any more, and the set with the last one.
func (s *set) forget(p *place) {
	if p.state == watched {
		s.poller.Remove(p.fd)
	}
	s.count(p, false)
	delete(s.places, p.fd)
	delete(s.tags, p.tag)
	last := s.list[len(s.list)-1]
	s.list[p.index], last.index = last, p.index
	s.list[len(s.list)-1] = nil
	s.list = s.list[:len(s.list)-1]
	if len(s.list) > 0 {
		return
	}
	sets.Lock()
	delete(sets.of, s.loop)
	sets.Unlock()
	s.loop.SetIdler(nil)
	s.close()
}

// events returns what the system is to tell of a place; it tells of hang-ups and errors anyway.
func (p *place) events() (events poll.Event) {
	for _, n := range p.notifiers {
		events |= asks[n.kind]
	}
	return events
}

// What each kind asks for, and what it is told of: as in Qt an end or an error concerns all.
var (
	asks  = [kinds]poll.Event{Read: poll.In, Write: poll.Out, Exception: poll.Priority}
	tells = [kinds]poll.Event{
		Read:      poll.In | poll.Hangup | poll.Error,
		Write:     poll.Out | poll.Hangup | poll.Error,
		Exception: poll.Priority | poll.Hangup | poll.Error,
	}
)

// refresh has the system tell of what has the place's number now, or returns why that cannot be.
func (s *set) refresh(p *place) error {
	before := p.state
	added, err := s.poller.Refresh(p.fd, p.events(), p.tag)
	switch err {
	case nil:
		p.state = watched
		if added && before == watched {
			// Of what had the number before the system may go on to tell: not under this tag.
			delete(s.tags, p.tag)
			s.nameAnew(p)
			s.poller.Modify(p.fd, p.events(), p.tag)
		}
	case unix.EPERM:
		p.state = always
	case unix.ENOMEM, unix.ENOSPC:
		p.state = lacking
		s.lookAgain()
	default:
		return err
	}
	s.count(p, p.state == always && p.events()&(poll.In|poll.Out) != 0)
	if p.ready {
		s.loop.Requeue(s.watch, poll.In)
	}
	return nil
}

// count notes whether a place is ready without being told by the system.
func (s *set) count(p *place, ready bool) {
	if p.ready {
		s.unwatched--
	}
	if p.ready = ready; ready {
		s.unwatched++
	}
}

// nameAnew gives a place the tag that the system is to tell of it with.
func (s *set) nameAnew(p *place) {
	s.tag++
	p.tag = s.tag
	s.tags[p.tag] = p
}

// drop disables the notifiers of a descriptor that is closed, with a message, as Qt does, or that
// cannot be watched: the loop's own.
func (s *set) drop(p *place, why error) {
	for len(p.notifiers) > 0 {
		n := p.notifiers[0]
		n.SetEnabled(false)
		n.warn(n.lost(why))
	}
}

// maxReady is how many descriptors are served at once; the rest is ready in the next turn, too.
const maxReady = 64

// Ready is called by the loop when a descriptor is ready.
func (s *set) Ready(poll.Event) {
	var list [maxReady]poll.Ready
	orphans := false
	// What an outer turn still has to tell is found again, if it is still so.
	s.ready, s.told = s.ready[:0], 0
	for i := range list[:s.poller.Now(list[:])] {
		if p := s.tags[list[i].Tag()]; p != nil {
			s.ready = append(s.ready, p)
		} else {
			orphans = true
		}
	}
	if orphans {
		s.rebuild()
	}
	if s.unwatched > 0 {
		for _, p := range s.list {
			if p.ready {
				s.ready = append(s.ready, p)
			}
		}
		s.loop.Requeue(s.watch, poll.In)
	}
	for s.told < len(s.ready) && !s.loop.Interrupted() {
		s.told++
		s.tell(s.ready[s.told-1])
	}
}

// tell calls the slots of those who want to know what a place is ready for. That is asked once
// more: slots of others may have read what there was, and a read of nothing may block.
func (s *set) tell(p *place) {
	if s.places[p.fd] != p {
		return
	}
	list := [1]unix.PollFd{{Fd: int32(p.fd), Events: int16(p.events())}}
	unix.Poll(list[:], 0)
	events := poll.Event(list[0].Revents)
	var err error
	switch {
	case list[0].Revents&unix.POLLNVAL != 0:
		err = unix.EBADF
	case events == 0:
		err = s.refresh(p)
	}
	if err != nil {
		s.drop(p, err)
		return
	}
	var few [8]*Notifier
	for kind := range Kind(kinds) {
		if events&tells[kind] == 0 {
			continue
		}
		for _, n := range append(few[:0], p.notifiers...) {
			if n.kind == kind && n.place == p {
				n.activate()
			}
		}
	}
}

// rebuild makes another poller, since the system tells of a descriptor that the program has closed
// while something else, such as another process, has it still: it cannot be taken out.
func (s *set) rebuild() {
	old, watch := s.poller, s.watch
	if s.open() != nil {
		s.lookAgain()
		return
	}
	s.loop.Unwatch(watch)
	old.Close()
	for _, p := range s.list {
		if p.state == watched {
			p.state = lacking
		}
	}
	s.ready, s.told = s.ready[:0], 0
	s.lookAt(len(s.list))
}

// checks is how many descriptors are looked at before the loop sleeps: they may have been closed.
const checks = 16

// Idle is called by the loop when nothing is ready.
func (s *set) Idle() { s.lookAt(checks) }

// lookAt looks at so many places, in turn, whether they are what they were.
func (s *set) lookAt(count int) {
	for range min(count, len(s.list)) {
		if len(s.list) == 0 {
			return // a handler of messages has disabled them
		}
		s.next++
		p := s.list[s.next%len(s.list)]
		if err := s.refresh(p); err != nil {
			s.drop(p, err)
		}
	}
}

// lookAgain has all places looked at soon.
func (s *set) lookAgain() {
	if !s.rechecks {
		s.rechecks = true
		s.loop.ScheduleRecheck(s)
	}
}

// Recheck is called by the loop when there may be memory again.
func (s *set) Recheck() {
	s.rechecks = false
	if len(s.list) > 0 {
		s.lookAt(len(s.list))
	}
}
