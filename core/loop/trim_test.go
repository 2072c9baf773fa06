package loop_test

import (
	"testing"

	"qnet/core/buffer"
	"qnet/core/internal/looptest"
	"qnet/core/loop"
)

// Memory that a burst has needed comes back when it is over, by itself: the loop is asleep.
func TestMemoryOfABurstComesBack(t *testing.T) {
	l := looptest.New(t)
	const chunks = 500
	var burst buffer.Buffer
	for range chunks {
		burst.Fill(&l.Pool, buffer.LargeSize, func(p []byte) (int, error) { return len(p), nil })
	}
	if n := l.Pool.Resident(); n != chunks*buffer.LargeSize {
		t.Fatalf("%d bytes for %d chunks", n, chunks)
	}
	burst.Clear(&l.Pool)
	if n := l.Pool.Resident(); n != chunks*buffer.LargeSize {
		t.Fatalf("%d bytes are left at once: what comes next would have to get them anew", n)
	}
	l.Unlock()
	used := loop.Used()
	l.Lock()
	if used.Timers != 0 {
		t.Errorf("the program sees %d timers", used.Timers)
	}
	looptest.Until(t, l, "most of it has come back", func() bool { return l.Pool.Resident() <= chunks*buffer.LargeSize/10 })
	looptest.Settle(t, l)
}
