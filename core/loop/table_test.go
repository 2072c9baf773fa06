package loop

import (
	"math/rand"
	"testing"
	"testing/quick"
	"unsafe"

	"qnet/core/poll"
)

type handler struct{ id int }

func (*handler) Ready(poll.Event) {}

// TestWatchesAreFoundUntilRemoved drives the table of watches and a map with the
// same random steps: no id that was ever given is another's afterwards.
func TestWatchesAreFoundUntilRemoved(t *testing.T) {
	check := func(seed int64) bool {
		random := rand.New(rand.NewSource(seed))
		var table watches
		model := map[Watch]Handler{} // nil: removed
		var ids []Watch
		for i := range 300 {
			switch {
			case len(ids) == 0 || random.Intn(3) > 0:
				h := &handler{i}
				id := table.add(i, h)
				if _, known := model[id]; known || id == 0 || id == poll.WakeTag || id == poll.TimerTag {
					t.Logf("%#x is given again", id)
					return false
				}
				model[id], ids = h, append(ids, id)
			default:
				id := ids[random.Intn(len(ids))]
				table.remove(id) // also one that was removed already
				model[id] = nil
			}
			for id, h := range model {
				var got Handler
				if e := table.entry(id); e != nil {
					got = e.handler
				}
				if got != h {
					t.Logf("%#x is %v, want %v", id, got, h)
					return false
				}
			}
		}
		live := 0
		for _, h := range model {
			if h != nil {
				live++
			}
		}
		if used := int(table.used) - poll.FirstTag - len(table.free); used != live {
			t.Logf("%d entries for %d watches", used, live)
			return false
		}
		return true
	}
	if err := quick.Check(check, &quick.Config{MaxCount: 20}); err != nil {
		t.Error(err)
	}
}

func TestWatchNoneIsNeverFound(t *testing.T) {
	var table watches
	table.add(0, &handler{})
	for _, id := range []Watch{0, poll.WakeTag, poll.TimerTag, 1 << 32, 99} {
		if table.entry(id) != nil {
			t.Errorf("%#x has an entry", id)
		}
		table.remove(id)
	}
	if len(table.free) != 0 {
		t.Errorf("free to use again: %v", table.free)
	}
}

// What an idle connection takes is what 10,000 of them take.
func TestWatchesOfIdleConnectionsAreSmall(t *testing.T) {
	if size := unsafe.Sizeof(watch{}); size > 24 {
		t.Errorf("%d bytes each", size)
	}
	var table watches
	for i := range 1000 {
		table.add(i, &handler{i})
	}
	table.leave(500).queued = true
	pages := 0
	for _, p := range table.requeued {
		if p != nil {
			pages++
		}
	}
	if pages != 1 || table.left(500) == nil || table.left(999) != nil {
		t.Errorf("%d pages for the one that has left something", pages)
	}
}
