package socket

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/internal/systest"
	"qnet/core/local"
	"qnet/core/sys"
)

// long is a time that is never waited for to the end, short one that is.
const long, short = 15_000, 20

// timed calls f and returns how long it took.
func timed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

func TestWaitForConnected(t *testing.T) {
	l := looptest.New(t)
	listener := looptest.Listen(t)
	r := fresh(t, l)
	if r.WaitForConnected(long) {
		t.Error("unconnected")
	}
	for _, host := range []string{"127.0.0.1", "localhost"} {
		r = fresh(t, l)
		r.ConnectToHost(host, listener.Port, ReadWrite, address.IPv4)
		if !r.WaitForConnected(long) || !r.WaitForConnected(0) {
			t.Errorf("%s: not connected: %v", host, r.Failure())
		}
		r.expect("state 1", "state 2", "hostFound", "state 3", "connected")
	}
}

// Who waits for a connection without news sleeps until there is some.
func TestNothingIsWaitedForInHaste(t *testing.T) {
	r, _ := connected(t, looptest.New(t))
	w := &wait{s: r.Socket, done: func(*wait) bool { return false }}
	if list, at := w.Wants(nil); len(list) != 1 || at != 0 {
		t.Errorf("%d descriptors, again at %d", len(list), at)
	}
}

func TestWaitForConnectedInVain(t *testing.T) {
	l := looptest.New(t)
	closed := looptest.Listen(t)
	closed.Close()
	r := fresh(t, l)
	r.ConnectToAddress(address.LocalHost, closed.Port, ReadWrite)
	if r.WaitForConnected(-1) {
		t.Error("connected")
	}
	r.expect("state 1", "state 2", "hostFound", "state 0", "error 0")

	r = fresh(t, l)
	r.ConnectToHost("nosuchhost.invalid", 1, ReadWrite, address.AnyIP)
	if r.WaitForConnected(long) {
		t.Error("connected")
	}
	r.expect("state 1", "state 0", "error 2")
}

func TestWaitForConnectedTimesOut(t *testing.T) {
	l := looptest.New(t)
	full := looptest.ListenAt(t, address.LocalHost, 0, 0)
	full.Fill()
	r := fresh(t, l)
	r.ConnectToAddress(address.LocalHost, full.Port, ReadWrite)
	r.log = nil
	if took := timed(func() {
		if r.WaitForConnected(short) {
			t.Error("connected")
		}
	}); took < short*time.Millisecond {
		t.Errorf("ended after %v", took)
	}
	// Without an error's signal.
	r.expect("state 0")
	if r.Failure() != failure.WaitTimeout {
		t.Error(r.Failure())
	}
	if r.cold.dial != nil {
		t.Error("it goes on")
	}
	r.settle()
	r.expect()
}

func TestWaitForConnectedTriesTheNextAddress(t *testing.T) {
	l := looptest.New(t)
	silent, _ := looptest.HalfSilent(t)
	r := fresh(t, l)
	dialAll(r, silent.Port, address.LocalHost, address.LocalHostIPv6)
	if !r.WaitForConnected(long) || r.PeerAddress() != address.LocalHostIPv6 {
		t.Errorf("connected to %v", r.PeerAddress())
	}
}

func TestWaitForConnectedInHostFound(t *testing.T) {
	l := looptest.New(t)
	listener := looptest.Listen(t)
	r := fresh(t, l)
	r.on[SignalHostFound] = func(int64) {
		if !r.WaitForConnected(long) {
			t.Error("not connected")
		}
	}
	r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
	r.settle()
	r.expect("state 1", "state 2", "hostFound", "state 3", "connected")
}

func TestWaitForConnectedOfAClosingSocket(t *testing.T) {
	l := looptest.New(t)
	listener := looptest.Listen(t)
	r := fresh(t, l)
	r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
	r.Disconnect()
	if !r.WaitForConnected(long) || r.State() != Unconnected {
		t.Errorf("state %d", r.State())
	}
	if r.count("connected") != 1 || r.count("disconnected") != 1 {
		t.Errorf("%q", r.log)
	}
}

func TestWaitForReadyRead(t *testing.T) {
	r, p := connected(t, looptest.New(t))
	p.Say("one")
	if !r.WaitForReadyRead(long) {
		t.Error("nothing came")
	}
	r.expect("readyRead")
	// What is there already does not count.
	if took := timed(func() {
		if r.WaitForReadyRead(short) {
			t.Error("something came")
		}
	}); took < short*time.Millisecond {
		t.Errorf("ended after %v", took)
	}
	r.expect("error 5")
	if r.State() != Connected || r.Failure() != failure.PollTimeout || r.BytesAvailable() != 3 {
		t.Errorf("state %d, %v", r.State(), r.Failure())
	}
	if r.WaitForReadyRead(0) {
		t.Error("something came")
	}
	p.Say("two")
	if !r.WaitForReadyRead(-1) || r.all() != "onetwo" {
		t.Error("nothing came")
	}
	r.log = nil
	p.Close()
	if r.WaitForReadyRead(long) {
		t.Error("something came after the end")
	}
	r.expect("error 1", "state 6", "state 0", "readChannelFinished", "disconnected")
	if r.WaitForReadyRead(long) {
		t.Error("unconnected")
	}
}

func TestWaitForReadyReadInsideReadyRead(t *testing.T) {
	r, p := connected(t, looptest.New(t))
	waited := 0
	r.on[SignalReadyRead] = func(int64) {
		p.Say("second")
		if !r.WaitForReadyRead(long) {
			t.Error("nothing came")
		}
		waited++
	}
	p.Say("first")
	r.untilLogged("readyRead")
	r.settle()
	r.expect("readyRead")
	if waited != 1 || r.all() != "firstsecond" {
		t.Errorf("waited %d times", waited)
	}
}

func TestWaitForReadyReadConnectsAndSendsFirst(t *testing.T) {
	l := looptest.New(t)
	listener := looptest.Listen(t)
	r := fresh(t, l)
	r.ConnectToHost("localhost", listener.Port, ReadWrite, address.IPv4)
	r.say("request")
	r.on[SignalBytesWritten] = func(int64) { listener.Accept().Say("answer") }
	if !r.WaitForReadyRead(long) || r.all() != "answer" {
		t.Error("no answer")
	}
	r.expect("state 1", "state 2", "hostFound", "state 3", "connected", "bytesWritten 7", "readyRead")
}

func TestWaitForReadyReadWithAFullBuffer(t *testing.T) {
	r, p := connected(t, looptest.New(t))
	r.SetReadLimit(4)
	p.Say("too much")
	if !r.WaitForReadyRead(long) {
		t.Error("nothing came")
	}
	if took := timed(func() {
		if r.WaitForReadyRead(long) {
			t.Error("more than the limit")
		}
	}); took > long/2*time.Millisecond {
		t.Errorf("waited for %v", took)
	}
}

func TestWaitForBytesWritten(t *testing.T) {
	l := looptest.New(t)
	list := warnings(t)
	r := fresh(t, l)
	if r.WaitForBytesWritten(long) {
		t.Error("unconnected")
	}
	expectWarning(t, list, "wait_for_bytes_written")
	r, p := connected(t, l)
	if r.WaitForBytesWritten(long) {
		t.Error("nothing was written")
	}
	for _, size := range []int{10, 3 * big} {
		r.Write(make([]byte, size))
		if !r.WaitForBytesWritten(long) {
			t.Errorf("%d bytes were not written", size)
		}
		r.expect("bytesWritten " + itoa(size))
	}
	in := p.Inbox()
	r.until("the peer has it", in.Has(10+3*big))
	// To a peer that does not read.
	r.Write(make([]byte, 16<<20))
	for r.WaitForBytesWritten(short) {
	}
	if r.count("error 5") != 1 || r.BytesToWrite() == 0 || r.State() != Connected {
		t.Errorf("%q, %d to write", r.log, r.BytesToWrite())
	}
}

// Waiting for data sends, and signals, what is to be sent: a program may do nothing else
// until everything is.
func TestWaitForReadyReadSends(t *testing.T) {
	for _, size := range []int{1, big - 1, big, 3 * big} {
		eachOrigin(t, func(t *testing.T, r *rig, p *looptest.Peer) {
			in := p.Inbox()
			r.Write(make([]byte, size))
			for tries := 0; r.BytesToWrite() > 0 && tries < 100; tries++ {
				r.WaitForReadyRead(1)
			}
			if in.Fetch() != size || r.count("bytesWritten "+itoa(size)) != 1 || r.BytesToWrite() != 0 {
				t.Errorf("the peer has %d of %d bytes; %d to write; %q", len(in.Data), size, r.BytesToWrite(), r.log)
			}
		})
	}
}

func TestWaitForDisconnected(t *testing.T) {
	l := looptest.New(t)
	list := warnings(t)
	r := fresh(t, l)
	if r.WaitForDisconnected(long) {
		t.Error("unconnected")
	}
	expectWarning(t, list, "wait_for_disconnected")

	r, p := connected(t, l)
	if r.WaitForDisconnected(short) {
		t.Error("disconnected")
	}
	r.expect("error 5")
	r.say("last words")
	r.Disconnect()
	if !r.WaitForDisconnected(long) {
		t.Error("not disconnected")
	}
	r.expect("state 6", "bytesWritten 10", "state 0", "readChannelFinished", "disconnected")
	in := p.Inbox()
	r.until("the peer knows", in.Ended)

	r, p = connected(t, l)
	p.Say("last words")
	p.Close()
	if !r.WaitForDisconnected(long) || r.all() != "last words" {
		t.Error("not disconnected")
	}
	r.expect("readyRead", "error 1", "state 6", "state 0", "readChannelFinished", "disconnected")
}

func TestWaitForDisconnectedSendsALargeRest(t *testing.T) {
	r, p := connected(t, looptest.New(t))
	data := pattern(8 << 20)
	r.Write(data)
	r.Close()
	got := make(chan []byte)
	looptest.Elsewhere(func() {
		in := p.Inbox()
		for !in.Ended() {
			looptest.AwaitReadable(p.FD)
		}
		got <- in.Data
	})
	if !r.WaitForDisconnected(long) {
		t.Error("not disconnected")
	}
	if in := <-got; string(in) != string(data) {
		t.Errorf("the peer has %d bytes of %d", len(in), len(data))
	}
}

func TestWaitInsideTheErrorThatEndsTheConnection(t *testing.T) {
	for name, wait := range waits {
		t.Run(name, func(t *testing.T) {
			silent(t)
			r, p := connected(t, looptest.New(t))
			waited := false
			r.on[SignalErrorOccurred] = func(int64) {
				r.Write([]byte("too late"))
				waited = true
				if took := timed(func() { wait(r, long) }); took > long/2*time.Millisecond {
					t.Errorf("waited for %v", took)
				}
			}
			p.Reset()
			r.untilLogged("disconnected")
			if !waited || r.count("error 1") != 1 || r.count("disconnected") != 1 {
				t.Errorf("%q", r.log)
			}
		})
	}
}

// waits are the functions that wait for what happens to a connection.
var waits = map[string]func(*rig, int) bool{
	"WaitForReadyRead":    func(r *rig, msec int) bool { return r.WaitForReadyRead(msec) },
	"WaitForBytesWritten": func(r *rig, msec int) bool { return r.WaitForBytesWritten(msec) },
	"WaitForDisconnected": func(r *rig, msec int) bool { return r.WaitForDisconnected(msec) },
}

// TestHostInterruptsWaits checks that nothing happens which the end of the time
// would cause, and that the wait can be taken up again.
func TestHostInterruptsWaits(t *testing.T) {
	for name, wait := range waits {
		t.Run(name, func(t *testing.T) {
			r, p := connected(t, looptest.New(t))
			host := looptest.Interrupts(t)
			r.Write(make([]byte, 16<<20))
			r.settle() // the system takes no more
			r.log = nil
			sys.Signal(host.FD)
			for _, msec := range []int{0, long, -1} {
				if wait(r, msec) {
					t.Error("the wait has succeeded")
				}
			}
			if host.Noted != 3 || r.State() != Connected {
				t.Errorf("%d times interrupted, state %d", host.Noted, r.State())
			}
			r.expect()
			sys.Drain(host.FD)
			p.Say("x")
			p.Inbox().Fetch()
			if name != "WaitForDisconnected" && !wait(r, long) {
				t.Error("it cannot be taken up again")
			}
		})
	}
}

func TestHostInterruptsAnAttempt(t *testing.T) {
	l := looptest.New(t)
	host := looptest.Interrupts(t)
	full := looptest.ListenAt(t, address.LocalHost, 0, 0)
	full.Fill()
	tcp := fresh(t, l)
	tcp.ConnectToAddress(address.LocalHost, full.Port, ReadWrite)
	_, path := localServer(t, 0)
	filler, _ := local.Open()
	defer unix.Close(filler)
	local.Connect(filler, local.Name{Text: path})
	unixSocket := observe(t, NewLocal(l))
	unixSocket.SetServerName(path)
	unixSocket.ConnectToServer(ReadWrite)
	for i, r := range []*rig{tcp, unixSocket} {
		for _, closing := range []bool{false, true} {
			if closing {
				r.Disconnect()
			}
			state := r.State()
			r.log = nil
			sys.Signal(host.FD)
			if r.WaitForConnected(long) || r.State() != state || r.closeLater != closing {
				t.Errorf("%d: state %d, closes later: %v", i, r.State(), r.closeLater)
			}
			r.expect()
			sys.Drain(host.FD)
		}
	}
	if host.Noted != 4 {
		t.Errorf("interrupted %d times", host.Noted)
	}
}

// waiting starts a wait on another thread, and returns when it sleeps or is over. The
// result is sent to the channel.
func waiting(t *testing.T, r *rig, wait func() bool) <-chan bool {
	t.Helper()
	result := make(chan bool, 1)
	before := 0
	if r.cold != nil {
		before = r.cold.waiters.Len()
	}
	looptest.Elsewhere(func() { looptest.Do(r.l, func() { result <- wait() }) })
	sleeps := func() bool { return r.cold != nil && r.cold.waiters.Len() > before || len(result) > 0 }
	for end := time.Now().Add(looptest.Patience); !sleeps(); {
		if time.Now().After(end) {
			t.Fatal("the other thread does not wait")
		}
		r.l.Unlock()
		time.Sleep(0)
		r.l.Lock()
	}
	return result
}

// ended runs the loop until a wait has ended and returns its result.
func (r *rig) ended(result <-chan bool) (ok bool) {
	r.t.Helper()
	r.until("the wait has ended", func() bool {
		select {
		case ok = <-result:
			return true
		default:
			return false
		}
	})
	return ok
}

func TestWaitOnAnotherThreadWhileTheLoopRuns(t *testing.T) {
	l := looptest.New(t)
	listener := looptest.Listen(t)
	for range 20 {
		r := fresh(t, l)
		r.ConnectToHost("localhost", listener.Port, ReadWrite, address.IPv4)
		result := waiting(t, r, func() bool { return r.WaitForConnected(long) })
		if !r.ended(result) {
			t.Fatalf("not connected: %v", r.Failure())
		}
		p := listener.Accept()
		result = waiting(t, r, func() bool { return r.WaitForReadyRead(long) })
		p.Say("x")
		if !r.ended(result) {
			t.Error("nothing came")
		}
		in := p.Inbox()
		data := make([]byte, 4<<20)
		r.Write(data)
		result = waiting(t, r, func() bool { return r.WaitForBytesWritten(long) })
		if !r.ended(result) {
			t.Error("nothing was written")
		}
		r.until("the peer has it", in.Has(len(data)))
		result = waiting(t, r, func() bool { return r.WaitForDisconnected(long) })
		p.Close()
		if !r.ended(result) {
			t.Error("not disconnected")
		}
		r.until("the wait's thread is done", func() bool { return r.State() == Unconnected })
		r.Delete()
	}
}

func TestWaitOnAnotherThreadSendsWhatIsWrittenMeanwhile(t *testing.T) {
	// No loop runs: the one who waits must do it, again and again.
	for name, mode := range map[string]OpenMode{"buffered": ReadWrite, "unbuffered": ReadWrite | Unbuffered} {
		t.Run(name, func(t *testing.T) {
			r, p := connectedIn(t, looptest.New(t), mode)
			result := waiting(t, r, func() bool { return r.WaitForReadyRead(long) })
			in := p.Inbox()
			for want := "request"; len(want) < 30; want += "request" {
				r.say("request")
				looptest.Await(t, r.l, "the request arrives", looptest.Elsewhere(func() { looptest.AwaitReadable(p.FD) }))
				if in.Fetch(); string(in.Data) != want {
					t.Fatalf("the peer has %q", in.Data)
				}
			}
			rest := pattern(8 << 20)
			r.say(string(rest))
			in.Data = nil
			looptest.Await(t, r.l, "the rest arrives", looptest.Elsewhere(func() {
				for len(in.Data) < len(rest) && looptest.AwaitReadable(p.FD) {
					in.Fetch()
				}
			}))
			if string(in.Data) != string(rest) {
				t.Fatalf("the peer has %d bytes of %d", len(in.Data), len(rest))
			}
			p.Say("answer")
			if !<-resultUnlocked(r, result) || r.all() != "answer" {
				t.Error("no answer")
			}
		})
	}
}

// What an unbuffered socket has written is sent at once, and signalled later: by those who wait,
// if no loop runs. So it goes with what the loop has sent in a turn that was interrupted.
func TestWaitOnAnotherThreadSignalsWhatWasSentMeanwhile(t *testing.T) {
	for name, c := range map[string]struct {
		mode OpenMode
		send func(*rig)
	}{
		"unbuffered": {ReadWrite | Unbuffered, func(r *rig) { r.say("one"); r.say("two") }},
		"by the loop": {ReadWrite, func(r *rig) {
			r.say("onetwo")
			(*handler)(r.Socket).Send()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			r, p := connectedIn(t, looptest.New(t), c.mode)
			result := waiting(t, r, func() bool { return r.WaitForDisconnected(long) })
			c.send(r)
			r.Disconnect()
			if !<-resultUnlocked(r, result) {
				t.Error("not disconnected")
			}
			in := p.Inbox()
			if in.Fetch(); string(in.Data) != "onetwo" {
				t.Errorf("the peer has %q", in.Data)
			}
		})
	}
}

func TestWaitOnAnotherThreadSeesTheStateThatIsSet(t *testing.T) {
	r, _ := connected(t, looptest.New(t))
	result := waiting(t, r, func() bool { return r.WaitForDisconnected(long) })
	r.SetState(Unconnected)
	if !<-resultUnlocked(r, result) {
		t.Error("not disconnected")
	}
}

func TestWaitOnAnotherThreadReadsOnWhenThereIsRoom(t *testing.T) {
	r, p := connected(t, looptest.New(t))
	r.SetReadLimit(4)
	p.Say("onetwo")
	r.untilAvailable(4)
	r.settle()
	result := waiting(t, r, func() bool { return r.WaitForDisconnected(long) })
	want(t, "first", r.text(10), "onet")
	p.Close()
	if !<-resultUnlocked(r, result) {
		t.Error("not disconnected")
	}
	want(t, "second", r.text(10), "wo")
}

// resultUnlocked passes a wait's result on while the lock is free.
func resultUnlocked(r *rig, result <-chan bool) <-chan bool {
	r.t.Helper()
	passed := make(chan bool, 1)
	looptest.Await(r.t, r.l, "the wait has ended", looptest.Elsewhere(func() {
		select {
		case ok := <-result:
			passed <- ok
		case <-time.After(looptest.Patience):
		}
	}))
	return passed
}

func TestWaitOnTwoThreadsWithoutALoop(t *testing.T) {
	for range 20 {
		r, p := connected(t, looptest.New(t))
		one := waiting(t, r, func() bool { return r.WaitForReadyRead(long) })
		two := waiting(t, r, func() bool { return r.WaitForReadyRead(long) })
		three := waiting(t, r, func() bool { return r.WaitForDisconnected(long) })
		p.Say("x")
		if !<-resultUnlocked(r, one) || !<-resultUnlocked(r, two) {
			t.Error("nothing came")
		}
		p.Close()
		if !<-resultUnlocked(r, three) {
			t.Error("not disconnected")
		}
		if r.count("readyRead") != 1 || r.count("disconnected") != 1 {
			t.Errorf("%q", r.log)
		}
		r.Delete()
	}
}

func TestWaitEndsWithTheConnectionOrTheSocket(t *testing.T) {
	for name, wait := range waits {
		for how, end := range map[string]func(*rig){
			"Abort":  func(r *rig) { r.Abort() },
			"Delete": func(r *rig) { r.Delete() },
			"Reconnect": func(r *rig) {
				listener := looptest.Listen(r.t)
				r.Abort()
				r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
			},
		} {
			t.Run(name+"/"+how, func(t *testing.T) {
				r, _ := connected(t, looptest.New(t))
				r.Write(make([]byte, 16<<20))
				r.settle() // the system takes no more
				result := waiting(t, r, func() bool { return wait(r, -1) })
				end(r)
				ok := <-resultUnlocked(r, result)
				if name == "WaitForDisconnected" && how == "Delete" {
					return // it is disconnected first, and may be seen so
				}
				if want := name == "WaitForDisconnected"; ok != want {
					t.Errorf("the wait returned %v", ok)
				}
			})
		}
	}
}

func TestWaitForConnectedEndsWithTheAttempt(t *testing.T) {
	full := looptest.ListenAt(t, address.LocalHost, 0, 0)
	full.Fill()
	for how, end := range map[string]func(*rig){
		"Abort":  func(r *rig) { r.Abort() },
		"Delete": func(r *rig) { r.Delete() },
	} {
		t.Run(how, func(t *testing.T) {
			r := fresh(t, looptest.New(t))
			r.ConnectToAddress(address.LocalHost, full.Port, ReadWrite)
			result := waiting(t, r, func() bool { return r.WaitForConnected(-1) })
			end(r)
			if <-resultUnlocked(r, result) {
				t.Error("connected")
			}
		})
	}
}

func TestDeletedInASlotDuringAWait(t *testing.T) {
	for name, wait := range waits {
		t.Run(name, func(t *testing.T) {
			r, p := connected(t, looptest.New(t))
			r.on[SignalReadyRead] = func(int64) { r.Delete() }
			r.on[SignalBytesWritten] = func(int64) { r.Delete() }
			r.Write([]byte("x"))
			p.Say("x")
			if wait(r, long) {
				t.Error("a deleted socket's wait must fail")
			}
			if r.count("destroyed") != 1 {
				t.Errorf("%q", r.log)
			}
		})
	}
}

func TestWaitWithoutDescriptors(t *testing.T) {
	// A wait needs one of its own, if there is none to be used again.
	r, p := connected(t, looptest.New(t))
	p.Say("x")
	restore := looptest.NoDescriptors(t)
	ok := r.WaitForReadyRead(long)
	restore()
	if ok || r.Failure().Code != failure.SocketResource {
		t.Errorf("%v, %v", ok, r.Failure())
	}
	if !r.WaitForReadyRead(long) {
		t.Error("nothing came")
	}
}

func TestConversationWithoutALoop(t *testing.T) {
	l := looptest.New(t)
	listener := looptest.Listen(t)
	r := fresh(t, l)
	r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
	if !r.WaitForConnected(long) {
		t.Fatal(r.Failure())
	}
	p := listener.Accept()
	in := p.Inbox()
	for i := range 50 {
		r.say("ping")
		if !r.WaitForBytesWritten(long) {
			t.Fatal(r.Failure())
		}
		looptest.AwaitReadable(p.FD)
		if in.Fetch() != 4*(i+1) {
			t.Fatalf("the peer has %q", in.Data)
		}
		p.Say("pong")
		if !r.WaitForReadyRead(long) || r.all() != "pong" {
			t.Fatal(r.Failure())
		}
	}
	r.Disconnect()
	if r.State() != Unconnected {
		t.Errorf("state %d", r.State())
	}
}

func TestWaitForReadyReadWithRoomInTheBuffer(t *testing.T) {
	eachOrigin(t, func(t *testing.T, r *rig, p *looptest.Peer) {
		r.SetReadLimit(4)
		p.Say("abcdefgh")
		r.untilAvailable(4)
		r.Read(make([]byte, 3))
		if !r.WaitForReadyRead(long) || r.all() != "defg" {
			t.Error("there was room, but nothing came")
		}
	})
}

// A full buffer takes nothing, which is no reason not to send. What the peer does not
// take is waited for, as long as may be.
func TestWaitForReadyReadWithAFullBufferSends(t *testing.T) {
	eachOrigin(t, func(t *testing.T, r *rig, p *looptest.Peer) {
		r.SetReadLimit(4)
		p.Say("abcdef")
		r.untilAvailable(4)
		r.log = nil
		in := p.Inbox()
		r.say("text")
		if r.WaitForReadyRead(-1) || r.BytesToWrite() != 0 || r.BytesAvailable() != 4 {
			t.Errorf("%d bytes to write", r.BytesToWrite())
		}
		r.expect("bytesWritten 4")
		r.Write(make([]byte, 16<<20))
		took := timed(func() {
			if r.WaitForReadyRead(short) {
				t.Error("nothing was read")
			}
		})
		if took < short*time.Millisecond || r.count("error 5") != 0 {
			t.Errorf("%v, %q", took, r.log)
		}
		if in.Fetch() <= 4 {
			t.Error("the peer has nothing")
		}
		// The handler makes room.
		r.on[SignalBytesWritten] = func(int64) {
			delete(r.on, SignalBytesWritten)
			r.all()
		}
		if !r.WaitForReadyRead(long) || r.all() != "ef" {
			t.Error("there was room, but nothing came")
		}
	})
}

// The last that has come is still read, as in Qt: by the wait that sends the last.
func TestWaitForBytesWrittenWhileClosingReads(t *testing.T) {
	eachOrigin(t, func(t *testing.T, r *rig, p *looptest.Peer) {
		r.log = nil
		p.Say("hello")
		p.Finish()
		looptest.AwaitReadable(int(r.fd))
		r.say("ping")
		r.Disconnect()
		if !r.WaitForBytesWritten(long) {
			t.Error(r.Failure())
		}
		want(t, "what has come", r.all(), "hello")
		r.expect("state 6", "readyRead", "bytesWritten 4", "state 0", "readChannelFinished", "disconnected")
		in := p.Inbox()
		r.until("the peer has it", in.Has(4))
	})
}

// While closing there is nothing more to come: so in Qt.
func TestWaitForReadyReadWhileClosing(t *testing.T) {
	r, p := connected(t, looptest.New(t))
	p.Say("hello")
	looptest.AwaitReadable(int(r.fd))
	r.say("ping")
	r.Disconnect()
	if r.WaitForReadyRead(-1) {
		t.Error("data has come")
	}
	r.expect("state 6")
}

func TestWaitForDisconnectedWithRoomInTheBuffer(t *testing.T) {
	eachOrigin(t, func(t *testing.T, r *rig, p *looptest.Peer) {
		r.SetReadLimit(4)
		p.Say("abcdef")
		r.untilAvailable(4)
		p.Close()
		r.Read(make([]byte, 3))
		if !r.WaitForDisconnected(long) || r.BytesAvailable() != 3 {
			t.Error("the end was not seen")
		}
	})
}

func TestWaitForReadyReadUnbufferedAndUnread(t *testing.T) {
	r, p := connectedIn(t, looptest.New(t), ReadWrite|Unbuffered)
	p.Say("abc")
	r.untilLogged("readyRead")
	for range 2 {
		if !r.WaitForReadyRead(long) || r.BytesAvailable() != 3 {
			t.Error("what is there is not told again")
		}
	}
}

// Data for which there is no reader leaves the system, where those look who wait, without a
// signal.
func TestThoseWhoWaitAreToldOfDataThatIsDropped(t *testing.T) {
	r, p := given(t, WriteOnly, "")
	w, err := r.ensureCold().waiters.Add(r.Loop())
	if err != nil {
		t.Fatal(err)
	}
	defer r.cold.waiters.Remove(r.Loop(), w)
	before := r.received
	p.Say("unwanted")
	looptest.Until(t, r.Loop(), "it has come", func() bool { return r.received != before })
	if !r.Loop().Sleep(w, nil, time.Now()) {
		t.Error("not told")
	}
}

// What is sent inside bytesWritten is not signalled, but counts for those who wait.
func TestThoseWhoWaitAreToldOfWhatIsSentInsideBytesWritten(t *testing.T) {
	r, _ := connected(t, looptest.New(t))
	calls := 0
	r.on[SignalBytesWritten] = func(int64) {
		calls++
		w, err := r.ensureCold().waiters.Add(r.Loop())
		if err != nil {
			t.Fatal(err)
		}
		defer r.cold.waiters.Remove(r.Loop(), w)
		told := func() bool { return r.Loop().Sleep(w, nil, time.Now()) }
		r.Write([]byte("more"))
		if !told() {
			t.Error("not told that there is something to send")
		}
		if !r.FlushNow() || !told() {
			t.Error("not told that it was sent")
		}
	}
	r.Write([]byte("text"))
	r.untilLogged("bytesWritten 4")
	if r.settle(); calls != 1 {
		t.Errorf("%d calls", calls)
	}
}

// Of two sockets that are ready in one turn, the first one's slot waits for the second: what
// that has received is signalled first, whatever is waited for.
func TestWaitingSignalsWhatIsDue(t *testing.T) {
	for name, waits := range map[string]func(r *rig) bool{
		"bytesWritten": func(r *rig) bool { r.Write([]byte("x")); return r.WaitForBytesWritten(long) },
		"disconnected": func(r *rig) bool { return !r.WaitForDisconnected(0) },
	} {
		t.Run(name, func(t *testing.T) {
			l := looptest.New(t)
			a, peer := connected(t, l)
			b, other := connected(t, l)
			waited := false
			for first, second := range map[*rig]*rig{a: b, b: a} {
				first.on[SignalReadyRead] = func(int64) {
					if waited {
						return
					}
					waited = true
					if !waits(second) || second.count("readyRead") != 1 {
						t.Errorf("the wait is over, and signalled was %v", second.log)
					}
				}
			}
			peer.Say("one")
			other.Say("two")
			a.until("both are told", func() bool { return a.count("readyRead") == 1 && b.count("readyRead") == 1 })
		})
	}
}

// TestWaitingForAnswersTakesNothing: who waits does so for each message.
func TestWaitingForAnswersTakesNothing(t *testing.T) {
	if looptest.Race {
		t.Skip("the race detector allocates")
	}
	l := looptest.New(t)
	one, other := systest.Pair(t, unix.SOCK_STREAM)
	defer unix.Close(other)
	s := New(l)
	defer s.Delete()
	if !s.SetDescriptor(one, Connected, ReadWrite) {
		t.Fatal("not adopted")
	}
	p := make([]byte, 64)
	roundTrip := func() {
		s.Write(p)
		if !s.WaitForBytesWritten(-1) {
			t.Fatal("nothing was sent")
		}
		if n, err := unix.Read(other, p); n != len(p) {
			t.Fatal(n, err)
		}
		unix.Write(other, p)
		if !s.WaitForReadyRead(-1) || s.Read(p) != len(p) {
			t.Fatal("no answer")
		}
	}
	if n := testing.AllocsPerRun(100, roundTrip); n != 0 {
		t.Errorf("%v allocations for a message to and fro", n)
	}
}
