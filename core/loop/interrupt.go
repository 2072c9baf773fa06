package loop

// Interrupt ends the turns that are under way, each once the callback that it is in
// has returned: nothing more is polled or signalled, and what is left is for the next
// turn. A turn that sleeps ends at once, and if there is none the next does not sleep
// (QAbstractEventDispatcher::interrupt).
//
// What one event, call or timer of one object causes is a whole and is not cut.
func (l *Loop) Interrupt() {
	l.interrupts++
	l.wake()
}

// interrupted reports whether the turn under way is to end. It is asked between two callbacks,
// when objects may leave: that gives up the lock.
func (l *Loop) interrupted() bool {
	if len(l.departing) > 0 {
		l.departBetween()
	}
	return l.seen != l.interrupts
}

// cut is a turn that was interrupted, if the last one was. The next begins anew, but
// not for ever: whoever interrupts each turn must not keep those from theirs who come
// later in it.
type cut struct {
	progress
	by    uint64 // the number of the interruption
	count int    // of turns in succession that did not come to the last of these, the timers
}

func (c *cut) note(p progress, by uint64) {
	switch {
	case p.step >= expireTimers:
		c.count = 0
	case by != c.by: // else it was counted with the turn inside
		c.count++
	}
	c.progress, c.by = p, by
}

// take returns the turn and reports whether it is to be brought to its end first.
func (c *cut) take() (progress, bool) {
	p := c.progress
	c.progress = progress{}
	return p, p.begun && c.count > 1
}
