package loop_test

import (
	"testing"

	"qnet/core/internal/looptest"
	"qnet/core/lease"
	"qnet/core/loop"
	"qnet/core/poll"
	"qnet/core/sys"
)

// dispatches are all that a turn calls: each has f called once, in a turn to come.
var dispatches = []struct {
	name string
	ask  func(t *testing.T, l *loop.Loop, f func())
}{
	{"a posted call", func(t *testing.T, l *loop.Loop, f func()) { l.Post(f) }},
	{"a deletion", func(t *testing.T, l *loop.Loop, f func()) { l.DeleteLater(deleting(f)) }},
	{"a flush", func(t *testing.T, l *loop.Loop, f func()) { l.FlushLater(flushing(f)) }},
	{"a descriptor", func(t *testing.T, l *loop.Loop, f func()) {
		e := watch(t, l)
		sys.Signal(e.fd)
		e.then = func() {
			sys.Drain(e.fd)
			f()
		}
	}},
	{"a requeued descriptor", func(t *testing.T, l *loop.Loop, f func()) {
		e := watch(t, l)
		e.then = f
		l.Requeue(e.watch, poll.In)
	}},
	{"data", func(t *testing.T, l *loop.Loop, f func()) {
		e := watch(t, l)
		e.then = func() { l.EnqueueReady(telling(f), 0, 1) }
		l.Requeue(e.watch, poll.In)
	}},
	{"a timer", func(t *testing.T, l *loop.Loop, f func()) {
		m := &loop.Timer{Expired: f}
		l.StartTimer(m, 0)
		looptest.AwaitReadable(l.TimerDescriptor())
	}},
}

type deleting func()

func (d deleting) Delete() { d() }

// telling is a Listener that no round is made for.
type telling func()

func (f telling) Lend(*lease.Terms, uint32) bool { return false }
func (f telling) EmitReadyRead(uint32)           { f() }
func (f telling) Returned(*lease.Terms, bool)    {}
func (f telling) Left(uint32)                    {}

// TestNothingIsDispatchedAfterAnInterruption has each kind of dispatch interrupt its turn
// before each other kind.
func TestNothingIsDispatchedAfterAnInterruption(t *testing.T) {
	for _, first := range dispatches {
		for _, second := range dispatches {
			t.Run(first.name+", "+second.name, func(t *testing.T) {
				l := looptest.New(t)
				var log []string
				ask := func(name string, ask func(*testing.T, *loop.Loop, func())) {
					ask(t, l, func() {
						log = append(log, name)
						l.Interrupt()
					})
				}
				ask("first", first.ask)
				ask("second", second.ask)
				for turns := 1; turns <= 2; turns++ {
					if !looptest.Readable(l.FD()) {
						t.Error("who polls the loop's descriptor is not told of what is left")
					}
					for before := len(log); len(log) == before; {
						turn(t, l)
					}
					if len(log) != turns {
						t.Fatalf("turn %d: %q", turns, log)
					}
				}
				looptest.Settle(t, l)
				if len(log) != 2 || log[0] == log[1] {
					t.Errorf("%q", log)
				}
			})
		}
	}
}

func TestNothingIsPolledAfterAnInterruption(t *testing.T) {
	l := looptest.New(t)
	e := watch(t, l)
	e.then = func() { sys.Drain(e.fd) }
	l.Post(func() {
		l.Interrupt()
		sys.Signal(e.fd)
	})
	turn(t, l)
	if e.ready != 0 {
		t.Error("the descriptor was found")
	}
	turn(t, l)
	if e.ready != 1 {
		t.Error("the descriptor was not found in the next turn")
	}
}

func TestWhatWasWrittenIsSentInAnInterruptedTurn(t *testing.T) {
	l := looptest.New(t)
	for _, d := range dispatches {
		w := &writing{}
		d.ask(t, l, func() {
			l.FlushLater(w)
			l.Interrupt()
		})
		for w.sent == 0 {
			turn(t, l)
		}
		if w.flushed != 0 {
			t.Errorf("%s: it was signalled too", d.name)
		}
		looptest.Settle(t, l)
		if w.flushed != 1 {
			t.Errorf("%s: signalled %d times", d.name, w.flushed)
		}
	}
}

// writing is a Flusher that counts.
type writing struct{ sent, flushed int }

func (w *writing) Send()  { w.sent++ }
func (w *writing) Flush() { w.flushed++ }

func TestInterruptionEndsAllTurnsButNotThoseThatFollow(t *testing.T) {
	l := looptest.New(t)
	var log []string
	say := func(text string) func() { return func() { log = append(log, text) } }
	l.Post(func() {
		l.Post(l.Interrupt)
		l.Post(say("left by the inner turn"))
		turn(t, l)
		say("inner turn is over")()
		turn(t, l) // begun after the interruption
		l.Post(say("left by the outer turn"))
	})
	l.StartTimer(&loop.Timer{Expired: say("timer")}, 0)
	looptest.AwaitReadable(l.TimerDescriptor())
	turn(t, l)
	expect(t, log, "inner turn is over", "left by the inner turn", "timer")
	log = nil
	turn(t, l)
	expect(t, log, "left by the outer turn")
}

func TestExecGoesOnAfterAnInterruption(t *testing.T) {
	l := looptest.New(t)
	calls := 0
	for range 3 {
		l.Post(func() {
			calls++
			l.Interrupt()
		})
	}
	l.Post(func() { l.Exit(5) })
	if code := exec(t, l); code != 5 || calls != 3 {
		t.Errorf("ended with %d after %d calls", code, calls)
	}
}

func TestInterruptionByAnotherThreadEndsASleep(t *testing.T) {
	l := looptest.New(t)
	done := looptest.Elsewhere(func() {
		for asleep := false; !asleep; {
			looptest.Do(l, func() {
				if asleep = l.Asleep(); asleep {
					l.Interrupt()
				}
			})
		}
	})
	if _, err := l.ProcessEvents(-1); err != nil {
		t.Error(err)
	}
	<-done
	// And one that comes before the turn.
	l.Interrupt()
	if _, err := l.ProcessEvents(-1); err != nil {
		t.Error(err)
	}
}

func TestExitIsHeededAtOnce(t *testing.T) {
	for _, first := range dispatches {
		l := looptest.New(t)
		var log []string
		first.ask(t, l, func() {
			log = append(log, "exit")
			l.Exit(1)
		})
		for _, d := range dispatches {
			d.ask(t, l, func() {
				log = append(log, d.name)
				l.Exit(2)
			})
		}
		for n := range len(dispatches) + 1 {
			exec(t, l)
			if len(log) != n+1 {
				t.Fatalf("%s: the loop was left %d times, after %q", first.name, n+1, log)
			}
		}
	}
}

func TestCloseMakesTheCallsInSpiteOfInterruptions(t *testing.T) {
	for _, inside := range []bool{false, true} {
		l := looptest.New(t)
		calls := 0
		ask := func() {
			for range 3 {
				l.Post(func() {
					calls++
					l.Interrupt()
				})
			}
			l.Interrupt()
			l.Close()
		}
		if inside {
			l.Post(ask)
			turn(t, l)
		} else {
			ask()
		}
		if calls != 3 {
			t.Errorf("inside %v: %d calls", inside, calls)
		}
	}
}

// TestInterruptionsStarveNobody has everything ask for more and interrupt the turn
// whenever it is called.
func TestInterruptionsStarveNobody(t *testing.T) {
	l := looptest.New(t)
	const kinds, turns = 6, 600
	var calls [kinds]int
	called := func(kind int) {
		calls[kind]++
		l.Interrupt()
	}
	var post func()
	post = func() {
		if !l.Closed() {
			l.Post(post)
		}
		called(0)
	}
	l.Post(post)
	var flush *flusher
	flush = flushing(func() {
		l.FlushLater(flush)
		called(1)
	})
	l.FlushLater(flush)
	for range 10 {
		readable := watch(t, l)
		readable.then = func() { called(2) }
		sys.Signal(readable.fd)
	}
	requeued := watch(t, l)
	requeued.then = func() {
		l.Requeue(requeued.watch, poll.In)
		called(3)
	}
	l.Requeue(requeued.watch, poll.In)
	var m loop.Timer
	m.Expired = func() {
		l.StartTimer(&m, 0)
		called(4)
	}
	l.StartTimer(&m, 0)
	data := watch(t, l)
	data.then = func() { l.EnqueueReady(telling(func() { called(5) }), 0, 1) }
	sys.Signal(data.fd)
	for range turns {
		turn(t, l)
	}
	for kind, n := range calls {
		if n < turns/20 {
			t.Errorf("kind %d: %d calls in %d turns: %v", kind, n, turns, calls)
		}
	}
}
