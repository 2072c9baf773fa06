package loop

import "time"

// Rechecker has to look once more for what the system may not have reported.
type Rechecker interface {
	Recheck()
}

// RecheckAfter is when that is: the time after which what the system lacked, or did not
// report, is asked for once more.
const RecheckAfter = 20 * time.Millisecond

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
		l.StartTimer(&q.timer, RecheckAfter)
	}
}

func (l *Loop) recheck() {
	list := l.rechecks.list
	for i, k := range list {
		if list[i] = nil; k != nil {
			k.Recheck()
		}
	}
	l.rechecks.list = list[:0]
}
