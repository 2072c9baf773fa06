package loop

import "golang.org/x/sys/unix"

// WakeUps takes the number of writes to the descriptor that wakes l up, since
// it was last read.
func (l *Loop) WakeUps() int {
	var count [8]byte
	if n, err := unix.Read(l.poller.Descriptors()[1], count[:]); n != 8 || err != nil {
		return 0
	}
	l.woken = false
	return int(count[0]) | int(count[1])<<8
}

// TimerDescriptor returns the number of l's timerfd.
func (l *Loop) TimerDescriptor() int { return l.poller.Descriptors()[2] }
