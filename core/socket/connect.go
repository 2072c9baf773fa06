package socket

import (
	"fmt"

	"qnet/core/address"
	"qnet/core/endpoint"
	"qnet/core/failure"
	"qnet/core/resolve"
)

// ConnectToHost connects to a name or an address; protocol limits the addresses
// of a name, address.AnyIP does not (QAbstractSocket::connectToHost).
func (s *Socket) ConnectToHost(host string, port uint16, mode OpenMode, protocol address.Protocol) {
	if literal, ok := address.Parse(host); ok {
		s.connectTo(host, limit([]address.Address{literal}, protocol), port, mode)
	} else {
		s.connectByName(host, host, protocol, port, mode)
	}
}

// ConnectToAddress connects to an address (QAbstractSocket::connectToHost).
func (s *Socket) ConnectToAddress(a address.Address, port uint16, mode OpenMode) {
	if a.IsNull() {
		s.connectByName(a.String(), "", address.AnyIP, port, mode)
	} else {
		s.connectTo(a.String(), []address.Address{a}, port, mode)
	}
}

// connectTo connects to addresses that need no look-up, and connectByName to those
// that there is one for. Either knows its way before it says that it looks: a
// callback may wait for the connection.
func (s *Socket) connectTo(shown string, to []address.Address, port uint16, mode OpenMode) {
	d := &dial{s: s, port: port, found: to, lookedUp: true}
	if s.begin(d, shown, mode) && s.enter(HostLookup) {
		s.takeLookup(d)
	}
}

func (s *Socket) connectByName(shown, name string, p address.Protocol, port uint16, mode OpenMode) {
	d := &dial{s: s, port: port}
	if s.begin(d, shown, mode) {
		s.lookUp(d, name, p)
		s.enter(HostLookup)
	}
}

// begin starts an attempt, and reports whether it may be made.
func (s *Socket) begin(d *dial, name string, mode OpenMode) bool {
	if s.Deleting() {
		return false
	}
	if s.kind == Local {
		s.Refuse()
		return false
	}
	switch s.state {
	case HostLookup, Connecting, Connected, Closing:
		s.warn(fmt.Sprintf("connect_to_host: the socket is already looking up, connecting or connected to %q", s.PeerName()))
		s.fail(failure.InProgress)
		return false
	}
	if s.fd >= 0 {
		// Bound, or adopted before it was connected.
		s.epoch++
		s.ends &= settings
	} else {
		s.dropDescriptor()
	}
	if s.state != Bound {
		s.here = nowhere
	}
	s.peer, s.peerPort = address.Null, 0
	s.rarely().hostName = name
	s.rare.peerName = ""
	s.rare.writeCut = false
	s.mode = s.openMode(mode)
	s.bypass = mode&Unbuffered != 0 && s.udp() == nil
	s.failure = failure.None
	s.closeLater = false
	s.clearBuffers()
	d.failure = failure.HostUnknown
	d.timer.Expired = d.tick
	s.rare.dial = d
	s.state = HostLookup
	// A descriptor that it has already is not looked at before it is connected.
	s.updateInterest()
	return true
}

// lookUp finds the addresses of a name on another thread. Its end is posted to
// the loop, and told to those who wait without one: whoever comes first goes on.
func (s *Socket) lookUp(d *dial, name string, protocol address.Protocol) {
	l := s.Loop()
	d.cancel = resolve.Start(l, name, func(r resolve.Result) {
		l.Lock()
		defer l.Unlock()
		if s.dialOrNil() != d {
			return
		}
		d.found = limit(r.Addresses, protocol)
		if r.Err == resolve.ErrResources {
			d.failure = failure.OutOfResources
		}
		d.lookedUp = true
		l.Post(func() { s.takeLookup(d) })
		s.notifyWaiters()
	})
}

// takeLookup goes on with the result of a look-up, if that is still wanted.
func (s *Socket) takeLookup(d *dial) {
	if !d.lookedUp || s.dialOrNil() != d || s.state != HostLookup {
		return
	}
	d.lookedUp = false
	d.cancel = nil
	s.resolved(d, d.found)
}

func (s *Socket) resolved(d *dial, addresses []address.Address) {
	if len(addresses) == 0 {
		s.connectFailed(d.failure)
		return
	}
	d.addresses = interleave(addresses)
	if !s.enter(Connecting) || !s.say(SignalHostFound, 0) {
		return
	}
	d.begin()
}

// connectFailed ends an attempt without a connection.
func (s *Socket) connectFailed(f *failure.Failure) {
	s.closeDial()
	s.dropDescriptor()
	s.failure = f
	s.closeLater = false
	if s.enter(Unconnected) && s.say(SignalErrorOccurred, int64(f.Code)) {
		// What was written early has nowhere to go; the error has said so.
		s.tx.Clear(s.pool())
	}
}

// established begins the connection on the descriptor that connected to an
// address; where it has really come is asked of the system, which may not know
// any more.
func (s *Socket) established(to address.Address, toPort uint16) {
	s.shown = true
	s.setHere(endpoint.Local(int(s.fd)))
	if peer, port := endpoint.Peer(int(s.fd)); !peer.IsNull() {
		to, toPort = peer, port
	}
	s.peer, s.peerPort = to, toPort
	s.state = Connected
	s.updateInterest()
	if s.tx.Len() > 0 {
		s.flushLater()
	}
	s.sendEnd()
	if !s.say(SignalStateChanged, int64(Connected)) || !s.say(SignalConnected, 0) {
		return
	}
	if s.closeLater {
		s.closeLater = false
		s.Disconnect()
	}
}

// limit returns those of the addresses that are of a protocol.
func limit(addresses []address.Address, p address.Protocol) []address.Address {
	if p != address.IPv4 && p != address.IPv6 {
		return addresses
	}
	var list []address.Address
	for _, a := range addresses {
		if a.Protocol() == p {
			list = append(list, a)
		}
	}
	return list
}
