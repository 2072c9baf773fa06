package socket

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/loop"
)

// eachConnection runs a test with a socket of each kind, origin and mode.
func eachConnection(t *testing.T, f func(t *testing.T, r *rig, p *looptest.Peer)) {
	begin := map[string]func(*testing.T, *loop.Loop) (*rig, *looptest.Peer){
		"connected": func(t *testing.T, l *loop.Loop) (*rig, *looptest.Peer) { return connected(t, l) },
		"accepted":  func(t *testing.T, l *loop.Loop) (*rig, *looptest.Peer) { return adopted(t, l) },
		"unbuffered": func(t *testing.T, l *loop.Loop) (*rig, *looptest.Peer) {
			return connectedIn(t, l, ReadWrite|Unbuffered)
		},
	}
	for name, origin := range begin {
		t.Run(name, func(t *testing.T) {
			r, p := origin(t, looptest.New(t))
			f(t, r, p)
		})
	}
	for name, origin := range localOrigins {
		t.Run("local, "+name, func(t *testing.T) {
			r, p := origin(t)
			f(t, r, p)
		})
	}
	t.Run("local, receiving descriptors", func(t *testing.T) {
		r, p := paired(t)
		r.SetReceivesDescriptors(true)
		f(t, r, p)
	})
}

// want returns the signals of a connection's end.
var (
	peersEnd = []string{"error 1", "state 6", "state 0", "readChannelFinished", "disconnected"}
	ownEnd   = []string{"state 6", "state 0", "disconnected"} // of a half-open one
)

// isLast reports whether a log ends in some entries, and has none of them before.
func (r *rig) isLast(entries []string) bool {
	at := len(r.log) - len(entries)
	if at < 0 || !slices.Equal(r.log[at:], entries) {
		return false
	}
	for _, e := range r.log[:at] {
		if slices.Contains(entries, e) {
			return false
		}
	}
	return true
}

// expectSent is expect of bytesWritten, which an unbuffered socket does not emit.
func (r *rig) expectSent(entry string) {
	r.t.Helper()
	if r.mode&Unbuffered != 0 {
		r.expect()
	} else {
		r.expect(entry)
	}
}

// large is more than the system takes without a reader.
const large = 16 << 20

// much is more than is sent at once.
const much = 1 << 20

// TestWhatWasWrittenIsSentBeforeThePeersEndIsTold: it was cut where the system's buffer
// was full.
func TestWhatWasWrittenIsSentBeforeThePeersEndIsTold(t *testing.T) {
	eachConnection(t, func(t *testing.T, r *rig, p *looptest.Peer) {
		data := pattern(large)
		if n := r.Write(data); n != large {
			t.Fatalf("Write = %d", n)
		}
		r.until("the system takes no more", func() bool { return (r.outlet == blocked) })
		p.Finish()
		r.settle()
		if r.State() != Connected || r.BytesToWrite() == 0 || r.count("error 1") != 0 {
			t.Fatalf("state %d, %d bytes to write, %q", r.State(), r.BytesToWrite(), r.log)
		}
		if looptest.Readable(r.l.FD()) {
			t.Error("the loop does not come to rest")
		}
		in := p.Inbox()
		r.until("the peer has all", in.Ended)
		if in.End != looptest.ErrEnd || !bytes.Equal(in.Data, data) {
			t.Errorf("the peer got %d of %d bytes: %v", len(in.Data), large, in.End)
		}
		if !r.isLast(peersEnd) || r.BytesToWrite() != 0 {
			t.Errorf("%q, %d bytes to write", r.log, r.BytesToWrite())
		}
	})
}

// Without a loop it is a wait that sends.
func TestWhatWasWrittenIsSentInAWait(t *testing.T) {
	eachConnection(t, func(t *testing.T, r *rig, p *looptest.Peer) {
		data := pattern(large)
		r.Write(data)
		p.Finish()
		in := p.Inbox()
		read := make(chan bool)
		go func() {
			for !in.Ended() {
				looptest.AwaitReadable(p.FD)
			}
			read <- true
		}()
		if !r.WaitForDisconnected(-1) {
			t.Error(r.Failure())
		}
		<-read
		if in.End != looptest.ErrEnd || !bytes.Equal(in.Data, data) {
			t.Errorf("the peer got %d of %d bytes: %v", len(in.Data), large, in.End)
		}
		if !r.isLast(peersEnd) {
			t.Errorf("%q", r.log)
		}
	})
}

// Who writes the rest whenever something was sent comes to his end.
func TestAnAnswerInPiecesIsSentBeforeThePeersEndIsTold(t *testing.T) {
	r, p := connected(t, looptest.New(t))
	const pieces = 100
	data := pattern(50_000)
	left := pieces - 1
	r.on[SignalBytesWritten] = func(int64) {
		if left > 0 {
			left--
			r.Write(data)
		}
	}
	r.Write(data)
	p.Finish()
	in := p.Inbox()
	r.until("the peer has all", in.Ended)
	if len(in.Data) != pieces*len(data) || !r.isLast(peersEnd) {
		t.Errorf("%d bytes, then %v", len(in.Data), in.End)
	}
}

// What a handler of the end writes is not lost either.
func TestWhatIsWrittenInTheErrorOfThePeersEndIsSent(t *testing.T) {
	eachConnection(t, func(t *testing.T, r *rig, p *looptest.Peer) {
		data := pattern(large)
		r.on[SignalErrorOccurred] = func(int64) {
			if n := r.Write(data); n != large {
				t.Errorf("Write = %d", n)
			}
			if r.IsValid() {
				t.Error("it is valid, other than in Qt")
			}
		}
		p.Finish()
		in := p.Inbox()
		r.until("the peer has all", in.Ended)
		if in.End != looptest.ErrEnd || !bytes.Equal(in.Data, data) {
			t.Errorf("the peer got %d of %d bytes: %v", len(in.Data), large, in.End)
		}
		r.log = slices.DeleteFunc(r.log, func(e string) bool { return len(e) > 12 && e[:12] == "bytesWritten" })
		r.expect(peersEnd...)
		if r.Descriptor() != -1 {
			t.Error("there is still a descriptor")
		}
	})
}

// Whoever listens no more is noticed by sending, and told of once.
func TestThePeerClosesWhileMuchIsToBeSent(t *testing.T) {
	eachConnection(t, func(t *testing.T, r *rig, p *looptest.Peer) {
		r.Write(pattern(large))
		r.until("the system takes no more", func() bool { return (r.outlet == blocked) })
		p.Close()
		r.untilLogged("disconnected")
		if r.count("error 1") != 1 || r.count("disconnected") != 1 || r.count("readChannelFinished") != 1 {
			t.Errorf("%q", r.log)
		}
	})
}

func TestHalfOpen(t *testing.T) {
	eachConnection(t, func(t *testing.T, r *rig, p *looptest.Peer) {
		r.SetAllowHalfOpen(true)
		if !r.AllowHalfOpen() || r.IsReadChannelFinished() {
			t.Error("the setting")
		}
		r.on[SignalReadChannelFinished] = func(int64) {
			if r.State() != Connected || !r.IsReadChannelFinished() || r.Descriptor() < 0 || !r.IsValid() {
				t.Errorf("in readChannelFinished: state %d", r.State())
			}
		}
		p.Say("request")
		p.Finish()
		r.untilLogged("readyRead")
		if r.mode&Unbuffered != 0 {
			// Its end is behind what is to be read.
			if got := r.all(); got != "request" {
				t.Errorf("got %q", got)
			}
		}
		r.untilLogged("readChannelFinished")
		r.settle()
		if looptest.Readable(r.l.FD()) {
			t.Error("the loop does not come to rest")
		}
		if r.mode&Unbuffered == 0 {
			if got := r.all(); got != "request" {
				t.Errorf("got %q", got)
			}
		}
		space := make([]byte, 10)
		if n, m, k := r.Read(space), r.Peek(space), r.Skip(1); n != -1 || m != -1 || k != -1 || !r.AtEnd() {
			t.Errorf("behind the end: Read %d, Peek %d, Skip %d", n, m, k)
		}
		if n := r.Read(nil); n != 0 {
			t.Errorf("Read of nothing = %d", n)
		}
		r.expect("readyRead", "readChannelFinished")
		// Now, and later, as much as it likes.
		in := p.Inbox()
		r.say("answer")
		r.until("it has come", in.Has(6))
		data := pattern(much)
		r.Write(data)
		r.until("all has come", in.Has(6+much))
		if !bytes.Equal(in.Data, append([]byte("answer"), data...)) || in.End != nil {
			t.Errorf("the peer got %d bytes, then %v", len(in.Data), in.End)
		}
		r.settle()
		r.log = nil
		r.Disconnect()
		r.until("the peer has the end", in.Ended)
		r.expect(ownEnd...)
		if in.End != looptest.ErrEnd || r.IsReadChannelFinished() {
			t.Errorf("%v", in.End)
		}
	})
}

// The two ends in either order: the connection has ended with the second.
func TestBothEndsAreTheEnd(t *testing.T) {
	eachConnection(t, func(t *testing.T, r *rig, p *looptest.Peer) {
		r.SetAllowHalfOpen(true)
		r.say("all")
		r.CloseWriteChannel()
		in := p.Inbox()
		r.until("the peer has it all", in.Ended)
		if string(in.Data) != "all" || in.End != looptest.ErrEnd {
			t.Errorf("%q, %v", in.Data, in.End)
		}
		r.settle()
		r.expectSent("bytesWritten 3")
		if n := r.Write([]byte("more")); n != -1 || r.Failure().Code != failure.Operation {
			t.Errorf("Write = %d, %v", n, r.Failure())
		}
		p.Say("answer")
		r.untilLogged("readyRead")
		if got := r.all(); got != "answer" {
			t.Errorf("got %q", got)
		}
		p.Finish()
		r.untilLogged("disconnected")
		r.expect(append([]string{"readyRead", "readChannelFinished"}, ownEnd...)...)
	})
	eachConnection(t, func(t *testing.T, r *rig, p *looptest.Peer) {
		r.SetAllowHalfOpen(true)
		p.Finish()
		r.untilLogged("readChannelFinished")
		data := pattern(much)
		r.Write(data)
		waits := r.BytesToWrite() > 0 // of an unbuffered socket the system may have taken all
		r.CloseWriteChannel()
		r.CloseWriteChannel()
		if waits && r.State() != Connected {
			t.Error("it has ended before all is sent")
		}
		in := p.Inbox()
		r.until("the peer has it all", in.Ended)
		r.untilLogged("disconnected")
		if !bytes.Equal(in.Data, data) || in.End != looptest.ErrEnd || !r.isLast(ownEnd) || r.count("readChannelFinished") != 1 {
			t.Errorf("%d bytes, %v, %q", len(in.Data), in.End, r.log)
		}
	})
}

// Where half-open connections are not allowed the peer's end is an error, as ever.
func TestTheWriteChannelAlone(t *testing.T) {
	eachConnection(t, func(t *testing.T, r *rig, p *looptest.Peer) {
		r.CloseWriteChannel()
		in := p.Inbox()
		r.until("the peer has the end", in.Ended)
		r.settle()
		r.expect()
		p.Say("answer")
		r.untilLogged("readyRead")
		r.all()
		p.Finish()
		r.untilLogged("disconnected")
		r.expect(append([]string{"readyRead"}, peersEnd...)...)
	})
}

func TestTheWriteChannelIsClosedOnceConnected(t *testing.T) {
	l := looptest.New(t)
	for _, early := range []string{"", "early"} {
		listener := looptest.Listen(t)
		r := fresh(t, l)
		r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
		r.say(early)
		r.CloseWriteChannel()
		if n := r.Write([]byte("late")); n != -1 {
			t.Errorf("Write = %d", n)
		}
		r.untilLogged("connected")
		in := listener.Accept().Inbox()
		r.until("the peer has it all", in.Ended)
		if string(in.Data) != early || in.End != looptest.ErrEnd || r.State() != Connected {
			t.Errorf("%q, %v, state %d", in.Data, in.End, r.State())
		}
		// The next connection has its own.
		r.Abort()
		r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
		r.untilLogged("connected")
		r.say("again")
	}
}

func TestAWriteChannelThatIsNotThere(t *testing.T) {
	l := looptest.New(t)
	said := warnings(t)
	r := fresh(t, l)
	r.CloseWriteChannel()
	expectWarning(t, said, "not connected")
	u := observe(t, NewUDP(l))
	u.CloseWriteChannel()
	u.expect("error 10")
	c, p := connected(t, l)
	c.Write(pattern(large))
	c.Disconnect()
	c.CloseWriteChannel()
	p.Close()
	c.untilLogged("disconnected")
	if len(*said) != 0 {
		t.Errorf("%q", *said)
	}
}

// A connection that is over altogether is no half-open one.
func TestTheOtherEndOfAHalfOpenConnectionGoes(t *testing.T) {
	for name, waits := range map[string]bool{"in the loop": false, "in a wait": true} {
		t.Run(name, func(t *testing.T) {
			eachConnection(t, func(t *testing.T, r *rig, p *looptest.Peer) {
				r.SetAllowHalfOpen(true)
				p.Finish()
				r.untilLogged("readChannelFinished")
				r.settle()
				r.expect("readChannelFinished")
				p.Reset()
				if waits {
					if !r.WaitForDisconnected(-1) {
						t.Error("it has not ended")
					}
				} else {
					r.untilLogged("disconnected")
				}
				r.expect(append([]string{"error 1"}, ownEnd...)...)
			})
		})
	}
}

func TestWaitsOfAHalfOpenConnection(t *testing.T) {
	eachConnection(t, func(t *testing.T, r *rig, p *looptest.Peer) {
		r.SetAllowHalfOpen(true)
		p.Finish()
		if r.WaitForReadyRead(-1) {
			t.Error("there is something to read")
		}
		r.expect("readChannelFinished")
		if r.WaitForReadyRead(-1) || r.State() != Connected {
			t.Errorf("state %d", r.State())
		}
		r.say("answer")
		if r.WaitForBytesWritten(-1) == (r.mode&Unbuffered != 0) || r.BytesToWrite() != 0 {
			t.Errorf("%v", r.Failure())
		}
		r.expectSent("bytesWritten 6")
		// As with a full buffer: what was written goes out.
		r.say("more")
		if r.WaitForReadyRead(-1) || r.BytesToWrite() != 0 {
			t.Errorf("%d bytes to write", r.BytesToWrite())
		}
		in := p.Inbox()
		r.until("it has come", in.Has(10))
		r.log = nil
		if r.WaitForDisconnected(0) || r.Failure().Code != failure.SocketTimeout {
			t.Error("it has ended by itself")
		}
		r.CloseWriteChannel()
		r.expect(append([]string{"error 5"}, ownEnd...)...)
	})
}

func TestHandlersOfThePeersEnd(t *testing.T) {
	for name, c := range map[string]struct {
		act  func(r *rig)
		want []string
	}{
		"disconnect": {(*rig).Disconnect, []string{"readChannelFinished", "state 6", "state 0", "disconnected"}},
		"close":      {(*rig).Close, []string{"readChannelFinished", "aboutToClose", "state 6", "state 0", "disconnected"}},
		"abort":      {(*rig).Abort, []string{"readChannelFinished", "aboutToClose", "state 0", "disconnected"}},
		"delete":     {(*rig).Delete, []string{"readChannelFinished", "aboutToClose", "state 0", "disconnected", "destroyed"}},
		"end":        {(*rig).CloseWriteChannel, []string{"readChannelFinished", "state 6", "state 0", "disconnected"}},
		"disallow":   {func(r *rig) { r.SetAllowHalfOpen(false) }, []string{"readChannelFinished"}},
		"a loop":     {func(r *rig) { looptest.Settle(r.t, r.l) }, []string{"readChannelFinished"}},
	} {
		t.Run(name, func(t *testing.T) {
			r, p := connected(t, looptest.New(t))
			r.SetAllowHalfOpen(true)
			r.on[SignalReadChannelFinished] = func(int64) { c.act(r) }
			p.Finish()
			r.untilLogged("readChannelFinished")
			if r.Alive() {
				r.settle()
			}
			r.expect(c.want...)
		})
	}
}

// What was of the last connection is not of the next.
func TestTheNextConnectionIsOpenOnBothSides(t *testing.T) {
	l := looptest.New(t)
	listener := looptest.Listen(t)
	for name, end := range map[string]func(*rig){
		"Abort": func(r *rig) { r.Abort() },
		"SetDescriptor": func(r *rig) {
			p := looptest.StartDial(t, address.LocalHost, listener.Port)
			fd, _, _ := listener.AcceptDescriptor()
			if !r.SetDescriptor(fd, Connected, ReadWrite) {
				t.Fatal(r.Failure())
			}
			p.Say("x")
			r.untilAvailable(1)
			p.Finish()
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, p := connected(t, l)
			r.SetAllowHalfOpen(true)
			p.Finish()
			r.untilLogged("readChannelFinished")
			r.log = nil
			end(r)
			if r.State() == Unconnected {
				r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
				r.untilLogged("connected")
				if r.IsReadChannelFinished() {
					t.Error("it begins with its end")
				}
				listener.Accept().Finish()
			}
			r.untilLogged("readChannelFinished")
			if !r.AllowHalfOpen() || r.State() != Connected {
				t.Errorf("state %d", r.State())
			}
		})
	}
}

// One that is open for writing alone notices the end, too.
func TestHalfOpenForWriting(t *testing.T) {
	r, p := connectedIn(t, looptest.New(t), WriteOnly)
	r.SetAllowHalfOpen(true)
	p.Say("unwanted")
	p.Finish()
	r.untilLogged("readChannelFinished")
	in := p.Inbox()
	r.say("answer")
	r.until("it has come", in.Has(6))
}

// The end behind more than the read buffer takes is told once all is read.
func TestHalfOpenBehindAReadLimit(t *testing.T) {
	r, p := connected(t, looptest.New(t))
	r.SetAllowHalfOpen(true)
	r.SetReadLimit(10)
	p.Say("more than ten bytes")
	p.Finish()
	r.untilAvailable(10)
	r.settle()
	if r.IsReadChannelFinished() || r.count("readChannelFinished") != 0 {
		t.Error("the end is told too early")
	}
	got := r.all()
	r.untilAvailable(9)
	got += r.all()
	r.untilLogged("readChannelFinished")
	if got != "more than ten bytes" || r.State() != Connected {
		t.Errorf("%q, state %d", got, r.State())
	}
}

// With faults, and the two ends at any moment, everything arrives.
func TestEndsWithFaults(t *testing.T) {
	for _, text := range mild {
		for _, allow := range []bool{false, true} {
			t.Run(fmt.Sprint(text, ", half-open: ", allow), func(t *testing.T) {
				eachSocket(t, "seed=2,"+text, func(t *testing.T, r *rig, p *looptest.Peer) {
					r.SetAllowHalfOpen(allow)
					data := pattern(300_000)
					in := p.Inbox()
					var got []byte
					r.on[SignalReadyRead] = func(int64) {
						space := make([]byte, 10_000)
						for n := r.Read(space); n > 0; n = r.Read(space) {
							got = append(got, space[:n]...)
						}
					}
					r.Write(data)
					if allow {
						r.CloseWriteChannel()
					}
					p.Say("request")
					p.Finish()
					r.until("all has come", in.Ended)
					r.untilLogged("disconnected")
					if !bytes.Equal(in.Data, data) || in.End != looptest.ErrEnd || string(got) != "request" {
						t.Errorf("the peer got %d bytes, then %v, this side %q", len(in.Data), in.End, got)
					}
					if r.count("readChannelFinished") != 1 || allow == (r.count("error 1") > 0) {
						t.Errorf("%q", r.log)
					}
				})
			})
		}
	}
}
