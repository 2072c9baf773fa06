package quota

import "qnet/core/address"

// Elsewhere are the connections that a server has accepted for one other loop. They count from when
// they were accepted.
type Elsewhere struct {
	limits *Limits
	open   int

	// unkept stands for those of which only the number counts, as in Limits.
	unkept Connection
}

// NewElsewhere returns what counts those for one loop.
func (l *Limits) NewElsewhere() *Elsewhere {
	e := &Elsewhere{limits: l}
	e.unkept.limits, e.unkept.elsewhere = l, e
	return e
}

// Open returns how many there are.
func (e *Elsewhere) Open() int { return e.open }

// Begin counts a connection from an address. It has no peer before Belongs, and time-outs only
// after Arrived. It ends as others do, or with Forget.
func (e *Elsewhere) Begin(from address.Address) *Connection {
	l := e.limits
	e.open++
	l.open++
	if !l.keeps() {
		return &e.unkept
	}
	now := clock()
	c := &Connection{limits: l, elsewhere: e, group: l.groupOf(from), begun: now, moved: now}
	c.away = &away{from: from, travels: true, since: l.changes}
	c.away.timer.Expired = c.look
	l.join(c.group)
	l.addAway(c)
	return c
}

// Redirect has a connection that has not come yet go to another loop.
func (c *Connection) Redirect(to *Elsewhere) *Connection {
	c.elsewhere.open--
	to.open++
	if c.isUnkept() {
		return &to.unkept
	}
	c.elsewhere = to
	return c
}

// Forget ends a connection that has never come to its loop.
func (c *Connection) Forget() { c.over() }

// Belongs makes p the peer of a connection that has come to p's loop, whose lock is held.
func (c *Connection) Belongs(p Peer) {
	if c.away != nil {
		c.peer = p
		c.rearm(p.Loop())
	}
}

// Arrived has the time-outs kept as they are from now on; the lock of the server's loop is held.
func (c *Connection) Arrived() {
	if a := c.away; a != nil && a.travels {
		a.travels = false
		if a.since != c.limits.changes {
			go c.rearmThere()
		}
	}
}

// rearmThere is rearm for another loop than that whose lock is held.
func (c *Connection) rearmThere() {
	at := c.peer.LockLoop()
	defer at.Unlock()
	c.rearm(at)
}
