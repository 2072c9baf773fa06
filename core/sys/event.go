package sys

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// NewEvent returns an eventfd: readable from Signal to Drain.
func NewEvent() (int, error) {
	return AboveStandard(unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC))
}

// Signal makes an eventfd readable.
func Signal(fd int) {
	one := uint64(1)
	unix.RawSyscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&one)), 8)
}

// Drain makes an eventfd or a timerfd unreadable.
func Drain(fd int) {
	var count uint64
	unix.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&count)), 8)
}

// NewTimer returns a timerfd on the monotonic clock.
func NewTimer() (int, error) {
	return AboveStandard(unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC))
}

// SetTimer makes a timerfd readable from the monotonic time at, in nanoseconds,
// on; 0 disarms it.
func SetTimer(fd int, at int64) {
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(at)}
	unix.TimerfdSettime(fd, unix.TFD_TIMER_ABSTIME, &spec, nil)
}

// Now returns the monotonic time in nanoseconds, on the clock of SetTimer.
func Now() int64 {
	var ts unix.Timespec
	unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
	return ts.Nano()
}
