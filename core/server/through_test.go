package server

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/endpoint"
	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/internal/proxytest"
	"qnet/core/option"
	"qnet/core/poll"
	"qnet/core/proxy"
	"qnet/core/socket"
	"qnet/core/sys"
)

// What a proxy says: its method, where it listens, and who has come. It is asked for an IPv4
// address.
const (
	method  = "\x05\x00"
	here    = "\x05\x00\x00\x01\xc0\x00\x02\x01\x12\x34" // 192.0.2.1, port 4660
	who     = "\x05\x00\x00\x01\xc6\x33\x64\x63\x00\x07" // 198.51.100.99, port 7
	request = 10
)

// asks is what it is told, with the port.
func asks(port uint16) string {
	return "\x05\x01\x00" + "\x05\x02\x00\x01\x00\x00\x00\x00" + string([]byte{byte(port >> 8), byte(port)})
}

// door is a proxy that listens at port 4660, next at 4661, and so on.
type door struct {
	*proxytest.Server
	come chan string // what is said then, or leaves
}

// leaves has the proxy end the connection.
const leaves = "leaves"

// knock has somebody come, who says something at once.
func (d *door) knock(text string) { d.come <- who + text }

// heard returns what was asked for on each connection.
func (d *door) heard() []string {
	list := d.Got()
	for i, s := range list {
		list[i] = s[:min(len(s), 3+request)]
	}
	return list
}

// behind returns a server whose proxy does what the scripts say.
func behind(t testing.TB, scripts ...proxytest.Script) (*rig, *proxytest.Server) {
	t.Helper()
	// Another one may have had its port.
	proxy.Keys = &proxy.Keyring{}
	l := looptest.New(t)
	s := proxytest.Start(t, scripts...)
	r := newServer(t, l)
	r.SetProxy(proxy.Proxy{Type: proxy.Socks5, Host: "127.0.0.1", Port: s.Port})
	return r, s
}

// atDoor returns a server that is to listen behind a door, and open one that does.
func atDoor(t testing.TB) (*rig, *door) {
	t.Helper()
	d := &door{come: make(chan string, 100)}
	end := make(chan struct{})
	ports := make(chan byte, 100)
	for i := range byte(cap(ports)) {
		ports <- here[len(here)-1] + i
	}
	newest := make(chan chan struct{}, 1)
	newest <- make(chan struct{})
	r, s := behind(t, func(c *proxytest.Conn) {
		c.Read(3)
		c.Say(method)
		if !c.Read(request) {
			return
		}
		// The one before has a peer, or was given up.
		over := make(chan struct{})
		close(<-newest)
		newest <- over
		c.Say(here[:len(here)-1] + string([]byte{<-ports}))
		select {
		case <-over:
		case text := <-d.come:
			select {
			case <-over:
				d.come <- text // it is for another
				return
			default:
			}
			if text != leaves {
				c.Say(text)
				c.Echo()
			}
		case <-end:
		}
	})
	d.Server = s
	t.Cleanup(func() { close(end) })
	return r, d
}

// open opens one. What the server emits of that is not written down from then on.
func open(t testing.TB) (*rig, *door) {
	t.Helper()
	r, d := atDoor(t)
	r.open(0)
	r.until("it listens", func() bool { return r.count("listening") == 1 })
	r.log, r.mutes = nil, "listening"
	return r, d
}

// open has it listen where the proxy does, which it says later.
func (r *rig) open(port uint16) {
	r.t.Helper()
	if !r.Listen(address.Any, port) || !r.IsListening() {
		r.t.Fatal(r.Failure())
	}
	r.expect()
}

// accepting are the ways to let a connection come.
var accepting = map[string]func(r *rig){
	"in the loop": func(r *rig) { r.t.Helper(); r.until("it is there", func() bool { return r.count("new") > 0 }) },
	"waiting": func(r *rig) {
		r.t.Helper()
		if ok, timedOut := r.WaitForNewConnection(long); !ok || timedOut {
			r.t.Errorf("%v, %v", ok, timedOut)
		}
	},
}

// comes takes a connection, which has said something.
func (r *rig) comes(text string) *socket.Socket {
	r.t.Helper()
	c := r.NextPending()
	if c == nil {
		r.t.Fatalf("nothing is pending: %q", r.log)
	}
	r.until("it has said something", func() bool { return int(c.BytesAvailable()) == len(text) })
	data := make([]byte, len(text))
	c.Read(data)
	if string(data) != text {
		r.t.Errorf("%q", data)
	}
	return c
}

// at writes an endpoint.
func at(a address.Address, port uint16) string { return fmt.Sprintf("%v:%d", a, port) }

func TestListenThrough(t *testing.T) {
	for way, accept := range accepting {
		for _, port := range []uint16{0, 4321} {
			t.Run(fmt.Sprint(way, ", port ", port), func(t *testing.T) {
				r, d := atDoor(t)
				r.open(port)
				if at(r.Address(), r.Port()) != "192.0.2.1:4660" || r.Descriptor() < 0 {
					t.Fatalf("%v: %v:%d", r.Failure(), r.Address(), r.Port())
				}
				for i, text := range []string{"hello", "", "again"} {
					wanted := uint16(4660 + i)
					d.knock(text)
					accept(r)
					want := []string{"listening", "pending", "new", "listening"}[min(i, 1):]
					r.until("it listens again", func() bool { return len(r.log) == len(want) })
					r.expect(want...)
					c := r.comes(text)
					if at(c.LocalAddress(), c.LocalPort()) != at(r.Address(), wanted) || at(c.PeerAddress(), c.PeerPort()) != "198.51.100.99:7" ||
						c.State() != socket.Connected || c.Mode() != socket.ReadWrite || c.Owner() != &r.owner || c.Descriptor() < 0 {
						t.Errorf("%+v", c)
					}
					// It is a connection like any other.
					c.Write([]byte("echo"))
					r.until("it has come back", func() bool { return c.BytesAvailable() == 4 })
				}
				// Who knows the port looks for the server there.
				want := []string{asks(4321), asks(4321), asks(4321), asks(4321)}
				if port == 0 {
					want = []string{asks(0), asks(4660), asks(4661), asks(4662)}
				}
				if got := d.heard(); !slices.Equal(got, want) {
					t.Errorf("got  %q\nwant %q", got, want)
				}
				r.Close()
				if r.IsListening() || r.Port() != 0 || !r.Address().IsNull() || r.Descriptor() != -1 {
					t.Errorf("%v:%d", r.Address(), r.Port())
				}
			})
		}
	}
}

// Each answer may come in pieces, or together with what follows.
func TestAProxysWordsInPieces(t *testing.T) {
	for way, accept := range accepting {
		for name, say := range map[string]func(c *proxytest.Conn){
			"a byte at a time":                    func(c *proxytest.Conn) { c.Spell(here + who + "hello") },
			"at once":                             func(c *proxytest.Conn) { c.Say(here + who + "hello") },
			"the first with a part of the second": func(c *proxytest.Conn) { c.Say(here + who[:3]); c.Say(who[3:] + "hello") },
		} {
			t.Run(name+", "+way, func(t *testing.T) {
				r, _ := behind(t, func(c *proxytest.Conn) {
					c.Read(3)
					c.Spell(method)
					c.Read(request)
					say(c)
					c.Rest()
				}, func(c *proxytest.Conn) { c.Rest() })
				r.open(0)
				accept(r)
				r.expect("listening", "pending", "new")
				if c := r.comes("hello"); at(c.PeerAddress(), c.PeerPort()) != "198.51.100.99:7" {
					t.Errorf("%v:%d", c.PeerAddress(), c.PeerPort())
				}
			})
		}
	}
}

// The proxy ends after each byte that it says. What has not been said is an error of accepting,
// after which it is asked again.
func TestAProxyThatEndsAnywhere(t *testing.T) {
	const all = method + here + who
	for _, byForce := range []bool{false, true} {
		for n := range len(all) + 1 {
			for way, accept := range accepting {
				t.Run(fmt.Sprint(n, " bytes, ", way, ", ", byForce), func(t *testing.T) {
					said, known := make(chan struct{}), n >= len(method+here)
					r, _ := behind(t, func(c *proxytest.Conn) {
						c.Read(3)
						if c.Say(all[:min(n, len(method))]); n >= len(method) {
							c.Read(request)
							c.Say(all[len(method):n])
						}
						if byForce && known {
							// A reset would overtake what was said.
							<-said
						}
						if byForce {
							c.Reset()
						}
					}, func(c *proxytest.Conn) {
						c.Read(3)
						c.Say(method)
						c.Read(request)
						c.Say(here + who)
						c.Rest()
					})
					r.open(0)
					var want []string
					if known {
						want = append(want, "listening")
					}
					if n%2 == 0 || byForce && known {
						// Who asks is told, or that nothing is known, and hears no more of it.
						port := map[bool]uint16{true: 4660}[known]
						if r.Port() != port {
							t.Errorf("port %d", r.Port())
						}
						r.expect()
					}
					close(said)
					if byForce && n == len(all) {
						return
					}
					accept(r)
					r.until("somebody has come", r.HasPending)
					if n < len(all) {
						want = append(want, "error 15", "listening")
					}
					if r.expect(append(want, "pending", "new")...); !r.IsListening() || r.Port() != 4660 {
						t.Errorf("port %d, %v", r.Port(), r.Failure())
					}
				})
			}
		}
	}
}

// The errors are those of Qt 6.12, which knows them in listen().
func TestAProxyDoesNotListen(t *testing.T) {
	replies := func(method, reply string) proxytest.Script {
		return func(c *proxytest.Conn) { c.Read(3); c.Say(method); c.Read(request); c.Say(reply); c.Rest() }
	}
	refuses := func(code string) proxytest.Script {
		return replies(method, "\x05"+code+"\x00\x01\x00\x00\x00\x00\x00\x00")
	}
	told := map[string]func(r *rig){
		"in the loop": func(r *rig) {
			r.until("it is told", func() bool { return len(r.log) > 0 })
		},
		"waiting": func(r *rig) {
			r.on["error"] = func() {
				// Or it would be asked for ever.
				r.Close()
				r.log = append(r.log, "closed")
			}
			if ok, timedOut := r.WaitForNewConnection(long); ok || timedOut {
				r.t.Errorf("%v, %v", ok, timedOut)
			}
		},
	}
	for name, c := range map[string]struct {
		say  proxytest.Script
		want failure.Code
	}{
		"nobody is there":         {nil, failure.ProxyConnectionRefused},
		"reply 1":                 {refuses("\x01"), failure.Network},
		"reply 2":                 {refuses("\x02"), failure.SocketAccess},
		"reply 3":                 {refuses("\x03"), failure.Network},
		"reply 5":                 {refuses("\x05"), failure.ConnectionRefused},
		"reply 7":                 {refuses("\x07"), failure.UnsupportedOperation},
		"reply 9":                 {refuses("\x09"), failure.Unknown},
		"no method":               {replies("\x05\xff", ""), failure.ProxyAuthentication},
		"another method":          {replies("\x05\x03", ""), failure.SocketAccess},
		"another version":         {replies("\x04\x00", ""), failure.ProxyProtocol},
		"another version at last": {replies(method, "\x04\x00"), failure.ProxyProtocol},
		"another type of address": {replies(method, "\x05\x00\x00\x02\x00\x00\x00\x00\x00\x00"), failure.ProxyProtocol},
		"what is reserved":        {replies(method, "\x05\x00\x01\x01\x00\x00\x00\x00\x00\x00"), failure.ProxyProtocol},
		"HTTP":                    {replies("HTTP/1.1 400 What\r\n\r\n", ""), failure.ProxyProtocol},
		"all before it was asked": {replies(method+here, ""), failure.ProxyProtocol},
	} {
		for way, wait := range told {
			t.Run(name+", "+way, func(t *testing.T) {
				r, s := behind(t, c.say)
				if c.say == nil {
					s.Close()
				}
				for range 2 {
					r.open(4321)
					wait(r)
					if way == "waiting" {
						r.expect(fmt.Sprint("error ", c.want), "closed")
						continue
					}
					if r.expect(fmt.Sprint("error ", c.want)); !r.IsListening() || r.Failure().Code != c.want || r.Failure().Text == "" {
						t.Errorf("listens: %v, %v", r.IsListening(), r.Failure())
					}
					// As in Qt it says what was asked for.
					if at(r.Address(), r.Port()) != "0.0.0.0:4321" || r.Descriptor() != -1 {
						t.Errorf("%v:%d", r.Address(), r.Port())
					}
					if r.Close(); r.Port() != 0 || !r.Address().IsNull() {
						t.Errorf("%v:%d", r.Address(), r.Port())
					}
				}
				if !r.Listen(address.LocalHost, 0) || r.Address() != address.LocalHost {
					t.Error(r.Failure())
				}
			})
		}
	}
}

// What can be known to be in vain fails at once.
func TestListenThroughFailsAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		proxy   proxy.Proxy
		without bool // descriptors
		want    failure.Code
	}{
		"a long user":     {proxy.Proxy{User: strings.Repeat("u", 256)}, false, failure.ProxyAuthentication},
		"a long password": {proxy.Proxy{User: "u", Password: strings.Repeat("p", 256)}, false, failure.ProxyAuthentication},
		"no descriptors":  {proxy.Proxy{}, true, failure.SocketResource},
	} {
		t.Run(name, func(t *testing.T) {
			r := newServer(t, looptest.New(t))
			p := c.proxy
			p.Type, p.Host, p.Port = proxy.Socks5, "127.0.0.1", looptest.Listen(t).Port
			r.SetProxy(p)
			restore := func() {}
			if c.without {
				restore = looptest.NoDescriptors(t)
			}
			ok := r.Listen(address.Any, 4321)
			if restore(); ok || r.IsListening() || r.Failure().Code != c.want || r.Port() != 0 || !r.Address().IsNull() {
				t.Errorf("%v, %v, %v:%d", ok, r.Failure(), r.Address(), r.Port())
			}
			r.settle()
			r.expect()
			if ok, timedOut := r.WaitForNewConnection(long); ok || timedOut {
				t.Errorf("%v, %v", ok, timedOut)
			}
		})
	}
}

func TestWhatAProxySaysOfAddresses(t *testing.T) {
	six := func(last, port string) string {
		return "\x05\x00\x00\x04\x20\x01\x0d\xb8" + strings.Repeat("\x00", 11) + last + "\x00" + port
	}
	for name, c := range map[string]struct{ first, second, server, peer string }{
		"IPv6":  {six("\x01", "\x07"), six("\x02", "\x08"), "2001:db8::1:7", "2001:db8::2:8"},
		"names": {"\x05\x00\x00\x03\x04host\x12\x34", "\x05\x00\x00\x03\x04peer\x00\x07", ":4660", ":7"},
		// Who does not tell tells nobody's.
		"none": {"\x05\x00\x00\x01\x00\x00\x00\x00\x12\x34", "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00", "0.0.0.0:4660", ":0"},
	} {
		t.Run(name, func(t *testing.T) {
			r, s := behind(t, func(proxy *proxytest.Conn) {
				proxy.Read(3)
				proxy.Say(method)
				proxy.Read(len(six("", "")) + 2)
				proxy.Say(c.first + c.second)
				proxy.Rest()
			})
			r.SetAddressConnectionLimit(1)
			if !r.Listen(address.AnyIPv6, 4321) || at(r.Address(), r.Port()) != c.server {
				t.Fatalf("%v, %v:%d", r.Failure(), r.Address(), r.Port())
			}
			for range 2 {
				if r.until("somebody has come", r.HasPending); c.peer[0] == ':' {
					break
				}
				// It is known as any address is.
				r.until("the second is refused", func() bool { return r.Refused() > 0 })
			}
			if peer := r.comes(""); at(peer.PeerAddress(), peer.PeerPort()) != c.peer {
				t.Errorf("%v:%d", peer.PeerAddress(), peer.PeerPort())
			}
			if got, want := s.Got()[0], asks(4321)[:6]+"\x04"+strings.Repeat("\x00", 16)+"\x10\xe1"; got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

// silentAfter returns a server whose proxy says no more after n bytes.
func silentAfter(t *testing.T, n int) *rig {
	r, _ := behind(t, func(c *proxytest.Conn) {
		c.Read(3)
		if c.Say((method + here)[:min(n, len(method))]); n >= len(method) {
			c.Read(request)
			c.Say((method + here)[len(method):n])
		}
		c.Rest()
	})
	return r
}

// The proxy is silent after each thing that it might say: that keeps those waiting who ask where
// it listens, but not for ever, and nobody else.
func TestWhereItListensIsWaitedForForSomeTime(t *testing.T) {
	if answerTimeout != 5*time.Second {
		t.Error(answerTimeout)
	}
	defer func(d time.Duration) { answerTimeout = d }(answerTimeout)
	answerTimeout = short * time.Millisecond
	for n := range len(method + here) {
		t.Run(fmt.Sprint(n, " bytes"), func(t *testing.T) {
			r := silentAfter(t, n)
			start := time.Now()
			r.open(4321)
			if at(r.Address(), r.Port()) != "0.0.0.0:4321" || time.Since(start) < answerTimeout {
				t.Errorf("%v:%d after %v", r.Address(), r.Port(), time.Since(start))
			}
			// Nobody waits any more.
			host := looptest.Interrupts(t)
			sys.Signal(host.FD)
			if r.Port() != 4321 || host.Noted != 0 || !r.IsListening() {
				t.Errorf("%d, %d waits", r.Port(), host.Noted)
			}
			sys.Drain(host.FD)
			r.settle()
			r.expect()
		})
	}
}

// Nothing but that waits: a host that interrupts all that does is not asked.
func TestListenThroughDoesNotWait(t *testing.T) {
	r := silentAfter(t, 0)
	host := looptest.Interrupts(t)
	sys.Signal(host.FD)
	r.open(4321)
	r.Pause()
	r.Resume()
	r.SetMaxPending(1)
	r.SetOption(option.KeepAlive, 1)
	if fd := r.Descriptor(); r.HasPending() || r.NextPending() != nil || fd < 0 || r.Option(option.KeepAlive) != 1 || host.Noted != 0 {
		t.Errorf("%d waits", host.Noted)
	}
	if at(r.Address(), r.Port()) != "0.0.0.0:4321" || host.Noted != 2 {
		t.Errorf("%v:%d, %d waits", r.Address(), r.Port(), host.Noted)
	}
	r.Close()
	if r.Port() != 0 || host.Noted != 2 {
		t.Errorf("%d waits", host.Noted)
	}
	sys.Drain(host.FD)
}

// elsewhere has another thread ask for the port, and waits until that waits.
func (r *rig) elsewhere() (done <-chan struct{}, port *uint16) {
	port = new(uint16)
	done = looptest.Elsewhere(func() { looptest.Do(r.l, func() { *port = r.Port() }) })
	r.sleeps()
	return done, port
}

// sleeps waits until somebody waits for the server.
func (r *rig) sleeps() {
	for r.waiters.Len() == 0 {
		r.l.Unlock()
		runtime.Gosched()
		r.l.Lock()
	}
}

// Whoever finds what the proxy says wakes the others.
func TestWhereItListensWhileTheLoopRuns(t *testing.T) {
	waits := make(chan struct{})
	r, _ := behind(t, func(c *proxytest.Conn) {
		c.Read(3)
		c.Say(method)
		c.Read(request)
		<-waits
		c.Say(here + who + "hello")
		c.Rest()
	}, func(c *proxytest.Conn) { c.Rest() })
	r.open(0)
	done, port := r.elsewhere()
	close(waits)
	r.until("somebody has come", r.HasPending)
	if looptest.Await(t, r.l, "it is told", done); *port != 4660 {
		t.Error(*port)
	}
	r.expect("listening", "pending", "new")
	r.comes("hello")
}

// Two threads, one of which ends it.
func TestWhereItListensIsCutShort(t *testing.T) {
	for name, end := range map[string]func(r *rig){
		"Close":  func(r *rig) { r.Close() },
		"Delete": func(r *rig) { r.Delete() },
		"Listen": func(r *rig) {
			warned := warnings(r.t)
			if r.Listen(address.LocalHost, 0) || r.SetDescriptor(0) || len(*warned) != 2 {
				r.t.Errorf("it listens twice: %q", *warned)
			}
			r.Close()
			if !r.Listen(address.LocalHost, 0) {
				r.t.Error(r.Failure())
			}
		},
	} {
		for n := range len(method + here) {
			t.Run(fmt.Sprint(name, ", ", n, " bytes"), func(t *testing.T) {
				r := silentAfter(t, n)
				r.open(4321)
				done, port := r.elsewhere()
				end(r)
				looptest.Await(t, r.l, "it returns", done)
				if r.IsListening() != (name == "Listen") || *port != r.Port() {
					t.Errorf("port %d, listens: %v", *port, r.IsListening())
				}
				r.settle()
				if name == "Listen" {
					r.expect("listening")
				}
			})
		}
	}
}

// It is told as soon as something comes of it, also in a slot, and within no other.
func TestWhereItListensInASlot(t *testing.T) {
	r, d := atDoor(t)
	other := newServer(t, r.l)
	other.on["listening"] = func() {
		r.open(0)
		if r.Port() != 4660 {
			t.Errorf("port %d", r.Port())
		}
		r.expect()
	}
	other.listen()
	r.on["listening"] = func() {
		if r.Port() != 4660 {
			t.Errorf("port %d", r.Port())
		}
		delete(r.on, "listening")
	}
	d.knock("")
	r.until("somebody has come", r.HasPending)
	r.expect("listening", "pending", "new")
}

func TestHostInterruptsWhoAsksWhereItListens(t *testing.T) {
	r, d := atDoor(t)
	host := looptest.Interrupts(t)
	r.open(0)
	sys.Signal(host.FD)
	before := r.Failure()
	if r.Port() != 0 || !r.IsListening() || r.Failure() != before || host.Noted != 1 {
		t.Errorf("%v, interrupted %d times", r.Failure(), host.Noted)
	}
	sys.Drain(host.FD)
	if r.Port() != 4660 {
		t.Error(r.Port())
	}
	d.knock("")
	r.until("somebody has come", r.HasPending)
}

// With one descriptor there is none to wait with.
func TestWhereItListensWithoutDescriptors(t *testing.T) {
	r := silentAfter(t, 0)
	restore := looptest.FewDescriptors(t, 1)
	r.open(4321)
	port := r.Port()
	if restore(); port != 4321 || !r.IsListening() {
		t.Errorf("port %d, %v", port, r.Failure())
	}
}

// It is signalled again once the proxy listens somewhere else, or after a failure.
func TestListeningIsSignalledAgain(t *testing.T) {
	elsewhere := here[:len(here)-1] + "\x35"
	for way, accept := range accepting {
		t.Run(way, func(t *testing.T) {
			says := func(text string) proxytest.Script {
				return func(c *proxytest.Conn) { c.Read(3); c.Say(method); c.Read(request); c.Say(text) }
			}
			r, _ := behind(t, says(here+who), says(here+who), says(elsewhere+who), says(elsewhere), says(elsewhere+who),
				func(c *proxytest.Conn) { says("")(c); c.Rest() })
			r.open(0)
			var log []string
			for range 4 {
				accept(r)
				log = append(log, r.log...)
				r.log = nil
			}
			want := []string{"listening", "pending", "new", "pending", "new", "listening", "pending", "new", "error 15", "listening", "pending", "new"}
			if !slices.Equal(log, want) {
				t.Errorf("got  %q\nwant %q", log, want)
			}
		})
	}
}

// That it listens comes before what comes of it, whoever of two threads finds it.
func TestListeningIsSignalledBeforeTheConnection(t *testing.T) {
	for name, end := range map[string]func(r *rig){
		"nothing": func(*rig) {},
		"Close":   func(r *rig) { r.Close() },
		"Delete":  func(r *rig) { r.Delete() },
	} {
		t.Run(name, func(t *testing.T) {
			r, d := atDoor(t)
			r.on["listening"] = func() { end(r) }
			r.open(0)
			r.Port()
			d.knock("")
			looptest.AwaitReadable(r.Descriptor())
			// As a loop does that has slept until then on the descriptor.
			r.through.via.Ready(poll.In)
			if name == "nothing" {
				r.expect("listening", "pending", "new")
				r.settle()
				return
			}
			r.settle()
			if r.count("new") > 0 || r.Alive() && r.HasPending() {
				t.Errorf("%q", r.log)
			}
		})
	}
}

// A pause keeps nobody from knowing where it listens.
func TestPauseBeforeItListensThrough(t *testing.T) {
	r, d := atDoor(t)
	r.open(0)
	r.Pause()
	d.knock("hello")
	r.until("it listens", func() bool { return r.count("listening") == 1 })
	r.until("it is there", func() bool { return looptest.Readable(r.Descriptor()) })
	r.settle()
	r.expect("listening")
	r.Resume()
	r.until("it is accepted", r.HasPending)
	r.comes("hello")
}

// What fails while it is paused is asked for again when it goes on.
func TestPauseAndAFailureThrough(t *testing.T) {
	r, s := behind(t, func(c *proxytest.Conn) { c.Read(3) }, func(c *proxytest.Conn) { c.Read(3); c.Say(method); c.Read(request); c.Say(here + who); c.Rest() })
	r.open(0)
	r.Pause()
	r.until("it is told, and the time has passed", func() bool { return r.count("error 15") == 1 && !r.retry.Running() })
	r.settle()
	if len(s.Got()) != 1 {
		t.Error("it asks while paused")
	}
	r.Resume()
	r.until("it is accepted", r.HasPending)
	r.expect("error 15", "listening", "pending", "new")
}

// Whoever has come waits at the proxy.
func TestPauseThrough(t *testing.T) {
	r, d := open(t)
	r.Pause()
	d.knock("one")
	d.knock("two")
	r.until("it is there", func() bool { return looptest.Readable(r.Descriptor()) })
	r.settle()
	r.expect()
	// Who waits gets it all the same, and no more comes afterwards.
	if ok, timedOut := r.WaitForNewConnection(long); !ok || timedOut {
		t.Errorf("%v, %v", ok, timedOut)
	}
	r.expect("pending", "new")
	r.comes("one")
	r.until("the next is there", func() bool { return r.Port() == 4661 && looptest.Readable(r.Descriptor()) })
	r.settle()
	r.expect()
	r.Resume()
	r.until("it is accepted", r.HasPending)
	r.comes("two")
	// Paused when it is told, the server has asked for the next already.
	r.log = nil
	r.on["new"] = func() { r.Pause() }
	d.knock("three")
	r.until("it is accepted", r.HasPending)
	r.until("the proxy listens", func() bool { return r.Port() == 4663 })
	r.Resume()
	d.knock("four")
	r.until("both are there", func() bool { return len(r.pending) == 2 })
}

func TestLimitsThrough(t *testing.T) {
	for name, c := range map[string]struct{ set, free func(r *rig) }{
		"pending": {func(r *rig) { r.SetMaxPending(2) }, func(r *rig) { r.NextPending() }},
		"open":    {func(r *rig) { r.SetConnectionLimit(2) }, func(r *rig) { r.NextPending().Delete() }},
	} {
		t.Run(name, func(t *testing.T) {
			r, d := open(t)
			c.set(r)
			for range 4 {
				d.knock("hello")
			}
			for n := range uint16(2) {
				r.until("as many as may be", func() bool {
					return len(r.pending) == 2 && r.Port() == 4662+n && looptest.Readable(r.Descriptor())
				})
				r.settle()
				if n := len(r.pending); n != 2 {
					t.Errorf("%d are pending", n)
				}
				ok, timedOut := r.WaitForNewConnection(short)
				if name == "pending" && (!ok || timedOut) || name == "open" && (ok || !timedOut) {
					t.Errorf("%v, %v", ok, timedOut)
				}
				c.free(r)
			}
			r.until("the last is there", func() bool { return len(r.pending) == 2 && r.Port() == 4664 })
		})
	}
}

// An address is the one that the proxy tells.
func TestAddressLimitThrough(t *testing.T) {
	r, d := open(t)
	r.SetAddressConnectionLimit(2)
	var of string
	r.on["refused"] = func() { of = r.RefusedAddress(r.Refused()).String() }
	for range 3 {
		d.knock("")
	}
	d.come <- strings.Replace(who, "\x63", "\x64", 1)
	r.until("all have come", func() bool { return len(r.log) == 7 })
	if r.expect("pending", "new", "pending", "new", "refused", "pending", "new"); of != "198.51.100.99" || r.OpenConnections() != 3 {
		t.Errorf("%s, %d are open", of, r.OpenConnections())
	}
}

// Nothing of what is behind the proxy's last word is lost.
func TestIncomingThrough(t *testing.T) {
	r, d := open(t)
	var got []string
	r.SetIncoming(func(fd int) {
		text := make([]byte, 10)
		looptest.AwaitReadable(fd)
		n, _ := sys.Recv(fd, text)
		got = append(got, string(text[:n]))
		sys.Close(fd)
	})
	d.knock("one")
	d.knock("two")
	r.until("both have come", func() bool { return len(got) == 2 })
	r.expect("new", "new")
	if !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("%q", got)
	}
}

// Who makes a socket of a descriptor, at once or later, finds the ends that the proxy has told.
func TestSocketsOfDescriptorsThrough(t *testing.T) {
	r, d := open(t)
	r.SetAddressConnectionLimit(1)
	given := map[string]int{}
	r.SetIncoming(func(fd int) {
		if r.accepted > 1 {
			given[at(r.Address(), r.Port())] = fd
			return
		}
		c := socket.New(r.l)
		if !c.SetDescriptor(fd, socket.Connected, socket.ReadWrite) {
			t.Error(c.Failure())
		}
		r.AddPending(c)
	})
	check := func(c *socket.Socket, local, peer string) {
		t.Helper()
		if at(c.LocalAddress(), c.LocalPort()) != local || at(c.PeerAddress(), c.PeerPort()) != peer {
			t.Errorf("from %v:%d to %v:%d", c.LocalAddress(), c.LocalPort(), c.PeerAddress(), c.PeerPort())
		}
	}
	d.knock("hello")
	// It counts for its own address, not for the proxy's.
	d.knock("again")
	d.come <- strings.Replace(who, "\x63", "\x64", 1)
	d.come <- strings.Replace(who, "\x63", "\x65", 1)
	r.until("two are given", func() bool { return len(given) == 2 && r.Port() == 4664 })
	if r.expect("pending", "new", "refused", "new", "new"); r.Refused() != 1 {
		t.Error(r.Refused())
	}
	check(r.comes("hello"), "192.0.2.1:4660", "198.51.100.99:7")
	for local, peer := range map[string]string{"192.0.2.1:4662": "198.51.100.100:7", "192.0.2.1:4663": "198.51.100.101:7"} {
		c := socket.New(r.l)
		c.SetDescriptor(given[local], socket.Connected, socket.ReadWrite)
		check(c, local, peer)
		// Once: then it is a descriptor like any other.
		own, port := endpoint.Local(c.Descriptor())
		again, err := unix.Dup(c.Descriptor())
		if err != nil {
			t.Fatal(err)
		}
		c.SetDescriptor(again, socket.Connected, socket.ReadWrite)
		check(c, at(own, port), at(address.LocalHost, r.proxy.Port))
		c.Delete()
	}
}

func TestEndedInASlotThrough(t *testing.T) {
	for _, signal := range []string{"pending", "new", "refused", "error", "listening"} {
		for name, end := range map[string]func(r *rig){
			"Close":       func(r *rig) { r.Close() },
			"Delete":      func(r *rig) { r.Delete() },
			"DeleteLater": func(r *rig) { r.DeleteLater() },
			"Listen":      func(r *rig) { r.Close(); r.Listen(address.Any, 0) },
		} {
			for _, way := range []string{"in the loop", "waiting"} {
				t.Run(fmt.Sprint(signal, ", ", name, ", ", way), func(t *testing.T) {
					r, d := open(t)
					told := false
					r.on[signal] = func() {
						delete(r.on, signal)
						told = true
						end(r)
					}
					switch signal {
					case "refused":
						r.SetAddressConnectionLimit(1)
						d.knock("")
						r.until("one has come", r.HasPending)
						d.knock("")
					case "error":
						d.come <- leaves
					default:
						d.knock("")
					}
					if way == "waiting" {
						r.WaitForNewConnection(short)
					}
					r.until("it was told", func() bool { return told })
					r.settle()
					if r.Alive() != (name == "Close" || name == "Listen") || r.IsListening() != (name == "Listen") || r.HasPending() {
						t.Errorf("%q", r.log)
					}
					if name == "Listen" {
						r.Port() // it listens
						d.knock("hello")
						r.until("it serves", r.HasPending)
						r.comes("hello")
					}
				})
			}
		}
	}
}

// What keeps connections from coming is told, and tried again later: where the server was,
// and if it cannot be there, where Listen wanted it to be.
func TestAcceptingThroughIsTriedAgain(t *testing.T) {
	for way, accept := range accepting {
		t.Run(way, func(t *testing.T) {
			grant := func(reply string) proxytest.Script {
				return func(c *proxytest.Conn) { c.Read(3); c.Say(method); c.Read(request); c.Say(reply) }
			}
			r, s := behind(t, grant(here), grant(here+"\x05\x01"), grant("\x05\x01"), grant(""), func(c *proxytest.Conn) {
				grant(here + who)(c)
				c.Rest()
			})
			r.open(0)
			if r.Port() != 4660 {
				t.Fatal(r.Port())
			}
			var pauses []time.Duration
			r.on["error"] = func() {
				pauses = append(pauses, r.backOff)
				if !r.IsListening() || r.Port() != 4660 || r.Failure().Text == "" || r.Descriptor() != -1 {
					t.Errorf("port %d, %v", r.Port(), r.Failure())
				}
				// Nobody needs to, nor does it hasten it.
				r.Resume()
			}
			accept(r)
			r.until("somebody has come", r.HasPending)
			want := []string{"listening", "error 15", "listening", "error 7", "error 7", "error 15", "listening", "pending", "new"}
			if r.expect(want...); fmt.Sprint(pauses) != "[50ms 100ms 200ms 400ms]" || r.backOff != 0 {
				t.Errorf("%v, %v", pauses, r.backOff)
			}
			var got []string
			r.until("the next is asked for", func() bool { got = s.Got(); return len(got) == 6 && len(got[5]) == len(asks(0)) })
			if want := []string{asks(0), asks(4660), asks(4660), asks(0), asks(0), asks(4660)}; !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

func TestAcceptingThroughIsNotTriedAgainOnceItHasEnded(t *testing.T) {
	for name, end := range map[string]func(r *rig){
		"Close":  func(r *rig) { r.Close() },
		"Delete": func(r *rig) { r.Delete() },
		"Pause":  func(r *rig) { r.Pause() },
	} {
		for _, when := range []string{"when it is told", "before"} {
			t.Run(name+", "+when, func(t *testing.T) {
				r, d := open(t)
				d.come <- leaves
				ended := false
				if when == "before" {
					looptest.AwaitReadable(r.Descriptor())
					r.through.via.Proceed()
					end(r)
					ended = true
				} else {
					r.on["error"] = func() { end(r); ended = true }
				}
				r.until("it has ended", func() bool { return ended })
				if name != "Pause" {
					r.settle()
					if r.retry.Running() || when == "before" && r.count("error 15") > 0 {
						t.Errorf("%q", r.log)
					}
					return
				}
				r.until("the time has come", func() bool { return r.count("error 15") == 1 && !r.retry.Running() })
				r.settle()
				if len(d.Got()) != 1 {
					t.Error("it asks while paused")
				}
				d.knock("")
				r.Resume()
				r.until("it is there", r.HasPending)
				// Who waits does not mind.
				r.Pause()
				d.come <- leaves
				r.until("the next is there", func() bool { return r.Port() == 4662 && looptest.Readable(r.Descriptor()) })
				d.knock("")
				if ok, timedOut := r.WaitForNewConnection(long); !ok || timedOut {
					t.Errorf("%v, %v", ok, timedOut)
				}
			})
		}
	}
}

// The server is ended while a connection is being asked for, the first or the next, however far
// that has come.
func TestEndedWhileAConnectionIsAskedFor(t *testing.T) {
	for name, end := range map[string]func(r *rig){
		"Close":  func(r *rig) { r.Close() },
		"Delete": func(r *rig) { r.Delete() },
	} {
		for n := range len(method + here + who) {
			for _, which := range []string{"first", "next"} {
				t.Run(fmt.Sprint(name, ", the ", which, ", ", n, " bytes"), func(t *testing.T) {
					said := make(chan struct{})
					scripts := []proxytest.Script{func(c *proxytest.Conn) {
						c.Read(3)
						c.Say(method)
						c.Read(request)
						c.Say(here + who)
						c.Rest()
					}, func(c *proxytest.Conn) {
						c.Read(3)
						if c.Say((method + here + who)[:min(n, len(method))]); n >= len(method) {
							c.Read(request)
							c.Say((method + here + who)[len(method):n])
						}
						close(said)
						c.Rest()
					}}
					if which == "first" {
						scripts = scripts[1:]
					}
					r, s := behind(t, scripts...)
					r.open(0)
					r.until("it has come so far", func() bool {
						select {
						case <-said:
							return true
						default:
							return false
						}
					})
					r.settle()
					end(r)
					r.settle()
					if r.IsListening() || r.Descriptor() != -1 || r.HasPending() || r.count("error 15") != 0 {
						t.Errorf("%q", r.log)
					}
					s.Close() // nothing is left of the connections
				})
			}
		}
	}
}

// The connection that has come needs the descriptor that the next would.
func TestDescriptorsRunOutThrough(t *testing.T) {
	for way, accept := range accepting {
		t.Run(way, func(t *testing.T) {
			r, d := open(t)
			w, err := r.l.NewWaiter()
			if err != nil {
				t.Fatal(err)
			}
			r.l.EndWaiter(w)
			d.knock("hello")
			looptest.AwaitReadable(r.Descriptor())
			free := looptest.NoDescriptors(t)
			r.on["error"] = func() { free() }
			if accept(r); r.count("new") == 0 {
				r.until("it is accepted", r.HasPending)
			}
			r.comes("hello")
			d.knock("")
			r.until("the next is accepted", r.HasPending)
			r.expect("pending", "new", "error 4", "pending", "new")
		})
	}
}

func TestWaitElsewhereThrough(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(r *rig, d *door)
		ok   bool
		loop bool
	}{
		"the loop accepts": {func(r *rig, d *door) { d.knock("") }, true, true},
		"nobody else does": {func(r *rig, d *door) { d.knock("") }, true, false},
		"it is asked anew": {func(r *rig, d *door) { d.come <- leaves; d.knock("") }, true, false},
		"closed":           {func(r *rig, d *door) { r.Close() }, false, false},
		"deleted":          {func(r *rig, d *door) { r.Delete() }, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			r, d := open(t)
			var ok, timedOut bool
			done := looptest.Elsewhere(func() {
				looptest.Do(r.l, func() { ok, timedOut = r.WaitForNewConnection(long) })
			})
			r.sleeps()
			c.end(r, d)
			if c.loop {
				r.until("it is accepted", r.HasPending)
			}
			if looptest.Await(t, r.l, "the wait is over", done); ok != c.ok || timedOut {
				t.Errorf("%v, %v", ok, timedOut)
			}
		})
	}
}

func TestWaitThroughTimesOut(t *testing.T) {
	r, d := open(t)
	if ok, timedOut := r.WaitForNewConnection(short); ok || !timedOut || r.Failure() != failure.PollTimeout {
		t.Errorf("%v, %v", ok, timedOut)
	}
	// Also before it is asked again.
	d.come <- leaves
	r.until("it is told", func() bool { return r.count("error 15") == 1 })
	if ok, timedOut := r.WaitForNewConnection(0); ok || !timedOut {
		t.Errorf("%v, %v", ok, timedOut)
	}
}

// A slot that runs the loop keeps nobody from being accepted.
func TestNestedLoopThrough(t *testing.T) {
	r, d := open(t)
	for range 3 {
		d.knock("")
	}
	r.on["new"] = func() {
		delete(r.on, "new")
		r.until("the others are there", func() bool { return len(r.pending) == 3 })
	}
	r.until("all are there", func() bool { return len(r.pending) == 3 })
}

func TestOptionsThrough(t *testing.T) {
	r, d := atDoor(t)
	if !r.SetOption(option.KeepAlive, 1) || !r.Listen(address.Any, 0) || r.Option(option.KeepAlive) != 1 {
		t.Fatalf("%d, %v", r.Option(option.KeepAlive), r.Failure())
	}
	if r.Close(); !r.SetOption(option.KeepAlive, 0) || !r.Listen(address.Any, 0) || r.Port() == 0 {
		t.Fatalf("port %d, %v", r.Port(), r.Failure())
	}
	// A proxy that listens is kept alive, who has come is not.
	d.knock("")
	was := r.Option(option.KeepAlive)
	r.until("somebody has come", r.HasPending)
	if c := r.comes(""); was != 1 || c.Option(option.KeepAlive) != 0 {
		t.Errorf("%d, then %d", was, c.Option(option.KeepAlive))
	}
	r.until("the next can come", func() bool { return r.through.up })
	if !r.SetOption(option.KeepAlive, 1) {
		t.Error("it is not taken")
	}
	if !r.SetOption(option.LowDelay, 1) || r.SetOption(option.Option(-1), 1) {
		t.Error("it is taken, or not")
	}
	d.knock("")
	last := r.Port()
	r.until("the next can come", func() bool { return r.Port() == last+1 })
	c := r.comes("")
	for _, o := range []option.Option{option.KeepAlive, option.LowDelay} {
		if r.Option(o) != 1 || c.Option(o) != 1 {
			t.Errorf("%d and %d", r.Option(o), c.Option(o))
		}
	}
}

// Nobody is asked for a user and a password: those are shown that are known.
func TestPasswordsThrough(t *testing.T) {
	user := proxy.Credentials{User: "user", Password: "secret"}
	for name, c := range map[string]struct {
		own, kept proxy.Credentials
		entry     string
		want      failure.Code // Unknown: none
	}{
		"its own":       {own: user, entry: "\x01\x00", want: failure.Unknown},
		"kept":          {kept: user, entry: "\x01\x00", want: failure.Unknown},
		"not accepted":  {own: user, entry: "\x01\x01", want: failure.ProxyAuthentication},
		"none is known": {want: failure.ProxyAuthentication},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := behind(t, func(p *proxytest.Conn) {
				if c.entry == "" {
					p.Read(3)
					p.Say("\x05\xff")
					return
				}
				p.Read(4)
				p.Say("\x05\x02")
				p.Read(3 + len(user.User+user.Password))
				p.Say(c.entry)
				p.Read(request)
				p.Say(here)
				p.Rest()
			})
			p := r.Proxy()
			p.User, p.Password = c.own.User, c.own.Password
			r.SetProxy(p)
			if c.kept.User != "" {
				proxy.Keys.Keep(p, proxy.Key{Credentials: c.kept})
			}
			r.open(0)
			works := c.want == failure.Unknown
			r.until("it is told", func() bool { return len(r.log) > 0 })
			if works {
				r.expect("listening")
			} else {
				r.expect(fmt.Sprint("error ", c.want))
			}
			if _, kept := proxy.Keys.Latest(p); kept != works {
				t.Errorf("kept: %v", kept)
			}
		})
	}
}

func TestProxysNameThrough(t *testing.T) {
	r, d := atDoor(t)
	p := r.Proxy()
	p.Host = "localhost"
	r.SetProxy(p)
	if !r.Listen(address.Any, 0) {
		t.Fatal(r.Failure())
	}
	d.knock("")
	r.until("somebody has come, and the name was found again", func() bool { return r.HasPending() && r.through.up })
	p.Host = ""
	r.SetProxy(p)
	r.Close()
	r.log = nil
	r.open(0)
	if r.until("it is told", func() bool { return len(r.log) > 0 }); r.Failure().Code != failure.ProxyNotFound {
		t.Error(r.Failure())
	}
}

// The system may have no room to watch: then it is looked without being told.
func TestListenThroughUnwatched(t *testing.T) {
	r, d := open(t)
	r.Pause()
	other, err := r.l.Watch(r.Descriptor(), 0, r)
	if err != nil {
		t.Fatal(err)
	}
	r.Resume()
	if !r.retry.Running() || r.Failure().Text == "" {
		t.Error("it is watched")
	}
	d.knock("")
	r.l.Unwatch(other)
	// It could be watched now, but nothing tries before the pause is over.
	if r.SetMaxPending(r.MaxPending() + 1); !r.retry.Running() {
		t.Error("it is tried at each change")
	}
	r.until("somebody has come", r.HasPending)
}

func TestListenThroughDante(t *testing.T) {
	port := proxytest.Dante(t)
	proxy.Keys = &proxy.Keyring{}
	r := newServer(t, looptest.New(t))
	r.SetProxy(proxy.Proxy{Type: proxy.Socks5, Host: "127.0.0.1", Port: port})
	r.mutes = "listening"
	r.open(0)
	for range 3 {
		r.log = nil
		p := looptest.DialAt(t, r.Address(), r.Port())
		p.Say("hello")
		r.until("it is accepted, and the next can come", func() bool { return r.HasPending() && r.through.up })
		r.expect("pending", "new")
		c := r.comes("hello")
		if want, port := endpoint.Local(p.FD); at(c.PeerAddress(), c.PeerPort()) != at(want, port) {
			t.Errorf("%v:%d, not %v:%d", c.PeerAddress(), c.PeerPort(), want, port)
		}
		inbox := p.Inbox()
		c.Write([]byte("answer"))
		r.until("the answer is there", inbox.Has(6))
		p.Close()
		r.until("it ends", func() bool { return c.State() == socket.Unconnected })
	}
	r.Close()
	if !r.Listen(address.AnyIPv6, 0) {
		t.Fatal(r.Failure())
	}
	if r.until("it is told", func() bool { return r.count(fmt.Sprint("error ", failure.Network)) == 1 }); r.Port() != 0 {
		t.Errorf("port %d, %v", r.Port(), r.Failure())
	}
}
