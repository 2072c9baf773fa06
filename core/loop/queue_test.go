package loop

import (
	"math/rand"
	"slices"
	"testing"
	"testing/quick"
)

// nothing is deleted without consequence.
type nothing struct{ id int }

func (*nothing) Delete() {}

// TestQueueIsFirstInFirstOutButForDeletions drives a queue and a plain list with
// the same random steps.
func TestQueueIsFirstInFirstOutButForDeletions(t *testing.T) {
	type entry struct {
		id    int
		level int // -1: a call
	}
	check := func(seed int64) bool {
		random := rand.New(rand.NewSource(seed))
		var q queue
		var model []entry
		for id := range 300 {
			if random.Intn(2) == 0 {
				e := entry{id, random.Intn(5) - 1}
				model = append(model, e)
				if e.level < 0 {
					q.push(post{call: func() {}, level: id})
				} else {
					q.push(post{del: &nothing{id}, level: e.level})
				}
				continue
			}
			depth := 1 + random.Intn(4)
			at := slices.IndexFunc(model, func(e entry) bool { return e.level <= 0 || e.level >= depth })
			if at >= 0 && !q.due(depth) {
				t.Logf("nothing is due at %d of %v", depth, model)
				return false
			}
			p, ok := q.take(depth, q.count)
			if ok != (at >= 0) {
				return false
			}
			if !ok {
				if q.due(depth) {
					t.Logf("%d is due at %d", q.len(), depth)
					return false
				}
				continue
			}
			want := model[at]
			model = slices.Delete(model, at, at+1)
			if want.level < 0 && (p.call == nil || p.level != want.id) ||
				want.level >= 0 && (p.del == nil || p.del.(*nothing).id != want.id) {
				t.Logf("took another than %v at depth %d", want, depth)
				return false
			}
			if q.len() != len(model) {
				t.Logf("%d entries, want %d", q.len(), len(model))
				return false
			}
		}
		return true
	}
	if err := quick.Check(check, &quick.Config{MaxCount: 50}); err != nil {
		t.Error(err)
	}
}

func TestQueueForgetsWhatWasTaken(t *testing.T) {
	var q queue
	for range 3 {
		q.push(post{call: func() {}})
	}
	for range 3 {
		q.take(1, q.count)
	}
	for _, p := range q.entries.items[:3] {
		if p.call != nil || p.del != nil {
			t.Error("an entry is kept")
		}
	}
}

func TestQueueDoesNotGrowWhileItIsEmptied(t *testing.T) {
	var q queue
	q.push(post{call: func() {}})
	for range 10000 {
		// As a call that posts the next: there is always one.
		q.push(post{call: func() {}})
		q.take(1, q.count)
	}
	if n := cap(q.entries.items); n > 100 {
		t.Errorf("room for %d entries, for one", n)
	}
}
