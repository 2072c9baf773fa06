package loop_test

import (
	"testing"
	"time"

	"qnet/core/internal/looptest"
	"qnet/core/loop"
	"qnet/core/poll"
	"qnet/core/sys"
)

func waiter(t *testing.T, l *loop.Loop) *loop.Waiter {
	t.Helper()
	w, err := l.NewWaiter()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestSleepEndsAtItsDeadlineAndNotBefore(t *testing.T) {
	l := looptest.New(t)
	w := waiter(t, l)
	defer l.EndWaiter(w)
	start := time.Now()
	if l.Sleep(w, nil, start.Add(15*time.Millisecond)) || time.Since(start) < 15*time.Millisecond {
		t.Errorf("slept %v", time.Since(start))
	}
}

func TestSleepEndsWithANotification(t *testing.T) {
	l := looptest.New(t)
	w := waiter(t, l)
	defer l.EndWaiter(w)
	for range 3 {
		looptest.Elsewhere(func() { looptest.Do(l, func() { w.Notify(); w.Notify() }) })
		if !l.Sleep(w, nil, time.Now().Add(looptest.Patience)) {
			t.Fatal("nothing came")
		}
		if l.Sleep(w, nil, time.Now()) {
			t.Error("the notification counts twice")
		}
	}
}

func TestSleepEndsWithADescriptor(t *testing.T) {
	l := looptest.New(t)
	w := waiter(t, l)
	defer l.EndWaiter(w)
	fd, err := sys.NewEvent()
	if err != nil {
		t.Fatal(err)
	}
	defer sys.Close(fd)
	sys.Signal(fd)
	for _, room := range []int{1, 5} {
		// With room behind them the list is no copy.
		list := make([]poll.Waited, 1, room)
		list[0] = poll.For(fd, poll.In)
		if !l.Sleep(w, list, time.Time{}) || list[0].Events() != poll.In {
			t.Errorf("room for %d: %v", room, list)
		}
	}
}

func TestLockIsFreeDuringASleep(t *testing.T) {
	l := looptest.New(t)
	w := waiter(t, l)
	defer l.EndWaiter(w)
	n := 0
	done := looptest.Elsewhere(func() {
		for range 100 {
			looptest.Do(l, func() { n++ })
		}
		looptest.Do(l, w.Notify)
	})
	l.Sleep(w, nil, time.Time{})
	<-done
	if n != 100 {
		t.Error(n)
	}
}

func TestWaitersAreUsedAgain(t *testing.T) {
	l := looptest.New(t)
	before := looptest.Descriptors()
	for range 10 {
		var list []*loop.Waiter
		for range 8 {
			w := waiter(t, l)
			if l.Sleep(w, nil, time.Now()) {
				t.Fatal("a new one was notified")
			}
			w.Notify()
			list = append(list, w)
		}
		for _, w := range list {
			l.EndWaiter(w)
		}
	}
	if n := looptest.Descriptors() - before; n > 4 {
		t.Errorf("%d descriptors are kept", n)
	}
}

func TestWaiterMayOutliveItsLoop(t *testing.T) {
	looptest.CheckLeaks(t)
	l, err := loop.New()
	if err != nil {
		t.Fatal(err)
	}
	l.Lock()
	defer l.Unlock()
	w := waiter(t, l)
	l.Close()
	l.EndWaiter(w)
}

func TestHostInterruptsASleep(t *testing.T) {
	l := looptest.New(t)
	w := waiter(t, l)
	defer l.EndWaiter(w)
	fd, err := sys.NewEvent()
	if err != nil {
		t.Fatal(err)
	}
	defer sys.Close(fd)
	host := looptest.Interrupts(t)
	sys.Signal(fd)
	sys.Signal(host.FD)
	for _, room := range []int{1, 5} {
		list := make([]poll.Waited, 1, room)
		list[0] = poll.For(fd, poll.In)
		if l.Sleep(w, list, time.Time{}) || !w.Interrupted() || list[0].Events() != 0 {
			t.Errorf("room for %d: %v", room, list)
		}
	}
	if host.Noted != 2 {
		t.Errorf("noted %d times", host.Noted)
	}
	// Another thread sleeps on.
	<-looptest.Elsewhere(func() {
		l := looptest.New(t)
		w := waiter(t, l)
		defer l.EndWaiter(w)
		if l.Sleep(w, nil, time.Now().Add(time.Millisecond)) || w.Interrupted() {
			t.Error("another thread was interrupted")
		}
	})
	sys.Drain(host.FD)
	list := []poll.Waited{poll.For(fd, poll.In)}
	if !l.Sleep(w, list, time.Time{}) || w.Interrupted() || list[0].Events() != poll.In || host.Noted != 2 {
		t.Errorf("%v", list)
	}
}

// Who waits is often the one that changes the object: that costs no system call.
func TestNobodyIsWokenWhoIsAwake(t *testing.T) {
	l := looptest.New(t)
	w, err := l.NewWaiter()
	if err != nil {
		t.Fatal(err)
	}
	w.Notify()
	if looptest.Readable(w.FD()) {
		t.Error("its descriptor was written to")
	}
	if !l.Sleep(w, nil, time.Time{}) {
		t.Error("it has slept in spite of what was notified")
	}
	w.Notify()
	l.EndWaiter(w)
	again, err := l.NewWaiter()
	if err != nil {
		t.Fatal(err)
	}
	defer l.EndWaiter(again)
	if l.Sleep(again, nil, time.Now()) {
		t.Error("what the last wait was notified of has woken the next")
	}
}
