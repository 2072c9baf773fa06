package sys

import "golang.org/x/sys/unix"

// monotonic is the clock by which the system's own timers go. CLOCK_MONOTONIC is another
// here: it goes on while the machine sleeps.
const monotonic = unix.CLOCK_UPTIME_RAW
