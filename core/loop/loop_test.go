package loop_test

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qnet/core/internal/looptest"
	"qnet/core/internal/systest"
	"qnet/core/loop"
	"qnet/core/poll"
	"qnet/core/sys"
)

// turn runs one turn without waiting.
func turn(t *testing.T, l *loop.Loop) bool {
	t.Helper()
	did, err := l.ProcessEvents(0)
	if err != nil {
		t.Fatal(err)
	}
	return did
}

func exec(t *testing.T, l *loop.Loop) int {
	t.Helper()
	code, err := l.Exec()
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// event is a descriptor that counts how often its loop found it readable.
type event struct {
	fd    int
	watch loop.Watch
	ready int
	last  poll.Event // the events
	then  func()
}

func (e *event) Ready(events poll.Event) {
	e.ready++
	e.last = events
	if e.then != nil {
		e.then()
	}
}

func watch(t *testing.T, l *loop.Loop) *event {
	t.Helper()
	fd, err := sys.NewEvent()
	if err != nil {
		t.Fatal(err)
	}
	e := &event{fd: fd}
	if e.watch, err = l.Watch(fd, poll.In, e); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.close(l))
	return e
}

func (e *event) close(l *loop.Loop) func() {
	return func() {
		if e.fd >= 0 {
			l.Unwatch(e.watch)
			sys.Close(e.fd)
			e.fd = -1
		}
	}
}

type flusher func()

func (f *flusher) Flush() { (*f)() }
func (f *flusher) Send()  {}

func flushing(f func()) *flusher { return (*flusher)(&f) }

// doomed is a Deferred that says when it is deleted.
type doomed struct {
	name string
	log  *[]string
}

func (d *doomed) Delete() { *d.log = append(*d.log, d.name) }

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestPostedCallsRunInOrder(t *testing.T) {
	l := looptest.New(t)
	var log []string
	say := func(text string) func() { return func() { log = append(log, text) } }
	l.Post(say("one"))
	l.Post(func() {
		say("two")()
		l.Post(say("four"))
	})
	l.Post(say("three"))
	if len(log) != 0 {
		t.Fatal("called before the turn")
	}
	if !turn(t, l) {
		t.Error("nothing was done")
	}
	// What a call posts waits for the next turn.
	expect(t, log, "one", "two", "three")
	turn(t, l)
	expect(t, log, "one", "two", "three", "four")
	if turn(t, l); turn(t, l) {
		t.Error("there is still something to do")
	}
}

func TestPostedByManyThreadsEachInItsOrder(t *testing.T) {
	l := looptest.New(t)
	const threads, calls = 8, 500
	var last [threads]int
	total := 0
	var all sync.WaitGroup
	for thread := range threads {
		all.Go(func() {
			for i := 1; i <= calls; i++ {
				looptest.Do(l, func() {
					l.Post(func() {
						if last[thread] != i-1 {
							t.Errorf("thread %d: call %d after %d", thread, i, last[thread])
						}
						last[thread] = i
						total++
					})
				})
			}
		})
	}
	looptest.Until(t, l, "all calls are made", func() bool { return total == threads*calls })
	all.Wait()
}

func TestPostWakesASleepingLoop(t *testing.T) {
	l := looptest.New(t)
	for round := range 20 {
		done := looptest.Elsewhere(func() {
			for asleep := false; !asleep; {
				looptest.Do(l, func() {
					if asleep = l.Asleep(); asleep {
						l.Post(func() { l.Exit(round) })
					}
				})
			}
		})
		if code := exec(t, l); code != round {
			t.Errorf("Exec = %d", code)
		}
		<-done
	}
}

func TestTurnHasItsOrder(t *testing.T) {
	l := looptest.New(t)
	var log []string
	say := func(text string) { log = append(log, text) }
	e := watch(t, l)
	sys.Signal(e.fd)
	e.then = func() {
		say("descriptor")
		sys.Drain(e.fd)
		l.FlushLater(flushing(func() { say("flush after") }))
	}
	l.StartTimer(&loop.Timer{Expired: func() { say("timer") }}, 0)
	l.FlushLater(flushing(func() { say("flush before") }))
	l.Post(func() { say("posted") })
	looptest.Settle(t, l)
	expect(t, log, "posted", "flush before", "descriptor", "timer", "flush after")
}

func TestFlushAskedForInAFlushWaitsForTheNextTurn(t *testing.T) {
	l := looptest.New(t)
	var log []string
	n := 0
	var again *flusher
	again = flushing(func() {
		log = append(log, fmt.Sprint("flush ", n))
		if n < 5 {
			n++
			l.FlushLater(again)
		}
	})
	l.FlushLater(again)
	for i := range 6 {
		// One at the turn's beginning, and one at its end if it was asked for
		// in between.
		before := len(log)
		turn(t, l)
		if len(log) > before+2 {
			t.Errorf("turn %d: %q", i, log[before:])
		}
	}
	if len(log) != 6 {
		t.Errorf("%q", log)
	}
}

func TestFlushersAllGetTheirTurn(t *testing.T) {
	l := looptest.New(t)
	for range 3 {
		flushed := make([]int, 100)
		for i := range flushed {
			l.FlushLater(flushing(func() {
				flushed[i]++
				if flushed[i] < 3 {
					l.FlushLater(flushing(func() { flushed[i]++ }))
				}
			}))
		}
		looptest.Settle(t, l)
		for i, n := range flushed {
			if n != 2 {
				t.Fatalf("%d was flushed %d times", i, n)
			}
		}
	}
}

func TestNestedTurnFlushesWhatTheOuterOneHasLeft(t *testing.T) {
	l := looptest.New(t)
	var log []string
	say := func(text string) *flusher { return flushing(func() { log = append(log, text) }) }
	l.FlushLater(flushing(func() {
		log = append(log, "first begins")
		l.FlushLater(say("asked for in it"))
		turn(t, l)
		log = append(log, "first ends")
	}))
	l.FlushLater(say("second"))
	turn(t, l)
	expect(t, log, "first begins", "second", "asked for in it", "first ends")
	looptest.Settle(t, l)
	if len(log) != 4 {
		t.Errorf("%q", log)
	}
}

func TestProcessEventsWaitsForAsLongAsItMay(t *testing.T) {
	l := looptest.New(t)
	for _, wait := range []time.Duration{0, time.Millisecond, 20 * time.Millisecond} {
		start := time.Now()
		did, err := l.ProcessEvents(int(wait / time.Millisecond))
		if did || err != nil || time.Since(start) < wait {
			t.Errorf("%v: %v, %v after %v", wait, did, err, time.Since(start))
		}
	}
	e := watch(t, l)
	sys.Signal(e.fd)
	for _, msec := range []int{-1, 0, 1e9} {
		if did, err := l.ProcessEvents(msec); !did || err != nil {
			t.Errorf("%d with something to do: %v, %v", msec, did, err)
		}
	}
}

func TestMoreReadyDescriptorsThanATurnServes(t *testing.T) {
	l := looptest.New(t)
	events := make([]*event, 600)
	for i := range events {
		events[i] = watch(t, l)
		sys.Signal(events[i].fd)
	}
	for range 3 {
		turn(t, l)
	}
	for i, e := range events {
		if e.ready == 0 {
			t.Fatalf("descriptor %d starves", i)
		}
	}
}

func TestStaleEventsReachNobody(t *testing.T) {
	l := looptest.New(t)
	one, two := watch(t, l), watch(t, l)
	sys.Signal(one.fd)
	sys.Signal(two.fd)
	// Both events are fetched at once. Whoever is served first replaces the
	// other, under the same number and at the same place in the table.
	var fresh *event
	replace := func(old *event) func() {
		return func() {
			if fresh != nil {
				t.Error("the other was served, too")
				return
			}
			number := old.fd
			old.close(l)()
			if fresh = watch(t, l); fresh.fd != number || uint32(fresh.watch) != uint32(old.watch) {
				t.Errorf("descriptor %d, watch %#x; the old one's were %d, %#x", fresh.fd, fresh.watch, number, old.watch)
			}
		}
	}
	one.then, two.then = replace(two), replace(one)
	turn(t, l)
	if fresh == nil || fresh.ready != 0 {
		t.Fatal("an event of the old descriptor reached the new one")
	}
	sys.Signal(fresh.fd)
	one.then, two.then = nil, nil
	turn(t, l)
	if fresh.ready != 1 {
		t.Error("an event of its own does not reach it")
	}
}

func TestUnwatchedDescriptorIsLeftAlone(t *testing.T) {
	l := looptest.New(t)
	e := watch(t, l)
	// Another descriptor for the same: closing one would not end the watch.
	other, err := unix.FcntlInt(uintptr(e.fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer sys.Close(other)
	e.close(l)()
	l.Unwatch(e.watch) // again is harmless
	l.Rewatch(e.watch, poll.In)
	sys.Signal(other)
	if turn(t, l) || looptest.Readable(l.FD()) {
		t.Error("the loop is told")
	}
}

func TestRewatchChangesTheEvents(t *testing.T) {
	l := looptest.New(t)
	e := watch(t, l)
	sys.Signal(e.fd)
	l.Rewatch(e.watch, 0)
	if turn(t, l) || e.ready != 0 {
		t.Error("told of what it does not watch for")
	}
	l.Rewatch(e.watch, poll.Out)
	if !turn(t, l) || e.ready != 1 {
		t.Error("not told of what it watches for")
	}
}

func TestHandGivesAWatchToAnother(t *testing.T) {
	l := looptest.New(t)
	e, heir := watch(t, l), &event{}
	sys.Signal(e.fd)
	l.SetHandler(e.watch, heir)
	turn(t, l)
	if e.ready != 0 || heir.ready != 1 {
		t.Errorf("told %d times, its heir %d times", e.ready, heir.ready)
	}
}

func TestWatchRefusesWhatCannotBeWatched(t *testing.T) {
	l := looptest.New(t)
	if id, err := l.Watch(-1, poll.In, &event{}); id != 0 || err == nil {
		t.Errorf("Watch(-1) = %#x, %v", id, err)
	}
	file := systest.File(t)
	defer sys.Close(file)
	if id, err := l.Watch(file, poll.In, &event{}); id != 0 || err != unix.EPERM {
		t.Errorf("Watch of a file = %#x, %v", id, err)
	}
}

func TestDescriptorIsReadableWhenThereIsWork(t *testing.T) {
	l := looptest.New(t)
	check := func(when string, want bool) {
		t.Helper()
		if got := looptest.Readable(l.FD()); got != want {
			t.Errorf("%s: readable is %v", when, got)
		}
	}
	check("a new loop", false)

	l.Post(func() {})
	check("posted", true)
	turn(t, l)
	check("posted and done", false)

	l.Post(func() { l.Post(func() {}) })
	turn(t, l)
	check("posted while posted calls ran", true)
	turn(t, l)
	check("and done", false)

	l.FlushLater(flushing(func() {}))
	check("written", true)
	turn(t, l)
	check("written and sent", false)

	l.FlushLater(flushing(func() { l.FlushLater(flushing(func() { l.FlushLater(flushing(func() {})) })) }))
	turn(t, l)
	check("written while that was sent", true)
	turn(t, l)
	check("and sent", false)

	var log []string
	l.DeleteLater(&doomed{"one", &log})
	check("to be deleted", true)
	turn(t, l)
	check("deleted", false)
	l.Post(func() { l.DeleteLater(&doomed{"two", &log}) })
	turn(t, l)
	check("to be deleted, from a call", true)
	turn(t, l)
	check("and deleted", false)
	expect(t, log, "one", "two")

	var timer loop.Timer
	timer.Expired = func() {}
	l.StartTimer(&timer, time.Hour)
	check("a timer far from its time", false)
	l.StartTimer(&timer, 0)
	check("a timer at its time", looptest.AwaitReadable(l.FD()))
	turn(t, l)
	check("a timer after its time", false)

	e := watch(t, l)
	check("a descriptor without events", false)
	sys.Signal(e.fd)
	check("a descriptor with events", true)
	turn(t, l)
	check("whose handler leaves them", true)
	sys.Drain(e.fd)
	check("taken by somebody else", false)
	sys.Signal(e.fd)
	l.Unwatch(e.watch)
	check("a descriptor that is not watched any more", false)

	l.Exit(0)
	turn(t, l)
	check("after an Exit without an Exec", false)
}

func TestDescriptorDrivesTheLoopFromAnother(t *testing.T) {
	l := looptest.New(t)
	outer, err := poll.New()
	if err != nil {
		t.Fatal(err)
	}
	defer outer.Close()
	if err := outer.Add(l.FD(), poll.In, poll.FirstTag); err != nil {
		t.Fatal(err)
	}
	expired, n := 0, 0
	var timer loop.Timer
	timer.Expired = func() {
		if expired++; expired < 5 {
			l.StartTimer(&timer, time.Millisecond)
		}
		l.Post(func() { n++ })
	}
	l.StartTimer(&timer, time.Millisecond)
	events := make([]poll.Ready, 1)
	for n < 5 {
		if outer.Wait(events, 10000) != 1 {
			t.Fatalf("the descriptor is not readable after %d", n)
		}
		turn(t, l)
	}
}

func TestExitEndsEveryExec(t *testing.T) {
	l := looptest.New(t)
	var log []string
	l.Post(func() {
		l.Post(func() {
			l.Exit(4)
			l.Exit(5) // they have not ended yet: the last counts
			log = append(log, "exit")
		})
		log = append(log, fmt.Sprint("inner ", exec(t, l)))
	})
	log = append(log, fmt.Sprint("outer ", exec(t, l)))
	expect(t, log, "exit", "inner 5", "outer 5")
	l.Post(func() { l.Exit(7) })
	if code := exec(t, l); code != 7 {
		t.Errorf("a second run ends with %d", code)
	}
}

func TestExecAfterExitRunsAllTheSame(t *testing.T) {
	l := looptest.New(t)
	l.Exit(1)
	l.Post(func() { l.Exit(2) })
	if code := exec(t, l); code != 2 {
		t.Errorf("Exec = %d", code)
	}
	// But one that begins when those outside are about to end does not.
	var log []string
	l.Post(func() {
		l.Exit(3)
		log = append(log, fmt.Sprint("inner ", exec(t, l)))
	})
	log = append(log, fmt.Sprint("outer ", exec(t, l)))
	expect(t, log, "inner -1", "outer 3")
}

func TestNestedTurnsServeEverything(t *testing.T) {
	l := looptest.New(t)
	var log []string
	l.Post(func() {
		log = append(log, "outer begins")
		done := 0
		l.Post(func() { done++ })
		l.StartTimer(&loop.Timer{Expired: func() { done++ }}, 0)
		l.FlushLater(flushing(func() { done++ }))
		e := watch(t, l)
		e.then = func() { sys.Drain(e.fd); done++ }
		sys.Signal(e.fd)
		looptest.Until(t, l, "the nested turns have done it all", func() bool { return done == 4 })
		log = append(log, "outer ends")
	})
	l.Post(func() { log = append(log, "next") })
	turn(t, l)
	// The nested turns also took the call that was posted after the outer one.
	expect(t, log, "outer begins", "next", "outer ends")
}

func TestDeferredDeletionWaitsForItsLoop(t *testing.T) {
	l := looptest.New(t)
	var log []string
	later := func(name string) { l.DeleteLater(&doomed{name, &log}) }
	later("outside")
	l.Post(func() {
		later("first level")
		l.Post(func() {
			later("second level")
			turn(t, l)
			log = append(log, "third turns over")
		})
		turn(t, l)
		log = append(log, "second turn over")
		turn(t, l)
		log = append(log, "second turns over")
	})
	looptest.Settle(t, l)
	// Whether the second level's comes in the turn that asked for it or in the
	// next is left open.
	if i := slices.Index(log, "second level"); i >= 0 {
		log = slices.Delete(log, i, i+1)
		if i < 2 || i > 3 {
			t.Errorf("the second level's deletion is number %d", i)
		}
	} else {
		t.Error("no deletion of the second level's")
	}
	expect(t, log, "outside", "third turns over", "second turn over", "second turns over", "first level")
}

func TestDeletionAskedForOutsideMayHappenInANestedLoop(t *testing.T) {
	l := looptest.New(t)
	var log []string
	l.Post(func() {
		turn(t, l)
		log = append(log, "over")
	})
	l.DeleteLater(&doomed{"deleted", &log})
	turn(t, l)
	expect(t, log, "deleted", "over")
}

func TestDeletionsThatWaitBringNobodyMoreTurns(t *testing.T) {
	l := looptest.New(t)
	var log []string
	calls := 0
	var again func()
	again = func() {
		calls++
		l.Post(again)
	}
	l.Post(func() {
		for range 100 {
			l.DeleteLater(&doomed{"deleted", &log})
		}
		l.Post(again)
		for turns := range 10 {
			if calls != turns {
				t.Errorf("%d calls in %d nested turns", calls, turns)
			}
			turn(t, l)
		}
		again = func() {}
	})
	turn(t, l)
	if len(log) != 0 {
		t.Error("deleted inside the callback that asked for it")
	}
	looptest.Settle(t, l)
	if len(log) != 100 {
		t.Errorf("%d were deleted", len(log))
	}
}

func TestDeletionByAnotherThreadWakesTheLoop(t *testing.T) {
	l := looptest.New(t)
	var log []string
	done := looptest.Elsewhere(func() {
		for asleep := false; !asleep; {
			looptest.Do(l, func() {
				if asleep = l.Asleep(); asleep {
					l.DeleteLater(&doomed{"deleted", &log})
				}
			})
		}
	})
	looptest.Until(t, l, "it is deleted", func() bool { return len(log) > 0 })
	<-done
}

func TestAnotherThreadMayNotRunARunningLoop(t *testing.T) {
	l := looptest.New(t)
	refused := 0
	done := looptest.Elsewhere(func() {
		looptest.Do(l, func() {
			for !l.Asleep() {
				l.Unlock()
				time.Sleep(0)
				l.Lock()
			}
			if code, err := l.Exec(); code != -1 || err != loop.ErrRunning {
				t.Errorf("Exec = %d, %v", code, err)
			}
			if did, err := l.ProcessEvents(-1); did || err != loop.ErrRunning {
				t.Errorf("ProcessEvents = %v, %v", did, err)
			}
			refused++
			l.Exit(0)
		})
	})
	exec(t, l)
	<-done
	// Afterwards it may.
	looptest.Await(t, l, "the other thread has run the loop", looptest.Elsewhere(func() {
		looptest.Do(l, func() {
			l.Post(func() { refused++ })
			l.ProcessEvents(-1)
		})
	}))
	if refused != 2 {
		t.Error("the posted call was not made")
	}
}

func TestAnotherThreadIsRefusedDuringACallback(t *testing.T) {
	l := looptest.New(t)
	var err error
	l.Post(func() {
		looptest.Await(t, l, "the other thread was refused", looptest.Elsewhere(func() {
			looptest.Do(l, func() { _, err = l.ProcessEvents(0) })
		}))
	})
	turn(t, l)
	if err != loop.ErrRunning {
		t.Error(err)
	}
}

func TestCallsAreKnownWhileTheyLast(t *testing.T) {
	l := looptest.New(t)
	mine, others := new(loop.Callee), new(loop.Callee)
	check := func(when string, here, elsewhere bool) {
		t.Helper()
		if mine.InCall() != here || l.InCallElsewhere(mine) != elsewhere {
			t.Errorf("%s: InCall %v, InCallElsewhere %v", when, mine.InCall(), l.InCallElsewhere(mine))
		}
		if others.InCall() {
			t.Errorf("%s: a call of another", when)
		}
	}
	check("before", false, false)
	l.Call(mine, func() {
		looptest.Do(l, func() {
			check("during", true, false)
			l.Call(mine, func() { looptest.Do(l, func() { check("nested", true, false) }) })
			check("after the nested one", true, false)
		})
		<-looptest.Elsewhere(func() {
			looptest.Do(l, func() {
				check("seen from another thread", true, true)
				l.Call(mine, func() { looptest.Do(l, func() { check("in two threads", true, true) }) })
				check("seen again", true, true)
			})
		})
	})
	check("after", false, false)
}

// Of calls on two threads one may end, the first or the second, and the other goes on.
func TestACallGoesOnWhenThatOfAnotherThreadHasEnded(t *testing.T) {
	for _, firstEnds := range []bool{false, true} {
		l := looptest.New(t)
		c := new(loop.Callee)
		entered, leave, left := make(chan struct{}), make(chan struct{}), make(chan struct{})
		other := func() {
			<-looptest.Elsewhere(func() {
				looptest.Do(l, func() {
					l.Call(c, func() { close(entered); <-leave })
					// It is the only one, or there is none any more.
					if c.InCall() == firstEnds || l.InCallHere(c) && !c.InCall() || l.InCallElsewhere(c) != !firstEnds {
						t.Errorf("first ends: %v; elsewhere: %v", firstEnds, l.InCallElsewhere(c))
					}
					close(left)
				})
			})
		}
		l.Call(c, func() {
			go other()
			<-entered
			if !firstEnds {
				close(leave)
				<-left
			}
		})
		if firstEnds {
			if !c.InCall() || !l.InCallElsewhere(c) {
				t.Error("the call of the other thread is not known any more")
			}
			close(leave)
			looptest.Await(t, l, "the other call has ended", left)
		}
		if c.InCall() || l.InCallHere(c) || l.InCallElsewhere(c) {
			t.Error("a call is known after the last")
		}
		// And those that follow are on one thread again.
		l.Call(c, func() {
			looptest.Do(l, func() {
				if !l.InCallHere(c) || l.InCallElsewhere(c) {
					t.Error("a call on one thread is taken for two")
				}
			})
		})
	}
}

func TestPanicLeavesTheLockWithItsHolder(t *testing.T) {
	owner := new(loop.Callee)
	boom := func() { panic("boom") }
	for name, prepare := range map[string]func(*loop.Loop, *event){
		"callback": func(l *loop.Loop, _ *event) { l.Post(func() { l.Call(owner, boom) }) },
		"posted":   func(l *loop.Loop, _ *event) { l.Post(boom) },
		"timer":    func(l *loop.Loop, _ *event) { l.StartTimer(&loop.Timer{Expired: boom}, 0) },
		"flush":    func(l *loop.Loop, _ *event) { l.FlushLater(flushing(boom)) },
		"event": func(l *loop.Loop, e *event) {
			e.then = func() { sys.Drain(e.fd); boom() }
			sys.Signal(e.fd)
		},
		"nested": func(l *loop.Loop, _ *event) {
			l.Post(func() {
				l.Post(boom)
				l.Exec()
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := looptest.New(t)
			prepare(l, watch(t, l))
			// What comes after it is done all the same, later.
			done := 0
			l.Post(func() { done++ })
			l.FlushLater(flushing(func() { done++ }))
			l.StartTimer(&loop.Timer{Expired: func() { done++ }}, 0)
			if got := looptest.Panic(func() { l.Exec() }); got != "boom" {
				t.Fatalf("panic: %v", got)
			}
			if owner.InCall() || !l.Idle() {
				t.Error("the loop thinks that it still runs")
			}
			looptest.Await(t, l, "the lock is free", looptest.Elsewhere(func() { looptest.Do(l, func() {}) }))
			looptest.Until(t, l, "the rest is done", func() bool { return done == 3 })
			looptest.Settle(t, l)
			if looptest.Readable(l.FD()) {
				t.Error("the descriptor is readable")
			}
		})
	}
}

func TestCloseMakesTheCallsThatRemain(t *testing.T) {
	looptest.CheckLeaks(t)
	l, err := loop.New()
	if err != nil {
		t.Fatal(err)
	}
	l.Lock()
	defer l.Unlock()
	var log []string
	l.Post(func() {
		log = append(log, "call")
		l.Post(func() { log = append(log, "posted by it") })
		l.DeleteLater(&doomed{"deleted", &log})
	})
	l.Close()
	expect(t, log, "call", "posted by it", "deleted")
	if !l.Closed() {
		t.Error("not closed")
	}
	l.Close() // again is harmless
	if code, err := l.Exec(); code != -1 || err != nil {
		t.Errorf("Exec = %d, %v", code, err)
	}
	if did, err := l.ProcessEvents(-1); did || err != nil {
		t.Errorf("ProcessEvents = %v, %v", did, err)
	}
	l.Post(func() {})
	l.FlushLater(flushing(func() {}))
}

func TestCloseEndsEveryExec(t *testing.T) {
	looptest.CheckLeaks(t)
	l, err := loop.New()
	if err != nil {
		t.Fatal(err)
	}
	l.Lock()
	defer l.Unlock()
	var log []string
	l.Post(func() {
		l.Post(l.Close)
		log = append(log, fmt.Sprint("inner ", exec(t, l)))
	})
	log = append(log, fmt.Sprint("outer ", exec(t, l)))
	expect(t, log, "inner -1", "outer -1")
}

func TestCloseByAnotherThreadEndsASleepingExec(t *testing.T) {
	looptest.CheckLeaks(t)
	l, err := loop.New()
	if err != nil {
		t.Fatal(err)
	}
	done := looptest.Elsewhere(func() {
		for asleep := false; !asleep; {
			looptest.Do(l, func() {
				if asleep = l.Asleep(); asleep {
					l.Close()
				}
			})
		}
	})
	l.Lock()
	if code := exec(t, l); code != -1 {
		t.Errorf("Exec = %d", code)
	}
	l.Unlock()
	<-done
}

// TestClosingLoopTouchesNoOtherDescriptor closes a loop where it still has some
// of its turn to do, and opens descriptors that would get its numbers.
func TestClosingLoopTouchesNoOtherDescriptor(t *testing.T) {
	for name, in := range map[string]func(*loop.Loop, func()){
		"posted": func(l *loop.Loop, f func()) { l.Post(f) },
		"flush":  func(l *loop.Loop, f func()) { l.FlushLater(flushing(f)) },
		"timer":  func(l *loop.Loop, f func()) { l.StartTimer(&loop.Timer{Expired: f}, 0) },
		"nested": func(l *loop.Loop, f func()) { l.Post(func() { l.Post(f); l.ProcessEvents(0) }) },
	} {
		t.Run(name, func(t *testing.T) {
			looptest.CheckLeaks(t)
			l, err := loop.New()
			if err != nil {
				t.Fatal(err)
			}
			l.Lock()
			defer l.Unlock()
			var fresh []int
			in(l, func() {
				l.Close()
				for range 3 {
					fd, err := sys.NewEvent()
					if err != nil {
						t.Fatal(err)
					}
					sys.Signal(fd)
					fresh = append(fresh, fd)
				}
				l.Post(func() {})
			})
			for range 3 {
				l.ProcessEvents(0)
			}
			if len(fresh) == 0 {
				t.Fatal("the loop was not closed")
			}
			for _, fd := range fresh {
				if !looptest.Readable(fd) {
					t.Errorf("descriptor %d was read", fd)
				}
				var count [8]byte
				if unix.Read(fd, count[:]); count[0] != 1 {
					t.Errorf("descriptor %d was signalled", fd)
				}
				sys.Close(fd)
			}
		})
	}
}

func TestCloseInsideClose(t *testing.T) {
	looptest.CheckLeaks(t)
	l, err := loop.New()
	if err != nil {
		t.Fatal(err)
	}
	l.Lock()
	defer l.Unlock()
	l.Retain() // by an object
	l.Post(l.Close)
	l.Close()
	if fd := l.FD(); looptest.Readable(fd) {
		turn(t, l)
	}
	if _, err := unix.FcntlInt(uintptr(l.FD()), unix.F_GETFD, 0); err != nil {
		t.Errorf("the descriptors are gone before the object: %v", err)
	}
	l.Release()
}

func TestDescriptorsGoWithTheLastObject(t *testing.T) {
	looptest.CheckLeaks(t)
	before := looptest.Descriptors()
	l, err := loop.New()
	if err != nil {
		t.Fatal(err)
	}
	l.Lock()
	defer l.Unlock()
	l.Retain()
	l.Retain()
	l.Close()
	l.Release()
	if n := looptest.Descriptors(); n != before+l.OwnDescriptors() {
		t.Errorf("%d descriptors, at first %d", n, before)
	}
	l.Release()
	if n := looptest.Descriptors(); n != before {
		t.Errorf("%d descriptors, at first %d", n, before)
	}
}

func TestNewFailsWithoutDescriptors(t *testing.T) {
	looptest.CheckLeaks(t)
	l, err := loop.New()
	if err != nil {
		t.Fatal(err)
	}
	l.Lock()
	needed := l.OwnDescriptors()
	l.Close()
	l.Unlock()
	for n := range needed {
		restore := looptest.FewDescriptors(t, n)
		l, err := loop.New()
		restore()
		if l != nil || err != unix.EMFILE {
			t.Errorf("with %d descriptors: %v, %v", n, l, err)
		}
	}
}

func TestDefaultIsAlwaysTheSame(t *testing.T) {
	// It is made once and stays: not counted as a leak.
	list := make([]*loop.Loop, 8)
	var all sync.WaitGroup
	for i := range list {
		all.Go(func() { list[i], _ = loop.Default() })
	}
	all.Wait()
	for _, l := range list {
		if l == nil || l != list[0] {
			t.Fatalf("different loops: %v", list)
		}
	}
}

func TestDescriptorCanBePolledInsideACallback(t *testing.T) {
	l := looptest.New(t)
	inner := 0
	l.Post(func() {
		l.Call(nil, func() {
			// As a host's own loop would do inside a callback.
			looptest.Do(l, func() { l.ProcessEvents(0) })
			<-looptest.Elsewhere(func() {
				looptest.Do(l, func() { l.Post(func() { inner++ }) })
			})
			if !looptest.Readable(l.FD()) {
				t.Error("a call posted by another thread does not show")
			}
			looptest.Do(l, func() { l.ProcessEvents(0) })
			if inner != 1 {
				t.Errorf("the posted call was made %d times", inner)
			}
		})
	})
	turn(t, l)
	if looptest.Readable(l.FD()) {
		t.Error("readable without work")
	}
}

func TestWhatANestedTurnLeavesMakesTheDescriptorReadable(t *testing.T) {
	l := looptest.New(t)
	made := 0
	l.Post(func() {
		l.Call(nil, func() {
			looptest.Do(l, func() {
				l.Post(func() { l.Post(func() { made++ }) })
				turn(t, l)
			})
			if made != 0 || !looptest.Readable(l.FD()) {
				t.Errorf("%d calls made, and nothing tells of the one that is left", made)
			}
			looptest.Do(l, func() { turn(t, l) })
			if made != 1 || looptest.Readable(l.FD()) {
				t.Errorf("%d calls made, readable: %v", made, looptest.Readable(l.FD()))
			}
		})
	})
	turn(t, l)
}

func TestDeletionThatANestedTurnMayNotMakeDoesNotShow(t *testing.T) {
	l := looptest.New(t)
	d := &deleted{}
	l.Post(func() {
		l.Call(nil, func() {
			looptest.Do(l, func() {
				l.DeleteLater(d)
				turn(t, l)
			})
			if looptest.Readable(l.FD()) || d.n != 0 {
				t.Error("who polls the descriptor would come back again and again")
			}
		})
	})
	turn(t, l)
	looptest.Settle(t, l)
	if d.n != 1 {
		t.Errorf("deleted %d times", d.n)
	}
}

// deleted counts.
type deleted struct{ n int }

func (d *deleted) Delete() { d.n++ }

// A loop that never waits lets goroutines run of which something is expected, after a few turns: where one runs at a time they
// would have to wait for what Go does about it, ten milliseconds each time.
func TestABusyLoopLetsOthersRun(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	l := looptest.New(t)
	for range 100 {
		var has atomic.Bool
		go has.Store(true)
		turns := 0
		for ; !has.Load() && turns < 30; turns++ {
			l.Expect() // again: now and then Go prefers who has let others run
			l.Post(func() {})
			l.ProcessEvents(0)
		}
		if !has.Load() {
			t.Fatalf("it has not run in %d turns", turns)
		}
	}
}
