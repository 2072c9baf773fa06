package loop

import "time"

// Rechecker has to look once more for what the system may not have reported.
type Rechecker interface {
	Recheck()
}

// recheckAfter is how long it can take.
const recheckAfter = 20 * time.Millisecond

// rechecks are those that are due, all at the same time.
type rechecks struct {
	timer Timer
	list  []Rechecker
}

// ScheduleRecheck has k.Recheck called in some milliseconds, together with all others
// that are due then.
func (l *Loop) ScheduleRecheck(k Rechecker) {
	q := &l.rechecks
	q.list = append(q.list, k)
	if !q.timer.Running() {
		q.timer.Expired = l.recheck
		l.StartTimer(&q.timer, recheckAfter)
	}
}

func (l *Loop) recheck() {
	list := l.rechecks.list
	for i, k := range list {
		list[i] = nil
		k.Recheck()
	}
	l.rechecks.list = list[:0]
}
