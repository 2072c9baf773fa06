package loop_test

import (
	"testing"
	"time"

	"qnet/core/internal/looptest"
	"qnet/core/loop"
	"qnet/core/poll"
	"qnet/core/sys"
)

// awaited is over after a number of steps; what it wants is in its fields.
type awaited struct {
	steps   int
	fd      int   // that it wants to read; -1: none
	at      int64 // when it goes on all the same
	ready   []bool
	proceed func()
}

func (a *awaited) Over() bool { return a.steps == 0 }

func (a *awaited) Wants(list []poll.Waited) ([]poll.Waited, int64) {
	if a.fd >= 0 {
		list = append(list, poll.For(a.fd, poll.In))
	}
	return list, a.at
}

func (a *awaited) Proceed(wanted []poll.Waited) {
	a.steps--
	a.ready = append(a.ready, len(wanted) > 0 && wanted[0].Events() != 0)
	if a.proceed != nil {
		a.proceed()
	}
}

func wait(t *testing.T, l *loop.Loop, deadline time.Time, a *awaited) loop.Ending {
	t.Helper()
	var ws loop.Waiters
	ending, err := ws.Wait(l, deadline, a)
	if err != nil || ws.Len() != 0 {
		t.Errorf("%v, and %d still wait", err, ws.Len())
	}
	return ending
}

func newEvent(t *testing.T) int {
	t.Helper()
	fd, err := sys.NewEvent()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sys.Close(fd) })
	return fd
}

func TestWaitEndsWithItsTime(t *testing.T) {
	l := looptest.New(t)
	if e := wait(t, l, time.Time{}, &awaited{steps: 0, fd: -1}); e != loop.Done {
		t.Errorf("%d, and nothing was to be waited for", e)
	}
	start := time.Now()
	a := &awaited{steps: 9, fd: -1}
	if e := wait(t, l, start.Add(15*time.Millisecond), a); e != loop.TimedOut || time.Since(start) < 15*time.Millisecond {
		t.Errorf("%d after %v", e, time.Since(start))
	}
}

func TestWaitLooksBeforeItGivesUp(t *testing.T) {
	l := looptest.New(t)
	fd := newEvent(t)
	sys.Signal(fd)
	a := &awaited{steps: 9, fd: fd}
	if e := wait(t, l, time.Now(), a); e != loop.TimedOut || len(a.ready) != 1 || !a.ready[0] {
		t.Errorf("%d after %v", e, a.ready)
	}
}

// What comes first counts: the time that what is waited for has set, or the deadline.
func TestWaitGoesOnAtTheEarlierTime(t *testing.T) {
	l := looptest.New(t)
	const soon = 10 * time.Millisecond
	for name, c := range map[string]struct {
		deadline, at time.Duration // 0: none
		want         loop.Ending
	}{
		"no deadline":            {0, soon, loop.Done},
		"a deadline behind it":   {looptest.Patience, soon, loop.Done},
		"a deadline before it":   {soon, looptest.Patience, loop.TimedOut},
		"a time that has passed": {looptest.Patience, -soon, loop.Done},
	} {
		a := &awaited{steps: 2, fd: -1, at: sys.Now() + int64(c.at)}
		a.proceed = func() { a.at = sys.Now() + int64(c.at) }
		var deadline time.Time
		start := time.Now()
		if c.deadline != 0 {
			deadline = start.Add(c.deadline)
		}
		if e := wait(t, l, deadline, a); e != c.want || time.Since(start) > looptest.Patience/2 {
			t.Errorf("%s: %d after %v", name, e, time.Since(start))
		}
	}
}

func TestInterruptedWaitDoesNotProceed(t *testing.T) {
	l := looptest.New(t)
	fd := newEvent(t)
	host := looptest.Interrupts(t)
	sys.Signal(fd)
	sys.Signal(host.FD)
	a := &awaited{steps: 1, fd: fd}
	if e := wait(t, l, time.Time{}, a); e != loop.Interrupted || len(a.ready) != 0 {
		t.Errorf("%d after %v", e, a.ready)
	}
	sys.Drain(host.FD)
	if e := wait(t, l, time.Time{}, a); e != loop.Done || !a.ready[0] {
		t.Errorf("%d after %v", e, a.ready)
	}
}

func TestWaitWithoutDescriptorsIsAnError(t *testing.T) {
	l := looptest.New(t)
	restore := looptest.NoDescriptors(t)
	var ws loop.Waiters
	if _, err := ws.Wait(l, time.Time{}, &awaited{steps: 1, fd: -1}); err == nil || ws.Len() != 0 {
		t.Errorf("%v, and %d still wait", err, ws.Len())
	}
	restore()
}
