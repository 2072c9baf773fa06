package loop

import "qnet/core/lease"

// Listener is to be told of data that has come, of all the ready ones together: what a
// callback needs, C then has for all of them at once.
type Listener interface {
	// Lend fills in what the callback may do; false if it is to be made by Tell.
	Lend(t *lease.Terms, epoch uint32) bool
	// Tell makes the callback if there still is something to tell.
	Tell(epoch uint32)
	// Returned is told what the callback has done, which has returned, or is under
	// way if inside: then Left follows.
	Returned(t *lease.Terms, inside bool)
	Left(epoch uint32)
}

// news is that a listener is to be told.
type news struct {
	listener Listener
	epoch    uint32 // the listener's own, of that moment
}

// maxNews is how many bytes may wait for those who are to be told: no more than fits
// into the processor's caches.
const maxNews = 64 << 10

// rounds are the news that wait. Like events they are the loop's, not the turn's.
type rounds struct {
	fifo[news]
	size   int  // bytes that have come
	inside news // whose callback was under way when the last round ended
}

// Announce has h told of size bytes soon: once the other ready descriptors were looked
// at. It is for handlers in Ready.
func (l *Loop) Announce(h Listener, epoch uint32, size int) {
	l.rounds.push(news{h, epoch})
	l.rounds.size += size
}

// crowded reports whether enough is waiting.
func (q *rounds) crowded() bool { return q.len() >= lease.Most || q.size >= maxNews }

// tell tells all who wait.
func (l *Loop) tell() {
	q := &l.rounds
	for q.len() > 0 && !l.interrupted() {
		if count := l.offer(); count > 0 {
			l.round(count)
		} else {
			n := q.pop()
			n.listener.Tell(n.epoch)
		}
	}
	if q.len() == 0 {
		q.size = 0
	}
}

// offer prepares a round and returns how many callbacks it has.
func (l *Loop) offer() int {
	if !l.lease.Ready() {
		return 0
	}
	q := &l.rounds
	waiting := q.items[q.head:]
	if len(waiting) > lease.Most {
		waiting = waiting[:lease.Most]
	}
	for i, n := range waiting {
		if !n.listener.Lend(l.lease.Terms(i), n.epoch) {
			return i
		}
	}
	return len(waiting)
}

func (l *Loop) round(count int) {
	id := l.threadID()
	outer := l.rounds.inside
	l.rounds.inside = news{}
	l.lease.Grant(count)
	l.mu.Unlock()
	l.lease.Run()
	l.acquire()
	l.holder = id
	inside := l.rounds.inside
	l.rounds.inside = outer
	if inside.listener != nil {
		inside.listener.Left(inside.epoch)
	}
}

// endRound takes back what C was given.
func (l *Loop) endRound() {
	q := &l.rounds
	done, inside := l.lease.End()
	for i := range done {
		q.pop().listener.Returned(l.lease.Terms(i), false)
	}
	if inside {
		q.inside = q.pop()
		q.inside.listener.Returned(l.lease.Terms(done), true)
	}
}
