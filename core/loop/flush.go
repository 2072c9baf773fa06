package loop

// flushers are those who have something to send at the end of the turn. They
// are the loop's, not the turn's: a nested turn goes on where the outer one
// stands, or what the nested one waits for might never be sent.
type flushers struct {
	fifo[Flusher]
	asked, done uint64 // how many were ever queued, and flushed
}

// FlushLater has f.Flush called at the end of the turn.
func (l *Loop) FlushLater(f Flusher) {
	l.flushers.push(f)
	l.flushers.asked++
	l.wake()
}

// flush flushes those who asked before; who asks meanwhile waits for the next
// turn.
func (l *Loop) flush() bool {
	q := &l.flushers
	did := false
	for last := q.asked; q.done < last; {
		q.done++
		q.pop().Flush()
		did = true
	}
	return did
}
