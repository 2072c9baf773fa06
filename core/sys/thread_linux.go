package sys

import "golang.org/x/sys/unix"

// ThreadID returns the calling thread's id.
func ThreadID() int {
	id, _ := unix.RawSyscallNoError(unix.SYS_GETTID, 0, 0, 0)
	return int(id)
}

// Yield lets other threads run.
func Yield() { unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0) }
