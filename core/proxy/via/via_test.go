package via

import (
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
	"qnet/core/loop"
	"qnet/core/option"
	"qnet/core/poll"
	"qnet/core/proxy"
	"qnet/core/proxy/socks5"
	"qnet/core/proxy/tunnel"
	"qnet/core/sys"
)

// owner is one that writes down what it is told, and keeps what is connected.
type owner struct {
	t       *testing.T
	l       *loop.Loop
	v       *Via
	log     []string
	opened  int
	refuses error
	asked   func() (string, string)
	won     Connection
	failure *failure.Failure
	waiters loop.Waiters
}

// As network_proxy.h has it.
func TestTimes(t *testing.T) {
	if silence != 30*time.Second || timeout != 2*time.Minute {
		t.Errorf("%v, %v", silence, timeout)
	}
}

func newOwner(t *testing.T, p proxy.Proxy) *owner {
	t.Helper()
	o := &owner{t: t, l: looptest.New(t), won: Connection{FD: -1}}
	var step proxy.Step = tunnel.New(p, &proxy.Keyring{}, proxy.Target{Name: "target.test", Port: 7})
	if p.Type == proxy.Socks5 {
		step, _ = socks5.New(p, &proxy.Keyring{}, socks5.Connect, proxy.Target{Name: "target.test", Port: 7})
	}
	o.v = &Via{Home: looptest.Home(o.l), Owner: o, Proxy: p, Step: step, Bound: -1}
	t.Cleanup(func() {
		o.v.Close()
		if o.won.FD >= 0 {
			o.l.Unwatch(o.won.Watch)
			sys.Close(o.won.FD)
		}
	})
	return o
}

func at(typ proxy.Type, port uint16) proxy.Proxy {
	return proxy.Proxy{Type: typ, Host: "127.0.0.1", Port: port}
}

func (o *owner) Open(to address.Address) (int, error) {
	if o.refuses != nil {
		return -1, o.refuses
	}
	o.opened++
	return endpoint.Open(to)
}

func (o *owner) Ask(q proxy.Question) (string, string) {
	o.log = append(o.log, "ask")
	if o.asked == nil {
		return q.User, q.Password
	}
	return o.asked()
}

func (o *owner) Connected(c Connection) {
	o.log = append(o.log, "connected")
	o.won = c
}

func (o *owner) Failed(f *failure.Failure) {
	o.log = append(o.log, "failed")
	o.failure = f
}

func (o *owner) Notify() { o.waiters.Notify() }

func (o *owner) Over() bool                                      { return o.won.FD >= 0 || o.failure != nil }
func (o *owner) Wants(list []poll.Waited) ([]poll.Waited, int64) { return o.v.Wants(list) }
func (o *owner) Proceed([]poll.Waited)                           { o.v.Proceed() }

// ways are those to go on: with the loop, and waiting without it.
var ways = map[string]func(o *owner){
	"in the loop": func(o *owner) { o.t.Helper(); looptest.Until(o.t, o.l, "it is over", o.Over) },
	"waiting": func(o *owner) {
		o.t.Helper()
		if e, err := o.waiters.Wait(o.l, time.Now().Add(looptest.Patience), o); e != loop.Done || err != nil {
			o.t.Fatalf("%d, %v", e, err)
		}
	},
}

func (o *owner) expect(want ...string) {
	o.t.Helper()
	if !slices.Equal(o.log, want) {
		o.t.Errorf("got  %q (%v)\nwant %q", o.log, o.failure, want)
	}
}

const (
	good   = "HTTP/1.1 200 OK\r\n\r\n"
	asks   = "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=r\r\nContent-Length: 0\r\n\r\n"
	closes = "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=r\r\nConnection: close\r\n\r\n"
)

func TestWhatIsBehindTheLastWordStaysInTheSystem(t *testing.T) {
	for way, goOn := range ways {
		t.Run(way, func(t *testing.T) {
			s := proxytest.Start(t, func(c *proxytest.Conn) { c.Head(); c.Say(good + "data"); c.Rest() })
			o := newOwner(t, at(proxy.HTTP, s.Port))
			o.v.Begin()
			goOn(o)
			o.expect("connected")
			var p [10]byte
			if n, err := sys.Recv(o.won.FD, p[:]); string(p[:max(0, n)]) != "data" || o.won.Watch == 0 || o.v.FD() != -1 {
				t.Errorf("%q, %v", p[:max(0, n)], err)
			}
		})
	}
}

// A proxy has several addresses, which are tried as any host's are.
func TestProxysAddressesAreTriedSideBySide(t *testing.T) {
	silent, answering := looptest.HalfSilent(t)
	o := newOwner(t, at(proxy.Socks5, silent.Port))
	o.v.dialTo([]address.Address{address.LocalHost, address.LocalHostIPv6})
	looptest.Until(t, o.l, "it has come to the other address", answering.Waiting)
	peer := answering.Accept()
	inbox := peer.Inbox()
	looptest.Until(t, o.l, "it greets", inbox.Has(3))
	peer.Say("\x05\x00")
	looptest.Until(t, o.l, "it asks", inbox.Has(3+18))
	peer.Say("\x05\x00\x00\x01\x7f\x00\x00\x01\x12\x34")
	looptest.Until(t, o.l, "it is over", o.Over)
	if o.expect("connected"); o.won.Bound.Port != 0x1234 {
		t.Errorf("%+v", o.won)
	}
}

func TestSilentProxyIsGivenUp(t *testing.T) {
	for way, goOn := range ways {
		for name, say := range map[string]string{"nothing": "", "too little": "HTTP/1.1 2"} {
			t.Run(name+", "+way, func(t *testing.T) {
				s := proxytest.Start(t, func(c *proxytest.Conn) { c.Head(); c.Say(say); c.Rest() })
				o := newOwner(t, at(proxy.HTTP, s.Port))
				o.v.Begin()
				looptest.Until(t, o.l, "it talks", func() bool { return strings.HasSuffix(strings.Join(s.Got(), ""), "\r\n\r\n") })
				looptest.Settle(t, o.l)
				now := sys.Now()
				due, running := o.v.timer.Due()
				if left := time.Duration(due - now); !running || left > silence || left < silence-looptest.Patience/2 {
					t.Errorf("given up in %v", left)
				}
				// As if that time had passed.
				o.l.StartTimer(&o.v.timer, time.Millisecond)
				goOn(o)
				if o.expect("failed"); o.failure != failure.ProxySilent {
					t.Error(o.failure)
				}
			})
		}
	}
}

func TestProxyThatEnds(t *testing.T) {
	for way, goOn := range ways {
		for name, c := range map[string]struct {
			say  proxytest.Script
			want *failure.Failure
		}{
			"at once":           {func(*proxytest.Conn) {}, failure.ProxyClosed},
			"at once, by force": {(*proxytest.Conn).Reset, failure.ProxyClosed},
			"later":             {func(c *proxytest.Conn) { c.Head(); c.Say("HTTP/1.1 2") }, failure.ProxyClosed},
			"later, by force":   {func(c *proxytest.Conn) { c.Head(); c.Reset() }, failure.ProxyClosed},
			"after a refusal":   {func(c *proxytest.Conn) { c.Head(); c.Say("HTTP/1.1 503 No\r\n\r\n") }, nil},
		} {
			t.Run(name+", "+way, func(t *testing.T) {
				o := newOwner(t, at(proxy.HTTP, proxytest.Start(t, c.say).Port))
				o.v.Begin()
				goOn(o)
				o.expect("failed")
				if c.want != nil && o.failure != c.want || c.want == nil && o.failure.Code != failure.ConnectionRefused {
					t.Error(o.failure)
				}
			})
		}
	}
}

// A proxy cannot know what has become of a request that was not made.
func TestHastyProxy(t *testing.T) {
	s := proxytest.Start(t, func(c *proxytest.Conn) {
		c.Read(3)
		c.Say("\x05\x00\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
		c.Rest()
	})
	o := newOwner(t, at(proxy.Socks5, s.Port))
	o.v.Begin()
	looptest.Until(t, o.l, "it is over", o.Over)
	if o.expect("failed"); o.failure != hasty {
		t.Error(o.failure)
	}
}

// A descriptor that was given is used, and left to whoever gave it.
func TestBoundDescriptor(t *testing.T) {
	for say, want := range map[string][]string{good: {"connected"}, closes: {"ask", "failed"}} {
		t.Run(want[len(want)-1], func(t *testing.T) {
			s := proxytest.Start(t, func(c *proxytest.Conn) { c.Head(); c.Say(say); c.Rest() })
			o := newOwner(t, at(proxy.HTTP, s.Port))
			fd, err := endpoint.Open(address.LocalHost)
			if err != nil {
				t.Fatal(err)
			}
			o.v.Bound = fd
			o.asked = func() (string, string) { return "u", "p" }
			o.v.Begin()
			looptest.Until(t, o.l, "it is over", o.Over)
			o.expect(want...)
			if o.failure == nil {
				if o.won.FD != fd {
					t.Errorf("%d, not %d", o.won.FD, fd)
				}
				return
			}
			if o.failure != failure.ProxyClosed || o.opened != 0 {
				t.Errorf("%v, %d descriptors", o.failure, o.opened)
			}
			if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil {
				t.Errorf("it was closed: %v", err)
			}
			sys.Close(fd)
		})
	}
}

// One that says a byte now and then is not waited for for ever either.
func TestSlowProxyIsGivenUp(t *testing.T) {
	say := make(chan string)
	s := proxytest.Start(t, func(c *proxytest.Conn) {
		for text := range say {
			c.Say(text)
		}
	})
	defer close(say)
	o := newOwner(t, at(proxy.HTTP, s.Port))
	o.v.Begin()
	looptest.Until(t, o.l, "it talks", func() bool { return o.v.stage == talking })
	if left := time.Duration(o.v.end - sys.Now()); left > timeout || left < timeout-looptest.Patience {
		t.Errorf("given up in %v", left)
	}
	o.v.end = sys.Now() + int64(20*time.Millisecond)
	say <- "H"
	looptest.Until(t, o.l, "it is over", o.Over)
	if o.expect("failed"); o.failure != failure.ProxySilent {
		t.Error(o.failure)
	}
}

// Nobody is hurried who looks for a password.
func TestTimeOfAQuestionDoesNotCount(t *testing.T) {
	s := proxytest.Start(t, func(c *proxytest.Conn) { c.Head(); c.Say(asks); c.Head(); c.Say(good); c.Rest() })
	o := newOwner(t, at(proxy.HTTP, s.Port))
	o.asked = func() (string, string) {
		if o.v.timer.Running() || o.v.stage != asking {
			t.Error("the time runs")
		}
		o.v.end = 0 // as if it had run out
		looptest.Settle(t, o.l)
		return "u", "p"
	}
	o.v.Begin()
	looptest.Until(t, o.l, "it is over", o.Over)
	o.expect("ask", "connected")
}

func TestProxyIsConnectedAgain(t *testing.T) {
	for way, goOn := range ways {
		t.Run(way, func(t *testing.T) {
			s := proxytest.Start(t, func(c *proxytest.Conn) { c.Head(); c.Say(closes) }, func(c *proxytest.Conn) { c.Head(); c.Say(good); c.Rest() })
			o := newOwner(t, at(proxy.HTTP, s.Port))
			o.asked = func() (string, string) { return "u", "p" }
			o.v.Begin()
			goOn(o)
			if o.expect("ask", "connected"); o.opened != 2 || len(s.Got()) != 2 {
				t.Errorf("%d descriptors, %q", o.opened, s.Got())
			}
		})
	}
}

func TestDescriptorsThatCannotBeHad(t *testing.T) {
	o := newOwner(t, at(proxy.HTTP, 1))
	o.refuses = unix.EMFILE
	o.v.Begin()
	if o.expect("failed"); o.failure != failure.OutOfResources {
		t.Error(o.failure)
	}
}

// The owner may close it whenever it is called, and then nothing more is said.
func TestClosed(t *testing.T) {
	listener := looptest.Listen(t)
	asking := proxytest.Start(t, func(c *proxytest.Conn) { c.Head(); c.Say(asks); c.Rest() })
	for name, c := range map[string]struct {
		port  uint16
		until func(*owner) bool
	}{
		"before it is connected": {listener.Port, func(*owner) bool { return true }},
		"while it talks":         {listener.Port, func(o *owner) bool { return o.v.stage == talking }},
		"while it asks":          {asking.Port, func(o *owner) bool { return o.v.stage == closed }},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOwner(t, at(proxy.HTTP, c.port))
			o.asked = func() (string, string) { o.v.Close(); return "u", "p" }
			o.v.Begin()
			looptest.Until(t, o.l, "it has come so far", func() bool { return c.until(o) })
			o.v.Close()
			o.v.Close()
			looptest.Settle(t, o.l)
			if list, _ := o.v.Wants(nil); o.Over() || o.v.FD() != -1 || len(list) != 0 || o.v.SetOption(option.LowDelay, 1) {
				t.Errorf("%q", o.log)
			}
			o.v.Proceed()
			o.v.Ready(poll.In)
		})
	}
}

func TestOptions(t *testing.T) {
	s := proxytest.Start(t, func(c *proxytest.Conn) { c.Rest() })
	o := newOwner(t, at(proxy.HTTP, s.Port))
	o.v.Begin()
	set := func(value int) {
		t.Helper()
		if !o.v.SetOption(option.KeepAlive, value) {
			t.Error("it is not taken")
		}
		if got, err := option.Get(o.v.FD(), option.KeepAlive); got != value || err != nil {
			t.Errorf("%d, %v", got, err)
		}
	}
	set(1)
	looptest.Until(t, o.l, "it talks", func() bool { return o.v.stage == talking })
	set(0)
	set(1)
}

// What the system does not take at once goes out later.
func TestLongRequest(t *testing.T) {
	p := at(proxy.HTTP, 0)
	const size = 8 << 20
	p.SetHeader("X", strings.Repeat("x", size))
	for way, goOn := range ways {
		t.Run(way, func(t *testing.T) {
			s := proxytest.Start(t, func(c *proxytest.Conn) { c.Read(size); c.Head(); c.Say(good); c.Rest() })
			p.Port = s.Port
			o := newOwner(t, p)
			o.v.Begin()
			goOn(o)
			o.expect("connected")
			if got := s.Got()[0]; len(got) < size || !strings.HasSuffix(got, "x\r\n\r\n") {
				t.Errorf("%d bytes", len(got))
			}
		})
	}
}
