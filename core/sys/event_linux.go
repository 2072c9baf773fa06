package sys

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// NewEvent returns a descriptor, an eventfd, that is readable from Signal to Drain.
func NewEvent() (int, error) {
	return AboveStandard(unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC))
}

// Signal makes what NewEvent has returned readable.
func Signal(fd int) {
	one := uint64(1)
	unix.RawSyscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&one)), 8)
}

// Drain makes what NewEvent, or NewTimer, has returned unreadable.
func Drain(fd int) {
	var count uint64
	unix.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&count)), 8)
}

// NewTimer returns a timerfd on the clock of Now.
func NewTimer() (int, error) {
	return AboveStandard(unix.TimerfdCreate(monotonic, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC))
}

// SetTimer makes a timerfd readable from the time at of Now, in nanoseconds, on; 0
// disarms it.
func SetTimer(fd int, at int64) {
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(at)}
	unix.TimerfdSettime(fd, unix.TFD_TIMER_ABSTIME, &spec, nil)
}
