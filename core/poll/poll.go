// Package poll asks the system which descriptors are ready. A Poller does it for many,
// with one descriptor of its own that tells of all of them; each system has its own, with
// the same methods. Wait does it for a few, once.
//
// A Poller also tells that somebody has woken it, and that a time has come, so that
// whoever polls its descriptor needs nothing else.
package poll

// Event is a set of what there is to tell of a descriptor. The values are the system's.
type Event uint32

// The tags below FirstTag are a Poller's own: the program's begin there.
const (
	WakeTag  = 1
	TimerTag = 2
	FirstTag = 3
)
