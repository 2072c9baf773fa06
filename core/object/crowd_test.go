package object

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"qnet/core/internal/looptest"
)

// TestManySlotsCostNoMoreEach counts what is passed in the lists, not the time.
func TestManySlotsCostNoMoreEach(t *testing.T) {
	const many = 3000
	l := looptest.New(t)
	o := newThing(l)
	defer o.Delete()
	slots := make([]*Slot, many)
	calls := 0
	for i := range slots {
		slots[i] = o.On(ping, func(int64) { calls++ })
	}
	o.slot(pong, "pong")
	if first, last := o.of(pong); first != last {
		t.Error("an emission goes through the slots of another signal")
	}
	if s := o.Only(pong); s == nil || o.Only(ping) != nil {
		t.Error("the only slot of a signal is not found, or one of many is")
	}
	o.Emit(ping, 1)
	o.Emit(pong, 2)
	o.expect(t, "pong 2")
	if calls != many {
		t.Errorf("%d slots were called", calls)
	}
	c := o.crowd()
	rand.New(rand.NewSource(1)).Shuffle(many, func(i, j int) { slots[i], slots[j] = slots[j], slots[i] })
	for i, s := range slots {
		if !o.Off(s) || o.Off(s) {
			t.Fatal("a slot must be disconnected once")
		}
		if n := c.lists[ping]; int(n.count) > 2*(many-i-1)+1 {
			t.Fatalf("%d slots are kept, of which %d are gone", n.count, n.gone)
		}
	}
	if c.looked > 2*many {
		t.Errorf("%d slots were passed to disconnect %d", c.looked, many)
	}
	if o.Hears(ping) || !o.Hears(pong) {
		t.Error("it is not known which signals have slots")
	}
}

func TestSlotsBecomeManyDuringAnEmission(t *testing.T) {
	o := newThing(looptest.New(t))
	o.slot(pong, "pong")
	o.with(ping, func() {
		for i := range 2 * few {
			o.slot(Signal(1+i%3), fmt.Sprint("new ", i))
		}
	})
	last := o.slot(ping, "last")
	o.slot(pong, "pong")
	o.Emit(ping, 1)
	o.expect(t, "last 1")
	o.log = nil
	o.Emit(pong, 2)
	want := []string{"pong 2", "pong 2"}
	for i := 1; i < 2*few; i += 3 {
		want = append(want, fmt.Sprintf("new %d 2", i))
	}
	o.expect(t, want...)
	o.log = nil
	o.Off(last)
	n := 0
	o.EachSlot(func(s *Slot) {
		n++
		if s == last {
			t.Error("the disconnected slot is there")
		}
	})
	if n != 2*few+4 { // with the one that connects, two of pong and that of destroyed
		t.Errorf("%d slots", n)
	}
	o.Delete()
	if got := o.log; !slices.Equal(got, []string{"deleted", "destroyed"}) {
		t.Errorf("%q at its end", got)
	}
	if o.Off(last) || o.crowd() != nil {
		t.Error("there is something left of the slots")
	}
}

func TestNoCrowdStaysWhenAllHaveGone(t *testing.T) {
	o := &thing{}
	o.Init(looptest.New(t))
	var slots []*Slot
	for range few + 1 {
		slots = append(slots, o.slot(ping, "x"))
	}
	if o.crowd() == nil {
		t.Fatal("no crowd")
	}
	for _, s := range slots {
		o.Off(s)
	}
	if o.crowd() != nil || o.slots != nil {
		t.Error("it is kept")
	}
	o.slot(ping, "again")
	o.Emit(ping, 1)
	o.Delete()
	o.expect(t, "again 1", "deleted")
}
