package loop_test

import (
	"testing"

	"qnet/core/internal/looptest"
	"qnet/core/poll"
	"qnet/core/sys"
)

func TestRequeuedIsServedInTheNextTurn(t *testing.T) {
	l := looptest.New(t)
	e := watch(t, l)
	asks := 2
	e.then = func() {
		if asks > 0 {
			asks--
			l.Requeue(e.watch, poll.In)
		}
	}
	l.Requeue(e.watch, poll.In)
	for turn, want := range []int{1, 2, 3, 3} {
		if l.ProcessEvents(0); e.ready != want {
			t.Errorf("turn %d: called %d times, want %d", turn, e.ready, want)
		}
	}
	l.Requeue(e.watch, poll.In)
	l.Unwatch(e.watch)
	if l.ProcessEvents(0); e.ready != 3 {
		t.Error("called for what is not watched any more")
	}
}

func TestRequeueMakesTheLoopReadable(t *testing.T) {
	l := looptest.New(t)
	e := watch(t, l)
	l.Requeue(e.watch, poll.In)
	if !looptest.Readable(l.FD()) {
		t.Error("who polls the loop's descriptor is not told")
	}
	looptest.Settle(t, l)
	if e.ready != 1 {
		t.Errorf("called %d times", e.ready)
	}
}

func TestRequeuedOnceWhoeverAsks(t *testing.T) {
	l := looptest.New(t)
	e := watch(t, l)
	sys.Signal(e.fd) // the system goes on reporting it
	e.then = func() {
		// Both what one call leaves and what the system reports ask for the next.
		l.Requeue(e.watch, poll.In)
		l.Requeue(e.watch, poll.Priority)
	}
	turn(t, l)
	for turns := 2; turns < 100; turns++ {
		turn(t, l)
		if e.ready != turns || l.Requeued() != 1 {
			t.Fatalf("%d calls in %d turns, and %d are queued", e.ready, turns, l.Requeued())
		}
		if e.last != poll.In|poll.Priority {
			t.Fatalf("called with %#x", e.last)
		}
	}
}

func TestRequeuedGetsTheSystemsEventsToo(t *testing.T) {
	l := looptest.New(t)
	e := watch(t, l)
	l.Requeue(e.watch, poll.Priority)
	sys.Signal(e.fd)
	turn(t, l)
	if e.ready != 1 || e.last != poll.In|poll.Priority {
		t.Errorf("%d calls, the last with %#x", e.ready, e.last)
	}
}

// TestRequeuedWatchesThatEndLeaveNothing has a watch end and begin anew again and
// again, as that of a socket without a running loop does.
func TestRequeuedWatchesThatEndLeaveNothing(t *testing.T) {
	l := looptest.New(t)
	for range 100 {
		e := watch(t, l)
		l.Requeue(e.watch, poll.In)
		e.close(l)()
		l.Requeue(e.watch, poll.In)
	}
	if n := l.Requeued(); n > 1 {
		t.Errorf("%d are queued", n)
	}
	// The index is used again: it must not bring events of its former use.
	e := watch(t, l)
	turn(t, l)
	if e.ready != 0 {
		t.Error("called for what another had asked for")
	}
	l.Requeue(e.watch, poll.In)
	turn(t, l)
	if e.ready != 1 {
		t.Errorf("%d calls", e.ready)
	}
}
