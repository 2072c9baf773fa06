package loop

import (
	"sync/atomic"
	"time"

	"qnet/core/poll"
	"qnet/core/sys"
)

// Waiter lets a call sleep, without a running loop, until a descriptor is ready
// or another thread has changed the object that it waits for.
type Waiter struct {
	fd          int
	asleep      bool // without the lock
	notified    bool // since the wait has last looked whether it is over
	signalled   bool // fd is readable
	interrupted bool
	space       [6]poll.Waited // for what most sleeps look at
}

// Interrupts are what a host interrupts the waits of a thread with. Its functions
// are called on that thread, with the lock of any loop held.
type Interrupts struct {
	FD   func() int // a descriptor that interrupts when it is readable, -1 for none
	Note func()     // a wait was interrupted
}

// interrupts are nil until a host has some, so that others do not pay for them.
var interrupts atomic.Pointer[Interrupts]

// SetInterrupts has every wait ask i.
func SetInterrupts(i *Interrupts) { interrupts.Store(i) }

// Waiters are those who wait for one object.
type Waiters struct {
	list []*Waiter
}

// Add adds a new waiter; take it out with Remove.
func (ws *Waiters) Add(l *Loop) (*Waiter, error) {
	w, err := l.NewWaiter()
	if err == nil {
		ws.list = append(ws.list, w)
	}
	return w, err
}

// Remove ends a waiter.
func (ws *Waiters) Remove(l *Loop, w *Waiter) {
	for i := range ws.list {
		if ws.list[i] == w {
			ws.list = append(ws.list[:i], ws.list[i+1:]...)
			break
		}
	}
	l.EndWaiter(w)
}

// Len returns how many there are.
func (ws *Waiters) Len() int { return len(ws.list) }

// Notify wakes all of them up.
func (ws *Waiters) Notify() {
	for _, w := range ws.list {
		w.Notify()
	}
}

// NewWaiter returns a waiter; give it back with EndWaiter.
func (l *Loop) NewWaiter() (*Waiter, error) {
	if n := len(l.waiters); n > 0 {
		w := l.waiters[n-1]
		l.waiters = l.waiters[:n-1]
		w.look()
		w.interrupted = false
		return w, nil
	}
	fd, err := sys.NewEvent()
	if err != nil {
		return nil, err
	}
	return &Waiter{fd: fd}, nil
}

// EndWaiter takes w back.
func (l *Loop) EndWaiter(w *Waiter) {
	const spare = 4
	if len(l.waiters) < spare && l.refs > 0 {
		l.waiters = append(l.waiters, w)
	} else {
		sys.Close(w.fd)
	}
}

// Notify wakes the waiter up. Who is awake, as the one that has changed the object himself, will
// look before it sleeps, and is only kept from sleeping.
func (w *Waiter) Notify() {
	w.notified = true
	if w.asleep && !w.signalled {
		w.signalled = true
		sys.Signal(w.fd)
	}
}

// look is called before a look whether the wait is over: what was notified until then is seen.
func (w *Waiter) look() { w.notified = false }

// Interrupted reports whether w's last Sleep was interrupted by the host: the wait
// ends, and nothing that the end of its time causes happens.
func (w *Waiter) Interrupted() bool { return w.interrupted }

// Sleep waits, without the lock, until one of list is ready, w was notified, the
// host interrupts or the deadline (zero: none) has passed. It reports whether one of
// the first two ended it; list tells what. What is ready when the host interrupts is
// left to the next wait.
func (l *Loop) Sleep(w *Waiter, list []poll.Waited, deadline time.Time) bool {
	all := append(list, poll.For(w.fd, poll.In))
	host := interrupts.Load()
	if host != nil {
		// A negative one is left out by the system.
		all = append(all, poll.For(host.FD(), poll.In))
	}
	if w.notified {
		deadline = time.Now()
	}
	holder := l.threadID()
	w.asleep = true
	l.Unlock()
	ready := poll.Wait(all, deadline)
	l.retake(holder)
	w.asleep = false
	ready = ready || w.notified
	w.look()
	copy(list, all)
	if w.signalled {
		w.signalled = false
		sys.Drain(w.fd)
	}
	if w.interrupted = host != nil && all[len(list)+1].Events() != 0; w.interrupted {
		host.Note()
		for i := range list {
			list[i].Forget()
		}
		return false
	}
	return ready
}
