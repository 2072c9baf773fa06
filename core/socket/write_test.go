package socket

import (
	"bytes"
	"fmt"
	"math/rand"
	"testing"
	"testing/quick"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/object"
	"qnet/core/sys"
)

// big is the size of writes for which a copy costs something.
const big = 16 << 10

func TestWriteIsSentAtTheEndOfTheTurn(t *testing.T) {
	r, p := connected(t, looptest.New(t))
	in := p.Inbox()
	r.say("one ")
	r.say("two ")
	r.expect()
	if in.Fetch() != 0 || r.BytesToWrite() != 8 {
		t.Errorf("the peer has %q, %d bytes to write", in.Data, r.BytesToWrite())
	}
	r.on[SignalBytesWritten] = func(int64) {
		if r.BytesToWrite() != 0 {
			t.Errorf("%d bytes to write in bytesWritten", r.BytesToWrite())
		}
	}
	r.l.ProcessEvents(0)
	r.expect("bytesWritten 8")
	r.until("the peer has it", in.Has(8))
	// What a slot writes goes with the same turn.
	r.on[SignalReadyRead] = func(int64) { r.say("three"); r.say(" four") }
	r.log = nil
	p.Say("x")
	r.untilLogged("readyRead")
	r.expect("readyRead", "bytesWritten 10")
	r.until("the peer has it", in.Has(18))
	want(t, "the peer", string(in.Data), "one two three four")
}

func TestFlush(t *testing.T) {
	r, p := connected(t, looptest.New(t))
	in := p.Inbox()
	if r.FlushNow() {
		t.Error("there is nothing to flush")
	}
	r.say("text")
	if !r.FlushNow() || r.FlushNow() {
		t.Error("flushed not once")
	}
	r.expect("bytesWritten 4")
	r.until("the peer has it", in.Has(4))
	r.settle()
	r.expect()
}

func TestFlushNeedsAConnection(t *testing.T) {
	silent(t)
	l := looptest.New(t)
	full := looptest.ListenAt(t, address.LocalHost, 0, 0)
	full.Fill()
	r := fresh(t, l)
	r.ConnectToAddress(address.LocalHost, full.Port, ReadWrite)
	r.say("early")
	for _, state := range []State{Connecting, Connected, Closing} {
		// As a subclass can in Qt, without there being a connection.
		r.SetState(state)
		if r.FlushNow() || r.BytesToWrite() != 5 {
			t.Errorf("state %d: flushed", state)
		}
	}
	r.SetState(Connecting)

	// In the handler of the error that ends a connection.
	r, p := connected(t, l)
	r.on[SignalErrorOccurred] = func(int64) {
		r.Write([]byte("late"))
		if r.FlushNow() {
			t.Error("flushed in the error")
		}
	}
	p.Reset()
	r.untilLogged("disconnected")
	r.expect("error 1", "state 6", "state 0", "readChannelFinished", "disconnected")
}

func TestWriteNeedsAConnection(t *testing.T) {
	l := looptest.New(t)
	list := warnings(t)
	r := fresh(t, l)
	if n := r.Write([]byte("x")); n != -1 {
		t.Errorf("Write = %d", n)
	}
	expectWarning(t, list, "write: the socket is not open")
	r.Bind(address.LocalHost, 0, DefaultForPlatform)
	if n := r.Write([]byte("x")); n != -1 {
		t.Errorf("Write = %d", n)
	}
	*list = nil
	r, p := connectedIn(t, l, ReadOnly)
	if n := r.Write([]byte("x")); n != -1 {
		t.Errorf("Write = %d", n)
	}
	expectWarning(t, list, "write: the socket is open for reading only")
	p.Close()
	r.untilLogged("disconnected")
	r, p = connected(t, l)
	p.Close()
	r.untilLogged("disconnected")
	if n := r.Write([]byte("x")); n != -1 || r.Failure() != failure.NotConnected {
		t.Errorf("Write = %d, %v", n, r.Failure())
	}
	if len(*list) != 0 {
		t.Errorf("warnings: %q", *list)
	}
}

// A write of any size is sent by the loop, so that what is aborted in the same turn is not.
func TestNothingIsSentInsideWrite(t *testing.T) {
	for _, size := range []int{1, big - 1, big, 4 * big} {
		r, p := connected(t, looptest.New(t))
		in := p.Inbox()
		data := pattern(size)
		if n := r.Write(data); n != size {
			t.Fatalf("Write = %d of %d", n, size)
		}
		r.expect()
		if r.BytesToWrite() != int64(size) {
			t.Errorf("%d bytes: %d to write", size, r.BytesToWrite())
		}
		if n := sys.Outstanding(int(r.fd)); n != 0 || in.Fetch() != 0 {
			t.Errorf("%d bytes: they were sent", size)
		}
		clear(data) // the caller's memory is the caller's again
		r.untilLogged(fmt.Sprint("bytesWritten ", size))
		r.expect(fmt.Sprint("bytesWritten ", size))
		r.until("the peer has it", in.Has(size))
		if !bytes.Equal(in.Data, pattern(size)) {
			t.Errorf("%d bytes: the peer has others", size)
		}
	}
}

func TestAbortDropsWhatWasWritten(t *testing.T) {
	for name, begin := range map[string]func(*testing.T) (*rig, *looptest.Peer){
		"TCP":   func(t *testing.T) (*rig, *looptest.Peer) { return connected(t, looptest.New(t)) },
		"local": localOrigins["connected"],
	} {
		for _, size := range []int{big - 1, big, 25 * big} {
			t.Run(fmt.Sprint(name, " ", size), func(t *testing.T) {
				r, p := begin(t)
				in := p.Inbox()
				r.Write(make([]byte, size))
				r.Abort()
				r.until("the peer sees the end", in.Ended)
				if len(in.Data) != 0 {
					t.Errorf("%d bytes have come", len(in.Data))
				}
			})
		}
	}
}

func TestLargeWriteKeepsItsPlaceBehindASmallOne(t *testing.T) {
	r, p := connected(t, looptest.New(t))
	in := p.Inbox()
	large := pattern(2 * big)
	r.say("small")
	r.Write(large)
	r.say("small")
	if in.Fetch() != 0 {
		t.Error("something was sent")
	}
	r.until("the peer has it", in.Has(len(large)+10))
	if string(in.Data) != "small"+string(large)+"small" {
		t.Error("the peer has something else")
	}
}

// TestEveryByteIsAccountedFor writes at random to a peer that reads at random:
// at each moment what was signalled and what is still to be written is what was
// written.
func TestEveryByteIsAccountedFor(t *testing.T) {
	check := func(seed int64) bool {
		ok := false
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewSource(seed))
			mode := ReadWrite
			r, p := connectedIn(t, looptest.New(t), mode)
			unix.SetsockoptInt(int(r.fd), unix.SOL_SOCKET, unix.SO_SNDBUF, 16<<10)
			in := p.Inbox()
			var written []byte
			signalled, inSlot, last := int64(0), 0, false
			balance := func(where string) {
				t.Helper()
				if signalled+r.BytesToWrite() != int64(len(written)) {
					t.Fatalf("%s: %d signalled, %d to write, %d written", where, signalled, r.BytesToWrite(), len(written))
				}
			}
			write := func() {
				size := 1 + random.Intn(100)
				if random.Intn(3) == 0 {
					size = big - 2 + random.Intn(4*big)
				}
				data := make([]byte, size)
				random.Read(data)
				n := r.Write(data)
				if n != size {
					t.Fatalf("Write = %d of %d", n, size)
				}
				written = append(written, data...)
			}
			r.on[SignalBytesWritten] = func(n int64) {
				signalled += n
				balance("in bytesWritten")
				if inSlot++; inSlot%3 == 0 && !last {
					write()
					balance("after a write in bytesWritten")
				}
			}
			for range 60 {
				switch random.Intn(4) {
				case 0, 1:
					write()
					balance("after Write")
				case 2:
					r.FlushNow()
					balance("after FlushNow")
				case 3:
					r.l.ProcessEvents(0)
					balance("after a turn")
					if random.Intn(2) == 0 {
						in.Fetch()
					}
				}
			}
			last = true
			r.until("the peer has it all", func() bool { return in.Fetch() == len(written) && r.BytesToWrite() == 0 })
			balance("at last")
			if r.BytesToWrite() != 0 || !bytes.Equal(in.Data, written) {
				t.Fatalf("%d bytes to write; equal: %v", r.BytesToWrite(), bytes.Equal(in.Data, written))
			}
			ok = true
		})
		return ok
	}
	if err := quick.Check(check, &quick.Config{MaxCount: 10}); err != nil {
		t.Error(err)
	}
}

func TestPeerThatDoesNotReadHoldsUpNobody(t *testing.T) {
	l := looptest.New(t)
	r, p := connected(t, l)
	other, q := connected(t, l)
	data := pattern(16 << 20)
	r.Write(data)
	r.settle()
	if r.BytesToWrite() == 0 || p.Unsent() != 0 {
		t.Fatalf("the system took all of %d bytes", len(data))
	}
	if looptest.Readable(l.FD()) {
		t.Error("the loop is busy with a socket that is blocked")
	}
	if r.FlushNow() {
		t.Error("something was flushed")
	}
	other.say("ping")
	other.untilLogged("bytesWritten 4")
	q.Say("pong")
	other.untilAvailable(4)
	in := p.Inbox()
	r.until("the peer has it all", in.Has(len(data)))
	r.settle()
	if r.BytesToWrite() != 0 || !bytes.Equal(in.Data, data) {
		t.Errorf("%d bytes to write; equal: %v", r.BytesToWrite(), bytes.Equal(in.Data, data))
	}
}

func TestWriteInBytesWrittenGoesOn(t *testing.T) {
	r, p := connected(t, looptest.New(t))
	n := 0
	r.on[SignalBytesWritten] = func(int64) {
		if n++; n < 100 {
			r.say("x")
			if n == 50 && !r.FlushNow() {
				t.Error("nothing was flushed")
			}
		}
	}
	r.say("x")
	in := p.Inbox()
	r.until("the peer has some", in.Has(50))
	r.settle()
	// One that was flushed inside the slot is not signalled: there is no
	// bytesWritten inside bytesWritten.
	if r.BytesToWrite() != 0 || n != 50 || in.Fetch() != n+1 {
		t.Errorf("%d times, the peer has %d, %d to write", n, in.Fetch(), r.BytesToWrite())
	}
}

func TestPanicInBytesWrittenDoesNotSilenceIt(t *testing.T) {
	r, p := connected(t, looptest.New(t))
	r.on[SignalBytesWritten] = func(int64) { panic("boom") }
	r.say("first")
	if got := looptest.Panic(r.settle); got != "boom" {
		t.Fatalf("panic: %v", got)
	}
	delete(r.on, SignalBytesWritten)
	r.log = nil
	r.say("second")
	r.untilLogged("bytesWritten 6")
	in := p.Inbox()
	r.until("the peer has it", in.Has(11))
}

func TestWriteToAPeerThatIsGone(t *testing.T) {
	for name, gone := range map[string]func(*looptest.Peer){
		"closed": (*looptest.Peer).Close,
		"reset":  (*looptest.Peer).Reset,
	} {
		for _, size := range []int{5, 4 * big} {
			t.Run(fmt.Sprint(name, " ", size), func(t *testing.T) {
				r, p := connected(t, looptest.New(t))
				gone(p)
				// Nobody has looked yet; and once more when it is known.
				for range 3 {
					if n := r.Write(make([]byte, size)); n != size && n != -1 {
						t.Errorf("Write = %d", n)
					}
				}
				r.until("it is over", func() bool { return r.State() == Unconnected })
				r.settle()
				if r.count("error 1") != 1 || r.count("disconnected") != 1 || r.BytesToWrite() != 0 {
					t.Errorf("%q; %d bytes to write", r.log, r.BytesToWrite())
				}
			})
		}
	}
}

func TestWhatThePeerSentLastIsReadBeforeTheError(t *testing.T) {
	r, p := connected(t, looptest.New(t))
	p.Say("last words")
	p.Close()
	// The first makes the peer's system answer with a reset, the others fail.
	r.on[SignalBytesWritten] = func(int64) {
		if r.count("bytesWritten 1") < 5 {
			r.Write([]byte("x"))
		}
	}
	for range 3 {
		r.Write([]byte("x"))
		r.FlushNow()
	}
	r.until("it is over", func() bool { return r.State() == Unconnected })
	if r.count("readyRead") != 1 || r.count("disconnected") != 1 {
		t.Errorf("%q", r.log)
	}
	if got := r.all(); got != "last words" {
		t.Errorf("received %q", got)
	}
}

func TestUnbufferedWriteGoesOutAtOnce(t *testing.T) {
	r, p := connectedIn(t, looptest.New(t), ReadWrite|Unbuffered)
	in := p.Inbox()
	r.say("text")
	looptest.AwaitReadable(p.FD)
	if in.Fetch() != 4 || r.BytesToWrite() != 0 {
		t.Errorf("the peer has %q; %d to write", in.Data, r.BytesToWrite())
	}
	// What the system does not take is kept and sent when it does.
	data := pattern(16 << 20)
	if n := r.Write(data); n != len(data) || r.BytesToWrite() == 0 {
		t.Errorf("Write = %d, %d to write", n, r.BytesToWrite())
	}
	r.say("end")
	r.until("the peer has it all", in.Has(len(data)+7))
	if string(in.Data) != "text"+string(data)+"end" {
		t.Error("the peer has something else")
	}
}

func TestUnbufferedWriteToAPeerThatIsGone(t *testing.T) {
	r, p := connectedIn(t, looptest.New(t), ReadWrite|Unbuffered)
	p.Reset()
	n := 0
	for range 3 {
		n = r.Write([]byte("x"))
	}
	if n != -1 || r.Failure().Code != failure.RemoteHostClosed {
		t.Errorf("Write = %d, %v", n, r.Failure())
	}
	r.untilLogged("disconnected")
}

func TestWriteLimitCutsAWriteShort(t *testing.T) {
	r, p := connected(t, looptest.New(t))
	in := p.Inbox()
	r.SetWriteLimit(10, 4)
	if r.WriteLimit() != 10 {
		t.Errorf("limit %d", r.WriteLimit())
	}
	for i, want := range []int{6, 4, 0} {
		if n := r.Write([]byte("123456")); n != want {
			t.Errorf("write %d = %d, want %d", i, n, want)
		}
	}
	r.untilLogged("drained")
	r.expect("bytesWritten 10", "drained")
	r.until("the peer has it", in.Has(10))
	// Without a write that was cut short nothing is signalled.
	r.say("text")
	r.settle()
	r.expect("bytesWritten 4")
	r.SetWriteLimit(2*big, 0)
	if n := r.Write(make([]byte, 3*big)); n != 2*big {
		t.Errorf("Write = %d", n)
	}
	if n := r.Write([]byte("x")); n != 0 {
		t.Errorf("Write = %d", n)
	}
	r.untilLogged("drained")
	r.SetWriteLimit(0, 0)
	r.Write(make([]byte, 1<<20))
	list := warnings(t)
	for _, bad := range [][2]int64{{-1, 0}, {1, -1}, {5, 5}} {
		r.SetWriteLimit(bad[0], bad[1])
		expectWarning(t, list, "set_write_buffer_limit")
	}
	if r.WriteLimit() != 0 {
		t.Errorf("limit %d", r.WriteLimit())
	}
}

func TestWriteCutShortIsForgottenWithItsConnection(t *testing.T) {
	l := looptest.New(t)
	r, _ := connected(t, l)
	r.SetWriteLimit(4, 0)
	r.Write([]byte("too long"))
	r.Abort()
	listener := looptest.Listen(t)
	r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
	r.untilLogged("connected")
	r.log = nil
	r.say("text")
	r.settle()
	r.expect("bytesWritten 4")
}

// producer keeps a socket's write limit full until all is written.
func TestWriteLimitCarriesALargeStream(t *testing.T) {
	r, p := connected(t, looptest.New(t))
	in := p.Inbox()
	data := pattern(2 << 20)
	r.SetWriteLimit(100_000, 30_000)
	written := 0
	produce := func(int64) {
		for written < len(data) {
			n := r.Write(data[written:min(len(data), written+7000)])
			written += n
			if r.BytesToWrite() > 100_000 {
				t.Fatalf("%d bytes to write", r.BytesToWrite())
			}
			if n < min(7000, len(data)-written+n) {
				return
			}
		}
	}
	r.on[SignalWriteBufferDrained] = produce
	produce(0)
	r.until("the peer has it all", in.Has(len(data)))
	if !bytes.Equal(in.Data, data) {
		t.Error("the peer has something else")
	}
}

func TestEndedInBytesWritten(t *testing.T) {
	for name, end := range map[string]func(*rig){
		"Abort":      func(r *rig) { r.Abort() },
		"Close":      func(r *rig) { r.Close() },
		"Disconnect": func(r *rig) { r.Disconnect() },
		"Delete":     func(r *rig) { r.Delete() },
	} {
		for _, signal := range []object.Signal{SignalBytesWritten, SignalWriteBufferDrained} {
			t.Run(name+" in "+signals[signal], func(t *testing.T) {
				r, _ := connected(t, looptest.New(t))
				r.SetWriteLimit(4, 0)
				r.on[signal] = func(int64) { end(r) }
				r.Write([]byte("text that is too long"))
				r.until("it is over", func() bool { return r.State() == Unconnected })
				r.settle()
				if n := r.count("disconnected"); n != 1 {
					t.Errorf("%q", r.log)
				}
			})
		}
	}
}

func TestWrittenInAnInterruptedTurnIsSentAndSignalledInTheNext(t *testing.T) {
	for i, answer := range []string{"answer", "answer", "x", "x"} {
		closing := i%2 == 1
		r, p := connected(t, looptest.New(t))
		in := p.Inbox()
		r.on[SignalReadyRead] = func(int64) {
			r.all()
			r.say(answer)
			if closing {
				r.Disconnect()
			}
			r.l.Interrupt()
		}
		p.Say("question")
		r.untilLogged("readyRead")
		want := []string{"readyRead"}
		if closing {
			want = append(want, "state 6")
		}
		r.expect(want...)
		if looptest.AwaitReadable(p.FD); in.Fetch() != len(answer) {
			t.Errorf("the peer has %q", in.Data)
		}
		if n := r.BytesToWrite(); n != int64(len(answer)) {
			t.Errorf("%d bytes are still to be signalled", n)
		}
		r.settle()
		want = []string{"bytesWritten " + itoa(len(answer))}
		if closing {
			want = append(want, "state 0", "readChannelFinished", "disconnected")
		}
		r.expect(want...)
	}
}

func TestWrittenInAnInterruptedTurnIsSignalledInAWait(t *testing.T) {
	for name, wait := range waits {
		r, p := connected(t, looptest.New(t))
		r.l.Post(func() {
			r.say("question")
			r.l.Interrupt()
		})
		for r.BytesToWrite() == 0 {
			r.l.ProcessEvents(0)
		}
		if p.Offer("answer"); !wait(r, 0) && name == "WaitForBytesWritten" {
			t.Errorf("%s: %v", name, r.Failure())
		}
		if r.count("bytesWritten 8") != 1 || r.BytesToWrite() != 0 {
			t.Errorf("%s: %q, %d bytes to write", name, r.log, r.BytesToWrite())
		}
	}
}
