package main

import (
	"slices"
	"strings"
	"testing"

	"qnet/core/loop"
	"qnet/core/message"
	"qnet/core/object"
	"qnet/core/socket"
)

// messages collects what is sent to the message handler during f.
func messages(t *testing.T, f func()) []string {
	t.Helper()
	var got []string
	message.SetHandler(func(_ message.Kind, text string) { got = append(got, text) })
	defer installMessageHandler()
	f()
	return got
}

func newLoop(t *testing.T) *loop.Loop {
	t.Helper()
	l, err := loop.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		l.Lock()
		l.Close()
		l.Unlock()
	})
	return l
}

func TestPanicBecomesAFailure(t *testing.T) {
	l := newLoop(t)
	l.Lock()
	s := socket.New(l)
	address := addressOf(s)
	l.Unlock()
	var result int
	got := messages(t, func() {
		result = on(address, -1, func(*socket.Socket) int { panic("boom") })
	})
	if result != -1 {
		t.Errorf("the result is %d", result)
	}
	if len(got) != 1 || !strings.Contains(got[0], "boom") {
		t.Errorf("messages: %q", got)
	}
	// The lock is free and the object usable.
	if n := on(address, -1, func(s *socket.Socket) int { s.Delete(); return 7 }); n != 7 {
		t.Errorf("the next call returned %d", n)
	}
}

func TestPanicInsideACallbackBecomesAFailure(t *testing.T) {
	l := newLoop(t)
	l.Lock()
	s := socket.New(l)
	slot := s.On(socket.SignalStateChanged, func(int64) { panic("in the callback") })
	address := addressOf(s)
	l.Unlock()
	got := messages(t, func() {
		if on(address, false, func(s *socket.Socket) bool {
			s.ConnectToHost("127.0.0.1", 1, socket.ReadWrite, -1)
			return true
		}) {
			t.Error("the call succeeded")
		}
	})
	if len(got) != 1 || !strings.Contains(got[0], "in the callback") {
		t.Errorf("messages: %q", got)
	}
	do(address, func(s *socket.Socket) {
		s.Off(slot)
		s.Delete()
	})
}

func TestDeletedHandleIsRememberedThenForgotten(t *testing.T) {
	l := newLoop(t)
	l.Lock()
	s := socket.New(l)
	address := addressOf(s)
	s.Delete()
	l.Unlock()
	if _, why := find[socket.Socket](address); why != "the object was deleted" {
		t.Errorf("a deleted handle: %q", why)
	}
	if _, why := find[loop.Loop](address); why != "the object was deleted" {
		t.Errorf("a deleted handle of another type: %q", why)
	}
	other := func() {
		l.Lock()
		defer l.Unlock()
		s := socket.New(l)
		if addressOf(s) == address {
			t.Fatal("a handle's value was used again while it was remembered")
		}
		s.Delete()
	}
	for range quarantineSize - 1 {
		other()
	}
	if _, why := find[socket.Socket](address); why != "the object was deleted" {
		t.Errorf("a deleted handle among the last %d: %q", quarantineSize, why)
	}
	other()
	if _, why := find[socket.Socket](address); why != "this is no handle" {
		t.Errorf("a forgotten handle: %q", why)
	}
}

func TestConnectionsGoWithTheirObject(t *testing.T) {
	l := newLoop(t)
	count := func() (n int) {
		for _, page := range connections.pages {
			for _, slot := range page.slots {
				if slot != nil {
					n++
				}
			}
		}
		return n
	}
	before := count()
	l.Lock()
	s := socket.New(l)
	address := addressOf(s)
	l.Unlock()
	for range 10 {
		if connect[socket.Socket](address, socket.SignalConnected, 4096, 0, callSocket) == 0 {
			t.Fatal("not connected")
		}
	}
	if n := count() - before; n != 10 {
		t.Errorf("%d registrations, want 10", n)
	}
	do(address, (*socket.Socket).Delete)
	if n := count() - before; n != 0 {
		t.Errorf("%d registrations are left", n)
	}
}

func TestNoConnectionNumberIsUsedTwice(t *testing.T) {
	var table connectionTable
	seen := map[uint64]bool{}
	slot := &object.Slot{}
	var live []uint64
	for i := range 5 * connectionPage {
		n := table.add(nil, slot)
		if seen[n] || n == 0 {
			t.Fatalf("number %#x again", n)
		}
		seen[n] = true
		if live = append(live, n); i%3 == 0 {
			gone := live[i%len(live)]
			if _, s := table.remove(gone); s != slot {
				t.Fatal("it is not there")
			}
			if _, s := table.remove(gone); s != nil {
				t.Fatal("it is there still")
			}
			live = slices.DeleteFunc(live, func(n uint64) bool { return n == gone })
		}
	}
	for _, n := range []uint64{0, 1, 1 << 32, 1<<32 | 1<<31, 9<<32 | 1, ^uint64(0)} {
		if _, s := table.remove(n); s != nil && !seen[n] {
			t.Errorf("%#x was never given", n)
		}
	}
}
