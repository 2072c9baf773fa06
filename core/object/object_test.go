package object

import (
	"fmt"
	"math/rand"
	"slices"
	"sync"
	"testing"
	"testing/quick"

	"qnet/core/internal/looptest"
	"qnet/core/loop"
	"qnet/core/sys"
)

const ping, pong Signal = 1, 2

// thing is the simplest object.
type thing struct {
	Object
	mu  sync.Mutex // slots say something without the loop's lock
	log []string
}

func newThing(l *loop.Loop) *thing {
	o := &thing{}
	o.Init(l)
	o.On(Destroyed, func(int64) { o.say("destroyed") })
	return o
}

func (o *thing) Delete() {
	if o.BeginDelete() {
		o.say("deleted")
		o.EndDelete()
	}
}

func (o *thing) say(text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.log = append(o.log, text)
}

func (o *thing) expect(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(o.log, want) {
		t.Errorf("got  %q\nwant %q", o.log, want)
	}
}

// slot connects something that is said whenever the signal is emitted.
func (o *thing) slot(signal Signal, text string) *Slot {
	return o.On(signal, func(arg int64) { o.say(fmt.Sprint(text, " ", arg)) })
}

// with connects something that is done, with the lock, at each emission.
func (o *thing) with(signal Signal, f func()) *Slot {
	return o.On(signal, func(int64) { looptest.Do(o.Loop(), f) })
}

func TestSlotsAreCalledInOrder(t *testing.T) {
	o := newThing(looptest.New(t))
	defer o.Delete()
	o.Emit(ping, 0)
	one := o.slot(ping, "one")
	o.slot(pong, "other")
	two := o.slot(ping, "two")
	if !o.Emit(ping, 7) {
		t.Error("not alive")
	}
	o.Emit(pong, 8)
	o.Emit(3, 9)
	o.expect(t, "one 7", "two 7", "other 8")
	if one == two {
		t.Error("one slot for two")
	}
}

func TestDisconnectedSlotIsNotCalled(t *testing.T) {
	l := looptest.New(t)
	for _, off := range []int{0, 1, 2} {
		o, other := newThing(l), newThing(l)
		slots := []*Slot{o.slot(ping, "one"), o.slot(ping, "two"), o.slot(ping, "three")}
		if other.Off(slots[off]) {
			t.Error("disconnected from another object")
		}
		if !o.Off(slots[off]) || o.Off(slots[off]) {
			t.Error("a slot must be disconnected once")
		}
		for s := o.slots; s != nil; s = s.next {
			if s == slots[off] {
				t.Error("the disconnected slot is kept")
			}
		}
		o.Emit(ping, 1)
		o.expect(t, slices.Delete([]string{"one 1", "two 1", "three 1"}, off, off+1)...)
		n := 0
		o.EachSlot(func(*Slot) { n++ })
		if n != 3 { // with that of destroyed
			t.Errorf("%d slots", n)
		}
		o.Delete()
		other.Delete()
	}
}

func TestDisconnectingDuringAnEmission(t *testing.T) {
	l := looptest.New(t)
	for _, c := range []struct {
		off  []int // what the second of four slots disconnects
		want string
	}{
		{[]int{0}, "[0 1 2 3] [1 2 3]"},
		{[]int{1}, "[0 1 2 3] [0 2 3]"},
		{[]int{2}, "[0 1 3] [0 1 3]"},
		{[]int{3}, "[0 1 2] [0 1 2]"},
		{[]int{1, 2}, "[0 1 3] [0 3]"},
		{[]int{2, 1}, "[0 1 3] [0 3]"},
		{[]int{0, 1, 2, 3}, "[0 1] []"},
	} {
		o := newThing(l)
		var slots [4]*Slot
		var calls []int
		for i := range slots {
			slots[i] = o.On(ping, func(int64) {
				calls = append(calls, i)
				if i == 1 {
					looptest.Do(l, func() {
						for _, j := range c.off {
							o.Off(slots[j])
						}
					})
				}
			})
		}
		o.Emit(ping, 0)
		kept := 0
		for s := o.slots; s != nil; s = s.next {
			kept++
		}
		if kept != 1+len(slots)-len(c.off) { // with that of destroyed
			t.Errorf("without %v: %d slots are kept", c.off, kept)
		}
		first := fmt.Sprint(calls)
		calls = nil
		o.Emit(ping, 0)
		if got := fmt.Sprint(first, " ", calls); got != c.want {
			t.Errorf("without %v: %s; want %s", c.off, got, c.want)
		}
		o.Delete()
	}
}

func TestConnectedDuringAnEmissionWaitsForTheNext(t *testing.T) {
	o := newThing(looptest.New(t))
	defer o.Delete()
	n := 0
	o.with(ping, func() {
		n++
		o.slot(ping, fmt.Sprint("new ", n))
		if n == 1 {
			o.Emit(ping, 2) // a nested one is a next one
		}
	})
	o.Emit(ping, 1)
	o.expect(t, "new 1 2")
}

// TestEmissionsAgreeWithTheirModel has slots do random things and compares what
// is called with what a plain list of the slots says.
func TestEmissionsAgreeWithTheirModel(t *testing.T) {
	l := looptest.New(t)
	check := func(seed int64) bool {
		random := rand.New(rand.NewSource(seed))
		o := newThing(l)
		defer o.Delete()
		var got, want []int // the slots that are called, by number

		// The model: the numbers of the connected slots, and for each
		// emission under way what is still to be called.
		type emission struct{ rest []int }
		var connected []int
		var emissions []*emission
		slots := map[int]*Slot{}
		next, steps := 0, 0
		var act func()
		connect := func() {
			id := next
			next++
			slots[id] = o.On(ping, func(int64) {
				looptest.Do(l, func() {
					got = append(got, id)
					// What the model calls now.
					e := emissions[len(emissions)-1]
					if len(e.rest) == 0 {
						want = append(want, -1)
						return
					}
					want = append(want, e.rest[0])
					e.rest = e.rest[1:]
					act()
				})
			})
			connected = append(connected, id)
		}
		disconnect := func() {
			if len(connected) == 0 {
				return
			}
			i := random.Intn(len(connected))
			id := connected[i]
			connected = slices.Delete(connected, i, i+1)
			for _, e := range emissions {
				e.rest = slices.DeleteFunc(e.rest, func(r int) bool { return r == id })
			}
			o.Off(slots[id])
		}
		emit := func() {
			e := &emission{slices.Clone(connected)}
			emissions = append(emissions, e)
			o.Emit(ping, 0)
			emissions = emissions[:len(emissions)-1]
			if len(e.rest) > 0 {
				want = append(want, e.rest...)
			}
		}
		act = func() {
			if steps++; steps > 400 {
				return
			}
			for range random.Intn(3) {
				switch random.Intn(5) {
				case 0, 1:
					connect()
				case 2, 3:
					disconnect()
				case 4:
					if len(emissions) < 4 {
						emit()
					}
				}
			}
		}
		for range []int{4, few - 2, 3 * few}[random.Intn(3)] {
			connect()
		}
		for range 5 {
			emit()
		}
		if !slices.Equal(got, want) {
			t.Logf("called %v, want %v", got, want)
			return false
		}
		return true
	}
	if err := quick.Check(check, &quick.Config{MaxCount: 100}); err != nil {
		t.Error(err)
	}
}

func TestSlotsRunWithoutTheLock(t *testing.T) {
	l := looptest.New(t)
	o := newThing(l)
	defer o.Delete()
	o.On(ping, func(int64) {
		// From here and from elsewhere.
		looptest.Do(l, func() { o.say("here") })
		<-looptest.Elsewhere(func() { looptest.Do(l, func() { o.say("elsewhere") }) })
	})
	o.Emit(ping, 0)
	o.Ask(func() { looptest.Do(l, func() { o.say("asked") }) })
	o.expect(t, "here", "elsewhere", "asked")
}

// released is an attachment that says when it is released.
type released struct {
	t *testing.T
	o *thing
}

// Address makes released an Attachment.
func (r *released) Address() uintptr { return 1 }

func (r *released) Released() {
	r.o.say("released")
	n := 0
	r.o.EachSlot(func(*Slot) { n++ })
	if n == 0 {
		r.t.Error("the slots are gone already")
	}
	if r.o.Attachment() != Attachment(r) {
		r.t.Error("another attachment")
	}
}

func TestInCallHereIsTrueInsideCallbacksOfTheCallingThread(t *testing.T) {
	l := looptest.New(t)
	o := newThing(l)
	defer o.Delete()
	here := func(what string, want bool) {
		t.Helper()
		if got := o.InCallHere(); got != want {
			t.Errorf("%s: %v", what, got)
		}
	}
	o.On(ping, func(int64) {
		looptest.Do(l, func() {
			here("inside", true)
			o.Emit(pong, 0)
			here("inside, after a nested one", true)
		})
		<-looptest.Elsewhere(func() {
			looptest.Do(l, func() { here("on another thread", false) })
		})
	})
	o.On(pong, func(int64) { looptest.Do(l, func() { here("nested", true) }) })
	here("before", false)
	o.Emit(ping, 0)
	here("after", false)
	o.Ask(func() { looptest.Do(l, func() { here("inside a question", true) }) })
	here("after a question", false)
	o.Enter()
	o.Leave()
	here("after it was left", false)
}

// A round of callbacks is made without Emit: it notes those that it is in by itself.
func TestACallbackThatWasEnteredIsOne(t *testing.T) {
	l := looptest.New(t)
	o := newThing(l)
	inside := false
	l.Post(func() {
		inside = true
		o.Enter()
		if !o.InCallHere() {
			t.Error("it is not noted")
		}
		looptest.Await(t, l, "it is deleted", looptest.Elsewhere(func() {
			looptest.Do(l, func() {
				if o.InCallHere() {
					t.Error("it is on this thread")
				}
				o.Delete()
			})
		}))
		o.expect(t, "deleted")
		o.Leave()
		o.expect(t, "deleted", "destroyed")
	})
	looptest.Settle(t, l)
	if !inside {
		t.Error("nothing was called")
	}
}

func TestDestroyedIsTheLast(t *testing.T) {
	o := newThing(looptest.New(t))
	o.Attach(&released{t, o})
	o.slot(ping, "ping")
	o.with(Destroyed, func() {
		if o.Alive() || !o.Deleting() {
			t.Error("still alive")
		}
		o.Delete()
		o.DeleteLater(o)
		if o.Emit(ping, 1) {
			t.Error("still alive after Emit")
		}
		o.slot(Destroyed, "too late")
	})
	o.slot(Destroyed, "destroyed, second slot")
	if !o.Alive() || o.Deleting() {
		t.Error("not alive")
	}
	o.Delete()
	o.Delete()
	o.Emit(ping, 2)
	o.expect(t, "deleted", "destroyed", "destroyed, second slot 0", "released")
	n := 0
	o.EachSlot(func(*Slot) { n++ })
	if n != 0 {
		t.Errorf("%d slots are left", n)
	}
}

func TestLastWordsAreHeard(t *testing.T) {
	o := newThing(looptest.New(t))
	o.slot(ping, "last words")
	o.with(ping, func() {
		if !o.Alive() || !o.Deleting() {
			t.Error("not being deleted")
		}
		o.Delete() // has begun already
	})
	if !o.BeginDelete() || o.BeginDelete() {
		t.Error("a deletion must begin once")
	}
	if !o.Emit(ping, 1) {
		t.Error("dead before the end")
	}
	o.EndDelete()
	o.expect(t, "last words 1", "destroyed")
}

func TestDeletedByItsOwnSlot(t *testing.T) {
	o := newThing(looptest.New(t))
	o.with(ping, func() {
		o.Delete()
		o.say("back in the slot")
	})
	o.slot(ping, "never called")
	if o.Emit(ping, 0) {
		t.Error("alive")
	}
	o.expect(t, "deleted", "destroyed", "back in the slot")
}

func TestDeletedByASlotOfANestedEmission(t *testing.T) {
	o := newThing(looptest.New(t))
	o.with(ping, func() { o.Emit(pong, 0) })
	o.with(pong, o.Delete)
	o.slot(pong, "never called")
	o.slot(ping, "never called")
	o.Emit(ping, 0)
	o.expect(t, "deleted", "destroyed")
}

func TestDeletedWhileSayingItsLastWords(t *testing.T) {
	o := newThing(looptest.New(t))
	o.with(ping, o.Delete) // begins in a slot and tells others
	o.with(ping, func() { o.say("never called") })
	o.with(Destroyed, o.Delete)
	o.Emit(ping, 0)
	o.expect(t, "deleted", "destroyed")
}

// inside starts a thread that stays in a slot of o until the returned function
// is called, which waits for its end.
func inside(t *testing.T, o *thing, leave func()) (end func()) {
	t.Helper()
	entered, release := make(chan struct{}), make(chan struct{})
	s := o.On(pong, func(int64) {
		close(entered)
		<-release
		leave()
	})
	done := looptest.Elsewhere(func() {
		looptest.Do(o.Loop(), func() {
			o.Emit(pong, 0)
			o.Off(s)
		})
	})
	looptest.Await(t, o.Loop(), "the other thread is in the slot", entered)
	return func() {
		t.Helper()
		close(release)
		looptest.Await(t, o.Loop(), "the other thread has left the slot", done)
	}
}

func TestDestroyedWaitsForACallbackOnAnotherThread(t *testing.T) {
	o := newThing(looptest.New(t))
	o.Attach(&released{t, o})
	var threads []int
	o.On(Destroyed, func(int64) { threads = append(threads, sys.ThreadID()) })
	end := inside(t, o, func() { threads = append(threads, sys.ThreadID()) })
	o.Delete()
	if o.Alive() {
		t.Error("alive")
	}
	o.expect(t, "deleted")
	end()
	o.expect(t, "deleted", "destroyed", "released")
	if len(threads) != 2 || threads[0] != threads[1] || threads[0] == sys.ThreadID() {
		t.Errorf("the slot left on thread, and destroyed came on, %v", threads)
	}
}

func TestDestroyedWaitsForTheLastOfSeveralCallbacks(t *testing.T) {
	l := looptest.New(t)
	o := newThing(l)
	// One elsewhere, and here one inside the other.
	end := inside(t, o, func() {})
	o.with(ping, func() {
		o.Ask(func() {
			looptest.Do(l, func() {
				o.Delete()
				o.say("inner")
			})
		})
		o.say("outer")
	})
	o.Emit(ping, 0)
	o.expect(t, "deleted", "inner", "outer")
	end()
	o.expect(t, "deleted", "inner", "outer", "destroyed")

	o = newThing(l)
	// The one elsewhere ends first.
	end = inside(t, o, func() {})
	o.with(ping, func() {
		o.Delete()
		end()
		o.say("back in the slot")
	})
	o.Emit(ping, 0)
	o.expect(t, "deleted", "back in the slot", "destroyed")
}

// The slots are still there then: Destroyed is to come.
func TestNoSlotIsCalledAfterADeletionThatWaitsForACallback(t *testing.T) {
	o := newThing(looptest.New(t))
	end := inside(t, o, func() {})
	o.with(ping, o.Delete)
	o.slot(ping, "never called")
	if o.Emit(ping, 0) {
		t.Error("alive")
	}
	o.expect(t, "deleted")
	end()
	o.expect(t, "deleted", "destroyed")
}

func TestADeletionThatHasBegunLeavesAnEmissionGoOn(t *testing.T) {
	o := newThing(looptest.New(t))
	o.with(ping, func() { o.BeginDelete() })
	o.slot(ping, "called")
	if !o.Emit(ping, 1) {
		t.Error("dead before the end")
	}
	o.EndDelete()
	o.expect(t, "called 1", "destroyed")
}

func TestDeletedByManyThreadsAtOnce(t *testing.T) {
	l := looptest.New(t)
	for range 50 {
		o := newThing(l)
		o.Attach(&released{t, o})
		o.slot(ping, "ping")
		var all sync.WaitGroup
		for i := range 6 {
			all.Go(func() {
				<-looptest.Elsewhere(func() {
					looptest.Do(l, func() {
						if i%2 == 0 {
							o.Emit(ping, 0)
						}
						o.Delete()
					})
				})
			})
		}
		l.Unlock()
		all.Wait()
		l.Lock()
		pings := len(o.log) - 3
		if pings < 0 || o.log[len(o.log)-2] != "destroyed" || o.log[len(o.log)-1] != "released" {
			t.Fatalf("%q", o.log)
		}
		deleted := slices.Index(o.log, "deleted")
		for i, text := range o.log[:len(o.log)-2] {
			// A slot that had begun before may say so after.
			if i != deleted && text != "ping 0" {
				t.Fatalf("%q", o.log)
			}
		}
	}
}

func TestDeleteLaterWaitsForTheLoop(t *testing.T) {
	l := looptest.New(t)
	o := newThing(l)
	l.Post(func() { o.Emit(ping, 0) })
	o.with(ping, func() {
		o.DeleteLater(o)
		o.DeleteLater(o)
		l.ProcessEvents(0)
		o.say("slot")
	})
	looptest.Settle(t, l)
	o.expect(t, "slot", "deleted", "destroyed")
}

func TestDeletedBeforeItsDeferredDeletion(t *testing.T) {
	l := looptest.New(t)
	o := newThing(l)
	o.DeleteLater(o)
	o.Delete()
	o.DeleteLater(o)
	looptest.Settle(t, l)
	o.expect(t, "deleted", "destroyed")
}

func TestPanicInASlotLeavesTheObjectUsable(t *testing.T) {
	l := looptest.New(t)
	o := newThing(l)
	s := o.On(ping, func(int64) { panic("boom") })
	o.slot(ping, "after it")
	if got := looptest.Panic(func() { o.Emit(ping, 0) }); got != "boom" {
		t.Fatalf("panic: %v", got)
	}
	if o.callee.InCall() {
		t.Error("a callback seems to be under way")
	}
	looptest.Await(t, l, "the lock is free", looptest.Elsewhere(func() {
		looptest.Do(l, func() { o.Emit(pong, 0) })
	}))
	o.Off(s)
	o.Emit(ping, 1)
	o.Delete()
	o.expect(t, "after it 1", "deleted", "destroyed")
}

func TestPanicInASlotOfADeletedObject(t *testing.T) {
	l := looptest.New(t)
	o := newThing(l)
	end := inside(t, o, func() {})
	o.On(ping, func(int64) {
		looptest.Do(l, o.Delete)
		end := end
		looptest.Do(l, func() { end() })
		panic("boom")
	})
	if got := looptest.Panic(func() { o.Emit(ping, 0) }); got != "boom" {
		t.Fatalf("panic: %v", got)
	}
	o.expect(t, "deleted", "destroyed")
}

func TestPanicInASlotOfDestroyed(t *testing.T) {
	l := looptest.New(t)
	o := newThing(l)
	o.Attach(&released{t, o})
	o.On(Destroyed, func(int64) { panic("boom") })
	if got := looptest.Panic(o.Delete); got != "boom" {
		t.Fatalf("panic: %v", got)
	}
	o.expect(t, "deleted", "destroyed", "released")
}

func TestLoopOutlivesItsObjects(t *testing.T) {
	looptest.CheckLeaks(t)
	l, err := loop.New()
	if err != nil {
		t.Fatal(err)
	}
	l.Lock()
	defer l.Unlock()
	o := newThing(l)
	if o.Loop() != l {
		t.Error("another loop")
	}
	l.Close()
	o.slot(ping, "ping")
	o.Emit(ping, 0)
	o.Delete()
	o.expect(t, "ping 0", "deleted", "destroyed")
}

func TestEmissionAllocatesNothing(t *testing.T) {
	if looptest.Race {
		t.Skip("the race detector allocates")
	}
	o := newThing(looptest.New(t))
	defer o.Delete()
	n := 0
	o.On(ping, func(int64) { n++ })
	o.On(ping, func(arg int64) { n += int(arg) })
	if allocs := testing.AllocsPerRun(100, func() { o.Emit(ping, 2) }); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func BenchmarkEmit(b *testing.B) {
	o := newThing(looptest.New(b))
	defer o.Delete()
	n := 0
	o.On(ping, func(int64) { n++ })
	b.ReportAllocs()
	for b.Loop() {
		o.Emit(ping, 0)
	}
}
