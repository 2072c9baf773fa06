package lease

import (
	"sync/atomic"
	"testing"
	"unsafe"
)

// withC does what C does, as far as the test has it, instead of C.
func withC(t *testing.T, run func(r *round, word uint64)) {
	old := Run
	t.Cleanup(func() { Run = old })
	Run = func(p uintptr, word uint64) { run((*round)(*(*unsafe.Pointer)(unsafe.Pointer(&p))), word) }
}

// next goes on to the next callback, as qnetc_run does.
func next(r *round, word uint64) bool {
	if !atomic.CompareAndSwapUint64(&r.word, word, word^(granted^inUse)) {
		return false
	}
	if r.current >= 0 {
		r.next += uintptr(r.terms[r.current].staged)
	}
	r.current++
	more := r.current < r.count
	if more {
		r.terms[r.current].out = r.next
	}
	atomic.StoreUint64(&r.word, word)
	return more
}

// use has the callback under way take n bytes and write text.
func use(r *round, n int, text string) {
	t := &r.terms[r.current]
	t.data += uintptr(n)
	t.left -= int64(n)
	out := unsafe.Slice((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&t.out))), Room)
	t.staged += int64(copy(out[t.staged:], text))
}

func ready(t *testing.T) *Lease {
	l := &Lease{}
	if !l.Ready() || !l.Ready() {
		t.Fatal("no memory")
	}
	t.Cleanup(l.Close)
	return l
}

func TestRound(t *testing.T) {
	calls := 0
	withC(t, func(r *round, word uint64) {
		for next(r, word) {
			calls++
			use(r, calls, "from ")
			use(r, 0, string(rune('0'+calls)))
		}
	})
	l := ready(t)
	for range 2 {
		calls = 0
		for i := range 3 {
			l.Terms(i).Lend([]byte("data"), i != 1)
		}
		if room := [3]int64{l.Terms(0).room, l.Terms(1).room, l.Terms(2).room}; room != [3]int64{Room, 0, Room} {
			t.Errorf("room for %d bytes", room)
		}
		l.Grant(3)
		if !l.Held {
			t.Error("no round")
		}
		l.Run()
		if done, inside := l.End(); done != 3 || inside || calls != 3 || l.Held {
			t.Fatalf("%d of %d callbacks, another one: %v", done, calls, inside)
		}
		for i, want := range []string{"from 1", "from 2", "from 3"} {
			if got := string(l.Terms(i).Written()); got != want || l.Terms(i).Left() != 3-i {
				t.Errorf("callback %d has written %q and left %d bytes", i, got, l.Terms(i).Left())
			}
		}
	}
}

func TestRoundThatEndsBefore(t *testing.T) {
	// In a callback, or before the first.
	for at := range 3 {
		var l *Lease
		withC(t, func(r *round, word uint64) {
			for calls := 0; ; calls++ {
				if calls == at {
					if done, inside := l.End(); done != max(0, at-1) || inside != (at > 0) {
						t.Errorf("ended at %d: %d callbacks, another one: %v", at, done, inside)
					}
				}
				if !next(r, word) {
					break
				}
				use(r, 1, "x")
			}
		})
		l = ready(t)
		for i := range 2 {
			l.Terms(i).Lend([]byte("data"), true)
		}
		l.Grant(2)
		l.Run()
		if l.Held {
			t.Error("the round goes on")
		}
	}
}

func TestWhoComesBackFindsNoOtherRound(t *testing.T) {
	withC(t, func(*round, uint64) {})
	l := ready(t)
	l.Terms(0).Lend(nil, true)
	l.Grant(1)
	old := l.round.word
	l.End()
	l.Grant(1)
	if next(l.round, old) || l.round.current != -1 {
		t.Error("an older round goes on")
	}
	if !next(l.round, l.round.word) {
		t.Error("the round does not go on")
	}
	l.End()
	if next(l.round, l.round.word) {
		t.Error("an ended round goes on")
	}
}

func TestEndWaitsForACopy(t *testing.T) {
	withC(t, func(*round, uint64) {})
	l := ready(t)
	l.Terms(0).Lend([]byte("data"), false)
	l.Grant(1)
	r, word := l.round, l.round.word
	next(r, word)
	atomic.StoreUint64(&r.word, word^(granted^inUse))
	ended := make(chan struct{})
	go func() {
		l.End()
		close(ended)
	}()
	select {
	case <-ended:
		t.Error("it did not wait")
	default:
	}
	use(r, 3, "")
	atomic.StoreUint64(&r.word, word)
	<-ended
	if l.Terms(0).Left() != 1 {
		t.Errorf("%d bytes are left", l.Terms(0).Left())
	}
}

func TestMemoryIsUsedAgain(t *testing.T) {
	var a, b Lease
	if a.Ready() {
		t.Fatal("ready without C")
	}
	withC(t, func(*round, uint64) {})
	a.Ready()
	first := a.round
	a.Grant(1)
	a.End()
	word := first.word
	a.Close()
	a.Close()
	if b.Ready(); b.round != first {
		t.Error("other memory was taken")
	}
	if b.Grant(1); b.round.word <= word {
		t.Error("the numbers do not go on")
	}
	b.End()
	if a.Ready(); a.round == first {
		t.Error("memory belongs to two")
	}
	a.Close()
	b.Close()
}

// What a thread was doing with a round when a signal took it away is over, for itself at
// once and for others as soon as it calls in.
func TestARoundInUseEndsOnceItIsAbandoned(t *testing.T) {
	var r *round
	withC(t, func(p *round, word uint64) {
		r = p
		next(r, word)
		use(r, 1, "written")
		// In a copy, from which it does not return.
		r.word = word ^ (granted ^ inUse)
	})
	l := ready(t)
	l.Terms(0).Lend([]byte("data"), true)
	l.Grant(1)
	l.Run()
	asked := 0
	old := Abandon
	t.Cleanup(func() { Abandon = old })
	Abandon = func() {
		if asked++; asked == 3 {
			atomic.StoreUint64(&r.word, r.word^(granted^inUse))
		}
	}
	done, inside := l.End()
	if done != 0 || !inside || asked != 3 || l.Held {
		t.Errorf("%d callbacks, inside one: %v, asked %d times", done, inside, asked)
	}
	if got := string(l.Terms(0).Written()); got != "written" || l.Terms(0).Left() != 3 {
		t.Errorf("%q, %d bytes are left", got, l.Terms(0).Left())
	}
}
