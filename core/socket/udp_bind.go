package socket

import (
	"time"

	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/proxy"
)

// bindTimeout is for how long a proxy may keep a bind waiting, as in Qt.
var bindTimeout = 5 * time.Second

// bindDatagrams binds a UDP socket for datagrams to a host, "" for any: never past a proxy.
// As in Qt it is an error if there is one that cannot pass them on, but no signal.
func (s *Socket) bindDatagrams(host string, a address.Address, port uint16, mode BindMode) bool {
	if !s.mayBind() {
		return false
	}
	p, able, wanted := s.chooseProxy(host, 0)
	switch {
	case !wanted:
		return false
	case !able:
		s.failure = failure.ProxyCannot
		return false
	case p.Type != proxy.None:
		return s.bindThrough(p, a, port, mode)
	}
	return s.bind(a, port, mode) && s.emitBound()
}

// mayBind reports whether s is not being bound yet: a proxy may keep it waiting meanwhile.
func (s *Socket) mayBind() bool {
	if s.cold.through != nil {
		s.fail(failure.NotNow)
		return false
	}
	return !s.Deleting()
}

// bindFor binds a UDP socket for datagrams of which the first goes to an address.
func (s *Socket) bindFor(to address.Address) bool {
	if to.IsLoopback() && s.Proxy().Type == proxy.Default {
		return s.bindHere()
	}
	return s.bindDatagrams(to.String(), address.Any, 0, DefaultForPlatform)
}

// bindHere binds a UDP socket for datagrams to this host, which need no proxy. If those to
// others would, it cannot send them.
func (s *Socket) bindHere() bool {
	if !s.mayBind() {
		return false
	}
	p, able, wanted := s.chooseProxy("", 0)
	if !wanted || !s.bind(address.Any, 0, DefaultForPlatform) {
		return false
	}
	s.udp().sender.Here = !able || p.Type != proxy.None
	return s.emitBound()
}

// bindThrough binds a UDP socket by having a proxy pass its datagrams on, and waits for that
// as those do who wait for a connection: whoever binds a socket uses it then.
func (s *Socket) bindThrough(p proxy.Proxy, a address.Address, port uint16, mode BindMode) bool {
	if a.Addr().IsUnspecified() {
		// Its family is that of the way to the proxy.
		a = address.Any
	}
	fd, f := s.openBound(a, port, mode)
	if f != nil {
		s.fail(f)
		return false
	}
	s.dropDescriptor()
	connection, bound, ended := s.connectionID, false, false
	t := s.connectThrough(p, 0)
	t.stage = going
	r := t.newRelay(fd, func(f *failure.Failure) {
		ended = true
		t.stage, s.cold.through = over, nil
		if f != nil {
			s.fail(f)
			return
		}
		bound = true
		s.exposed = true
		s.state, s.local = Bound, noEndpoint
		s.peer, s.peerPort = address.Null, 0
		s.updateInterest()
		s.emitBound()
	})
	r.begin()
	done := func() bool { return ended || !s.Alive() || s.connectionID != connection }
	for begun := time.Now(); !done(); {
		asking := r.asking
		inTime := s.wait(begun.Add(bindTimeout+asking), done)
		switch {
		case done():
		case inTime:
			// Interrupted by the host, or there is nothing to wait with.
			s.cancelBinding()
		case asking == r.asking:
			s.cancelBinding()
			s.fail(failure.PollTimeout)
		}
	}
	return bound
}

// cancelBinding gives up to bind through a proxy, if that is under way.
func (s *Socket) cancelBinding() {
	if s.cold != nil && s.cold.through != nil {
		s.dropDescriptor()
		s.notifyWaiters()
	}
}
