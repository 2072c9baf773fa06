package loop

// call is a callback under way: whose it is and on which thread.
type call struct {
	owner  any
	thread int
}

// Call runs f, a callback of owner, without the lock. Afterwards anything may
// have happened.
func (l *Loop) Call(owner any, f func()) {
	id := l.threadID()
	l.calls = append(l.calls, call{owner, id})
	l.mu.Unlock()
	defer l.returned(owner, id)
	f()
}

// returned takes the lock again, also when a callback panics.
func (l *Loop) returned(owner any, id int) {
	l.mu.Lock()
	l.holder = id
	// The last of this thread's, which is nearly always the last of all.
	for i := len(l.calls) - 1; i >= 0; i-- {
		if c := &l.calls[i]; c.thread == id && c.owner == owner {
			last := len(l.calls) - 1
			copy(l.calls[i:], l.calls[i+1:])
			l.calls[last] = call{}
			l.calls = l.calls[:last]
			return
		}
	}
}

// InCall tells whether a callback of owner is under way on any thread.
func (l *Loop) InCall(owner any) bool {
	for i := range l.calls {
		if l.calls[i].owner == owner {
			return true
		}
	}
	return false
}

// InCallElsewhere tells whether a callback of owner is under way on another
// thread than the calling one.
func (l *Loop) InCallElsewhere(owner any) bool {
	if len(l.calls) == 0 {
		return false
	}
	id := l.threadID()
	for i := range l.calls {
		if l.calls[i].owner == owner && l.calls[i].thread != id {
			return true
		}
	}
	return false
}
