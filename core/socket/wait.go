package socket

import (
	"time"

	"qnet/core/failure"
	"qnet/core/loop"
	"qnet/core/poll"
	"qnet/core/sys"
)

// The wait functions work without a running loop: they sleep on the socket's
// own descriptors and handle these as the loop would. Meanwhile the loop, or
// another thread, may do the same: whoever finds news wakes the others.

// awaited tells whether anybody waits for s.
func (s *Socket) awaited() bool { return s.rare != nil && s.rare.waiters.Len() > 0 }

// notifyWaiters wakes those who wait for s on other threads.
func (s *Socket) notifyWaiters() {
	if s.awaited() {
		s.rare.waiters.Notify()
	}
}

// wait handles the socket's events until done, until there is nothing to wait for
// any more or the host interrupts, and tells whether that came before the deadline.
func (s *Socket) wait(until time.Time, done func() bool) bool {
	waiters := &s.rarely().waiters
	w, err := waiters.Add(s.Loop())
	if err != nil {
		s.fail(failure.Create(err))
		return true
	}
	defer waiters.Remove(s.Loop(), w)
	epoch := s.epoch
	if s.announced {
		s.tell()
	}
	if s.txDirect > 0 && s.epoch == epoch && s.Alive() {
		// It was sent, and is signalled by the loop if not here.
		s.flush()
	}
	for first := true; ; first = false {
		if done() || s.fd < 0 && s.dialOrNil() == nil {
			return true
		}
		if s.broken && s.InCallHere() {
			// In the handler of the error that ends the connection: nothing
			// goes on before it returns.
			return true
		}
		if w.Interrupted() {
			return true
		}
		if !first && !until.IsZero() && !time.Now().Before(until) {
			return false
		}
		s.sleep(w, until)
	}
}

// sleep waits for one event of s and handles it.
func (s *Socket) sleep(w *loop.Waiter, until time.Time) {
	if d := s.dialOrNil(); d != nil {
		d.sleep(w, until)
		return
	}
	if s.starved {
		s.sleepInShortage(w, until)
		return
	}
	var list []poll.Waited
	if s.fd >= 0 && !s.broken {
		var want poll.Event
		if s.wantsData() {
			want |= poll.In
		}
		if s.tx.Len() > 0 {
			want |= poll.Out
		}
		if want != 0 || s.has(readEnded) {
			// Without a wish the system would tell of a hang-up for ever.
			list = append(list, poll.For(int(s.fd), want))
		}
	}
	epoch := s.epoch
	if !s.Loop().Sleep(w, list, until) || s.epoch != epoch || len(list) == 0 {
		return
	}
	events := list[0].Events()
	if events&(poll.In|poll.Hangup|poll.Error) != 0 && s.wantsData() {
		s.receive(false)
	}
	if s.epoch == epoch && events&(poll.Out|poll.Hangup|poll.Error) != 0 && s.tx.Len() > 0 {
		s.flush()
	}
	if s.epoch == epoch {
		s.noteHangUp(events&(poll.Hangup|poll.Error) != 0)
	}
}

// receiveArrived reads what the system has while the loop does not ask for it any more,
// because s is closing. The peer's end is not looked for: what is written goes out first.
func (s *Socket) receiveArrived() {
	epoch := s.epoch
	for s.epoch == epoch && s.Alive() && s.state == Closing && !s.unbuffered() && !s.broken &&
		sys.Available(int(s.fd)) > 0 && s.receive(false) {
	}
}

func (s *Socket) dialOrNil() *dial {
	if s.rare == nil {
		return nil
	}
	return s.rare.dial
}

// sleep waits for the end of a look-up or of an attempt, and goes on.
func (d *dial) sleep(w *loop.Waiter, until time.Time) {
	s := d.s
	if d.lookedUp {
		s.takeLookup(d)
		return
	}
	var list []poll.Waited
	for _, a := range d.attempts {
		list = append(list, poll.For(a.fd, poll.Out))
	}
	if at, ok := d.timer.Due(); ok {
		next := time.Now().Add(time.Duration(at - sys.Now()))
		if until.IsZero() || next.Before(until) {
			until = next
		}
	}
	if len(list) == 0 && s.state == Connecting {
		// Called from inside hostFound: nothing has been tried yet.
		d.begin()
		return
	}
	attempts := append([]*attempt(nil), d.attempts...)
	s.Loop().Sleep(w, list, until)
	if s.dialOrNil() != d {
		return
	}
	for i, a := range attempts {
		if list[i].Events() != 0 && a.pending() {
			a.Ready(0)
			return
		}
	}
	if at, ok := d.timer.Due(); ok && at <= sys.Now() {
		d.tick()
	}
}

// pending tells whether a is still one of the attempts under way.
func (a *attempt) pending() bool {
	if a.d.s.dialOrNil() != a.d {
		return false
	}
	for _, other := range a.d.attempts {
		if other == a {
			return true
		}
	}
	return false
}

// WaitForConnected waits until connected; false after the time or a failure
// (QAbstractSocket::waitForConnected).
func (s *Socket) WaitForConnected(msec int) bool {
	switch s.state {
	case Connected:
		return true
	case HostLookup, Connecting:
	default:
		return false
	}
	if s.kind == Local {
		return s.waitForServer(msec)
	}
	// Closing must wait until the caller has seen the connection.
	closeLater := s.closeLater
	s.closeLater = false
	d := s.dialOrNil()
	ended := s.wait(loop.Deadline(msec), func() bool { return !s.Alive() || s.dialOrNil() != d })
	if !s.Alive() {
		return false
	}
	if !ended {
		s.failure = failure.WaitTimeout
		s.dropDescriptor()
		s.enter(Unconnected)
		return false
	}
	if d != nil && s.dialOrNil() == d {
		// Interrupted: the attempt goes on.
		s.closeLater = s.closeLater || closeLater
		return false
	}
	connected := s.state == Connected
	if closeLater {
		s.Disconnect()
	}
	return connected
}

// connectible tells whether there is a connection, or will be.
func (s *Socket) connectible() bool {
	return s.state != Unconnected && (s.state != Bound || s.udp() != nil)
}

// connectFirst waits for a connection that is being made, within the deadline, but not
// for another one that a handler begins when this one has ended.
func (s *Socket) connectFirst(until time.Time) bool {
	if !s.connecting() {
		return true
	}
	return s.WaitForConnected(remaining(until)) && !s.connecting()
}

func (s *Socket) connecting() bool { return s.state == HostLookup || s.state == Connecting }

func remaining(until time.Time) int {
	if until.IsZero() {
		return -1
	}
	return max(0, int((time.Until(until)+time.Millisecond-1)/time.Millisecond))
}

// takesNothing reports whether no data will come now: the buffer is full, or the peer has
// ended its direction.
func (s *Socket) takesNothing() bool { return s.full() || s.has(readEnded) }

// WaitForReadyRead waits until new data has come and readyRead was emitted
// (QAbstractSocket::waitForReadyRead).
func (s *Socket) WaitForReadyRead(msec int) bool {
	until := loop.Deadline(msec)
	if !s.connectible() || !s.connectFirst(until) || s.state == Closing {
		return false
	}
	if s.udp() != nil && s.udp().tellPending() {
		return s.Alive()
	}
	if s.announced && s.unread() > 0 {
		s.tell()
		return s.Alive()
	}
	if s.bypass {
		// What was told already and is still in the system counts.
		s.resumeReading()
	}
	epoch, before := s.epoch, s.received
	ended := s.wait(until, func() bool {
		// What is to be sent goes out first.
		return !s.Alive() || s.epoch != epoch || s.received != before || s.takesNothing() && !s.hasUnsent()
	})
	if !s.Alive() {
		return false
	}
	if !ended && !s.takesNothing() {
		s.fail(failure.PollTimeout)
		return false
	}
	return s.received != before
}

// WaitForBytesWritten waits until something was sent and bytesWritten emitted
// (QAbstractSocket::waitForBytesWritten).
func (s *Socket) WaitForBytesWritten(msec int) bool {
	until := loop.Deadline(msec)
	if !s.connectible() {
		s.warn("wait_for_bytes_written: the socket is not connected")
		return false
	}
	if s.tx.Len() == 0 && s.txDirect == 0 || !s.connectFirst(until) {
		return false
	}
	epoch, before := s.epoch, s.sent
	ended := s.wait(until, func() bool {
		s.receiveArrived()
		return !s.Alive() || s.sent != before || s.epoch != epoch
	})
	if !s.Alive() {
		return false
	}
	if !ended {
		s.fail(failure.PollTimeout)
		return false
	}
	return s.sent != before
}

// WaitForDisconnected waits until disconnected
// (QAbstractSocket::waitForDisconnected).
func (s *Socket) WaitForDisconnected(msec int) bool {
	until := loop.Deadline(msec)
	if !s.connectible() {
		s.warn("wait_for_disconnected: the socket is not connected")
		return false
	}
	if !s.connectFirst(until) {
		return false
	}
	epoch := s.epoch
	ended := s.wait(until, func() bool { return !s.Alive() || s.state == Unconnected || s.epoch != epoch })
	if !s.Alive() {
		return false
	}
	if !ended {
		s.fail(failure.PollTimeout)
		return false
	}
	return s.state == Unconnected || s.epoch != epoch
}
