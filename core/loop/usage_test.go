package loop_test

import (
	"testing"
	"time"

	"qnet/core/internal/looptest"
	"qnet/core/loop"
)

// used asks without the lock.
func used(l *loop.Loop) loop.Usage {
	l.Unlock()
	defer l.Lock()
	return loop.Used()
}

func TestUsedTellsWhatLoopsHold(t *testing.T) {
	l := looptest.New(t)
	before := used(l)
	expect := func(what string, more loop.Usage) {
		t.Helper()
		more.Loops += before.Loops
		if got := used(l); got != more {
			t.Errorf("%s: %+v, want %+v", what, got, more)
		}
	}
	expect("at first", loop.Usage{})
	e := watch(t, l)
	expect("a watch", loop.Usage{Watches: 1})
	timer := loop.Timer{Expired: func() {}}
	l.StartTimer(&timer, time.Hour)
	expect("a timer", loop.Usage{Watches: 1, Timers: 1})
	inside := loop.Usage{}
	l.Post(func() { inside = used(l) })
	expect("a posted call", loop.Usage{Watches: 1, Timers: 1, Posted: 1})
	turn(t, l)
	if inside.Turns != 1 {
		t.Errorf("%d turns", inside.Turns)
	}
	w, err := l.NewWaiter()
	if err != nil {
		t.Fatal(err)
	}
	l.EndWaiter(w)
	expect("a waiter that is over", loop.Usage{Watches: 1, Timers: 1, Spare: 1})
	l.StopTimer(&timer)
	l.Unwatch(e.watch)
	expect("at the end", loop.Usage{Spare: 1})

	other, err := loop.New()
	if err != nil {
		t.Fatal(err)
	}
	expect("another loop", loop.Usage{Loops: 1, Spare: 1})
	looptest.Do(other, func() { other.Retain(); other.Close() })
	expect("that something keeps", loop.Usage{Loops: 1, Spare: 1})
	looptest.Do(other, other.Release)
	expect("no more", loop.Usage{Spare: 1})
}
