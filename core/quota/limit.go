// Package quota bounds what the connections of a server may take: how many there
// are, in total and from one address, and for how long they may be silent.
//
// Time-outs cost a message nothing, and a connection no timer: it is looked at
// now and then, an eighth of the time-out apart, and asked how far it has come.
// All connections of a server share one timer.
package quota

import (
	"time"

	"qnet/core/loop"
	"qnet/core/object"
)

// Limits are those of one server. The zero value limits nothing, and is ready
// after Init.
type Limits struct {
	home  *object.Object // the server
	freed func()
	ended bool

	open int // connections
	most int // 0: any number; as below

	// unkept stands for each connection that began while at most their number was
	// limited: they cost no memory.
	unkept Connection

	perGroup int
	prefix   int // of IPv6 addresses
	groups   map[group]int

	idle, first time.Duration

	// Each kept connection is in one of these.
	silent queue // that nothing has come from yet, and should
	active queue // that may be idle only so long
	parked queue // without a time-out
	timer  loop.Timer

	away    map[*Connection]struct{} // those whose sockets are in other loops
	times   times                    // for these
	changes uint32                   // of times
}

// Connection is one that counts for a server, until it is Over.
type Connection struct {
	limits *Limits
	peer   Peer
	group  group

	prev, next *Connection
	in         *queue
	due        int64 // when it is looked at next

	begun, moved int64 // when it was accepted, and last seen to have come on
	at           Progress
	heard        bool // something was received

	away      *away      // nil: the socket is in the server's loop
	elsewhere *Elsewhere // nil: it was accepted for the server's own
}

// Init makes l the limits of a server; freed is called when a connection is over.
func (l *Limits) Init(server *object.Object, freed func()) {
	l.home, l.freed = server, freed
	l.prefix = defaultPrefix
	l.unkept.limits = l
	l.timer.Expired = l.checkDue
}

// Close ends the limits, with the server: connections that outlive it are free.
func (l *Limits) Close() {
	l.ended = true
	l.home.Loop().StopTimer(&l.timer)
}

// Begin counts a connection.
func (l *Limits) Begin(p Peer) *Connection {
	l.open++
	if !l.keeps() {
		return &l.unkept
	}
	now := clock()
	at := p.Progress()
	c := &Connection{
		limits: l, peer: p, group: l.groupOf(p.From()),
		begun: now, moved: now, at: at, heard: at.Received != 0,
	}
	l.join(c.group)
	l.place(c, now)
	l.arm()
	return c
}

// Over says that the connection of a peer is over.
func (c *Connection) Over(p Peer) {
	if c.away != nil {
		c.away.end(p)
	}
	if c.limits.home.Loop() == p.Loop() {
		c.over()
		return
	}
	// To take the server's lock as well here could be a deadlock.
	go func() {
		defer c.limits.home.LockLoop().Unlock()
		c.over()
	}()
}

func (c *Connection) over() {
	l := c.limits
	if l.ended {
		return
	}
	l.open--
	if e := c.elsewhere; e != nil {
		e.open--
	}
	if !c.isUnkept() {
		if c.in != nil {
			c.in.remove(c)
		}
		delete(l.away, c)
		l.leave(c.group)
	}
	l.freed()
}

// isUnkept reports whether c stands for many.
func (c *Connection) isUnkept() bool {
	return c == &c.limits.unkept || c.elsewhere != nil && c == &c.elsewhere.unkept
}

// CountsFor reports whether c is one of l's.
func (c *Connection) CountsFor(l *Limits) bool { return c.limits == l }

// keeps reports whether more is limited than the number of connections.
func (l *Limits) keeps() bool { return l.perGroup > 0 || l.idle > 0 || l.first > 0 }

// Open returns how many connections there are.
func (l *Limits) Open() int { return l.open }

// Most returns how many there may be, 0 for any number.
func (l *Limits) Most() int { return l.most }

// SetMost is the setter of Most. It ends no connection.
func (l *Limits) SetMost(n int) { l.most = n }

// Full reports whether there are as many as there may be.
func (l *Limits) Full() bool { return l.most > 0 && l.open >= l.most }

// each calls f for every connection that is kept.
func (l *Limits) each(f func(*Connection)) {
	for _, q := range []*queue{&l.silent, &l.active, &l.parked} {
		for c := q.head; c != nil; {
			next := c.next
			f(c)
			c = next
		}
	}
}
