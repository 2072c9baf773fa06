package timer

import (
	"fmt"
	"testing"
	"time"

	"qnet/core/internal/looptest"
	"qnet/core/loop"
	"qnet/core/message"
	"qnet/core/object"
	"qnet/core/sys"
)

// newTimer makes a timer that the test's end deletes.
func newTimer(t *testing.T, l *loop.Loop) *Timer {
	tm := New(l)
	t.Cleanup(tm.Delete)
	return tm
}

// with has f called, with the lock, at each time-out.
func with(tm *Timer, f func()) {
	tm.On(SignalTimeout, func(int64) { looptest.Do(tm.Loop(), f) })
}

func TestTimerRepeatsUntilStopped(t *testing.T) {
	l := looptest.New(t)
	tm := newTimer(t, l)
	n := 0
	with(tm, func() {
		if !tm.Active() {
			t.Error("a repeating timer is active in its slot")
		}
		if n++; n == 3 {
			tm.Stop()
		}
	})
	if tm.Active() {
		t.Error("a new timer is active")
	}
	start := time.Now()
	tm.Start(3)
	if !tm.Active() {
		t.Error("a started timer is not active")
	}
	looptest.Until(t, l, "it has stopped", func() bool { return !tm.Active() })
	if took := time.Since(start); n != 3 || took < 9*time.Millisecond {
		t.Errorf("%d time-outs in %v", n, took)
	}
	looptest.Settle(t, l)
	if n != 3 {
		t.Error("it goes on")
	}
}

func TestSingleShotExpiresOnce(t *testing.T) {
	l := looptest.New(t)
	tm := newTimer(t, l)
	tm.SetSingleShot(true)
	n := 0
	with(tm, func() {
		if tm.Active() {
			t.Error("a single-shot timer is not active in its slot")
		}
		if n++; n < 3 {
			tm.Start(-1) // with the same interval
		}
	})
	start := time.Now()
	tm.Start(2)
	looptest.Until(t, l, "it has expired three times", func() bool { return n == 3 })
	if took := time.Since(start); took < 6*time.Millisecond {
		t.Errorf("three times 2 ms took %v", took)
	}
	looptest.Settle(t, l)
	if n != 3 || tm.Active() {
		t.Error("it goes on")
	}
}

func TestTimerDoesNotExpireInsideItsOwnSlot(t *testing.T) {
	l := looptest.New(t)
	tm, other := newTimer(t, l), newTimer(t, l)
	depth, n, others := 0, 0, 0
	with(tm, func() {
		if depth++; depth > 1 {
			t.Error("nested")
		}
		if n++; n == 1 {
			looptest.Until(t, l, "the other has expired often", func() bool { return others >= 5 })
		}
		depth--
	})
	with(other, func() { others++ })
	tm.Start(1)
	other.Start(3)
	looptest.Until(t, l, "it has expired again", func() bool { return n >= 3 })
}

func TestTimerStartedAnewInItsSlotExpiresThereToo(t *testing.T) {
	l := looptest.New(t)
	for _, single := range []bool{false, true} {
		tm := newTimer(t, l)
		tm.SetSingleShot(single)
		n := 0
		with(tm, func() {
			if n++; n == 1 {
				tm.Start(0)
				looptest.Until(t, l, "the nested loop has seen it", func() bool { return n == 2 })
				tm.Stop()
			}
		})
		tm.Start(0)
		looptest.Until(t, l, "all is over", func() bool { return n == 2 })
	}
}

func TestPanicInASlotDoesNotSilenceTheTimer(t *testing.T) {
	l := looptest.New(t)
	tm := newTimer(t, l)
	n := 0
	with(tm, func() {
		if n++; n == 1 {
			panic("boom")
		}
	})
	tm.Start(0)
	if got := looptest.Panic(func() { l.Exec() }); got != "boom" {
		t.Fatalf("panic: %v", got)
	}
	looptest.Until(t, l, "it has expired again", func() bool { return n == 2 })
}

func TestTimersExpireInTheOrderOfTheirTimes(t *testing.T) {
	l := looptest.New(t)
	// When each is due: between these, as its start may take any time.
	type due struct{ earliest, latest time.Time }
	var log []due
	for _, msec := range []int{8, 2, 0, 5, 2} {
		tm := newTimer(t, l)
		tm.SetSingleShot(true)
		var d due
		with(tm, func() { log = append(log, d) })
		d.earliest = time.Now().Add(time.Duration(msec) * time.Millisecond)
		tm.Start(msec)
		d.latest = time.Now().Add(time.Duration(msec) * time.Millisecond)
	}
	looptest.Until(t, l, "all have expired", func() bool { return len(log) == 5 })
	for i := range log[1:] {
		if log[i].earliest.After(log[i+1].latest) {
			t.Errorf("the timer that expired as number %d was due after the next", i)
		}
	}
}

func TestIntervalZeroLetsOthersDoTheirWork(t *testing.T) {
	l := looptest.New(t)
	tm := newTimer(t, l)
	n, others := 0, 0
	with(tm, func() {
		n++
		l.Post(func() { others++ })
	})
	tm.Start(0)
	looptest.Until(t, l, "it has expired often", func() bool { return n >= 20 })
	if others < n-1 {
		t.Errorf("%d time-outs, %d calls", n, others)
	}
}

func TestSetIntervalRestartsARunningTimer(t *testing.T) {
	l := looptest.New(t)
	tm := newTimer(t, l)
	n := 0
	with(tm, func() { n++; tm.Stop() })
	tm.SetInterval(1000_000)
	if tm.Active() {
		t.Error("setting the interval starts a timer")
	}
	tm.Start(-1)
	tm.SetInterval(1)
	looptest.Until(t, l, "it has expired", func() bool { return n == 1 })
}

func TestNegativeIntervalIsRefused(t *testing.T) {
	l := looptest.New(t)
	tm := newTimer(t, l)
	var warnings []string
	message.SetHandler(func(_ message.Kind, text string) {
		looptest.Do(l, func() {}) // no lock is held
		warnings = append(warnings, text)
	})
	defer message.SetHandler(nil)
	tm.SetInterval(1)
	tm.SetInterval(-1)
	if len(warnings) != 1 {
		t.Errorf("warnings: %q", warnings)
	}
	n := 0
	with(tm, func() { n++ })
	tm.Start(-1)
	looptest.Until(t, l, "it has expired with the interval that it had", func() bool { return n > 0 })
}

func TestRestartPostponesTheTimeout(t *testing.T) {
	l := looptest.New(t)
	late, other := newTimer(t, l), newTimer(t, l)
	expired, restarts := false, 0
	with(late, func() { expired = true })
	with(other, func() {
		if restarts++; restarts == 20 {
			other.Stop()
			return
		}
		if expired {
			t.Error("expired though it was restarted in time")
		}
		late.Start(1000)
	})
	late.Start(1000)
	other.Start(1)
	looptest.Until(t, l, "the other has ended", func() bool { return !other.Active() })
	late.Start(1)
	looptest.Until(t, l, "it has expired", func() bool { return expired })
}

func TestTimerDeletedByItsSlot(t *testing.T) {
	l := looptest.New(t)
	for _, single := range []bool{false, true} {
		tm := newTimer(t, l)
		tm.SetSingleShot(single)
		var log []string
		with(tm, func() { log = append(log, "time-out"); tm.Delete() })
		with(tm, func() { log = append(log, "never called") })
		tm.On(object.Destroyed, func(int64) { log = append(log, "destroyed") })
		tm.Start(0)
		looptest.Until(t, l, "it is deleted", func() bool { return !tm.Alive() })
		looptest.Settle(t, l)
		if fmt.Sprint(log) != "[time-out destroyed]" || tm.Active() {
			t.Errorf("single shot %v: %q", single, log)
		}
		tm.Delete() // again is harmless
	}
}

func TestTimerDeletedByAnothersSlot(t *testing.T) {
	l := looptest.New(t)
	one, two := newTimer(t, l), newTimer(t, l)
	n := 0
	with(one, func() { n++; two.Delete() })
	with(two, func() { n++; one.Delete() })
	one.Start(0)
	two.Start(0)
	looptest.AwaitReadable(l.FD())
	looptest.Until(t, l, "one is deleted", func() bool { return n > 0 })
	if one.Alive() == two.Alive() {
		t.Error("one should be left")
	}
}

func TestSingleCallsOnceAndNeedsNoObject(t *testing.T) {
	l := looptest.New(t)
	start := time.Now()
	n := 0
	Single(l, 3, func() { n++ })
	looptest.Until(t, l, "it was called", func() bool { return n == 1 })
	if took := time.Since(start); took < 3*time.Millisecond {
		t.Errorf("called after %v", took)
	}
	looptest.Settle(t, l)
	if n != 1 {
		t.Errorf("called %d times", n)
	}
}

func TestSingleIsNotCalledOnceTheLoopIsClosed(t *testing.T) {
	l := looptest.New(t)
	n := 0
	for range 2 {
		Single(l, 0, func() { n++; l.Close() })
	}
	looptest.AwaitReadable(l.FD())
	l.ProcessEvents(0)
	if n != 1 {
		t.Errorf("%d calls", n)
	}
}

func TestTimerStartedByAnotherThread(t *testing.T) {
	l := looptest.New(t)
	tm := newTimer(t, l)
	n := 0
	with(tm, func() { n++; l.Exit(0) })
	done := looptest.Elsewhere(func() {
		looptest.Do(l, func() { tm.Start(1) })
	})
	if _, err := l.Exec(); err != nil {
		t.Fatal(err)
	}
	<-done
	if n == 0 {
		t.Error("it has not expired")
	}
}

func TestLongIntervals(t *testing.T) {
	l := looptest.New(t)
	tm := newTimer(t, l)
	with(tm, func() { t.Error("expired") })
	tm.Start(1<<31 - 1)
	looptest.Settle(t, l)
	if !tm.Active() {
		t.Error("not active")
	}
}

func TestTimerMoves(t *testing.T) {
	l := looptest.New(t)
	to := looptest.Another(t)
	tm := New(l)
	var at []*loop.Loop
	tm.On(SignalTimeout, func(int64) { at = append(at, tm.Loop()) })
	tm.Start(20)
	begun := sys.Now()
	l.Unlock()
	if err := object.Move(tm, to); err != nil {
		t.Error(err)
	}
	l.Lock()
	for sys.Now() < begun+int64(40*time.Millisecond) {
		l.ProcessEvents(5)
	}
	if len(at) != 0 {
		t.Error("expired in the old loop")
	}
	l.Unlock()
	defer l.Lock()
	looptest.Do(to, func() {
		looptest.Until(t, to, "it expires", func() bool { return len(at) == 2 })
		if at[0] != to || at[1] != to {
			t.Error("expired in the old loop")
		}
		tm.Delete()
	})
}

func TestTimerMovesInItsSlot(t *testing.T) {
	l := looptest.New(t)
	to := looptest.Another(t)
	tm, n := New(l), 0
	tm.On(SignalTimeout, func(int64) {
		if n++; n == 1 {
			object.Move(tm, to)
		}
	})
	tm.Start(0)
	looptest.Until(t, l, "it has moved", func() bool { return tm.Loop() == to })
	if n != 1 {
		t.Errorf("it has expired %d times", n)
	}
	l.Unlock()
	defer l.Lock()
	looptest.Do(to, func() {
		looptest.Until(t, to, "it expires", func() bool { return n == 3 })
		tm.Delete()
	})
}

func TestGetters(t *testing.T) {
	l := looptest.New(t)
	tm, other := newTimer(t, l), newTimer(t, l)
	if tm.Interval() != 0 || tm.SingleShot() || tm.Remaining() != -1 || tm.ID() != -1 {
		t.Error(tm.Interval(), tm.SingleShot(), tm.Remaining(), tm.ID())
	}
	tm.SetInterval(50_000)
	tm.SetSingleShot(true)
	if tm.Interval() != 50_000 || !tm.SingleShot() || tm.Remaining() != -1 {
		t.Error(tm.Interval(), tm.SingleShot(), tm.Remaining())
	}
	tm.Start(-1)
	other.Start(100_000)
	first := tm.ID()
	if left := tm.Remaining(); left <= 40_000 || left > 50_000 {
		t.Error(left)
	}
	if first < 1 || other.ID() < 1 || other.ID() == first {
		t.Error(first, other.ID())
	}
	tm.Start(0)
	if left := tm.Remaining(); left != 0 || tm.ID() == first || tm.ID() < 1 {
		t.Error(left, tm.ID())
	}
	looptest.Until(t, l, "it has expired", func() bool { return !tm.Active() })
	if tm.Remaining() != -1 || tm.ID() != -1 || tm.Interval() != 0 {
		t.Error(tm.Remaining(), tm.ID(), tm.Interval())
	}
}
