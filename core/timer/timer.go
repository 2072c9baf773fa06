// Package timer is QTimer: a loop's timer as an object with a signal.
package timer

import (
	"math"
	"sync/atomic"
	"time"

	"qnet/core/loop"
	"qnet/core/object"
)

// SignalTimeout is emitted at each expiry.
const SignalTimeout object.Signal = 1

// Timer is a QTimer. Make one with New.
type Timer struct {
	object.Object
	timer      loop.Timer
	interval   time.Duration
	singleShot bool
	firing     bool
	id         int
}

// New makes a stopped, repeating timer of interval 0 on l.
func New(l *loop.Loop) *Timer {
	t := &Timer{}
	t.timer.Expired = t.expired
	t.Init(l)
	return t
}

// Single has f called, with the lock held, once after msec milliseconds, unless
// the loop is closed before (QTimer::singleShot).
func Single(l *loop.Loop, msec int, f func()) {
	l.StartTimer(&loop.Timer{Expired: func() {
		// The turn in which a callback has closed it goes on.
		if !l.Closed() {
			f()
		}
	}}, milliseconds(msec))
}

// Start starts t, anew if it runs, with an interval of msec milliseconds; a
// negative one keeps the interval (QTimer::start).
func (t *Timer) Start(msec int) {
	if msec >= 0 {
		t.interval = milliseconds(msec)
	}
	// Started anew in its own callback, it is a new one for a loop inside that.
	t.firing = false
	t.id = int(ids.Add(1) & math.MaxInt32)
	t.Loop().StartTimer(&t.timer, t.interval)
}

// Stop is QTimer::stop.
func (t *Timer) Stop() { t.Loop().StopTimer(&t.timer) }

// Active is QTimer::isActive.
func (t *Timer) Active() bool { return t.timer.Running() }

// Interval returns the interval in milliseconds (QTimer::interval).
func (t *Timer) Interval() int { return int(t.interval / time.Millisecond) }

// SingleShot is QTimer::isSingleShot.
func (t *Timer) SingleShot() bool { return t.singleShot }

// Remaining returns in how many milliseconds t expires, rounded up; 0 if it should have by now, and
// -1 if it does not run (QTimer::remainingTime).
func (t *Timer) Remaining() int {
	if !t.Active() {
		return -1
	}
	return int((max(0, t.timer.Remaining()) + time.Millisecond - 1) / time.Millisecond)
}

// ID returns the number of the present run of t, of which no two in the process are equal, -1 if it
// does not run (QTimer::timerId).
func (t *Timer) ID() int {
	if !t.Active() {
		return -1
	}
	return t.id
}

// ids are the numbers that were given.
var ids atomic.Int32

// SetSingleShot is QTimer::setSingleShot.
func (t *Timer) SetSingleShot(on bool) { t.singleShot = on }

// SetInterval sets the interval; a running timer starts anew
// (QTimer::setInterval).
func (t *Timer) SetInterval(msec int) {
	if msec < 0 {
		t.Warn("qnet_timer_set_interval", "the interval is negative", t.Describe())
		return
	}
	t.interval = milliseconds(msec)
	if t.Active() {
		t.Start(msec)
	}
}

// Describe returns what messages call t.
func (t *Timer) Describe() string { return t.Named("QTimer") }

// Delete stops t and deletes it at once.
func (t *Timer) Delete() {
	if t.BeginDelete() {
		t.Stop()
		t.EndDelete()
	}
}

func (t *Timer) expired() {
	if !t.singleShot {
		t.Loop().RepeatTimer(&t.timer, t.interval)
	}
	if t.firing {
		// In a loop inside its own callback.
		return
	}
	t.firing = true
	defer func() { t.firing = false }() // also when a slot panics
	t.Emit(SignalTimeout, 0)
}

func milliseconds(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// Family and the next methods are those of an object.Movable.
func (t *Timer) Family(f func(*object.Object)) { f(&t.Object) }

// MayMove returns nil: a timer can always go to another loop.
func (t *Timer) MayMove() error { return nil }

// Move has t go to another loop, and expire there when it would have here.
func (t *Timer) Move(from, to *loop.Loop) error {
	t.timer.Move(from, to)
	t.Rehome(from, to, t)
	return nil
}
