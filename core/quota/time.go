package quota

import (
	"time"

	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/loop"
	"qnet/core/sys"
)

const (
	// looks is how often a connection is looked at during a time-out.
	looks = 8
	// slack is the part of the time between two looks by which one may be late,
	// so that few wake-ups serve many connections.
	slack = 32
	// shortest is the least time between two looks.
	shortest = time.Millisecond
	// atOnce is how many are looked at before others get their turn.
	atOnce = 256
)

// clock is another in a test.
var clock = sys.Now

// Peer is the connection as it is on the wire.
type Peer interface {
	// Loop returns the loop of the connection, and LockLoop takes its lock.
	Loop() *loop.Loop
	LockLoop() *loop.Loop
	// From returns the address at the other end.
	From() address.Address
	// Progress tells how far the connection has come.
	Progress() Progress
	// ReaderPaused reports whether bytes have come that this end does not read, for reasons
	// of its own: the other end is not to blame.
	ReaderPaused() bool
	// Expire ends the connection because of a failure.
	Expire(*failure.Failure)
}

// Progress is how far a connection has come: counts of bytes, of which only that
// they change is of interest.
type Progress struct {
	Received uint32
	Taken    uint32 // by the other end
}

// queue is a list of connections that are looked at at equal intervals, who is next
// first.
type queue struct {
	head, tail *Connection
	every      time.Duration
}

func (q *queue) push(c *Connection) {
	c.in, c.prev, c.next = q, q.tail, nil
	if q.tail == nil {
		q.head = c
	} else {
		q.tail.next = c
	}
	q.tail = c
}

func (q *queue) remove(c *Connection) {
	if c.prev == nil {
		q.head = c.next
	} else {
		c.prev.next = c.next
	}
	if c.next == nil {
		q.tail = c.prev
	} else {
		c.next.prev = c.prev
	}
	c.in, c.prev, c.next = nil, nil, nil
}

// Idle returns for how long a connection may make no progress, 0 for ever.
func (l *Limits) Idle() time.Duration { return l.idle }

// SetIdle is the setter of Idle.
func (l *Limits) SetIdle(d time.Duration) {
	l.idle = d
	l.reschedule()
}

// FirstByte returns how long the first byte may take, 0 for any time.
func (l *Limits) FirstByte() time.Duration { return l.first }

// SetFirstByte is the setter of FirstByte.
func (l *Limits) SetFirstByte(d time.Duration) {
	l.first = d
	l.reschedule()
}

// reschedule has the connections looked at as the time-outs want it now.
func (l *Limits) reschedule() {
	soonest := l.first
	if l.idle > 0 && l.idle < soonest {
		soonest = l.idle
	}
	l.tellAway()
	l.silent.every = interval(soonest)
	l.active.every = interval(l.idle)
	now := clock()
	var all []*Connection
	l.each(func(c *Connection) { all = append(all, c) })
	for _, c := range all {
		c.in.remove(c)
		l.place(c, now)
	}
	l.arm()
}

// interval returns the time between two looks during a time-out.
func interval(timeout time.Duration) time.Duration {
	return max((timeout+looks-1)/looks, shortest)
}

// place puts c into the queue that it belongs to, to be looked at an interval
// after now.
func (l *Limits) place(c *Connection, now int64) {
	q := &l.parked
	switch {
	case l.first > 0 && !c.heard:
		q = &l.silent
	case l.idle > 0:
		q = &l.active
	}
	c.due = now + int64(q.every)
	q.push(c)
}

// wake returns when to look at who is next; 0 if there is nobody.
func (l *Limits) wake() int64 {
	at := int64(0)
	for _, q := range []*queue{&l.silent, &l.active} {
		if c := q.head; c != nil {
			if t := c.due + int64(q.every/slack); at == 0 || t < at {
				at = t
			}
		}
	}
	return at
}

// arm starts the timer for who is next.
func (l *Limits) arm() {
	at := l.wake()
	if at == 0 {
		l.home.Loop().StopTimer(&l.timer)
		return
	}
	if due, running := l.timer.Due(); running && due <= at {
		// At worst one pass finds nobody.
		return
	}
	l.home.Loop().StartTimer(&l.timer, time.Duration(at-clock()))
}

// checkDue judges those whose time has come.
func (l *Limits) checkDue() {
	for range atOnce {
		now := clock()
		c := l.next(now)
		if c == nil {
			break
		}
		c.in.remove(c)
		f := c.judge(now, l.first, l.idle)
		// From now on, however late it is: so each queue stays in order.
		l.place(c, now)
		if f == nil {
			continue
		}
		// It is told below, and others may be looked at meanwhile.
		l.arm()
		l.home.Pin()
		c.peer.Expire(f)
		l.home.Unpin()
		if l.ended {
			return
		}
	}
	l.arm()
}

// next returns whose time has come, if there is anybody.
func (l *Limits) next(now int64) *Connection {
	for _, q := range []*queue{&l.silent, &l.active} {
		if c := q.head; c != nil && c.due <= now {
			return c
		}
	}
	return nil
}

// judge returns why c is to end with these time-outs, nil if it is not.
func (c *Connection) judge(now int64, first, idle time.Duration) *failure.Failure {
	if at := c.peer.Progress(); at != c.at {
		c.heard = c.heard || at.Received != c.at.Received
		c.at = at
		c.moved = now
	} else if c.peer.ReaderPaused() {
		c.heard = true
		c.moved = now
	}
	switch {
	case first > 0 && !c.heard && now-c.begun >= int64(first):
		return failure.FirstByteTimeout
	case idle > 0 && now-c.moved >= int64(idle):
		return failure.IdleTimeout
	}
	return nil
}
