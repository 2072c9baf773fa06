package socket

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/datagram"
	"qnet/core/endpoint"
	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/internal/proxytest"
	"qnet/core/object"
	"qnet/core/option"
	"qnet/core/proxy"
	"qnet/core/sys"
)

// relayed returns a UDP socket with a proxy that is a server of the test.
func relayed(t testing.TB, s *proxytest.Server) *rig {
	t.Helper()
	forget()
	r := observe(t, NewUDP(looptest.New(t)))
	r.SetProxy(proxy.Proxy{Type: proxy.Socks5, Host: "127.0.0.1", Port: s.Port})
	return r
}

// echoed returns a UDP socket with a proxy whose relay sends back what it is sent.
func echoed(t testing.TB) (*rig, *proxytest.Relay, *proxytest.Server) {
	t.Helper()
	relay := proxytest.StartRelay(t, proxytest.Echo)
	s := proxytest.Start(t, relay.Associate)
	return relayed(t, s), relay, s
}

// target is where datagrams go that only a relay can pass on, and wrapped what they are in.
func target() datagram.Endpoint {
	a, _ := address.Parse("192.0.2.1")
	return datagram.Endpoint{Address: a, Port: 9}
}

func wrapped(text string) string { return "\x00\x00\x00\x01\xc0\x00\x02\x01\x00\x09" + text }

func (r *rig) bindAny() {
	r.t.Helper()
	if !r.Bind(address.AnyIPv4, 0, DefaultForPlatform) || r.State() != Bound {
		r.t.Fatal(r.Failure())
	}
}

// bindRelayed binds it, and waits until the way is made.
func (r *rig) bindRelayed() {
	r.t.Helper()
	r.bindAny()
	r.untilRelayed()
}

func (r *rig) untilRelayed() {
	r.t.Helper()
	r.until("the relay is made", func() bool { return r.relay() != nil && r.relay().stage == made })
}

// ended is the log of a binding that ends with an error.
func ended(code failure.Code) []string {
	return []string{fmt.Sprint("error ", code), "state 6", "state 0", "readChannelFinished", "disconnected"}
}

// relaying are the ways to wait for what becomes of a bind.
var relaying = map[string]func(r *rig){
	"in the loop": func(r *rig) {
		r.until("it is made or not", func() bool { return r.State() == Unconnected || r.relay() != nil && r.relay().stage == made })
	},
	"waiting": func(r *rig) {
		r.WaitForDisconnected(10_000)
	},
}

// sendOut sends texts to the target.
func (r *rig) sendOut(texts ...string) {
	r.t.Helper()
	for _, text := range texts {
		if n := r.WriteDatagram([]byte(text), target()); n != len(text) {
			r.t.Fatalf("sent %d of %d bytes: %v", n, len(text), r.Failure())
		}
	}
}

// receive returns the next datagram and where it has come from.
func (r *rig) receive() (text string, way datagram.Way) {
	r.t.Helper()
	r.until("there is a datagram", r.HasPendingDatagrams)
	size := r.PendingDatagramSize()
	r.ReceiveDatagram(-1, &way, func(p []byte) { text = string(p) })
	if len(text) != size {
		r.t.Errorf("%d bytes, not %d", len(text), size)
	}
	return text, way
}

// port returns the port of its descriptor, which it does not tell, as two bytes.
func (r *rig) port() string {
	_, port := endpoint.Local(r.Descriptor())
	return string(binary.BigEndian.AppendUint16(nil, port))
}

// The signals, the states and what the proxy is told are those of Qt 6.12.

func TestBindThroughProxy(t *testing.T) {
	for host, a := range map[string]address.Address{"\x00\x00\x00\x00": address.Any, "\x00\x00\x00\x00 4": address.AnyIPv4, "\x00\x00\x00\x00 6": address.AnyIPv6, "\x7f\x00\x00\x01": address.LocalHost} {
		t.Run(a.String(), func(t *testing.T) {
			r, relay, s := echoed(t)
			if !r.Bind(a, 0, DefaultForPlatform) {
				t.Fatal(r.Failure())
			}
			r.expect("state 4")
			r.untilRelayed()
			r.expect()
			if r.LocalPort() != 0 || !r.LocalAddress().IsNull() || r.PeerPort() != 0 || r.Descriptor() < 0 || !r.IsValid() || r.Mode() != NotOpen {
				t.Errorf("local %v:%d, mode %d", r.LocalAddress(), r.LocalPort(), r.Mode())
			}
			if got, want := s.Got()[0], "\x05\x01\x00\x05\x03\x00\x01"+host[:4]+r.port(); got != want {
				t.Errorf("%q, not %q", got, want)
			}
			r.sendOut("hello", "")
			r.expect("bytesWritten 5", "bytesWritten 0")
			for _, want := range []string{"hello", ""} {
				text, way := r.receive()
				if text != want || way != (datagram.Way{Sender: target(), HopLimit: -1}) {
					t.Errorf("%q by %+v", text, way)
				}
			}
			if got := relay.Got(); !slices.Equal(got, []string{wrapped("hello"), wrapped("")}) {
				t.Errorf("%q", got)
			}
			r.log = nil
			r.Close()
			r.expect("state 6", "state 0", "readChannelFinished", "disconnected")
			if r.Descriptor() != -1 {
				t.Error("there is a descriptor")
			}
			s.Close() // the connection has ended, or this would not
		})
	}
}

func TestConnectDatagramsThroughProxy(t *testing.T) {
	name := "\x00\x00\x00\x03\x0btarget.test\x00\x09"
	for way, connect := range connecting {
		for _, c := range []struct {
			host   string
			header string
			found  bool
		}{{"192.0.2.1", wrapped(""), true}, {"target.test", name, false}, {"2001:db8::1", "\x00\x00\x00\x04\x20\x01\x0d\xb8" + strings.Repeat("\x00", 11) + "\x01\x00\x09", true}} {
			t.Run(c.host+", "+way, func(t *testing.T) {
				r, relay, _ := echoed(t)
				r.ConnectToHost(c.host, 9, ReadWrite, address.AnyIP)
				want := []string{"state 1", "state 2"}
				if c.found {
					want = append(want, "hostFound")
				}
				r.expect(want...)
				if r.Write([]byte("early")) != -1 {
					t.Error("it was written before it was connected")
				}
				connect(r)
				r.expect("state 3", "connected")
				peer, _ := address.Parse(c.host)
				if r.PeerName() != c.host || r.PeerPort() != 9 || r.PeerAddress() != peer || r.LocalPort() != 0 || !r.LocalAddress().IsNull() || r.Descriptor() < 0 {
					t.Errorf("peer %q at %v:%d, local %v:%d", r.PeerName(), r.PeerAddress(), r.PeerPort(), r.LocalAddress(), r.LocalPort())
				}
				r.say("hello")
				r.expect("bytesWritten 5")
				r.untilAvailable(5)
				if got := r.all(); got != "hello" {
					t.Errorf("%q", got)
				}
				if got := relay.Got(); !slices.Equal(got, []string{c.header + "hello"}) {
					t.Errorf("%q", got)
				}
				r.log = nil
				r.Close()
				r.expect("aboutToClose", "state 6", "state 0", "readChannelFinished", "disconnected")
			})
		}
	}
}

// A proxy that cannot look names up is given addresses.
func TestNameOfDatagramsIsLookedUpHere(t *testing.T) {
	for way, connect := range connecting {
		t.Run(way, func(t *testing.T) {
			r, relay, _ := echoed(t)
			p := r.Proxy()
			p.SetCapabilities(proxy.UDPTunneling)
			r.SetProxy(p)
			r.ConnectToHost("localhost", 9, ReadWrite, address.IPv4)
			r.expect("state 1")
			connect(r)
			r.expect("state 2", "hostFound", "state 3", "connected")
			r.say("x")
			r.until("it has come", func() bool { return len(relay.Got()) == 1 })
			if got := relay.Got()[0]; got != "\x00\x00\x00\x01\x7f\x00\x00\x01\x00\x09x" || r.PeerAddress() != address.LocalHost {
				t.Errorf("%q", got)
			}
		})
	}
}

// A write binds, as it does without a proxy.
func TestWriteBindsThroughProxy(t *testing.T) {
	r, relay, _ := echoed(t)
	r.sendOut("first")
	r.expect("state 4")
	if r.receive(); r.count("bytesWritten 5") != 1 {
		t.Errorf("%q", r.log)
	}
	r.log = nil
	r.Abort()
	if n := r.WriteDatagrams(2, func(i int, d *datagram.Outgoing) { d.Data, d.Destination = []byte("more"), target() }); n != 2 {
		t.Errorf("%d, %v", n, r.Failure())
	}
	r.until("all has come", func() bool { return len(relay.Got()) == 3 })
	// There is no peer to whom it could go.
	if n := r.WriteDatagram([]byte("x"), datagram.Endpoint{}); n != -1 || r.Failure().Code != failure.Network {
		t.Errorf("%d, %v", n, r.Failure())
	}
}

// What a bound socket's connection needs is there already, and it has a peer from then on.
func TestBoundThroughProxyAndConnected(t *testing.T) {
	r, relay, s := echoed(t)
	r.bindRelayed()
	fd := r.Descriptor()
	r.log = nil
	r.SetProxy(proxy.Proxy{Type: proxy.None}) // that of what is to come: it is bound
	r.ConnectToHost("target.test", 9, ReadWrite, address.AnyIP)
	r.expect("state 1", "state 2", "state 3", "connected")
	r.say("x")
	if r.untilAvailable(1); r.Descriptor() != fd || len(s.Got()) != 1 || len(relay.Got()) != 1 {
		t.Errorf("%q, %q", s.Got(), relay.Got())
	}
}

// One that was bound before it had a proxy keeps its descriptor, and does not go past the
// proxy with it.
func TestBoundDirectlyAndConnectedThroughProxy(t *testing.T) {
	r, relay, _ := echoed(t)
	own := r.Proxy()
	r.SetProxy(proxy.Proxy{Type: proxy.None})
	r.bindAny()
	fd := r.Descriptor()
	stranger := bound(t, r.l)
	_, port := endpoint.Local(fd)
	for range 3 {
		stranger.WriteDatagram([]byte("stranger"), datagram.Endpoint{Address: address.LocalHost, Port: port})
	}
	r.untilLogged("readyRead")
	r.settle() // it was told, and is not told again
	r.SetProxy(own)
	r.ConnectToHost("192.0.2.1", 9, ReadWrite, address.AnyIP)
	r.until("it is connected", func() bool { return r.State() == Connected })
	r.log = nil
	stranger.WriteDatagram([]byte("stranger"), datagram.Endpoint{Address: address.LocalHost, Port: port})
	r.say("x")
	r.untilLogged("readyRead")
	if text, _ := r.receive(); text != "x" || r.Descriptor() != fd || len(relay.Got()) != 1 {
		t.Errorf("%q, %q", text, relay.Got())
	}
}

// What strangers have sent before the system knew where the relay is does not count either.
func TestStrangersBeforeTheRelay(t *testing.T) {
	relay := proxytest.StartRelay(t, proxytest.Echo)
	started := make(chan *proxytest.Server, 1)
	s := proxytest.Start(t, func(c *proxytest.Conn) {
		c.Read(3)
		c.Say("\x05\x00")
		c.Read(proxytest.AssociateRequest)
		request := (<-started).Got()[0]
		stranger, err := net.Dial("udp4", fmt.Sprintf("127.0.0.1:%d", binary.BigEndian.Uint16([]byte(request[len(request)-2:]))))
		if err != nil {
			t.Error(err)
			return
		}
		defer stranger.Close()
		for range 3 {
			stranger.Write([]byte(wrapped("stranger")))
		}
		c.Say("\x05\x00\x00" + relay.Address())
		c.Rest()
	})
	started <- s
	r := relayed(t, s)
	r.bindAny()
	r.sendOut("x")
	if text, _ := r.receive(); text != "x" {
		t.Errorf("%q", text)
	}
	r.settle()
	if r.HasPendingDatagrams() {
		t.Error("there is more")
	}
}

// unrelated are proxies that do not become a way for datagrams, with the error of Qt 6.12.
func unrelated(relay *proxytest.Relay) map[string]struct {
	say  proxytest.Script
	want failure.Code
} {
	says := func(reply string) proxytest.Script {
		return func(c *proxytest.Conn) {
			c.Read(3)
			c.Say("\x05\x00")
			c.Read(proxytest.AssociateRequest)
			c.Say(reply)
			c.Rest()
		}
	}
	type end = struct {
		say  proxytest.Script
		want failure.Code
	}
	return map[string]end{
		"fails":                 {says("\x05\x01"), failure.Network},
		"does not allow it":     {says("\x05\x02"), failure.SocketAccess},
		"is unreachable":        {says("\x05\x03"), failure.Network},
		"finds nothing":         {says("\x05\x04"), failure.HostNotFound},
		"refuses":               {says("\x05\x05"), failure.ConnectionRefused},
		"cannot":                {says("\x05\x07"), failure.UnsupportedOperation},
		"closes at once":        {func(*proxytest.Conn) {}, failure.ProxyConnectionClosed},
		"closes after a method": {func(c *proxytest.Conn) { c.Read(3); c.Say("\x05\x00"); c.Read(5) }, failure.ProxyConnectionClosed},
		"resets":                {func(c *proxytest.Conn) { c.Read(3); c.Reset() }, failure.ProxyConnectionClosed},
		"is HTTP":               {func(c *proxytest.Conn) { c.Read(3); c.Say("HTTP/1.1 400 What\r\n\r\n"); c.Rest() }, failure.ProxyProtocol},
		"says all at once":      {func(c *proxytest.Conn) { c.Read(3); c.Say("\x05\x00\x05\x00\x00" + relay.Address()); c.Rest() }, failure.ProxyProtocol},
		"wants a password":      {func(c *proxytest.Conn) { c.Read(3); c.Say("\x05\xff"); c.Rest() }, failure.ProxyAuthentication},
		"wants it after all":    {func(c *proxytest.Conn) { c.Read(3); c.Say("\x05\x02"); c.Rest() }, failure.SocketAccess},
		"is SOCKS 4":            {says("\x04\x00\x00" + relay.Address()), failure.ProxyProtocol},
		"reserves something":    {says("\x05\x00\x01" + relay.Address()), failure.ProxyProtocol},
		"has no such family":    {says("\x05\x00\x00\x09\x00\x00\x00\x00\x00\x00"), failure.ProxyProtocol},
		"has no port":           {says("\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00"), failure.ProxyProtocol},
		"has no such relay":     {says("\x05\x00\x00" + relay.AddressAt("\x03\x0fno.such.invalid")), failure.ProxyNotFound},
		"is not there":          {nil, failure.ProxyConnectionRefused},
	}
}

func TestProxyFailsDatagrams(t *testing.T) {
	silent(t)
	relay := proxytest.StartRelay(t, nil)
	gone := proxytest.Start(t, func(*proxytest.Conn) {})
	gone.Close()
	for name, c := range unrelated(relay) {
		start := func(t *testing.T) *rig {
			if c.say == nil {
				return relayed(t, gone)
			}
			return relayed(t, proxytest.Start(t, c.say))
		}
		check := func(t *testing.T, r *rig, want ...string) {
			r.settle()
			r.log = slices.DeleteFunc(r.log, func(s string) bool { return s == "auth" })
			r.expect(want...)
			if r.Failure().Code != c.want || r.State() != Unconnected || r.Descriptor() != -1 {
				t.Errorf("%v, state %d", r.Failure(), r.State())
			}
		}
		for way, wait := range relaying {
			for begun, begin := range map[string]func(*rig){"bind": (*rig).bindAny, "write": func(r *rig) { r.sendOut("x", "y") }} {
				t.Run(fmt.Sprintf("%s, %s, %s", name, begun, way), func(t *testing.T) {
					r := start(t)
					begin(r)
					r.expect("state 4")
					wait(r)
					check(t, r, ended(c.want)...)
				})
			}
		}
		for way, connect := range connecting {
			t.Run(name+", connect, "+way, func(t *testing.T) {
				r := start(t)
				r.ConnectToHost("target.test", 9, ReadWrite, address.AnyIP)
				connect(r)
				check(t, r, "state 1", "state 2", "state 0", fmt.Sprint("error ", c.want))
			})
		}
	}
}

// A relay of another family than the descriptor is out of reach.
func TestRelayOutOfReach(t *testing.T) {
	r, _, _ := echoed(t)
	if !r.Bind(address.LocalHostIPv6, 0, DefaultForPlatform) {
		t.Fatal(r.Failure())
	}
	if r.untilLogged("disconnected"); r.Failure().Code == failure.Unknown || r.State() != Unconnected || r.Descriptor() != -1 {
		t.Errorf("%v", r.Failure())
	}
}

// However the proxy's words are cut, they mean the same, and wherever they end is an end.
func TestAssociationInPieces(t *testing.T) {
	relay := proxytest.StartRelay(t, proxytest.Echo)
	says := []string{"\x05\x00", "\x05\x00\x00" + relay.Address()}
	whole := strings.Join(says, "")
	t.Run("a byte at a time", func(t *testing.T) {
		r := relayed(t, proxytest.Start(t, func(c *proxytest.Conn) {
			c.Read(3)
			c.Spell(says[0])
			c.Read(proxytest.AssociateRequest)
			c.Spell(says[1])
			c.Rest()
		}))
		r.bindAny()
		r.sendOut("x")
		r.receive()
	})
	for cut := range len(whole) {
		upTo := func(c *proxytest.Conn) {
			c.Read(3)
			c.Say(whole[:min(cut, 2)])
			if cut >= 2 {
				c.Read(proxytest.AssociateRequest)
				c.Say(whole[2:cut])
			}
		}
		for way, wait := range relaying {
			t.Run(fmt.Sprintf("closed after %d, %s", cut, way), func(t *testing.T) {
				r := relayed(t, proxytest.Start(t, upTo))
				r.sendOut("lost")
				r.expect("state 4")
				wait(r)
				if r.expect(ended(failure.ProxyConnectionClosed)...); r.Failure() != failure.ProxyClosed || r.BytesToWrite() != 0 {
					t.Error(r.Failure())
				}
			})
		}
		for what, cancel := range map[string]func(*rig){
			"abort":      func(r *rig) { r.Abort() },
			"close":      func(r *rig) { r.Close(); r.Abort() },
			"disconnect": func(r *rig) { r.Disconnect(); r.Abort() },
			"delete":     func(r *rig) { r.Delete() },
			"bind elsewhere": func(r *rig) {
				// It is bound: that is what counts.
				silent(r.t)
				if r.SetProxy(proxy.Proxy{Type: proxy.None}); r.Bind(address.LocalHost, 0, DefaultForPlatform) || r.Failure() != failure.NotNow {
					r.t.Error("bound while it is bound")
				}
				r.Abort()
			},
			"connect": func(r *rig) {
				// It is bound at the proxy: that is where it connects.
				r.SetProxy(proxy.Proxy{Type: proxy.None})
				if r.ConnectToAddress(address.LocalHost, 9, ReadWrite); r.State() != Connecting || r.WaitForConnected(1) {
					r.t.Errorf("state %d", r.State())
				}
			},
			"descriptor": func(r *rig) {
				fd, _ := endpoint.OpenDatagram(address.LocalHost)
				endpoint.Bind(fd, address.LocalHost, 0)
				if !r.SetDescriptor(fd, Bound, ReadWrite) {
					r.t.Error(r.Failure())
				}
			},
		} {
			for _, elsewhere := range []bool{false, true} {
				t.Run(fmt.Sprintf("silent after %d, %s, somebody waits: %v", cut, what, elsewhere), func(t *testing.T) {
					silent := make(chan struct{})
					s := proxytest.Start(t, func(c *proxytest.Conn) { upTo(c); close(silent); c.Rest() })
					r := relayed(t, s)
					r.sendOut("never")
					if r.State() != Bound || r.BytesToWrite() != 5 || r.HasPendingDatagrams() || r.PendingDatagramSize() != -1 {
						t.Errorf("state %d, %d bytes to write", r.State(), r.BytesToWrite())
					}
					r.until("it is silent", func() bool {
						select {
						case <-silent:
							return true
						default:
							return false
						}
					})
					done := make(<-chan struct{})
					if elsewhere {
						done = looptest.Elsewhere(func() { looptest.Do(r.l, func() { r.WaitForBytesWritten(10_000) }) })
						for !r.awaited() {
							r.l.Unlock()
							runtime.Gosched()
							r.l.Lock()
						}
					}
					r.log = nil
					cancel(r)
					if elsewhere && what != "descriptor" && what != "connect" {
						looptest.Await(t, r.l, "who waits has heard of it", done)
					}
					if r.Alive() && what != "descriptor" && (r.State() != Unconnected || r.Descriptor() != -1 || r.BytesToWrite() != 0) {
						t.Errorf("state %d", r.State())
					}
					r.settle()
					if r.count("bytesWritten 5") > 0 {
						t.Errorf("%q", r.log)
					}
					s.Close() // nothing is left of the connection
					if elsewhere {
						looptest.Await(t, r.l, "the wait is over", done)
					}
				})
			}
		}
	}
}

// A bind in a slot of a former one's end is what counts, and that says nothing more.
func TestBindThroughProxyAtTheEnd(t *testing.T) {
	r, _, _ := echoed(t)
	r.bindRelayed()
	r.on[SignalStateChanged] = func(state int64) {
		if State(state) == Unconnected {
			r.bindAny()
		}
	}
	r.log = nil
	r.Disconnect()
	r.expect("state 6", "state 0", "state 4")
	r.sendOut("x")
	r.receive()
	r.on = map[object.Signal]func(int64){}
}

// Nothing waits for the proxy but who says so: a host that interrupts all that does is not asked.
func TestBindThroughProxyDoesNotWait(t *testing.T) {
	relay := proxytest.StartRelay(t, proxytest.Echo)
	goOn := make(chan struct{})
	r := relayed(t, proxytest.Start(t, func(c *proxytest.Conn) { <-goOn; relay.Associate(c) }))
	host := looptest.Interrupts(t)
	sys.Signal(host.FD)
	r.bindAny()
	r.sendOut("x")
	r.SetOption(option.TypeOfService, 32)
	if host.Noted != 0 || r.HasPendingDatagrams() || r.LocalPort() != 0 || r.Descriptor() < 0 || !r.IsValid() || r.Option(option.TypeOfService) != 32 {
		t.Errorf("%d waits", host.Noted)
	}
	// Who waits is interrupted, and that is all.
	if r.WaitForReadyRead(10_000) || r.WaitForBytesWritten(10_000) || host.Noted != 2 || r.State() != Bound {
		t.Errorf("%d waits, state %d", host.Noted, r.State())
	}
	r.expect("state 4")
	sys.Drain(host.FD)
	close(goOn)
	if text, _ := r.receive(); text != "x" {
		t.Errorf("%q", text)
	}
}

// What can be known to be in vain fails at once: without the descriptors that it takes, one for
// datagrams and one to the proxy, and with a user that SOCKS cannot carry.
func TestBindThroughProxyFailsAtOnce(t *testing.T) {
	for n := range 2 {
		r, _, _ := echoed(t)
		restore := looptest.FewDescriptors(t, n)
		bound := r.Bind(address.Any, 0, DefaultForPlatform)
		sent := r.WriteDatagram([]byte("x"), target())
		restore()
		if bound || sent != -1 || r.State() != Unconnected || r.Descriptor() != -1 || r.BytesToWrite() != 0 {
			t.Errorf("%d descriptors: state %d", n, r.State())
		}
		silent(t)
		r.expect(fmt.Sprint("error ", failure.SocketResource), fmt.Sprint("error ", failure.SocketResource))
		r.bindAny()
		r.sendOut("x")
		r.receive()
	}
	r, _, _ := echoed(t)
	p := r.Proxy()
	p.User = strings.Repeat("u", 256)
	r.SetProxy(p)
	if r.Bind(address.Any, 0, DefaultForPlatform) || r.Failure() != failure.ProxyBadCredential || r.State() != Unconnected || r.Descriptor() != -1 {
		t.Error(r.Failure())
	}
	r.expect(fmt.Sprint("error ", failure.ProxyAuthentication))
}

func TestMildFaultsDoNotShowToRelayedDatagrams(t *testing.T) {
	for _, text := range mild {
		t.Run(text, func(t *testing.T) {
			forget()
			relay := proxytest.StartRelay(t, proxytest.Echo)
			r := observe(t, NewUDP(faulty(t, "seed=1,"+text)))
			r.SetProxy(proxy.Proxy{Type: proxy.Socks5, Host: "127.0.0.1", Port: proxytest.Start(t, relay.Associate).Port})
			retry := func(do func() bool) {
				t.Helper()
				// There may be no memory for a descriptor, and none to send or no room now.
				for tries := 0; !do(); tries++ {
					if code := r.Failure().Code; tries > 200 || code != failure.SocketResource && code != failure.Temporary {
						t.Fatal(r.Failure())
					}
				}
			}
			// Nor is there always memory for the way to the proxy, which is told later.
			retry(func() bool {
				if !r.Bind(address.Any, 0, DefaultForPlatform) {
					return false
				}
				r.until("the relay is made or not", func() bool { return r.State() == Unconnected || r.udp().hears() })
				return r.State() == Bound
			})
			for n := range 20 {
				data := pattern(n)
				retry(func() bool { return r.WriteDatagram(data, target()) == n })
				r.until("there is a datagram", r.HasPendingDatagrams)
				var p [100]byte
				if got := r.ReadDatagram(p[:], nil); got != n || !bytes.Equal(p[:n], data) {
					t.Fatalf("%d bytes, %v", got, r.Failure())
				}
			}
		})
	}
}

// A relay that the proxy does not place, or by a name.
func TestWhereTheRelayIs(t *testing.T) {
	relay := proxytest.StartRelay(t, proxytest.Echo)
	for name, host := range map[string]string{
		"0.0.0.0":           "\x01\x00\x00\x00\x00",
		"::":                "\x04" + strings.Repeat("\x00", 16),
		"::ffff:0.0.0.0":    "\x04" + strings.Repeat("\x00", 10) + "\xff\xff\x00\x00\x00\x00",
		"::ffff:127.0.0.1":  "\x04" + strings.Repeat("\x00", 10) + "\xff\xff\x7f\x00\x00\x01",
		"nowhere":           "\x03\x00",
		"localhost":         "\x03\x09localhost",
		"127.0.0.1 as text": "\x03\x09127.0.0.1",
	} {
		say := func(c *proxytest.Conn) {
			c.Read(3)
			c.Say("\x05\x00")
			c.Read(proxytest.AssociateRequest)
			c.Say("\x05\x00\x00" + relay.AddressAt(host))
			c.Rest()
		}
		t.Run(name+", bind", func(t *testing.T) {
			r := relayed(t, proxytest.Start(t, say))
			r.bindAny()
			r.sendOut("x")
			r.receive()
		})
		t.Run(name+", connect", func(t *testing.T) {
			r := relayed(t, proxytest.Start(t, say))
			r.ConnectToHost("192.0.2.1", 9, ReadWrite, address.AnyIP)
			r.untilLogged("connected")
			r.say("x")
			r.receive()
		})
	}
}

// A relay may be of another family than the way to the proxy.
func TestRelayOfTheOtherFamily(t *testing.T) {
	relay := proxytest.StartRelayAt(t, "::1", proxytest.Echo)
	say := func(c *proxytest.Conn) {
		c.Read(3)
		c.Say("\x05\x00")
		c.Read(proxytest.AssociateRequest)
		c.Say("\x05\x00\x00" + relay.AddressAt("\x04"+strings.Repeat("\x00", 15)+"\x01"))
		c.Rest()
	}
	r := relayed(t, proxytest.Start(t, say))
	r.bindAny()
	r.sendOut("x")
	if text, way := r.receive(); text != "x" || way.Sender != target() {
		t.Errorf("%q by %+v", text, way)
	}
	r = relayed(t, proxytest.Start(t, say))
	r.ConnectToHost("192.0.2.1", 9, ReadWrite, address.AnyIP)
	r.untilLogged("connected")
	r.say("x")
	r.receive()
}

// What is not a datagram from the relay is not there, and does not hold up what is.
func TestJunkIsDropped(t *testing.T) {
	junk := []string{
		"", "\x00", "\x00\x00\x00", wrapped("")[:9], // short
		"\x00\x00\x01" + wrapped("fragment")[3:], "\x00\x00\x80" + wrapped("last fragment")[3:],
		"\x00\x01" + wrapped("reserved")[2:], "\x01\x00" + wrapped("reserved")[2:],
		"\x00\x00\x00\x09\x00\x00\x00\x00\x00\x00no family", "\x00\x00\x00\x03\xffname", "\x00\x00\x00\x03\x00\x00\x07nobody",
		strings.Repeat("\xff", 65000),
	}
	relay := proxytest.StartRelay(t, func(r *proxytest.Relay, datagram string) {
		for range 5 { // more than one batch
			for _, text := range junk {
				r.Say(text)
			}
		}
		r.Say(datagram)
		r.Say("\x00\x00\x00\x04\x20\x01\x0d\xb8" + strings.Repeat("\x00", 11) + "\x01\x00\x07six")
		r.Say("\x00\x00\x00\x03\x0asome.where\x00\x07named")
		r.Say("\x00\x00\x00\x03\x07192.0.2\x00\x07text")
		for _, text := range junk {
			r.Say(text)
		}
		r.Say(wrapped(""))
		r.Say(wrapped("end"))
	})
	r := relayed(t, proxytest.Start(t, relay.Associate))
	r.bindRelayed()
	// Strangers know only the port.
	stranger := bound(t, r.l)
	_, port := endpoint.Local(r.Descriptor())
	for range 3 {
		stranger.WriteDatagram([]byte(wrapped("stranger")), datagram.Endpoint{Address: address.LocalHost, Port: port})
	}
	r.log = nil
	r.sendOut("hello")
	six, _ := address.Parse("2001:db8::1")
	for _, want := range []struct {
		text string
		from datagram.Endpoint
	}{{"hello", target()}, {"six", datagram.Endpoint{Address: six, Port: 7}}, {"named", datagram.Endpoint{}}, {"text", datagram.Endpoint{}}, {"", target()}, {"end", target()}} {
		text, way := r.receive()
		if want.text == "text" {
			want.from = way.Sender // 192.0.2 is one that some take for an address
		}
		if text != want.text || way.Sender != want.from {
			t.Errorf("%q from %v, not %q from %v", text, way.Sender, want.text, want.from)
		}
	}
	r.settle()
	if r.HasPendingDatagrams() || r.PendingDatagramSize() != -1 {
		t.Error("there is more")
	}
}

// Junk alone is nothing to be told of.
func TestJunkIsNotSignalled(t *testing.T) {
	relay := proxytest.StartRelay(t, func(r *proxytest.Relay, datagram string) { r.Say("junk") })
	r := relayed(t, proxytest.Start(t, relay.Associate))
	r.bindRelayed()
	r.log = nil
	r.sendOut("x")
	r.expect("bytesWritten 1")
	r.until("it was dropped", func() bool { return len(relay.Got()) == 1 && !looptest.Readable(r.Descriptor()) })
	r.settle()
	r.expect()
	if r.WaitForReadyRead(1) {
		t.Error("there was something")
	}
	r.expect(fmt.Sprint("error ", failure.SocketTimeout))
}

// A connected socket does not hear others, as without a proxy.
func TestConnectedHearsItsPeerOnly(t *testing.T) {
	for host, from := range map[string][]string{
		"192.0.2.1":   {"\x01\xc0\x00\x02\x02\x00\x09", "\x01\xc0\x00\x02\x01\x00\x0a", "\x03\x04name\x00\x09"},
		"target.test": {"\x01\xc0\x00\x02\x02\x00\x0a", "\x03\x04name\x00\x0a"},
	} {
		t.Run(host, func(t *testing.T) {
			relay := proxytest.StartRelay(t, func(r *proxytest.Relay, datagram string) {
				for _, other := range from {
					r.Say("\x00\x00\x00" + other + "stranger")
				}
				r.Say(wrapped("peer"))
				r.Say("\x00\x00\x00\x04" + strings.Repeat("\x00", 10) + "\xff\xff\xc0\x00\x02\x01\x00\x09mapped")
			})
			r := relayed(t, proxytest.Start(t, relay.Associate))
			r.ConnectToHost(host, 9, ReadWrite, address.AnyIP)
			r.untilLogged("connected")
			r.say("x")
			for _, want := range []string{"peer", "mapped"} {
				if text, _ := r.receive(); text != want {
					t.Errorf("%q", text)
				}
			}
			// It may still send to others.
			other, _ := address.Parse("::ffff:192.0.2.7")
			if n := r.WriteDatagram([]byte("y"), datagram.Endpoint{Address: other, Port: 1}); n != 1 {
				t.Error(r.Failure())
			}
			r.until("it has come", func() bool { return len(relay.Got()) == 2 })
			if got := relay.Got()[1]; got != "\x00\x00\x00\x01\xc0\x00\x02\x07\x00\x01y" {
				t.Errorf("%q", got)
			}
		})
	}
}

// The header takes some of what a datagram can have.
func TestLargeDatagramsThroughProxy(t *testing.T) {
	r, relay, _ := echoed(t)
	r.bindRelayed()
	const most = 65507 - 10
	if n := r.WriteDatagram(make([]byte, most+1), target()); n != -1 || r.Failure().Code != failure.DatagramTooLarge {
		t.Errorf("%d, %v", n, r.Failure())
	}
	data := pattern(most)
	r.log = nil
	if n := r.WriteDatagram(data, target()); n != most {
		t.Errorf("%d, %v", n, r.Failure())
	}
	r.expect(fmt.Sprint("bytesWritten ", most))
	r.until("it has come", r.HasPendingDatagrams)
	if n := r.PendingDatagramSize(); n != most || len(relay.Got()[0]) != 65507 {
		t.Errorf("%d bytes", n)
	}
	// As much as is asked for, and the rest is lost.
	var p [100]byte
	var from datagram.Endpoint
	if n := r.ReadDatagram(p[:], &from); n != len(p) || !bytes.Equal(p[:], data[:100]) || from != target() {
		t.Errorf("%d from %v", n, from)
	}
	if r.HasPendingDatagrams() {
		t.Error("there is more")
	}
}

// The connection to the proxy is the life of its relay.
func TestTheProxyEndsDatagrams(t *testing.T) {
	ends := map[string]func(c *proxytest.Conn){"closes": func(*proxytest.Conn) {}, "resets": (*proxytest.Conn).Reset, "chats and closes": func(c *proxytest.Conn) { c.Say(strings.Repeat("chat", 1000)) }}
	waits := map[string]func(r *rig){
		"in the loop": func(r *rig) { r.until("it ends", func() bool { return r.State() == Unconnected }) },
		"waiting": func(r *rig) {
			if !r.WaitForDisconnected(10_000) {
				r.t.Error("not disconnected")
			}
		},
		"waiting for data": func(r *rig) {
			for r.WaitForReadyRead(10_000) {
			}
		},
	}
	for name, end := range ends {
		for way, wait := range waits {
			for _, connects := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, %s, connected %v", name, way, connects), func(t *testing.T) {
					relay := proxytest.StartRelay(t, proxytest.Echo)
					goOn := make(chan struct{})
					s := proxytest.Start(t, func(c *proxytest.Conn) {
						c.Read(3)
						c.Say("\x05\x00")
						c.Read(proxytest.AssociateRequest)
						c.Say("\x05\x00\x00" + relay.Address())
						<-goOn
						end(c)
					})
					r := relayed(t, s)
					if connects {
						r.ConnectToHost("192.0.2.1", 9, ReadWrite, address.AnyIP)
						r.untilLogged("connected")
					} else {
						r.bindRelayed()
					}
					r.sendOut("last")
					// It is in the system, and comes before the end.
					looptest.AwaitReadable(r.Descriptor())
					read := ""
					r.on[SignalReadyRead] = func(int64) { read += r.take() }
					r.on[SignalErrorOccurred] = func(int64) {
						if r.Failure() != failure.ProxyEnded || r.State() == Unconnected || r.WriteDatagram([]byte("x"), target()) != -1 {
							t.Errorf("it is not over: %v", r.Failure())
						}
					}
					silent(t)
					r.log = nil
					close(goOn)
					wait(r)
					r.expect("readyRead", fmt.Sprint("error ", failure.ProxyConnectionClosed), "state 6", "state 0", "readChannelFinished", "disconnected")
					if read != "last" || r.Failure().Code != failure.Operation || r.Descriptor() != -1 {
						t.Errorf("%q, %v", read, r.Failure())
					}
					// And then anew.
					r.on = map[object.Signal]func(int64){}
					r.SetProxy(proxy.Proxy{Type: proxy.None})
					r.bindAny()
				})
			}
		}
	}
}

// What the proxy says once the relay is made means nothing, however little it is.
func TestWhatTheProxySaysMeansNothing(t *testing.T) {
	relay := proxytest.StartRelay(t, proxytest.Echo)
	speak := make(chan string)
	r := relayed(t, proxytest.Start(t, func(c *proxytest.Conn) {
		c.Read(3)
		c.Say("\x05\x00")
		c.Read(proxytest.AssociateRequest)
		c.Say("\x05\x00\x00" + relay.Address())
		for text := range speak {
			c.Say(text)
		}
	}))
	defer close(speak)
	r.bindRelayed()
	for _, text := range []string{"x", "several", strings.Repeat("much", 1000)} {
		r.log = nil
		speak <- text
		looptest.AwaitReadable(r.relay().control.FD)
		r.settle()
		r.expect()
		r.sendOut("hello")
		if got, _ := r.receive(); got != "hello" {
			t.Errorf("%q has come", got)
		}
	}
}

// heldUp returns a socket whose proxy ends the way of its datagrams once goOn is closed.
func heldUp(t *testing.T) (r *rig, goOn chan struct{}) {
	t.Helper()
	relay := proxytest.StartRelay(t, proxytest.Echo)
	goOn = make(chan struct{})
	return relayed(t, proxytest.Start(t, func(c *proxytest.Conn) {
		c.Read(3)
		c.Say("\x05\x00")
		c.Read(proxytest.AssociateRequest)
		c.Say("\x05\x00\x00" + relay.Address())
		<-goOn
	})), goOn
}

// What has come is told of before the end, also if that is noticed first.
func TestTheEndIsNoticedBeforeTheData(t *testing.T) {
	r, goOn := heldUp(t)
	r.bindRelayed()
	r.sendOut("last")
	looptest.AwaitReadable(r.Descriptor())
	close(goOn)
	control := r.relay().control.FD
	if value, err := option.Get(control, option.KeepAlive); value != 1 || err != nil {
		t.Error("a proxy that is gone is not missed")
	}
	looptest.AwaitReadable(control)
	r.log = nil
	r.on[SignalReadyRead] = func(int64) { r.log = append(r.log, r.take()) }
	r.relay().Ready(0)
	r.expect("readyRead", "last", fmt.Sprint("error ", failure.ProxyConnectionClosed), "state 6", "state 0", "readChannelFinished", "disconnected")
}

// The way of a bound socket ends while it connects, when that has to look a name up first.
func TestTheProxyEndsWhoLooksAName(t *testing.T) {
	r, goOn := heldUp(t)
	p := r.Proxy()
	p.SetCapabilities(proxy.UDPTunneling)
	r.SetProxy(p)
	r.bindRelayed()
	close(goOn)
	looptest.AwaitReadable(r.relay().control.FD)
	r.log = nil
	r.ConnectToHost("localhost", 9, ReadWrite, address.AnyIP)
	r.relay().Ready(0)
	r.expect("state 1", "state 0", fmt.Sprint("error ", failure.ProxyConnectionClosed))
	r.settle()
	r.expect()
	if r.Descriptor() != -1 || r.Failure() != failure.ProxyEnded {
		t.Errorf("%v", r.Failure())
	}
}

// lookingUp calls f with a socket that connects, while the name of its relay is looked up.
func lookingUp(t *testing.T, f func(r *rig, way *relay, hangUp func())) {
	where := proxytest.StartRelay(t, proxytest.Echo)
	for waits := true; waits; { // for the look-up, unless that was faster
		goOn := make(chan struct{})
		hangUp := sync.OnceFunc(func() { close(goOn) })
		r := relayed(t, proxytest.Start(t, func(c *proxytest.Conn) {
			c.Read(3)
			c.Say("\x05\x00")
			c.Read(proxytest.AssociateRequest)
			c.Say("\x05\x00\x00" + where.AddressAt("\x03\x0fno.such.invalid"))
			<-goOn
		}))
		r.ConnectToHost("target.test", 9, ReadWrite, address.AnyIP)
		way := r.cold.through.way.(*relay)
		r.until("the relay is looked up, or was", func() bool { return way.stage != associating })
		if way.stage == naming {
			waits = false
			r.log = nil
			f(r, way, hangUp)
		}
		hangUp()
		r.settle()
	}
}

// The proxy may go while the name of its relay is looked up.
func TestTheProxyEndsWhileItsRelayIsLookedUp(t *testing.T) {
	lookingUp(t, func(r *rig, way *relay, hangUp func()) {
		hangUp()
		looptest.AwaitReadable(way.control.FD)
		way.Ready(0)
		r.expect("state 0", fmt.Sprint("error ", failure.ProxyConnectionClosed))
		if r.Failure() != failure.ProxyClosed {
			t.Errorf("%v", r.Failure())
		}
	})
}

// Who begins to wait when the relay is found goes on at once.
func TestWaitWhenTheRelayIsFound(t *testing.T) {
	lookingUp(t, func(r *rig, way *relay, _ func()) {
		way.cancel()
		way.stage, way.found = named, []address.Address{address.LocalHost}
		if !r.WaitForConnected(-1) {
			t.Errorf("%v", r.Failure())
		}
		r.expect("state 3", "connected")
	})
}

func TestAuthenticationForDatagrams(t *testing.T) {
	relay := proxytest.StartRelay(t, proxytest.Echo)
	takes := func(status string) proxytest.Script {
		return func(c *proxytest.Conn) {
			c.Read(4)
			c.Say("\x05\x02")
			c.Read(5)
			c.Say(status)
			if status == "\x01\x00" {
				c.Read(proxytest.AssociateRequest)
				c.Say("\x05\x00\x00" + relay.Address())
				c.Rest()
			}
		}
	}
	asks := func(c *proxytest.Conn) { c.Read(3); c.Say("\x05\xff") }
	for _, c := range []struct {
		name  string
		says  []proxytest.Script
		pairs [][2]string
		want  failure.Code // Unknown: it works
	}{
		{"right", []proxytest.Script{asks, takes("\x01\x00")}, [][2]string{{"u", "p"}}, failure.Unknown},
		{"wrong", []proxytest.Script{asks, takes("\x01\x01"), takes("\x01\x00")}, [][2]string{{"u", "x"}, {"u", "p"}}, failure.Unknown},
		{"nothing", []proxytest.Script{asks}, nil, failure.ProxyAuthentication},
		{"too long", []proxytest.Script{asks}, [][2]string{{strings.Repeat("u", 256), ""}}, failure.ProxyAuthentication},
	} {
		asked := max(1, len(c.pairs))
		auth := slices.Repeat([]string{"auth"}, asked)
		check := func(t *testing.T, r *rig, seen *[]Authenticator) {
			if len(*seen) != asked || (*seen)[0].Proxy.Host != "127.0.0.1" || r.Authenticator() != nil {
				t.Errorf("%+v", *seen)
			}
			if c.want == failure.Unknown {
				r.sendOut("x")
				r.receive()
			}
		}
		t.Run(c.name+", bind", func(t *testing.T) {
			for way, wait := range relaying {
				r := relayed(t, proxytest.Start(t, c.says...))
				seen := r.fill(c.pairs...)
				r.bindAny()
				r.expect("state 4")
				if c.want == failure.Unknown && way == "waiting" {
					// It stays bound, and that is what a wait is for.
					r.sendOut("x")
					r.WaitForReadyRead(10_000)
					r.take()
					r.expect(append(auth, "bytesWritten 1", "readyRead")...)
				} else if wait(r); c.want == failure.Unknown {
					r.expect(auth...)
				} else {
					r.expect(append(auth, ended(c.want)...)...)
				}
				check(t, r, seen)
			}
		})
		for way, connect := range connecting {
			t.Run(c.name+", connect, "+way, func(t *testing.T) {
				r := relayed(t, proxytest.Start(t, c.says...))
				seen := r.fill(c.pairs...)
				r.ConnectToHost("target.test", 9, ReadWrite, address.AnyIP)
				connect(r)
				if r.log = r.log[2:]; c.want == failure.Unknown {
					r.expect(append(auth, "state 3", "connected")...)
				} else {
					r.expect(append(auth, "state 0", fmt.Sprint("error ", c.want))...)
				}
				check(t, r, seen)
			})
		}
	}
}

// The slots of each signal may do anything to the socket.
func TestRelayedSocketEndsInASlot(t *testing.T) {
	silent(t)
	relay := proxytest.StartRelay(t, proxytest.Echo)
	asks := func(c *proxytest.Conn) { c.Read(3); c.Say("\x05\xff") }
	takes := func(c *proxytest.Conn) {
		c.Read(4)
		c.Say("\x05\x02")
		c.Read(5)
		c.Say("\x01\x00")
		c.Read(proxytest.AssociateRequest)
		c.Say("\x05\x00\x00" + relay.Address())
		c.Read(1) // until it ends, or for one byte that a test says
	}
	refuses := func(c *proxytest.Conn) { c.Read(3) }
	begins := map[string]func(*rig){
		"bind":    func(r *rig) { r.Bind(address.Any, 0, DefaultForPlatform) },
		"write":   func(r *rig) { r.WriteDatagram([]byte("x"), target()) },
		"connect": func(r *rig) { r.ConnectToHost("192.0.2.1", 7, ReadWrite, address.AnyIP) },
	}
	ends := map[string]func(*rig){
		"abort":  func(r *rig) { r.Abort() },
		"close":  func(r *rig) { r.Close() },
		"delete": func(r *rig) { r.Delete() },
		"later":  func(r *rig) { r.DeleteLater() },
		"again": func(r *rig) {
			if r.Abort(); r.Alive() {
				r.SetProxy(proxy.Proxy{Type: proxy.None})
				r.ConnectToAddress(address.LocalHost, 9, ReadWrite)
			}
		},
		"bind": func(r *rig) { r.Bind(address.Any, 0, DefaultForPlatform) },
		"wait": func(r *rig) { r.WaitForConnected(10_000); r.WaitForReadyRead(1) },
		"send": func(r *rig) { r.WriteDatagram([]byte("x"), target()) },
	}
	for _, signal := range []object.Signal{SignalStateChanged, SignalProxyAuthenticationRequired, SignalConnected, SignalHostFound, SignalErrorOccurred, SignalBytesWritten, SignalReadyRead} {
		for begun, begin := range begins {
			for ended, end := range ends {
				for _, last := range []proxytest.Script{takes, refuses} {
					for at := range 3 {
						t.Run(fmt.Sprintf("%s, %s in %s %d", begun, ended, signals[signal], at), func(t *testing.T) {
							r := relayed(t, proxytest.Start(t, asks, last))
							count := 0
							r.fill([2]string{"u", "p"})
							fill := r.on[SignalProxyAuthenticationRequired]
							r.on[signal] = func(int64) {
								if signal == SignalProxyAuthenticationRequired {
									fill(0)
								}
								if count++; count == at+1 {
									end(r)
								}
							}
							begin(r)
							r.until("it has come to an end", func() bool {
								return !r.Alive() || r.State() == Unconnected || r.State() == Connected || r.State() == Bound && r.udp().hears()
							})
							if r.Alive() && (r.State() == Connected || r.State() == Bound) {
								r.WriteDatagram([]byte("y"), target())
							}
							r.settle()
						})
					}
				}
			}
		}
	}
}

func TestOptionsOfRelayedDatagrams(t *testing.T) {
	r, _, _ := echoed(t)
	r.SetOption(option.MulticastTTL, 7)
	r.bindRelayed()
	if !r.SetOption(option.TypeOfService, 32) || r.Option(option.TypeOfService) != 32 || r.Option(option.MulticastTTL) != 7 {
		t.Errorf("%d, %d", r.Option(option.TypeOfService), r.Option(option.MulticastTTL))
	}
	kind, _ := unix.GetsockoptInt(r.Descriptor(), unix.SOL_SOCKET, unix.SO_TYPE)
	if kind != unix.SOCK_DGRAM {
		t.Errorf("kind %d", kind)
	}
	// While it connects, too.
	r, _, _ = echoed(t)
	r.ConnectToHost("target.test", 9, ReadWrite, address.AnyIP)
	if !r.SetOption(option.MulticastTTL, 9) || !r.IsValid() {
		t.Error("it is not set")
	}
	if r.untilLogged("connected"); r.Option(option.MulticastTTL) != 9 {
		t.Errorf("%d", r.Option(option.MulticastTTL))
	}
}

// A relay passes nothing on that goes to many.
func TestMulticastIsNotRelayed(t *testing.T) {
	r, _, _ := echoed(t)
	r.bindAny()
	r.log = nil
	group, _ := address.Parse("224.0.0.9")
	for name, do := range map[string]func() bool{
		"join":      func() bool { return r.JoinGroup(group, 0) },
		"leave":     func() bool { return r.LeaveGroup(group, 0) },
		"interface": func() bool { return r.SetMulticastInterface(1) },
	} {
		r.failure = failure.None
		if do() || r.Failure() != failure.ProxyCannot || r.MulticastInterface() != 0 {
			t.Errorf("%s: %v", name, r.Failure())
		}
	}
	r.expect()
}

func TestWaitFunctionsWithRelay(t *testing.T) {
	r, _, _ := echoed(t)
	r.bindAny()
	if r.WaitForBytesWritten(1) || r.WaitForConnected(1) {
		t.Error("there is nothing to wait for")
	}
	r.sendOut("x", "y")
	r.log = nil
	if !r.WaitForBytesWritten(10_000) || r.BytesToWrite() != 0 || r.WaitForBytesWritten(1) {
		t.Error(r.Failure())
	}
	r.expect("bytesWritten 1", "bytesWritten 1")
	if !r.WaitForReadyRead(10_000) {
		t.Error(r.Failure())
	}
	r.expect("readyRead")
	if got := r.take(); got != "x" {
		t.Errorf("%q", got)
	}
	// One without data is something, too.
	r, _, _ = echoed(t)
	r.sendOut("")
	if !r.WaitForBytesWritten(10_000) {
		t.Error(r.Failure())
	}
	r.expect("state 4", "bytesWritten 0")
	// It drives the set-up as well.
	r, _, _ = echoed(t)
	r.sendOut("x")
	r.log = nil
	if !r.WaitForReadyRead(10_000) {
		t.Error(r.Failure())
	}
	r.expect("bytesWritten 1", "readyRead")
	// Who waits for data waits for the connection first.
	r, _, _ = echoed(t)
	r.on[SignalConnected] = func(int64) { r.say("x") }
	r.ConnectToHost("target.test", 9, ReadWrite, address.AnyIP)
	if !r.WaitForReadyRead(10_000) {
		t.Error(r.Failure())
	}
	if got := r.take(); got != "x" {
		t.Errorf("%q", got)
	}
}

// readyRead comes as it does without a proxy.
func TestReadyReadOfRelayedDatagrams(t *testing.T) {
	r, relay, _ := echoed(t)
	r.bindRelayed()
	r.sendOut("one", "two")
	r.log = nil
	r.untilLogged("readyRead")
	r.until("they have come", func() bool { return len(relay.Got()) == 2 })
	relay.Say(wrapped("three"))
	r.settle()
	r.expect("readyRead")
	if got := r.take(); got != "one" {
		t.Errorf("%q", got)
	}
	r.until("there is another", func() bool { return r.count("readyRead") == 1 })
	for _, want := range []string{"two", "three"} {
		if text, _ := r.receive(); text != want {
			t.Errorf("%q", text)
		}
	}
}

// Many go with each call of the system, in their order, to each its own.
func TestManyRelayedDatagrams(t *testing.T) {
	relay := proxytest.StartRelay(t, nil)
	r := relayed(t, proxytest.Start(t, relay.Associate))
	r.bindRelayed()
	var want []string
	var list []datagram.Outgoing
	for i := range 1000 {
		size := 100
		if i%50 > 40 {
			size = i
		}
		to := target()
		if i%70 > 60 {
			to.Port = uint16(i)
		}
		data := pattern(size)
		list = append(list, datagram.Outgoing{Data: data, Way: datagram.Way{Destination: to}})
		want = append(want, "\x00\x00\x00\x01\xc0\x00\x02\x01"+string(binary.BigEndian.AppendUint16(nil, to.Port))+string(data))
	}
	bytes := 0
	r.on[SignalBytesWritten] = func(n int64) { bytes += int(n) }
	sum := 0
	for i := 0; i < len(list); i += 100 { // as many as the relay's queue holds
		if n := r.WriteDatagrams(100, func(k int, d *datagram.Outgoing) { *d = list[i+k] }); n != 100 {
			t.Fatalf("%d, %v", n, r.Failure())
		}
		for _, d := range list[i : i+100] {
			sum += len(d.Data)
		}
		r.until("they have come", func() bool { return len(relay.Got()) >= i+100 })
	}
	if bytes != sum {
		t.Errorf("%d bytes written, not %d", bytes, sum)
	}
	for i, got := range relay.Got() {
		if got != want[i] {
			t.Fatalf("%d: %d bytes, not %d", i, len(got), len(want[i]))
		}
	}
	// One that cannot go anywhere ends the batch.
	if n := r.WriteDatagrams(3, func(i int, d *datagram.Outgoing) {
		if d.Data = []byte("x"); i < 2 {
			d.Destination = target()
		}
	}); n != 2 || r.Failure().Code != failure.Network {
		t.Errorf("%d, %v", n, r.Failure())
	}
}

// Nothing is allocated for a datagram.
func TestRelayedDatagramsAllocateNothing(t *testing.T) {
	l := looptest.New(t)
	forget()
	plain := func(p proxy.Proxy) *Socket {
		s := NewUDP(l)
		t.Cleanup(s.Delete)
		s.SetProxy(p)
		if !s.Bind(address.LocalHost, 0, DefaultForPlatform) {
			t.Fatal(s.Failure())
		}
		looptest.Until(t, l, "it is bound", s.udp().hears)
		return s
	}
	relay := plain(proxy.Proxy{Type: proxy.None})
	server := proxytest.Start(t, func(c *proxytest.Conn) {
		c.Read(3)
		c.Say("\x05\x00")
		c.Read(proxytest.AssociateRequest)
		c.Say("\x05\x00\x00\x01\x7f\x00\x00\x01" + string(binary.BigEndian.AppendUint16(nil, relay.LocalPort())))
		c.Rest()
	})
	s := plain(proxy.Proxy{Type: proxy.Socks5, Host: "127.0.0.1", Port: server.Port})
	to := target()
	data, space := make([]byte, 100), make([]byte, 200)
	get := func(_ int, d *datagram.Outgoing) { d.Data, d.Destination = data, to }
	var from datagram.Endpoint
	pass := func(s *Socket, want int) {
		for !s.HasPendingDatagrams() {
			looptest.AwaitReadable(s.Descriptor())
		}
		if n := s.ReadDatagram(space, &from); n != want {
			t.Fatalf("%d bytes, not %d", n, want)
		}
	}
	if n := testing.AllocsPerRun(100, func() {
		if s.WriteDatagram(data, to) != 100 || s.WriteDatagrams(3, get) != 3 {
			t.Fatal(s.Failure())
		}
		for range 4 {
			pass(relay, 110)
			relay.WriteDatagram(space[:110], from)
			pass(s, 100)
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// Through a proxy nobody can be told apart from this host.
func TestRelayedDatagramsGoThroughItAlone(t *testing.T) {
	r, relay, _ := echoed(t)
	listener, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	to := datagram.Endpoint{Address: address.LocalHost, Port: uint16(listener.LocalAddr().(*net.UDPAddr).Port)}
	if n := r.WriteDatagram([]byte("x"), to); n != 1 {
		t.Error(r.Failure())
	}
	r.until("it has come", func() bool { return len(relay.Got()) == 1 })
}
