package loop

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// Usage is what loops hold.
type Usage struct {
	Loops    int // whose descriptors are open
	Posted   int // calls and deletions that are still to be made
	Timers   int // that objects have running
	Watches  int
	Spare    int // descriptors that are kept for Waiters
	Turns    int // that have not returned
	Buffered int // chunks and batches that are lent
}

// open are the loops whose descriptors are.
var open = struct {
	sync.Mutex
	loops map[*Loop]struct{}
}{loops: make(map[*Loop]struct{})}

func opened(l *Loop) {
	open.Lock()
	defer open.Unlock()
	open.loops[l] = struct{}{}
}

func closed(l *Loop) {
	open.Lock()
	defer open.Unlock()
	delete(open.loops, l)
}

// objects are how many all loops have.
var objects atomic.Int64

// Objects returns how many objects all loops have.
func Objects() int { return int(objects.Load()) }

// Adopt is Retain for an object, which counts until Disown.
func (l *Loop) Adopt() {
	objects.Add(1)
	l.Retain()
}

// Disown is the opposite of Adopt.
func (l *Loop) Disown() {
	objects.Add(-1)
	l.Release()
}

// Count returns how many loops have open descriptors.
func Count() int {
	open.Lock()
	defer open.Unlock()
	return len(open.loops)
}

// Used returns what all loops hold together. No loop's lock is held.
func Used() Usage {
	open.Lock()
	loops := slices.Collect(maps.Keys(open.loops))
	open.Unlock()
	u := Usage{Loops: len(loops)}
	for _, l := range loops {
		l.Lock()
		u.Posted += l.posted.len()
		u.Timers += len(l.timers.heap)
		if l.trim.Running() {
			u.Timers--
		}
		u.Watches += l.watches.len()
		u.Spare += len(l.waiters)
		u.Turns += l.depth
		u.Buffered += l.Pool.Lent() + l.Datagrams.Lent()
		l.Unlock()
	}
	return u
}
