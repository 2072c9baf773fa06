package loop

import (
	"runtime"
	"time"
)

// Expect tells that a goroutine is at work that will soon have something for the loop. Where
// only one of Go's runs at a time the loop lets it run before it waits: otherwise it would run
// once the system has taken notice of the wait, and then have to end it. A loop that is too busy
// to wait lets it run after the second turn.
func (l *Loop) Expect() {
	if l.expecting == 0 {
		l.expecting = 1
	}
}

// mostBusy is how many turns a goroutine that something is expected of is kept waiting.
const mostBusy = 2

// needed reports whether goroutines that something is expected of run only if the loop lets
// them, and expects nothing of them any more.
func (l *Loop) needed() bool {
	expected := l.expecting > 0
	l.expecting = 0
	return expected && runtime.GOMAXPROCS(0) == 1
}

// letRun has such goroutines run, and reports whether they needed it.
func (l *Loop) letRun() bool {
	if !l.needed() {
		return false
	}
	holder := l.threadID()
	l.Unlock()
	runtime.Gosched()
	l.retake(holder)
	return true
}

// share is for how long a goroutine goes on before it lets others run. After 10 milliseconds Go
// takes its processor away, by way of a thread that then looks for work each 20 microseconds.
// Who is sooner pays for a change of threads alone.
const share = 8 * time.Millisecond

// leastWaits is for how many waits within a share that is cheaper: with fewer the processor is
// taken in one of them anyway.
const leastWaits = 3

// sharing is how far a loop's share has come.
type sharing struct {
	began time.Time
	waits int // since
}

// over reports whether the others are to run before the loop, which is about to, waits: if it
// had its share, or will have had it by the next time.
func (s *sharing) over(now time.Time) bool {
	s.waits++
	passed := min(now.Sub(s.began), time.Hour) // who begins may have done so long ago, or never
	if passed+passed/time.Duration(s.waits) < share {
		return false
	}
	worth := s.waits >= leastWaits
	s.began, s.waits = now, 0
	return worth
}

// yieldsAsleep reports whether the loop, which is about to wait, lets others run first.
func (l *Loop) yieldsAsleep(now time.Time) bool {
	over := l.sharing.over(now)
	return l.needed() || over
}
