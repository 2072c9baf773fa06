package loop

import "qnet/core/poll"

// Handler is told that its descriptor is ready, with its events.
type Handler interface {
	Ready(events poll.Event)
}

// Watch names the watching of one descriptor: an index and the generation of
// its use, so that an event that was fetched before a descriptor was closed is
// not taken for one of its successor. 0 is none.
type Watch uint64

// watches is a table of handlers whose indices, from poll.FirstTag on, are used again. Its pages stay
// where they are: nothing is copied when there are more.
type watches struct {
	pages    []*[watchPage]watch
	requeued []*[watchPage]requeued // nil for pages without, as those of idle connections are
	used     uint32                 // indices, ever
	free     []uint32
}

const watchPage = 128

type watch struct {
	handler    Handler
	fd         int32
	generation uint32
}

// requeued is what a watch has left for the next turn.
type requeued struct {
	events poll.Event // to be dispatched with those of the system
	queued bool       // the index is in the queue, maybe for an earlier use
}

func (w *watches) at(i uint32) *watch { return &w.pages[i/watchPage][i%watchPage] }

// left returns what the watch at an index has left; nil if no page's watch ever did.
func (w *watches) left(i uint32) *requeued {
	if page := w.requeued[i/watchPage]; page != nil {
		return &page[i%watchPage]
	}
	return nil
}

// leave is left for a watch that is about to leave something.
func (w *watches) leave(i uint32) *requeued {
	if page := &w.requeued[i/watchPage]; *page == nil {
		*page = new([watchPage]requeued)
	}
	return w.left(i)
}

func (w *watches) add(fd int, h Handler) Watch {
	var i uint32
	if n := len(w.free); n > 0 {
		i = w.free[n-1]
		w.free = w.free[:n-1]
	} else {
		i = max(w.used, poll.FirstTag)
		w.used = i + 1
		if int(i/watchPage) == len(w.pages) {
			w.pages = append(w.pages, new([watchPage]watch))
			w.requeued = append(w.requeued, nil)
		}
	}
	e := w.at(i)
	e.handler, e.fd = h, int32(fd)
	e.generation++
	return Watch(uint64(e.generation)<<32 | uint64(i))
}

// len returns how many indices are in use.
func (w *watches) len() int { return int(max(w.used, poll.FirstTag)) - poll.FirstTag - len(w.free) }

func (w *watches) entry(id Watch) *watch {
	i := uint32(id)
	if i < poll.FirstTag || i >= w.used {
		return nil
	}
	if e := w.at(i); e.generation == uint32(id>>32) {
		return e
	}
	return nil
}

func (w *watches) remove(id Watch) {
	if e := w.entry(id); e != nil {
		e.handler = nil
		e.generation++
		if r := w.left(uint32(id)); r != nil {
			r.events = 0
		}
		w.free = append(w.free, uint32(id))
	}
}

// Watch has h told whenever one of events holds for fd; with poll.Edge, once for each
// time that it begins to, and at each Rewatch.
// A descriptor that cannot be watched, such as a file's, is an error.
func (l *Loop) Watch(fd int, events poll.Event, h Handler) (Watch, error) {
	id := l.watches.add(fd, h)
	if err := l.poller.Add(fd, events, uint64(id)); err != nil {
		l.watches.remove(id)
		return 0, err
	}
	return id, nil
}

// Rewatch changes the events of a watch.
func (l *Loop) Rewatch(id Watch, events poll.Event) {
	if e := l.watches.entry(id); e != nil {
		l.poller.Modify(int(e.fd), events, uint64(id))
	}
}

// Unwatch ends a watch, before its descriptor is closed. No event that was
// fetched earlier reaches its handler.
func (l *Loop) Unwatch(id Watch) {
	if e := l.watches.entry(id); e != nil {
		l.poller.Remove(int(e.fd))
		l.watches.remove(id)
	}
}

// SetHandler gives a watch to another handler.
func (l *Loop) SetHandler(id Watch, h Handler) {
	if e := l.watches.entry(id); e != nil {
		e.handler = h
	}
}
