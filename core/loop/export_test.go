package loop

import "time"

// OwnDescriptors returns how many descriptors l has for itself.
func (l *Loop) OwnDescriptors() int { return len(l.poller.Descriptors()) }

// Asleep reports whether l waits, without the lock.
func (l *Loop) Asleep() bool { return l.asleep }

// Idle reports whether l is as it was when it was made.
func (l *Loop) Idle() bool {
	return l.depth == 0 && len(l.execs) == 0 && !l.asleep
}

// Requeued returns how many watches are queued.
func (l *Loop) Requeued() int { return l.requeued.len() }

// FD returns the descriptor that w sleeps on.
func (w *Waiter) FD() int { return w.fd }

// HadItsShare has l let others run before it waits for the next time.
func (l *Loop) HadItsShare() { l.sharing = sharing{time.Now().Add(-share), leastWaits} }

// YieldsWaitingEach returns how often a loop lets others run in a second in which it waits that often.
func YieldsWaitingEach(interval time.Duration) (yields int) {
	var s sharing
	began := time.Now()
	for now := began; now.Sub(began) < time.Second; now = now.Add(interval) {
		if s.over(now) {
			yields++
		}
	}
	return yields
}
