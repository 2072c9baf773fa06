//go:build darwin || freebsd

package sys

import (
	"time"

	"golang.org/x/sys/unix"
)

// poll waits up to a time; a negative one is no limit. Milliseconds are all that poll(2)
// knows: they are rounded up, since a wait must not end early.
func poll(fds []unix.PollFd, left time.Duration) (int, error) {
	const longest = 24 * time.Hour
	switch {
	case left < 0:
		return unix.Poll(fds, -1)
	case left > longest:
		n, err := unix.Poll(fds, int(longest/time.Millisecond))
		if n == 0 && err == nil {
			err = unix.EINTR // to be called again
		}
		return n, err
	}
	return unix.Poll(fds, int((left+time.Millisecond-1)/time.Millisecond))
}
