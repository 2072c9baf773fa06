package loop

import (
	"time"

	"qnet/core/poll"
	"qnet/core/sys"
)

// Timer calls a function once at a time. The zero value with Expired set is
// ready; it may be started again, also by its own function.
type Timer struct {
	Expired func() // called with the lock held

	at    int64 // on the monotonic clock, in nanoseconds
	index int   // in the heap, from 1; 0 if it is not running
}

// Running reports whether t is to expire.
func (t *Timer) Running() bool { return t.index > 0 }

// Remaining returns in which time t, which runs, is to expire.
func (t *Timer) Remaining() time.Duration { return time.Duration(t.at - sys.Now()) }

// StartTimer has t expire once after d, never before, and if d is more than 0 at the next full
// millisecond of the clock: the timers that are due within one take one turn together, in
// the order of their own times.
func (l *Loop) StartTimer(t *Timer, d time.Duration) {
	l.timers.now = sys.Now()
	l.startTimerAt(t, l.timers.now+int64(max(0, d)))
}

// RepeatTimer has t expire once d after it last should have; if that is past,
// after d from now, so that a loop that was busy does not catch up in a burst.
func (l *Loop) RepeatTimer(t *Timer, d time.Duration) {
	now := sys.Now()
	l.timers.now = now
	at := t.at + int64(d)
	if at <= now {
		at = now + int64(d)
	}
	l.startTimerAt(t, at)
}

func (l *Loop) startTimerAt(t *Timer, at int64) {
	l.StopTimer(t)
	if at <= l.timers.pass {
		// A timer of interval 0 is due in the next turn, not in this one.
		at = l.timers.pass + 1
		l.timers.now = max(l.timers.now, at)
	}
	t.at = at
	l.timers.push(t)
	l.timers.arm()
}

// StopTimer keeps t from expiring.
func (l *Loop) StopTimer(t *Timer) {
	if t.index > 0 {
		// The poller's timer is left as it is: at worst one turn finds nothing due.
		l.timers.remove(t)
	}
}

// timers is a heap of the running timers, the earliest first, and the poller that makes
// the loop's descriptor readable for it.
type timers struct {
	poller *poll.Poller
	heap   []running
	seq    uint64 // of the timer that was started last
	now    int64  // when the clock was read last
	armed  int64  // what the poller's timer is set to, 0 if it is not
	pass   int64  // the time for which run is at work, 0 outside
}

// running is a timer in the heap, with what it is compared by: with many timers each look at
// one of them is one at memory that the processor has to wait for.
type running struct {
	at  int64
	seq uint64 // in the order in which they were started
	t   *Timer
}

// branches is how many children an entry of the heap has. They lie side by side.
const branches = 4

// smallHeap is for how many timers there is always room once there was.
const smallHeap = 256

func (ts *timers) arm() {
	if len(ts.heap) == 0 {
		return
	}
	at := ts.heap[0].at
	if at > ts.now {
		const unit = int64(time.Millisecond)
		at = (at + unit - 1) / unit * unit
	}
	if ts.armed == 0 || at < ts.armed {
		ts.armed = at
		ts.poller.SetTimer(at)
	}
}

// run calls what is due now, but nothing that these calls start.
func (ts *timers) run(l *Loop) bool {
	outer := ts.pass
	ts.now = sys.Now()
	ts.pass = ts.now
	did := false
	for !l.interrupted() && len(ts.heap) > 0 && ts.heap[0].at <= ts.pass {
		t := ts.heap[0].t
		ts.remove(t)
		did = true
		pass := ts.pass
		t.Expired()
		ts.pass = pass
	}
	ts.pass = outer
	ts.armed = 0
	if len(ts.heap) == 0 {
		ts.poller.Expired()
	}
	ts.arm()
	return did
}

func (r *running) before(other *running) bool {
	return r.at < other.at || r.at == other.at && r.seq < other.seq
}

func (ts *timers) push(t *Timer) {
	ts.seq++
	ts.heap = append(ts.heap, running{t.at, ts.seq, t})
	ts.up(len(ts.heap) - 1)
}

func (ts *timers) remove(t *Timer) {
	i, last := t.index-1, len(ts.heap)-1
	moved := ts.heap[last]
	ts.heap[last] = running{}
	ts.heap = ts.heap[:last]
	t.index = 0
	if i != last {
		ts.put(i, moved)
		ts.down(i)
		ts.up(moved.t.index - 1)
	}
	if cap(ts.heap) > smallHeap && last < cap(ts.heap)/4 {
		// What many timers have taken comes back.
		ts.heap = append(make([]running, 0, cap(ts.heap)/2), ts.heap...)
	}
}

func (ts *timers) put(i int, r running) {
	ts.heap[i] = r
	r.t.index = i + 1
}

func (ts *timers) up(i int) {
	r := ts.heap[i]
	for i > 0 {
		parent := (i - 1) / branches
		if !r.before(&ts.heap[parent]) {
			break
		}
		ts.put(i, ts.heap[parent])
		i = parent
	}
	ts.put(i, r)
}

func (ts *timers) down(i int) {
	r := ts.heap[i]
	for {
		first := branches*i + 1
		if first >= len(ts.heap) {
			break
		}
		least := first
		for child := first + 1; child < min(first+branches, len(ts.heap)); child++ {
			if ts.heap[child].before(&ts.heap[least]) {
				least = child
			}
		}
		if !ts.heap[least].before(&r) {
			break
		}
		ts.put(i, ts.heap[least])
		i = least
	}
	ts.put(i, r)
}

// Due returns when t expires, on the clock of sys.Now, if it is running.
func (t *Timer) Due() (at int64, running bool) { return t.at, t.index > 0 }

// Passed reports whether t is running and should have expired by now.
func (t *Timer) Passed() bool { return t.index > 0 && t.at <= sys.Now() }
