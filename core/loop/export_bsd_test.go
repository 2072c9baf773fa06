//go:build darwin || freebsd

package loop

// TimerDescriptor returns the descriptor that tells of timers, among other things.
func (l *Loop) TimerDescriptor() int { return l.poller.FD() }
