package server

import (
	"testing"

	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/loop"
	"qnet/core/object"
	"qnet/core/socket"
)

// spreadRig is a server that spreads its connections over loops, and what has arrived there. The test
// runs them all.
type spreadRig struct {
	*rig
	loops   []*loop.Loop
	arrived map[*loop.Loop][]*socket.Socket
	slot    func(c *socket.Socket) // called at each arrival, without a lock
}

func spreading(t *testing.T, count int) *spreadRig {
	t.Helper()
	s := spreadOver(listening(t), count)
	s.SetLoops(s.loops)
	return s
}

// spreadOver has a server's arrivals written down.
func spreadOver(r *rig, count int) *spreadRig {
	s := &spreadRig{rig: r, arrived: map[*loop.Loop][]*socket.Socket{}}
	for range count {
		s.loops = append(s.loops, looptest.Another(r.t))
	}
	// At the end of a loop the server is asked, of whose loop the test has the lock.
	r.t.Cleanup(func() {
		for _, l := range s.loops {
			s.inLoop(l, func() {
				for _, c := range s.arrived[l] {
					c.Delete()
				}
				l.Close()
			})
		}
	})
	r.On(SignalConnectionInLoop, s.arrives)
	return s
}

func (s *spreadRig) arrives(n int64) {
	var c *socket.Socket
	looptest.Do(s.Loop(), func() {
		c = s.Arrived(n)
		l := c.Loop()
		s.arrived[l] = append(s.arrived[l], c)
	})
	if s.slot != nil {
		s.slot(c)
	}
}

// turn has each of some loops do what it has.
func (s *spreadRig) turn(loops ...*loop.Loop) {
	for _, l := range loops {
		s.inLoop(l, func() { l.ProcessEvents(0) })
	}
}

func (s *spreadRig) came() int {
	n := 0
	for _, list := range s.arrived {
		n += len(list)
	}
	return n
}

// all waits until so many have arrived.
func (s *spreadRig) all(count int) {
	s.t.Helper()
	s.until("they have arrived", func() bool {
		s.turn(s.loops...)
		return s.came() >= count
	})
	if s.came() != count {
		s.t.Errorf("%d have arrived, want %d", s.came(), count)
	}
}

// accepted waits until so many are open, in a loop or on their way.
func (s *spreadRig) accepted(count int) {
	s.t.Helper()
	s.until("they are accepted", func() bool { return s.OpenConnections() == count })
}

// leave ends the first connection of a loop.
func (s *spreadRig) leave(l *loop.Loop) {
	gone := s.arrived[l][0]
	s.arrived[l] = s.arrived[l][1:]
	s.inLoop(l, gone.Delete)
}

func (s *spreadRig) want(counts ...int) {
	s.t.Helper()
	for i, n := range counts {
		if got := len(s.arrived[s.loops[i]]); got != n {
			s.t.Errorf("loop %d has %d connections, want %d", i, got, n)
		}
	}
}

func (s *spreadRig) noneIsLeft() {
	s.t.Helper()
	if n := len(s.spread.arrivals); n != 0 {
		s.t.Errorf("%d are on their way", n)
	}
	for i, h := range s.spread.shares {
		if h.waiting != 0 || len(h.queue) != 0 || h.posted {
			s.t.Errorf("share %d: %d wait, %d are queued, posted %v", i, h.waiting, len(h.queue), h.posted)
		}
	}
}

func TestConnectionsGoWhereTheFewestAre(t *testing.T) {
	s := spreading(t, 3)
	peers := s.dial(7)
	s.all(7)
	s.want(3, 2, 2)
	if s.OpenConnections() != 7 || s.HasPending() || s.count("new") != 0 {
		t.Errorf("%d are open; %q", s.OpenConnections(), s.log)
	}
	c := s.arrived[s.loops[0]][0]
	peers[0].Say("x")
	s.inLoop(s.loops[0], func() { s.until("it is read", func() bool { return c.BytesAvailable() == 1 }) })
	// Two go, and the next two go where they were.
	s.leave(s.loops[1])
	s.leave(s.loops[1])
	s.accepted(5)
	s.dial(2)
	s.all(7)
	s.want(3, 2, 2)
	s.noneIsLeft()
	for _, l := range s.loops {
		for len(s.arrived[l]) > 0 {
			s.leave(l)
		}
	}
	s.accepted(0)
}

func TestAnArrivalIsWhatAPendingConnectionIs(t *testing.T) {
	s := spreading(t, 1)
	s.SetAllowHalfOpen(true)
	peer := s.dial(1)[0]
	peer.Say("early")
	s.all(1)
	c := s.arrived[s.loops[0]][0]
	s.inLoop(s.loops[0], func() {
		s.until("it is read", func() bool { return c.BytesAvailable() == 5 })
		if !c.AllowHalfOpen() || c.State() != socket.Connected || c.Owner() != nil || c.LocalPort() != s.Port() || c.PeerPort() == 0 {
			t.Error(c.AllowHalfOpen(), c.State(), c.Owner(), c.LocalPort(), c.PeerPort())
		}
		c.Write([]byte("hi"))
		s.until("it is told", peer.Inbox().Has(2))
	})
}

func TestConnectionsOnTheirWayWhenTheServerEnds(t *testing.T) {
	for name, end := range map[string]func(s *spreadRig){
		"closed":  func(s *spreadRig) { s.Close() },
		"deleted": func(s *spreadRig) { s.Delete() },
	} {
		t.Run(name, func(t *testing.T) {
			s := spreading(t, 2)
			peers := s.dial(3)
			s.accepted(3)
			end(s)
			if name == "closed" && s.OpenConnections() != 0 {
				t.Errorf("%d are open", s.OpenConnections())
			}
			// Nobody has to run the loops for that.
			for _, p := range peers {
				s.until("it ends", p.Inbox().Ended)
			}
			s.turn(s.loops...)
			s.want(0, 0)
			s.noneIsLeft()
		})
	}
}

// Between the claim and the landing the lock is free as well.
func TestTheServerEndsWhileAConnectionIsFetched(t *testing.T) {
	for name, end := range map[string]func(s *spreadRig){
		"closed":  func(s *spreadRig) { s.Close() },
		"deleted": func(s *spreadRig) { s.Delete() },
	} {
		t.Run(name, func(t *testing.T) {
			s := spreading(t, 1)
			peer := s.dial(1)[0]
			s.accepted(1)
			h := s.spread.shares[0]
			a, more := h.claim()
			if a == nil || more {
				t.Fatal(a, more)
			}
			end(s)
			s.inLoop(s.loops[0], func() { a.land(s.loops[0]) })
			s.until("it ends", peer.Inbox().Ended)
			s.want(0)
			if name == "closed" {
				s.accepted(0)
			}
		})
	}
}

func TestConnectionsOnTheirWayStayWithTheServerWithoutLoops(t *testing.T) {
	s := spreading(t, 2)
	s.dial(3)
	s.accepted(3)
	s.SetLoops(nil)
	if s.LoopCount() != 0 {
		t.Error(s.LoopCount())
	}
	s.until("they are pending", func() bool { return len(s.pending) == 3 })
	if s.count("new") != 3 || s.OpenConnections() != 3 {
		t.Errorf("%q; %d are open", s.log, s.OpenConnections())
	}
	s.turn(s.loops...)
	s.want(0, 0)
	s.noneIsLeft()
}

func TestConnectionsOnTheirWayToALoopThatIsTakenAwayGoToAnother(t *testing.T) {
	s := spreading(t, 2)
	s.dial(4)
	s.accepted(4)
	s.SetLoops([]*loop.Loop{s.loops[1], s.loops[1]})
	if s.LoopCount() != 1 {
		t.Error(s.LoopCount())
	}
	s.all(4)
	s.want(0, 4)
	if n := s.spread.shares[0].count.Open(); n != 4 {
		t.Errorf("%d are counted", n)
	}
	s.noneIsLeft()
}

func TestLoopThatIsGoneGetsNoConnections(t *testing.T) {
	for name, end := range map[string]func(s *spreadRig){
		"before": func(s *spreadRig) {
			s.inLoop(s.loops[0], s.loops[0].Close)
			s.dial(2)
			s.accepted(2)
		},
		"on their way": func(s *spreadRig) {
			s.dial(2)
			s.accepted(2)
			s.inLoop(s.loops[0], s.loops[0].Close)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := spreading(t, 2)
			end(s)
			s.all(2)
			s.want(0, 2)
			if s.LoopCount() != 1 {
				t.Errorf("%d loops", s.LoopCount())
			}
			s.inLoop(s.loops[1], s.loops[1].Close)
			s.dial(2)
			s.until("they are pending", func() bool { return len(s.pending) == 2 })
			if s.LoopCount() != 0 || s.OpenConnections() != 4 {
				t.Errorf("%d loops, %d are open", s.LoopCount(), s.OpenConnections())
			}
		})
	}
}

// The last loop goes, and the server's is not run: who waits gets them.
func TestWaitGetsWhatNoLoopTakes(t *testing.T) {
	s := spreading(t, 1)
	s.dial(2)
	for s.OpenConnections() < 2 {
		if ok, _ := s.WaitForNewConnection(long); !ok {
			t.Fatal("nothing was accepted")
		}
	}
	s.inLoop(s.loops[0], s.loops[0].Close)
	if s.HasPending() {
		t.Error("pending outside of the loop")
	}
	if ok, late := s.WaitForNewConnection(long); !ok || late || len(s.pending) != 2 {
		t.Errorf("%v, %v: %d are pending", ok, late, len(s.pending))
	}
}

func TestOfALoopThatDoesNotRunOnlySoManyWait(t *testing.T) {
	s := spreading(t, 2)
	s.SetMaxPending(3)
	s.dial(10)
	s.until("one loop has the others", func() bool {
		s.turn(s.loops[1])
		return s.came() == 7
	})
	s.want(0, 7)
	s.dial(1)
	s.until("and who comes later", func() bool {
		s.turn(s.loops[1])
		return s.came() == 8
	})
	if n := s.spread.shares[0].waiting; n != 3 {
		t.Errorf("%d wait", n)
	}
	s.all(11)
	s.want(3, 8)
}

func TestTooManyOnTheirWayWaitInTheSystem(t *testing.T) {
	s := spreading(t, 2)
	s.SetMaxPending(2)
	s.dial(6)
	s.accepted(4)
	s.settle()
	if s.OpenConnections() != 4 {
		t.Errorf("%d were accepted", s.OpenConnections())
	}
	// So it is for somebody who waits.
	if ok, _ := s.WaitForNewConnection(long); !ok || s.OpenConnections() != 4 {
		t.Errorf("%v: %d were accepted", ok, s.OpenConnections())
	}
	s.all(6)
	s.want(3, 3)
	s.noneIsLeft()
}

func TestPausedServersAcceptNothingForLoops(t *testing.T) {
	s := spreading(t, 1)
	s.dial(1)
	s.accepted(1)
	s.Pause()
	s.dial(1)
	s.all(1)
	s.settle()
	if s.OpenConnections() != 1 {
		t.Errorf("%d are open", s.OpenConnections())
	}
	s.Resume()
	s.all(2)
}

func TestLimitsOfConnectionsInLoops(t *testing.T) {
	s := spreading(t, 2)
	s.SetAddressConnectionLimit(3)
	s.dial(4)
	s.until("one is refused", func() bool { return s.Refused() == 1 })
	s.all(3)
	s.leave(s.loops[0])
	s.accepted(2)
	s.dial(1)
	s.all(3)
	s.SetAddressConnectionLimit(0)
	s.SetConnectionLimit(4)
	s.dial(2)
	s.all(4)
	s.settle()
	if s.OpenConnections() != 4 {
		t.Errorf("%d are open", s.OpenConnections())
	}
	s.leave(s.loops[0])
	s.until("the last has come", func() bool {
		s.turn(s.loops...)
		return s.came() == 4 && s.OpenConnections() == 4
	})
}

func TestTimeoutsOfConnectionsInLoops(t *testing.T) {
	for name, set := range map[string]func(s *spreadRig){
		"set before": func(s *spreadRig) {
			s.SetIdleTimeout(short)
			s.dial(1)
			s.accepted(1)
		},
		"changed on the way": func(s *spreadRig) {
			s.SetIdleTimeout(long)
			s.dial(1)
			s.accepted(1)
			s.SetIdleTimeout(short)
		},
		"changed later": func(s *spreadRig) {
			s.SetIdleTimeout(long)
			s.dial(1)
			s.all(1)
			s.SetIdleTimeout(short)
		},
		"the first byte": func(s *spreadRig) {
			s.SetFirstByteTimeout(short)
			s.dial(1)
			s.accepted(1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := spreading(t, 1)
			set(s)
			s.all(1)
			c := s.arrived[s.loops[0]][0]
			s.inLoop(s.loops[0], func() {
				s.until("it ends", func() bool { return c.State() == socket.Unconnected })
				if c.Failure().Code != failure.SocketTimeout {
					t.Error(c.Failure().Text)
				}
			})
			s.accepted(0)
		})
	}
}

func TestOverridesComeBeforeLoops(t *testing.T) {
	s := spreading(t, 1)
	var given []int
	s.SetIncoming(func(fd int) { given = append(given, fd) })
	s.dial(1)
	s.until("it is given to the program", func() bool { return len(given) == 1 })
	c := socket.AdoptGiven(s.l, given[0])
	s.AddPending(c)
	if s.OpenConnections() != 1 || !s.HasPending() {
		t.Error("it is not pending")
	}
	s.SetIncoming(nil)
	s.dial(1)
	s.all(1)
}

func TestWithoutSlotsConnectionsBecomePending(t *testing.T) {
	r := listening(t)
	l := looptest.Another(t)
	r.SetLoops([]*loop.Loop{l})
	r.dial(1)
	r.until("it is pending", r.HasPending)
	// Of somebody who has lost interest meanwhile, too.
	slot := r.On(SignalConnectionInLoop, func(int64) { t.Error("announced") })
	r.dial(2)
	r.until("they are on their way", func() bool { return r.OpenConnections() == 3 })
	if len(r.pending) != 1 {
		t.Errorf("%d are pending", len(r.pending))
	}
	r.Off(slot)
	r.inLoop(l, func() { l.ProcessEvents(0) })
	r.until("they are pending", func() bool { return len(r.pending) == 3 })
	r.inLoop(l, l.Close)
}

// A slot that runs its loop does not keep the others waiting.
func TestTurnsInsideOfAnArrival(t *testing.T) {
	s := spreading(t, 1)
	l := s.loops[0]
	depth, deepest := 0, 0
	s.slot = func(*socket.Socket) {
		depth++
		deepest = max(deepest, depth)
		if depth < 3 {
			looptest.Do(l, func() { l.ProcessEvents(0) })
		}
		depth--
	}
	s.dial(5)
	s.accepted(5)
	s.turn(l)
	s.all(5)
	if deepest != 3 {
		t.Errorf("%d deep", deepest)
	}
	s.noneIsLeft()
}

func TestALoopThatIsClosedInAnArrival(t *testing.T) {
	s := spreading(t, 2)
	s.slot = func(c *socket.Socket) {
		if c.Loop() == s.loops[0] {
			looptest.Do(s.loops[0], s.loops[0].Close)
		}
	}
	s.dial(6)
	s.accepted(6)
	s.turn(s.loops[0])
	s.want(1)
	s.all(6)
	s.want(1, 5)
	s.noneIsLeft()
}

func TestAnInterruptionComesBetweenArrivals(t *testing.T) {
	s := spreading(t, 1)
	l := s.loops[0]
	s.slot = func(*socket.Socket) { looptest.Do(l, l.Interrupt) }
	s.dial(3)
	s.accepted(3)
	for n := 1; n <= 3; n++ {
		s.turn(l)
		s.want(n)
	}
	s.noneIsLeft()
}

func TestManyArrivalsTakeSeveralTurns(t *testing.T) {
	s := spreading(t, 1)
	s.SetMaxPending(100)
	s.SetBacklog(100)
	for range 2 {
		s.dial(maxAccepts)
		s.until("they are accepted", func() bool { return s.OpenConnections()%maxAccepts == 0 && s.OpenConnections() > 0 })
	}
	s.accepted(2 * maxAccepts)
	s.turn(s.loops[0])
	s.want(maxAccepts)
	s.turn(s.loops[0])
	s.want(2 * maxAccepts)
	s.noneIsLeft()
}

func TestTheServersLoopMayBeOneOfThem(t *testing.T) {
	s := spreading(t, 1)
	s.SetLoops([]*loop.Loop{s.l, s.loops[0]})
	s.dial(4)
	s.all(4)
	if len(s.arrived[s.l]) != 2 {
		t.Errorf("it has %d", len(s.arrived[s.l]))
	}
	for _, c := range s.arrived[s.l] {
		c.Delete()
	}
	s.accepted(2)
}

func TestServerMovesWithConnectionsOnTheirWay(t *testing.T) {
	s := spreading(t, 2)
	s.dial(2)
	s.accepted(2)
	if err := s.move(s.Server, s.loops[0]); err != nil {
		t.Fatal(err)
	}
	s.all(2)
	s.want(1, 1)
	s.dial(2)
	s.inLoop(s.loops[0], func() { s.until("they are accepted", func() bool { return s.OpenConnections() == 4 }) })
	s.all(4)
	s.want(2, 2)
	s.inLoop(s.loops[0], s.Delete)
}

// In the slot the server, its connection and the loops may be changed at will.
func TestSlotsOfArrivals(t *testing.T) {
	for name, f := range map[string]func(s *spreadRig, c *socket.Socket){
		"delete the server":     func(s *spreadRig, c *socket.Socket) { looptest.Do(s.Loop(), s.Delete) },
		"close the server":      func(s *spreadRig, c *socket.Socket) { looptest.Do(s.Loop(), s.Close) },
		"take the loops":        func(s *spreadRig, c *socket.Socket) { looptest.Do(s.Loop(), func() { s.SetLoops(nil) }) },
		"delete the connection": func(s *spreadRig, c *socket.Socket) { looptest.Do(c.Loop(), c.Delete) },
		"move the connection": func(s *spreadRig, c *socket.Socket) {
			if err := object.Move(c, s.loops[1]); err != nil {
				s.t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := spreading(t, 2)
			s.SetLoops(s.loops[:1])
			s.slot = func(c *socket.Socket) {
				s.slot = nil
				f(s, c)
			}
			s.dial(2)
			s.accepted(2)
			s.turn(s.loops[0], s.loops[1])
			switch name {
			case "delete the server", "close the server":
				s.want(1)
			case "take the loops":
				s.want(1)
				s.until("the other is pending", s.HasPending)
			default:
				s.want(2)
			}
			s.noneIsLeft()
			for _, c := range s.arrived[s.loops[0]] {
				if l := c.Loop(); l != s.loops[0] {
					s.inLoop(l, c.Delete)
				}
			}
		})
	}
}
