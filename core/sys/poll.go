package sys

import (
	"time"

	"golang.org/x/sys/unix"
)

// Poll waits until one of fds is ready or the deadline has passed (zero: no
// deadline). It returns how many are ready, 0 after the time.
func Poll(fds []unix.PollFd, deadline time.Time) int {
	for {
		left := time.Duration(-1)
		if !deadline.IsZero() {
			left = max(0, time.Until(deadline))
		}
		n, err := poll(fds, left)
		if err == nil {
			return n
		}
		if err != unix.EINTR {
			return 0
		}
	}
}
