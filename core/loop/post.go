package loop

import (
	"cmp"
	"slices"
)

// Deferred is deleted when control is back in the loop.
type Deferred interface {
	Delete()
}

// post is one entry of the queue: a call, or an object to delete.
type post struct {
	call  func()
	del   Deferred
	level int    // of the turn in which a deletion was asked for; 0: outside
	seq   uint64 // in the order in which they were posted, from 1
}

// allowed reports whether a turn at depth may handle p: a deletion asked for in a
// callback waits until that callback's turn is over, however deep the loops that
// it runs inside.
func (p *post) allowed(depth int) bool {
	return p.del == nil || p.level == 0 || p.level >= depth
}

// queue is first in, first out, but for deletions that are not allowed yet. These are
// put aside, so that a nested loop does not pass them at each turn.
type queue struct {
	entries fifo[post]
	aside   [][]post // by level, each in its order
	count   uint64   // of all that were ever pushed
}

func (q *queue) push(p post) {
	q.count++
	p.seq = q.count
	q.entries.push(p)
}

// len returns how many entries there are.
func (q *queue) len() int {
	n := q.entries.len()
	for _, list := range q.aside {
		n += len(list)
	}
	return n
}

// due reports whether there may be an entry that depth may handle.
func (q *queue) due(depth int) bool {
	if q.entries.len() > 0 {
		return true
	}
	for level := depth; level < len(q.aside); level++ {
		if len(q.aside[level]) > 0 {
			return true
		}
	}
	return false
}

// restore puts back into its place what had to wait for a turn at depth.
func (q *queue) restore(depth int) {
	if len(q.aside) <= depth {
		return
	}
	list := slices.Concat(q.aside[depth:]...)
	clear(q.aside[depth:])
	q.aside = q.aside[:depth]
	list = append(list, q.entries.items[q.entries.head:]...)
	slices.SortFunc(list, func(a, b post) int { return cmp.Compare(a.seq, b.seq) })
	q.entries.items, q.entries.head = list, 0
}

// take takes the first entry that depth may handle of those that were posted up to
// seq last.
func (q *queue) take(depth int, last uint64) (post, bool) {
	q.restore(depth)
	for q.entries.len() > 0 && q.entries.first().seq <= last {
		p := q.entries.pop()
		if p.allowed(depth) {
			return p, true
		}
		for len(q.aside) <= p.level {
			q.aside = append(q.aside, nil)
		}
		q.aside[p.level] = append(q.aside[p.level], p)
	}
	return post{}, false
}

// Post has f called, with the lock held, in the loop's next turn. There is none
// after Close, and nothing is kept for it.
func (l *Loop) Post(f func()) {
	if l.ended {
		return
	}
	l.posted.push(post{call: f})
	l.wake()
}

// DeleteLater has d.Delete called when control is back in the loop: after Close,
// when it never is, at once.
func (l *Loop) DeleteLater(d Deferred) {
	if l.ended {
		d.Delete()
		return
	}
	l.posted.push(post{del: d, level: l.depth})
	l.wake()
}

// runPosted handles what was posted up to seq last.
func (l *Loop) runPosted(last uint64) bool {
	did := false
	for !l.interrupted() {
		p, ok := l.posted.take(l.depth, last)
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
