package loop_test

import (
	"testing"
	"time"

	"qnet/core/internal/looptest"
	"qnet/core/loop"
)

// A loop that waits often lets others run before Go makes it do so, which is after ten
// milliseconds; one that waits seldom cannot.
func TestALoopThatWaitsOftenLetsOthersRunInTime(t *testing.T) {
	for interval, want := range map[time.Duration]struct{ least, most int }{
		10 * time.Microsecond:  {101, 130},
		100 * time.Microsecond: {101, 130},
		time.Millisecond:       {101, 150},
		2 * time.Millisecond:   {101, 200},
		5 * time.Millisecond:   {0, 0},
		10 * time.Millisecond:  {0, 0},
		300 * time.Millisecond: {0, 0},
	} {
		if n := loop.YieldsWaitingEach(interval); n < want.least || n > want.most {
			t.Errorf("it waits each %v: others run %d times a second, want %d to %d", interval, n, want.least, want.most)
		}
	}
}

// While it lets others run they reach it as if it slept.
func TestALoopThatLetsOthersRunIsWoken(t *testing.T) {
	l := looptest.New(t)
	for i := range 300 {
		l.HadItsShare()
		done := false
		reached := looptest.Elsewhere(func() {
			l.Lock()
			defer l.Unlock()
			if i%2 == 0 {
				l.Post(func() { done = true })
			} else {
				done = true
				l.Interrupt()
			}
		})
		for !done {
			l.ProcessEvents(-1)
		}
		<-reached
	}
}
