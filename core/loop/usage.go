package loop

import (
	"maps"
	"slices"
	"sync"
)

// Usage is what loops hold.
type Usage struct {
	Loops    int // whose descriptors are open
	Posted   int // calls and deletions that are still to be made
	Timers   int // that are running
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
		u.Watches += l.watches.len()
		u.Spare += len(l.waiters)
		u.Turns += l.depth
		u.Buffered += l.Pool.Lent() + l.Datagrams.Lent()
		l.Unlock()
	}
	return u
}
