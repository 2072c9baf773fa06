package loop

import (
	"time"

	"qnet/core/poll"
	"qnet/core/sys"
)

// Awaited is what is waited for without a running loop: who waits does what the loop
// would. Its methods are called with the lock held.
type Awaited interface {
	// Over reports whether there is nothing more to wait for, whatever the time.
	Over() bool
	// Wants appends to list the descriptors that are to be looked at now. Proceed is
	// called at a time, on the clock of sys.Now, if nothing comes before; at 0, never.
	Wants(list []poll.Waited) (wanted []poll.Waited, at int64)
	// Proceed handles what Wants has asked for. Others have had the lock since then.
	Proceed(wanted []poll.Waited)
}

// Ending is how a wait has ended.
type Ending uint8

const (
	Done        Ending = iota // Awaited.Over
	TimedOut                  // the deadline has passed
	Interrupted               // by the host
)

// Wait waits for a until it is over, the deadline (zero: none) has passed, or the host
// interrupts, and looks at least once before it gives up. It is an error if there are no
// descriptors for it.
func (ws *Waiters) Wait(l *Loop, deadline time.Time, a Awaited) (Ending, error) {
	w, err := ws.Add(l)
	if err != nil {
		return Done, err
	}
	defer ws.Remove(l, w)
	for first := true; ; first = false {
		w.look()
		switch {
		case a.Over():
			return Done, nil
		case w.Interrupted():
			return Interrupted, nil
		case !first && !deadline.IsZero() && !time.Now().Before(deadline):
			return TimedOut, nil
		}
		wanted, at := a.Wants(w.space[:0])
		l.Sleep(w, wanted, earlier(deadline, at))
		if !w.Interrupted() {
			a.Proceed(wanted)
		}
	}
}

// earlier returns the earlier of a deadline (zero: none) and a time on the clock of
// sys.Now (0: none).
func earlier(deadline time.Time, at int64) time.Time {
	if at == 0 {
		return deadline
	}
	if other := time.Now().Add(time.Duration(at - sys.Now())); deadline.IsZero() || other.Before(deadline) {
		return other
	}
	return deadline
}

// Deadline returns the end of a wait of msec milliseconds; zero, which is none,
// for a negative number.
func Deadline(msec int) time.Time {
	if msec < 0 {
		return time.Time{}
	}
	return time.Now().Add(time.Duration(msec) * time.Millisecond)
}
