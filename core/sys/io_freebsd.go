package sys

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// writeQuietly writes to what is no socket. There is no MSG_NOSIGNAL for a
// pipe, so SIGPIPE is blocked around the call and a new one is taken away:
// the process's signal dispositions are its own.
func writeQuietly(fd int, p []byte) (int, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var pipe, old, pending unix.Sigset_t
	pipe.Val[0] = 1 << (uint(unix.SIGPIPE) - 1)
	const block, restore = 1, 3 // SIG_BLOCK, SIG_SETMASK
	unix.RawSyscall(unix.SYS_SIGPROCMASK, block, uintptr(unsafe.Pointer(&pipe)), uintptr(unsafe.Pointer(&old)))
	unix.RawSyscall(unix.SYS_SIGPENDING, uintptr(unsafe.Pointer(&pending)), 0, 0)
	n, err := write(fd, p)
	if err == unix.EPIPE && pending.Val[0]&pipe.Val[0] == 0 {
		var now unix.Timespec
		unix.RawSyscall(unix.SYS_SIGTIMEDWAIT, uintptr(unsafe.Pointer(&pipe)), 0, uintptr(unsafe.Pointer(&now)))
	}
	unix.RawSyscall(unix.SYS_SIGPROCMASK, restore, uintptr(unsafe.Pointer(&old)), 0)
	return n, err
}

// Outstanding returns how many bytes that were sent the other end has not taken yet;
// 0 if that is unknown, as it is of a local socket.
func Outstanding(fd int) int {
	const fionwrite = 0x40046677 // FIONWRITE
	n, err := unix.IoctlGetInt(fd, fionwrite)
	if err != nil {
		return 0
	}
	return n
}
