package socket

import (
	"testing"

	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/object"
)

func TestConnectToAnAddress(t *testing.T) {
	for _, a := range []address.Address{address.LocalHost, address.LocalHostIPv6} {
		t.Run(a.String(), func(t *testing.T) {
			l := looptest.New(t)
			listener := looptest.ListenAt(t, a, 0, 10)
			r := fresh(t, l)
			if r.State() != Unconnected || r.Mode() != NotOpen || r.Failure() != failure.None || r.Descriptor() != -1 || r.IsValid() {
				t.Error("a fresh socket is not fresh")
			}
			r.on[SignalHostFound] = func(int64) {
				if r.State() != Connecting || r.Descriptor() != -1 {
					t.Errorf("in hostFound: state %d, descriptor %d", r.State(), r.Descriptor())
				}
			}
			r.ConnectToAddress(a, listener.Port, ReadWrite)
			r.expect("state 1", "state 2", "hostFound")
			if r.Mode() != ReadWrite || r.PeerName() != a.String() || !r.IsValid() {
				t.Errorf("mode %d, peer %q", r.Mode(), r.PeerName())
			}
			r.until("it is connected", func() bool { return r.State() == Connected })
			r.expect("state 3", "connected")
			p := listener.Accept()
			if r.PeerAddress() != a || r.PeerPort() != listener.Port || r.LocalAddress() != a || r.LocalPort() == 0 || r.Descriptor() < 0 {
				t.Errorf("peer %v %d, local %v %d, descriptor %d", r.PeerAddress(), r.PeerPort(), r.LocalAddress(), r.LocalPort(), r.Descriptor())
			}
			p.Say("hello")
			r.untilAvailable(5)
			r.settle()
			r.expect("readyRead")
		})
	}
}

func TestConnectToAName(t *testing.T) {
	l := looptest.New(t)
	listener := looptest.Listen(t)
	r := fresh(t, l)
	r.ConnectToHost("localhost", listener.Port, ReadWrite, address.IPv4)
	r.expect("state 1")
	r.until("it is connected", func() bool { return r.State() == Connected })
	r.expect("state 2", "hostFound", "state 3", "connected")
	if r.PeerName() != "localhost" || r.PeerAddress() != address.LocalHost {
		t.Errorf("peer %q at %v", r.PeerName(), r.PeerAddress())
	}
}

func TestRefused(t *testing.T) {
	l := looptest.New(t)
	listener := looptest.Listen(t)
	port := listener.Port
	listener.Close()
	r := fresh(t, l)
	r.ConnectToHost("127.0.0.1", port, ReadWrite, address.AnyIP)
	r.log = nil
	r.untilLogged("error 0")
	// The state first; and the device stays open.
	r.expect("state 0", "error 0")
	if r.Mode() != ReadWrite || r.Failure().Text != "Connection refused" || r.Descriptor() != -1 {
		t.Errorf("mode %d, %q", r.Mode(), r.Failure().Text)
	}
	// It may be used again, and begins without an error.
	second := looptest.Listen(t)
	r.ConnectToAddress(address.LocalHost, second.Port, ReadWrite)
	if r.Failure() != failure.None {
		t.Errorf("an old error: %v", r.Failure())
	}
	r.untilLogged("connected")
}

func TestLackOfDescriptorsInALookupIsNoUnknownHost(t *testing.T) {
	l := looptest.New(t)
	r := fresh(t, l)
	restore := looptest.NoDescriptors(t)
	r.ConnectToHost("localhost", 1, ReadWrite, address.AnyIP)
	r.untilLogged("error 4")
	restore()
	r.expect("state 1", "state 0", "error 4")
	if r.Failure() != failure.OutOfResources {
		t.Error(r.Failure())
	}
}

func TestUnknownHost(t *testing.T) {
	for _, c := range []struct {
		name    string
		connect func(*rig)
	}{
		{"a name that is not known", func(r *rig) { r.ConnectToHost("nosuchhost.invalid", 1, ReadWrite, address.AnyIP) }},
		{"no name", func(r *rig) { r.ConnectToHost("", 1, ReadWrite, address.AnyIP) }},
		{"the null address", func(r *rig) { r.ConnectToAddress(address.Null, 1, ReadWrite) }},
		{"an address of the other protocol", func(r *rig) { r.ConnectToHost("127.0.0.1", 1, ReadWrite, address.IPv6) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := looptest.New(t)
			r := fresh(t, l)
			c.connect(r)
			if r.State() == HostLookup {
				r.say("written early")
			}
			r.untilLogged("error 2")
			r.expect("state 1", "state 0", "error 2")
			if r.Failure().Text != "Host not found" || r.BytesToWrite() != 0 {
				t.Errorf("%q, %d bytes", r.Failure().Text, r.BytesToWrite())
			}
		})
	}
}

func TestSecondConnectLeavesTheFirstAlone(t *testing.T) {
	l := looptest.New(t)
	list := warnings(t)
	listener := looptest.Listen(t)
	r := fresh(t, l)
	r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
	r.log = nil
	r.ConnectToAddress(address.LocalHost, 1, ReadWrite)
	r.expect("error 19")
	expectWarning(t, list, "127.0.0.1")
	r.untilLogged("connected")
	r.log = nil
	r.ConnectToHost("localhost", 1, ReadWrite, address.AnyIP)
	r.expect("error 19")
	expectWarning(t, list, "127.0.0.1")
	if r.State() != Connected || r.Failure().Code != failure.Operation {
		t.Errorf("state %d, %v", r.State(), r.Failure())
	}
	p := listener.Accept()
	p.Say("still there")
	r.untilAvailable(11)
}

func TestAbortWhileConnecting(t *testing.T) {
	listener := looptest.Listen(t)
	full := looptest.ListenAt(t, address.LocalHost, 0, 0)
	full.Fill()
	for _, c := range []struct {
		name    string
		connect func(*rig)
		state   State
	}{
		{"HostLookup", func(r *rig) { r.ConnectToHost("localhost", listener.Port, ReadWrite, address.AnyIP) }, HostLookup},
		{"Connecting", func(r *rig) { r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite) }, Connecting},
		{"unanswered", func(r *rig) { r.ConnectToAddress(address.LocalHost, full.Port, ReadWrite) }, Connecting},
	} {
		for name, end := range map[string]func(*rig){
			"Abort": func(r *rig) { r.Abort() },
			"Abort, once ready": func(r *rig) {
				fd := r.l.FD()
				looptest.Await(r.t, r.l, "there is a result", looptest.Elsewhere(func() { looptest.AwaitReadable(fd) }))
				r.Abort()
			},
		} {
			if name != "Abort" && c.name == "unanswered" {
				continue
			}
			t.Run(c.name+"/"+name, func(t *testing.T) {
				l := looptest.New(t)
				r := fresh(t, l)
				c.connect(r)
				if r.State() != c.state {
					t.Fatalf("state %d", r.State())
				}
				r.say("never sent")
				r.log = nil
				end(r)
				r.expect("aboutToClose", "state 0", "readChannelFinished")
				if r.State() != Unconnected || r.Mode() != NotOpen || r.BytesToWrite() != 0 || r.Descriptor() != -1 {
					t.Errorf("state %d, mode %d, %d bytes", r.State(), r.Mode(), r.BytesToWrite())
				}
				// Nothing comes afterwards, from the look-up, say.
				other := fresh(t, l)
				other.ConnectToHost("localhost", listener.Port, ReadWrite, address.IPv4)
				other.untilLogged("connected")
				r.settle()
				r.expect()
			})
		}
	}
}

func TestClosedWhileConnectingItConnectsFirst(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(*rig)
		want []string
	}{
		"Disconnect": {func(r *rig) { r.Disconnect() }, nil},
		"Close":      {func(r *rig) { r.Close() }, []string{"aboutToClose"}},
	} {
		for _, state := range []State{HostLookup, Connecting} {
			t.Run(name, func(t *testing.T) {
				l := looptest.New(t)
				listener := looptest.Listen(t)
				r := fresh(t, l)
				if state == HostLookup {
					r.ConnectToHost("localhost", listener.Port, ReadWrite, address.IPv4)
				} else {
					r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
				}
				r.say("written early")
				r.log = nil
				c.end(r)
				r.expect(c.want...)
				if r.State() != state {
					t.Errorf("state %d", r.State())
				}
				r.until("it is over", func() bool { return r.State() == Unconnected })
				var want []string
				if state == HostLookup {
					want = []string{"state 2", "hostFound"}
				}
				r.expect(append(want, "state 3", "connected", "state 6", "bytesWritten 13", "state 0", "readChannelFinished", "disconnected")...)
				in := listener.Accept().Inbox()
				r.until("the peer has it all", in.Ended)
				if string(in.Data) != "written early" || in.End != looptest.ErrEnd {
					t.Errorf("the peer got %q, %v", in.Data, in.End)
				}
			})
		}
	}
}

func TestWrittenEarlyIsSentOnceConnected(t *testing.T) {
	l := looptest.New(t)
	for _, c := range []struct{ early, late string }{{"early ", "late"}, {"early ", ""}, {"x", ""}} {
		listener := looptest.Listen(t)
		r := fresh(t, l)
		r.ConnectToHost("localhost", listener.Port, ReadWrite, address.IPv4)
		r.say(c.early)
		r.on[SignalConnected] = func(int64) { r.say(c.late) }
		if r.FlushNow() || r.BytesToWrite() != int64(len(c.early)) {
			t.Errorf("%d bytes to write", r.BytesToWrite())
		}
		size := len(c.early + c.late)
		r.untilLogged("bytesWritten " + itoa(size))
		in := listener.Accept().Inbox()
		r.until("the peer has it all", in.Has(size))
		want(t, "the peer", string(in.Data), c.early+c.late)
	}
}

func TestReconnectInASlot(t *testing.T) {
	for _, signal := range []object.Signal{SignalErrorOccurred, SignalStateChanged} {
		t.Run("refused, in "+signals[signal], func(t *testing.T) {
			l := looptest.New(t)
			closed := looptest.Listen(t)
			closed.Close()
			listener := looptest.Listen(t)
			r := fresh(t, l)
			r.ConnectToAddress(address.LocalHost, closed.Port, ReadWrite)
			r.on[signal] = func(int64) {
				if r.State() == Unconnected {
					r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
					r.say("second")
				}
			}
			r.untilLogged("bytesWritten 6")
			in := listener.Accept().Inbox()
			r.until("the peer has it", in.Has(6))
			if r.State() != Connected || r.Failure() != failure.None {
				t.Errorf("state %d, %v", r.State(), r.Failure())
			}
		})
	}
	for _, signal := range []object.Signal{SignalDisconnected, SignalReadChannelFinished, SignalStateChanged} {
		t.Run("closed by the peer, in "+signals[signal], func(t *testing.T) {
			l := looptest.New(t)
			listener := looptest.Listen(t)
			r, p := connected(t, l)
			r.on[signal] = func(int64) {
				if r.State() == Unconnected {
					r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
					r.say("second")
				}
			}
			p.Close()
			r.untilLogged("bytesWritten 6")
			in := listener.Accept().Inbox()
			r.until("the peer has it", in.Has(6))
			if r.State() != Connected || r.PeerPort() != listener.Port {
				t.Errorf("state %d, port %d", r.State(), r.PeerPort())
			}
		})
	}
}

func TestEndedInASlotWhileConnecting(t *testing.T) {
	listener := looptest.Listen(t)
	for name, c := range map[string]struct {
		signal object.Signal
		state  State
		host   string
	}{
		"HostLookup": {SignalStateChanged, HostLookup, "localhost"},
		"Connecting": {SignalStateChanged, Connecting, "127.0.0.1"},
		"hostFound":  {SignalHostFound, Connecting, "127.0.0.1"},
		"Connected":  {SignalStateChanged, Connected, "127.0.0.1"},
		"connected":  {SignalConnected, Connected, "127.0.0.1"},
	} {
		for how, end := range map[string]func(*rig){
			"Abort":  func(r *rig) { r.Abort() },
			"Delete": func(r *rig) { r.Delete() },
			"Abort and connect": func(r *rig) {
				r.on = nil
				r.Abort()
				r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
			},
		} {
			t.Run(name+"/"+how, func(t *testing.T) {
				l := looptest.New(t)
				r := fresh(t, l)
				ended := 0
				r.on[c.signal] = func(int64) {
					if r.State() == c.state {
						ended++
						end(r)
						r.log = nil
					}
				}
				r.ConnectToHost(c.host, listener.Port, ReadWrite, address.IPv4)
				r.until("it was ended", func() bool { return ended > 0 })
				if how == "Abort and connect" {
					r.until("it is connected", func() bool { return r.State() == Connected })
					return
				}
				r.settle()
				r.expect()
				if r.State() != Unconnected || ended != 1 {
					t.Errorf("state %d, ended %d times", r.State(), ended)
				}
			})
		}
	}
}

func TestConnectionFromABoundAddress(t *testing.T) {
	l := looptest.New(t)
	listener := looptest.Listen(t)
	r := fresh(t, l)
	local, _ := address.Parse("127.0.0.5")
	if !r.Bind(local, 0, DefaultForPlatform) {
		t.Fatal(r.Failure())
	}
	r.expect("state 4")
	fd, port := r.Descriptor(), r.LocalPort()
	if fd < 0 || port == 0 || r.LocalAddress() != local {
		t.Errorf("descriptor %d, %v, port %d", fd, r.LocalAddress(), port)
	}
	r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
	r.untilLogged("connected")
	r.expect("state 1", "state 2", "hostFound", "state 3", "connected")
	if r.Descriptor() != fd || r.LocalPort() != port || r.LocalAddress() != local {
		t.Errorf("descriptor %d, %v, port %d", r.Descriptor(), r.LocalAddress(), r.LocalPort())
	}
}

func TestRefusedFromABoundAddress(t *testing.T) {
	l := looptest.New(t)
	closed := looptest.Listen(t)
	closed.Close()
	r := fresh(t, l)
	if !r.Bind(address.LocalHost, 0, DefaultForPlatform) {
		t.Fatal(r.Failure())
	}
	r.ConnectToAddress(address.LocalHost, closed.Port, ReadWrite)
	r.untilLogged("error 0")
	if r.Descriptor() != -1 || r.State() != Unconnected {
		t.Errorf("descriptor %d, state %d", r.Descriptor(), r.State())
	}
}

// A bound descriptor may have connected before that is told: what is written until then waits.
func TestWrittenEarlyUnbufferedWaits(t *testing.T) {
	l := looptest.New(t)
	for _, bound := range []bool{false, true} {
		listener := looptest.Listen(t)
		r := fresh(t, l)
		if bound && !r.Bind(address.LocalHost, 0, DefaultForPlatform) {
			t.Fatal(r.Failure())
		}
		r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite|Unbuffered)
		r.say("early")
		if r.State() != Connecting || r.BytesToWrite() != 5 {
			t.Errorf("bound: %v; state %d, %d bytes to write", bound, r.State(), r.BytesToWrite())
		}
		r.untilLogged("connected")
		in := listener.Accept().Inbox()
		r.until("the peer has it", in.Has(5))
		want(t, "the peer", string(in.Data), "early")
	}
}
