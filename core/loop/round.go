package loop

import "qnet/core/lease"

// ReadSink has data that its callback of readyRead is to be called for. The loop calls those
// of all ready ones together: what a callback needs, C then has for all of them at once.
type ReadSink interface {
	// Lend fills in what the callback may do; false if EmitReadyRead is to call it.
	Lend(t *lease.Terms, connection uint32) bool
	// EmitReadyRead calls it if there still is something to read.
	EmitReadyRead(connection uint32)
	// Returned takes what the callback has done, which has returned, or is under way if
	// inside: then Left follows.
	Returned(t *lease.Terms, inside bool)
	Left(connection uint32)
}

// readyItem is a sink in the queue.
type readyItem struct {
	sink       ReadSink
	connection uint32 // the sink's own, of that moment
}

// maxReadyBytes is how many bytes may wait in the queue: no more than fits into the
// processor's caches.
const maxReadyBytes = 64 << 10

// readyQueue has the sinks whose callbacks are due. Like events they are the loop's, not the
// turn's.
type readyQueue struct {
	fifo[readyItem]
	size   int       // bytes that have come
	inside readyItem // whose callback was under way when the last round ended
}

// EnqueueReady has the callback of h called for size bytes, once the other ready descriptors
// were looked at. It is for handlers in Ready.
func (l *Loop) EnqueueReady(h ReadSink, connection uint32, size int) {
	l.readyQueue.push(readyItem{h, connection})
	l.readyQueue.size += size
}

// readyBatch is how many callbacks are worth a round. Their answers go out before the next
// descriptors are looked at: who was ready first does not wait for all others.
const readyBatch = 16

// batchFull reports whether enough waits to be worth a round.
func (q *readyQueue) batchFull() bool { return q.len() >= readyBatch || q.size >= maxReadyBytes }

// flushReadyRead calls the callbacks that are due.
func (l *Loop) flushReadyRead() {
	q := &l.readyQueue
	for q.len() > 0 && !l.interrupted() {
		if count := l.offer(); count > 0 {
			l.round(count)
		} else {
			if n := q.pop(); n.sink != nil {
				n.sink.EmitReadyRead(n.connection)
			}
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
	count := 0
	for n := range l.readyQueue.all() {
		if count == lease.Most || n.sink == nil || !n.sink.Lend(l.lease.Terms(count), n.connection) {
			break
		}
		count++
	}
	return count
}

func (l *Loop) round(count int) {
	id := l.threadID()
	outer := l.readyQueue.inside
	l.readyQueue.inside = readyItem{}
	l.lease.Grant(count)
	l.Unlock()
	l.lease.Run()
	l.retake(id)
	inside := l.readyQueue.inside
	l.readyQueue.inside = outer
	if inside.sink != nil {
		inside.sink.Left(inside.connection)
	}
}

// endRound takes back what C was given.
func (l *Loop) endRound() {
	q := &l.readyQueue
	done, inside := l.lease.End()
	for i := range done {
		q.pop().sink.Returned(l.lease.Terms(i), false)
	}
	if inside {
		q.inside = q.pop()
		q.inside.sink.Returned(l.lease.Terms(done), true)
	}
}
