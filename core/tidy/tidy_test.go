package tidy

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

func TestWorthwhile(t *testing.T) {
	for _, c := range []struct {
		live, resident uint64
		is             bool
	}{
		{0, 0, false},
		{1 << 20, 3 << 20, false},
		{1 << 20, 3<<20 + 1, true},
		{100 << 20, 125 << 20, false},
		{100 << 20, 126 << 20, true},
		{100 << 20, 50 << 20, false},
	} {
		if got := (heap{live: c.live, resident: c.resident}).worthwhile(); got != c.is {
			t.Error(c, got)
		}
	}
}

var garbage []byte

func TestMemoryIsGivenBackOnceItIsQuiet(t *testing.T) {
	percent := debug.SetGCPercent(-1)
	for range 64 {
		garbage = make([]byte, 1<<20)
		for i := range garbage {
			garbage[i] = 1
		}
	}
	garbage = nil
	if h := read(); !h.worthwhile() {
		t.Fatalf("there is nothing to give back: %+v", h)
	}
	Soon(0)
	Soon(0) // one look is enough
	defer debug.SetGCPercent(percent)
	until(t, "it looks", func() bool { mu.Lock(); defer mu.Unlock(); return !looking })
	until(t, "it has given memory back", func() bool { return !read().worthwhile() })
}

// What was in use when the last collection took place is not known to be garbage.
func TestWhatIsDroppedCounts(t *testing.T) {
	garbage = make([]byte, 64<<20)
	for i := range garbage {
		garbage[i] = 1
	}
	runtime.GC()
	garbage = nil
	if h := read(); h.worthwhile() {
		t.Fatalf("it is known already: %+v", h)
	}
	Soon(64 << 20)
	until(t, "it has given memory back", func() bool { return read().resident < 32<<20 })
}

// While much is going on nothing is done.
func TestABusyProcessIsLeftAlone(t *testing.T) {
	mu.Lock()
	last, looking = read().allocated-2*quiet, true
	mu.Unlock()
	look()
	mu.Lock()
	busy := looking
	mu.Unlock()
	if !busy {
		t.Error("it looks no more")
	}
	until(t, "it is quiet", func() bool { mu.Lock(); defer mu.Unlock(); return !looking })
}

func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}
