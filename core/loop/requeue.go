package loop

// Requeue has the handler of a watch called with events in the next turn, as if the
// system had reported them: with EPOLLET it reports only what is new, not what the
// handler left.
//
// A watch is queued once, whoever asks and how often, and what the system reports
// meanwhile is dispatched together with it. So no watch has more than its share of a
// turn, and the queue is no longer than the table of watches.
func (l *Loop) Requeue(id Watch, events uint32) {
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

// serveRequeued dispatches to those who were queued before; who is queued meanwhile
// waits for the next turn. What a nested turn has served is not served again.
func (l *Loop) serveRequeued(count int) bool {
	did := false
	for ; count > 0 && l.requeued.len() > 0; count-- {
		w := l.watches.at(l.requeued.pop())
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
