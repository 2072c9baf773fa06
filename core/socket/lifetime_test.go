package socket

import (
	"math/rand"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/internal/looptest"
	"qnet/core/loop"
	"qnet/core/object"
)

func TestNothingIsLeftOfManyConnections(t *testing.T) {
	l := looptest.New(t)
	listener := looptest.Listen(t)
	before := 0
	for i := range 300 {
		r := fresh(t, l)
		switch i % 4 {
		case 0:
			r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
		case 1:
			r.ConnectToHost("localhost", listener.Port, ReadWrite, address.IPv4)
		case 2:
			r.ConnectToHost("127.0.0.1", 1, ReadWrite, address.AnyIP)
		case 3:
			r.Bind(address.LocalHost, 0, DefaultForPlatform)
			r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
		}
		r.Write([]byte("early"))
		switch i % 5 {
		case 0:
			r.Abort()
		case 1:
			r.Close()
			r.settle()
		case 2:
			r.DeleteLater()
			r.settle()
		case 3:
			r.WaitForConnected(long)
			r.Write(make([]byte, 3*big))
			r.Unget('x')
		case 4:
			r.until("it is over", func() bool { return r.State() == Connected || r.State() == Unconnected })
		}
		r.Delete()
		r.settle()
		for listener.Waiting() {
			fd, _, _ := listener.AcceptDescriptor()
			unix.Close(fd)
		}
		if n := looptest.Descriptors(); before == 0 {
			before = n
		} else if n > before+8 { // look-ups that were cancelled, spare ones of waits
			t.Fatalf("%d descriptors, at first %d", n, before)
		}
		if n := l.Pool.Lent(); n != 0 {
			t.Fatalf("%d chunks are lent", n)
		}
	}
}

// crowd is many sockets that several threads do anything to at once.
type crowd struct {
	t        *testing.T
	l        *loop.Loop
	listener *looptest.Listener

	mu    sync.Mutex
	ended map[*Socket]int
	late  int // signals after destroyed
}

// join makes one more socket.
func (c *crowd) join() *Socket {
	s := New(c.l)
	for signal := range signals {
		s.On(signal, func(int64) {
			c.mu.Lock()
			if c.ended[s] > 0 && signal != object.Destroyed {
				c.late++
			}
			if signal == object.Destroyed {
				c.ended[s]++
			}
			c.mu.Unlock()
			if signal == SignalReadyRead {
				looptest.Do(c.l, func() {
					if s.Alive() {
						var space [1000]byte
						s.Write(space[:max(0, s.Read(space[:]))])
					}
				})
			}
		})
	}
	return s
}

// act does anything to s.
func (c *crowd) act(random *rand.Rand, s *Socket) {
	switch random.Intn(14) {
	case 0, 1, 2:
		s.ConnectToAddress(address.LocalHost, c.listener.Port, ReadWrite)
	case 3:
		s.ConnectToHost("localhost", c.listener.Port, ReadWrite, address.IPv4)
	case 4, 5:
		s.Write(make([]byte, 1+random.Intn(3*big)))
	case 6:
		s.Read(make([]byte, random.Intn(1000)))
	case 7:
		s.Disconnect()
	case 8:
		s.Close()
	case 9:
		s.Abort()
	case 10:
		s.WaitForReadyRead(random.Intn(2))
	case 11:
		s.WaitForConnected(random.Intn(3))
	case 12:
		s.WaitForDisconnected(random.Intn(2))
	case 13:
		s.FlushNow()
	}
}

func TestManyThreadsAndAnything(t *testing.T) {
	silent(t)
	l := looptest.New(t)
	c := &crowd{t: t, l: l, listener: looptest.Listen(t), ended: map[*Socket]int{}}
	const threads, sockets = 3, 8
	var shared [sockets]*Socket
	for i := range shared {
		shared[i] = c.join()
	}
	made := slices.Clone(shared[:])
	end := time.Now().Add(400 * time.Millisecond)
	running := threads + 1
	// The peers: each is echoed to for a while, and then closed or reset.
	peers := looptest.Elsewhere(func() {
		defer looptest.Do(l, func() { running--; l.Exit(0) })
		random := rand.New(rand.NewSource(0))
		var open []int
		space := make([]byte, 5000)
		for time.Now().Before(end) {
			if looptest.Readable(c.listener.FD) {
				if fd, _, err := unix.Accept(c.listener.FD); err == nil {
					unix.SetNonblock(fd, true)
					open = append(open, fd)
				}
			}
			if len(open) == 0 {
				continue
			}
			i := random.Intn(len(open))
			switch random.Intn(8) {
			case 0:
				unix.SetsockoptLinger(open[i], unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
				fallthrough
			case 1:
				unix.Close(open[i])
				open = slices.Delete(open, i, i+1)
			case 2, 3, 4:
				unix.Read(open[i], space)
			default:
				unix.SendmsgN(open[i], space[:random.Intn(len(space))], nil, nil, unix.MSG_NOSIGNAL)
			}
		}
		for _, fd := range open {
			unix.Close(fd)
		}
	})
	var done []<-chan struct{}
	for thread := range threads {
		done = append(done, looptest.Elsewhere(func() {
			random := rand.New(rand.NewSource(int64(1 + thread)))
			defer looptest.Do(l, func() { running--; l.Exit(0) })
			for time.Now().Before(end) {
				looptest.Do(l, func() {
					i := random.Intn(sockets)
					s := shared[i]
					if random.Intn(10) > 0 {
						c.act(random, s)
						return
					}
					// Another takes its place before it goes.
					shared[i] = c.join()
					made = append(made, shared[i])
					if random.Intn(2) == 0 {
						s.Delete()
					} else {
						s.DeleteLater()
					}
				})
			}
		}))
	}
	looptest.Until(t, l, "the others have ended", func() bool { return running == 0 })
	for _, d := range append(done, peers) {
		looptest.Await(t, l, "a thread has ended", d)
	}
	for _, s := range made {
		s.Delete()
	}
	looptest.Settle(t, l)
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range made {
		if c.ended[s] != 1 {
			t.Errorf("a socket was destroyed %d times", c.ended[s])
		}
	}
	if c.late > 0 {
		t.Errorf("%d signals came after destroyed", c.late)
	}
	t.Logf("%d sockets", len(made))
}
