package loop

// Flusher has something to send at the end of the turn.
type Flusher interface {
	// Flush sends it and signals that.
	Flush()
	// Send only sends it: Flush follows in another turn.
	Send()
}

// FlushLater has f.Flush called at the end of the turn. The queue is the loop's, not
// the turn's: a nested turn goes on where the outer one stands, or what the nested one
// waits for might never be sent.
func (l *Loop) FlushLater(f Flusher) {
	l.flushers.push(f)
	l.wake()
}

// flush flushes those who are queued up to end.
func (l *Loop) flush(end uint64) bool {
	q := &l.flushers
	did := false
	for q.taken < end && !l.interrupted() {
		if f := q.pop(); f != nil {
			f.Flush()
			did = true
		}
	}
	return did
}

// send sends what was written before the turn was interrupted: the loop may not run again.
func (l *Loop) send() { l.sendFrom(0) }

// sendFrom sends what those have written who came into the queue as number first, counted by
// fifo.end, or later. Who was there before is left to the end of the turn: it may get more to
// send, which then goes out together.
func (l *Loop) sendFrom(first uint64) {
	for f := range l.flushers.from(first) {
		if *f != nil {
			(*f).Send()
		}
	}
}
