package sys

import (
	"time"

	"golang.org/x/sys/unix"
)

// poll waits up to a time; a negative one is no limit.
func poll(fds []unix.PollFd, left time.Duration) (int, error) {
	if left < 0 {
		return unix.Ppoll(fds, nil, nil)
	}
	ts := unix.NsecToTimespec(int64(left))
	return unix.Ppoll(fds, &ts, nil)
}
