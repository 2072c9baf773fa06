package object

import "unsafe"

// few is how many slots an object keeps in one list, which is searched for whatever is done
// with one of them.
const few = 16

// crowd has the slots of an object that has more: each signal's in a list of its own, so that
// neither connecting nor emitting nor disconnecting takes longer with each slot that there is.
// For that a slot that is gone stays in its list until there are many such.
type crowd struct {
	Slot   // none: the object knows the crowd by its address
	lists  [1 << 5]slotList
	count  int
	looked int // slots that were passed to find those that are gone, ever
}

type slotList struct {
	first, last *Slot
	count, gone int32 // count is with those that are gone
}

// crowd returns the crowd of an object that has one, else nil.
func (o *Object) crowd() *crowd {
	if o.marks&crowded == 0 {
		return nil
	}
	return (*crowd)(unsafe.Pointer(o.slots))
}

// gather makes a crowd of the slots. An emission that is under way goes on: it stands at a slot
// of its signal, and the last one that it calls is of that signal too.
func (o *Object) gather() {
	c := &crowd{}
	for s := o.slots; s != nil; {
		next := s.next
		c.add(s)
		s = next
	}
	o.slots = &c.Slot
	o.marks |= crowded
}

func (c *crowd) add(s *Slot) {
	l := &c.lists[s.signal]
	s.next = nil
	if l.last == nil {
		l.first = s
	} else {
		l.last.next = s
	}
	l.last = s
	l.count++
	c.count++
	if s.gone {
		l.gone++
	}
}

// remove notes that a slot is gone, and reports whether its signal has others.
func (c *crowd) remove(s *Slot) (others bool) {
	l := &c.lists[s.signal]
	l.gone++
	return l.gone < l.count
}

// sweep takes the slots out of each list that are gone, if they are the most there.
func (c *crowd) sweep() {
	for i := range c.lists {
		old := c.lists[i]
		if old.gone <= old.count/2 {
			continue
		}
		c.lists[i] = slotList{}
		c.count -= int(old.count)
		c.looked += int(old.count)
		for s := old.first; s != nil; {
			next := s.next
			if !s.gone {
				c.add(s)
			}
			s = next
		}
	}
}
