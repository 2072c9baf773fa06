package socket

import (
	"bytes"
	"fmt"
	"io"
	"math/rand"
	"net"
	"runtime"
	"sync"
	"testing"
	"time"

	"qnet/core/internal/looptest"
	"qnet/core/loop"
	"qnet/core/object"
	"qnet/core/sys"
)

// worker is a loop and the thread that runs it.
type worker struct {
	*loop.Loop
	thread int
	done   <-chan struct{}
}

// work starts loops, each on a thread of its own. The test's end closes them, and fails if
// something is left in them.
func work(t *testing.T, count int) []*worker {
	looptest.CheckLeaks(t)
	list := make([]*worker, count)
	for i := range list {
		l, err := loop.New()
		if err != nil {
			t.Fatal(err)
		}
		w := &worker{Loop: l}
		runs := make(chan struct{})
		w.done = looptest.Elsewhere(func() {
			l.Lock()
			defer l.Unlock()
			w.thread = sys.ThreadID()
			l.Post(func() { close(runs) })
			l.Exec()
		})
		<-runs
		list[i] = w
	}
	t.Cleanup(func() {
		for _, w := range list {
			looptest.Do(w.Loop, func() { w.Exit(0) })
			<-w.done
			looptest.Do(w.Loop, func() {
				w.Close()
				if chunks, batches := w.Pool.Lent(), w.Datagrams.Lent(); chunks != 0 || batches != 0 {
					t.Errorf("%d chunks and %d batches were not given back", chunks, batches)
				}
			})
		}
	})
	return list
}

// wanderer is a socket that sends back what it reads, and goes from loop to loop.
type wanderer struct {
	*Socket
	t       *testing.T
	workers []*worker

	moves sync.Mutex // one after the other
	moved int        // at once

	mu     sync.Mutex // of what follows
	random *rand.Rand
	at     *worker // where callbacks are made from now on; nil: not known
}

func (w *wanderer) chance(n int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.random.Intn(n) == 0
}

func (w *wanderer) number(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.random.Intn(n)
}

// move has it go to another loop.
func (w *wanderer) move() {
	to := w.workers[w.number(len(w.workers))]
	w.moves.Lock()
	defer w.moves.Unlock()
	w.expect(nil)
	if err := object.Move(w.Socket, to.Loop); err != nil {
		if err != object.ErrDeleted {
			w.t.Error(err)
		}
		return
	}
	l := w.LockLoop()
	defer l.Unlock()
	if l == to.Loop {
		w.expect(to) // else somebody is at work on it
		w.moved++
	}
}

func (w *wanderer) hasMoved() bool {
	w.moves.Lock()
	defer w.moves.Unlock()
	return w.moved > 0
}

func (w *wanderer) expect(at *worker) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = at
}

// called is what each slot begins with.
func (w *wanderer) called() {
	thread := sys.ThreadID()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.at != nil && thread != w.at.thread {
		w.t.Errorf("called on thread %d, and not on %d", thread, w.at.thread)
	}
}

// read sends back some of what there is, now in this way and now in that.
func (w *wanderer) read() {
	w.called()
	if w.chance(8) {
		w.move()
	}
	l := w.LockLoop()
	defer l.Unlock()
	if !w.Alive() {
		return
	}
	space := make([]byte, 1+w.number(40<<10))
	switch w.number(6) {
	case 0:
		w.StartTransaction()
		w.Read(space)
		w.RollbackTransaction()
	case 1:
		w.StartTransaction()
		n := max(0, w.Read(space))
		w.CommitTransaction()
		w.Write(space[:n])
	case 2:
		if n := w.Peek(space); n > 0 {
			w.Write(space[:n])
			w.Skip(int64(n))
		}
	case 3:
		w.SetReadLimit(int64(w.number(3) * 5000))
		fallthrough
	default:
		w.Write(space[:max(0, w.Read(space))])
	}
	if w.BytesAvailable() > 0 {
		// Nobody else asks for the rest.
		l.Post(func() { l.Call(nil, w.readAll) })
	}
}

func (w *wanderer) readAll() {
	defer w.LockLoop().Unlock()
	if w.Alive() {
		space := make([]byte, w.BytesAvailable())
		w.Write(space[:max(0, w.Read(space))])
	}
}

func TestSocketsWanderFromLoopToLoop(t *testing.T) {
	looptest.AtRandom(t, func(t *testing.T, random *rand.Rand) {
		workers := work(t, 3)
		listener := looptest.Listen(t)
		var peers sync.WaitGroup
		const count = 6
		for i := range count {
			conn, err := net.Dial("tcp4", fmt.Sprint("127.0.0.1:", listener.Port))
			if err != nil {
				t.Fatal(err)
			}
			fd, a, port := listener.AcceptDescriptor()
			w := &wanderer{t: t, workers: workers, random: rand.New(rand.NewSource(random.Int63()))}
			ended := random.Intn(4)
			size, seed := random.Intn(2<<20), random.Int63()
			home := workers[i%len(workers)]
			looptest.Do(home.Loop, func() {
				w.Socket = Adopt(home.Loop, fd, a, port, nil)
				w.On(SignalReadyRead, func(int64) { w.read() })
				w.On(SignalBytesWritten, func(int64) { w.called() })
			})
			stop := make(chan struct{})
			moves := looptest.Elsewhere(func() {
				for stopped := false; !stopped || !w.hasMoved(); {
					select {
					case <-stop:
						stopped = true
					default:
					}
					w.move()
					runtime.Gosched()
				}
			})
			peers.Add(1)
			go func() {
				defer peers.Done()
				defer conn.Close()
				w.converse(conn, size, ended, seed)
				close(stop)
				<-moves
				w.end(ended)
			}()
		}
		peers.Wait()
	})
}

// converse sends a message and reads it back, all of it unless the socket is to end before.
func (w *wanderer) converse(conn net.Conn, size, ended int, seed int64) {
	conn.SetDeadline(time.Now().Add(looptest.Patience))
	message := make([]byte, size)
	rand.New(rand.NewSource(seed)).Read(message)
	if ended == 0 {
		// It ends in the middle.
		go conn.Write(message)
		io.CopyN(io.Discard, conn, int64(size/2))
		return
	}
	go conn.Write(message)
	answer := make([]byte, size)
	if n, err := io.ReadFull(conn, answer); err != nil {
		l := w.LockLoop()
		defer l.Unlock()
		w.t.Errorf("%d bytes of %d came back: %v; unread %d, unsent %d, state %d, paused %v", n, size, err, w.BytesAvailable(), w.BytesToWrite(), w.State(), w.paused)
	} else if !bytes.Equal(answer, message) {
		w.t.Error("other bytes came back, or in another order")
	}
}

// end ends the socket in one way or another, while it may still be on its way.
func (w *wanderer) end(how int) {
	moves := looptest.Elsewhere(func() {
		for range 20 {
			w.move()
		}
	})
	gone := make(chan struct{})
	<-looptest.Elsewhere(func() {
		l := w.LockLoop()
		w.On(object.Destroyed, func(int64) { close(gone) })
		switch how {
		case 0:
			w.Abort()
			w.Delete()
		case 1:
			w.Delete()
		case 2:
			w.Disconnect()
			w.DeleteLater()
		default:
			w.DeleteLater()
		}
		l.Unlock()
	})
	select {
	case <-gone:
	case <-time.After(looptest.Patience):
		w.t.Error("it is never deleted")
	}
	<-moves
}
