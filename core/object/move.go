package object

import (
	"errors"
	"fmt"

	"qnet/core/loop"
	"qnet/core/message"
)

// Movable is an object that can go to another loop, alone or with others that belong to it.
// Its methods are called with the locks of both loops held.
type Movable interface {
	Base() *Object
	Describe() string
	// Family calls f for each object that comes along.
	Family(f func(*Object))
	// MayMove returns why it cannot now, nil if it can.
	MayMove() error
	// Move has to do for the whole family what from did, and calls Object.Rehome for each. It is
	// an error, and nothing has changed, if the system has no room for that.
	Move(from, to *loop.Loop) error
}

// Why an object cannot go to another loop.
var (
	ErrDeleted = errors.New("the object was deleted")
	ErrNoLoop  = errors.New("the loop was deleted")
)

// Move has m go to a loop. It is called without a lock, from any thread, also in m's callbacks.
//
// Nothing is lost on the way, and no callback that begins afterwards is made by the old loop.
// While somebody is at work on m, in a callback or a wait, he goes on to the end of what has
// caused that: then m leaves, before anything else happens to it.
func Move(m Movable, to *loop.Loop) error { return request(m, to, nil) }

// request is Move, or if d is not nil another attempt of its.
func request(m Movable, to *loop.Loop, d *departure) error {
	o := m.Base()
	for {
		from := o.Loop()
		loop.LockBoth(from, to)
		if o.Loop() == from {
			err := move(m, from, to, d)
			loop.UnlockBoth(from, to)
			return err
		}
		loop.UnlockBoth(from, to)
	}
}

func move(m Movable, from, to *loop.Loop, d *departure) error {
	o := m.Base()
	if d != nil && departuresOf(from)[o] != d {
		return nil // something else was asked for since
	}
	// What was asked for before does not count any more.
	forgetDeparture(from, m)
	switch {
	case o.Deleting():
		return ErrDeleted
	case to.Closed():
		return ErrNoLoop
	case from == to:
		return nil
	}
	if err := m.MayMove(); err != nil {
		return err
	}
	busy := false
	m.Family(func(o *Object) { busy = busy || o.busy() })
	if busy {
		postpone(from, m, to)
		return nil
	}
	return m.Move(from, to)
}

// departure is an object that is to go to another loop.
type departure struct {
	m  Movable
	to *loop.Loop
}

// Depart tries again.
func (d *departure) Depart() {
	if err := request(d.m, d.to, d); err != nil && err != ErrDeleted {
		l := d.m.Base().LockLoop()
		who := d.m.Describe()
		l.Unlock()
		message.Send(message.Warning, fmt.Sprintf("move_to_loop: the object stays in its loop: %v (%s)", err, who))
	}
}

// departures are those of a loop, by the objects that keep them waiting.
type departures map[*Object]*departure

// departuresOf returns those of a loop, of which the lock is held.
func departuresOf(l *loop.Loop) departures {
	all, _ := l.Departures.(departures)
	return all
}

// postpone has m go to a loop once nobody is at work on its family.
func postpone(from *loop.Loop, m Movable, to *loop.Loop) {
	all := departuresOf(from)
	if all == nil {
		all = departures{}
		from.Departures = all
	}
	d := &departure{m, to}
	m.Family(func(o *Object) {
		o.marks |= leaving
		all[o] = d
	})
}

// forgetDeparture has m stay.
func forgetDeparture(from *loop.Loop, m Movable) {
	if m.Base().marks&leaving == 0 {
		return
	}
	all := departuresOf(from)
	for o, d := range all {
		if d.m == m {
			delete(all, o)
			o.marks &^= leaving
		}
	}
}

// stays is called when o is gone, or alone to another loop. Others may have waited for it.
func (o *Object) stays() {
	if o.marks&leaving == 0 {
		return
	}
	o.marks &^= leaving
	l := o.Loop()
	all := departuresOf(l)
	if d := all[o]; d != nil && d.m.Base() != o {
		l.DepartLater(d)
	}
	delete(all, o)
}

// busy reports whether somebody is at work on o, and will go on when he has the lock again.
func (o *Object) busy() bool { return o.callee.InCall() || o.pins > 0 }

// departs has o leave its loop soon if it is to and nobody is at work on it any more.
func (o *Object) departs() {
	if o.marks&leaving == 0 || o.busy() {
		return
	}
	l := o.Loop()
	if d := departuresOf(l)[o]; d != nil {
		l.DepartLater(d)
	}
}

// Pin keeps o in its loop until Unpin: who gives up the lock and then goes on with o calls it,
// if that is not in a callback of o itself.
func (o *Object) Pin() { o.pins++ }

// Unpin is the opposite of Pin.
func (o *Object) Unpin() {
	o.pins--
	o.departs()
}

// Post has f called, with the lock held, in the next turn of o's loop, unless o has gone to
// another one by then.
func (o *Object) Post(f func()) {
	l := o.Loop()
	l.Post(func() {
		if o.Loop() == l {
			f()
		}
	})
}

// Rehome makes to the loop of o. It is for Movable.Move; d is the object that o is part of.
func (o *Object) Rehome(from, to *loop.Loop, d loop.Deferred) {
	o.stays()
	to.Retain()
	o.Settle(to)
	if o.marks&deferred != 0 {
		to.DeleteLater(&doomed{o, d, to})
	}
	from.Release()
}

// doomed is an object that is to be deleted in a loop, unless it has gone to another one.
type doomed struct {
	o *Object
	d loop.Deferred
	l *loop.Loop
}

func (d *doomed) Delete() {
	if d.o.Loop() == d.l {
		d.d.Delete()
	}
}
