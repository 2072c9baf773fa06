package socket

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/internal/proxytest"
	"qnet/core/object"
	"qnet/core/option"
	"qnet/core/proxy"
)

// forget forgets what proxies were told before: another one may have had the same port.
func forget() { proxy.Keys = &proxy.Keyring{} }

// proxied returns a socket with a proxy that is a server of the test.
func proxied(t testing.TB, typ proxy.Type, s *proxytest.Server) *rig {
	t.Helper()
	forget()
	r := fresh(t, looptest.New(t))
	r.SetProxy(proxy.Proxy{Type: typ, Host: "127.0.0.1", Port: s.Port})
	return r
}

const (
	socksName  = "\x05\x01\x00\x03\x0btarget.test\x00\x07"
	socksGood  = "\x05\x00\x00\x01\x7f\x00\x00\x01\x12\x34"
	httpGood   = "HTTP/1.1 200 OK\r\n\r\n"
	httpAsks   = "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"r\"\r\nContent-Length: 4\r\n\r\nbody"
	httpCloses = "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"r\"\r\nConnection: close\r\n\r\nbody"
)

// socks is a SOCKS 5 proxy that answers a request for a name, or for an IPv4 address.
func socks(reply string) proxytest.Script { return socksFor(len(socksName), reply) }

func socksFor(n int, reply string) proxytest.Script {
	return func(c *proxytest.Conn) {
		c.Read(3)
		c.Say("\x05\x00")
		c.Read(n)
		c.Say(reply)
		c.Echo()
	}
}

const ipv4Request = 10

// http is one of HTTP that answers each request in turn.
func http(replies ...string) proxytest.Script {
	return func(c *proxytest.Conn) {
		for _, reply := range replies {
			c.Head()
			c.Say(reply)
		}
		c.Echo()
	}
}

// httpThenCloses says something to a request and closes the connection.
func httpThenCloses(reply string) proxytest.Script {
	return func(c *proxytest.Conn) { c.Head(); c.Say(reply) }
}

// connecting are the ways to let a socket connect.
var connecting = map[string]func(r *rig){
	"in the loop": func(r *rig) {
		r.until("it is connected or not", func() bool { return r.State() == Connected || r.State() == Unconnected })
	},
	"waiting": func(r *rig) {
		if got := r.WaitForConnected(10_000); got != (r.State() == Connected) {
			r.t.Errorf("WaitForConnected = %v in state %d", got, r.State())
		}
	},
}

// The signals, the states and the errors are those of Qt 6.12.

func TestThroughProxies(t *testing.T) {
	for _, c := range []struct {
		name  string
		typ   proxy.Type
		say   proxytest.Script
		local string
	}{
		{"SOCKS", proxy.Socks5, socks(socksGood + "first"), "127.0.0.1:4660"},
		{"SOCKS, a byte at a time", proxy.Socks5, func(c *proxytest.Conn) {
			c.Read(3)
			c.Spell("\x05\x00")
			c.Read(len(socksName))
			c.Spell(socksGood + "first")
			c.Echo()
		}, "127.0.0.1:4660"},
		{"SOCKS, with a name as address", proxy.Socks5, socks("\x05\x00\x00\x03\x04host\x12\x34first"), ":4660"},
		{"HTTP", proxy.HTTP, http(httpGood + "first"), "127.0.0.1"},
		{"HTTP, a byte at a time", proxy.HTTP, func(c *proxytest.Conn) { c.Head(); c.Spell(httpGood + "first"); c.Echo() }, "127.0.0.1"},
	} {
		for way, connect := range connecting {
			t.Run(c.name+", "+way, func(t *testing.T) {
				r := proxied(t, c.typ, proxytest.Start(t, c.say))
				r.ConnectToHost("target.test", 7, ReadWrite, address.AnyIP)
				// The proxy looks the name up: nothing is found here.
				r.expect("state 1", "state 2")
				r.say("early ")
				connect(r)
				r.untilAvailable(int64(len("firstearly ")))
				if got := slices.DeleteFunc(r.log, func(s string) bool { return s == "readyRead" || strings.HasPrefix(s, "bytesWritten") }); !slices.Equal(got, []string{"state 3", "connected"}) {
					t.Errorf("%q", got)
				}
				local := fmt.Sprintf("%v:%d", r.LocalAddress(), r.LocalPort())
				if !strings.HasPrefix(local, c.local) || r.PeerName() != "target.test" || !r.PeerAddress().IsNull() || r.PeerPort() != 7 || r.Descriptor() < 0 {
					t.Errorf("local %s, peer %q at %v:%d", local, r.PeerName(), r.PeerAddress(), r.PeerPort())
				}
				if got := r.all(); got != "firstearly " {
					t.Errorf("%q", got)
				}
				// It is a connection like any other.
				r.say("late")
				r.untilAvailable(4)
				r.log = nil
				r.Disconnect()
				r.until("it ends", func() bool { return r.State() == Unconnected })
				if r.all() != "late" || r.count("disconnected") != 1 {
					t.Errorf("%q", r.log)
				}
			})
		}
	}
}

func TestAddressThroughProxy(t *testing.T) {
	s := proxytest.Start(t, socksFor(ipv4Request, socksGood))
	r := proxied(t, proxy.Socks5, s)
	r.ConnectToHost("192.0.2.1", 7, ReadWrite, address.AnyIP)
	r.untilLogged("connected")
	r.expect("state 1", "state 2", "hostFound", "state 3", "connected")
	if a, _ := address.Parse("192.0.2.1"); r.PeerAddress() != a || r.PeerPort() != 7 {
		t.Errorf("%v:%d", r.PeerAddress(), r.PeerPort())
	}
	if got := s.Got(); got[0] != "\x05\x01\x00\x05\x01\x00\x01\xc0\x00\x02\x01\x00\x07" {
		t.Errorf("%q", got)
	}
	// The same through HTTP, and with an IPv6 address.
	s = proxytest.Start(t, http(httpGood))
	r = proxied(t, proxy.HTTP, s)
	r.ConnectToHost("2001:db8::7", 80, ReadWrite, address.AnyIP)
	r.untilLogged("connected")
	if got := s.Got(); !strings.HasPrefix(got[0], "CONNECT [2001:db8::7]:80 HTTP/1.1\r\nHost: [2001:db8::7]:80\r\n") {
		t.Errorf("%q", got)
	}
}

func TestProxyFails(t *testing.T) {
	refused := proxytest.Start(t, http())
	refused.Close()
	for _, c := range []struct {
		name string
		typ  proxy.Type
		say  proxytest.Script
		want failure.Code
	}{
		{"SOCKS refuses", proxy.Socks5, socks("\x05\x05"), failure.ConnectionRefused},
		{"SOCKS finds nothing", proxy.Socks5, socks("\x05\x04\x00\x01\x00\x00\x00\x00\x00\x00"), failure.HostNotFound},
		{"SOCKS closes at once", proxy.Socks5, func(*proxytest.Conn) {}, failure.ProxyConnectionClosed},
		{"SOCKS closes later", proxy.Socks5, func(c *proxytest.Conn) { c.Read(3); c.Say("\x05\x00"); c.Read(5) }, failure.ProxyConnectionClosed},
		{"SOCKS resets", proxy.Socks5, func(c *proxytest.Conn) { c.Read(3); c.Reset() }, failure.ProxyConnectionClosed},
		{"SOCKS is HTTP", proxy.Socks5, func(c *proxytest.Conn) { c.Read(3); c.Say("HTTP/1.1 400 What\r\n\r\n"); c.Rest() }, failure.ProxyProtocol},
		{"SOCKS says all at once", proxy.Socks5, func(c *proxytest.Conn) { c.Read(3); c.Say("\x05\x00" + socksGood); c.Rest() }, failure.ProxyProtocol},
		{"SOCKS wants to know more", proxy.Socks5, func(c *proxytest.Conn) { c.Read(3); c.Say("\x05\xff"); c.Rest() }, failure.ProxyAuthentication},
		{"HTTP denies", proxy.HTTP, http("HTTP/1.1 403 No\r\n\r\n"), failure.SocketAccess},
		{"HTTP closes", proxy.HTTP, httpThenCloses("HTTP/1.1 200"), failure.ProxyConnectionClosed},
		{"HTTP resets", proxy.HTTP, func(c *proxytest.Conn) { c.Reset() }, failure.ProxyConnectionClosed},
		{"HTTP says too much", proxy.HTTP, http("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("y", 300_000) + "\r\n\r\n"), failure.ProxyProtocol},
		{"HTTP wants to know more", proxy.HTTP, http(httpAsks), failure.ProxyAuthentication},
		{"nobody is there", proxy.HTTP, nil, failure.ProxyConnectionRefused},
		{"nobody is there of SOCKS", proxy.Socks5, nil, failure.ProxyConnectionRefused},
	} {
		for way, connect := range connecting {
			t.Run(c.name+", "+way, func(t *testing.T) {
				s := refused
				if c.say != nil {
					s = proxytest.Start(t, c.say)
				}
				r := proxied(t, c.typ, s)
				r.on[SignalErrorOccurred] = func(int64) {
					if r.State() != Unconnected || r.Mode() == NotOpen || r.Failure().Text == "" {
						t.Errorf("state %d, mode %d, %v", r.State(), r.Mode(), r.Failure())
					}
				}
				r.ConnectToHost("target.test", 7, ReadWrite, address.AnyIP)
				r.say("early")
				connect(r)
				r.settle()
				r.log = slices.DeleteFunc(r.log, func(s string) bool { return s == "auth" })
				r.expect("state 1", "state 2", "state 0", fmt.Sprint("error ", c.want))
				if r.Failure().Code != c.want || r.PeerName() != "target.test" || r.BytesToWrite() != 0 {
					t.Errorf("%v, %q, %d bytes to write", r.Failure(), r.PeerName(), r.BytesToWrite())
				}
			})
		}
	}
}

func TestProxyThatIsNotFound(t *testing.T) {
	r := fresh(t, looptest.New(t))
	r.SetProxy(proxy.Proxy{Type: proxy.Socks5, Host: "", Port: 1080})
	r.ConnectToHost("target.test", 7, ReadWrite, address.AnyIP)
	r.until("it fails", func() bool { return r.State() == Unconnected })
	r.expect("state 1", "state 2", "state 0", fmt.Sprint("error ", failure.ProxyNotFound))
}

func TestProxiesThatSocketsCannotUse(t *testing.T) {
	unable := proxy.Proxy{Type: proxy.Socks5, Host: "127.0.0.1", Port: 1}
	unable.SetCapabilities(proxy.Listening | proxy.UDPTunneling | proxy.HostNameLookup)
	for _, p := range []proxy.Proxy{{Type: proxy.HTTPCaching, Host: "127.0.0.1", Port: 1}, {Type: proxy.FTPCaching}, unable} {
		r := fresh(t, looptest.New(t))
		r.SetProxy(p)
		r.ConnectToHost("target.test", 7, ReadWrite, address.AnyIP)
		r.expect(fmt.Sprint("error ", failure.UnsupportedOperation))
		if r.State() != Unconnected || r.Mode() != NotOpen || r.PeerName() != "target.test" || !r.Proxy().Equal(p) {
			t.Errorf("state %d, mode %d, peer %q", r.State(), r.Mode(), r.PeerName())
		}
	}
}

// Names that no host can have are not for the proxy to find out.
func TestNamesThatAreNone(t *testing.T) {
	s := proxytest.Start(t, socks(socksGood))
	r := proxied(t, proxy.Socks5, s)
	for _, name := range []string{"", "a b", "a\r\nX: y", strings.Repeat("a.", 130), strings.Repeat("a", 300)} {
		r.log = nil
		r.ConnectToHost(name, 7, ReadWrite, address.AnyIP)
		r.expect("state 1", "state 0", fmt.Sprint("error ", failure.HostNotFound))
	}
	if got := s.Got(); len(got) != 0 {
		t.Errorf("%q", got)
	}
}

// A proxy that cannot look names up is given addresses, one after the other.
func TestNameIsLookedUpHere(t *testing.T) {
	for way, connect := range connecting {
		t.Run(way, func(t *testing.T) {
			s := proxytest.Start(t, func(c *proxytest.Conn) {
				c.Read(3)
				c.Say("\x05\x00")
				c.Read(ipv4Request)
				c.Say(socksGood)
				c.Echo()
			})
			r := proxied(t, proxy.Socks5, s)
			p := r.Proxy()
			p.SetCapabilities(proxy.Tunneling)
			r.SetProxy(p)
			r.ConnectToHost("localhost", 7, ReadWrite, address.IPv4)
			r.expect("state 1")
			connect(r)
			r.expect("state 2", "hostFound", "state 3", "connected")
			if r.PeerAddress() != address.LocalHost || s.Got()[0] != "\x05\x01\x00\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x07" {
				t.Errorf("%v, %q", r.PeerAddress(), s.Got())
			}
			r.Abort()
			r.log = nil
			r.ConnectToHost("", 7, ReadWrite, address.AnyIP)
			connect(r)
			r.expect("state 1", "state 0", fmt.Sprint("error ", failure.HostNotFound))
		})
	}
}

func TestNextAddressIsTriedThroughTheProxy(t *testing.T) {
	l := looptest.New(t)
	forget()
	s := proxytest.Start(t,
		func(c *proxytest.Conn) {
			c.Read(3)
			c.Say("\x05\x00")
			c.Read(ipv4Request)
			c.Say("\x05\x05")
			c.Rest()
		},
		func(c *proxytest.Conn) { c.Read(3); c.Say("\x05\x00"); c.Read(22); c.Say(socksGood); c.Echo() })
	r := fresh(t, l)
	p := proxy.Proxy{Type: proxy.Socks5, Host: "127.0.0.1", Port: s.Port}
	r.SetProxy(p)
	if _, ok := r.begin("target.test", 7, ReadWrite); !ok {
		t.Fatal("it does not begin")
	}
	r.connectThrough(p, 7).use([]address.Address{address.LocalHost, address.LocalHostIPv6})
	r.untilLogged("connected")
	r.expect("state 1", "state 2", "hostFound", "state 3", "connected")
	if r.PeerAddress() != address.LocalHostIPv6 || len(s.Got()) != 2 {
		t.Errorf("%v, %q", r.PeerAddress(), s.Got())
	}
	// Not where it is the proxy that fails.
	s = proxytest.Start(t, func(*proxytest.Conn) {})
	p.Port = s.Port
	r = fresh(t, l)
	r.begin("target.test", 7, ReadWrite)
	r.connectThrough(p, 7).use([]address.Address{address.LocalHost, address.LocalHostIPv6})
	r.until("it fails", func() bool { return r.State() == Unconnected })
	if r.Failure() != failure.ProxyClosed || len(s.Got()) != 1 {
		t.Errorf("%v, %q", r.Failure(), s.Got())
	}
}

// fill has the authenticator filled with one pair after the other, and then no more.
func (r *rig) fill(pairs ...[2]string) *[]Authenticator {
	var seen []Authenticator
	r.on[SignalProxyAuthenticationRequired] = func(int64) {
		a := r.Authenticator()
		seen = append(seen, *a)
		if len(pairs) > 0 {
			a.User, a.Password = pairs[0][0], pairs[0][1]
			pairs = pairs[1:]
		}
	}
	return &seen
}

func TestAuthentication(t *testing.T) {
	const ofUP = "Proxy-Authorization: Basic dTpw\r\n"
	socksAsks := func(c *proxytest.Conn) { c.Read(3); c.Say("\x05\xff") }
	socksTakes := func(status string) proxytest.Script {
		return func(c *proxytest.Conn) {
			c.Read(4)
			c.Say("\x05\x02")
			c.Read(5)
			c.Say(status)
			if status == "\x01\x00" {
				c.Read(len(socksName))
				c.Say(socksGood)
				c.Echo()
			}
		}
	}
	for _, c := range []struct {
		name  string
		typ   proxy.Type
		says  []proxytest.Script
		pairs [][2]string
		asked int
		want  failure.Code // Unknown: connected
	}{
		{"HTTP", proxy.HTTP, []proxytest.Script{http(httpAsks, httpGood)}, [][2]string{{"u", "p"}}, 1, failure.Unknown},
		{"HTTP, closed", proxy.HTTP, []proxytest.Script{httpThenCloses(httpCloses), http(httpGood)}, [][2]string{{"u", "p"}}, 1, failure.Unknown},
		{"HTTP, closed unexpectedly", proxy.HTTP, []proxytest.Script{httpThenCloses(httpAsks), http(httpGood)}, [][2]string{{"u", "p"}}, 1, failure.Unknown},
		{"HTTP, wrong", proxy.HTTP, []proxytest.Script{http(httpAsks, httpAsks, httpGood)}, [][2]string{{"u", "x"}, {"u", "p"}}, 2, failure.Unknown},
		{"HTTP, wrong and then nothing", proxy.HTTP, []proxytest.Script{http(httpAsks, httpAsks)}, [][2]string{{"u", "x"}}, 2, failure.ProxyAuthentication},
		{"HTTP, nothing", proxy.HTTP, []proxytest.Script{http(httpAsks)}, nil, 1, failure.ProxyAuthentication},
		{"SOCKS", proxy.Socks5, []proxytest.Script{socksAsks, socksTakes("\x01\x00")}, [][2]string{{"u", "p"}}, 1, failure.Unknown},
		{"SOCKS, wrong", proxy.Socks5, []proxytest.Script{socksAsks, socksTakes("\x01\x01"), socksTakes("\x01\x00")}, [][2]string{{"u", "x"}, {"u", "p"}}, 2, failure.Unknown},
		{"SOCKS, nothing", proxy.Socks5, []proxytest.Script{socksAsks}, nil, 1, failure.ProxyAuthentication},
		{"SOCKS, too long", proxy.Socks5, []proxytest.Script{socksAsks}, [][2]string{{strings.Repeat("u", 256), ""}}, 1, failure.ProxyAuthentication},
	} {
		for way, connect := range connecting {
			t.Run(c.name+", "+way, func(t *testing.T) {
				s := proxytest.Start(t, c.says...)
				r := proxied(t, c.typ, s)
				seen := r.fill(c.pairs...)
				r.ConnectToHost("target.test", 7, ReadWrite, address.AnyIP)
				connect(r)
				want := []string{"state 1", "state 2"}
				want = append(want, slices.Repeat([]string{"auth"}, c.asked)...)
				if c.want == failure.Unknown {
					want = append(want, "state 3", "connected")
				} else {
					want = append(want, "state 0", fmt.Sprint("error ", c.want))
				}
				r.expect(want...)
				if len(*seen) != c.asked || (*seen)[0].Proxy.Host != "127.0.0.1" || (*seen)[0].Realm != map[proxy.Type]string{proxy.HTTP: "r"}[c.typ] {
					t.Errorf("%+v", *seen)
				}
				if r.Authenticator() != nil {
					t.Error("the authenticator is still there")
				}
				if c.want != failure.Unknown {
					return
				}
				if c.typ == proxy.HTTP && !strings.Contains(strings.Join(s.Got(), ""), ofUP) {
					t.Errorf("%q", s.Got())
				}
				r.say("hello")
				r.untilAvailable(5)
			})
		}
	}
}

// Who was let in once is not asked again.
func TestCredentialsAreKept(t *testing.T) {
	s := proxytest.Start(t, http(httpAsks, httpGood), http(httpGood))
	r := proxied(t, proxy.HTTP, s)
	r.fill([2]string{"u", "p"})
	for range 2 {
		r.ConnectToHost("target.test", 7, ReadWrite, address.AnyIP)
		r.until("it is connected", func() bool { return r.State() == Connected })
		r.Abort()
	}
	if r.count("auth") != 1 || !strings.Contains(s.Got()[1], "Proxy-Authorization: Basic dTpw") {
		t.Errorf("%q, %q", r.log, s.Got())
	}
}

// The slots of each signal may do anything to the socket.
func TestSocketEndsInASlot(t *testing.T) {
	for _, signal := range []object.Signal{SignalStateChanged, SignalProxyAuthenticationRequired, SignalConnected, SignalHostFound, SignalErrorOccurred} {
		for _, typ := range []proxy.Type{proxy.Socks5, proxy.HTTP} {
			for name, end := range map[string]func(*rig){
				"abort":  func(r *rig) { r.Abort() },
				"close":  func(r *rig) { r.Close() },
				"delete": func(r *rig) { r.Delete() },
				"again": func(r *rig) {
					if r.Abort(); r.Alive() {
						r.SetProxy(proxy.Proxy{Type: proxy.None})
						r.ConnectToAddress(address.LocalHost, 9, ReadWrite)
					}
				},
				"wait": func(r *rig) { r.WaitForConnected(10_000) },
			} {
				for at := range 3 {
					t.Run(fmt.Sprintf("%s in %s %d, %d", name, signals[signal], at, typ), func(t *testing.T) {
						say := http(httpAsks, httpGood)
						if typ == proxy.Socks5 {
							say = func(c *proxytest.Conn) { c.Read(3); c.Say("\x05\xff") }
						}
						if signal == SignalErrorOccurred {
							say = func(c *proxytest.Conn) {}
						}
						r := proxied(t, typ, proxytest.Start(t, say))
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
						r.ConnectToHost("192.0.2.1", 7, ReadWrite, address.AnyIP)
						r.until("it has come to an end", func() bool {
							return !r.Alive() || r.State() == Unconnected || r.State() == Connected
						})
						looptest.Settle(t, r.l)
					})
				}
			}
		}
	}
}

func TestCancelledInEachState(t *testing.T) {
	stages := map[string]proxytest.Script{
		"silent from the beginning": func(c *proxytest.Conn) { c.Rest() },
		"silent after the method":   func(c *proxytest.Conn) { c.Read(3); c.Say("\x05\x00"); c.Rest() },
		"silent in the reply":       func(c *proxytest.Conn) { c.Read(3); c.Say("\x05\x00"); c.Read(5); c.Say("\x05\x00\x00"); c.Rest() },
	}
	for name, say := range stages {
		for what, cancel := range map[string]func(*rig){
			"abort":  func(r *rig) { r.Abort() },
			"delete": func(r *rig) { r.Delete() },
			"wait that is too short": func(r *rig) {
				if r.WaitForConnected(1) || r.Failure() != failure.WaitTimeout || r.State() != Unconnected {
					r.t.Errorf("%v in state %d", r.Failure(), r.State())
				}
			},
		} {
			t.Run(name+", "+what, func(t *testing.T) {
				s := proxytest.Start(t, say)
				r := proxied(t, proxy.Socks5, s)
				r.ConnectToHost("target.test", 7, ReadWrite, address.AnyIP)
				r.until("the proxy has heard of it", func() bool { return len(s.Got()) > 0 })
				cancel(r)
				if r.count("error 16") != 0 || r.Alive() && (r.State() != Unconnected || r.Descriptor() != -1) {
					t.Errorf("%q", r.log)
				}
				looptest.Settle(t, r.l)
			})
		}
	}
}

// Closed while it connects, it still connects, sends what was written, and closes.
func TestCloseWhileConnectingThroughAProxy(t *testing.T) {
	s := proxytest.Start(t, http(httpGood))
	r := proxied(t, proxy.HTTP, s)
	r.ConnectToHost("target.test", 7, ReadWrite, address.AnyIP)
	r.say("last words")
	r.Disconnect()
	r.untilLogged("disconnected")
	r.until("the proxy has it", func() bool { return strings.HasSuffix(s.Got()[0], "last words") })
	r.expect("state 1", "state 2", "state 3", "connected", "state 6", "bytesWritten 10", "state 0", "readChannelFinished", "disconnected")
}

func TestOptionsThroughAProxy(t *testing.T) {
	s := proxytest.Start(t, httpThenCloses(httpCloses), http(httpGood))
	r := proxied(t, proxy.HTTP, s)
	r.on[SignalProxyAuthenticationRequired] = func(int64) {
		r.Authenticator().User = "u"
		if !r.SetOption(option.KeepAlive, 1) || r.Option(option.KeepAlive) != 1 || !r.IsValid() {
			t.Error("it is not set on the connection to the proxy")
		}
	}
	r.SetOption(option.LowDelay, 1)
	r.ConnectToHost("target.test", 7, ReadWrite, address.AnyIP)
	r.untilLogged("connected")
	if r.Option(option.LowDelay) != 1 || r.Option(option.KeepAlive) != 1 {
		t.Errorf("%d, %d", r.Option(option.LowDelay), r.Option(option.KeepAlive))
	}
}

// A bound descriptor is the one that is connected to the proxy.
func TestBoundSocketThroughAProxy(t *testing.T) {
	r := proxied(t, proxy.HTTP, proxytest.Start(t, http(httpGood)))
	if !r.Bind(address.LocalHost, 0, DefaultForPlatform) {
		t.Fatal(r.Failure())
	}
	port, fd := r.LocalPort(), r.Descriptor()
	r.ConnectToHost("target.test", 7, ReadWrite, address.AnyIP)
	r.untilLogged("connected")
	if r.LocalPort() != port || r.Descriptor() != fd {
		t.Errorf("port %d, not %d; descriptor %d, not %d", r.LocalPort(), port, r.Descriptor(), fd)
	}
	// It cannot be connected again.
	r = proxied(t, proxy.HTTP, proxytest.Start(t, httpThenCloses(httpCloses)))
	r.Bind(address.LocalHost, 0, DefaultForPlatform)
	r.fill([2]string{"u", "p"})
	r.ConnectToHost("target.test", 7, ReadWrite, address.AnyIP)
	r.until("it fails", func() bool { return r.State() == Unconnected })
	if r.Failure() != failure.ProxyClosed || r.Descriptor() != -1 {
		t.Errorf("%v, descriptor %d", r.Failure(), r.Descriptor())
	}
}

func TestApplicationsProxy(t *testing.T) {
	t.Cleanup(func() { proxy.Process.SetProxy(proxy.Proxy{}) })
	s := proxytest.Start(t, http(httpGood))
	r := proxied(t, proxy.Default, s)
	p := proxy.Proxy{Type: proxy.HTTP, Host: "127.0.0.1", Port: s.Port}
	var asked []proxy.Query
	proxy.Process.SetFactory(func(q proxy.Query) []proxy.Proxy {
		looptest.Do(r.l, func() { asked = append(asked, q) }) // the lock is free
		return []proxy.Proxy{{Type: proxy.HTTPCaching}, p}
	})
	r.SetProtocolTag("http")
	r.ConnectToHost("192.0.2.1", 7, ReadWrite, address.AnyIP)
	r.untilLogged("connected")
	if want := (proxy.Query{PeerHost: "192.0.2.1", PeerPort: 7, LocalPort: -1, ProtocolTag: "http"}); len(asked) != 1 || asked[0] != want {
		t.Errorf("%+v", asked)
	}
	// One's own comes first, and the application's is not for this host.
	listener := looptest.Listen(t)
	for _, own := range []proxy.Type{proxy.None, proxy.Default} {
		r.Abort()
		r.SetProxy(proxy.Proxy{Type: own})
		r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
		r.until("it is connected", func() bool { return r.State() == Connected })
		if r.PeerPort() != listener.Port || len(asked) != 1 {
			t.Errorf("%d, %+v", r.PeerPort(), asked)
		}
	}
	// A factory may do anything to the socket.
	for name, act := range map[string]func(){
		"connect": func() {
			r.SetProxy(proxy.Proxy{Type: proxy.None})
			r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
		},
		"delete": func() { r.Delete() },
	} {
		r.Abort()
		r.SetProxy(proxy.Proxy{})
		r.log = nil
		proxy.Process.SetFactory(func(proxy.Query) []proxy.Proxy { looptest.Do(r.l, act); return []proxy.Proxy{p} })
		r.ConnectToHost("target.test", 7, ReadWrite, address.AnyIP)
		if name == "connect" && (r.PeerName() != "127.0.0.1" || r.count("state 1") != 1) || name == "delete" && r.Alive() {
			t.Errorf("%s: %q, %q", name, r.PeerName(), r.log)
		}
		if !r.Alive() {
			return
		}
		r.until("it is connected", func() bool { return r.State() == Connected })
	}
}

// A wait that somebody makes who is asked for a password ends: the attempt goes on with
// the answer.
func TestWaitWhileAsked(t *testing.T) {
	r := proxied(t, proxy.HTTP, proxytest.Start(t, http(httpAsks, httpGood)))
	r.on[SignalProxyAuthenticationRequired] = func(int64) {
		if r.WaitForConnected(-1) || r.State() != Connecting {
			t.Errorf("it is connected, in state %d", r.State())
		}
		r.Authenticator().User = "u"
	}
	r.ConnectToHost("target.test", 7, ReadWrite, address.AnyIP)
	if !r.WaitForConnected(10_000) {
		t.Error(r.Failure())
	}
	r.expect("state 1", "state 2", "auth", "state 3", "connected")
}

// A slot that aborts is asked no more, and so are those that come after it.
func TestWhoAbortsIsAskedNoMore(t *testing.T) {
	r := proxied(t, proxy.HTTP, proxytest.Start(t, http(httpAsks, httpGood)))
	asked := 0
	r.on[SignalProxyAuthenticationRequired] = func(int64) {
		asked++
		if r.Authenticator() == nil {
			t.Error("nothing is asked")
		}
		if r.Abort(); r.Authenticator() != nil {
			t.Error("something is still asked")
		}
	}
	r.On(SignalProxyAuthenticationRequired, func(int64) {
		looptest.Do(r.l, func() {
			if r.Authenticator() != nil {
				t.Error("the next one is asked")
			}
		})
	})
	r.ConnectToHost("target.test", 7, ReadWrite, address.AnyIP)
	r.until("it is over", func() bool { return asked > 0 && r.State() == Unconnected })
	if r.settle(); asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

// Who waits on another thread is not kept waiting by who is asked.
func TestWaitElsewhereWhileAsked(t *testing.T) {
	r := proxied(t, proxy.HTTP, proxytest.Start(t, http(httpAsks, httpGood)))
	r.On(SignalProxyAuthenticationRequired, func(int64) {
		for sleeps := false; !sleeps; runtime.Gosched() {
			looptest.Do(r.l, func() { sleeps = r.awaited() })
		}
		looptest.Do(r.l, func() { r.Authenticator().User = "u" })
	})
	r.ConnectToHost("target.test", 7, ReadWrite, address.AnyIP)
	var connected bool
	done := looptest.Elsewhere(func() {
		looptest.Do(r.l, func() { connected = r.WaitForConnected(10_000) })
	})
	looptest.Await(t, r.l, "it is connected", done)
	if !connected {
		t.Error(r.Failure())
	}
}

func TestMildFaultsDoNotShowThroughAProxy(t *testing.T) {
	for _, text := range mild {
		for way, connect := range connecting {
			t.Run(text+", "+way, func(t *testing.T) {
				forget()
				s := proxytest.Start(t, httpThenCloses(httpCloses), http(httpGood+"first"))
				r := fresh(t, faulty(t, "seed=1,"+text))
				r.SetProxy(proxy.Proxy{Type: proxy.HTTP, Host: "127.0.0.1", Port: s.Port})
				r.on[SignalProxyAuthenticationRequired] = func(int64) { r.Authenticator().User = "u" }
				// There may be no memory for a descriptor.
				for tries := 0; r.State() != Connected; tries++ {
					if tries > 200 {
						t.Fatal(r.Failure())
					}
					if r.Failure().Code != failure.Unknown && r.Failure() != failure.OutOfResources {
						t.Fatal(r.Failure())
					}
					r.ConnectToHost("target.test", 7, ReadWrite, address.AnyIP)
					connect(r)
				}
				r.say("early")
				r.untilAvailable(int64(len("firstearly")))
				if got := r.all(); got != "firstearly" {
					t.Errorf("%q", got)
				}
			})
		}
	}
}
