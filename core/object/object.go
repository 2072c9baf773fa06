// Package object is what every object of a loop has in common: signals and a
// lifetime.
//
// An object is deleted at once, by any thread, also from inside its own
// callbacks. `Destroyed` is its last callback, made exactly once: when another
// thread is inside one of its callbacks at that moment, it is made by that thread
// once the callback has returned.
package object

import "qnet/core/loop"

// Attachment is what a user of the object, such as a language binding, keeps
// with it.
type Attachment interface {
	// Address is what the user calls the object.
	Address() uintptr
	// Released is called, with the lock held, when the object is gone and
	// makes no more callbacks. Its slots are still there.
	Released()
}

// Object is embedded in every object of a loop.
type Object struct {
	loop.Home
	slots      *Slot
	callee     loop.Callee
	pins       int16 // those who are at work on it otherwise than in a callback
	attachment Attachment
	heard      uint32 // the signals that have slots, a bit each
	emitting   uint16 // emissions under way
	phase      phase
	marks      marks
}

type marks uint8

const (
	deferred marks = 1 << iota // DeleteLater was called
	stale                      // there are slots that are gone
	leaving                    // it will depart, once nobody is at work on it
	crowded                    // there are many slots, in a crowd
)

type phase uint8

const (
	alive    phase = iota
	deleting       // says its last words
	dead           // says no more, but for Destroyed
	gone           // Destroyed was emitted
)

// Init makes o an object of l.
func (o *Object) Init(l *loop.Loop) {
	o.Settle(l)
	l.Adopt()
}

// Base returns o: what all objects have in common.
func (o *Object) Base() *Object { return o }

// Alive reports whether o may be used: until its deletion is over.
func (o *Object) Alive() bool { return o.phase <= deleting }

// Deleting reports whether the deletion of o has begun.
func (o *Object) Deleting() bool { return o.phase != alive }

// Attachment returns what Attach was given.
func (o *Object) Attachment() Attachment { return o.attachment }

// Attach keeps a with o.
func (o *Object) Attach(a Attachment) { o.attachment = a }

// DeleteLater has d, the object that o is part of, deleted when control is back
// in its loop.
func (o *Object) DeleteLater(d loop.Deferred) {
	if o.marks&deferred == 0 && o.phase == alive {
		o.marks |= deferred
		l := o.Loop()
		l.DeleteLater(&doomed{o, d, l})
	}
}

// BeginDelete starts the deletion; false if it has begun already. The object
// emits what remains to be said and then calls EndDelete.
func (o *Object) BeginDelete() bool {
	if o.phase != alive {
		return false
	}
	o.phase = deleting
	return true
}

// EndDelete ends the deletion with Destroyed.
func (o *Object) EndDelete() {
	o.phase = dead
	if !o.Loop().InCallElsewhere(&o.callee) {
		o.destroyed()
	}
}

func (o *Object) destroyed() {
	o.phase = gone
	defer o.released() // also when a slot panics
	o.call(Destroyed, 0)
}

func (o *Object) released() {
	if o.attachment != nil {
		o.attachment.Released()
	}
	o.EachSlot(func(s *Slot) { s.gone = true })
	o.slots, o.heard = nil, 0
	o.marks &^= crowded
	o.stays()
	o.Loop().Disown()
}
