// Package lease lets callbacks that are told of data read it, and write, without
// entering Go: what they may use lies in memory that C can reach. C makes the
// callbacks of a round one after the other, for as long as nobody takes the loop's
// lock. Whoever takes it ends the round first, and finds the objects as if the
// callbacks had called them.
//
// C's side of it is capi/lease.h.
package lease

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"qnet/core/sys"
)

const (
	// Most is how many callbacks a round has at most.
	Most = 128
	// Room is how much one of them can write.
	Room = 16 << 10

	// arena is how much all of them can.
	arena = 64 << 10
)

// Run has C make the callbacks of the round at an address, for as long as its first
// word is the given one; nil where there is no C.
var Run func(round uintptr, word uint64)

// Abandon ends what the calling thread is doing with a round. A signal has interrupted
// it there, of a fault in a copy perhaps, and its handler has called in: whoever wants to
// end the round would wait for it for ever. Nothing where there is no C.
var Abandon = func() {}

// The states of a round, in the lower bits of its word. Above them is its number,
// so that who comes back from a callback does not take another round for its own.
const (
	none    = 0
	granted = 1
	inUse   = 2 // for the moment of a copy
	states  = 2 // bits
)

// Terms are what one callback may do; struct qnetc_terms is laid out alike.
type Terms struct {
	Function, Handle, UserData uintptr

	data   uintptr // what can be read
	left   int64   // bytes at data
	out    uintptr // what was written, set by C: in the arena, or at data
	room   int64   // bytes that fit into the arena
	staged int64   // bytes that were
}

// Lend has the callback read data, memory outside Go's heap that stays as it is
// meanwhile, and write, if it may.
func (t *Terms) Lend(data []byte, writable bool) {
	t.data = uintptr(unsafe.Pointer(unsafe.SliceData(data)))
	t.left = int64(len(data))
	t.room, t.staged = 0, 0
	if writable {
		t.room = Room
	}
}

// Left returns how many bytes were not read.
func (t *Terms) Left() int { return int(t.left) }

// Written returns what was written.
func (t *Terms) Written() []byte {
	return unsafe.Slice((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&t.out))), t.staged)
}

// round is what C sees; struct qnetc_round is laid out alike.
type round struct {
	word    uint64
	count   int64
	current int64 // whose callback is made
	next    uintptr
	end     uintptr // of what can be written
	terms   [Most]Terms
}

// Lease is the one round at a time that a loop has. Its methods are called with
// the loop's lock held. The zero value is ready and owns no memory.
type Lease struct {
	round  *round
	number uint64
	Held   bool // a round is under way
}

// spare are the rounds of loops that are gone. They are never unmapped: a thread
// may still be inside a callback.
var spare struct {
	sync.Mutex
	list []*round
}

// Ready reports whether there can be rounds, for which it gets the memory.
func (l *Lease) Ready() bool {
	if l.round == nil && Run != nil {
		l.round = obtain()
	}
	return l.round != nil
}

func obtain() *round {
	spare.Lock()
	defer spare.Unlock()
	if n := len(spare.list); n > 0 {
		r := spare.list[n-1]
		spare.list = spare.list[:n-1]
		return r
	}
	const head = int(unsafe.Sizeof(round{}))
	p, err := sys.Map(head + arena)
	if err != nil {
		return nil
	}
	return (*round)(unsafe.Pointer(&p[0]))
}

// Close gives the memory back. There is no round after it.
func (l *Lease) Close() {
	if l.round == nil {
		return
	}
	spare.Lock()
	spare.list = append(spare.list, l.round)
	spare.Unlock()
	l.round = nil
}

// Terms returns those of a callback of the next or of the last round.
func (l *Lease) Terms(i int) *Terms { return &l.round.terms[i] }

// Grant begins a round of the first count Terms, which Run then makes.
func (l *Lease) Grant(count int) {
	r := l.round
	r.count, r.current = int64(count), -1
	r.next = uintptr(unsafe.Pointer(r)) + unsafe.Sizeof(*r)
	r.end = r.next + arena
	// The memory may have been another loop's: its numbers go on.
	l.number = r.word>>states + 1
	l.Held = true
	atomic.StoreUint64(&r.word, l.number<<states|granted)
}

// Run makes the callbacks. It is called without the lock.
func (l *Lease) Run() { Run(uintptr(unsafe.Pointer(l.round)), l.number<<states|granted) }

// End ends the round. It returns how many callbacks have returned, and whether
// another one is under way.
func (l *Lease) End() (done int, inside bool) {
	r := l.round
	word := l.number << states
	for !atomic.CompareAndSwapUint64(&r.word, word|granted, word|none) {
		// A copy of some kilobytes at most is under way on another thread, or was on this.
		Abandon()
		sys.Yield()
	}
	l.Held = false
	done = int(max(r.current, 0))
	return done, r.current >= 0 && r.current < r.count
}
