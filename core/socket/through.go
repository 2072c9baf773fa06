package socket

import (
	"time"

	"qnet/core/address"
	"qnet/core/dial"
	"qnet/core/endpoint"
	"qnet/core/failure"
	"qnet/core/loop"
	"qnet/core/option"
	"qnet/core/poll"
	"qnet/core/proxy"
	"qnet/core/proxy/socks5"
	"qnet/core/proxy/tunnel"
	"qnet/core/proxy/via"
	"qnet/core/sys"
)

// through is a connection through a proxy, under way: a look-up, if the proxy cannot do
// it, and then the way to one target after the other until one is reached.
type through struct {
	s       *Socket
	proxy   proxy.Proxy
	port    uint16
	stage   stage
	cancel  func() // of the look-up
	failure *failure.Failure
	untried []proxy.Target
	target  proxy.Target // that is being tried
	way     connector    // to it
	end     int64        // when no other target is tried any more
	options option.Kept  // for descriptors to come
}

// throughTimeout is for how long targets are tried: a name may have thousands.
const throughTimeout = 2 * time.Minute

// stage is how far it has come.
type stage uint8

const (
	looking stage = iota // for addresses
	known                // they are there, and nobody was told
	telling              // the slots are being called
	going                // to the targets
	over
)

// connectThrough begins an attempt. Call use or useName.
func (s *Socket) connectThrough(p proxy.Proxy, port uint16) *through {
	s.cold.through = &through{s: s, proxy: p, port: port, failure: failure.HostUnknown}
	return s.cold.through
}

// use connects to addresses.
func (t *through) use(addresses []address.Address) {
	t.found(addresses)
	if t.s.enter(HostLookup) {
		t.begin()
	}
}

func (t *through) found(addresses []address.Address) {
	for _, a := range addresses {
		t.untried = append(t.untried, proxy.Target{Address: a, Port: t.port})
	}
	t.stage = known
}

// useName connects to a name, which the proxy looks up if it is able to.
func (t *through) useName(name string, protocol address.Protocol) {
	if t.proxy.Capabilities()&proxy.HostNameLookup == 0 {
		t.lookUp(name, protocol)
		t.s.enter(HostLookup)
		return
	}
	target, f := proxy.NewTarget(name, t.port)
	if f == nil {
		t.untried = []proxy.Target{target}
	}
	t.stage = known
	if t.s.enter(HostLookup) {
		t.begin()
	}
}

// lookUp finds the addresses of a name. Whoever comes first, the loop or somebody who
// waits without one, goes on.
func (t *through) lookUp(name string, protocol address.Protocol) {
	t.cancel = dial.Resolve(&t.s.Home, name, protocol, func(addresses []address.Address, none *failure.Failure) {
		if t.stage != looking {
			return
		}
		t.found(addresses)
		t.failure = none
		t.s.Post(t.begin)
		t.s.notifyWaiters()
	})
}

// begin goes on once there are targets. As in Qt nothing is found if it is the proxy that
// looks.
func (t *through) begin() {
	if t.stage != known {
		return
	}
	t.stage, t.cancel = telling, nil
	if len(t.untried) == 0 {
		t.fail(t.failure)
		return
	}
	named := t.untried[0].Name != ""
	if t.s.enter(Connecting) && (named || t.s.emit(SignalHostFound, 0)) {
		t.try()
	}
}

// try goes to the first target, unless somebody who waits has done so.
func (t *through) try() {
	if t.stage == telling {
		t.stage = going
		t.end = sys.Now() + int64(throughTimeout)
		t.next()
	}
}

// next goes to the next target.
func (t *through) next() {
	t.target, t.untried = t.untried[0], t.untried[1:]
	if t.s.udp() != nil {
		t.relay()
		return
	}
	step, f := t.step()
	if f != nil {
		t.fail(f)
		return
	}
	v := &via.Via{Home: &t.s.Home, Owner: t, Proxy: t.proxy, Step: step, Bound: int(t.s.fd)}
	t.way = v
	v.Begin()
}

// step returns what is said to the proxy.
func (t *through) step() (proxy.Step, *failure.Failure) {
	if t.proxy.Type == proxy.Socks5 {
		step, f := socks5.New(t.proxy, proxy.Keys, socks5.Connect, t.target)
		return step, f
	}
	return tunnel.New(t.proxy, proxy.Keys, t.target), nil
}

// Open and the next methods are those of a via.Owner.
func (t *through) Open(to address.Address) (int, error) {
	fd, err := t.s.open(to)
	if err == nil {
		err = t.prepare(fd)
	}
	return fd, err
}

// prepare sets the options that were asked for meanwhile on a descriptor that was just made.
func (t *through) prepare(fd int) error {
	err := t.options.Apply(fd)
	if err != nil {
		sys.Close(fd)
	}
	return err
}

func (t *through) Notify() { t.s.notifyWaiters() }

func (t *through) Ask(q proxy.Question) (user, password string) { return t.s.ask(q) }

// Connected begins the connection. Only SOCKS tells where it really is on this side.
func (t *through) Connected(c via.Connection) {
	s := t.s
	t.stage, s.cold.through = over, nil
	s.takeOver(c.FD, c.Watch)
	if t.proxy.Type == proxy.Socks5 {
		s.setLocal(c.Bound.Address, c.Bound.Port)
	} else {
		s.setLocal(endpoint.Local(c.FD))
	}
	s.peer, s.peerPort = t.target.Address, t.target.Port
	s.established()
}

// relay has datagrams go through the proxy: to the first target, as nobody can tell whether
// it is there. A socket that is bound so needs no other way, but has to wait for that if it is
// still being made.
func (t *through) relay() {
	s := t.s
	fd := int(s.fd)
	switch r := s.relay(); {
	case r != nil && r.stage == made:
		t.related(nil)
		return
	case r != nil:
		t.way, r.done = r, t.related
		return
	case fd < 0:
		var f *failure.Failure
		if fd, f = s.openBound(address.Any, 0, DefaultForPlatform); f != nil {
			t.fail(f)
			return
		}
		if err := t.prepare(fd); err != nil {
			t.fail(failure.Create(err))
			return
		}
	}
	r := s.newRelay(t.proxy, fd, t.related)
	t.way = r
	r.begin()
}

// related begins the connection of a UDP socket. Where it is on this side nobody tells.
func (t *through) related(f *failure.Failure) {
	if f != nil {
		t.fail(f)
		return
	}
	s := t.s
	t.stage, s.cold.through = over, nil
	s.peer, s.peerPort = t.target.Address, t.target.Port
	s.udp().relay.connect(t.target)
	s.established()
}

// Failed goes on with the next target if it is not the proxy itself that is to blame.
func (t *through) Failed(f *failure.Failure) {
	switch f.Code {
	case failure.ConnectionRefused, failure.HostNotFound, failure.Network, failure.SocketTimeout, failure.SocketAccess, failure.UnsupportedOperation:
		if len(t.untried) > 0 && t.s.fd < 0 && sys.Now() < t.end {
			t.next()
			return
		}
	}
	t.fail(f)
}

func (t *through) fail(f *failure.Failure) {
	t.stage, t.s.cold.through = over, nil
	t.s.connectFailed(f)
}

// Wants is that of a loop.Awaited. Nothing keeps those waiting who come before the loop has
// taken the addresses, or are called while slots are.
func (t *through) Wants(list []poll.Waited) ([]poll.Waited, int64) {
	switch t.stage {
	case known, telling:
		return list, sys.Now()
	case going:
		return t.way.Wants(list)
	}
	return list, 0
}

// Proceed does what the loop would have done by now.
func (t *through) Proceed() {
	switch t.stage {
	case known:
		t.begin()
	case telling:
		t.try()
	case going:
		t.way.Proceed()
	}
}

// FD returns the descriptor that is connected to the proxy, or will be; -1 if there is
// none.
func (t *through) FD() int {
	if t.stage != going {
		return -1
	}
	return t.way.FD()
}

// SetOption sets an option for every descriptor, and those to come.
func (t *through) SetOption(o option.Option, value int) bool {
	t.options.Keep(o, value)
	return t.way.SetOption(o, value)
}

// Take has what is watched go along. A relay that is the socket's already does so by itself.
func (t *through) Take(x *loop.Transfer) {
	if t.travels() {
		t.way.Take(x)
	}
}

// Moved has the rest follow.
func (t *through) Moved(from, to *loop.Loop) {
	if t.travels() {
		t.way.Moved(from, to)
	}
	if t.stage == known {
		t.s.Post(t.begin)
	}
}

func (t *through) travels() bool {
	r, relays := t.way.(*relay)
	return t.way != nil && !(relays && r == t.s.relay())
}

// Close gives up whatever is under way.
func (t *through) Close() {
	t.stage = over
	if t.cancel != nil {
		t.cancel()
	}
	if t.way != nil {
		t.way.Close()
	}
}
