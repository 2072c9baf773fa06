package object

// Signal names one of an object's signals. The numbers from 1 to 15 are each
// class's own.
type Signal uint8

// Destroyed is the signal that every object has.
const Destroyed Signal = 0

// Call calls the callback of a slot of o, without the lock.
type Call func(o *Object, s *Slot, arg int64)

// Slot is one callback that is connected to a signal.
type Slot struct {
	next *Slot
	call Call

	// What call needs, and the user's name for the slot: a slot costs no
	// closure.
	Function, Data uintptr
	Tag            uint64

	number uint32 // in the order in which the object's slots were connected
	signal Signal
	gone   bool

	// Direct says that C may call Function itself, with the object and Data.
	Direct bool
}

// On has f called, without the lock, at each emission of the signal, after
// the slots that were connected before.
func (o *Object) On(signal Signal, f func(arg int64)) *Slot {
	return o.Connect(signal, func(_ *Object, _ *Slot, arg int64) { f(arg) })
}

// Connect is On for a callback that is told its slot.
func (o *Object) Connect(signal Signal, call Call) *Slot {
	o.connected++
	s := &Slot{call: call, number: o.connected, signal: signal}
	end := &o.slots
	for *end != nil {
		end = &(*end).next
	}
	*end = s
	o.heard |= 1 << signal
	return s
}

// Off removes a slot: no new call of it starts.
func (o *Object) Off(s *Slot) bool {
	for p := &o.slots; *p != nil; p = &(*p).next {
		if *p == s {
			// s.next stays, for an emission that stands at s.
			*p = s.next
			s.gone = true
			o.hear()
			return true
		}
	}
	return false
}

// hear finds out which signals have slots.
func (o *Object) hear() {
	o.heard = 0
	for s := o.slots; s != nil; s = s.next {
		o.heard |= 1 << s.signal
	}
}

// Hears tells whether a signal has slots.
func (o *Object) Hears(signal Signal) bool { return o.heard&(1<<signal) != 0 }

// EachSlot calls f for every slot.
func (o *Object) EachSlot(f func(*Slot)) {
	for s := o.slots; s != nil; s = s.next {
		f(s)
	}
}

// Emit calls the slots of a signal and tells whether the object is still alive.
// Slots connected meanwhile wait for the next emission.
func (o *Object) Emit(signal Signal, arg int64) bool {
	if o.phase <= deleting {
		o.call(signal, arg)
	}
	return o.phase <= deleting
}

func (o *Object) call(signal Signal, arg int64) {
	if !o.Hears(signal) {
		return
	}
	last := o.connected
	phase := o.phase
	for s := o.slots; s != nil; s = s.next {
		if s.signal != signal || s.gone || int32(s.number-last) > 0 {
			continue
		}
		o.invoke(s, arg)
		if o.phase != phase && o.phase >= dead {
			return
		}
	}
}

func (o *Object) invoke(s *Slot, arg int64) {
	defer o.settle() // also when the slot panics
	o.loop.Call(&o.callee, func() { s.call(o, s, arg) })
}

// Ask calls f, a callback of the object that is no slot, without the lock.
func (o *Object) Ask(f func()) {
	defer o.settle()
	o.loop.Call(&o.callee, f)
}

// InCallHere tells whether a callback of o is, or may be, under way on the
// calling thread.
func (o *Object) InCallHere() bool { return o.loop.InCallHere(&o.callee) }

// settle makes up for the Destroyed that had to wait for a callback.
func (o *Object) settle() {
	if o.phase == dead && !o.callee.InCall() {
		o.destroyed()
	}
}

// Only returns the slot of a signal that has just one; nil otherwise.
func (o *Object) Only(signal Signal) *Slot {
	var only *Slot
	for s := o.slots; s != nil; s = s.next {
		if s.signal == signal {
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
func (o *Object) Enter() { o.loop.Enter(&o.callee) }

// Leave notes that the callback has returned.
func (o *Object) Leave() {
	o.callee.Leave()
	o.settle()
}
