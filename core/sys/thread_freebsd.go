package sys

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// ThreadID returns the calling thread's id.
func ThreadID() int {
	var id int64 // a C long
	unix.RawSyscall(unix.SYS_THR_SELF, uintptr(unsafe.Pointer(&id)), 0, 0)
	return int(id)
}

// Yield lets other threads run.
func Yield() { unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0) }
