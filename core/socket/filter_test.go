package socket

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/internal/looptest"
	"qnet/core/internal/systest"
	"qnet/core/loop"
)

// framing is a filter that has what an encrypting one has: bytes are other ones below, in
// frames that come in pieces, and it holds back what does not fit. A frame is its length,
// in two bytes, and its bytes, each with mask; one of no bytes is the end.
type framing struct {
	input, plain []byte // of frames that are not whole, and of those that are
	drained      bool   // the system had no more, when Recv was called last
	ended        bool   // the last frame has come
	told         bool   // and that was told
	output       []byte
	mask         byte
	most         int // bytes that it takes at once
	ends, closes int
}

func frame(mask byte, data []byte) []byte {
	f := binary.BigEndian.AppendUint16(nil, uint16(len(data)))
	for _, c := range data {
		f = append(f, c^mask)
	}
	return f
}

func (f *framing) Recv(raw *Raw, p []byte) (int, error) {
	f.drained = false
	for len(f.plain) == 0 && !f.ended {
		var space [100]byte
		n, err := raw.Recv(space[:])
		f.drained = n < len(space)
		if err != nil {
			return n, err
		}
		if n == 0 {
			return -1, io.ErrUnexpectedEOF
		}
		f.input = append(f.input, space[:n]...)
		f.decode()
	}
	n := copy(p, f.plain)
	f.plain = f.plain[n:]
	f.told = n == 0
	return n, nil
}

func (f *framing) decode() {
	for len(f.input) >= 2 && !f.ended {
		size := int(binary.BigEndian.Uint16(f.input))
		if len(f.input) < 2+size {
			return
		}
		for _, c := range f.input[2 : 2+size] {
			f.plain = append(f.plain, c^f.mask)
		}
		f.input = f.input[2+size:]
		f.ended = size == 0
	}
}

func (f *framing) Send(raw *Raw, parts [][]byte) (int, error) {
	if err := f.push(raw); err != nil || len(parts) == 0 {
		return 0, err
	}
	p := parts[0][:min(len(parts[0]), f.most)]
	f.output = frame(f.mask, p)
	f.push(raw)
	return len(p), nil
}

func (f *framing) push(raw *Raw) error {
	for len(f.output) > 0 {
		n, err := raw.Send([][]byte{f.output})
		if err != nil {
			return err
		}
		f.output = f.output[n:]
	}
	return nil
}

func (f *framing) Holds() (input, output bool) {
	return !f.drained || f.ended && !f.told || len(f.plain) > 0, len(f.output) > 0
}

func (f *framing) End(raw *Raw) {
	f.ends++
	f.output = append(f.output, frame(f.mask, nil)...)
	f.push(raw)
}

func (f *framing) Close() { f.closes++ }

// unframed returns what frames hold, and whether the last is the end.
func unframed(t *testing.T, mask byte, data []byte) (plain []byte, ended bool) {
	t.Helper()
	d := framing{mask: mask, input: data}
	d.decode()
	if len(d.input) != 0 {
		t.Errorf("%d bytes are no frame", len(d.input))
	}
	return d.plain, d.ended
}

// eachFiltered runs a test with a socket of each origin that has a framing, of which it is
// told edges and levels, in a loop that it runs.
func eachFiltered(t *testing.T, test func(t *testing.T, r *rig, f *framing, p *looptest.Peer)) {
	for name, origin := range map[string]func(*testing.T, *loop.Loop) (*rig, *looptest.Peer){
		"connected": func(t *testing.T, l *loop.Loop) (*rig, *looptest.Peer) { return connected(t, l) },
		"accepted":  func(t *testing.T, l *loop.Loop) (*rig, *looptest.Peer) { return adopted(t, l) },
		"unbuffered": func(t *testing.T, l *loop.Loop) (*rig, *looptest.Peer) {
			return connectedIn(t, l, ReadWrite|Unbuffered)
		},
		"told of levels": func(t *testing.T, l *loop.Loop) (*rig, *looptest.Peer) {
			one, other := systest.Pair(t, unix.SOCK_STREAM)
			r := fresh(t, l)
			r.SetDescriptor(one, Connected, ReadWrite)
			return r, looptest.NewPeer(t, other)
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, p := origin(t, looptest.New(t))
			f := &framing{mask: 0x5a, most: 1000}
			r.SetFilter(f)
			r.settle()
			r.log = nil
			test(t, r, f, p)
			closes := f.closes
			if r.Delete(); f.closes != 1 || closes > 1 {
				t.Errorf("closed %d times", f.closes)
			}
		})
	}
}

func TestFilteredBytesComeThrough(t *testing.T) {
	eachFiltered(t, func(t *testing.T, r *rig, f *framing, p *looptest.Peer) {
		// A byte at a time: nothing is told before a frame is whole.
		for _, c := range frame(f.mask, []byte("hello")) {
			r.expect()
			p.Send([]byte{c})
			looptest.AwaitReadable(int(r.fd))
			r.settle()
		}
		r.expect("readyRead")
		if got := r.all(); got != "hello" {
			t.Errorf("%q", got)
		}
		// Many at once, and more than is read at once.
		data := pattern(300_000)
		in, sent := []byte(nil), []byte(nil)
		for rest := data; len(rest) > 0; {
			n := min(len(rest), 5000)
			sent = append(sent, frame(f.mask, rest[:n])...)
			rest = rest[n:]
		}
		r.on[SignalReadyRead] = func(int64) { in = append(in, r.all()...) }
		r.until("all has come", func() bool {
			sent = sent[p.Send(sent):]
			return len(in) >= len(data)
		})
		if !bytes.Equal(in, data) {
			t.Error("other bytes have come")
		}
	})
}

func TestFilteredBytesAreSent(t *testing.T) {
	eachFiltered(t, func(t *testing.T, r *rig, f *framing, p *looptest.Peer) {
		data := pattern(large)
		if n := r.Write(data); n != len(data) {
			t.Fatal(n)
		}
		r.until("the system takes no more", func() bool { return r.outlet == blocked })
		if r.BytesToWrite() == 0 {
			t.Error("nothing is left to be sent")
		}
		in := p.Inbox()
		r.until("all has come", func() bool { return in.Fetch() > len(data) && r.BytesToWrite() == 0 })
		r.settle()
		in.Fetch()
		if got, _ := unframed(t, f.mask, in.Data); !bytes.Equal(got, data) {
			t.Error("other bytes have come")
		}
	})
}

// Nobody is told by the system of bytes that a filter has already.
func TestLimitHoldsForFilteredBytes(t *testing.T) {
	eachFiltered(t, func(t *testing.T, r *rig, f *framing, p *looptest.Peer) {
		data := pattern(20_000)
		r.SetReadLimit(300)
		p.Send(frame(f.mask, data))
		in := []byte(nil)
		for len(in) < len(data) {
			r.untilAvailable(min(300, int64(len(data)-len(in))))
			if r.settle(); r.BytesAvailable() > 300 {
				t.Fatalf("%d bytes", r.BytesAvailable())
			}
			in = append(in, r.all()...)
		}
		if !bytes.Equal(in, data) {
			t.Error("other bytes have come")
		}
	})
}

func TestWaitsGoThroughAFilter(t *testing.T) {
	eachFiltered(t, func(t *testing.T, r *rig, f *framing, p *looptest.Peer) {
		if r.WaitForReadyRead(short) {
			t.Error("nothing has come")
		}
		// Half a frame is nothing, however long it is waited for.
		whole := frame(f.mask, []byte("ab"))
		p.Send(whole[:3])
		if r.WaitForReadyRead(short) {
			t.Error("half a frame has come")
		}
		p.Send(whole[3:])
		if !r.WaitForReadyRead(long) || r.all() != "ab" {
			t.Error("no frame has come")
		}
		// What the filter has is waited for no longer.
		r.SetReadLimit(4)
		p.Send(frame(f.mask, []byte("12345678")))
		for _, want := range []string{"1234", "5678"} {
			if !r.WaitForReadyRead(long) || r.all() != want {
				t.Errorf("not %s", want)
			}
		}
		r.SetReadLimit(0)
		r.say("answer")
		if !r.WaitForBytesWritten(long) {
			t.Error("nothing was sent")
		}
		in := p.Inbox()
		r.until("it has come", in.Has(8))
		p.Send(frame(f.mask, nil))
		if !r.WaitForDisconnected(long) {
			t.Error("it goes on")
		}
	})
}

func TestEndsGoThroughAFilter(t *testing.T) {
	eachFiltered(t, func(t *testing.T, r *rig, f *framing, p *looptest.Peer) {
		r.SetAllowHalfOpen(true)
		p.Send(append(frame(f.mask, []byte("last")), frame(f.mask, nil)...))
		r.untilLogged("readChannelFinished")
		r.expect("readyRead", "readChannelFinished")
		if got := r.all(); got != "last" {
			t.Errorf("%q", got)
		}
		// More than the system takes: the end must wait behind it.
		data := pattern(much)
		r.Write(data)
		r.CloseWriteChannel()
		in := p.Inbox()
		r.until("the end has come", in.Ended)
		if got, ended := unframed(t, f.mask, in.Data); !ended || !bytes.Equal(got, data) || f.ends != 1 {
			t.Errorf("ended %v, %d times, after %d bytes", ended, f.ends, len(got))
		}
		r.untilLogged("disconnected")
		if !r.isLast(ownEnd) {
			t.Errorf("%q", r.log)
		}
	})
}

func TestFilterHasTheLastWord(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(*rig)
		said bool
	}{
		"Disconnect":               {func(r *rig) { r.Disconnect() }, true},
		"Disconnect after a write": {func(r *rig) { r.Write(pattern(much)); r.Disconnect() }, true},
		"Close":                    {func(r *rig) { r.Close() }, true},
		"Abort":                    {func(r *rig) { r.Abort() }, false},
		"Delete":                   {func(r *rig) { r.Delete() }, false},
	} {
		t.Run(name, func(t *testing.T) {
			eachFiltered(t, func(t *testing.T, r *rig, f *framing, p *looptest.Peer) {
				c.end(r)
				in := p.Inbox()
				r.until("the end has come", in.Ended)
				if _, ended := unframed(t, f.mask, in.Data); ended != c.said || f.closes != 1 {
					t.Errorf("the end was said: %v; closed %d times", ended, f.closes)
				}
			})
		})
	}
}

// An end of the connection that the filter does not know for one is an error.
func TestFilterDecidesWhatAnEndIs(t *testing.T) {
	eachFiltered(t, func(t *testing.T, r *rig, f *framing, p *looptest.Peer) {
		whole := frame(f.mask, []byte("cut"))
		p.Send(whole[:4])
		p.Close()
		r.untilLogged("disconnected")
		if r.count("readyRead") != 0 || !slices.ContainsFunc(r.log, func(e string) bool { return len(e) > 5 && e[:5] == "error" && e != "error 1" }) {
			t.Errorf("%q", r.log)
		}
	})
}

// Rounds and leases have the same chunks, whoever has filled them.
func TestFilteredDataIsLent(t *testing.T) {
	s, peer := lendable(t)
	f := &framing{mask: 0x5a, most: 1000}
	s.SetFilter(f)
	looptest.Settle(t, s.Loop())
	in := peer.Inbox()
	for range 3 {
		if !lends(t, s, func() { peer.Send(frame(f.mask, []byte("text"))) }) {
			t.Fatal("it is not lent")
		}
		// As what C has written in a callback, with nothing else to be sent.
		s.sendWritten([]byte("answer"), false)
		looptest.Settle(t, s.Loop())
	}
	looptest.Until(t, s.Loop(), "the answers have come", in.Has(24))
	if got, _ := unframed(t, f.mask, in.Data); string(got) != "answeransweranswer" {
		t.Errorf("%q", got)
	}
}

// greeting only sets a connection up: it says hello, waits for the answer, and leaves. What
// comes behind that is the connection's.
type greeting struct {
	said, answered bool
	closes         int
}

func (g *greeting) Recv(raw *Raw, p []byte) (int, error) {
	for !g.answered {
		var c [1]byte
		n, err := raw.Recv(c[:])
		if n <= 0 {
			return n, err
		}
		g.answered = c[0] == '\n'
	}
	raw.Leave()
	raw.Again()
	return raw.Recv(p)
}

func (g *greeting) Send(raw *Raw, parts [][]byte) (int, error) {
	if !g.said {
		if _, err := raw.Send([][]byte{[]byte("hello\n")}); err != nil {
			return 0, err
		}
		g.said = true
	}
	if len(parts) > 0 {
		return 0, NotYet
	}
	return 0, nil
}

func (g *greeting) Holds() (input, output bool) { return false, !g.said }
func (g *greeting) End(*Raw)                    {}
func (g *greeting) Close()                      { g.closes++ }

// eachGreeted is eachFiltered with a greeting.
func eachGreeted(t *testing.T, test func(t *testing.T, r *rig, g *greeting, p *looptest.Peer)) {
	eachFiltered(t, func(t *testing.T, r *rig, _ *framing, p *looptest.Peer) {
		g := &greeting{}
		r.SetFilter(g)
		test(t, r, g, p)
		if r.Delete(); g.closes != 1 {
			t.Errorf("closed %d times", g.closes)
		}
	})
}

func TestFilterThatOnlySetsUpLeaves(t *testing.T) {
	eachGreeted(t, func(t *testing.T, r *rig, g *greeting, p *looptest.Peer) {
		r.say("early")
		in := p.Inbox()
		r.until("the greeting has come", in.Has(6))
		if r.settle(); string(in.Data) != "hello\n" || in.Fetch() != 6 {
			t.Errorf("%q", in.Data)
		}
		// The answer comes in pieces, and the last has the first data with it.
		p.Say("he")
		looptest.AwaitReadable(int(r.fd))
		r.settle()
		p.Say("llo\nfirst")
		r.untilAvailable(5)
		if r.filtering != 0 || r.all() != "first" {
			t.Error("it has not left")
		}
		r.until("what was written early has come", in.Has(11))
		r.say("late")
		r.until("what was written later has come", in.Has(15))
		if string(in.Data) != "hello\nearlylate" {
			t.Errorf("%q", in.Data)
		}
		p.Say("second")
		r.untilAvailable(6)
	})
}

func TestWaitsWhileAFilterSetsUp(t *testing.T) {
	eachGreeted(t, func(t *testing.T, r *rig, g *greeting, p *looptest.Peer) {
		r.say("early")
		// No loop runs: the wait sends the greeting.
		if r.WaitForBytesWritten(short) || r.outlet != held {
			t.Errorf("outlet %d", r.outlet)
		}
		in := p.Inbox()
		r.until("the greeting has come", in.Has(6))
		p.Say("hello\n")
		if !r.WaitForBytesWritten(long) {
			t.Error("nothing was sent")
		}
		r.until("what was written early has come", in.Has(11))
	})
}

func TestPeerThatEndsWhileAFilterSetsUp(t *testing.T) {
	eachGreeted(t, func(t *testing.T, r *rig, g *greeting, p *looptest.Peer) {
		p.Say("hel")
		p.Close()
		r.untilLogged("disconnected")
		if !r.isLast(peersEnd) {
			t.Errorf("%q", r.log)
		}
	})
}

// A peer that is to be disconnected once all is sent gets it once the filter lets it pass.
func TestDisconnectWhileAFilterSetsUp(t *testing.T) {
	eachGreeted(t, func(t *testing.T, r *rig, g *greeting, p *looptest.Peer) {
		r.say("early")
		r.Disconnect()
		in := p.Inbox()
		r.until("the greeting has come", in.Has(6))
		if r.State() != Closing {
			t.Errorf("state %d", r.State())
		}
		p.Say("hello\n")
		r.until("the end has come", in.Ended)
		if string(in.Data) != "hello\nearly" {
			t.Errorf("%q", in.Data)
		}
	})
}

func TestFilterNeedsAConnection(t *testing.T) {
	l := looptest.New(t)
	for name, r := range map[string]*rig{"TCP": fresh(t, l), "UDP": observe(t, NewUDP(l)), "local": observe(t, NewLocal(l))} {
		f := &framing{}
		r.SetFilter(f)
		if f.closes != 1 || r.filtering != 0 {
			t.Errorf("%s: closed %d times", name, f.closes)
		}
	}
}

// What a filter says last waits, as all else does, until the system takes it.
func TestTheLastOfAFilterIsSentToAFullPeer(t *testing.T) {
	eachFiltered(t, func(t *testing.T, r *rig, f *framing, p *looptest.Peer) {
		junk := make([]byte, 64<<10)
		sent := 0
		for {
			n, err := unix.Write(int(r.fd), junk)
			if err == unix.EAGAIN {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			sent += n
		}
		for {
			if n, err := unix.Write(int(r.fd), junk[:1]); err != nil {
				break
			} else {
				sent += n
			}
		}
		if r.Disconnect(); r.State() != Closing || f.ends != 1 {
			t.Fatal(r.State(), f.ends)
		}
		in := p.Inbox()
		r.until("it is over", func() bool { in.Fetch(); return r.State() == Unconnected })
		for !in.Ended() {
			looptest.AwaitReadable(p.FD)
		}
		if _, ended := unframed(t, f.mask, in.Data[sent:]); !ended {
			t.Errorf("%q is not the end", in.Data[sent:])
		}
	})
}
