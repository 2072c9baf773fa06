package loop

import (
	"cmp"
	"math/rand"
	"slices"
	"testing"
	"testing/quick"
	"time"

	"qnet/core/sys"
)

// TestHeapKeepsTheEarliestFirst drives the timers' heap and a plain list with
// the same random steps.
func TestHeapKeepsTheEarliestFirst(t *testing.T) {
	check := func(seed int64) bool {
		random := rand.New(rand.NewSource(seed))
		var ts timers
		var model []*Timer
		all := make([]Timer, 40)
		for range 400 {
			timer := &all[random.Intn(len(all))]
			if timer.Running() {
				ts.remove(timer)
				model = slices.DeleteFunc(model, func(m *Timer) bool { return m == timer })
			} else {
				timer.at = int64(random.Intn(10))
				ts.push(timer)
				model = append(model, timer)
			}
			if len(ts.heap) != len(model) {
				t.Logf("%d running, want %d", len(ts.heap), len(model))
				return false
			}
			for i, h := range ts.heap {
				if h.t.index != i+1 || h.at != h.t.at || i > 0 && h.before(&ts.heap[(i-1)/branches]) {
					t.Logf("entry %d is out of order", i)
					return false
				}
			}
			for i := range all {
				if all[i].Running() != slices.Contains(model, &all[i]) {
					t.Logf("timer %d running: %v", i, all[i].Running())
					return false
				}
			}
		}
		// The model has them in the order of their start.
		slices.SortStableFunc(model, func(a, b *Timer) int { return cmp.Compare(a.at, b.at) })
		for _, want := range model {
			if ts.heap[0].t != want {
				t.Log("another is the earliest")
				return false
			}
			ts.remove(want)
		}
		return true
	}
	if err := quick.Check(check, &quick.Config{MaxCount: 50}); err != nil {
		t.Error(err)
	}
}

func TestHeapGivesBackWhatManyTimersHaveTaken(t *testing.T) {
	var ts timers
	all := make([]Timer, 20*smallHeap)
	for i := range all {
		all[i].at = int64(i)
		ts.push(&all[i])
	}
	moved := 0
	for i := range all {
		before := cap(ts.heap)
		ts.remove(&all[i])
		if cap(ts.heap) != before {
			moved += len(ts.heap)
		}
		if n := len(ts.heap); cap(ts.heap) > max(4*n+4, 2*smallHeap) {
			t.Fatalf("room for %d timers, for %d", cap(ts.heap), n)
		}
	}
	if moved > len(all) {
		t.Errorf("%d timers were moved to give back room for %d", moved, len(all))
	}
}

// TestTheLoopWakesAtFullMilliseconds looks at what the poller's timer is set to.
func TestTheLoopWakesAtFullMilliseconds(t *testing.T) {
	l, err := New()
	if err != nil {
		t.Fatal(err)
	}
	l.Lock()
	defer l.Unlock()
	defer l.Close()
	for i := range 100 {
		timer := &Timer{Expired: func() {}}
		d := time.Millisecond + time.Duration(i)*7919
		before := sys.Now()
		l.StartTimer(timer, d)
		if at := timer.at; at < before+int64(d) || l.timers.armed < at || l.timers.armed-at >= 1e6 || l.timers.armed%1e6 != 0 {
			t.Errorf("due after %v at %d: the loop wakes at %d", d, at, l.timers.armed)
		}
		l.StopTimer(timer)
		l.timers.armed = 0
	}
	timer := &Timer{}
	restarts := 3
	timer.Expired = func() {
		if restarts--; restarts > 0 {
			l.StartTimer(timer, 0)
		}
	}
	for l.StartTimer(timer, 0); restarts > 0; l.timers.run(l) {
		if at := l.timers.armed; at > sys.Now() {
			t.Errorf("due at once: the loop wakes in %v", time.Duration(at-sys.Now()))
		}
	}
}

// TestTimersOfOneMillisecondTakeOneTurn counts turns.
func TestTimersOfOneMillisecondTakeOneTurn(t *testing.T) {
	l, err := New()
	if err != nil {
		t.Fatal(err)
	}
	l.Lock()
	defer l.Unlock()
	defer l.Close()
	const many, span = 2000, 20
	random := rand.New(rand.NewSource(1))
	expired, begin := 0, sys.Now()
	for range many {
		l.StartTimer(&Timer{Expired: func() { expired++ }}, time.Duration(1+random.Intn(span*1000-1))*time.Microsecond)
	}
	// The clock goes on while they are started.
	served, most := 0, span+2+int((sys.Now()-begin)/1e6)
	for expired < many {
		before := expired
		l.ProcessEvents(-1)
		if expired > before {
			served++
		}
	}
	if served > most {
		t.Errorf("%d turns for the timers of %d milliseconds", served, most)
	}
}
