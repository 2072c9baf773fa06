package poll_test

import (
	"testing"
	"testing/quick"
	"time"

	"golang.org/x/sys/unix"

	"qnet/core/internal/looptest"
	"qnet/core/internal/systest"
	"qnet/core/poll"
	"qnet/core/sys"
)

// These tests say what each system's Poller does. They use what all systems have.

// soon is how long what must happen may take, shortly how long what must not is waited for.
const soon, shortly = 20 * time.Second, 20 * time.Millisecond

func newPoller(t *testing.T) *poll.Poller {
	t.Helper()
	looptest.CheckLeaks(t)
	p, err := poll.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// pair returns both ends of a connection.
func pair(t *testing.T) (one, other int) {
	t.Helper()
	one, other = systest.Pair(t, unix.SOCK_STREAM)
	t.Cleanup(func() { unix.Close(one); unix.Close(other) })
	return one, other
}

// told returns what p tells within a time, by tag; more than once is an error.
func told(t *testing.T, p *poll.Poller, patience time.Duration) map[uint64]poll.Event {
	t.Helper()
	var list [8]poll.Ready
	n := 0
	for end := time.Now().Add(patience); n == 0 && time.Now().Before(end); {
		n = p.Wait(list[:], int(time.Until(end)/time.Millisecond)+1)
	}
	found := map[uint64]poll.Event{}
	for i := range list[:n] {
		if _, twice := found[list[i].Tag()]; twice {
			t.Errorf("tag %d is told twice", list[i].Tag())
		}
		found[list[i].Tag()] = list[i].Events()
	}
	return found
}

func expect(t *testing.T, p *poll.Poller, tag uint64, events poll.Event) {
	t.Helper()
	found := told(t, p, soon)
	if len(found) != 1 || found[tag]&events != events {
		t.Errorf("told %v, want %#x under %d", found, events, tag)
	}
}

func expectNothing(t *testing.T, p *poll.Poller) {
	t.Helper()
	if found := told(t, p, shortly); len(found) != 0 {
		t.Errorf("told %v", found)
	}
}

func write(t *testing.T, fd int) {
	t.Helper()
	if n, err := unix.Write(fd, []byte("x")); n != 1 {
		t.Fatal(err)
	}
}

func read(fd int) { unix.Read(fd, make([]byte, 100)) }

func TestWhatIsReadyIsToldUntilItIsNot(t *testing.T) {
	p := newPoller(t)
	one, other := pair(t)
	if err := p.Add(one, poll.In, 77); err != nil {
		t.Fatal(err)
	}
	expectNothing(t, p)
	write(t, other)
	expect(t, p, 77, poll.In)
	expect(t, p, 77, poll.In)
	read(one)
	expectNothing(t, p)
	p.Modify(one, poll.Out, 78)
	expect(t, p, 78, poll.Out)
	p.Modify(one, poll.In|poll.Out, 79)
	write(t, other)
	expect(t, p, 79, poll.In|poll.Out)
	p.Remove(one)
	expectNothing(t, p)
}

func TestNowDoesNotWait(t *testing.T) {
	p := newPoller(t)
	one, other := pair(t)
	p.Add(one, poll.In, 5)
	var list [4]poll.Ready
	if n := p.Now(list[:]); n != 0 {
		t.Errorf("%d are ready", n)
	}
	write(t, other)
	if n := p.Now(list[:]); n != 1 || list[0].Tag() != 5 {
		t.Errorf("%d are ready, the first under %d", n, list[0].Tag())
	}
}

func TestAnEdgeIsToldOnce(t *testing.T) {
	p := newPoller(t)
	one, other := pair(t)
	p.Add(one, poll.In|poll.Edge|poll.PeerClosed, 9)
	write(t, other)
	expect(t, p, 9, poll.In)
	expectNothing(t, p)
	write(t, other)
	expect(t, p, 9, poll.In)
	// What is not new is told after a change.
	p.Modify(one, poll.In|poll.Out|poll.Edge, 10)
	expect(t, p, 10, poll.In|poll.Out)
	expectNothing(t, p)
}

func TestThePeersEndIsTold(t *testing.T) {
	p := newPoller(t)
	one, other := pair(t)
	p.Add(one, poll.In|poll.Edge|poll.PeerClosed, 9)
	unix.Shutdown(other, unix.SHUT_WR)
	expect(t, p, 9, poll.In|poll.PeerClosed)
	expectNothing(t, p)
}

// Also to those who have asked for nothing.
func TestAHangUpIsTold(t *testing.T) {
	p := newPoller(t)
	one, other := pair(t)
	p.Add(one, 0, 9)
	write(t, one)
	expectNothing(t, p)
	unix.Shutdown(one, unix.SHUT_RDWR)
	unix.Shutdown(other, unix.SHUT_RDWR)
	expect(t, p, 9, poll.Hangup)
}

func TestManyAreToldTogether(t *testing.T) {
	p := newPoller(t)
	for tag := uint64(poll.FirstTag); tag < poll.FirstTag+5; tag++ {
		one, other := pair(t)
		p.Add(one, poll.In, tag)
		write(t, other)
	}
	if found := told(t, p, soon); len(found) != 5 {
		t.Errorf("told %v", found)
	}
	var list [2]poll.Ready
	if n := p.Now(list[:]); n != 2 {
		t.Errorf("%d, where there is room for two", n)
	}
}

func TestADescriptorThatCannotBeWatched(t *testing.T) {
	p := newPoller(t)
	file := systest.File(t)
	defer unix.Close(file)
	if err := p.Add(file, poll.In, 9); err != unix.EPERM {
		t.Errorf("a file: %v", err)
	}
	if err := p.Add(-1, poll.In, 9); err == nil {
		t.Error("none can be watched")
	}
	one, _ := pair(t)
	p.Add(one, poll.In, 9)
	if err := p.Add(one, poll.In, 10); err != unix.EEXIST {
		t.Errorf("a second time: %v", err)
	}
}

// Whoever closes it has not told, and the next one gets its number.
func TestADescriptorThatWasClosedCanBeAnother(t *testing.T) {
	p := newPoller(t)
	one, other := systest.Pair(t, unix.SOCK_STREAM)
	defer unix.Close(other)
	if err := p.Add(one, poll.In, 9); err != nil {
		t.Fatal(err)
	}
	next, peer := pair(t)
	unix.Dup2(next, one)
	defer unix.Close(one)
	if err := p.Add(one, poll.In, 10); err != nil {
		t.Error(err)
	}
	write(t, peer)
	expect(t, p, 10, poll.In)
	p.Remove(one)
}

// Others may be added and taken out while it waits; what they have told before is theirs.
func TestWatchesChangeWhileItWaits(t *testing.T) {
	p := newPoller(t)
	one, other := pair(t)
	next, peer := pair(t)
	p.Add(one, poll.In, 9)
	changed := looptest.Elsewhere(func() {
		p.Remove(one)
		p.Add(next, poll.In, 10)
		p.Modify(next, poll.In|poll.Edge, 11)
		unix.Write(other, []byte("x"))
		unix.Write(peer, []byte("x"))
	})
	expect(t, p, 11, poll.In)
	<-changed
	p.Add(one, poll.In, 12)
	expect(t, p, 12, poll.In)
}

func TestTagsKeepTheirBits(t *testing.T) {
	p := newPoller(t)
	one, other := pair(t)
	write(t, other)
	p.Add(one, poll.In, 1)
	if err := quick.Check(func(tag uint64) bool {
		p.Modify(one, poll.In, tag)
		var list [1]poll.Ready
		return p.Now(list[:]) == 1 && list[0].Tag() == tag
	}, nil); err != nil {
		t.Error(err)
	}
}

func TestItCanBeWoken(t *testing.T) {
	p := newPoller(t)
	p.Wake()
	p.Wake()
	expect(t, p, poll.WakeTag, poll.In)
	expect(t, p, poll.WakeTag, poll.In)
	p.Slept()
	expectNothing(t, p)
	// While it waits.
	<-looptest.Elsewhere(p.Wake)
	expect(t, p, poll.WakeTag, poll.In)
	p.Slept()
}

func TestItTellsOfATime(t *testing.T) {
	p := newPoller(t)
	at := sys.Now() + int64(shortly)
	p.SetTimer(at)
	expect(t, p, poll.TimerTag, poll.In)
	if now := sys.Now(); now < at {
		t.Errorf("%v early", time.Duration(at-now))
	}
	expect(t, p, poll.TimerTag, poll.In)
	p.Expired()
	expectNothing(t, p)
	p.SetTimer(sys.Now() - 1) // past
	expect(t, p, poll.TimerTag, poll.In)
	p.SetTimer(sys.Now() + int64(time.Hour))
	p.Expired()
	expectNothing(t, p)
	p.SetTimer(0)
	expectNothing(t, p)
}

// Whoever polls the descriptor itself needs to know of nothing else.
func TestItsDescriptorTellsOfAll(t *testing.T) {
	p := newPoller(t)
	readable := func() bool {
		return poll.Wait([]poll.Waited{poll.For(p.FD(), poll.In)}, time.Now().Add(shortly))
	}
	if readable() {
		t.Error("it is readable")
	}
	one, other := pair(t)
	p.Add(one, poll.In, 9)
	for name, c := range map[string]struct{ begin, end func() }{
		"a descriptor": {func() { write(t, other) }, func() { read(one) }},
		"a wake-up":    {p.Wake, p.Slept},
		"a time":       {func() { p.SetTimer(sys.Now()) }, p.Expired},
	} {
		if c.begin(); !readable() {
			t.Errorf("%s: it is not readable", name)
		}
		// Some systems take it for readable until somebody has looked.
		var list [4]poll.Ready
		if c.end(); p.Now(list[:]) != 0 || readable() {
			t.Errorf("%s: it is readable afterwards", name)
		}
	}
}

func TestWait(t *testing.T) {
	one, other := pair(t)
	list := []poll.Waited{poll.For(one, poll.In), poll.For(other, poll.In|poll.Out)}
	if !poll.Wait(list, time.Time{}) || list[0].Events() != 0 || list[1].Events() != poll.Out {
		t.Errorf("%#x, %#x", list[0].Events(), list[1].Events())
	}
	write(t, other)
	if !poll.Wait(list, time.Time{}) || list[0].Events() != poll.In {
		t.Errorf("%#x, %#x", list[0].Events(), list[1].Events())
	}
	read(one)
	start := time.Now()
	if poll.Wait(list[:1], start.Add(shortly)) || time.Since(start) < shortly || list[0].Events() != 0 {
		t.Errorf("%#x after %v", list[0].Events(), time.Since(start))
	}
	unix.Shutdown(one, unix.SHUT_RDWR)
	list = []poll.Waited{poll.For(one, 0)}
	if !poll.Wait(list, start.Add(soon)) || list[0].Events()&poll.Hangup == 0 {
		t.Errorf("%#x", list[0].Events())
	}
	if poll.Wait(nil, time.Now()) {
		t.Error("nothing is ready")
	}
}

func TestWaitingForNoDescriptorIsAnError(t *testing.T) {
	list := []poll.Waited{poll.For(1<<20, poll.In)}
	if !poll.Wait(list, time.Now().Add(soon)) || list[0].Events()&poll.Error == 0 {
		t.Errorf("%#x", list[0].Events())
	}
}
