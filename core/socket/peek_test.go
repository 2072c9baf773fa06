package socket

import (
	"strings"
	"testing"

	"qnet/core/buffer"
	"qnet/core/internal/looptest"
)

// Looking at data and dropping it take what is in the buffer. What the read limit keeps
// in the system stays there.
func TestPeekAndSkipDoNotPassTheReadLimit(t *testing.T) {
	r, peer := connected(t, looptest.New(t))
	r.SetReadLimit(10)
	text := strings.Repeat("0123456789", 4)
	peer.Say(text)
	r.untilAvailable(10)
	r.settle()
	p := make([]byte, 25)
	if n := r.Peek(p); string(p[:max(n, 0)]) != text[:10] || r.BytesAvailable() != 10 {
		t.Errorf("peek: %d bytes, then %d", n, r.BytesAvailable())
	}
	if n := r.ReadLine(p); n != 10 {
		t.Errorf("a line of %d bytes", n)
	}
	r.untilAvailable(10)
	r.settle()
	if n := r.Skip(25); n != 10 || r.BytesAvailable() != 0 {
		t.Errorf("skip: %d bytes, then %d", n, r.BytesAvailable())
	}
	r.untilAvailable(10)
	if n := r.Peek(p[:3]); string(p[:max(n, 0)]) != "012" {
		t.Errorf("peek: %d bytes", n)
	}
}

// What PeekBuffer shows in its own place may be moved by another thread that runs the
// loop, but not while a callback of the socket is under way on this one.
func TestPeekBufferCopiesOutsideCallbacks(t *testing.T) {
	for _, size := range []int{4, buffer.SmallSize + 1, buffer.LargeSize / 2} {
		r, peer := connected(t, looptest.New(t))
		text := string(pattern(size))
		copies := 0
		room := func(size int) []byte { copies++; return make([]byte, size) }
		inside := -1
		r.on[SignalReadyRead] = func(int64) {
			if r.BytesAvailable() < int64(size) {
				return
			}
			if got := string(r.PeekBuffer(room)); !strings.HasPrefix(text, got) || got == "" {
				t.Error("other bytes")
			}
			inside = copies
		}
		peer.Say(text)
		r.until("it is there", func() bool { return inside >= 0 })
		if inside != 0 {
			t.Errorf("%d copies inside", inside)
		}
		if string(r.PeekBuffer(room)) != text || copies != 1 {
			t.Errorf("%d bytes: %d copies outside", size, copies)
		}
	}
}

// Nor does it show what lies in the buffer where that is not what would be read.
func TestPeekBufferShowsWhatIsRead(t *testing.T) {
	l := looptest.New(t)
	for name, c := range map[string]struct {
		prepare func(*rig)
		want    string
	}{
		"a transaction": {func(r *rig) { r.StartTransaction(); r.Read(make([]byte, 2)) }, "\r\nb"},
		"text mode":     {func(r *rig) { r.mode |= Text }, "aa\nb"},
	} {
		r, peer := connected(t, l)
		got := ""
		r.on[SignalReadyRead] = func(int64) {
			c.prepare(r)
			got = string(r.PeekBuffer(func(size int) []byte { return make([]byte, size) }))
		}
		peer.Say("aa\r\nb")
		r.untilLogged("readyRead")
		want(t, name, got, c.want)
	}
}
