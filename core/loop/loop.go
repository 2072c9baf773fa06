// Package loop is the event loop: it waits for descriptors, timers and posted
// calls with a poller and runs what they are for on the thread that
// runs the loop.
//
// # Locking
//
// A loop is a monitor. Its lock guards the loop and every object that belongs
// to it, and every method of theirs, unless it says otherwise, is called with
// the lock held. It is released while the loop sleeps and while a callback runs,
// so after either an object may be in any state, or gone.
//
// Who is inside which callback is told by the thread: a goroutine that uses a
// loop or its objects is to stay on its own (runtime.LockOSThread).
package loop

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"

	"qnet/core/buffer"
	"qnet/core/datagram"
	"qnet/core/lease"
	"qnet/core/poll"
	"qnet/core/sys"
)

// ErrRunning says that another thread runs the loop.
var ErrRunning = errors.New("the loop is running on another thread")

// Loop is an event loop. Make one with New.
type Loop struct {
	mu     sync.Mutex
	number uint64 // in the order of locks
	holder int    // the thread that holds mu, 0 if nobody has asked yet

	poller     *poll.Poller
	watches    watches
	timers     timers
	posted     queue
	promised   []*Promise
	flushers   fifo[Flusher]
	requeued   fifo[uint32] // indices of watches
	rechecks   rechecks
	idler      Idler
	readyQueue readyQueue
	lease      lease.Lease // of what callbacks may do without the lock

	Pool      buffer.Pool   // the chunks of this loop's buffers
	trim      Timer         // has it give back what is not needed
	Datagrams datagram.Pool // the batches of its datagram sockets

	events  [maxEvents]poll.Ready
	ready   []poll.Ready // those of events that are still to be handed out
	expired bool         // timers are due

	runner int          // the thread that runs the loop, while depth > 0
	depth  int          // turns within turns
	asleep bool         // the runner is waiting, without the lock
	quiet  bool         // it had to wait when it looked last
	polled bool         // the runner may be polling our descriptor itself, in a callback
	woken  bool         // the poller was, or will be
	waking bool         // it will be, when the lock is released
	wakers atomic.Int32 // threads that are about to do so
	execs  []*execution

	expecting uint8 // a goroutine will soon have something for the loop: for how many turns, from 1
	sharing   sharing

	departing  []Departure // those who may be able to leave by now
	Departures any         // what package object keeps of those who are to

	interrupts uint64 // calls of Interrupt
	seen       uint64 // those before the present turn
	cut        cut

	waiters []*Waiter // spare ones

	closed bool
	ended  bool // closed, and the calls that remained were made
	refs   int
}

type execution struct {
	ended bool
	code  int
}

// New makes a loop, which needs up to three descriptors, as its poller does.
func New() (*Loop, error) {
	poller, err := poll.New()
	if err != nil {
		return nil, err
	}
	l := &Loop{poller: poller, refs: 1, number: loops.Add(1)}
	l.timers.poller = poller
	l.Pool.TrimLater = l.trimLater
	opened(l)
	return l, nil
}

var (
	defaultOnce sync.Mutex
	defaultLoop *Loop
)

// Default returns the default loop, making it at the first call that can.
func Default() (*Loop, error) {
	defaultOnce.Lock()
	defer defaultOnce.Unlock()
	if defaultLoop != nil {
		return defaultLoop, nil
	}
	l, err := New()
	if err == nil {
		defaultLoop = l
	}
	return l, err
}

// Lock takes the loop's lock.
func (l *Loop) Lock() {
	l.acquire()
	l.holder = 0
}

// acquire takes the lock, which ends the round of callbacks that is under way.
func (l *Loop) acquire() {
	if !l.mu.TryLock() {
		// Who has it may be waiting for what this thread was doing with a round.
		lease.Abandon()
		l.mu.Lock()
	}
	if l.lease.Held {
		l.endRound()
	}
}

// retake takes the lock again for the thread that had it before.
func (l *Loop) retake(holder int) {
	l.acquire()
	l.holder = holder
}

// Unlock releases the loop's lock.
func (l *Loop) Unlock() {
	if !l.waking {
		l.mu.Unlock()
		return
	}
	// Only now: who wakes up wants the lock.
	l.waking = false
	l.wakers.Add(1)
	l.mu.Unlock()
	l.poller.Wake()
	l.wakers.Add(-1)
}

// FD returns the poller's descriptor: readable whenever the loop has work.
func (l *Loop) FD() int { return l.poller.FD() }

// Closed reports whether Close was called.
func (l *Loop) Closed() bool { return l.closed }

// Retain keeps the loop's descriptors open until Release.
func (l *Loop) Retain() { l.refs++ }

// Release is the opposite of Retain.
func (l *Loop) Release() {
	l.refs--
	if l.refs == 0 {
		l.closeDescriptors()
	}
}

// Close makes the calls that remain, posted and promised, and ends every Exec with
// -1. For these calls the loop is closed already, so that they cannot post for ever.
// The descriptors go with the last object, or when nobody runs the loop any more.
func (l *Loop) Close() {
	if l.closed {
		return
	}
	l.closed = true
	for l.keepPromises() || l.runAllPosted() {
	}
	l.ended = true
	l.end(-1)
	l.Release()
}

func (l *Loop) closeDescriptors() {
	closed(l)
	for l.wakers.Load() > 0 {
		sys.Yield()
	}
	for _, w := range l.waiters {
		sys.Close(w.fd)
	}
	l.poller.Close()
	l.waiters = nil
	l.lease.Close()
	l.StopTimer(&l.trim)
	l.Pool.Close()
	l.Datagrams.Clear()
}

// Exec runs the loop until Exit. It returns ErrRunning, and -1, if another
// thread runs it, and -1 at once for a closed loop.
func (l *Loop) Exec() (int, error) {
	if l.closed {
		return -1, nil
	}
	outer, err := l.enter()
	if err != nil {
		return -1, err
	}
	defer l.leave(outer)
	if l.exiting() {
		return -1, nil
	}
	e := &execution{}
	l.execs = append(l.execs, e)
	// Also when a callback panics: whoever goes on must not find it here.
	defer func() { l.execs = l.execs[:len(l.execs)-1] }()
	for !e.ended {
		l.turn(-1)
	}
	return e.code, nil
}

// Exit ends every Exec that is under way, nested ones too, and interrupts their turns.
func (l *Loop) Exit(code int) {
	if len(l.execs) == 0 {
		return
	}
	l.end(code)
}

// end ends every Exec, as soon as control is back in it.
func (l *Loop) end(code int) {
	for _, e := range l.execs {
		e.ended, e.code = true, code
	}
	l.Interrupt()
}

// exiting reports whether an Exec is about to end, but control is not back in it.
func (l *Loop) exiting() bool {
	for _, e := range l.execs {
		if e.ended {
			return true
		}
	}
	return false
}

// ProcessEvents runs one turn and waits up to msec milliseconds (-1: without
// limit) for something to do. It reports whether anything was done.
func (l *Loop) ProcessEvents(msec int) (bool, error) {
	if l.closed {
		return false, nil
	}
	outer, err := l.enter()
	if err != nil {
		return false, err
	}
	defer l.leave(outer)
	return l.turn(msec), nil
}

// enter makes the calling thread the loop's runner. The descriptors must outlive
// its turns: a sleep on a closed one would never end, and its number may be
// somebody else's by then. It returns what leave is to be given, which belongs to the
// turn around.
func (l *Loop) enter() (outer uint64, err error) {
	id := l.threadID()
	if l.depth > 0 && l.runner != id {
		return 0, ErrRunning
	}
	l.Retain()
	runtime.LockOSThread()
	l.runner = id
	l.depth++
	return l.seen, nil
}

func (l *Loop) leave(outer uint64) {
	l.seen = outer
	l.depth--
	l.polled = l.depth > 0
	runtime.UnlockOSThread()
	if l.ended && l.depth == 0 {
		// Deletions that were asked for in the callback in which the loop was closed.
		for l.runAllPosted() {
		}
	}
	if l.workFor(l.depth + 1) {
		// Whoever polls the loop's descriptor must come back, also in a callback.
		l.wake()
	}
	l.Release()
}

func (l *Loop) hasWork() bool { return l.workFor(l.depth) }

// workFor reports whether a turn at depth has something to do at once.
func (l *Loop) workFor(depth int) bool {
	return l.flushers.len() > 0 || len(l.ready) > 0 || l.readyQueue.len() > 0 || l.requeued.len() > 0 || l.posted.due(depth)
}

// WakeFD returns the descriptor that wakes the loop when something is written to it, as poll's
// WakeFD: for hosts' signal handlers.
func (l *Loop) WakeFD() int { return l.poller.WakeFD() }

// Woken, if there is one, is called by a loop that was woken. It is set before there are loops.
var Woken func(l *Loop)

// Executing reports whether an Exec is under way that is not about to end.
func (l *Loop) Executing() bool { return len(l.execs) > 0 && !l.exiting() }

// wake makes the loop's descriptor readable if nobody is about to look for
// work anyway. One write serves all who ask before the loop has woken up.
func (l *Loop) wake() {
	if l.woken || (l.depth > 0 && !l.asleep && !l.polled) || l.refs == 0 {
		return
	}
	l.woken = true
	if l.waking = l.asleep; !l.waking {
		l.poller.Wake()
	}
}

// threadID returns the id of the thread that holds the lock.
func (l *Loop) threadID() int {
	if l.holder == 0 {
		l.holder = sys.ThreadID()
	}
	return l.holder
}
