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
	if did || l.hasWork() {
		msec = 0
	}
	events := l.eventBuffer()
	n := l.poll(events, msec)
	expired := false
	for i := range events[:n] {
		switch tag := eventTag(&events[i]); tag {
		case wakeTag:
			sys.Drain(l.wakefd)
			l.woken = false
			did = true
		case timerTag:
			expired = true
		default:
			if h := l.watches.find(tag); h != nil {
				h.Ready(events[i].Events)
				did = true
			}
		}
	}
	l.events = append(l.events, events)
	if expired {
		did = l.timers.run(l) || did
	}
	return l.flush() || did
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
		l.mu.Lock()
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

// eventBuffer returns a buffer for one turn; nested turns need one each.
func (l *Loop) eventBuffer() []unix.EpollEvent {
	if n := len(l.events); n > 0 {
		b := l.events[n-1]
		l.events = l.events[:n-1]
		return b
	}
	return make([]unix.EpollEvent, maxEvents)
}
