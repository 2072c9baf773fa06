package server

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/object"
	"qnet/core/socket"
	"qnet/core/sys"
)

// observed is a socket that writes down how it ends.
func observed(c *socket.Socket) *[]string {
	log := &[]string{}
	for signal, name := range map[object.Signal]string{
		socket.SignalErrorOccurred:       "error",
		socket.SignalStateChanged:        "state",
		socket.SignalReadChannelFinished: "finished",
		socket.SignalDisconnected:        "disconnected",
	} {
		c.On(signal, func(arg int64) {
			if signal == socket.SignalErrorOccurred || signal == socket.SignalStateChanged {
				*log = append(*log, fmt.Sprint(name, " ", arg))
			} else {
				*log = append(*log, name)
			}
		})
	}
	return log
}

func (r *rig) connected(n int) []*socket.Socket {
	r.t.Helper()
	var list []*socket.Socket
	r.until("they are connected", func() bool {
		for c := r.NextPending(); c != nil; c = r.NextPending() {
			list = append(list, c)
		}
		return len(list) == n
	})
	return list
}

const timedOut = "[error 5 state 6 state 0 finished disconnected]"

func TestLimitsAreOffAtFirst(t *testing.T) {
	r := listening(t)
	if r.ConnectionLimit() != 0 || r.AddressConnectionLimit() != 0 || r.IdleTimeout() != 0 || r.FirstByteTimeout() != 0 ||
		r.AddressPrefixLength() != 64 || r.OpenConnections() != 0 || r.Refused() != 0 {
		t.Error("limited")
	}
	r.dial(3)
	r.connected(3)
	if r.OpenConnections() != 3 {
		t.Errorf("%d are open", r.OpenConnections())
	}
}

func TestLimitsAreNotNegative(t *testing.T) {
	r := listening(t)
	list := warnings(t)
	for i, set := range []func(int){r.SetConnectionLimit, r.SetAddressConnectionLimit, r.SetIdleTimeout, r.SetFirstByteTimeout, r.SetAddressPrefixLength} {
		if i < 4 {
			set(0) // which turns it off
		}
		set(77)
		set(-1)
	}
	r.SetAddressPrefixLength(0)
	r.SetAddressPrefixLength(129)
	for _, bits := range []int{1, 128, 77} {
		if r.SetAddressPrefixLength(bits); r.AddressPrefixLength() != bits {
			t.Errorf("%d bits", r.AddressPrefixLength())
		}
	}
	if len(*list) != 7 || r.ConnectionLimit() != 77 || r.AddressConnectionLimit() != 77 || r.IdleTimeout() != 77 ||
		r.FirstByteTimeout() != 77 || r.AddressPrefixLength() != 77 {
		t.Errorf("%q", *list)
	}
}

func TestBeyondTheLimitConnectionsWait(t *testing.T) {
	r := listening(t)
	r.SetConnectionLimit(2)
	peers := r.dial(4)
	for _, p := range peers {
		p.Say("hello")
	}
	list := r.connected(2)
	r.settle()
	if r.OpenConnections() != 2 || r.watch != 0 {
		t.Errorf("%d are open; it watches: %v", r.OpenConnections(), r.watch != 0)
	}
	if ok, timedOut := r.WaitForNewConnection(short); ok || !timedOut {
		t.Error("who waits gets more")
	}
	peers[0].Close()
	r.until("the next is there", r.HasPending)
	if list[0].State() != socket.Unconnected {
		t.Error("out of order")
	}
	third := r.connected(1)[0]
	r.until("its word is there", func() bool { return third.BytesAvailable() == 5 })
	r.settle()
	if r.OpenConnections() != 2 || r.HasPending() {
		t.Errorf("%d are open", r.OpenConnections())
	}
	// Another way to make room, and more of it.
	r.SetConnectionLimit(3)
	r.connected(1)
	r.SetConnectionLimit(1)
	third.Abort()
	list[1].Delete()
	r.dial(1)
	r.settle()
	if r.HasPending() || r.OpenConnections() != 1 {
		t.Errorf("%d are open", r.OpenConnections())
	}
	r.SetConnectionLimit(0)
	r.connected(1)
	r.log = nil
}

func TestRoomIsMadeForWhoWaits(t *testing.T) {
	r := listening(t)
	r.SetConnectionLimit(1)
	r.dial(2)
	first := r.connected(1)[0]
	done := looptest.Elsewhere(func() {
		looptest.Do(r.l, func() {
			if ok, _ := r.WaitForNewConnection(long); !ok {
				t.Error("no connection")
			}
		})
	})
	for r.waiters.Len() == 0 {
		r.l.Unlock()
		time.Sleep(0)
		r.l.Lock()
	}
	first.Abort()
	looptest.Await(t, r.l, "the wait is over", done)
}

func TestWhatCountsAsOpen(t *testing.T) {
	r := listening(t)
	other := newServer(t, r.l)
	r.dial(3)
	list := r.connected(3)
	open := func(n int, what string) {
		t.Helper()
		if r.OpenConnections() != n {
			t.Errorf("%s: %d are open, not %d", what, r.OpenConnections(), n)
		}
	}
	list[0].SetOwner(nil)
	open(3, "with another owner")
	defer list[0].Delete()
	other.AddPending(list[1])
	if open(2, "given to another server"); other.OpenConnections() != 1 {
		t.Error("the other does not count it")
	}
	// Used for a connection of its own, a socket counts no more.
	listener := looptest.Listen(t)
	list[2].Abort()
	open(1, "aborted")
	list[2].ConnectToAddress(address.LocalHost, listener.Port, socket.ReadWrite)
	r.until("it is connected", func() bool { return list[2].State() == socket.Connected })
	open(1, "connected elsewhere")
	// A descriptor that the program took is its own, until it is given back.
	var fd int
	r.SetIncoming(func(n int) { fd = n })
	r.dial(1)
	r.until("it is there", func() bool { return fd != 0 })
	open(1, "taken as a descriptor")
	c := socket.New(r.l)
	c.SetDescriptor(fd, socket.Connected, socket.ReadWrite)
	r.AddPending(c)
	r.AddPending(r.NextPending())
	open(2, "given back")
	closing := r.dial(1)[0] // its descriptor is closed below
	r.until("it is there", func() bool { return fd != int(c.Descriptor()) })
	unix.Close(fd)
	closing.Close()
	r.AddPending(socket.New(r.l))
	open(2, "one that is not connected")
	r.Close() // deletes what is pending
	open(1, "closed")
	list[0].Close()
	open(0, "all gone")
}

func TestTooManyOfAnAddressAreRefused(t *testing.T) {
	r := newServer(t, looptest.New(t))
	if !r.Listen(address.Any, 0) {
		t.Fatal(r.Failure())
	}
	r.SetAddressConnectionLimit(2)
	var from []string
	r.On(SignalConnectionRefused, func(n int64) {
		looptest.Do(r.l, func() { from = append(from, fmt.Sprint(n, " ", r.RefusedAddress(n))) })
	})
	peers := r.dial(4)
	r.connected(2)
	r.until("two were refused", func() bool { return r.Refused() == 2 })
	if fmt.Sprint(from) != "[1 ::ffff:127.0.0.1 2 ::ffff:127.0.0.1]" || r.count("refused") != 2 || len(r.refused.now) != 0 {
		t.Errorf("%q, %q", from, r.log)
	}
	for _, p := range peers[2:] {
		in := p.Inbox()
		r.until("the peer knows", in.Ended)
		if in.End != unix.ECONNRESET {
			t.Error(in.End)
		}
	}
	// Others get in.
	six := looptest.DialAt(t, address.LocalHostIPv6, r.Port())
	r.connected(1)
	six.Close()
	peers[0].Close()
	r.until("there is room", func() bool { return r.OpenConnections() == 1 })
	r.dial(1)
	r.connected(1)
	if r.Refused() != 2 {
		t.Errorf("%d were refused", r.Refused())
	}
}

func TestRefusedInASlotThatEndsTheServer(t *testing.T) {
	for name, end := range map[string]func(*rig){
		"Close":  func(r *rig) { r.Close() },
		"Delete": func(r *rig) { r.Delete() },
	} {
		t.Run(name, func(t *testing.T) {
			r := listening(t)
			r.SetAddressConnectionLimit(1)
			r.dial(4)
			r.on["refused"] = func() { end(r) }
			r.until("one was refused", func() bool { return r.count("refused") > 0 })
			r.settle()
			if r.count("refused") != 1 {
				t.Errorf("%q", r.log)
			}
		})
	}
}

func TestSilentClients(t *testing.T) {
	for name, c := range map[string]struct {
		set  func(*rig)
		want *failure.Failure
	}{
		"first byte": {func(r *rig) { r.SetFirstByteTimeout(60) }, failure.FirstByteTimeout},
		"idle":       {func(r *rig) { r.SetIdleTimeout(60) }, failure.IdleTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			r := listening(t)
			c.set(r)
			r.dial(2) // one is taken, the other stays pending
			r.until("both are there", func() bool { return len(r.pending) == 2 })
			taken := r.NextPending()
			taken.SetOwner(nil)
			defer taken.Delete()
			log, other := observed(taken), observed(r.pending[0])
			r.until("all is over", func() bool { return r.OpenConnections() == 0 })
			r.settle()
			if fmt.Sprint(*log) != timedOut || fmt.Sprint(*other) != timedOut || taken.Failure() != c.want {
				t.Errorf("%q, %q, %v", *log, *other, taken.Failure())
			}
			if p := r.NextPending(); p == nil || p.Failure() != c.want || p.State() != socket.Unconnected {
				t.Error("the pending one tells nothing")
			}
		})
	}
}

// TestTimeIsUpOnce has the handler of the end run the loop, for longer than the time.
func TestTimeIsUpOnce(t *testing.T) {
	r := listening(t)
	r.SetIdleTimeout(40)
	r.dial(2)
	list := r.connected(2)
	log := observed(list[0])
	list[0].On(socket.SignalErrorOccurred, func(int64) {
		looptest.Do(r.l, func() {
			r.until("the other is over", func() bool { return list[1].State() == socket.Unconnected })
			end := time.Now().Add(100 * time.Millisecond)
			r.until("time has passed", func() bool { return time.Now().After(end) })
			if r.OpenConnections() != 1 {
				t.Errorf("%d are open", r.OpenConnections())
			}
		})
	})
	r.until("all is over", func() bool { return r.OpenConnections() == 0 })
	r.settle()
	if fmt.Sprint(*log) != timedOut {
		t.Errorf("%q", *log)
	}
}

func TestTimeoutsGoOnWhenTheServerIsClosed(t *testing.T) {
	r := listening(t)
	r.SetIdleTimeout(60)
	r.dial(2)
	list := r.connected(2)
	r.Close()
	r.until("all is over", func() bool { return r.OpenConnections() == 0 })
	if list[0].State() != socket.Unconnected {
		t.Error("it is open")
	}
	// With the server they end.
	r = listeningOn(t, r)
	r.dial(1)
	c := r.connected(1)[0]
	c.SetOwner(nil)
	r.Delete()
	end := time.Now().Add(200 * time.Millisecond)
	looptest.Until(t, r.l, "time has passed", func() bool { return time.Now().After(end) })
	if c.State() != socket.Connected {
		t.Error("it is over though nobody limits it")
	}
	c.Delete()
}

func listeningOn(t *testing.T, r *rig) *rig {
	n := newServer(t, r.l)
	n.SetIdleTimeout(60)
	if !n.Listen(address.LocalHost, 0) {
		t.Fatal(n.Failure())
	}
	return n
}

// TestWhoKeepsGoingIsNotIdle has traffic in one direction only, slower than looks.
func TestWhoKeepsGoingIsNotIdle(t *testing.T) {
	for name, step := range map[string]func(*socket.Socket, *looptest.Peer){
		"receives": func(_ *socket.Socket, p *looptest.Peer) { p.Say("x") },
		"receives, unread": func(c *socket.Socket, p *looptest.Peer) {
			c.SetReadLimit(1)
			p.Say("x")
		},
		"sends":            func(c *socket.Socket, _ *looptest.Peer) { c.Write([]byte("x")) },
		"sends unbuffered": func(c *socket.Socket, _ *looptest.Peer) { c.Write([]byte("x")); c.FlushNow() },
	} {
		t.Run(name, func(t *testing.T) {
			r := listening(t)
			// A machine that is too busy for the steps proves nothing: it gets more time.
			for idle := 150 * time.Millisecond; !keepsGoing(t, r, idle, step); idle *= 2 {
			}
		})
	}
}

// keepsGoing has a connection do a step five times in an idle time-out, for three of them,
// and reports whether the machine was fast enough for that.
func keepsGoing(t *testing.T, r *rig, idle time.Duration, step func(*socket.Socket, *looptest.Peer)) bool {
	r.SetIdleTimeout(int(idle / time.Millisecond))
	p := r.dial(1)[0]
	c := r.connected(1)[0]
	start := time.Now()
	last, slow := start, false
	r.until("more than the time has passed", func() bool {
		gap := time.Since(last)
		slow = slow || gap > idle/2
		if gap > idle/5 {
			step(c, p)
			last = time.Now()
		}
		return slow || time.Since(start) > 3*idle || c.State() != socket.Connected
	})
	if !slow && c.State() != socket.Connected {
		t.Errorf("over after %v: %v", time.Since(start), c.Failure())
	}
	if c.Alive() {
		c.Delete()
	}
	return !slow
}

// TestPeerThatNeverReads proves that what only fills the system's queue is no progress,
// and that the memory is given back at once.
func TestPeerThatNeverReads(t *testing.T) {
	for _, c := range []struct{ talks, disconnects bool }{{false, false}, {true, false}, {false, true}, {true, true}} {
		talks, disconnects := c.talks, c.disconnects
		r := listening(t)
		r.SetIdleTimeout(200)
		p := r.dial(1)[0]
		c := r.connected(1)[0]
		log := observed(c)
		data := make([]byte, 1<<20)
		for range 32 {
			c.Write(data)
		}
		if disconnects {
			c.Disconnect()
		}
		// The program goes on; so does the client, which is not excused by that.
		c.SetReadLimit(1000)
		busy := make([]byte, 10)
		r.until("it is over", func() bool {
			if r.OpenConnections() == 0 {
				return true
			}
			if !disconnects {
				c.Write(busy)
			}
			if talks {
				p.Offer("more and more of what nobody takes")
			}
			return false
		})
		if c.Failure() != failure.IdleTimeout || (*log)[len(*log)-1] != "disconnected" {
			t.Errorf("%v, %q", c.Failure(), *log)
		}
		in := p.Inbox()
		r.until("the peer knows", in.Ended)
		if in.End != unix.ECONNRESET {
			t.Errorf("the peer got %v", in.End)
		}
	}
}

// TestWhatTheSystemKeepsIsNoProgress has a program go on sending to a client whose
// window is full, which the system takes all the same.
func TestWhatTheSystemKeepsIsNoProgress(t *testing.T) {
	r := listening(t)
	p := r.dial(1)[0]
	c := r.connected(1)[0]
	for sys.Outstanding(c.Descriptor()) < 128<<10 {
		c.Write(make([]byte, 64<<10))
		r.settle()
	}
	if c.BytesToWrite() > 0 {
		t.Fatal("the system takes no more")
	}
	c.CountFor(&newServer(t, r.l).limits) // nobody's; and back, with the limit
	r.SetIdleTimeout(200)
	c.CountFor(&r.limits)
	start, sent := time.Now(), 0
	r.until("it is over", func() bool {
		if c.State() == socket.Connected && time.Since(start) > time.Duration(sent)*20*time.Millisecond {
			c.Write([]byte("x"))
			sent++
		}
		return c.State() == socket.Unconnected
	})
	if took := time.Since(start); c.Failure() != failure.IdleTimeout || sent < 5 || took < 200*time.Millisecond {
		t.Errorf("%v, after %v and %d bytes more", c.Failure(), took, sent)
	}
	p.Close()
}

// TestProgramThatDoesNotRead proves that a client is not idle because the program does
// not take what it has sent.
func TestProgramThatDoesNotRead(t *testing.T) {
	r := listening(t)
	r.SetIdleTimeout(100)
	r.SetFirstByteTimeout(100)
	p := r.dial(1)[0]
	c := r.connected(1)[0]
	c.SetReadLimit(10)
	p.Say("more than is asked for")
	end := time.Now().Add(400 * time.Millisecond)
	r.until("time has passed", func() bool { return time.Now().After(end) })
	if c.State() != socket.Connected {
		t.Fatal(c.Failure())
	}
	space := make([]byte, 100)
	got := 0
	r.until("all is read", func() bool { got += max(0, c.Read(space)); return got == 22 })
	r.until("it is idle", func() bool { return c.State() == socket.Unconnected })
}

func TestLimitsOfALocalServer(t *testing.T) {
	l := looptest.New(t)
	s := NewLocal(l)
	defer s.Delete()
	if !s.Listen(t.TempDir() + "/s") {
		t.Fatal(s.Failure())
	}
	s.SetConnectionLimit(1)
	s.SetIdleTimeout(60)
	s.SetFirstByteTimeout(1000)
	var clients []*socket.Socket
	for range 2 {
		c := socket.NewLocal(l)
		defer c.Delete()
		c.SetServerName(s.FullName())
		c.ConnectToServer(socket.ReadWrite)
		clients = append(clients, c)
	}
	looptest.Until(t, l, "one is there", s.HasPending)
	c := s.NextPending()
	log := observed(c)
	if s.OpenConnections() != 1 || s.HasPending() {
		t.Errorf("%d are open", s.OpenConnections())
	}
	looptest.Until(t, l, "the next is there", s.HasPending)
	if got := c.Failure().Text; fmt.Sprint(*log) != timedOut || got != "QLocalSocket: The connection was idle for too long" {
		t.Errorf("%q, %q", *log, got)
	}
	looptest.Until(t, l, "both are over", func() bool { return s.OpenConnections() == 0 && clients[1].State() == socket.Unconnected })
}

// heap returns how many bytes of the heap n accepted connections take that are silent.
func heap(t testing.TB, n int, limit func(*rig)) int64 {
	r := listening(t)
	r.SetBacklog(n)
	r.Close()
	if !r.Listen(address.LocalHost, 0) {
		t.Fatal(r.Failure())
	}
	r.SetMaxPending(n)
	limit(r)
	r.dial(n)
	inUse := func() int64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := inUse()
	r.until("all are there", func() bool { return len(r.pending) == n })
	r.log = nil
	used := inUse() - before
	if r.OpenConnections() != n {
		t.Errorf("%d are open", r.OpenConnections())
	}
	return used
}

func TestLimitsTakeLittleMemory(t *testing.T) {
	if looptest.Race {
		t.Skip("the race detector allocates on its own")
	}
	const n = 1000
	var used [3]int64
	for i, limit := range []func(*rig){
		func(*rig) {},
		func(r *rig) { r.SetConnectionLimit(n) },
		func(r *rig) {
			r.SetConnectionLimit(n)
			r.SetAddressConnectionLimit(n)
			r.SetIdleTimeout(100_000)
			r.SetFirstByteTimeout(100_000)
		},
	} {
		// What else the process keeps on its heap is not the same each time: the least says most.
		for round := range 3 {
			t.Run("", func(t *testing.T) {
				if each := heap(t, n, limit) / n; round == 0 || each < used[i] {
					used[i] = each
				}
			})
		}
	}
	t.Logf("bytes per connection: %d, %d with a limit of their number, %d with all limits", used[0], used[1], used[2])
	// The heap is not the same each time by some 17 bytes.
	if used[1] > used[0]+32 || used[2] > used[0]+192 {
		t.Errorf("bytes per connection: %d", used)
	}
}

// BenchmarkLimits has one connection echo while there are others that are idle.
func BenchmarkLimits(b *testing.B) {
	for _, limited := range []bool{false, true} {
		b.Run(fmt.Sprint("limited=", limited), func(b *testing.B) {
			r := listening(b)
			if limited {
				r.SetConnectionLimit(100)
				r.SetAddressConnectionLimit(100)
				r.SetIdleTimeout(60_000)
				r.SetFirstByteTimeout(10_000)
			}
			p := r.dial(1)[0]
			r.until("it is there", r.HasPending)
			c := r.NextPending()
			space, answer := make([]byte, 64), make([]byte, 64)
			c.On(socket.SignalReadyRead, func(int64) {
				r.l.Lock()
				c.Write(space[:c.Read(space)])
				r.l.Unlock()
			})
			b.ReportAllocs()
			for b.Loop() {
				unix.Write(p.FD, answer)
				for n := 0; n < len(answer); {
					r.l.ProcessEvents(1)
					if k, _ := unix.Read(p.FD, answer); k > 0 {
						n += k
					}
				}
			}
		})
	}
}
