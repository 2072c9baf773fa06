package lease

import (
	"sync/atomic"
	"testing"
	"unsafe"
)

// holder notes what was returned.
type holder struct {
	times   int
	taken   int
	written string
}

func (h *holder) Returned(taken int, written []byte) {
	h.times++
	h.taken, h.written = taken, string(written)
}

// use does what C does: it takes n bytes and writes text.
func use(t *terms, n int, text string) bool {
	if !atomic.CompareAndSwapUint32(&t.state, granted, inUse) {
		return false
	}
	t.data += uintptr(n)
	t.left -= int64(n)
	out := unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(t), unsafe.Sizeof(terms{}))), Room)
	t.staged += int64(copy(out[t.staged:], text))
	atomic.StoreUint32(&t.state, granted)
	return true
}

func TestLease(t *testing.T) {
	var l Lease
	h := &holder{}
	l.Grant(h, 1, []byte("data"), Room)
	l.Revoke()
	if h.times != 0 {
		t.Fatal("granted although C does not know of it")
	}
	if l.Address() == 0 || l.Address() != l.Address() {
		t.Fatal("no address that stays")
	}
	defer l.Close()
	l.Grant(h, 8, []byte("data"), 100)
	if l.terms.token != 8 || l.terms.left != 4 || l.terms.room != 100 || l.terms.staged != 0 {
		t.Errorf("%+v", l.terms)
	}
	if !use(l.terms, 1, "one ") || !use(l.terms, 2, "two") {
		t.Fatal("not granted")
	}
	l.Revoke()
	if h.times != 1 || h.taken != 3 || h.written != "one two" {
		t.Errorf("%+v", h)
	}
	if l.Revoke(); h.times != 1 || use(l.terms, 1, "") {
		t.Error("it goes on after its end")
	}
	l.Grant(h, 8, []byte("more"), 0)
	l.Revoke()
	if h.times != 2 || h.taken != 0 || h.written != "" {
		t.Errorf("%+v", h)
	}
}

func TestRevokeWaitsForACopy(t *testing.T) {
	var l Lease
	l.Address()
	defer l.Close()
	h := &holder{}
	l.Grant(h, 8, []byte("data"), Room)
	atomic.StoreUint32(&l.terms.state, inUse)
	ended := make(chan struct{})
	tm := l.terms
	go func() {
		l.Revoke()
		close(ended)
	}()
	select {
	case <-ended:
		t.Error("it did not wait")
	default:
	}
	tm.left = 1
	atomic.StoreUint32(&tm.state, granted)
	<-ended
	if h.taken != 3 {
		t.Errorf("%d bytes were taken", h.taken)
	}
}

func TestTermsAreUsedAgain(t *testing.T) {
	var a, b Lease
	first := a.Address()
	a.Close()
	a.Close()
	if b.Address() != first {
		t.Error("others were made")
	}
	if a.Address() == first {
		t.Error("one belongs to two")
	}
	a.Close()
	b.Close()
}
