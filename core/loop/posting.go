package loop

// Posting is a call that can be posted again and again, and taken back: for what somebody who
// waits without a loop may do first. A loop that never runs keeps nothing of it then.
type Posting struct {
	Call func()

	seq        uint64 // as in queue; 0: it is not posted
	prev, next *Posting
}

// PostOnce has p.Call called as Post has f, unless p is posted already.
func (l *Loop) PostOnce(p *Posting) {
	if l.ended || p.seq != 0 {
		return
	}
	l.posted.count++
	p.seq = l.posted.count
	l.posted.postings.push(p)
	l.wake()
}

// TakeBack has the call not made, if it is posted.
func (l *Loop) TakeBack(p *Posting) {
	if p.seq != 0 {
		l.posted.postings.remove(p)
	}
}

// postings are those that are posted, in their order.
type postings struct {
	first, last *Posting
	count       int
}

func (q *postings) push(p *Posting) {
	if p.prev = q.last; p.prev != nil {
		p.prev.next = p
	} else {
		q.first = p
	}
	q.last = p
	q.count++
}

func (q *postings) remove(p *Posting) {
	if p.prev != nil {
		p.prev.next = p.next
	} else {
		q.first = p.next
	}
	if p.next != nil {
		p.next.prev = p.prev
	} else {
		q.last = p.prev
	}
	p.seq, p.prev, p.next = 0, nil, nil
	q.count--
}
