package socket

import (
	"time"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/datagram"
	"qnet/core/dial"
	"qnet/core/endpoint"
	"qnet/core/failure"
	"qnet/core/loop"
	"qnet/core/option"
	"qnet/core/poll"
	"qnet/core/proxy"
	"qnet/core/proxy/socks5"
	"qnet/core/proxy/via"
	"qnet/core/sys"
)

// relay is the way of a UDP socket's datagrams through a SOCKS 5 proxy (UDP ASSOCIATE, RFC
// 1928, 7): under way, and then for as long as the connection to the proxy lasts, on which
// nothing more is said. The descriptor of the datagrams is connected to where the proxy
// takes them, so that those of others do not come.
type relay struct {
	s     *Socket
	proxy proxy.Proxy
	fd    int                    // of the datagrams
	owns  bool                   // it is not the socket's yet
	done  func(*failure.Failure) // is told once what has become of it: nil if it is made

	stage   relayStage
	via     *via.Via
	control via.Connection
	cancel  func() // of the look-up of the relay
	found   []address.Address
	failure *failure.Failure // why there are none
	early   early            // what was written before it was made

	at     datagram.Endpoint // where the proxy takes datagrams
	peer   proxy.Target      // of the socket's connection
	header []byte            // of datagrams to it; nil if there is none
}

// relayStage is how far a relay has come.
type relayStage uint8

const (
	associating relayStage = iota // with the proxy
	naming                        // its name is looked up
	named                         // addresses are there, and nobody was told
	made
	unmade
)

// newRelay makes the way through a proxy for a descriptor, to be begun: that of the socket,
// or another one, which it owns until it is made.
func (s *Socket) newRelay(p proxy.Proxy, fd int, done func(*failure.Failure)) *relay {
	r := &relay{s: s, proxy: p, fd: fd, owns: fd != int(s.fd), done: done}
	r.early.retry.Expired = r.sendEarly
	return r
}

func (r *relay) begin() {
	step, f := socks5.New(r.proxy, proxy.Keys, socks5.Associate, r.source())
	if f != nil {
		r.fail(f)
		return
	}
	r.via = &via.Via{Home: &r.s.Home, Owner: r, Proxy: r.proxy, Step: step, Bound: -1}
	r.via.Begin()
}

// source returns where the datagrams will come from, as far as that is known here. Qt says
// the same.
func (r *relay) source() proxy.Target {
	a, port := endpoint.Local(r.fd)
	if a.Addr().IsUnspecified() {
		a = address.AnyIPv4
	}
	return proxy.Target{Address: a, Port: port}
}

// Open and the next methods are those of a via.Owner. The options of the socket are those of
// its datagrams.
func (r *relay) Open(to address.Address) (int, error) { return endpoint.Open(to) }

func (r *relay) Notify() { r.s.notifyWaiters() }

func (r *relay) Ask(q proxy.Question) (user, password string) { return r.s.ask(q) }

func (r *relay) Failed(f *failure.Failure) { r.fail(f) }

// Connected looks where the proxy takes datagrams.
func (r *relay) Connected(c via.Connection) {
	r.via, r.control = nil, c
	l := r.s.Loop()
	l.SetHandler(c.Watch, r)
	l.Rewatch(c.Watch, poll.In)
	// Or a proxy that has gone without a word would never be missed.
	option.Set(c.FD, option.KeepAlive, 1)
	own, _ := endpoint.Peer(c.FD)
	to := socks5.Relay(c.Bound, proxy.Target{Address: own})
	r.at.Port = to.Port
	if to.Name == "" {
		r.use([]address.Address{to.Address})
		return
	}
	r.stage = naming
	r.cancel = dial.Resolve(&r.s.Home, to.Name, address.AnyIP, func(addresses []address.Address, none *failure.Failure) {
		if r.stage != naming {
			return
		}
		r.stage, r.found, r.failure = named, addresses, none
		r.s.Post(r.useFound)
		r.Notify()
	})
}

// useFound goes on once the relay is found. Whoever comes first, the loop or somebody who
// waits without one, does so.
func (r *relay) useFound() {
	if r.stage == named {
		r.cancel = nil
		r.use(r.found)
	}
}

// use connects the descriptor to the first address that it can be connected to, and ends
// what is to be done.
func (r *relay) use(addresses []address.Address) {
	f := r.failure
	for _, a := range addresses {
		err := endpoint.Connect(r.fd, a, r.at.Port)
		if err == nil {
			r.at.Address = plain(a)
			r.make()
			return
		}
		f = failure.Connect(err)
	}
	r.fail(failure.Proxy(f))
}

// make makes it the way of the socket's datagrams. What has come directly before is nobody's.
func (r *relay) make() {
	s, u := r.s, r.s.udp()
	r.stage = made
	s.fd, r.owns = int32(r.fd), false
	u.forgetReceived()
	s.paused = false
	u.relay = r
	u.inbox.Envelope, u.sender.Envelope = r, r
	r.done(nil)
	r.sendEarly()
}

func (r *relay) fail(f *failure.Failure) {
	r.Close()
	r.done(f)
}

// Ready is called when the proxy has said something, which means nothing, or has ended the
// connection.
func (r *relay) Ready(poll.Event) {
	var trash [512]byte
	n, err := sys.Recv(r.control.FD, trash[:])
	if n > 0 || err == unix.EAGAIN || sys.OutOfMemory(err) {
		return
	}
	if r.stage != made {
		r.fail(failure.ProxyClosed)
		return
	}
	r.hangUp()
	r.s.relayEnded(failure.ProxyEnded)
}

// Wants is that of a loop.Awaited: also of one that is made, for its end.
func (r *relay) Wants(list []poll.Waited) ([]poll.Waited, int64) {
	switch r.stage {
	case associating:
		return r.via.Wants(list)
	case named:
		return list, sys.Now()
	}
	if r.control.Watch != 0 {
		list = append(list, poll.For(r.control.FD, poll.In))
	}
	at, running := r.early.retry.Due()
	if !running {
		at = 0
	}
	return list, at
}

// Proceed does what the loop would have done by now.
func (r *relay) Proceed() {
	switch {
	case r.stage == associating:
		r.via.Proceed()
	case r.stage == named:
		r.useFound()
	case r.control.Watch != 0:
		list := []poll.Waited{poll.For(r.control.FD, poll.In)}
		poll.Wait(list, time.Now())
		if events := list[0].Events(); events != 0 {
			r.Ready(events)
			return
		}
	}
	if r.early.retry.Passed() {
		r.sendEarly()
	}
}

// FD returns the descriptor of the datagrams.
func (r *relay) FD() int { return r.fd }

// SetOption sets an option of the datagrams, and reports whether the system has taken it.
func (r *relay) SetOption(o option.Option, value int) bool { return option.Set(r.fd, o, value) == nil }

// Take has what is watched go along when the socket goes to another loop.
func (r *relay) Take(t *loop.Transfer) {
	if r.via != nil {
		r.via.Take(t)
	}
	t.Take(&r.control.Watch, r.control.FD, poll.In, r)
}

// Moved has the rest follow.
func (r *relay) Moved(from, to *loop.Loop) {
	if r.via != nil {
		r.via.Moved(from, to)
	}
	r.early.retry.Move(from, to)
	if r.stage == named {
		r.s.Post(r.useFound)
	}
}

// Close ends it.
func (r *relay) Close() {
	if r.stage == unmade {
		return
	}
	r.stage = unmade
	if r.cancel != nil {
		r.cancel()
	}
	if r.via != nil {
		r.via.Close()
	}
	r.hangUp()
	r.dropEarly()
	if r.owns {
		sys.Close(r.fd)
	}
}

// hangUp ends the connection to the proxy.
func (r *relay) hangUp() {
	if r.control.Watch != 0 {
		r.s.Loop().Unwatch(r.control.Watch)
		sys.Close(r.control.FD)
		r.control = via.Connection{}
	}
}

// What follows is a datagram.Envelope.

// connect makes a target the peer. Others are not heard any more, as a descriptor does not
// hear them that is connected. Where a name is nobody here knows.
func (r *relay) connect(peer proxy.Target) {
	r.peer = peer
	r.header = socks5.AppendHeader(nil, peer)
}

func (r *relay) Header(room []byte, to datagram.Endpoint) ([]byte, error) {
	switch {
	case !to.IsPeer():
		return socks5.AppendHeader(room, proxy.Target{Address: plain(to.Address), Port: to.Port}), nil
	case r.header == nil:
		return nil, unix.EDESTADDRREQ
	}
	return r.header, nil
}

func (r *relay) Knows(from datagram.Endpoint) bool {
	return from.Port == r.at.Port && plain(from.Address) == r.at.Address
}

func (r *relay) Unwrap(p []byte) (from datagram.Endpoint, data []byte, ok bool) {
	target, data, ok := socks5.ParseDatagram(p)
	if r.header != nil && (target.Port != r.peer.Port || r.peer.Name == "" && plain(target.Address) != plain(r.peer.Address)) {
		return from, nil, false
	}
	if target.Name == "" {
		from = datagram.Endpoint{Address: target.Address, Port: target.Port}
	}
	return from, data, ok
}

// plain returns an address as all sockets see it, whichever family they have.
func plain(a address.Address) address.Address {
	return address.FromAddr(a.Addr().Unmap().WithZone(""))
}
