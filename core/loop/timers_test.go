package loop_test

import (
	"fmt"
	"math/rand"
	"testing"
	"time"

	"qnet/core/internal/looptest"
	"qnet/core/loop"
	"qnet/core/sys"
)

func TestTimersAreNeverEarlyAndKeepTheirOrder(t *testing.T) {
	l := looptest.New(t)
	random := rand.New(rand.NewSource(1))
	const n = 200
	expired := 0
	last := int64(0)
	for range n {
		timer := &loop.Timer{}
		d := time.Duration(random.Intn(30_000)) * time.Microsecond
		least := sys.Now() + int64(d)
		l.StartTimer(timer, d)
		at, running := timer.Due()
		if !running || !timer.Running() || at < least {
			t.Fatalf("due at %d, %v; not before %d", at, running, least)
		}
		timer.Expired = func() {
			expired++
			if now := sys.Now(); now < at {
				t.Errorf("%v early", time.Duration(at-now))
			}
			if at < last {
				t.Errorf("one due %v earlier came before it", time.Duration(last-at))
			}
			last = at
			if timer.Running() {
				t.Error("it is running still")
			}
		}
	}
	looptest.Until(t, l, "all have expired", func() bool { return expired == n })
}

func TestTimersDueAtOnceExpireInTheOrderOfTheirStart(t *testing.T) {
	l := looptest.New(t)
	var log []string
	timers := make([]loop.Timer, 5)
	for i := range timers {
		timers[i].Expired = func() { log = append(log, fmt.Sprint(i)) }
		l.StartTimer(&timers[i], 0)
	}
	l.StartTimer(&timers[1], 0) // anew: the last now
	l.StartTimer(&timers[0], -time.Second)
	looptest.Until(t, l, "all have expired", func() bool { return len(log) == len(timers) })
	if fmt.Sprint(log) == "[0 2 3 4 1]" {
		return // negative is no earlier than 0, which is what was to be shown
	}
	expect(t, log, "2", "3", "4", "1", "0")
}

func TestIntervalZeroExpiresOncePerTurn(t *testing.T) {
	l := looptest.New(t)
	n := 0
	var timer loop.Timer
	timer.Expired = func() {
		n++
		l.StartTimer(&timer, 0)
	}
	l.StartTimer(&timer, 0)
	var repeated loop.Timer
	r := 0
	repeated.Expired = func() {
		r++
		l.RepeatTimer(&repeated, 0)
	}
	l.StartTimer(&repeated, 0)
	others := 0
	for i := 1; i <= 50; i++ {
		l.Post(func() { others++ })
		looptest.AwaitReadable(l.FD())
		turn(t, l)
		if n > i || r > i {
			t.Fatalf("expired %d and %d times in %d turns", n, r, i)
		}
	}
	if others != 50 {
		t.Errorf("%d calls of 50", others)
	}
	looptest.Until(t, l, "they have expired again", func() bool { return n > 20 && r > 20 })
	l.StopTimer(&timer)
	l.StopTimer(&repeated)
	looptest.Settle(t, l)
}

func TestTimerStoppedInTheSamePassDoesNotExpire(t *testing.T) {
	l := looptest.New(t)
	var one, two loop.Timer
	n := 0
	one.Expired = func() { n++; l.StopTimer(&two) }
	two.Expired = func() { n++; l.StopTimer(&one) }
	l.StartTimer(&one, 0)
	l.StartTimer(&two, 0)
	looptest.AwaitReadable(l.FD())
	looptest.Settle(t, l)
	if n != 1 || one.Running() || two.Running() {
		t.Errorf("%d expired", n)
	}
	l.StopTimer(&one) // again is harmless
	if one.Passed() || two.Passed() {
		t.Error("one that does not run has passed")
	}
}

func TestTimerMayBeStartedAnewByItself(t *testing.T) {
	l := looptest.New(t)
	start := sys.Now()
	n := 0
	var timer loop.Timer
	timer.Expired = func() {
		if n++; n < 5 {
			l.StartTimer(&timer, 2*time.Millisecond)
		}
	}
	l.StartTimer(&timer, 2*time.Millisecond)
	looptest.Until(t, l, "it has expired five times", func() bool { return n == 5 })
	if took := time.Duration(sys.Now() - start); took < 10*time.Millisecond {
		t.Errorf("five times 2 ms took %v", took)
	}
	looptest.Settle(t, l)
	if n != 5 || timer.Running() {
		t.Error("it goes on")
	}
}

func TestEarlierTimerIsNotHeldUpByALaterOne(t *testing.T) {
	l := looptest.New(t)
	var late, early loop.Timer
	done := false
	late.Expired = func() {}
	early.Expired = func() { done = true }
	l.StartTimer(&late, time.Hour)
	l.StartTimer(&early, time.Millisecond)
	looptest.Until(t, l, "the earlier has expired", func() bool { return done })
	if !late.Running() {
		t.Error("the later has expired, too")
	}
	// One that is started by a stopped one's expiry of the descriptor.
	l.StartTimer(&early, time.Millisecond)
	l.StopTimer(&early)
	looptest.AwaitReadable(l.FD())
	turn(t, l)
	done = false
	l.StartTimer(&early, 2*time.Millisecond)
	looptest.Until(t, l, "it has expired again", func() bool { return done })
	l.StopTimer(&late)
}

func TestRepeatedTimerKeepsItsPhase(t *testing.T) {
	l := looptest.New(t)
	const interval = 2 * time.Millisecond
	var timer loop.Timer
	var due []int64
	timer.Expired = func() {
		at, _ := timer.Due()
		due = append(due, at)
		l.RepeatTimer(&timer, interval)
	}
	l.StartTimer(&timer, interval)
	looptest.Until(t, l, "it has expired ten times", func() bool { return len(due) == 10 })
	l.StopTimer(&timer)
	for i := 1; i < len(due); i++ {
		step := time.Duration(due[i] - due[i-1])
		// A turn that came late by an interval or more begins a new phase.
		if step < interval {
			t.Errorf("expiry %d is due %v after the one before", i, step)
		}
	}
}

func TestBusyLoopDoesNotCatchUpInABurst(t *testing.T) {
	l := looptest.New(t)
	const interval = 2 * time.Millisecond
	var timer loop.Timer
	var times []int64
	timer.Expired = func() {
		times = append(times, sys.Now())
		l.RepeatTimer(&timer, interval)
	}
	l.StartTimer(&timer, interval)
	for end := sys.Now() + int64(10*interval); sys.Now() < end; {
	}
	looptest.Until(t, l, "it has expired three times", func() bool { return len(times) == 3 })
	l.StopTimer(&timer)
	if step := time.Duration(times[1] - times[0]); step < interval {
		t.Errorf("the second expiry followed after %v", step)
	}
}

func TestTimersRunInNestedLoops(t *testing.T) {
	l := looptest.New(t)
	var outer, inner loop.Timer
	var log []string
	inner.Expired = func() { log = append(log, "inner") }
	outer.Expired = func() {
		log = append(log, "outer begins")
		l.StartTimer(&inner, 0)
		// Itself again, too: it is for the nested loop like any other.
		if len(log) == 1 {
			l.StartTimer(&outer, 0)
			looptest.Until(t, l, "the nested loop has run both", func() bool { return len(log) >= 4 })
		}
		log = append(log, "outer ends")
	}
	l.StartTimer(&outer, 0)
	looptest.Until(t, l, "all is over", func() bool { return len(log) >= 5 })
	expect(t, log, "outer begins", "inner", "outer begins", "outer ends", "outer ends")
	looptest.Settle(t, l)
}

func TestManyTimers(t *testing.T) {
	l := looptest.New(t)
	random := rand.New(rand.NewSource(2))
	timers := make([]loop.Timer, 500)
	expired := make([]int, len(timers))
	started := make([]int, len(timers))
	stopped := make([]int, len(timers))
	for i := range timers {
		timers[i].Expired = func() {
			expired[i]++
			// Each expiry stops one and starts another.
			if j := random.Intn(len(timers)); timers[j].Running() {
				l.StopTimer(&timers[j])
				stopped[j]++
			}
			if j := random.Intn(len(timers)); !timers[j].Running() && started[j] < 3 {
				started[j]++
				l.StartTimer(&timers[j], time.Duration(random.Intn(3000))*time.Microsecond)
			}
		}
		started[i]++
		l.StartTimer(&timers[i], time.Duration(random.Intn(3000))*time.Microsecond)
	}
	looptest.Until(t, l, "none is running", func() bool {
		for i := range timers {
			if timers[i].Running() {
				return false
			}
		}
		return true
	})
	for i := range timers {
		if expired[i]+stopped[i] != started[i] {
			t.Fatalf("timer %d: started %d times, stopped %d, expired %d", i, started[i], stopped[i], expired[i])
		}
	}
}
