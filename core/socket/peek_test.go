package socket

import (
	"strings"
	"testing"

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
	r, peer := connected(t, looptest.New(t))
	copies := 0
	room := func(size int) []byte { copies++; return make([]byte, size) }
	inside := -1
	r.on[SignalReadyRead] = func(int64) {
		if string(r.PeekBuffer(room)) != "text" {
			t.Error("other bytes")
		}
		inside = copies
	}
	peer.Say("text")
	r.untilLogged("readyRead")
	if inside != 0 {
		t.Errorf("%d copies inside", inside)
	}
	if string(r.PeekBuffer(room)) != "text" || copies != 1 {
		t.Errorf("%d copies outside", copies)
	}
}
