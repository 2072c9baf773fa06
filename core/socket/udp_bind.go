package socket

import (
	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/proxy"
)

// bindDatagrams binds a UDP socket for datagrams to a host, "" for any: never past a proxy.
// As in Qt it is an error if there is one that cannot pass them on, but no signal.
func (s *Socket) bindDatagrams(host string, a address.Address, port uint16, mode BindMode) bool {
	if s.Deleting() {
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
	if s.Deleting() {
		return false
	}
	p, able, wanted := s.chooseProxy("", 0)
	if !wanted || !s.bind(address.Any, 0, DefaultForPlatform) {
		return false
	}
	s.udp().sender.Here = !able || p.Type != proxy.None
	return s.emitBound()
}

// bindThrough binds a UDP socket to have a proxy pass its datagrams on. What becomes of that is
// told later, but for what is known at once to be in vain; what is written meanwhile waits.
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
	r := s.newRelay(p, fd, func(at *failure.Failure) { f = at })
	if r.begin(); f != nil {
		s.fail(f)
		return false
	}
	r.done = s.relayed
	s.udp().relay, r.owns = r, false
	s.fd, s.exposed = int32(fd), true
	s.state, s.local = Bound, noEndpoint
	s.peer, s.peerPort = address.Null, 0
	return s.emitBound()
}

// relayed is told what has become of the relay of a bound socket.
func (s *Socket) relayed(f *failure.Failure) {
	if f != nil {
		s.relayEnded(f)
		return
	}
	s.updateInterest()
}

// relayEnded ends the connection, the binding, or the attempt to connect of a socket whose relay
// has come to its end. What has come before is read first.
func (s *Socket) relayEnded(f *failure.Failure) {
	if s.connecting() {
		s.connectFailed(f)
		return
	}
	connection := s.connectionID
	s.udp().flushPendingReadyRead()
	if s.connectionID == connection && s.Alive() {
		s.failConnection(f)
	}
}
