package server

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
	"qnet/core/socket"
)

// ends are the ports of a connection: the server's and the client's.
type ends struct{ server, client uint16 }

// spreadModel knows of each client where its connection may be.
type spreadModel struct {
	*spreadRig
	random  *rand.Rand
	clients map[ends]*looptest.Peer // that are connected, and whose connection nobody has ended
	known   map[ends]*socket.Socket // those that have arrived, or were taken
	gone    []*looptest.Peer        // whose connection has to end
}

func portOf(t testing.TB, fd int) uint16 {
	a, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	return uint16(a.(*unix.SockaddrInet4).Port)
}

func (m *spreadModel) meet(c *socket.Socket) {
	port := ends{c.LocalPort(), c.PeerPort()}
	if m.clients[port] == nil || m.known[port] != nil {
		m.t.Errorf("the connection of %v has come, who is known: %v", port, m.known[port] != nil)
	}
	m.known[port] = c
}

func (m *spreadModel) takePending() {
	for c := m.NextPending(); c != nil; c = m.NextPending() {
		c.SetOwner(nil)
		m.meet(c)
	}
}

// end ends a connection that is known.
func (m *spreadModel) end(port ends) {
	c := m.known[port]
	if l := c.Loop(); l == m.l {
		c.Delete()
	} else {
		m.inLoop(l, c.Delete)
	}
	m.gone = append(m.gone, m.clients[port])
	delete(m.clients, port)
	delete(m.known, port)
}

func (m *spreadModel) step() {
	random := m.random
	live := m.live()
	switch random.Intn(14) {
	case 0, 1, 2, 3:
		if m.IsListening() && len(m.clients) < 40 {
			p := looptest.Dial(m.t, m.Port())
			m.clients[ends{m.Port(), portOf(m.t, p.FD)}] = p
		}
	case 4, 5:
		if len(live) > 0 {
			m.turn(live[random.Intn(len(live))])
		}
	case 6, 7:
		m.l.ProcessEvents(0)
	case 8:
		random.Shuffle(len(live), func(i, j int) { live[i], live[j] = live[j], live[i] })
		m.SetLoops(live[:random.Intn(len(live)+1)])
	case 9:
		switch {
		case len(live) < 2 || len(m.loops) < 12 && random.Intn(2) == 0:
			m.loops = append(m.loops, looptest.Another(m.t))
		case len(m.loops) < 12:
			l := live[random.Intn(len(live))]
			m.inLoop(l, l.Close)
		}
	case 10:
		if random.Intn(2) == 0 {
			m.Pause()
		} else {
			m.Resume()
		}
	case 11:
		for port := range m.known {
			m.end(port)
			break
		}
	case 12:
		m.SetMaxPending(1 + random.Intn(5))
		if random.Intn(2) == 0 {
			m.takePending()
		}
	case 13:
		if random.Intn(4) == 0 {
			m.close()
		}
	}
}

func (m *spreadModel) live() []*loop.Loop {
	return slices.DeleteFunc(slices.Clone(m.loops), (*loop.Loop).Closed)
}

// close ends all that nobody knows of yet.
func (m *spreadModel) close() {
	m.Close()
	for port, p := range m.clients {
		if m.known[port] == nil {
			m.gone = append(m.gone, p)
			delete(m.clients, port)
		}
	}
	m.check(0)
	if !m.Listen(address.LocalHost, 0) {
		m.t.Fatal(m.Failure())
	}
}

// check compares the counts, where some are on their way.
func (m *spreadModel) check(under int) {
	m.t.Helper()
	waiting := 0
	for _, h := range m.spread.shares {
		waiting += h.waiting
		if h.waiting != len(h.queue) || !h.posted && h.waiting > 0 || h.count.Open() < h.waiting {
			m.t.Errorf("%d wait, %d are queued, posted %v, %d are counted", h.waiting, len(h.queue), h.posted, h.count.Open())
		}
	}
	if n := len(m.spread.arrivals); n != waiting+len(m.spread.returned) || under >= 0 && n != under {
		m.t.Errorf("%d are on their way, %d to loops and %d back", n, waiting, len(m.spread.returned))
	}
}

// TestSpreadingAgreesWithItsModel does random things, in an order of its own, and finds each client's
// connection once: where it was announced, pending, on its way, not accepted, or ended.
func TestSpreadingAgreesWithItsModel(t *testing.T) {
	looptest.AtRandom(t, func(t *testing.T, random *rand.Rand) {
		s := spreading(t, 2)
		m := &spreadModel{spreadRig: s, random: random, clients: map[ends]*looptest.Peer{}, known: map[ends]*socket.Socket{}}
		s.slot = func(c *socket.Socket) { m.meet(c) }
		if random.Intn(2) == 0 {
			s.SetIdleTimeout(1 << 30) // each is known by itself
			s.SetAddressConnectionLimit(1000)
		}
		for range 150 {
			m.step()
			m.check(-1)
			if t.Failed() {
				return
			}
		}
		s.SetMaxPending(1000)
		s.Resume()
		s.until("all are there", func() bool {
			m.turn(m.live()...)
			m.takePending()
			return len(m.known) == len(m.clients) && s.OpenConnections() == len(m.known)
		})
		m.check(0)
		for _, p := range m.gone {
			s.until("it ends", p.Inbox().Ended)
		}
		for port := range m.known {
			m.end(port)
		}
		s.until("none is counted", func() bool { return s.OpenConnections() == 0 })
		for _, h := range s.spread.shares {
			if h.count.Open() != 0 {
				t.Errorf("%d are counted", h.count.Open())
			}
		}
	})
}

// TestSpreadingOnThreads has loops on threads of their own, which come and go, as do the server's
// other properties. Each client gets an answer, or an end.
func TestSpreadingOnThreads(t *testing.T) {
	for name, encrypted := range map[string]bool{"plain": false, "encrypted": true} {
		t.Run(name, func(t *testing.T) {
			looptest.AtRandom(t, func(t *testing.T, random *rand.Rand) { onThreads(t, random, encrypted) })
		})
	}
}

// worker is a loop with its thread.
type worker struct {
	l    *loop.Loop
	done <-chan struct{}
	mine []*socket.Socket // under the lock of l
}

func startWorker(t testing.TB) *worker {
	w := &worker{l: looptest.Another(t)}
	w.done = looptest.Elsewhere(func() {
		looptest.Do(w.l, func() {
			for !w.l.Closed() {
				if _, err := w.l.Exec(); err != nil {
					t.Error(err)
				}
			}
			for _, c := range w.mine {
				c.Delete()
			}
		})
	})
	return w
}

func (w *worker) end() {
	looptest.Do(w.l, w.l.Close)
	<-w.done
}

func onThreads(t *testing.T, random *rand.Rand, encrypted bool) {
	var r *rig
	dial := func(talk chan<- error) {
		p := looptest.Dial(t, r.Port())
		go func() { talk <- hearOne(p.FD) }()
	}
	if encrypted {
		ssl := listeningSSL(t)
		r = ssl.rig
		dial = func(talk chan<- error) {
			ssl.dialTLS(listens)
			go func() { talk <- <-ssl.peers }()
		}
	} else {
		r = listening(t)
	}
	r.mutes = "pending"
	var lock sync.Mutex
	workers := map[*loop.Loop]*worker{}
	start := func() *loop.Loop {
		w := startWorker(t)
		lock.Lock()
		defer lock.Unlock()
		workers[w.l] = w
		return w.l
	}
	r.On(SignalConnectionInLoop, func(n int64) {
		l := r.LockLoop()
		c := r.Arrived(n)
		l.Unlock()
		at := c.Loop()
		lock.Lock()
		w := workers[at]
		lock.Unlock()
		looptest.Do(at, func() {
			c.Write([]byte("x"))
			if random := c.PeerPort() % 3; random == 0 {
				c.DeleteLater()
			} else {
				w.mine = append(w.mine, c)
			}
		})
	})
	loops := []*loop.Loop{start(), start()}
	r.SetLoops(loops)
	const clients = 120
	talk := make(chan error, clients)
	dialled := 0
	for dialled < clients {
		switch random.Intn(12) {
		case 0:
			if len(loops) < 3 {
				l := start()
				loops = append(loops, l)
			}
		case 1:
			if len(loops) > 1 {
				i := random.Intn(len(loops))
				w := workers[loops[i]]
				loops = slices.Delete(loops, i, i+1)
				r.l.Unlock()
				w.end()
				r.l.Lock()
			}
		case 2:
			r.SetLoops(loops[random.Intn(len(loops)):])
		case 3:
			r.SetMaxPending(1 + random.Intn(10))
		case 4:
			r.SetIdleTimeout(random.Intn(2) * 100_000)
		case 5:
			if random.Intn(5) == 0 {
				r.Close()
				if !r.Listen(address.LocalHost, 0) {
					t.Fatal(r.Failure())
				}
			}
		case 6, 7, 8:
			dial(talk)
			dialled++
		default:
			r.l.ProcessEvents(random.Intn(2))
		}
		for c := r.NextPending(); c != nil; c = r.NextPending() {
			c.Write([]byte("x"))
		}
	}
	r.SetLoops(nil)
	r.SetMaxPending(clients)
	for answered := 0; answered < clients; {
		select {
		case err := <-talk:
			if err == errSilent {
				t.Error(err)
			}
			answered++
		default:
			r.l.ProcessEvents(1)
			for c := r.NextPending(); c != nil; c = r.NextPending() {
				c.Write([]byte("x"))
			}
		}
	}
	r.l.Unlock()
	for _, l := range loops {
		workers[l].end()
	}
	r.l.Lock()
	for _, c := range r.owner.Sockets() {
		c.Delete()
	}
	r.until("none is counted", func() bool { return r.OpenConnections() == 0 })
	if n := len(r.spread.arrivals) + len(r.spread.returned); n != 0 {
		t.Errorf("%d are on their way", n)
	}
}

var errSilent = unix.ETIMEDOUT

// hearOne waits for a byte, or the end of a connection.
func hearOne(fd int) error {
	fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	for end := time.Now().Add(looptest.Patience); ; {
		n, err := unix.Poll(fds, int(time.Until(end)/time.Millisecond)+1)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n > 0 {
			return err
		}
		return errSilent
	}
}
