package socket

import (
	"bytes"
	"math/rand"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qnet/core/internal/looptest"
	"qnet/core/sys"
)

// A read limit must not stop a connection for good: whoever makes room in the buffer,
// reading goes on. Sockets of each origin are read in every way, in the handler and
// elsewhere, while limits change, until all that was sent is there.

// flow is a socket with a read limit to which a peer sends pieces, each a line that
// fits below the limit.
type flow struct {
	*rig
	p      *looptest.Peer
	random *rand.Rand

	raw  []byte // what the peer sends,
	sent int    // and how much of it it has
	want []byte // what can be read of it,
	got  int    // and how much was

	largest int   // piece, as it is sent
	most    int64 // that the buffer may hold; 0: anything
	busy    bool  // the handler does other things, too
	deaf    bool  // the handler does nothing
	missed  bool  // it has left a piece
	told    bool  // there was a readyRead since the last read from the system

	descriptors bool // come along, unasked
}

// ways are those to take the next n bytes.
var ways = []func(f *flow, n int) []byte{
	func(f *flow, n int) []byte { return f.bytes(n, f.Read) },
	func(f *flow, n int) []byte {
		if f.mode&Text == 0 {
			return f.bytes(n, f.ReadLine)
		}
		if f.CanReadLine() && f.want[f.got+n-1] == '\n' {
			return f.bytes(n+1, f.ReadLine) // in the buffer it is longer
		}
		return f.bytes(n, f.Read)
	},
	func(f *flow, n int) []byte {
		p := make([]byte, n)
		p = p[:f.Peek(p)]
		if k := f.Skip(int64(len(p))); int(k) != len(p) {
			f.t.Fatalf("%d of %d bytes skipped", k, len(p))
		}
		return p
	},
	func(f *flow, n int) []byte {
		var p []byte
		for range n {
			p = append(p, f.bytes(1, f.Read)...)
		}
		return p
	},
	func(f *flow, n int) []byte {
		if f.InTransaction() {
			return f.bytes(n, f.Read)
		}
		f.StartTransaction()
		p := f.bytes(n, f.Read)
		if f.random.Intn(2) == 0 {
			f.RollbackTransaction()
			f.StartTransaction()
			again := f.bytes(n, f.Read)
			if !bytes.Equal(p, again) {
				f.t.Fatalf("%q, and after it was rolled back %q", p, again)
			}
		}
		f.CommitTransaction()
		return p
	},
	func(f *flow, n int) []byte {
		room := make([]byte, maxRead)
		p := bytes.Clone(f.PeekBuffer(func(size int) []byte { return room[:size] }))
		if len(p) > n {
			p = p[:n]
		}
		if f.mode&Text != 0 {
			return f.bytes(len(p), f.Read)
		}
		f.Skip(int64(len(p)))
		return p
	},
}

// bytes calls read until it has brought n bytes, a line or nothing more.
func (f *flow) bytes(n int, read func([]byte) int) []byte {
	p, total := make([]byte, n), 0
	for total < n {
		k := read(p[total:])
		if k <= 0 {
			break
		}
		if total += k; p[total-1] == '\n' {
			break
		}
	}
	return p[:total]
}

// take takes up to n bytes in some way, which must be the right ones.
func (f *flow) take(n int) {
	n = min(n, len(f.want)-f.got)
	if n == 0 {
		return
	}
	waits := sys.Available(int(f.fd))
	p := ways[f.random.Intn(len(ways))](f, n)
	f.told = f.told && sys.Available(int(f.fd)) == waits
	if !bytes.HasPrefix(f.want[f.got:], p) {
		f.t.Fatalf("after %d bytes came %q, want %q", f.got, p, f.want[f.got:f.got+len(p)])
	}
	f.got += len(p)
}

// piece takes the next piece if all of it is there, and the descriptors.
func (f *flow) piece() bool {
	if f.receives() {
		for _, fd := range f.TakeDescriptors(f.DescriptorCount()) {
			sys.Close(fd)
		}
	}
	n := bytes.IndexByte(f.want[f.got:], '\n') + 1
	if f.bypass {
		// What it leaves in the system is not told again.
		n = int(min(int64(n), f.BytesAvailable()))
		f.take(n)
		return n > 0
	}
	if f.mode&Text != 0 || f.random.Intn(2) == 0 {
		if !f.CanReadLine() {
			return false
		}
	} else if n == 0 || f.BytesAvailable() < int64(n) {
		return false
	}
	before := f.got
	for f.got < before+n {
		f.take(before + n - f.got)
	}
	return true
}

// ready is the handler: it takes the whole pieces, and leaves the rest.
func (f *flow) ready() {
	f.told = true
	if f.deaf {
		return
	}
	for f.piece() {
		if !f.busy {
			continue
		}
		switch f.random.Intn(12) {
		case 0:
			f.missed = true
			return
		case 1:
			f.l.ProcessEvents(0)
		case 2:
			f.WaitForReadyRead(0)
		case 3:
			f.limit()
		case 4:
			f.send(f.random.Intn(3 * f.largest))
		}
	}
}

// send has the peer send up to n bytes, and take what it was sent.
func (f *flow) send(n int) {
	f.p.Recv(make([]byte, 100))
	n = min(n, len(f.raw)-f.sent)
	if n > 0 && f.descriptors && f.random.Intn(3) == 0 {
		k, _ := unix.SendmsgN(f.p.FD, f.raw[f.sent:f.sent+1], unix.UnixRights(f.p.FD), nil, 0)
		f.sent += max(0, k)
		n--
	}
	f.sent += f.p.Send(f.raw[f.sent : f.sent+n])
}

// limit sets another limit.
func (f *flow) limit() {
	n := int64(f.largest + f.random.Intn(3*f.largest))
	switch f.random.Intn(6) {
	case 0:
		n = 0
	case 1:
		n = int64(f.largest)
	case 2:
		n = f.ReadLimit()
	}
	f.SetReadLimit(n)
	f.most = max(f.most, n)
	if n == 0 {
		f.most = 1 << 30
	}
}

// act does one thing, outside the handler.
func (f *flow) act() {
	switch f.random.Intn(11) {
	case 0, 1:
		f.send(f.random.Intn(4 * f.largest))
	case 2:
		f.send(len(f.raw) / 4)
	case 3:
		f.l.ProcessEvents(0)
	case 4:
		f.limit()
	case 5:
		f.take(1 + f.random.Intn(f.largest))
	case 6:
		if f.got > 0 && !f.bypass {
			f.got--
			f.Unget(f.want[f.got])
			f.most++
		}
	case 7:
		// A transaction takes some turns, in which the handler leaves it alone.
		f.deaf = true
		f.StartTransaction()
		before := f.got
		f.take(1 + f.random.Intn(f.largest))
		f.send(f.random.Intn(2 * f.largest))
		f.settle()
		if f.random.Intn(2) == 0 {
			f.CommitTransaction()
		} else {
			f.RollbackTransaction()
			f.got = before
		}
		f.deaf, f.missed = false, true
	case 8:
		f.WaitForReadyRead(f.random.Intn(2))
	case 9:
		f.Write([]byte("x"))
		if !f.bypass && !f.WaitForBytesWritten(1000) {
			f.t.Fatal("the wait has sent nothing")
		}
	case 10:
		if f.missed {
			f.missed = false
			f.ready()
		}
	}
}

// check checks, with the loop at rest, that nothing waits that there is room for.
func (f *flow) check() {
	f.settle()
	if held := f.rx.Len(); !f.bypass && int64(held) > f.most {
		f.t.Fatalf("%d bytes were read, the limit was never above %d", held, f.most)
	}
	// What was sent may come a moment after the loop came to rest.
	for end := time.Now().Add(2 * time.Second); f.stalled(); f.settle() {
		if time.Now().After(end) {
			f.t.Fatalf("%d bytes wait, there are %d of %d, and readyRead has told: %v",
				sys.Available(int(f.fd)), f.rx.Len(), f.ReadLimit(), f.told)
		}
	}
}

// stalled reports whether something waits in the system that should have been read, or
// told.
func (f *flow) stalled() bool {
	limit := f.ReadLimit()
	switch {
	case f.descriptors || sys.Available(int(f.fd)) == 0:
		return false
	case f.bypass:
		return !f.told
	}
	return limit == 0 || int64(f.rx.Len()) < limit
}

// finish has the handler alone read what is left, to the peer's end.
func (f *flow) finish() {
	f.busy = false
	f.ready()
	open := true
	f.until("all was read", func() bool {
		f.send(len(f.raw))
		if open && f.sent == len(f.raw) {
			open = false
			f.p.Close()
		}
		return f.State() == Unconnected
	})
}

// finishWaiting has waits bring what is left.
func (f *flow) finishWaiting() {
	for f.deaf = true; f.got < len(f.want); {
		f.send(len(f.raw))
		if !f.piece() && !f.WaitForReadyRead(20_000) {
			f.t.Fatalf("nothing more comes after %d of %d bytes: %v", f.got, len(f.want), f.Failure())
		}
	}
}

// finishElsewhere has the waits of another thread do so, while the loop runs.
func (f *flow) finishElsewhere() {
	f.deaf = true
	done := looptest.Elsewhere(func() {
		looptest.Do(f.l, func() {
			for f.got < len(f.want) {
				// Calls of a program let others in between.
				f.l.Unlock()
				f.l.Lock()
				if !f.piece() && !f.WaitForReadyRead(20_000) {
					f.t.Errorf("nothing more comes after %d of %d bytes: %v", f.got, len(f.want), f.Failure())
					return
				}
			}
		})
	})
	for over := false; !over; {
		f.send(f.random.Intn(4 * f.largest))
		f.limit()
		f.l.ProcessEvents(1)
		select {
		case <-done:
			over = true
		default:
		}
	}
}

// newFlow makes a flow of one of the origins.
func newFlow(t *testing.T, random *rand.Rand) *flow {
	var r *rig
	var p *looptest.Peer
	local := false
	switch random.Intn(6) {
	case 0:
		r, p = connected(t, looptest.New(t))
	case 1:
		r, p = adopted(t, looptest.New(t))
	case 2:
		r, p = inherited(t, looptest.New(t))
	case 3:
		r, p = localOrigins["connected"](t)
	case 4:
		r, p = localOrigins["adopted"](t)
	case 5:
		r, p = localOrigins["accepted"](t)
	}
	local = r.kind == Local
	f := &flow{rig: r, p: p, random: random, descriptors: local && random.Intn(4) == 0}
	// As if it had been opened so; local sockets are never unbuffered.
	r.mode = []OpenMode{ReadWrite, ReadWrite, ReadWrite | Text, ReadWrite | Unbuffered}[random.Intn(4)]
	r.bypass = r.mode&Unbuffered != 0 && !local
	if local && random.Intn(4) == 0 {
		r.SetReceivesDescriptors(true)
	}
	scale := []int{3, 100, 5_000, 80_000}[random.Intn(4)]
	for total := (2 + random.Intn(20)) * scale; len(f.raw) < total; {
		line := bytes.Repeat([]byte{'a' + byte(random.Intn(26))}, random.Intn(scale))
		if len(line) > 0 {
			line[random.Intn(len(line))] = '-'
		}
		f.want = append(f.want, line...)
		if r.mode&Text != 0 {
			line = append(line, '\r')
		}
		f.want = append(f.want, '\n')
		line = append(line, '\n')
		f.raw = append(f.raw, line...)
		f.largest = max(f.largest, len(line))
	}
	f.limit()
	r.on[SignalReadyRead] = func(int64) { f.ready() }
	return f
}

func TestEveryByteComesWhateverTheReadLimit(t *testing.T) {
	looptest.AtRandom(t, func(t *testing.T, random *rand.Rand) {
		f := newFlow(t, random)
		f.busy = true
		for range random.Intn(60) {
			f.act()
			if random.Intn(2) == 0 {
				f.check()
			}
			f.log = nil
		}
		switch random.Intn(4) {
		case 0:
			f.finishWaiting()
		case 1:
			f.finishElsewhere()
		default:
			f.finish()
		}
		if f.got != len(f.want) {
			t.Fatalf("%d of %d bytes", f.got, len(f.want))
		}
	})
}

// BenchmarkLook is what looking at one connection costs, which happens a few times
// during a time-out.
func BenchmarkLook(b *testing.B) {
	r, _ := adopted(b, looptest.New(b))
	h := (*handler)(r.Socket)
	for b.Loop() {
		if h.Progress().Received == 0 && h.ReaderPaused() {
			b.Fatal("there is something")
		}
	}
}
