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
	w := l.watches.entry(id)
	if w == nil {
		return
	}
	w.requeued |= events
	if !w.queued {
		w.queued = true
		l.requeued.push(uint32(id))
	}
	l.wake()
}

// serveRequeued dispatches to those who are queued up to end.
func (l *Loop) serveRequeued(end uint64) bool {
	q := &l.requeued
	did := false
	for q.taken < end && !l.interrupted() {
		w := l.watches.at(q.pop())
		events := w.requeued
		w.queued, w.requeued = false, 0
		if events != 0 {
			l.hand(w.handler, events)
			did = true
		}
	}
	l.tell()
	return did
}
