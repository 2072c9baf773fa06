package socket

import (
	"fmt"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/internal/proxytest"
	"qnet/core/loop"
	"qnet/core/object"
	"qnet/core/proxy"
)

// movedAfter has the socket of each test go to another loop after some turns of its own: before
// any, and later ones until it is connected, or whatever else over says. Then done is called
// with the new loop's lock held, and what the old one has begun must go on there.
func movedAfter(t *testing.T, begin func(t *testing.T) *rig, over func(*rig) bool, done func(t *testing.T, r *rig)) {
	for turns, last := 0, false; !last; turns++ {
		ok := t.Run(fmt.Sprint("after ", turns, " turns"), func(t *testing.T) {
			r := begin(t)
			l, to := r.l, looptest.Another(t)
			for range turns {
				l.ProcessEvents(500)
			}
			last = over(r)
			defer r.back(l)
			r.move(to)
			if r.Loop() != to {
				t.Fatal("it has not moved")
			}
			// Nothing of it is left in the old loop.
			to.Unlock()
			l.Lock()
			l.ProcessEvents(0)
			l.Unlock()
			to.Lock()
			done(t, r)
		})
		if !ok || turns > 100 {
			t.Fatal("it does not come to its end")
		}
	}
}

func isConnected(r *rig) bool { return r.State() == Connected }

// talks is what movedAfter has to do with a connection to a peer that sends back what it hears.
func talks(want ...string) func(t *testing.T, r *rig) {
	return func(t *testing.T, r *rig) {
		t.Helper()
		r.until("it is connected", func() bool { return isConnected(r) })
		if got := slices.DeleteFunc(r.log, func(s string) bool { return s == "readyRead" || s == "bytesWritten 5" }); !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
		r.say("hello")
		r.untilAvailable(5)
		if text := r.all(); text != "hello" {
			t.Errorf("%q has come back", text)
		}
	}
}

func TestMovedWhileItIsConnected(t *testing.T) {
	for _, host := range []string{"127.0.0.1", "localhost"} {
		t.Run(host, func(t *testing.T) {
			movedAfter(t, func(t *testing.T) *rig {
				r := fresh(t, looptest.New(t))
				r.ConnectToHost(host, proxytest.Start(t, (*proxytest.Conn).Echo).Port, ReadWrite, address.AnyIP)
				return r
			}, isConnected, talks("state 1", "state 2", "hostFound", "state 3", "connected"))
		})
	}
}

// The first address is silent: what tries the next is a timer, which goes along.
func TestMovedBeforeTheNextAddressIsTried(t *testing.T) {
	l := looptest.New(t)
	silent, _ := looptest.HalfSilent(t)
	r := fresh(t, l)
	dialAll(r, silent.Port, address.LocalHost, address.LocalHostIPv6)
	defer r.back(l)
	r.move(looptest.Another(t))
	r.untilLogged("connected")
	r.expect("state 1", "state 2", "hostFound", "state 3", "connected")
}

// So does the end of the time that was given to connect.
func TestTheTimeToConnectMovesAlong(t *testing.T) {
	l := looptest.New(t)
	silent, _ := looptest.HalfSilent(t)
	r := fresh(t, l)
	r.SetConnectTimeout(20)
	r.ConnectToAddress(address.LocalHost, silent.Port, ReadWrite)
	defer r.back(l)
	r.move(looptest.Another(t))
	r.untilLogged(fmt.Sprint("error ", failure.SocketTimeout))
	r.expect("state 1", "state 2", "hostFound", "state 0", fmt.Sprint("error ", failure.SocketTimeout))
}

// Only the time tells when there may be room in a local server's queue.
func TestMovedWhileTheServersQueueIsFull(t *testing.T) {
	fd, path := localServer(t, 0)
	l := looptest.New(t)
	first, r := observe(t, NewLocal(l)), observe(t, NewLocal(l))
	for _, s := range []*rig{first, r} {
		s.SetServerName(path)
		s.ConnectToServer(ReadWrite)
	}
	if r.cold.local.attempt == nil {
		t.Skip("this system has room for one more connection than it was asked for")
	}
	defer r.back(l)
	r.move(looptest.Another(t))
	accepted, _, err := unix.Accept(fd)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(accepted)
	r.untilLogged("connected")
	r.expect("state 2", "state 3", "connected")
}

func TestGivenUpInTheNewLoop(t *testing.T) {
	l := looptest.New(t)
	silent, _ := looptest.HalfSilent(t)
	for name, end := range map[string]func(*rig){"abort": func(r *rig) { r.Abort() }, "delete": func(r *rig) { r.Delete() }} {
		for host, port := range map[string]uint16{"localhost": 9, "127.0.0.1": silent.Port} {
			t.Run(name+" of "+host, func(t *testing.T) {
				before := looptest.Descriptors()
				r := fresh(t, l)
				r.ConnectToHost(host, port, ReadWrite, address.AnyIP)
				to, err := loop.New()
				if err != nil {
					t.Fatal(err)
				}
				r.move(to)
				end(r)
				looptest.Settle(t, to)
				if r.Alive() && r.State() != Unconnected {
					t.Errorf("state %d", r.State())
				}
				r.back(l)
				looptest.Do(to, to.Close)
				// A look-up that is called off ends on its own.
				looptest.Until(t, l, "nothing is open", func() bool { return looptest.Descriptors() <= before })
			})
		}
	}
}

func TestConnectingStaysWhereThereIsNoRoom(t *testing.T) {
	l := looptest.New(t)
	to := looptest.Another(t)
	r := fresh(t, l)
	r.ConnectToAddress(address.LocalHost, looptest.Listen(t).Port, ReadWrite)
	fd := r.cold.dial.FD()
	var taken loop.Watch
	l.Unlock()
	looptest.Do(to, func() { taken, _ = to.Watch(fd, 0, deaf{}) })
	if err := object.Move(r.Socket, to); err != unix.EEXIST || r.Loop() != l {
		t.Errorf("%v, moved: %v", err, r.Loop() != l)
	}
	looptest.Do(to, func() { to.Unwatch(taken) })
	l.Lock()
	r.untilLogged("connected")
	r.expect("state 1", "state 2", "hostFound", "state 3", "connected")
}

func TestMovedOnTheWayThroughAProxy(t *testing.T) {
	name := []string{"state 1", "state 2", "state 3", "connected"}
	for _, c := range []struct {
		what string
		typ  proxy.Type
		host string
		say  []proxytest.Script
		want []string
	}{
		{"SOCKS", proxy.Socks5, "target.test", []proxytest.Script{func(c *proxytest.Conn) {
			c.Read(3)
			c.Spell("\x05\x00")
			c.Read(len(socksName))
			c.Spell(socksGood)
			c.Echo()
		}}, name},
		{"HTTP that asks, and hangs up", proxy.HTTP, "target.test", []proxytest.Script{httpThenCloses(httpCloses), http(httpGood)},
			[]string{"state 1", "state 2", "auth", "state 3", "connected"}},
		{"HTTP that asks", proxy.HTTP, "target.test", []proxytest.Script{http(httpAsks, httpGood)},
			[]string{"state 1", "state 2", "auth", "state 3", "connected"}},
		{"SOCKS, with an address", proxy.Socks5, "127.0.0.9", []proxytest.Script{socksFor(ipv4Request, socksGood)},
			[]string{"state 1", "state 2", "hostFound", "state 3", "connected"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			movedAfter(t, func(t *testing.T) *rig {
				r := proxied(t, c.typ, proxytest.Start(t, c.say...))
				r.fill([2]string{"user", "password"})
				r.ConnectToHost(c.host, 7, ReadWrite, address.AnyIP)
				return r
			}, isConnected, talks(c.want...))
		})
	}
}

// The proxy cannot look the name up, so that is done here; and the name of the proxy, too.
func TestMovedWhileNamesAreLookedUpForAProxy(t *testing.T) {
	movedAfter(t, func(t *testing.T) *rig {
		s := proxytest.Start(t, socksFor(ipv4Request, socksGood))
		r := proxied(t, proxy.Socks5, s)
		p := proxy.Proxy{Type: proxy.Socks5, Host: "localhost", Port: s.Port}
		p.SetCapabilities(proxy.Tunneling)
		r.SetProxy(p)
		r.ConnectToHost("localhost", 7, ReadWrite, address.IPv4)
		return r
	}, isConnected, talks("state 1", "state 2", "hostFound", "state 3", "connected"))
}

func TestMovedWhileItIsBoundThroughAProxy(t *testing.T) {
	made := func(r *rig) bool { return r.relay() != nil && r.relay().stage == made }
	for where, host := range map[string]string{"an address": "\x01\x7f\x00\x00\x01", "a name": "\x03\x09localhost"} {
		for how, begin := range map[string]func(*rig){
			"bound":     func(r *rig) { r.bindAny() },
			"connected": func(r *rig) { r.ConnectToAddress(target().Address, target().Port, ReadWrite) },
			"both": func(r *rig) {
				r.bindAny()
				r.ConnectToAddress(target().Address, target().Port, ReadWrite)
			},
		} {
			t.Run(how+", at "+where, func(t *testing.T) {
				movedAfter(t, func(t *testing.T) *rig {
					relay := proxytest.StartRelay(t, proxytest.Echo)
					r := relayed(t, proxytest.Start(t, func(c *proxytest.Conn) {
						c.Read(3)
						c.Spell("\x05\x00")
						c.Read(proxytest.AssociateRequest)
						c.Say("\x05\x00\x00" + relay.AddressAt(host))
						c.Rest()
					}))
					begin(r)
					if how == "bound" {
						r.sendOut("early")
					}
					return r
				}, made, func(t *testing.T, r *rig) {
					r.untilRelayed()
					if how != "bound" {
						r.until("it is connected", func() bool { return isConnected(r) })
						r.say("early")
					}
					if text, way := r.receive(); text != "early" || way.Sender != target() {
						t.Errorf("%q of %v", text, way.Sender)
					}
				})
			})
		}
	}
}

// The end of the connection to the proxy is noticed in the new loop.
func TestTheProxyEndsDatagramsThatHaveMoved(t *testing.T) {
	relay := proxytest.StartRelay(t, proxytest.Echo)
	s := proxytest.Start(t, relay.Associate)
	r := relayed(t, s)
	l := r.l
	r.bindRelayed()
	r.log = nil
	defer r.back(l)
	r.move(looptest.Another(t))
	s.Close()
	r.until("it has ended", func() bool { return r.State() == Unconnected })
	r.expect(ended(failure.ProxyEnded.Code)...)
}
