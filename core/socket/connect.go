package socket

import (
	"fmt"

	"qnet/core/address"
	"qnet/core/datagram"
	"qnet/core/dial"
	"qnet/core/endpoint"
	"qnet/core/failure"
	"qnet/core/poll"
)

// ConnectToHost connects to a name or an address; protocol limits the addresses
// of a name, address.AnyIP does not (QAbstractSocket::connectToHost).
func (s *Socket) ConnectToHost(host string, port uint16, mode OpenMode, protocol address.Protocol) {
	if literal, ok := address.Parse(host); ok {
		s.connectTo(host, dial.Limit([]address.Address{literal}, protocol), port, mode)
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
	if d := s.begin(shown, port, mode); d != nil {
		d.Use(to)
		if s.enter(HostLookup) {
			d.Begin()
		}
	}
}

func (s *Socket) connectByName(shown, name string, p address.Protocol, port uint16, mode OpenMode) {
	if d := s.begin(shown, port, mode); d != nil {
		d.LookUp(name, p)
		s.enter(HostLookup)
	}
}

// begin starts an attempt; nil if none may be made.
func (s *Socket) begin(name string, port uint16, mode OpenMode) *dial.Dial {
	if s.Deleting() {
		return nil
	}
	if s.kind == Local {
		s.Refuse()
		return nil
	}
	switch s.state {
	case HostLookup, Connecting, Connected, Closing:
		s.warn(fmt.Sprintf("connect_to_host: the socket is already looking up, connecting or connected to %q", s.PeerName()))
		s.fail(failure.InProgress)
		return nil
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
	d := &dial.Dial{Loop: s.Loop(), Owner: (*dialer)(s), Port: port, Bound: int(s.fd), Datagram: s.udp() != nil}
	s.rare.dial = d
	s.state = HostLookup
	// A descriptor that it has already is not looked at before it is connected.
	s.updateInterest()
	return d
}

// dialer is a socket as the owner of its Dial.
type dialer Socket

func (o *dialer) Open(to address.Address) (int, error) { return (*Socket)(o).open(to) }

func (o *dialer) Notify() { (*Socket)(o).notifyWaiters() }

func (o *dialer) Found() bool {
	s := (*Socket)(o)
	return s.state == HostLookup && s.enter(Connecting) && s.say(SignalHostFound, 0)
}

func (o *dialer) Connected(c dial.Connection) {
	s := (*Socket)(o)
	s.rare.dial = nil
	s.fd = int32(c.FD)
	if u := s.udp(); u != nil {
		u.sender.Mapped = datagram.IsMapped(c.To)
	} else {
		s.Loop().Hand(c.Watch, s)
		s.watch, s.interest = c.Watch, uint8(poll.Out)
		s.edge = s.kind == TCP
	}
	epoch := s.epoch
	s.established(c.To, c.Port)
	if c.Reset && s.Alive() && s.state == Connected && s.epoch == epoch {
		s.lost(failure.PeerClosed)
	}
}

func (o *dialer) Failed(f *failure.Failure) {
	s := (*Socket)(o)
	s.rare.dial = nil
	s.dropDescriptor()
	s.failure = f
	if s.enter(Unconnected) && s.say(SignalErrorOccurred, int64(f.Code)) {
		// What was written early has nowhere to go; the error has said so.
		s.tx.Clear(s.pool())
	}
}

// dialing returns the Dial that is under way, nil if there is none.
func (s *Socket) dialing() *dial.Dial {
	if s.rare == nil {
		return nil
	}
	return s.rare.dial
}

// closeDial gives up a Dial that is under way.
func (s *Socket) closeDial() {
	if d := s.dialing(); d != nil {
		s.rare.dial = nil
		d.Close()
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
		s.Disconnect()
	}
}
