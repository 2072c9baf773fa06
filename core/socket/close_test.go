package socket

import (
	"bytes"
	"fmt"
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/internal/systest"
)

func TestCloseWithNothingToSend(t *testing.T) {
	r, p := given(t, ReadWrite, "unread")
	r.on[SignalAboutToClose] = func(int64) {
		if r.State() != Connected || r.Mode() != ReadWrite || r.BytesAvailable() != 6 {
			t.Errorf("in aboutToClose: state %d, mode %d, %d bytes", r.State(), r.Mode(), r.BytesAvailable())
		}
	}
	r.on[SignalDisconnected] = func(int64) {
		if r.State() != Unconnected || r.Mode() != NotOpen || r.PeerAddress() != address.LocalHost || r.PeerPort() == 0 {
			t.Errorf("in disconnected: state %d, mode %d, peer %v", r.State(), r.Mode(), r.PeerAddress())
		}
	}
	r.Close()
	r.expect("aboutToClose", "state 6", "state 0", "readChannelFinished", "disconnected")
	if !r.PeerAddress().IsNull() || r.PeerPort() != 0 || !r.LocalAddress().IsNull() || r.BytesAvailable() != 0 || r.Descriptor() != -1 {
		t.Errorf("peer %v, local %v, %d bytes", r.PeerAddress(), r.LocalAddress(), r.BytesAvailable())
	}
	in := p.Inbox()
	r.until("the peer knows", in.Ended)
	r.Close()
	r.Disconnect()
	r.settle()
	r.expect()
}

func TestCloseSendsWhatIsPending(t *testing.T) {
	for name, c := range map[string]struct {
		close func(*rig)
		want  []string
		mode  OpenMode
	}{
		"Close":      {func(r *rig) { r.Close() }, []string{"aboutToClose", "state 6"}, NotOpen},
		"Disconnect": {func(r *rig) { r.Disconnect() }, []string{"state 6"}, ReadWrite},
	} {
		t.Run(name, func(t *testing.T) {
			r, p := given(t, ReadWrite, "unread")
			in := p.Inbox()
			r.say("last words")
			c.close(r)
			r.expect(c.want...)
			if r.State() != Closing || r.BytesToWrite() != 10 || r.Mode() != c.mode {
				t.Errorf("state %d, %d to write, mode %d", r.State(), r.BytesToWrite(), r.Mode())
			}
			r.untilLogged("disconnected")
			r.expect("bytesWritten 10", "state 0", "readChannelFinished", "disconnected")
			r.until("the peer knows", in.Ended)
			if string(in.Data) != "last words" || in.End != looptest.ErrEnd {
				t.Errorf("the peer has %q, %v", in.Data, in.End)
			}
		})
	}
}

func TestCloseSendsALotThatIsPending(t *testing.T) {
	r, p := connected(t, looptest.New(t))
	in := p.Inbox()
	data := pattern(16 << 20)
	r.Write(data)
	r.Disconnect()
	r.settle()
	if r.State() != Closing || r.BytesToWrite() == 0 {
		t.Fatalf("state %d, %d to write", r.State(), r.BytesToWrite())
	}
	// What the peer still says is of no interest, and must not cost the rest.
	p.Say("something")
	if n := r.Write([]byte("more")); n != 4 {
		t.Errorf("Write = %d", n)
	}
	r.until("the peer knows", in.Ended)
	if !bytes.Equal(in.Data, append(data, "more"...)) || in.End != looptest.ErrEnd {
		t.Errorf("the peer has %d bytes of %d, %v", len(in.Data), len(data)+4, in.End)
	}
	r.untilLogged("disconnected")
}

func TestSecondCloseChangesNothing(t *testing.T) {
	r, p := connected(t, looptest.New(t))
	in := p.Inbox()
	data := make([]byte, 8<<20)
	r.Write(data)
	r.Disconnect()
	r.Disconnect()
	r.Close()
	r.Close()
	r.until("the peer knows", in.Ended)
	r.untilLogged("disconnected")
	if len(in.Data) != len(data) || r.count("state 6") != 1 || r.count("disconnected") != 1 || r.count("aboutToClose") != 1 {
		t.Errorf("the peer has %d bytes of %d; %q", len(in.Data), len(data), r.log)
	}
}

func TestAbortDropsWhatIsPending(t *testing.T) {
	r, p := connected(t, looptest.New(t))
	in := p.Inbox()
	r.say("never sent")
	r.Abort()
	r.expect("aboutToClose", "state 0", "readChannelFinished", "disconnected")
	if r.BytesToWrite() != 0 || r.Mode() != NotOpen || r.Descriptor() != -1 {
		t.Errorf("%d to write, mode %d", r.BytesToWrite(), r.Mode())
	}
	r.until("the peer knows", in.Ended)
	if len(in.Data) != 0 {
		t.Errorf("the peer has %q", in.Data)
	}
	r.Abort()
	r.settle()
	r.expect()
}

func TestAbortWhileClosing(t *testing.T) {
	r, p := connected(t, looptest.New(t))
	in := p.Inbox()
	r.Write(make([]byte, 8<<20))
	r.Disconnect()
	r.settle()
	r.log = nil
	r.Abort()
	r.expect("aboutToClose", "state 0", "readChannelFinished", "disconnected")
	r.until("the peer knows", in.Ended)
	if len(in.Data) == 8<<20 {
		t.Error("the peer has it all")
	}
}

func TestAbortWhileBound(t *testing.T) {
	r := fresh(t, looptest.New(t))
	r.Bind(address.LocalHost, 0, DefaultForPlatform)
	port := r.LocalPort()
	r.log = nil
	r.Abort()
	if r.State() != Unconnected || r.Descriptor() != -1 || r.count("disconnected") != 0 {
		t.Errorf("state %d, descriptor %d, %q", r.State(), r.Descriptor(), r.log)
	}
	// The port is free again.
	other := fresh(t, r.l)
	if !other.Bind(address.LocalHost, port, DefaultForPlatform) {
		t.Error(other.Failure())
	}
}

func TestPeerCloses(t *testing.T) {
	for name, gone := range map[string]func(*looptest.Peer){
		"closed": (*looptest.Peer).Close,
		"reset":  (*looptest.Peer).Reset,
		"half":   (*looptest.Peer).Finish,
	} {
		for _, mode := range []OpenMode{ReadWrite, ReadWrite | Unbuffered, ReadOnly, WriteOnly} {
			t.Run(fmt.Sprint(name, " ", mode), func(t *testing.T) {
				r, p := connectedIn(t, looptest.New(t), mode)
				fd := r.Descriptor()
				r.on[SignalErrorOccurred] = func(int64) {
					if r.State() != Connected || r.IsValid() || r.Failure() != failure.PeerClosed || r.Descriptor() != fd {
						t.Errorf("in errorOccurred: state %d, valid %v, %v", r.State(), r.IsValid(), r.Failure())
					}
				}
				r.on[SignalDisconnected] = func(int64) {
					if r.PeerAddress() != address.LocalHost || r.PeerPort() == 0 {
						t.Errorf("in disconnected: peer %v", r.PeerAddress())
					}
				}
				gone(p)
				r.untilLogged("disconnected")
				r.expect("error 1", "state 6", "state 0", "readChannelFinished", "disconnected")
				if r.Mode() != mode || !r.PeerAddress().IsNull() || r.Descriptor() != -1 {
					t.Errorf("mode %d, peer %v, descriptor %d", r.Mode(), r.PeerAddress(), r.Descriptor())
				}
			})
		}
	}
}

func TestUnreadDataSurvivesTheEnd(t *testing.T) {
	r, p := given(t, ReadWrite, "hello ")
	p.Say("world")
	p.Close()
	r.untilLogged("disconnected")
	want(t, "all", r.all(), "hello world")
	want(t, "beyond the end", r.text(1), "nothing any more")
	// Closing drops it.
	r, p = given(t, ReadWrite, "text")
	p.Close()
	r.untilLogged("disconnected")
	r.log = nil
	r.Close()
	r.expect("aboutToClose")
	if r.BytesAvailable() != 0 {
		t.Errorf("%d bytes", r.BytesAvailable())
	}
}

func TestEndedInsideErrorOccurred(t *testing.T) {
	for name, end := range map[string]func(*rig){
		"Close":      func(r *rig) { r.Close() },
		"Disconnect": func(r *rig) { r.Disconnect() },
		"Abort":      func(r *rig) { r.Abort() },
		"Delete":     func(r *rig) { r.Delete() },
	} {
		t.Run(name, func(t *testing.T) {
			r, p := connected(t, looptest.New(t))
			r.on[SignalErrorOccurred] = func(int64) {
				if n := r.Write([]byte("too late")); n == 0 {
					t.Errorf("Write = %d", n)
				}
				end(r)
			}
			p.Close()
			r.untilLogged("disconnected")
			r.settle()
			if r.count("disconnected") != 1 || r.count("error 1") != 1 || r.count("state 0") != 1 || r.count("readChannelFinished") != 1 {
				t.Errorf("%q", r.log)
			}
		})
	}
}

func TestDelete(t *testing.T) {
	l := looptest.New(t)
	listener := looptest.Listen(t)
	end := []string{"state 0", "readChannelFinished"}
	for name, c := range map[string]struct {
		prepare func() *rig
		want    []string
	}{
		"unconnected": {func() *rig { return fresh(t, l) }, nil},
		"bound": {func() *rig {
			r := fresh(t, l)
			r.Bind(address.LocalHost, 0, DefaultForPlatform)
			return r
		}, end},
		"looking up": {func() *rig {
			r := fresh(t, l)
			r.ConnectToHost("localhost", listener.Port, ReadWrite, address.AnyIP)
			return r
		}, append([]string{"aboutToClose"}, end...)},
		"connecting": {func() *rig {
			r := fresh(t, l)
			r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
			return r
		}, append([]string{"aboutToClose"}, end...)},
		"connected": {func() *rig {
			r, _ := connected(t, l)
			r.say("never sent")
			return r
		}, append(append([]string{"aboutToClose"}, end...), "disconnected")},
		"closing": {func() *rig {
			r, _ := connected(t, l)
			r.say("never sent")
			r.Close()
			return r
		}, append(end[:2:2], "disconnected")},
		"ended": {func() *rig {
			r, p := connected(t, l)
			p.Close()
			r.untilLogged("disconnected")
			return r
		}, nil},
	} {
		r := c.prepare()
		r.log = nil
		r.Delete()
		if got, want := fmt.Sprint(r.log), fmt.Sprint(append(c.want, "destroyed")); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
		r.log = nil
		r.Delete()
		looptest.Settle(t, l)
		r.expect()
	}
}

func TestDeleteLater(t *testing.T) {
	r, p := connected(t, looptest.New(t))
	r.on[SignalReadyRead] = func(int64) {
		r.DeleteLater()
		r.DeleteLater()
		if !r.Alive() || r.State() != Connected {
			t.Error("it is deleted already")
		}
	}
	p.Say("x")
	r.untilLogged("destroyed")
	r.expect("readyRead", "aboutToClose", "state 0", "readChannelFinished", "disconnected", "destroyed")
}

// TestAnythingInAnySlot does in each slot what may be done there, and looks
// whether the connection's end is told once, and the socket's.
func TestAnythingInAnySlot(t *testing.T) {
	actions := map[string]func(*rig, uint16){
		"Abort":         func(r *rig, _ uint16) { r.Abort() },
		"Close":         func(r *rig, _ uint16) { r.Close() },
		"Disconnect":    func(r *rig, _ uint16) { r.Disconnect() },
		"Delete":        func(r *rig, _ uint16) { r.Delete() },
		"DeleteLater":   func(r *rig, _ uint16) { r.DeleteLater() },
		"a nested turn": func(r *rig, _ uint16) { r.l.ProcessEvents(0) },
		"Reconnect": func(r *rig, port uint16) {
			r.Abort()
			r.ConnectToAddress(address.LocalHost, port, ReadWrite)
		},
		"Bind": func(r *rig, _ uint16) {
			r.Abort()
			r.Bind(address.LocalHost, 0, DefaultForPlatform)
		},
		"Write and wait": func(r *rig, _ uint16) {
			r.Write([]byte("x"))
			r.WaitForBytesWritten(1)
			r.WaitForReadyRead(1)
		},
	}
	scenarios := map[string]func(*rig, *looptest.Listener){
		"the peer closes": func(r *rig, listener *looptest.Listener) {
			r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
			if !listener.Waiting() {
				return // aborted before it began
			}
			p := listener.Accept()
			p.Offer("data")
			r.Write([]byte("data"))
			for range 4 {
				r.l.ProcessEvents(1)
			}
			p.Close()
		},
		"it closes": func(r *rig, listener *looptest.Listener) {
			r.ConnectToHost("localhost", listener.Port, ReadWrite, address.IPv4)
			r.Write([]byte("data"))
			r.Close()
		},
		"refused": func(r *rig, listener *looptest.Listener) {
			listener.Close()
			r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
		},
	}
	for scenario, play := range scenarios {
		for action, act := range actions {
			t.Run(scenario+"/"+action, func(t *testing.T) {
				silent(t)
				l := looptest.New(t)
				second := looptest.Listen(t)
				for signal := range signals {
					listener := looptest.Listen(t)
					r := fresh(t, l)
					times := 0
					r.on[signal] = func(int64) {
						if times++; times <= 2 && r.Alive() {
							act(r, second.Port)
						}
					}
					play(r, listener)
					for range 8 {
						l.ProcessEvents(1)
					}
					r.Delete()
					looptest.Settle(t, l)
					listener.Close()
					for second.Waiting() {
						second.Accept().Close()
					}
					if r.count("destroyed") != 1 || r.log[len(r.log)-1] != "destroyed" {
						t.Errorf("in %s: %q", signals[signal], r.log)
					}
					// What was merely bound is disconnected, too.
					if r.count("disconnected") > r.count("connected")+r.count("state 4") || r.State() != Unconnected || r.Descriptor() != -1 {
						t.Errorf("in %s: state %d, descriptor %d, %q", signals[signal], r.State(), r.Descriptor(), r.log)
					}
				}
			})
		}
	}
}

// registry is an owner that counts.
type registry struct {
	Owner
	disowned int
}

func newRegistry() *registry {
	o := &registry{}
	o.Disown = func(*Socket) { o.disowned++ }
	return o
}

func TestOwnerIsTold(t *testing.T) {
	l := looptest.New(t)
	r := fresh(t, l)
	one, two := newRegistry(), newRegistry()
	if r.Owner() != nil {
		t.Error("owned from the beginning")
	}
	r.SetOwner(&one.Owner)
	r.SetOwner(&two.Owner)
	if one.disowned != 1 || r.Owner() != &two.Owner {
		t.Errorf("the first owner was told %d times", one.disowned)
	}
	r.Delete()
	if one.disowned != 1 || two.disowned != 1 {
		t.Errorf("told %d and %d times", one.disowned, two.disowned)
	}
	r = fresh(t, l)
	r.SetOwner(&one.Owner)
	r.SetOwner(nil)
	r.Delete()
	if one.disowned != 2 {
		t.Errorf("told %d times", one.disowned)
	}
}

// Whatever a slot of aboutToClose does, Close and Abort leave the device closed, with
// nothing to read.
func TestCloseEndsClosed(t *testing.T) {
	other := func(r *rig) {
		if r.kind == Local {
			_, path := localServer(r.t.(*testing.T), 1)
			r.SetServerName(path)
			r.ConnectToServer(ReadWrite)
			return
		}
		r.ConnectToAddress(address.LocalHost, looptest.Listen(r.t).Port, ReadWrite)
	}
	for end, f := range map[string]func(*rig){
		"close": func(r *rig) { r.Close() },
		"abort": func(r *rig) { r.Abort() },
	} {
		for action, g := range map[string]func(*rig){
			"nothing":    func(*rig) {},
			"disconnect": func(r *rig) { r.Disconnect() },
			"abort":      func(r *rig) { r.Abort() },
			"close":      func(r *rig) { r.Close() },
			"connect": func(r *rig) {
				r.Disconnect()
				other(r)
			},
		} {
			eachConnection(t, func(t *testing.T, r *rig, p *looptest.Peer) {
				p.Say("unread")
				r.untilLogged("readyRead")
				r.on[SignalAboutToClose] = func(int64) {
					delete(r.on, SignalAboutToClose)
					g(r)
				}
				f(r)
				if r.Mode() != NotOpen || r.BytesAvailable() != 0 {
					t.Errorf("%s, %s inside: mode %d, %d bytes", end, action, r.Mode(), r.BytesAvailable())
				}
				r.until("it is over", func() bool { return r.State() == Unconnected })
				if r.IsValid() || r.Mode() != NotOpen {
					t.Errorf("%s, %s inside: valid %v, mode %d at last", end, action, r.IsValid(), r.Mode())
				}
			})
		}
	}
}

// A loop that a slot of bytesWritten runs gets to the end of a connection that was only
// to send the last.
func TestALoopInBytesWrittenGetsToTheEnd(t *testing.T) {
	for end, f := range map[string]func(*rig){
		"close":      func(r *rig) { r.Close() },
		"disconnect": func(r *rig) { r.Disconnect() },
	} {
		eachConnection(t, func(t *testing.T, r *rig, p *looptest.Peer) {
			text := map[string]string{"close": "goodbye", "disconnect": "x"}[end]
			in := p.Inbox()
			ended := false
			r.on[SignalBytesWritten] = func(int64) {
				r.settle()
				ended = r.count("disconnected") == 1
			}
			r.say(text)
			f(r)
			r.untilLogged("disconnected")
			ended = ended || r.count("bytesWritten "+itoa(len(text))) == 0 // unbuffered
			if !ended || r.State() != Unconnected || r.count("disconnected") != 1 {
				t.Errorf("%s: ended inside the slot: %v; %q", end, ended, r.log)
			}
			if r.until("the peer has all", in.Ended); string(in.Data) != text {
				t.Errorf("%s: the peer has %q", end, in.Data)
			}
		})
	}
}

// localConnected returns a local socket that is connected to a peer, which accept gives.
func localConnected(t *testing.T) (r *rig, accept func() *looptest.Peer) {
	t.Helper()
	server, path := localServer(t, 5)
	r = localRig(t)
	accept = func() *looptest.Peer {
		r.SetServerName(path)
		r.ConnectToServer(ReadWrite)
		return looptest.NewPeer(t, systest.Accept(t, server))
	}
	return r, accept
}

// A peer whose data nobody takes is told so by a reset, but not after a gentle end.
func TestWhatIsUnreadAtAnAbortIsResetToThePeer(t *testing.T) {
	unread := func(r *rig, p *looptest.Peer) {
		p.Say("unread")
		looptest.AwaitReadable(int(r.fd))
	}
	tell := func(r *rig, p *looptest.Peer, want error) {
		t.Helper()
		in := p.Inbox()
		r.until("the peer has seen the end", in.Ended)
		if in.End != want {
			t.Errorf("the peer has seen %v, want %v", in.End, want)
		}
	}
	for end, want := range map[string]error{"Abort": unix.ECONNRESET, "Disconnect": looptest.ErrEnd} {
		r, p := connected(t, looptest.New(t))
		local, connect := localConnected(t)
		q := connect()
		for r, p := range map[*rig]*looptest.Peer{r: p, local: q} {
			unread(r, p)
			if end == "Abort" {
				r.Abort()
			} else {
				r.Disconnect()
			}
			tell(r, p, want)
		}
	}

	// And so is one of a connection that a handler has begun.
	r, connect := localConnected(t)
	connect()
	var second *looptest.Peer
	r.on[SignalDisconnected] = func(int64) {
		delete(r.on, SignalDisconnected)
		second = connect()
		unread(r, second)
	}
	r.Abort()
	if second == nil || r.State() != Unconnected {
		t.Fatalf("state %d", r.State())
	}
	tell(r, second, unix.ECONNRESET)
}

// A loop inside the handler takes what was written from those who are to send it, and must not
// send it before the handler has returned.
func TestWrittenInTheErrorOfThePeersEndIsSentInSpiteOfALoop(t *testing.T) {
	r, p := connected(t, looptest.New(t))
	in := p.Inbox()
	r.on[SignalErrorOccurred] = func(int64) {
		r.say("last words")
		r.settle()
		if in.Fetch() != 0 {
			t.Error("sent while the error is handled")
		}
	}
	p.Finish()
	r.untilLogged("disconnected")
	r.until("the peer has seen the end", in.Ended)
	want(t, "the peer", string(in.Data), "last words")
	r.expect("error 1", "state 6", "bytesWritten 10", "state 0", "readChannelFinished", "disconnected")
}

// As in Qt what remains of a connection that the peer has ended is a device, until it is closed.
func TestDeviceOfAnEndedConnectionIsValidUntilItIsClosed(t *testing.T) {
	r, p := connected(t, looptest.New(t))
	local, connect := localConnected(t)
	for r, p := range map[*rig]*looptest.Peer{r: p, local: connect()} {
		p.Close()
		r.untilLogged("disconnected")
		if r.Mode() != ReadWrite || !r.IsValid() {
			t.Errorf("mode %d, valid: %v", r.Mode(), r.IsValid())
		}
		r.Close()
		if r.Mode() != NotOpen || r.IsValid() {
			t.Errorf("after close: mode %d, valid: %v", r.Mode(), r.IsValid())
		}
	}
}

// Behind the end there is nothing, but nothing is also what was asked for.
func TestNothingIsReadOfNothingAtTheEnd(t *testing.T) {
	r, p := connected(t, looptest.New(t))
	p.Close()
	r.untilLogged("disconnected")
	for _, text := range []OpenMode{0, Text} {
		r.mode = ReadWrite | text
		if n := r.Skip(0); n != 0 {
			t.Errorf("mode %d: skipped %d of no bytes", r.mode, n)
		}
		if n := r.Read(nil); n != 0 {
			t.Errorf("mode %d: read %d of no bytes", r.mode, n)
		}
		if n, m := r.Skip(1), r.Read(make([]byte, 1)); n != -1 || m != -1 {
			t.Errorf("mode %d: skipped %d, read %d of one byte", r.mode, n, m)
		}
	}
}
