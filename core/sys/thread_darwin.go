package sys

import (
	"time"

	"golang.org/x/sys/unix"
)

// ThreadID returns the calling thread's id.
func ThreadID() int {
	// What pthread_threadid_np asks, too.
	id, _, _ := unix.RawSyscall(unix.SYS_THREAD_SELFID, 0, 0, 0)
	return int(id)
}

// Yield lets other threads run. The system's own call for that is none that Go reaches;
// the shortest sleep does it, too.
func Yield() { time.Sleep(time.Microsecond) }
