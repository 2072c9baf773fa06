package loop

import "time"

// Looker has to look once more for what the system may not have told.
type Looker interface {
	Look()
}

// lookAfter is how long it can take.
const lookAfter = 20 * time.Millisecond

// looks are those who are to look, all at the same time.
type looks struct {
	timer Timer
	list  []Looker
}

// LookLater has k.Look called in some milliseconds, together with what else there
// is to look for then.
func (l *Loop) LookLater(k Looker) {
	q := &l.looks
	q.list = append(q.list, k)
	if !q.timer.Running() {
		q.timer.Expired = l.look
		l.StartTimer(&q.timer, lookAfter)
	}
}

func (l *Loop) look() {
	list := l.looks.list
	for i, k := range list {
		list[i] = nil
		k.Look()
	}
	l.looks.list = list[:0]
}
