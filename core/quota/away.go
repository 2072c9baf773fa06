package quota

import (
	"sync"
	"time"

	"qnet/core/address"
	"qnet/core/loop"
)

// A connection may go to another loop than its server's. It counts as before. What ends it in
// time is its own affair then, with a timer of its own: the server's loop must not look at it.

// away is what such a connection has.
type away struct {
	from  address.Address
	timer loop.Timer
	over  bool

	travels bool   // it has not come yet: it has no peer
	since   uint32 // Limits.changes when it was accepted
}

// times are the time-outs, for all threads.
type times struct {
	mu          sync.Mutex
	idle, first time.Duration
}

func (t *times) get() (idle, first time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.idle, t.first
}

func (t *times) set(idle, first time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.idle, t.first = idle, first
}

// Move is called when the peer of c goes from a loop to another one, with both locks held. It
// returns what its connection is from then on.
func (c *Connection) Move(p Peer, from, to *loop.Loop) *Connection {
	switch {
	case c.away != nil:
		c.away.timer.Move(from, to)
		return c
	case c.elsewhere != nil:
		return c // only its number counts
	case c.limits.home.Loop() == to:
		return c // its server goes there as well
	}
	return c.leave(p, to)
}

// leave makes c one whose socket is in another loop than the server. Whoever was not kept has no
// time-outs, as before.
func (c *Connection) leave(p Peer, to *loop.Loop) *Connection {
	l := c.limits
	if c == &l.unkept {
		return &Connection{limits: l, peer: p, away: &away{}}
	}
	if c.in != nil {
		c.in.remove(c)
	}
	c.away = &away{from: p.From()}
	c.away.timer.Expired = c.look
	l.addAway(c)
	c.rearm(to)
	return c
}

func (l *Limits) addAway(c *Connection) {
	if l.away == nil {
		l.away = map[*Connection]struct{}{}
	}
	l.away[c] = struct{}{}
}

// ServerMoved is called when the server, and what belongs to it, has gone to another loop, with
// both locks held. What does not belong to it has stayed.
func (l *Limits) ServerMoved(from, to *loop.Loop) {
	l.timer.Move(from, to)
	l.each(func(c *Connection) {
		if at := c.peer.Loop(); at != to {
			c.leave(c.peer, at)
		}
	})
}

// tellAway has those that are away keep other time-outs. Their locks are taken one by one, so
// each asks what counts by then.
func (l *Limits) tellAway() {
	l.times.set(l.idle, l.first)
	l.changes++
	for c := range l.away {
		if !c.away.travels {
			go c.rearmThere()
		}
	}
}

// look ends c if it is time, and else looks again later.
func (c *Connection) look() {
	idle, first := c.limits.times.get()
	f := c.judge(clock(), first, idle)
	c.rearm(c.peer.Loop())
	if f != nil {
		c.peer.Expire(f)
	}
}

// rearm has c looked at in its loop.
func (c *Connection) rearm(at *loop.Loop) {
	idle, first := c.limits.times.get()
	next := idle
	if first > 0 && !c.heard && (next == 0 || first < next) {
		next = first
	}
	if next == 0 || c.away.over {
		at.StopTimer(&c.away.timer)
		return
	}
	at.StartTimer(&c.away.timer, interval(next))
}

// end is called when the connection is over.
func (a *away) end(p Peer) {
	a.over = true
	p.Loop().StopTimer(&a.timer)
}
