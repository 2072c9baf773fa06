package socket

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"qnet/core/address"
	"qnet/core/datagram"
	"qnet/core/endpoint"
	"qnet/core/failure"
	"qnet/core/fault"
	"qnet/core/internal/looptest"
	"qnet/core/internal/proxytest"
	"qnet/core/object"
	"qnet/core/proxy"
)

// heldBack returns a UDP socket whose proxy makes the way once goOn is called.
func heldBack(t testing.TB) (r *rig, relay *proxytest.Relay, goOn func()) {
	t.Helper()
	relay = proxytest.StartRelay(t, nil)
	open := make(chan struct{})
	r = relayed(t, proxytest.Start(t, func(c *proxytest.Conn) { <-open; relay.Associate(c) }))
	closed := false
	goOn = func() {
		if !closed {
			closed = true
			close(open)
		}
	}
	t.Cleanup(goOn)
	return r, relay, goOn
}

// untilGot waits until the relay has as many datagrams, which must be these.
func (r *rig) untilGot(relay *proxytest.Relay, want ...string) {
	r.t.Helper()
	r.until("the relay has it", func() bool { return len(relay.Got()) >= len(want) })
	if got := relay.Got(); !slices.Equal(got, want) {
		r.t.Errorf("got  %q\nwant %q", got, want)
	}
}

// What is written before there is a way is sent once there is one, in its order, and then it is
// as if it had been written now.
func TestEarlyDatagrams(t *testing.T) {
	for way, wait := range map[string]func(*rig){
		"in the loop": func(r *rig) { r.untilLogged("bytesWritten 3") },
		"waiting": func(r *rig) {
			for r.count("bytesWritten 3") == 0 && r.WaitForBytesWritten(10_000) {
			}
		},
	} {
		t.Run(way, func(t *testing.T) {
			r, relay, goOn := heldBack(t)
			r.sendOut("x", "", "yy")
			texts := []string{"1", "22", "333"}
			if n := r.WriteDatagrams(3, func(i int, d *datagram.Outgoing) { d.Data, d.Destination = []byte(texts[i]), target() }); n != 3 {
				t.Errorf("%d, %v", n, r.Failure())
			}
			if r.expect("state 4"); r.BytesToWrite() != 9 || r.FlushNow() {
				t.Errorf("%d bytes to write", r.BytesToWrite())
			}
			goOn()
			wait(r)
			if r.expect("bytesWritten 1", "bytesWritten 0", "bytesWritten 2", "bytesWritten 1", "bytesWritten 2", "bytesWritten 3"); r.BytesToWrite() != 0 {
				t.Errorf("%d bytes to write", r.BytesToWrite())
			}
			r.sendOut("late")
			r.expect("bytesWritten 4")
			r.untilGot(relay, wrapped("x"), wrapped(""), wrapped("yy"), wrapped("1"), wrapped("22"), wrapped("333"), wrapped("late"))
		})
	}
}

// The memory of the caller is the caller's again.
func TestEarlyDatagramsAreCopies(t *testing.T) {
	r, relay, goOn := heldBack(t)
	data := []byte("first")
	r.WriteDatagram(data, target())
	copy(data, "other")
	r.WriteDatagrams(1, func(_ int, d *datagram.Outgoing) { d.Data, d.Destination = data, target() })
	copy(data, "third")
	goOn()
	r.untilGot(relay, wrapped("first"), wrapped("other"))
}

// As many wait as a buffer of the system's holds, and no more.
func TestEarlyDatagramsAreLimited(t *testing.T) {
	for name, c := range map[string]struct {
		size, most int
		empty      bool // one without data still finds room
	}{
		"their number": {1, 1024, false},
		"their bytes":  {16 << 10, 4, true},
	} {
		t.Run(name, func(t *testing.T) {
			r, _, goOn := heldBack(t)
			full := []string{fmt.Sprint("error ", failure.Temporary)}
			r.bindAny()
			r.log = nil
			data := pattern(c.size)
			get := func(_ int, d *datagram.Outgoing) { d.Data, d.Destination = data, target() }
			for range c.most - 2 {
				r.sendOut(string(data))
			}
			if n := r.WriteDatagrams(3, get); n != 2 {
				t.Errorf("%d", n)
			}
			r.expect(full...)
			if n := r.WriteDatagrams(3, get); n != -1 {
				t.Errorf("%d", n)
			}
			r.expect(full...)
			if n := r.WriteDatagram(data, target()); n != -1 || r.BytesToWrite() != int64(c.size*c.most) {
				t.Errorf("%d, %d bytes to write", n, r.BytesToWrite())
			}
			r.expect(full...)
			if n := r.WriteDatagram(nil, target()); (n == 0) != c.empty {
				t.Errorf("%d", n)
			}
			r.log = nil
			goOn()
			r.until("all is sent", func() bool { return r.count(fmt.Sprint("bytesWritten ", c.size)) == c.most && r.BytesToWrite() == 0 })
			r.log = nil
			r.sendOut(string(data))
			r.expect(fmt.Sprint("bytesWritten ", c.size))
		})
	}
}

// What can never be sent is an error at once, and does not take the place of others.
func TestEarlyDatagramsThatCannotBeSent(t *testing.T) {
	r, relay, goOn := heldBack(t)
	r.bindAny()
	r.log = nil
	if n := r.WriteDatagram([]byte("x"), datagram.Endpoint{}); n != -1 || r.Failure().Code != failure.Network {
		t.Errorf("%d, %v", n, r.Failure())
	}
	const most = 65507 - 10
	if n := r.WriteDatagram(make([]byte, 65527-10+1), target()); n != -1 || r.Failure().Code != failure.DatagramTooLarge {
		t.Errorf("%d, %v", n, r.Failure())
	}
	r.expect(fmt.Sprint("error ", failure.Network), fmt.Sprint("error ", failure.DatagramTooLarge))
	if n := r.WriteDatagram(make([]byte, most), target()); n != most {
		t.Errorf("%d, %v", n, r.Failure())
	}
	goOn()
	r.untilLogged(fmt.Sprint("bytesWritten ", most))
	r.untilGot(relay, wrapped(string(make([]byte, most))))
	// Over IPv6 more is possible: which it is is only known later. What is behind it is sent.
	r, relay, goOn = heldBack(t)
	r.bindAny()
	r.sendOut("before", string(make([]byte, most+1)), "behind")
	r.log = nil
	goOn()
	r.untilLogged("bytesWritten 6")
	r.settle()
	r.expect("bytesWritten 6", fmt.Sprint("error ", failure.DatagramTooLarge), "bytesWritten 6")
	r.untilGot(relay, wrapped("before"), wrapped("behind"))
}

// What was written goes out before the end, as it does from a connection, unless it is aborted.
func TestEarlyDatagramsAndTheEnd(t *testing.T) {
	ends := map[string]func(r *rig){
		"close":             func(r *rig) { r.Close() },
		"disconnect":        func(r *rig) { r.Disconnect() },
		"twice":             func(r *rig) { r.Close(); r.Disconnect() },
		"and written again": func(r *rig) { r.Close(); r.sendOut("more") },
	}
	for name, end := range ends {
		for way, wait := range map[string]func(*rig){
			"in the loop": func(r *rig) { r.untilLogged("disconnected") },
			"waiting": func(r *rig) {
				if !r.WaitForDisconnected(10_000) {
					r.t.Error(r.Failure())
				}
			},
		} {
			t.Run(name+", "+way, func(t *testing.T) {
				r, relay, goOn := heldBack(t)
				r.sendOut("x", "y")
				r.log = nil
				end(r)
				r.settle()
				if r.expect("state 6"); r.State() != Closing {
					t.Errorf("state %d", r.State())
				}
				goOn()
				wait(r)
				want := []string{"bytesWritten 1", "bytesWritten 1"}
				got := []string{wrapped("x"), wrapped("y")}
				if strings.Contains(name, "again") {
					want, got = append(want, "bytesWritten 4"), append(got, wrapped("more"))
				}
				r.expect(append(want, "state 0", "readChannelFinished", "disconnected")...)
				r.untilGot(relay, got...)
			})
		}
	}
	for name, end := range map[string]func(r *rig){
		"abort":        func(r *rig) { r.Abort() },
		"close, abort": func(r *rig) { r.Close(); r.Abort() },
		"delete":       func(r *rig) { r.Delete() },
	} {
		t.Run(name, func(t *testing.T) {
			r, relay, goOn := heldBack(t)
			r.sendOut("x")
			r.on[SignalStateChanged] = func(state int64) {
				if n := r.BytesToWrite(); State(state) == Unconnected && n != 0 {
					t.Errorf("%d bytes to write", n)
				}
			}
			end(r)
			goOn()
			r.settle()
			if len(relay.Got()) > 0 || r.count("bytesWritten 1") > 0 || r.Alive() && (r.State() != Unconnected || r.BytesToWrite() != 0) {
				t.Errorf("%q, %q", r.log, relay.Got())
			}
		})
	}
	// With nothing to send there is nothing to wait for.
	r, _, _ := heldBack(t)
	r.bindAny()
	r.log = nil
	r.Close()
	r.expect("state 6", "state 0", "readChannelFinished", "disconnected")
}

// The end that was to come when all is sent comes as well when nothing can be.
func TestEarlyDatagramsAreLostWhileItCloses(t *testing.T) {
	r := relayed(t, proxytest.Start(t, func(c *proxytest.Conn) { c.Read(3) }))
	r.sendOut("x")
	r.Close()
	r.untilLogged("disconnected")
	r.expect("state 4", "state 6", fmt.Sprint("error ", failure.ProxyConnectionClosed), "state 0", "readChannelFinished", "disconnected")
}

// A socket that is bound at a proxy connects there, once it is.
func TestConnectWhileTheRelayIsMade(t *testing.T) {
	for way, connect := range connecting {
		for _, byName := range []bool{true, false} {
			t.Run(fmt.Sprint(way, ", by name: ", byName), func(t *testing.T) {
				r, relay, goOn := heldBack(t)
				host := "target.test"
				if !byName {
					host = "192.0.2.1"
				}
				r.sendOut("early")
				fd := r.Descriptor()
				r.SetProxy(proxy.Proxy{Type: proxy.None})
				r.log = nil
				r.ConnectToHost(host, 9, ReadWrite, address.AnyIP)
				r.settle()
				want := []string{"state 1", "state 2", "hostFound"}
				if byName {
					want = want[:2]
				}
				r.expect(want...)
				other := target()
				other.Port = 10
				if n := r.WriteDatagram([]byte("meanwhile"), other); n != 9 || r.Write([]byte("x")) != -1 {
					t.Errorf("%d, %v", n, r.Failure())
				}
				r.on[SignalConnected] = func(int64) { r.say("peer") }
				goOn()
				connect(r)
				r.until("it is sent", func() bool { return r.BytesToWrite() == 0 })
				r.expect("state 3", "connected", "bytesWritten 5", "bytesWritten 9", "bytesWritten 4")
				header := wrapped("")
				if byName {
					header = "\x00\x00\x00\x03\x0btarget.test\x00\x09"
				}
				if r.untilGot(relay, wrapped("early"), "\x00\x00\x00\x01\xc0\x00\x02\x01\x00\x0ameanwhile", header+"peer"); r.Descriptor() != fd {
					t.Error("another descriptor")
				}
			})
		}
	}
}

func TestConnectWhileTheRelayFails(t *testing.T) {
	for way, connect := range connecting {
		t.Run(way, func(t *testing.T) {
			goOn := make(chan struct{})
			r := relayed(t, proxytest.Start(t, func(c *proxytest.Conn) { c.Read(3); <-goOn }))
			r.sendOut("early")
			r.ConnectToHost("192.0.2.1", 9, ReadWrite, address.AnyIP)
			r.log = nil
			close(goOn)
			connect(r)
			if r.expect("state 0", fmt.Sprint("error ", failure.ProxyConnectionClosed)); r.Descriptor() != -1 || r.BytesToWrite() != 0 {
				t.Errorf("%d bytes to write", r.BytesToWrite())
			}
		})
	}
}

// The relay fails before the attempt to connect waits for it.
func TestRelayFailsAsItBeginsToConnect(t *testing.T) {
	for at, want := range map[State][]string{HostLookup: {"state 1"}, Connecting: {"state 1", "state 2"}} {
		t.Run(fmt.Sprint("state ", at), func(t *testing.T) {
			r, _, _ := heldBack(t)
			r.sendOut("early")
			r.log = nil
			r.on[SignalStateChanged] = func(state int64) {
				if State(state) == at {
					r.relay().fail(failure.ProxyClosed)
				}
			}
			r.ConnectToHost("192.0.2.1", 9, ReadWrite, address.AnyIP)
			r.expect(append(want, "state 0", fmt.Sprint("error ", failure.ProxyConnectionClosed))...)
			r.settle()
			if r.expect(); r.Descriptor() != -1 || r.BytesToWrite() != 0 {
				t.Errorf("%d bytes to write", r.BytesToWrite())
			}
		})
	}
}

// What the system has no room for is sent when it has, in its order, and ends with the relay.
func TestRelayWithoutRoom(t *testing.T) {
	for _, text := range []string{"again=0.8", "nobufs=0.8", "enomem=0.5"} {
		for way, wait := range map[string]func(*rig){
			"in the loop": func(r *rig) { r.until("all is sent", func() bool { return r.BytesToWrite() == 0 }) },
			"waiting": func(r *rig) {
				for r.BytesToWrite() > 0 && r.WaitForBytesWritten(10_000) {
				}
			},
		} {
			t.Run(text+", "+way, func(t *testing.T) {
				relay := proxytest.StartRelay(t, nil)
				forget()
				r := observe(t, NewUDP(looptest.New(t)))
				r.SetProxy(proxy.Proxy{Type: proxy.Socks5, Host: "127.0.0.1", Port: proxytest.Start(t, relay.Associate).Port})
				r.bindRelayed()
				want := []string{}
				if err := fault.Inject("seed=1," + text); err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { fault.Inject("") })
				for i := range 10 {
					data := fmt.Sprint("number ", i)
					want = append(want, wrapped(data))
					// As if it had been written before.
					if err := r.relay().hold(&datagram.Outgoing{Data: []byte(data), Way: datagram.Way{Destination: target()}}); err != nil {
						t.Fatal(err)
					}
				}
				r.relay().sendEarly()
				last := "last"
				for r.WriteDatagram([]byte(last), target()) != len(last) {
				}
				wait(r)
				r.untilGot(relay, append(want, wrapped("last"))...)
			})
		}
	}
	t.Run("the end", func(t *testing.T) {
		r, goOn := heldUp(t)
		r.bindRelayed()
		r.relay().hold(&datagram.Outgoing{Data: []byte("x"), Way: datagram.Way{Destination: target()}})
		r.sendOut("y")
		r.log = nil
		close(goOn)
		r.untilLogged("disconnected")
		if r.expect(ended(failure.ProxyConnectionClosed)...); r.BytesToWrite() != 0 {
			t.Errorf("%d bytes to write", r.BytesToWrite())
		}
	})
}

// Nothing that strangers send to the port meanwhile is read, also by those who look for it.
func TestNothingIsReadBeforeTheRelay(t *testing.T) {
	r, relay, goOn := heldBack(t)
	r.bindAny()
	stranger := bound(t, r.l)
	_, port := endpoint.Local(r.Descriptor())
	stranger.WriteDatagram([]byte(wrapped("stranger")), datagram.Endpoint{Address: address.LocalHost, Port: port})
	looptest.AwaitReadable(r.Descriptor())
	r.settle()
	var p [100]byte
	if r.HasPendingDatagrams() || r.PendingDatagramSize() != -1 || r.BytesAvailable() != 0 || r.ReadDatagram(p[:], nil) != -1 || r.WaitForReadyRead(1) {
		t.Error("there is something")
	}
	r.sendOut("x")
	r.Close()
	r.WaitForBytesWritten(1) // which reads the rest of what closes
	if r.udp().inbox.Bytes() > 0 || r.count("readyRead") > 0 {
		t.Errorf("%q", r.log)
	}
	goOn()
	r.untilLogged("disconnected")
	r.untilGot(relay, wrapped("x"))
}

// A slot that runs the loop, or another thread that writes, keeps nothing from going on.
func TestEarlyDatagramsInNestedLoopsAndThreads(t *testing.T) {
	r, relay, goOn := heldBack(t)
	r.on[SignalStateChanged] = func(state int64) {
		if State(state) == Bound {
			r.sendOut("slot")
			goOn()
			r.untilLogged("bytesWritten 4")
		}
	}
	r.sendOut("x")
	r.untilGot(relay, wrapped("slot"), wrapped("x"))

	r, relay, goOn = heldBack(t)
	r.bindAny()
	done := looptest.Elsewhere(func() {
		for i := range 100 {
			looptest.Do(r.l, func() { r.sendOut(fmt.Sprint(i)) })
			if i == 50 {
				looptest.Do(r.l, goOn)
			}
		}
	})
	r.on[SignalBytesWritten] = func(int64) { looptest.Settle(t, r.l) }
	looptest.Await(t, r.l, "all is written", done)
	want := make([]string, 100)
	for i := range want {
		want[i] = wrapped(fmt.Sprint(i))
	}
	r.untilGot(relay, want...)
	r.on = map[object.Signal]func(int64){}
}

// Of whatever is written in whichever state, what was taken arrives, in its order.
func TestEarlyDatagramsAtRandom(t *testing.T) {
	looptest.AtRandom(t, func(t *testing.T, random *rand.Rand) {
		r, relay, goOn := heldBack(t)
		r.bindAny()
		var want []string
		var written, taken, waitingBytes, waitingCount int
		r.on[SignalBytesWritten] = func(n int64) { written += int(n) }
		silent(t)
		relayed := false
		for range 60 + random.Intn(60) {
			size := random.Intn(100)
			if random.Intn(8) == 0 {
				size = random.Intn(20_000)
			}
			data := make([]byte, size)
			random.Read(data)
			room := relayed || waitingBytes+size <= 64<<10 && waitingCount < 1024
			n := 0
			if random.Intn(2) == 0 {
				n = r.WriteDatagram(data, target())
			} else if n = r.WriteDatagrams(1, func(_ int, d *datagram.Outgoing) { d.Data, d.Destination = data, target() }); n == 1 {
				n = size
			}
			if room != (n == size) || !room && r.Failure().Code != failure.Temporary {
				t.Fatalf("%d of %d with %d bytes waiting: %v", n, size, waitingBytes, r.Failure())
			}
			if room {
				want = append(want, wrapped(string(data)))
				taken += size
				if !relayed {
					waitingBytes += size
					waitingCount++
				}
			}
			if !relayed && r.BytesToWrite() != int64(waitingBytes) {
				t.Fatalf("%d bytes to write, not %d", r.BytesToWrite(), waitingBytes)
			}
			if !relayed && random.Intn(60) == 0 {
				goOn()
				r.untilRelayed()
				relayed = true
			}
			if relayed {
				// No more than the relay's queue holds.
				r.untilGot(relay, want...)
			}
		}
		goOn()
		r.until("all is sent", func() bool { return written == taken && r.BytesToWrite() == 0 })
		r.untilGot(relay, want...)
	})
}
