package loop

import (
	"sync/atomic"
	"time"

	"qnet/core/sys"
)

// Home is the loop that something belongs to which may move to another one. That takes the
// locks of both, so it does not change while its lock is held.
type Home struct {
	loop atomic.Pointer[Loop]
}

// Settle makes l the loop. The locks of l and of the one before, if there was one, are held.
func (h *Home) Settle(l *Loop) { h.loop.Store(l) }

// Loop returns the loop, which is another one soon unless its lock is held.
func (h *Home) Loop() *Loop { return h.loop.Load() }

// LockLoop takes the lock of the loop and returns that. No lock is held.
func (h *Home) LockLoop() *Loop {
	for {
		l := h.loop.Load()
		l.Lock()
		if h.loop.Load() == l {
			return l
		}
		l.Unlock()
	}
}

// loops numbers them.
var loops atomic.Uint64

// LockBoth takes the locks of two loops, which may be one, in an order that is the same for
// all. No lock is held.
func LockBoth(a, b *Loop) {
	if a.number > b.number {
		a, b = b, a
	}
	a.Lock()
	if a != b {
		b.Lock()
	}
}

// UnlockBoth is the opposite of LockBoth.
func UnlockBoth(a, b *Loop) {
	a.Unlock()
	if a != b {
		b.Unlock()
	}
}

// Departure is something that is to leave for another loop and could not, since somebody was at
// work on it.
type Departure interface {
	// Depart tries again. It is called without a lock.
	Depart()
}

// DepartLater has d.Depart called once nobody is inside of what the loop's objects are doing.
func (l *Loop) DepartLater(d Departure) { l.departing = append(l.departing, d) }

// Departing reports whether there are some for Depart.
func (l *Loop) Departing() bool { return len(l.departing) > 0 }

// Depart has those leave who may be able to by now. Who has been at work on an object of the
// loop calls it, without a lock, when he is done; the loop itself does between two callbacks.
func (l *Loop) Depart() {
	l.Lock()
	list := l.departing
	l.departing = nil
	l.Unlock()
	for _, d := range list {
		d.Depart()
	}
}

// departBetween is Depart for a turn.
func (l *Loop) departBetween() {
	defer l.retake(l.threadID())
	l.Unlock()
	l.Depart()
}

// Below is how a thing gives up what a loop has of it, to ask another one for the same. Its
// watches go by a Transfer.

// ForgetFlush undoes FlushLater.
func (l *Loop) ForgetFlush(f Flusher) {
	for other := range l.flushers.all() {
		if *other == f {
			*other = nil
			return
		}
	}
}

// ForgetReady undoes EnqueueReady.
func (l *Loop) ForgetReady(h ReadSink) {
	for item := range l.readyQueue.all() {
		if item.sink == h {
			*item = readyItem{}
			return
		}
	}
}

// EnqueueReadyAgain is EnqueueReady for who comes from another loop.
func (l *Loop) EnqueueReadyAgain(h ReadSink, connection uint32, size int) {
	l.EnqueueReady(h, connection, size)
	l.wake()
}

// ForgetRecheck undoes ScheduleRecheck.
func (l *Loop) ForgetRecheck(k Rechecker) {
	for i, other := range l.rechecks.list {
		if other == k {
			l.rechecks.list[i] = nil
			return
		}
	}
}

// Move has a timer that is running go on in another loop.
func (t *Timer) Move(from, to *Loop) {
	if at, running := t.Due(); running {
		from.StopTimer(t)
		to.StartTimer(t, time.Duration(at-sys.Now()))
	}
}
