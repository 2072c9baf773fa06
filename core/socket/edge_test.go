package socket

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/internal/looptest"
	"qnet/core/internal/systest"
	"qnet/core/loop"
)

// A connection's socket is told of what is new only: what one read leaves in the
// system must not be forgotten.

// collect reads all that comes, in each readyRead.
func collect(r *rig) *strings.Builder {
	var got strings.Builder
	r.on[SignalReadyRead] = func(int64) { got.WriteString(r.all()) }
	return &got
}

// inherited returns a socket that was given the descriptor of a connection.
func inherited(t testing.TB, l *loop.Loop) (*rig, *looptest.Peer) {
	t.Helper()
	return inheritedIn(t, l, ReadWrite)
}

// inheritedIn is inherited with an open mode.
func inheritedIn(t testing.TB, l *loop.Loop, mode OpenMode) (*rig, *looptest.Peer) {
	t.Helper()
	fd, peer := looptest.Accepted(t)
	r := fresh(t, l)
	if !r.SetDescriptor(fd, Connected, mode) {
		t.Fatal(r.Failure())
	}
	return r, peer
}

// eachOrigin runs f for a socket that has connected, for one of a server and for
// one that was given its descriptor.
func eachOrigin(t *testing.T, f func(t *testing.T, r *rig, p *looptest.Peer)) {
	for name, make := range map[string]func(testing.TB, *loop.Loop) (*rig, *looptest.Peer){
		"connected": connected, "adopted": adopted, "inherited": inherited,
	} {
		t.Run(name, func(t *testing.T) {
			r, p := make(t, looptest.New(t))
			if r.settle(); !r.edge {
				t.Fatal("it is told of everything each time")
			}
			f(t, r, p)
		})
	}
}

func TestEndBehindDataIsSeen(t *testing.T) {
	eachOrigin(t, func(t *testing.T, r *rig, p *looptest.Peer) {
		got := collect(r)
		p.Say("last words")
		p.Close()
		r.until("the end is seen", func() bool { return r.State() == Unconnected })
		if got.String() != "last words" {
			t.Errorf("got %q", got)
		}
	})
}

func TestDataBehindAnUrgentMarkIsSeen(t *testing.T) {
	eachOrigin(t, func(t *testing.T, r *rig, p *looptest.Peer) {
		got := collect(r)
		p.Say("before")
		if err := unix.Sendto(p.FD, []byte("!"), unix.MSG_OOB, nil); err != nil {
			t.Fatal(err)
		}
		p.Say("behind")
		r.until("all is there", func() bool { return got.String() == "beforebehind" })
	})
}

func TestMoreThanOneReadIsSeen(t *testing.T) {
	eachOrigin(t, func(t *testing.T, r *rig, p *looptest.Peer) {
		got := collect(r)
		data := string(pattern(3*maxRead + 5))
		sent := p.Send([]byte(data))
		for sent < len(data) {
			r.until("there is room", func() bool { return p.Unsent() == 0 })
			sent += p.Send([]byte(data[sent:]))
		}
		r.until("all is there", func() bool { return got.Len() == len(data) })
		if got.String() != data {
			t.Error("other bytes have arrived")
		}
	})
}

func TestDataThatFillsOneReadExactly(t *testing.T) {
	eachOrigin(t, func(t *testing.T, r *rig, p *looptest.Peer) {
		got := collect(r)
		r.SetReadLimit(8)
		p.Say("12345678abc")
		r.until("all is there", func() bool { return got.String() == "12345678abc" })
	})
}

func TestMoreThanOneReadBelowALimitIsSeen(t *testing.T) {
	eachOrigin(t, func(t *testing.T, r *rig, p *looptest.Peer) {
		got := collect(r)
		r.SetReadLimit(4 * maxRead)
		data := string(pattern(2*maxRead + 5))
		for sent := 0; sent < len(data); {
			sent += p.Send([]byte(data[sent:]))
			r.until("there is room", func() bool { return p.Unsent() == 0 })
		}
		r.until("all is there", func() bool { return got.Len() == len(data) })
	})
}

func TestMoreThanOneFlushIsSent(t *testing.T) {
	eachOrigin(t, func(t *testing.T, r *rig, p *looptest.Peer) {
		data := pattern(2*maxFlush + 7)
		r.Write(data)
		in := p.Inbox()
		r.until("all has arrived", in.Has(len(data)))
		if !slices.Equal(in.Data, data) {
			t.Error("other bytes have arrived")
		}
	})
}

func TestNestedLoopHandsOutWhatTheOuterFetched(t *testing.T) {
	l := looptest.New(t)
	first, p := connected(t, l)
	second, q := connected(t, l)
	rigs := []*rig{first, second}
	for i, r := range rigs {
		other := rigs[1-i]
		r.on[SignalReadyRead] = func(int64) {
			delete(r.on, SignalReadyRead)
			// The event of the other was fetched together with ours.
			looptest.Until(t, l, "the other is told", func() bool { return other.count("readyRead") > 0 })
		}
	}
	p.Say("one")
	q.Say("two")
	looptest.AwaitReadable(int(first.fd))
	looptest.AwaitReadable(int(second.fd))
	looptest.Until(t, l, "both are told", func() bool { return first.count("readyRead")+second.count("readyRead") == 2 })
}

func TestDataBehindUnwantedDescriptorsIsSeen(t *testing.T) {
	l := looptest.New(t)
	one, other := systest.Pair(t, unix.SOCK_STREAM)
	defer unix.Close(other)
	r := observe(t, AdoptLocal(l, one))
	if !r.edge {
		t.Fatal("it is told of everything each time")
	}
	got := collect(r)
	for _, text := range []string{"one", "two", "three"} {
		if err := unix.Sendmsg(other, []byte(text), unix.UnixRights(other), nil, 0); err != nil {
			t.Fatal(err)
		}
	}
	r.until("all is there", func() bool { return got.String() == "onetwothree" })
	r.SetReceivesDescriptors(true)
	for _, text := range []string{"four", "five"} {
		if err := unix.Sendmsg(other, []byte(text), unix.UnixRights(other), nil, 0); err != nil {
			t.Fatal(err)
		}
	}
	r.until("all is there", func() bool { return got.String() == "onetwothreefourfive" && r.DescriptorCount() == 2 })
}

func TestDataBehindAPanicIsSeen(t *testing.T) {
	eachOrigin(t, func(t *testing.T, r *rig, p *looptest.Peer) {
		r.SetReadLimit(4)
		r.on[SignalReadyRead] = func(int64) { r.Read(make([]byte, 4)); panic("boom") }
		p.Say("abcdefg")
		if got := looptest.Panic(func() { r.until("it panics", func() bool { return false }) }); got != "boom" {
			t.Fatalf("panic: %v", got)
		}
		delete(r.on, SignalReadyRead)
		r.untilAvailable(3)
	})
}

func TestEndBehindAPanicIsSeen(t *testing.T) {
	eachOrigin(t, func(t *testing.T, r *rig, p *looptest.Peer) {
		r.on[SignalReadyRead] = func(int64) { panic("boom") }
		p.Say("last words")
		p.Close()
		looptest.Panic(func() { r.until("it panics", func() bool { return false }) })
		delete(r.on, SignalReadyRead)
		r.until("the end is seen", func() bool { return r.State() == Unconnected })
	})
}

func TestWhatIsBehindAPanicIsSeenUnbufferedAndInAWait(t *testing.T) {
	panics := func(r *rig, run func()) {
		t.Helper()
		r.on[SignalReadyRead] = func(int64) { r.Read(make([]byte, 4)); panic("boom") }
		if got := looptest.Panic(run); got != "boom" {
			t.Fatalf("panic: %v", got)
		}
		delete(r.on, SignalReadyRead)
	}
	for _, mode := range []OpenMode{ReadWrite, ReadWrite | Unbuffered} {
		r, p := connectedIn(t, looptest.New(t), mode)
		r.SetReadLimit(4)
		p.Say("abcdefgh")
		panics(r, func() { r.until("it panics", func() bool { return false }) })
		p.Say("ijkl")
		p.Close()
		panics(r, func() { r.WaitForReadyRead(long) })
		r.untilAvailable(4)
		r.Read(make([]byte, 4))
		r.untilLogged("disconnected")
	}
}

func TestLocalDataBehindAnUrgentMarkIsSeen(t *testing.T) {
	one, other := systest.Pair(t, unix.SOCK_STREAM)
	defer unix.Close(other)
	r := observe(t, AdoptLocal(looptest.New(t), one))
	got := collect(r)
	r.settle()
	unix.Write(other, []byte("before"))
	if err := unix.Sendto(other, []byte("!"), unix.MSG_OOB, nil); err != nil {
		t.Skip("the system has no urgent data for local sockets:", err)
	}
	unix.Write(other, []byte("behind"))
	r.until("all is there", func() bool { return got.String() == "beforebehind" })
}

func TestAnswerToWhatCameWithTheEndIsSent(t *testing.T) {
	for _, size := range []int{5, maxRead, maxRead + 5, 2 * maxRead, 2*maxRead + 5} {
		eachOrigin(t, func(t *testing.T, r *rig, p *looptest.Peer) {
			data := pattern(size)
			for sent := 0; sent < size; {
				sent += p.Send(data[sent:])
			}
			p.Finish()
			r.on[SignalReadyRead] = func(int64) { r.say(r.all()) }
			r.until("the end is seen", func() bool { return r.State() == Unconnected })
			in := p.Inbox()
			r.until("the peer sees ours", in.Ended)
			if !slices.Equal(in.Data, data) {
				t.Errorf("%d of %d bytes came back", len(in.Data), size)
			}
		})
	}
}

func TestAnswerToWhatCameShortlyBeforeTheEndIsSent(t *testing.T) {
	eachOrigin(t, func(t *testing.T, r *rig, p *looptest.Peer) {
		data := pattern(maxRead)
		for sent := 0; sent < len(data); {
			sent += p.Send(data[sent:])
		}
		r.on[SignalReadyRead] = func(int64) {
			r.say(r.all())
			r.on[SignalReadyRead] = func(int64) { r.say(r.all()) }
			// It is asked for once more in the next turn, which is told of this too.
			p.Say("rest")
			p.Finish()
		}
		r.until("the end is seen", func() bool { return r.State() == Unconnected })
		in := p.Inbox()
		r.until("the peer sees ours", in.Ended)
		if want := string(data) + "rest"; string(in.Data) != want {
			t.Errorf("%d of %d bytes came back", len(in.Data), len(want))
		}
	})
}
