package socket

import (
	"fmt"

	"qnet/core/address"
	"qnet/core/datagram"
	"qnet/core/dial"
	"qnet/core/endpoint"
	"qnet/core/failure"
	"qnet/core/loop"
	"qnet/core/option"
	"qnet/core/poll"
	"qnet/core/proxy"
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
	p, ok := s.begin(shown, port, mode)
	switch {
	case !ok:
	case p.Type != proxy.None:
		s.connectThrough(p, port).use(to)
	default:
		d := s.newDial(port)
		d.Use(to)
		if s.enter(HostLookup) {
			d.Begin()
		}
	}
}

func (s *Socket) connectByName(shown, name string, protocol address.Protocol, port uint16, mode OpenMode) {
	p, ok := s.begin(shown, port, mode)
	switch {
	case !ok:
	case p.Type != proxy.None:
		s.connectThrough(p, port).useName(name, protocol)
	default:
		s.newDial(port).LookUp(name, protocol)
		s.enter(HostLookup)
	}
}

// begin starts an attempt, and returns the proxy for it. It reports whether one may be
// made.
func (s *Socket) begin(name string, port uint16, mode OpenMode) (proxy.Proxy, bool) {
	var p proxy.Proxy
	if s.Deleting() {
		return p, false
	}
	if s.kind == Local {
		s.Refuse()
		return p, false
	}
	if !s.idle() {
		s.warn("connect_to_host", fmt.Sprintf("the socket is already looking up, connecting or connected to %q", s.PeerName()))
		s.fail(failure.InProgress)
		return p, false
	}
	if mode&ReadWrite == 0 {
		s.fail(failure.NoMode)
		return p, false
	}
	p, able, wanted := s.chooseProxy(name, port)
	if wanted && !able {
		s.ensureCold().hostName = name
		s.fail(failure.ProxyCannot)
	}
	if !wanted || !able {
		return p, false
	}
	if r := s.relay(); r != nil {
		// It is bound there.
		p = r.proxy
	}
	if s.fd >= 0 {
		// Bound, or adopted before it was connected.
		s.connectionID++
		s.ends &= settings
	} else {
		s.dropDescriptor()
	}
	if s.state != Bound {
		s.local = noEndpoint
	}
	s.peer, s.peerPort = address.Null, 0
	s.ensureCold().hostName = name
	s.cold.peerName = nil
	s.forgetCut()
	if x := s.SSL(); x != nil {
		x.forget()
	}
	s.mode = s.openMode(mode)
	s.bypass = mode&Unbuffered != 0 && s.kind == TCP
	s.failure = failure.None
	s.closeLater, s.channelled = false, false
	s.clearBuffers()
	s.state = HostLookup
	// A descriptor that it has already is not looked at before it is connected.
	s.updateInterest()
	s.startLimit()
	return p, true
}

// idle reports whether an attempt may be begun.
func (s *Socket) idle() bool {
	switch s.state {
	case HostLookup, Connecting, Connected, Closing:
		return false
	}
	return true
}

// newDial makes the Dial of an attempt.
func (s *Socket) newDial(port uint16) *dial.Dial {
	s.cold.dial = &dial.Dial{Home: &s.Home, Owner: (*dialer)(s), Port: port, Bound: int(s.fd), Datagram: s.udp() != nil}
	return s.cold.dial
}

// dialer is a socket as the owner of its Dial.
type dialer Socket

func (o *dialer) Open(to address.Address) (int, error) { return (*Socket)(o).open(to) }

func (o *dialer) Notify() { (*Socket)(o).notifyWaiters() }

func (o *dialer) Found() bool {
	s := (*Socket)(o)
	return s.state == HostLookup && s.enter(Connecting) && s.emit(SignalHostFound, 0)
}

func (o *dialer) Connected(c dial.Connection) {
	s := (*Socket)(o)
	s.cold.dial = nil
	if u := s.udp(); u != nil {
		s.fd = int32(c.FD)
		u.sender.Mapped = datagram.IsMapped(c.To)
	} else {
		s.takeOver(c.FD, c.Watch)
	}
	if x := s.Channels(); x != nil {
		x.begin()
	}
	// Where it has really come is asked of the system, which may not know any more.
	s.setLocal(endpoint.Local(c.FD))
	s.peer, s.peerPort = endpoint.Peer(c.FD)
	if s.peer.IsNull() {
		s.peer, s.peerPort = c.To, c.Port
	}
	connection := s.connectionID
	s.established()
	if c.Reset && s.Alive() && s.state == Connected && s.connectionID == connection {
		s.failConnection(failure.PeerClosed)
	}
}

func (o *dialer) Failed(f *failure.Failure) {
	s := (*Socket)(o)
	s.cold.dial = nil
	s.connectFailed(f)
}

// takeOver makes a connected descriptor the socket's, with its watch for poll.Out.
func (s *Socket) takeOver(fd int, watch loop.Watch) {
	s.fd = int32(fd)
	s.Loop().SetHandler(watch, (*handler)(s))
	s.watch, s.interest = watch, uint8(poll.Out)
	s.edge = s.kind == TCP
}

// connectFailed ends an attempt without a connection.
func (s *Socket) connectFailed(f *failure.Failure) {
	s.dropDescriptor()
	s.failure = f
	if s.enter(Unconnected) && s.emit(SignalErrorOccurred, int64(f.Code)) {
		// What was written early has nowhere to go; the error has said so.
		s.clearWritten()
		s.callReleased()
	}
}

// connector is what makes a connection, under way.
type connector interface {
	attempt
	companion
	// FD returns the descriptor that is tried first; -1 if there is none.
	FD() int
	// SetOption sets an option for every descriptor, and reports whether the system has
	// taken it.
	SetOption(o option.Option, value int) bool
	// Close gives it up.
	Close()
}

// connector returns what is under way, nil if nothing is.
func (s *Socket) connector() connector {
	switch {
	case s.cold == nil:
	case s.cold.dial != nil:
		return s.cold.dial
	case s.cold.through != nil:
		return s.cold.through
	}
	return nil
}

// closeConnector gives up what is under way.
func (s *Socket) closeConnector() {
	if c := s.connector(); c != nil {
		s.cold.dial, s.cold.through = nil, nil
		c.Close()
	}
}

// established begins the connection on the descriptor that s has.
func (s *Socket) established() {
	s.stopLimit()
	s.exposed, s.channelled = true, true
	s.state = Connected
	s.updateInterest()
	if s.toSend() {
		s.flushLater()
	}
	s.sendEnd()
	x := s.SSL()
	encrypts := x != nil && x.auto
	if encrypts {
		x.wait()
	}
	if !s.emit(SignalStateChanged, int64(Connected)) || encrypts && !x.begin(SSLClient) || !s.emit(SignalConnected, 0) {
		return
	}
	if s.closeLater && !encrypts {
		s.Disconnect()
	}
}
