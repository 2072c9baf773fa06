package loop

import "qnet/core/poll"

// Requeue has the handler of a watch called with events in the next turn, as if the
// system had reported them: with poll.Edge it reports only what is new, not what the
// handler left.
//
// A watch is queued once, whoever asks and how often, and what the system reports
// meanwhile is dispatched together with it. So no watch has more than its share of a
// turn, and the queue is no longer than the table of watches.
func (l *Loop) Requeue(id Watch, events poll.Event) {
	if l.watches.entry(id) == nil {
		return
	}
	r := l.watches.leave(uint32(id))
	r.events |= events
	if !r.queued {
		r.queued = true
		l.requeued.push(uint32(id))
	}
	l.wake()
}

// serveRequeued dispatches to those who are queued up to end.
func (l *Loop) serveRequeued(end uint64) bool {
	q := &l.requeued
	did := false
	for q.taken < end && !l.interrupted() {
		i := q.pop()
		r := l.watches.left(i)
		events := r.events
		*r = requeued{}
		if events != 0 {
			l.dispatch(l.watches.at(i).handler, events)
			did = true
		}
	}
	l.flushReadyRead()
	return did
}

// joins adds events to those that a watch has left, if it has, and reports whether.
func (l *Loop) joins(id Watch, events poll.Event) bool {
	r := l.watches.left(uint32(id))
	if r == nil || r.events == 0 {
		return false
	}
	r.events |= events
	return true
}
