package socket

import (
	"fmt"
	"runtime"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/internal/looptest"
	"qnet/core/loop"
)

// echo is a socket that sends back what it receives, and its peer.
type echo struct {
	t       testing.TB
	l       *loop.Loop
	peer    *looptest.Peer
	message []byte
	answer  []byte
	space   []byte // the slot's
}

func newEcho(t testing.TB, size int) *echo {
	t.Helper()
	l := looptest.New(t)
	listener := looptest.Listen(t)
	e := &echo{
		t: t, l: l,
		peer:    looptest.Dial(t, listener.Port),
		message: pattern(size),
		answer:  make([]byte, size),
		space:   make([]byte, maxRead),
	}
	fd, a, port := listener.AcceptDescriptor()
	s := Adopt(l, fd, a, port, nil)
	t.Cleanup(s.Delete)
	s.On(SignalReadyRead, func(int64) {
		l.Lock()
		s.Write(e.space[:s.Read(e.space)])
		l.Unlock()
	})
	return e
}

// round sends the message, and runs turns until all of it is back.
func (e *echo) round() {
	sent, got := 0, 0
	for got < len(e.answer) {
		if sent < len(e.message) {
			n, err := unix.Write(e.peer.FD, e.message[sent:])
			if err != nil && err != unix.EAGAIN {
				e.t.Fatal(err)
			}
			sent += max(0, n)
		}
		if _, err := e.l.ProcessEvents(1); err != nil {
			e.t.Fatal(err)
		}
		n, err := unix.Read(e.peer.FD, e.answer[got:])
		if err != nil && err != unix.EAGAIN {
			e.t.Fatal(err)
		}
		got += max(0, n)
	}
}

func TestEchoAllocatesNothing(t *testing.T) {
	if looptest.Race {
		t.Skip("the race detector allocates on its own")
	}
	for _, size := range []int{64, 64 << 10} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			e := newEcho(t, size)
			for range 100 {
				e.round() // until pools and lists have their size
			}
			if n := testing.AllocsPerRun(1000, e.round); n != 0 {
				t.Errorf("%v allocations per message", n)
			}
			if string(e.answer) != string(e.message) {
				t.Error("the answer is another")
			}
		})
	}
}

func BenchmarkEcho(b *testing.B) {
	for _, size := range []int{64, 64 << 10} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			e := newEcho(b, size)
			for range 100 {
				e.round()
			}
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				e.round()
			}
		})
	}
}

// idle makes n adopted connections that are silent, and returns how many bytes
// of the heap each has cost.
func idle(t testing.TB, l *loop.Loop, n int) float64 {
	t.Helper()
	listener := looptest.ListenAt(t, address.LocalHost, 0, n)
	defer listener.Close()
	type accepted struct {
		fd   int
		a    address.Address
		port uint16
	}
	list := make([]accepted, n)
	for i := range list {
		defer looptest.Dial(t, listener.Port).Close()
		list[i].fd, list[i].a, list[i].port = listener.AcceptDescriptor()
	}
	sockets := make([]*Socket, n)
	before := heap()
	for i, c := range list {
		s := Adopt(l, c.fd, c.a, c.port, nil)
		// As a server has it: one slot for data, one for the end.
		s.On(SignalReadyRead, func(int64) {})
		s.On(SignalDisconnected, func(int64) {})
		sockets[i] = s
	}
	looptest.Settle(t, l)
	bytes := heap() - before
	for _, s := range sockets {
		s.Delete()
	}
	return float64(bytes) / float64(n)
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// A byte more than a size that Go allocates costs as much as the next size.
func TestSocketIsSmall(t *testing.T) {
	if n := unsafe.Sizeof(Socket{}); n > 224 {
		t.Errorf("%d bytes", n)
	}
	if n := unsafe.Sizeof(cold{}); n > 192 {
		t.Errorf("%d bytes more for those that have connected", n)
	}
}

func TestIdleConnectionIsSmall(t *testing.T) {
	if looptest.Race {
		t.Skip("the race detector allocates on its own")
	}
	if n := idle(t, looptest.New(t), 400); n > 1024 {
		t.Errorf("%.0f bytes per connection", n)
	}
}

// BenchmarkIdleConnection reports what an accepted connection that is silent
// takes of the heap.
func BenchmarkIdleConnection(b *testing.B) {
	const connections = 400
	l := looptest.New(b)
	total := 0.0
	n := 0
	for b.Loop() {
		total += idle(b, l, connections)
		n++
	}
	b.ReportMetric(total/float64(n), "heap-B/conn")
}
