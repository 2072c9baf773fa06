package loop

import (
	"runtime"
	"time"

	"qnet/core/poll"
)

// maxEvents is how many descriptors one turn serves; the rest is still ready
// in the next.
const maxEvents = 256

// step is a part of a turn.
type step uint8

const (
	callPosted   step = iota
	flushWritten      // by them and outside of turns
	serveLeft         // events that a turn around this one has fetched
	fetch             // more events
	serveFetched
	serveRequeued
	expireTimers
	flushAnswers
	steps
)

// progress is how far a turn has come. The zero value is the beginning.
type progress struct {
	step     step
	begun    bool
	end      uint64 // of what the step does: what comes meanwhile is for the next turn
	requeued uint64 // the same for the step of that name
}

// turn does once what there is to do: posted calls, what was written, ready
// descriptors, timers, and what was written by them. Only when there is nothing
// does it wait.
func (l *Loop) turn(msec int) bool {
	l.seen = l.interrupts
	did := false
	if p, again := l.cut.take(); again {
		if did = l.proceed(&p, 0); did {
			msec = 0
		}
		if l.interrupted() {
			return did
		}
	}
	return l.proceed(&progress{}, msec) || did
}

// proceed does the rest of a turn, or as much of it as comes before an interruption.
func (l *Loop) proceed(p *progress, msec int) bool {
	did := false
	for ; p.step < steps; p.step, p.begun = p.step+1, false {
		if did || l.hasWork() {
			msec = 0
		}
		did = l.do(p, msec) || did
		if l.interrupted() {
			l.cut.note(*p, l.interrupts)
			l.send()
			return did
		}
	}
	l.cut.count = 0
	return did
}

// do does a step, or goes on with it.
func (l *Loop) do(p *progress, msec int) bool {
	begins := !p.begun
	p.begun = true
	switch p.step {
	case callPosted:
		if begins {
			p.end = l.posted.count
		}
		return l.runPosted(p.end)
	case flushWritten, flushAnswers:
		if begins {
			p.end = l.flushers.end()
		}
		return l.flush(p.end)
	case fetch:
		if begins {
			p.requeued = l.requeued.end()
			l.ready = l.events[:l.fetch(l.events[:], msec)]
		}
	case serveLeft, serveFetched:
		return l.serve()
	case serveRequeued:
		return l.serveRequeued(p.requeued)
	case expireTimers:
		if l.expired {
			l.expired = false
			return l.timers.run(l)
		}
	}
	return false
}

// serve hands out the events that were fetched. They are the loop's, not the
// turn's: the system tells of some of them only once, and what a nested turn waits
// for may be among those that the outer one still has to hand out.
func (l *Loop) serve() bool {
	did := false
	for len(l.ready) > 0 && !l.interrupted() {
		e := l.ready[0]
		l.ready = l.ready[1:]
		switch tag := e.Tag(); tag {
		case poll.WakeTag:
			l.poller.Slept()
			l.woken = false
			did = true
			if Woken != nil {
				Woken(l)
			}
		case poll.TimerTag:
			l.expired = true
		default:
			w := l.watches.entry(Watch(tag))
			if w != nil && (l.requeued.len() == 0 || !l.joins(Watch(tag), e.Events())) {
				l.dispatch(w.handler, e.Events())
				did = true
			}
		}
	}
	l.flushReadyRead()
	return did
}

// dispatch hands a handler its events, and begins a round if enough waits for one.
func (l *Loop) dispatch(h Handler, events poll.Event) {
	h.Ready(events)
	if l.readyQueue.batchFull() {
		answers := l.flushers.end()
		l.flushReadyRead()
		l.sendFrom(answers)
	}
}

// fetch first looks without waiting: under load there is always something, and a
// call that cannot block is cheaper. A loop that had to wait the last time, and then for
// no more than one descriptor, waits at once.
func (l *Loop) fetch(events []poll.Ready, msec int) (n int) {
	if l.expecting > mostBusy && l.letRun() && (l.hasWork() || l.interrupted()) {
		msec = 0
	}
	if msec == 0 || !l.quiet || l.idler != nil {
		n = l.poller.Now(events)
		if n == 0 && l.idler != nil {
			l.idler.Idle()
			if l.hasWork() || l.interrupted() {
				msec = 0
			}
		}
		if n > 0 || msec == 0 {
			if l.expecting > 0 {
				l.expecting++
			}
			return n
		}
	}
	now := time.Now()
	deadline := now.Add(time.Duration(msec) * time.Millisecond) // unless msec is -1
	holder := l.threadID()
	yields := l.yieldsAsleep(now)
	for {
		l.asleep = true
		l.Unlock()
		if yields {
			// Who has something for the loop meanwhile wakes it, as if it slept.
			runtime.Gosched()
			yields = false
		}
		n = l.poller.Wait(events, msec)
		l.retake(holder)
		l.asleep = false
		if n > 0 || l.hasWork() {
			l.quiet = n <= 1
			return n
		}
		if msec > 0 {
			left := time.Until(deadline)
			if left <= 0 {
				return 0
			}
			// Rounded up: a wait must not end early.
			msec = int((left + time.Millisecond - 1) / time.Millisecond)
		}
	}
}
