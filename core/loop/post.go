package loop

// Deferred is deleted when control is back in the loop.
type Deferred interface {
	Delete()
}

// queue has the calls that were posted and the objects that are to be deleted. Each is
// handled in the order in which it came, but a deletion that was asked for in a callback
// waits until that callback's turn is over, however deep the loops that it runs inside. So
// the deletions of each level of turns have a queue of their own, and those that have to
// wait are not looked at.
type queue struct {
	calls     fifo[call]
	postings  postings
	deletions []*fifo[deletion] // by the level of the turn in which they were asked for; 0: outside
	count     uint64            // of all that were ever pushed
}

type call struct {
	f   func()
	seq uint64 // in the order in which all came, from 1
}

type deletion struct {
	of  Deferred
	seq uint64
}

func (q *queue) push(f func()) {
	q.count++
	q.calls.push(call{f, q.count})
}

func (q *queue) pushDeletion(of Deferred, level int) {
	q.count++
	for len(q.deletions) <= level {
		q.deletions = append(q.deletions, new(fifo[deletion]))
	}
	q.deletions[level].push(deletion{of, q.count})
}

// len returns how many entries there are.
func (q *queue) len() int {
	n := q.calls.len() + q.postings.count
	for _, list := range q.deletions {
		n += list.len()
	}
	return n
}

// due reports whether there is an entry that a turn at depth may handle.
func (q *queue) due(depth int) bool {
	return q.calls.len() > 0 || q.postings.count > 0 || q.dueDeletion(depth) != nil
}

// dueDeletion returns where the first deletion is that a turn at depth may handle; nil if
// there is none.
func (q *queue) dueDeletion(depth int) (first *fifo[deletion]) {
	for level, list := range q.deletions {
		if list.len() > 0 && (level == 0 || level >= depth) && (first == nil || list.first().seq < first.first().seq) {
			first = list
		}
	}
	return first
}

// take takes the first entry that a turn at depth may handle of those that came up to last:
// a call, or else a deletion.
func (q *queue) take(depth int, last uint64) (f func(), of Deferred) {
	// Of each kind the first, and of these the one that came before the others.
	list, p, from := q.dueDeletion(depth), q.postings.first, last+1
	if list != nil {
		from = min(from, list.first().seq)
	}
	if p != nil {
		from = min(from, p.seq)
	}
	if q.calls.len() > 0 {
		from = min(from, q.calls.first().seq)
	}
	switch {
	case from > last:
	case q.calls.len() > 0 && q.calls.first().seq == from:
		f = q.calls.pop().f
	case p != nil && p.seq == from:
		q.postings.remove(p)
		f = p.Call
	default:
		of = list.pop().of
		q.trim()
	}
	return f, of
}

// trim drops the queues of levels that were only once so deep.
func (q *queue) trim() {
	const usual = 4
	for n := len(q.deletions); n > usual && q.deletions[n-1].len() == 0; n-- {
		q.deletions[n-1] = nil
		q.deletions = q.deletions[:n-1]
	}
}

// Post has f called, with the lock held, in the loop's next turn. There is none
// after Close, and nothing is kept for it.
func (l *Loop) Post(f func()) {
	if l.ended {
		return
	}
	l.posted.push(f)
	l.wake()
}

// DeleteLater has d.Delete called when control is back in the loop: after Close,
// when it never is, at once.
func (l *Loop) DeleteLater(d Deferred) {
	if l.ended {
		d.Delete()
		return
	}
	l.posted.pushDeletion(d, l.depth)
	l.wake()
}

// runPosted handles what was posted up to seq last.
func (l *Loop) runPosted(last uint64) bool {
	did := false
	for !l.interrupted() {
		f, deferred := l.posted.take(l.depth, last)
		switch {
		case f != nil:
			f()
		case deferred != nil:
			deferred.Delete()
		default:
			return did
		}
		did = true
	}
	return did
}

// runAllPosted handles all that is posted now. No interruption keeps a call from being
// made.
func (l *Loop) runAllPosted() bool {
	did := false
	for last := l.posted.count; ; did = true {
		l.seen = l.interrupts
		if !l.runPosted(last) {
			return did
		}
	}
}
