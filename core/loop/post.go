package loop

// Deferred is deleted when control is back in the loop.
type Deferred interface {
	Delete()
}

// post is one entry of the queue: a call, or an object to delete.
type post struct {
	call  func()
	del   Deferred
	level int // of the turn in which a deletion was asked for; 0: outside
}

// allowed tells whether a turn at depth may handle p: a deletion asked for in a
// callback waits until that callback's turn is over, however deep the loops that
// it runs inside.
func (p *post) allowed(depth int) bool {
	return p.del == nil || p.level == 0 || p.level >= depth
}

// queue is first in, first out, but for deletions that are not allowed yet.
type queue struct {
	fifo[post]
}

// next returns the index of the first entry that depth may handle, or -1.
func (q *queue) next(depth int) int {
	for i := q.head; i < len(q.items); i++ {
		if q.items[i].allowed(depth) {
			return i
		}
	}
	return -1
}

func (q *queue) due(depth int) bool { return q.next(depth) >= 0 }

func (q *queue) take(depth int) (post, bool) {
	i := q.next(depth)
	if i < 0 {
		return post{}, false
	}
	p := q.items[i]
	copy(q.items[q.head+1:i+1], q.items[q.head:i])
	q.pop()
	return p, true
}

// Post has f called, with the lock held, in the loop's next turn.
func (l *Loop) Post(f func()) {
	l.posted.push(post{call: f})
	l.wake()
}

// DeleteLater has d.Delete called when control is back in the loop.
func (l *Loop) DeleteLater(d Deferred) {
	l.posted.push(post{del: d, level: l.depth})
	l.wake()
}

// runPosted handles as many entries as there are now.
func (l *Loop) runPosted() bool {
	did := false
	for n := l.posted.len(); n > 0; n-- {
		p, ok := l.posted.take(l.depth)
		if !ok {
			break
		}
		did = true
		if p.call != nil {
			p.call()
		} else {
			p.del.Delete()
		}
	}
	return did
}
