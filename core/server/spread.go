package server

import (
	"slices"

	"qnet/core/loop"
	"qnet/core/quota"
	"qnet/core/socket"
)

// A server may spread its connections over loops, each with a thread of its own. It accepts them
// itself, so one lock guards its limits, and what a loop does not fetch is not lost with it: the
// system's own way (SO_REUSEPORT) resets what waits for a thread that ends, and deals out by chance.
//
// Each connection goes to the loop that has the fewest of the server's open. In turn would be the
// same until connections end; those that stay long then gather in some loops. Of a loop that does
// not fetch them only so many wait as else may be pending; the others get the next.
//
// Locks are never held together. The server's loop puts an arrival into the queue of a share, and
// posts to that share's loop, which claims it, makes the socket (arrival.go) and has the server's
// slots called. A message takes the lock of the socket's loop alone.

// spread is what a server has for it.
type spread struct {
	shares   []*share
	next     int                   // that is looked at first: of several with the fewest it is each one's turn
	arrivals map[*arrival]struct{} // that were accepted and not announced

	returned  []*arrival // that no loop takes
	returning bool       // they will soon be pending

	announced int64
	now       map[int64]*socket.Socket // that are being announced
}

// share is what one loop gets.
type share struct {
	s       *base
	loop    *loop.Loop
	count   *quota.Elsewhere
	queue   []*arrival // to be fetched
	waiting int        // those of the queue, and those that it has fetched and not announced
	posted  bool       // the loop looks into the queue soon

	posting loop.Posting // under the lock of the loop
}

// SetLoops has connections that are accepted from now on go to loops, as long as
// SignalConnectionInLoop has slots; without loops they become pending. What is on its way to a loop
// that is not among them goes to another. Qt has no such thing.
func (s *base) SetLoops(loops []*loop.Loop) {
	if s.Deleting() {
		return
	}
	p := &s.spread
	before := p.shares
	p.shares, p.next = nil, 0
	for _, l := range loops {
		if shareOf(p.shares, l) != nil {
			continue
		}
		h := shareOf(before, l)
		if h == nil {
			h = &share{s: s, loop: l, count: s.limits.NewElsewhere()}
			h.posting.Call = h.fetch
		}
		p.shares = append(p.shares, h)
	}
	var left []*arrival
	for _, h := range before {
		if shareOf(p.shares, h.loop) == nil {
			left = append(left, h.empty()...)
		}
	}
	s.reroute(left)
	if s.Alive() {
		s.update()
	}
}

func shareOf(list []*share, l *loop.Loop) *share {
	if i := slices.IndexFunc(list, func(h *share) bool { return h.loop == l }); i >= 0 {
		return list[i]
	}
	return nil
}

// LoopCount returns how many loops connections go to: those that were deleted do not count once
// that was noticed.
func (s *base) LoopCount() int { return len(s.spread.shares) }

// spreads reports whether connections go to loops.
func (s *base) spreads() bool {
	return len(s.spread.shares) > 0 && s.incoming == nil && s.Hears(SignalConnectionInLoop)
}

// crowded reports whether as many as most are on their way to each loop.
func (p *spread) crowded(most int) bool {
	return !slices.ContainsFunc(p.shares, func(h *share) bool { return h.waiting < most })
}

// fewest returns who gets the next connection: of those with room the one with the fewest.
func (p *spread) fewest(most int) *share {
	var best *share
	for i := range p.shares {
		h := p.shares[(p.next+i)%len(p.shares)]
		if best == nil || h.isBefore(best, most) {
			best = h
		}
	}
	p.next = slices.Index(p.shares, best) + 1
	return best
}

func (h *share) isBefore(other *share, most int) bool {
	if full := h.waiting >= most; full != (other.waiting >= most) {
		return !full
	}
	return h.count.Open() < other.count.Open()
}

// put adds an arrival to the queue.
func (h *share) put(a *arrival) {
	if a.count == nil {
		a.count = h.count.Begin(a.ends.Peer)
	} else {
		a.count = a.count.Redirect(h.count)
	}
	a.share = h
	h.queue = append(h.queue, a)
	h.waiting++
}

// empty takes the queue away.
func (h *share) empty() []*arrival {
	list := h.queue
	h.queue, h.posted = nil, false
	for _, a := range list {
		a.share = nil
	}
	h.waiting -= len(list)
	return list
}

// dispatch gives arrivals to loops, and returns those that none is left for. It may give up the
// lock.
func (s *base) dispatch(list []*arrival) (rest []*arrival) {
	for len(list) > 0 {
		a := list[0]
		list = list[1:]
		if a.stage != waiting {
			continue // the server was closed meanwhile
		}
		if !s.spreads() {
			rest = append(rest, a)
			continue
		}
		h := s.spread.fewest(s.maxPending)
		if h.put(a); h.posted {
			continue
		}
		h.posted = true
		gone := false
		s.Ask(func() { gone = !h.post() })
		if gone {
			list = append(list, s.dropShare(h)...)
		}
	}
	return rest
}

// post has the loop look into the queue, and reports whether there is such a loop still. No lock is
// held.
func (h *share) post() bool {
	l := h.loop
	l.Lock()
	defer l.Unlock()
	if l.Closed() {
		return false
	}
	l.PostOnce(&h.posting)
	return true
}

// dropShare forgets a loop that was closed, and returns what was on its way there.
func (s *base) dropShare(h *share) []*arrival {
	p := &s.spread
	p.shares = slices.DeleteFunc(slices.Clone(p.shares), func(other *share) bool { return other == h })
	return h.empty()
}

// reroute gives arrivals to other loops, or has them become pending: later, in the server's loop.
func (s *base) reroute(list []*arrival) {
	p := &s.spread
	for _, a := range s.dispatch(list) {
		if a.stage == waiting {
			p.returned = append(p.returned, a)
		}
	}
	if len(p.returned) > 0 && !p.returning {
		p.returning = true
		s.Post(s.takeReturned)
		s.waiters.Notify()
	}
}

// takeReturned makes connections pending that no loop takes; for the loop, or somebody who waits
// without one.
func (s *base) takeReturned() {
	p := &s.spread
	p.returning = false
	list := p.returned
	p.returned = nil
	if s.spreads() {
		list = s.dispatch(list) // meanwhile there are loops again
	}
	for _, a := range list {
		if a.stage == waiting && s.Alive() {
			a.end()
			a.count.Forget()
			s.accepted++
			s.incomingConnection(a.fd, a.ends.Peer, a.ends.PeerPort)
			s.emitAccepted()
		}
	}
}

// fetch is called by the loop of h, with its lock held.
func (h *share) fetch() {
	l := h.loop
	for n := 1; ; n++ {
		if l.Closed() {
			h.atServer(func() { h.s.reroute(h.s.dropShare(h)) })
			return
		}
		var a *arrival
		more := false
		h.atServer(func() { a, more = h.claim() })
		switch {
		case a == nil:
			return
		case l.Closed():
			h.atServer(func() { a.giveBack() })
			continue
		}
		if more {
			// For a turn inside of the slots.
			l.PostOnce(&h.posting)
		}
		a.land(l)
		if !more || (n >= maxAccepts || l.Interrupted()) && !l.Closed() {
			return
		}
		l.TakeBack(&h.posting)
	}
}

// atServer calls f with the lock of the server's loop instead of that of h's.
func (h *share) atServer(f func()) {
	h.loop.Call(nil, func() {
		l := h.s.LockLoop()
		defer func() {
			departing := l.Departing()
			l.Unlock()
			if departing {
				l.Depart()
			}
		}()
		f()
	})
}

// claim takes the first of the queue for h's loop, and reports whether there are more.
func (h *share) claim() (a *arrival, more bool) {
	if !h.s.Hears(SignalConnectionInLoop) {
		// Nobody would get to know of it.
		h.s.reroute(h.empty())
		return nil, false
	}
	if len(h.queue) > 0 {
		a = h.queue[0]
		h.queue[0] = nil
		h.queue = h.queue[1:]
		a.stage = landing
	}
	h.posted = len(h.queue) > 0
	return a, h.posted
}

// announce has the slots of the server called with a connection. They are called without the lock
// of its loop.
func (s *base) announce(c *socket.Socket) {
	p := &s.spread
	p.announced++
	n := p.announced
	if p.now == nil {
		p.now = map[int64]*socket.Socket{}
	}
	p.now[n] = c
	defer delete(p.now, n) // also when a slot panics
	s.Emit(SignalConnectionInLoop, n)
}

// Arrived returns the connection that a SignalConnectionInLoop is about, as long as it is being
// emitted: its own loop guards it, and nobody owns it.
func (s *base) Arrived(number int64) *socket.Socket { return s.spread.now[number] }

// dropArrivals ends what is on its way when the server is closed. Whoever has claimed one deletes it.
// Handshakes go on.
func (s *base) dropArrivals() {
	for a := range s.spread.arrivals {
		switch a.stage {
		case waiting:
			a.end()
			a.close()
			a.count.Forget()
		case landing:
			a.end()
		}
	}
	for _, h := range s.spread.shares {
		h.queue, h.waiting = nil, 0
	}
	s.spread.returned = nil
}

// takeHandshakes returns those under way in other loops, and forgets them.
func (s *base) takeHandshakes() (list []*handshake) {
	for a := range s.spread.arrivals {
		if a.stage == shaking {
			a.end()
			list = append(list, a.handshake)
		}
	}
	return list
}

// endHandshakes ends them, with the server. It gives up the lock of l.
func endHandshakes(l *loop.Loop, list []*handshake) {
	if len(list) == 0 {
		return
	}
	l.Call(nil, func() {
		for _, h := range list {
			h.endThere()
		}
	})
}
