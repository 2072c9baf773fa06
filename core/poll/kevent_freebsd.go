package poll

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// kevent is unix.Kevent_t with a number where that has a pointer, which Go's collector
// would follow.
type kevent struct {
	ident  uint64
	filter int16
	flags  uint16
	fflags uint32
	data   int64
	serial uint64
	_      [4]uint64
}

var _ = [1]struct{}{}[unsafe.Sizeof(kevent{})-unsafe.Sizeof(unix.Kevent_t{})]

// priorityFilter is 0: nothing tells of urgent data here.
const priorityFilter, priorityNote = 0, 0
