package object

import "unsafe"

// Signal names one of an object's signals. The numbers from 1 to 31 are each
// class's own.
type Signal uint8

// Destroyed is the signal that every object has.
const Destroyed Signal = 0

// Slot is one callback that is connected to a signal. There are many of them: they are
// kept small.
type Slot struct {
	next *Slot

	// What the kind's call needs, and the user's name for the slot.
	Function, Data uintptr
	Tag            uint32

	kind   Kind
	signal Signal
	gone   bool
}

// Kind tells how the callback of a slot is called.
type Kind uint8

// Call calls the callback of a slot of o, without the lock.
type Call func(o *Object, s *Slot, arg int64)

// calls are those of the kinds. It is complete once the program runs.
var calls = []Call{callClosure}

// NewKind makes a kind of slots. It is for the initialisation of packages.
func NewKind(call Call) Kind {
	calls = append(calls, call)
	return Kind(len(calls) - 1)
}

// direct is the kind that NewDirectKind has made.
var direct Kind

// NewDirectKind makes the one kind of which C may call Function itself, with the
// object's address and Data.
func NewDirectKind(call Call) Kind {
	direct = NewKind(call)
	return direct
}

// Direct reports whether s is of that kind.
func (s *Slot) Direct() bool { return s.kind == direct && direct != 0 }

// closure is a slot of kind 0.
type closure struct {
	Slot
	f func(arg int64)
}

func callClosure(_ *Object, s *Slot, arg int64) { (*closure)(unsafe.Pointer(s)).f(arg) }

// On has f called, without the lock, at each emission of the signal, after
// the slots that were connected before.
func (o *Object) On(signal Signal, f func(arg int64)) *Slot {
	c := &closure{Slot{signal: signal}, f}
	o.connect(&c.Slot)
	return &c.Slot
}

// Connect is On for a slot of a kind.
func (o *Object) Connect(signal Signal, kind Kind) *Slot {
	s := &Slot{signal: signal, kind: kind}
	o.connect(s)
	return s
}

func (o *Object) connect(s *Slot) {
	o.heard |= 1 << s.signal
	if c := o.crowd(); c != nil {
		c.add(s)
		return
	}
	end, n := &o.slots, 1
	for *end != nil {
		end = &(*end).next
		n++
	}
	*end = s
	if n > few {
		o.gather()
	}
}

// Off removes a slot of o: no new call of it starts. It reports whether the slot was there.
func (o *Object) Off(s *Slot) bool {
	if s.gone || !o.has(s) {
		return false
	}
	s.gone = true
	if c := o.crowd(); c != nil && !c.remove(s) {
		o.heard &^= 1 << s.signal
	}
	o.marks |= stale
	o.sweep()
	return true
}

// has reports whether s is one of o's slots, as it must be of one that has many.
func (o *Object) has(s *Slot) bool {
	if o.marks&crowded != 0 {
		return true
	}
	t := o.slots
	for t != nil && t != s {
		t = t.next
	}
	return t != nil
}

// sweep takes the slots out of the list that are gone: of a crowd, once they are many. An
// emission may stand at one of them, or end there: then it is done later.
func (o *Object) sweep() {
	if o.marks&stale == 0 || o.emitting > 0 {
		return
	}
	o.marks &^= stale
	if c := o.crowd(); c != nil {
		if c.sweep(); c.count == 0 {
			o.slots = nil
			o.marks &^= crowded
		}
		return
	}
	o.heard = 0
	for p := &o.slots; *p != nil; {
		if s := *p; s.gone {
			*p = s.next
		} else {
			o.heard |= 1 << s.signal
			p = &s.next
		}
	}
}

// Hears reports whether a signal has slots; it may have had them until now.
func (o *Object) Hears(signal Signal) bool { return o.heard&(1<<signal) != 0 }

// EachSlot calls f for every slot.
func (o *Object) EachSlot(f func(*Slot)) {
	each := func(first *Slot) {
		for s := first; s != nil; s = s.next {
			if !s.gone {
				f(s)
			}
		}
	}
	if c := o.crowd(); c != nil {
		for i := range c.lists {
			each(c.lists[i].first)
		}
		return
	}
	each(o.slots)
}

// of returns the first slot of a list in which those of a signal are, and the last of that
// signal; nil if there is none.
func (o *Object) of(signal Signal) (first, last *Slot) {
	if c := o.crowd(); c != nil {
		return c.lists[signal].first, c.lists[signal].last
	}
	for s := o.slots; s != nil; s = s.next {
		if s.signal == signal {
			last = s
		}
	}
	return o.slots, last
}

// Emit calls the slots of a signal and reports whether the object is still alive.
// Slots connected meanwhile wait for the next emission.
func (o *Object) Emit(signal Signal, arg int64) bool {
	if o.phase <= deleting {
		o.call(signal, arg)
	}
	return o.phase <= deleting
}

func (o *Object) call(signal Signal, arg int64) {
	if Trace != nil {
		Trace(o, signal, arg)
	}
	if !o.Hears(signal) {
		return
	}
	first, last := o.of(signal)
	if last == nil {
		return
	}
	o.emitting++
	defer o.emitted() // also when a slot panics
	phase := o.phase
	for s := first; ; s = s.next {
		if s.signal == signal && !s.gone {
			o.invoke(s, arg)
			if o.phase != phase && o.phase >= dead {
				return
			}
		}
		if s == last {
			return
		}
	}
}

func (o *Object) emitted() {
	o.emitting--
	o.sweep()
}

func (o *Object) invoke(s *Slot, arg int64) {
	defer o.settle() // also when the slot panics
	o.Loop().Call(&o.callee, func() { calls[s.kind](o, s, arg) })
}

// Ask calls f, a callback of the object that is no slot, without the lock.
func (o *Object) Ask(f func()) {
	defer o.settle()
	o.Loop().Call(&o.callee, f)
}

// InCallHere reports whether a callback of o is, or may be, under way on the
// calling thread.
func (o *Object) InCallHere() bool { return o.Loop().InCallHere(&o.callee) }

// settle makes up for the Destroyed that had to wait for a callback.
func (o *Object) settle() {
	if o.phase == dead && !o.callee.InCall() {
		o.destroyed()
	}
	o.departs()
}

// Only returns the slot of a signal that has just one; nil otherwise.
func (o *Object) Only(signal Signal) *Slot {
	var only *Slot
	s, _ := o.of(signal)
	for ; s != nil; s = s.next {
		if s.signal == signal && !s.gone {
			if only != nil {
				return nil
			}
			only = s
		}
	}
	return only
}

// Enter notes that the loop's runner is inside a callback of o that was not made by
// Emit.
func (o *Object) Enter() { o.Loop().Enter(&o.callee) }

// Leave notes that the callback has returned.
func (o *Object) Leave() {
	o.callee.Leave()
	o.settle()
}
