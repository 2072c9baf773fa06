// Package lease lets a callback that was told of data read it, and write, without
// entering Go: what it may use lies in memory that C can reach, for as long as
// nobody takes the loop's lock. Whoever takes it ends the lease first and finds
// the object as if the callback had called it.
//
// C's side of it is capi/lease.h.
package lease

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"qnet/core/sys"
)

// Room is how much can be written during one lease.
const Room = 16 << 10

// The states of a lease.
const (
	none    = 0
	granted = 1
	inUse   = 2 // for the moment of a copy
)

// terms are what C sees; struct qnetc_lease is laid out alike.
type terms struct {
	state  uint32
	token  uintptr
	data   uintptr // what can be read
	left   int64   // bytes at data
	out    uintptr // where to write
	room   int64   // bytes that can be written
	staged int64   // bytes that were
}

// Holder is the object that grants a lease.
type Holder interface {
	// Returned ends the lease: taken bytes were read, written is to be sent.
	Returned(taken int, written []byte)
}

// Lease is the one lease that a loop has to give. Its methods are called with the
// loop's lock held. The zero value is ready and owns no memory.
type Lease struct {
	terms  *terms
	holder Holder // nil: not granted
	size   int    // bytes that could be read
}

// spare are the terms of loops that are gone. They are never unmapped: a thread
// may still be inside a callback that was given them.
var spare struct {
	sync.Mutex
	list []*terms
}

// Address returns where C finds the terms, and makes them; 0 without memory.
func (l *Lease) Address() uintptr {
	if l.terms == nil {
		l.terms = obtain()
	}
	return uintptr(unsafe.Pointer(l.terms))
}

func obtain() *terms {
	spare.Lock()
	defer spare.Unlock()
	if n := len(spare.list); n > 0 {
		t := spare.list[n-1]
		spare.list = spare.list[:n-1]
		return t
	}
	const head = int(unsafe.Sizeof(terms{}))
	p, err := sys.Map(head + Room)
	if err != nil {
		return nil
	}
	t := (*terms)(unsafe.Pointer(&p[0]))
	t.out = uintptr(unsafe.Pointer(&p[head]))
	return t
}

// Close gives the terms back. There is no lease after it.
func (l *Lease) Close() {
	if l.terms == nil {
		return
	}
	spare.Lock()
	spare.list = append(spare.list, l.terms)
	spare.Unlock()
	l.terms = nil
}

// Grant begins a lease of data, memory outside Go's heap that stays as it is
// meanwhile, for the handle token; room bytes, at most Room, may be written. It
// does nothing unless C knows the terms.
func (l *Lease) Grant(h Holder, token uintptr, data []byte, room int) {
	t := l.terms
	if t == nil {
		return
	}
	l.holder, l.size = h, len(data)
	t.token = token
	t.data = uintptr(unsafe.Pointer(unsafe.SliceData(data)))
	t.left = int64(len(data))
	t.room, t.staged = int64(room), 0
	atomic.StoreUint32(&t.state, granted)
}

// Revoke ends the lease, if one is granted.
func (l *Lease) Revoke() {
	if l.holder != nil {
		l.revoke()
	}
}

func (l *Lease) revoke() {
	t := l.terms
	for !atomic.CompareAndSwapUint32(&t.state, granted, none) {
		// A copy of some kilobytes at most is under way on another thread.
		unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
	}
	h := l.holder
	l.holder = nil
	written := unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(t), unsafe.Sizeof(terms{}))), t.staged)
	h.Returned(l.size-int(t.left), written)
}
