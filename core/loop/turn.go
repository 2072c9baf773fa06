package loop

import (
	"time"

	"golang.org/x/sys/unix"

	"qnet/core/sys"
)

// maxEvents is how many descriptors one turn serves; the rest is still ready
// in the next.
const maxEvents = 256

// turn does once what there is to do: posted calls, what was written, ready
// descriptors, timers, and what was written by them. Only when there is nothing
// does it wait.
func (l *Loop) turn(msec int) bool {
	did := l.runPosted()
	did = l.flush() || did
	did = l.serve() || did
	if did || l.hasWork() {
		msec = 0
	}
	requeued := l.requeued.len()
	l.ready = l.events[:l.poll(l.events[:], msec)]
	did = l.serve() || did
	did = l.serveRequeued(requeued) || did
	if l.expired {
		l.expired = false
		did = l.timers.run(l) || did
	}
	return l.flush() || did
}

// serve hands out the events that were fetched. They are the loop's, not the
// turn's: the system tells of some of them only once, and what a nested turn waits
// for may be among those that the outer one still has to hand out.
func (l *Loop) serve() bool {
	did := false
	for len(l.ready) > 0 {
		e := l.ready[0]
		l.ready = l.ready[1:]
		switch tag := eventTag(&e); tag {
		case wakeTag:
			sys.Drain(l.wakefd)
			l.woken = false
			did = true
		case timerTag:
			l.expired = true
		default:
			w := l.watches.entry(Watch(tag))
			switch {
			case w == nil:
			case w.requeued != 0:
				w.requeued |= e.Events
			default:
				l.hand(w.handler, e.Events)
				did = true
			}
		}
	}
	l.tell()
	return did
}

// hand tells a handler of its events, and those whose news are enough for a round.
func (l *Loop) hand(h Handler, events uint32) {
	h.Ready(events)
	if l.rounds.crowded() {
		l.tell()
	}
}

// poll first looks without waiting: under load there is always something, and a
// call that cannot block is cheaper.
func (l *Loop) poll(events []unix.EpollEvent, msec int) int {
	n := sys.EpollNow(l.epfd, events)
	if n > 0 || msec == 0 {
		return n
	}
	var deadline time.Time
	if msec > 0 {
		deadline = time.Now().Add(time.Duration(msec) * time.Millisecond)
	}
	holder := l.threadID()
	for {
		l.asleep = true
		l.mu.Unlock()
		n = sys.EpollWait(l.epfd, events, msec)
		l.acquire()
		l.holder = holder
		l.asleep = false
		if n > 0 || l.hasWork() {
			return n
		}
		if msec > 0 {
			left := time.Until(deadline)
			if left <= 0 {
				return 0
			}
			// Rounded up: a wait must not end early.
			msec = int((left + time.Millisecond - 1) / time.Millisecond)
		}
	}
}
