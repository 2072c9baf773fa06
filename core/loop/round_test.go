package loop_test

import (
	"fmt"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/internal/looptest"
	"qnet/core/lease"
	"qnet/core/loop"
	"qnet/core/poll"
	"qnet/core/sys"
)

// listener is a descriptor that has itself announced when it is ready.
type listener struct {
	event
	name   string
	l      *loop.Loop
	log    *[]string
	lends  bool
	silent bool // there is nothing to tell any more
	size   int  // bytes that come each time; 0 counts as 1
	told   func()
	terms  *lease.Terms // that were lent last
}

func (n *listener) say(text string) { *n.log = append(*n.log, n.name+" "+text) }

func (n *listener) Ready(poll.Event) {
	n.ready++
	sys.Drain(n.fd)
	n.say("ready")
	n.l.EnqueueReady(n, 7, max(n.size, 1))
}

func (n *listener) Lend(t *lease.Terms, connection uint32) bool {
	if !n.lends || n.silent {
		return false
	}
	t.Lend(nil, true)
	n.terms = t
	return true
}

func (n *listener) EmitReadyRead(connection uint32) {
	if n.silent {
		return
	}
	n.say(fmt.Sprint("told ", connection))
	if n.told != nil {
		n.l.Call(nil, n.told)
	}
}

func (n *listener) Returned(_ *lease.Terms, inside bool) { n.say(fmt.Sprint("returned ", inside)) }

func (n *listener) Left(connection uint32) { n.say(fmt.Sprint("left ", connection)) }

// listeners makes them, and a function that makes all of them ready.
func listeners(t *testing.T, l *loop.Loop, log *[]string, names string) ([]*listener, func()) {
	var list []*listener
	for _, name := range names {
		fd, err := sys.NewEvent()
		if err != nil {
			t.Fatal(err)
		}
		n := &listener{event: event{fd: fd}, name: string(name), l: l, log: log}
		if n.watch, err = l.Watch(fd, poll.In|poll.Edge, n); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			l.Unwatch(n.watch)
			sys.Close(fd)
		})
		list = append(list, n)
	}
	return list, func() {
		for _, n := range list {
			sys.Signal(n.fd)
		}
	}
}

func expectLog(t *testing.T, log *[]string, want ...string) {
	t.Helper()
	if !slices.Equal(*log, want) {
		t.Errorf("%q; want %q", *log, want)
	}
	*log = nil
}

func TestAnnouncedAreToldAfterAllWereReady(t *testing.T) {
	l := looptest.New(t)
	var log []string
	list, signal := listeners(t, l, &log, "abc")
	list[1].silent = true
	signal()
	turn(t, l)
	expectLog(t, &log, "a ready", "b ready", "c ready", "a told 7", "c told 7")
}

// Whoever asks to be served again stands behind what the system has reported.
func TestWhatWasReportedIsToldBeforeTheRequeued(t *testing.T) {
	l := looptest.New(t)
	var log []string
	list, _ := listeners(t, l, &log, "ab")
	l.Requeue(list[0].watch, poll.In)
	sys.Signal(list[1].fd)
	turn(t, l)
	expectLog(t, &log, "b ready", "b told 7", "a ready", "a told 7")
}

func TestNestedTurnTellsTheRest(t *testing.T) {
	l := looptest.New(t)
	var log []string
	list, signal := listeners(t, l, &log, "abc")
	list[0].told = func() {
		looptest.Do(l, func() {
			if !readable(l) {
				l.ProcessEvents(0)
			}
			l.ProcessEvents(0)
			list[0].say("is back")
		})
	}
	signal()
	turn(t, l)
	expectLog(t, &log, "a ready", "b ready", "c ready", "a told 7", "b told 7", "c told 7", "a is back")
}

func readable(l *loop.Loop) bool {
	return sys.Poll([]unix.PollFd{{Fd: int32(l.FD()), Events: unix.POLLIN}}, loop.Deadline(0)) == 1
}

// A round that is large enough is told before others are looked at, and the next one
// begins from nothing.
func TestLargeRoundIsToldAtOnceAndTheNextBeginsAnew(t *testing.T) {
	l := looptest.New(t)
	var log []string
	list, signal := listeners(t, l, &log, "abc")
	list[0].size = 40 << 10
	list[1].size = 24 << 10
	signal()
	turn(t, l)
	expectLog(t, &log, "a ready", "b ready", "a told 7", "b told 7", "c ready", "c told 7")
	for range 3 {
		list[0].size, list[1].size = 40<<10, 24<<10-2
		signal()
		turn(t, l)
		expectLog(t, &log, "a ready", "b ready", "c ready", "a told 7", "b told 7", "c told 7")
	}
}

// answer is what a listener writes when it is told.
type answer struct{ n *listener }

func (a answer) Flush() { a.n.say("flushed") }

func (a answer) Send() { a.n.say("sent") }

// A round begins as soon as enough are ready for one, and its answers go out before others are
// looked at.
func TestNobodyWaitsForAllOthers(t *testing.T) {
	const round = 16
	l := looptest.New(t)
	var log []string
	list, signal := listeners(t, l, &log, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn")
	for _, n := range list {
		n.told = func() { looptest.Do(l, func() { l.FlushLater(answer{n}) }) }
	}
	signal()
	turn(t, l)
	var want []string
	for first := 0; first < len(list); first += round {
		part := list[first:min(first+round, len(list))]
		for _, text := range []string{"ready", "told 7", "sent"} {
			if text == "sent" && len(part) < round {
				break // at the end of the turn
			}
			for _, n := range part {
				want = append(want, n.name+" "+text)
			}
		}
	}
	for _, n := range list {
		want = append(want, n.name+" flushed")
	}
	expectLog(t, &log, want...)
}

// lendAll has everything lent, and run be what C does with it.
func lendAll(t *testing.T, list []*listener, run func()) {
	old := lease.Run
	lease.Run = func(uintptr, uint64) { run() }
	t.Cleanup(func() { lease.Run = old })
	for _, n := range list {
		n.lends = true
	}
}

func TestWhatARoundLeavesIsOfferedAgain(t *testing.T) {
	l := looptest.New(t)
	var log []string
	list, signal := listeners(t, l, &log, "ab")
	runs := 0
	lendAll(t, list, func() {
		// It makes no callback, because another thread takes the lock.
		<-looptest.Elsewhere(func() { looptest.Do(l, func() { log = append(log, "elsewhere") }) })
		if runs++; runs == 2 {
			list[0].lends = false
			list[1].silent = true
		}
	})
	signal()
	turn(t, l)
	expectLog(t, &log, "a ready", "b ready", "elsewhere", "elsewhere", "a told 7")
}

// Loops that come and go take no more memory than there are at a time.
func TestAClosedLoopGivesTheMemoryOfItsRoundsBack(t *testing.T) {
	var before *lease.Terms
	for i := range 3 {
		t.Run(fmt.Sprint("loop ", i), func(t *testing.T) {
			l := looptest.New(t)
			var log []string
			list, signal := listeners(t, l, &log, "a")
			lendAll(t, list, func() { list[0].silent = true })
			signal()
			turn(t, l)
			if terms := list[0].terms; terms == nil || before != nil && terms != before {
				t.Errorf("%p are lent, and before they were %p", terms, before)
			}
			before = list[0].terms
		})
	}
}

// A handler may announce more than a round has room for.
func TestMoreThanARoundIsOfferedInParts(t *testing.T) {
	l := looptest.New(t)
	var log []string
	list, signal := listeners(t, l, &log, "a")
	crowd := make([]*listener, lease.Most+5)
	for i := range crowd {
		crowd[i] = &listener{name: "b", l: l, log: &log, lends: true}
	}
	list[0].told = func() {
		looptest.Do(l, func() {
			for _, n := range crowd {
				l.EnqueueReady(n, 7, 1)
			}
		})
	}
	runs := 0
	lendAll(t, nil, func() {
		runs++
		looptest.Do(l, func() {
			for _, n := range crowd {
				n.lends = false
			}
		})
	})
	signal()
	turn(t, l)
	if runs != 1 || len(log) != 2+len(crowd) {
		t.Errorf("%d rounds, %d entries", runs, len(log))
	}
}
