package loop_test

import (
	"os"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qnet/core/internal/looptest"
	"qnet/core/sys"
)

func TestManyPostsWakeTheLoopOnce(t *testing.T) {
	l := looptest.New(t)
	const threads, calls = 8, 100
	for round := range 3 {
		var all sync.WaitGroup
		for range threads {
			all.Go(func() {
				for range calls {
					looptest.Do(l, func() { l.Post(func() {}) })
				}
			})
		}
		l.Unlock()
		all.Wait()
		l.Lock()
		if n := l.WakeUps(); n != 1 {
			t.Errorf("round %d: %d wake-ups", round, n)
		}
		turn(t, l)
	}
}

func TestPostInATurnDoesNotWake(t *testing.T) {
	l := looptest.New(t)
	turn(t, l) // which leaves nothing behind
	l.Post(func() {
		if n := l.WakeUps(); n != 1 {
			t.Errorf("%d wake-ups by the first post", n)
		}
		l.Post(func() {})
		if n := l.WakeUps(); n != 0 {
			t.Errorf("%d wake-ups in the turn", n)
		}
	})
	turn(t, l)
	if n := l.WakeUps(); n != 1 {
		t.Errorf("%d wake-ups for what is left", n)
	}
}

func TestProcessEventsOutlastsSignals(t *testing.T) {
	l := looptest.New(t)
	const wait = 30 * time.Millisecond
	thread, done := sys.ThreadID(), make(chan struct{})
	signals := looptest.Elsewhere(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
				unix.Tgkill(os.Getpid(), thread, unix.SIGURG) // which Go takes for its own
			}
		}
	})
	start := time.Now()
	did, err := l.ProcessEvents(int(wait / time.Millisecond))
	if took := time.Since(start); did || err != nil || took < wait {
		t.Errorf("%v, %v after %v", did, err, took)
	}
	close(done)
	<-signals
}
