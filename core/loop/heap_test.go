package loop

import (
	"cmp"
	"math/rand"
	"slices"
	"testing"
	"testing/quick"
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
				ts.seq++
				timer.at, timer.seq = int64(random.Intn(10)), ts.seq
				ts.push(timer)
				model = append(model, timer)
			}
			if len(ts.heap) != len(model) {
				t.Logf("%d running, want %d", len(ts.heap), len(model))
				return false
			}
			for i, h := range ts.heap {
				if h.index != i+1 || i > 0 && ts.before(i, (i-1)/2) {
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
		slices.SortFunc(model, func(a, b *Timer) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.seq, b.seq)) })
		for _, want := range model {
			if ts.heap[0] != want {
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
