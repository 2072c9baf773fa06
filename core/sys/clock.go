package sys

import "golang.org/x/sys/unix"

// Now returns the monotonic time in nanoseconds.
func Now() int64 {
	var ts unix.Timespec
	unix.ClockGettime(monotonic, &ts)
	return ts.Nano()
}
