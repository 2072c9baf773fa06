package loop

import (
	"runtime"
	"testing"
	"time"

	"qnet/core/poll"
)

// TestASleepingLoopIsWokenWithoutTheLock: who wakes up wants the lock, and would have to wait for
// whom has woken it.
func TestASleepingLoopIsWokenWithoutTheLock(t *testing.T) {
	l, err := New()
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer close(ended)
		l.Lock()
		defer l.Unlock()
		l.Exec()
	}()
	readable := func() bool {
		return poll.Wait([]poll.Waited{poll.For(l.FD(), poll.In)}, time.Now())
	}
	const posts = 50
	made := 0
	for made < posts {
		l.Lock()
		if !l.asleep || l.woken {
			l.Unlock()
			runtime.Gosched()
			continue
		}
		before := made
		l.Post(func() { made++ })
		l.Post(func() {})
		if readable() || !l.waking {
			t.Error("it is woken while it cannot go on")
		}
		l.Unlock()
		for l.Lock(); made == before; l.Lock() {
			l.Unlock()
			runtime.Gosched()
		}
		l.Unlock()
	}
	l.Lock()
	l.Close()
	l.Unlock()
	<-ended
}
