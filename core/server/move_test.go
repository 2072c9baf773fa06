package server

import (
	"fmt"
	"testing"

	"qnet/core/internal/looptest"
	"qnet/core/loop"
	"qnet/core/object"
	"qnet/core/socket"
)

// move has m go to a loop; the test holds the lock of r's loop.
func (r *rig) move(m object.Movable, to *loop.Loop) error {
	r.l.Unlock()
	defer r.l.Lock()
	return object.Move(m, to)
}

// inLoop calls f with the lock of another loop instead of r's.
func (r *rig) inLoop(to *loop.Loop, f func()) {
	from := r.l
	r.l.Unlock()
	to.Lock()
	r.l = to
	defer func() {
		to.Unlock()
		r.l = from
		r.l.Lock()
	}()
	f()
}

func TestServerMovesWithItsSockets(t *testing.T) {
	r := listening(t)
	l, to := r.l, looptest.Another(t)
	r.SetMaxPending(2)
	peers := r.dial(3)
	r.until("two are pending", func() bool { return r.count("new") == 2 })
	taken := r.NextPending()
	free := r.NextPending()
	free.SetOwner(nil)
	r.until("one is pending", func() bool { return r.HasPending() })
	if err := r.move(taken, to); err == nil {
		t.Error("a socket went without its server")
	}
	if err := r.move(r.Server, to); err != nil {
		t.Fatal(err)
	}
	if r.Loop() != to || taken.Loop() != to || free.Loop() != l {
		t.Error("not what belongs to the server has moved")
	}
	r.inLoop(to, func() {
		pending := r.NextPending()
		for i, c := range []*socket.Socket{taken, pending} {
			c.Write([]byte("x"))
			inbox := peers[2*i].Inbox()
			r.until("it is sent", inbox.Has(1))
		}
		r.dial(1)
		r.connected(1)
		if n := r.OpenConnections(); n != 4 {
			t.Errorf("%d connections", n)
		}
	})
	free.Delete()
	r.inLoop(to, func() {
		// The one that stayed counts until it is over.
		r.until("it is not counted", func() bool { return r.OpenConnections() == 3 })
		r.Delete()
	})
}

func TestServerThatIsBusyMovesLater(t *testing.T) {
	for _, whose := range []string{"the server's", "a socket's"} {
		t.Run(whose, func(t *testing.T) {
			r := listening(t)
			l, to := r.l, looptest.Another(t)
			peer := r.dial(1)[0]
			move := func() {
				l.Unlock()
				if err := object.Move(r.Server, to); err != nil {
					t.Error(err)
				}
				l.Lock()
				if r.Loop() != l {
					t.Error("moved in a slot")
				}
			}
			if whose == "the server's" {
				r.on["pending"] = move
			} else {
				c := r.connected(1)[0]
				c.On(socket.SignalReadyRead, func(int64) { looptest.Do(l, move) })
				peer.Say("x")
			}
			r.until("it has moved", func() bool { return r.Loop() == to })
			r.inLoop(to, func() {
				peer.Say("x")
				r.until("it is read", func() bool { return r.owner.Sockets()[0].BytesAvailable() > 0 })
				r.Delete()
			})
		})
	}
}

func TestConnectionsCountInOtherLoops(t *testing.T) {
	for _, perAddress := range []bool{false, true} {
		r := listening(t)
		to := looptest.Another(t)
		r.SetConnectionLimit(1)
		if perAddress {
			r.SetAddressConnectionLimit(5)
		}
		r.dial(2)
		c := r.connected(1)[0]
		c.SetOwner(nil)
		if err := r.move(c, to); err != nil {
			t.Fatal(err)
		}
		r.settle()
		if r.OpenConnections() != 1 || r.HasPending() {
			t.Error("a connection does not count in another loop")
		}
		r.inLoop(to, c.Delete)
		r.connected(1)
		if r.OpenConnections() != 1 {
			t.Errorf("%d connections", r.OpenConnections())
		}
	}
}

func TestTimeoutsInOtherLoops(t *testing.T) {
	for name, set := range map[string]func(r *rig, msec int){
		"idle":       func(r *rig, msec int) { r.SetIdleTimeout(msec) },
		"first byte": func(r *rig, msec int) { r.SetFirstByteTimeout(msec) },
	} {
		// In an hour, or never, it would not be looked at again by itself.
		for _, before := range []int{short, 0, 3600_000} {
			t.Run(fmt.Sprint(name, ", before it has moved: ", before), func(t *testing.T) {
				r := listening(t)
				to := looptest.Another(t)
				r.SetAddressConnectionLimit(5) // or else nobody knows it as long as there is no time-out
				set(r, before)
				r.dial(1)
				c := r.connected(1)[0]
				c.SetOwner(nil)
				if err := r.move(c, to); err != nil {
					t.Fatal(err)
				}
				if before != short {
					set(r, short)
				}
				log := observed(c)
				r.inLoop(to, func() {
					r.until("it ends", func() bool { return c.State() == socket.Unconnected })
					if got := fmt.Sprint(*log); got != timedOut {
						t.Errorf("got %v", got)
					}
					c.Delete()
				})
				r.until("it is not counted", func() bool { return r.OpenConnections() == 0 })
			})
		}
	}
}

func TestHandshakesMoveWithTheirServer(t *testing.T) {
	for turns := range 6 {
		t.Run(fmt.Sprint("after ", turns, " turns"), func(t *testing.T) {
			r := newSSL(t, looptest.New(t))
			to := looptest.Another(t)
			r.listen()
			r.dialTLS(stays)
			for range turns {
				r.l.ProcessEvents(1)
			}
			if err := r.rig.move(r.Server, to); err != nil {
				t.Fatal(err)
			}
			r.inLoop(to, func() {
				c := r.connected(1)[0]
				if !c.SSL().IsEncrypted() {
					t.Error("not encrypted")
				}
				r.Server.Delete()
			})
		})
	}
}

// Whoever listens through a proxy goes too, at any time: also what is due to be told.
func TestServerBehindAProxyMoves(t *testing.T) {
	for turns, last := 0, false; !last; turns++ {
		ok := t.Run(fmt.Sprint("after ", turns, " turns"), func(t *testing.T) {
			r, d := atDoor(t)
			l, to := r.l, looptest.Another(t)
			r.open(0)
			for range turns {
				l.ProcessEvents(500)
			}
			last = r.count("listening") > 0
			if err := r.move(r.Server, to); err != nil || r.Loop() != to {
				t.Fatal(err)
			}
			l.ProcessEvents(0)
			r.inLoop(to, func() {
				r.until("it listens", func() bool { return r.count("listening") == 1 })
				r.mutes = "listening"
				for _, text := range []string{"one", "two"} {
					d.knock(text)
					r.until("somebody has come", func() bool { return r.count("new") == 1 })
					r.comes(text)
					r.log = nil
				}
				d.come <- leaves
				r.until("the end is noticed", func() bool { return len(r.log) > 0 })
				if r.expect("error 15"); !r.IsListening() {
					t.Error("it does not try again")
				}
				r.Delete()
			})
		})
		if !ok || turns > 100 {
			t.Fatal("it does not listen")
		}
	}
}

// Who waits for its answer keeps it where it is.
func TestServerMovesOnceItIsKnownWhereItListens(t *testing.T) {
	r, _ := atDoor(t)
	l, to := r.l, looptest.Another(t)
	r.open(0)
	done, port := r.elsewhere()
	r.sleeps()
	if err := r.move(r.Server, to); err != nil || r.Loop() != l {
		t.Fatalf("%v, moved: %v", err, r.Loop() == to)
	}
	r.until("it has moved", func() bool { return r.Loop() == to })
	<-done
	if *port != 4660 {
		t.Errorf("port %d", *port)
	}
	r.inLoop(to, r.Delete)
}
