package loop_test

import (
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/internal/looptest"
	"qnet/core/sys"
)

func TestRequeuedIsServedInTheNextTurn(t *testing.T) {
	l := looptest.New(t)
	e := watch(t, l)
	asks := 2
	e.then = func() {
		if asks > 0 {
			asks--
			l.Requeue(e.watch, unix.EPOLLIN)
		}
	}
	l.Requeue(e.watch, unix.EPOLLIN)
	for turn, want := range []int{1, 2, 3, 3} {
		if l.ProcessEvents(0); e.ready != want {
			t.Errorf("turn %d: called %d times, want %d", turn, e.ready, want)
		}
	}
	l.Requeue(e.watch, unix.EPOLLIN)
	l.Unwatch(e.watch)
	if l.ProcessEvents(0); e.ready != 3 {
		t.Error("called for what is not watched any more")
	}
}

func TestRequeueMakesTheLoopReadable(t *testing.T) {
	l := looptest.New(t)
	e := watch(t, l)
	l.Requeue(e.watch, unix.EPOLLIN)
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
		l.Requeue(e.watch, unix.EPOLLIN)
		l.Requeue(e.watch, unix.EPOLLPRI)
	}
	turn(t, l)
	for turns := 2; turns < 100; turns++ {
		turn(t, l)
		if e.ready != turns || l.Requeued() != 1 {
			t.Fatalf("%d calls in %d turns, and %d are queued", e.ready, turns, l.Requeued())
		}
		if e.last != unix.EPOLLIN|unix.EPOLLPRI {
			t.Fatalf("called with %#x", e.last)
		}
	}
}

func TestRequeuedGetsTheSystemsEventsToo(t *testing.T) {
	l := looptest.New(t)
	e := watch(t, l)
	l.Requeue(e.watch, unix.EPOLLPRI)
	sys.Signal(e.fd)
	turn(t, l)
	if e.ready != 1 || e.last != unix.EPOLLIN|unix.EPOLLPRI {
		t.Errorf("%d calls, the last with %#x", e.ready, e.last)
	}
}

// TestRequeuedWatchesThatEndLeaveNothing has a watch end and begin anew again and
// again, as that of a socket without a running loop does.
func TestRequeuedWatchesThatEndLeaveNothing(t *testing.T) {
	l := looptest.New(t)
	for range 100 {
		e := watch(t, l)
		l.Requeue(e.watch, unix.EPOLLIN)
		e.close(l)()
		l.Requeue(e.watch, unix.EPOLLIN)
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
	l.Requeue(e.watch, unix.EPOLLIN)
	turn(t, l)
	if e.ready != 1 {
		t.Errorf("%d calls", e.ready)
	}
}
