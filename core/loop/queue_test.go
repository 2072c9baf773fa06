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
		called := -1
		for id := range 300 {
			if random.Intn(2) == 0 {
				e := entry{id, random.Intn(5) - 1}
				model = append(model, e)
				if e.level < 0 {
					q.push(func() { called = id })
				} else {
					q.pushDeletion(&nothing{id}, e.level)
				}
				continue
			}
			depth := 1 + random.Intn(4)
			at := slices.IndexFunc(model, func(e entry) bool { return e.level <= 0 || e.level >= depth })
			if q.due(depth) != (at >= 0) {
				t.Logf("due at %d of %v: %v", depth, model, at < 0)
				return false
			}
			f, of := q.take(depth, q.count)
			if at < 0 {
				if f != nil || of != nil {
					return false
				}
				continue
			}
			want := model[at]
			model = slices.Delete(model, at, at+1)
			if want.level < 0 {
				if f == nil {
					t.Logf("took another than the call of %v at depth %d", want, depth)
					return false
				}
				if f(); called != want.id {
					t.Logf("took the call %d instead of %v at depth %d", called, want, depth)
					return false
				}
			} else if of == nil || of.(*nothing).id != want.id {
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
	var q fifo[*int]
	for range 3 * blockItems {
		q.push(new(int))
	}
	front := q.front
	for range 3 * blockItems {
		q.pop()
	}
	for _, b := range []*block[*int]{front, q.front, q.spare} {
		if b.items != [blockItems]*int{} {
			t.Error("an item is kept")
		}
	}
}

// blocks returns for how many blocks q has memory.
func (q *fifo[T]) blocks() int {
	n := 0
	for _, first := range []*block[T]{q.front, q.spare} {
		for b := first; b != nil; b = b.next {
			n++
		}
	}
	return n
}

func TestQueueDoesNotGrowWhileItIsEmptied(t *testing.T) {
	var q fifo[int]
	q.push(0)
	for range 10000 {
		// As a call that posts the next: there is always one.
		q.push(0)
		q.pop()
	}
	if n := q.blocks(); n > 3 {
		t.Errorf("room in %d blocks, for one item", n)
	}
	if n := testing.AllocsPerRun(100, func() {
		for range blockItems {
			q.push(0)
			q.pop()
		}
	}); n > 0 {
		t.Errorf("%v allocations while it is not growing", n)
	}
}

func TestQueueGivesBackWhatABurstHasTaken(t *testing.T) {
	var q fifo[int]
	const burst = 100 * blockItems
	for i := range burst {
		q.push(i)
	}
	seen := 0
	for i := range q.all() {
		if *i != seen {
			t.Fatalf("item %d at %d", *i, seen)
		}
		if seen++; seen == burst/2 {
			break
		}
	}
	for range 10 {
		q.push(q.pop()) // so that the first is not where a block begins
	}
	for first := range uint64(burst + 20) {
		want := int(max(first, 10))
		for i := range q.from(first) {
			if *i != want%burst {
				t.Fatalf("from %d: item %d instead of %d", first, *i, want%burst)
			}
			want++
		}
		if want != int(max(burst+10, first)) {
			t.Fatalf("from %d: ends at %d", first, want)
		}
	}
	for range burst - 10 {
		q.push(q.pop())
	}
	for i := range burst {
		if got := q.pop(); got != i {
			t.Fatalf("took %d after %d", got, i-1)
		}
		if n, most := q.blocks(), q.len()/blockItems+2+spareBlocks; n > most {
			t.Fatalf("%d blocks for %d items", n, q.len())
		}
	}
}

// TestDeferredDeletionsCostNestedTurnsNothing counts how often the queues are changed.
func TestDeferredDeletionsCostNestedTurnsNothing(t *testing.T) {
	const deferred, posts = 10000, 100
	var q queue
	steps := func() (n int) {
		n = int(q.calls.taken)
		for _, list := range q.deletions {
			n += int(list.taken)
		}
		return n
	}
	for i := range deferred {
		q.pushDeletion(&nothing{i}, 1)
	}
	for i := range posts {
		q.push(func() {})
		if f, _ := q.take(2, q.count); f == nil || q.due(2) {
			t.Fatal("the call is not what a nested turn has to do")
		}
		// A turn around it takes one, which calls another nested one.
		if i%10 == 0 {
			if _, of := q.take(1, q.count); of.(*nothing).id != i/10 {
				t.Fatalf("deletion %d comes first", of.(*nothing).id)
			}
		}
	}
	if n := steps(); n != posts+posts/10 {
		t.Errorf("%d entries were moved", n)
	}
}

func TestDeepNestingLeavesNothing(t *testing.T) {
	var q queue
	for level := range 1000 {
		q.pushDeletion(&nothing{level}, level)
	}
	for range 1000 {
		if _, of := q.take(0, q.count); of == nil {
			t.Fatal("a deletion is lost")
		}
	}
	if n := len(q.deletions); n > 10 {
		t.Errorf("%d queues for nothing", n)
	}
}
