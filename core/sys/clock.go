package sys

import (
	"time"

	"golang.org/x/sys/unix"
)

// Now returns the monotonic time in nanoseconds. It does not enter the system where Go can
// read the clock without.
func Now() int64 { return origin.clock + int64(time.Since(origin.at)) }

// origin is a moment on the clock and in Go's time, which goes by the same clock but does not
// tell where that stands.
var origin = func() (o struct {
	at    time.Time
	clock int64
}) {
	// The clock is read after Go's: Now is ahead of it by what lies between, so that what is
	// due at a time of Now is never early by the clock. The shortest of some tries is taken.
	shortest := time.Duration(-1)
	for range 10 {
		at := time.Now()
		var ts unix.Timespec
		unix.ClockGettime(monotonic, &ts)
		if took := time.Since(at); shortest < 0 || took < shortest {
			o.at, o.clock, shortest = at, ts.Nano(), took
		}
	}
	return o
}()
