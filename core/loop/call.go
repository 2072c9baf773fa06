package loop

// Callee is part of what makes callbacks: it knows whether one is under way, and
// where. The zero value is ready.
type Callee struct {
	calls  int32
	thread int32 // of the first of them
	mixed  bool  // of these calls, some were on other threads
}

// InCall reports whether a callback is under way on any thread.
func (c *Callee) InCall() bool { return c.calls > 0 }

// Call runs f, a callback of c, without the lock. Afterwards anything may have
// happened. c may be nil.
func (l *Loop) Call(c *Callee, f func()) {
	id := l.threadID()
	if c != nil {
		c.enter(id)
	}
	l.Unlock()
	defer l.returned(c, id)
	f()
}

// returned takes the lock again, also when a callback panics.
func (l *Loop) returned(c *Callee, id int) {
	l.retake(id)
	if c != nil {
		c.Leave()
	}
}

// Enter notes a callback of c that the runner of the loop is in without Call.
func (l *Loop) Enter(c *Callee) { c.enter(l.runner) }

func (c *Callee) enter(thread int) {
	if c.calls == 0 {
		c.thread = int32(thread)
	} else if c.thread != int32(thread) {
		c.mixed = true
	}
	c.calls++
}

// Leave notes that such a callback has returned.
func (c *Callee) Leave() {
	c.calls--
	c.mixed = c.mixed && c.calls > 0
}

// InCallHere reports whether a callback of c is, or may be, under way on the
// calling thread.
func (l *Loop) InCallHere(c *Callee) bool {
	return c.calls > 0 && (c.mixed || c.thread == int32(l.threadID()))
}

// InCallElsewhere reports whether a callback of c is, or may be, under way on
// another thread than the calling one.
func (l *Loop) InCallElsewhere(c *Callee) bool {
	return c.calls > 0 && (c.mixed || c.thread != int32(l.threadID()))
}
