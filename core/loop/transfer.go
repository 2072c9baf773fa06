package loop

import "qnet/core/poll"

// Transfer has watches go from one loop to another, all of them or none. Whoever goes makes
// one, takes all that it has with it, and then ends it, with the locks of both loops held.
type Transfer struct {
	From, To *Loop

	watches []transferred
	err     error
}

type transferred struct {
	old *Watch
	new Watch
}

// Take takes along the watch of a descriptor for events; nothing if there is none.
func (t *Transfer) Take(w *Watch, fd int, events poll.Event, h Handler) {
	if *w == 0 || t.err != nil {
		return
	}
	n, err := t.To.Watch(fd, events, h)
	if err != nil {
		t.err = err
		return
	}
	t.watches = append(t.watches, transferred{w, n})
}

// End ends the watches of the old loop. Whatever the system has to tell it tells the new one
// anew, and what was left for the next turn is left there. It is an error, and the old ones
// stay, if the system has no room for all.
func (t *Transfer) End() error {
	for _, w := range t.watches {
		if t.err != nil {
			t.To.Unwatch(w.new)
			continue
		}
		left := t.From.forget(*w.old)
		if *w.old = w.new; left != 0 {
			t.To.Requeue(w.new, left)
		}
	}
	return t.err
}

// forget ends a watch and returns what it has left for the next turn.
func (l *Loop) forget(id Watch) poll.Event {
	events := poll.Event(0)
	if r := l.watches.left(uint32(id)); r != nil && l.watches.entry(id) != nil {
		events = r.events
	}
	l.Unwatch(id)
	return events
}
