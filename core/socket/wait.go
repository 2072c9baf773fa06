package socket

import (
	"sync"
	"time"

	"qnet/core/failure"
	"qnet/core/loop"
	"qnet/core/poll"
	"qnet/core/sys"
)

// The wait functions work without a running loop: they sleep on the socket's
// own descriptors and handle these as the loop would. Meanwhile the loop, or
// another thread, may do the same: whoever finds news wakes the others.

// awaited reports whether anybody waits for s.
func (s *Socket) awaited() bool { return s.cold != nil && s.cold.waiters.Len() > 0 }

// notifyWaiters wakes those who wait for s on other threads.
func (s *Socket) notifyWaiters() {
	if s.awaited() {
		s.cold.waiters.Notify()
	}
}

// wait handles the socket's events until done, until there is nothing to wait for
// any more or the host interrupts, and reports whether that came before the deadline.
func (s *Socket) wait(until time.Time, done func(*wait) bool) bool {
	connection := s.connectionID
	w := spareWaits.Get().(*wait)
	*w = wait{s: s, done: done, first: connection, received: s.arrivals(), sent: s.departures()}
	defer w.release()
	if s.readyRead == due {
		s.emitPendingReadyRead()
	}
	if s.txDirect > 0 && s.connectionID == connection && s.Alive() {
		s.flush()
	}
	s.Pin()
	defer s.Unpin()
	ending, err := s.ensureCold().waiters.Wait(s.Loop(), until, w)
	if err != nil {
		s.fail(failure.Create(err))
	}
	return ending != loop.TimedOut
}

// spareWaits are those that are over: who waits does so for each message.
var spareWaits = sync.Pool{New: func() any { return &wait{} }}

func (w *wait) release() {
	*w = wait{}
	spareWaits.Put(w)
}

// sentUnsignalled reports whether something was sent that is signalled by the loop, if not by
// who waits.
func (s *Socket) sentUnsignalled() bool { return s.txDirect > 0 && s.sends() }

// readsUntold reports whether reading is of use though the system does not tell so.
func (s *Socket) readsUntold() bool {
	x := s.SSL()
	return s.filtering&holdsInput != 0 || x != nil && x.moved
}

// wait is one for s.
type wait struct {
	s    *Socket
	done func(*wait) bool

	first          uint32 // the connection at its beginning
	received, sent uint32 // until then

	connection uint32 // of the descriptor that was looked at
	looks      bool   // at it
}

func (w *wait) Over() bool {
	s := w.s
	// In the handler of the error that ends the connection nothing goes on before it
	// returns, nor in the one that finds a password.
	return w.done(w) || s.fd < 0 && s.attempt() == nil || (s.broken || s.asking()) && s.InCallHere()
}

func (w *wait) Wants(list []poll.Waited) ([]poll.Waited, int64) {
	s := w.s
	w.connection, w.looks = s.connectionID, false
	if a := s.attempt(); a != nil {
		list, at := a.Wants(list)
		return list, s.limitAt(at)
	}
	if s.recheck == noMemory {
		return list, sys.Now() + int64(loop.RecheckAfter)
	}
	if x := s.SSL(); x != nil && x.due {
		return list, sys.Now()
	}
	if events, any := s.wants(true); any {
		list = append(list, poll.For(int(s.fd), events))
		w.looks = true
	}
	if s.readsUntold() && s.wantsData() || s.sentUnsignalled() {
		return list, sys.Now()
	}
	if r := s.relay(); r != nil {
		return r.Wants(list)
	}
	return list, 0
}

func (w *wait) Proceed(wanted []poll.Waited) {
	s := w.s
	switch a := s.attempt(); {
	case s.connectionID != w.connection || !s.Alive():
	case a != nil && s.limitDue():
		s.limitReached()
	case a != nil:
		a.Proceed()
	case s.recheck == noMemory:
		s.recheck = scheduled
		s.retry()
	default:
		w.proceed(wanted)
	}
}

// proceed looks at the connection that there is.
func (w *wait) proceed(wanted []poll.Waited) {
	s := w.s
	if x := s.SSL(); x != nil && x.due {
		x.proceed()
		return
	}
	if w.looks {
		events := wanted[0].Events()
		if s.readsUntold() {
			events |= poll.In
		}
		s.readyFor(events)
	}
	if s.connectionID == w.connection && s.sentUnsignalled() {
		s.flush()
	}
	if r := s.relay(); r != nil && s.connectionID == w.connection && s.Alive() {
		r.Proceed()
	}
}

// attempt is one at a connection, under way. Who waits for it does what the loop would.
type attempt interface {
	// Wants is that of a loop.Awaited.
	Wants(list []poll.Waited) (wanted []poll.Waited, at int64)
	// Proceed does what there is to do.
	Proceed()
}

// attempt returns the one that is under way; nil if there is none.
func (s *Socket) attempt() attempt {
	if c := s.connector(); c != nil {
		return c
	}
	if s.kind == Local && s.cold != nil && s.cold.local.attempt != nil {
		return s.cold.local.attempt
	}
	return nil
}

// receiveArrived reads what the system has while the loop does not ask for it any more,
// because s is closing. The peer's end is not looked for: what is written goes out first.
func (s *Socket) receiveArrived() {
	connection := s.connectionID
	for s.connectionID == connection && s.Alive() && s.state == Closing && !s.unbuffered() && !s.broken &&
		s.arrived() && s.receive(false) {
	}
}

// WaitForConnected waits until connected, and reports whether it is
// (QAbstractSocket::waitForConnected).
func (s *Socket) WaitForConnected(msec int) bool {
	switch s.state {
	case Connected:
		return true
	case HostLookup, Connecting:
	default:
		return false
	}
	a := s.attempt()
	if a == nil && s.kind == Local {
		// In a handler that connecting itself has called, or adopted in this state.
		return false
	}
	// Closing must wait until the caller has seen the connection.
	closeLater := s.closeLater
	s.closeLater = false
	ended := s.wait(loop.Deadline(msec), func(*wait) bool { return !s.Alive() || s.attempt() != a })
	switch {
	case !s.Alive():
		return false
	case !ended:
		s.waitTimedOut()
		return false
	case a != nil && s.attempt() == a:
		// Interrupted: the attempt goes on.
		s.closeLater = s.closeLater || closeLater
		return false
	}
	connected := s.state == Connected
	if closeLater && (connected || a == nil) {
		s.Disconnect()
	}
	return connected
}

// waitTimedOut ends an attempt for which there was no more time to wait.
func (s *Socket) waitTimedOut() {
	if s.kind == Local {
		s.serverFailed(failure.LocalTimeout)
		return
	}
	s.failure = failure.WaitTimeout
	s.dropDescriptor()
	s.enter(Unconnected)
}

// connectible reports whether there is a connection, or will be.
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

// arrivals and departures count what waits are for: with channels only that of the current ones.
func (s *Socket) arrivals() uint32 {
	if x := s.messageMode(); x != nil {
		return x.arrivals
	}
	return s.received
}

func (s *Socket) departures() uint32 {
	if x := s.messageMode(); x != nil {
		return x.departure
	}
	return s.sent
}

// gone reports whether the connection of the wait is there no more.
func (w *wait) gone() bool { return !w.s.Alive() || w.s.connectionID != w.first }

func (w *wait) hasReceived() bool {
	// What is to be sent goes out first.
	return w.gone() || w.s.arrivals() != w.received || w.s.takesNothing() && !w.s.hasUnsent()
}

func (w *wait) hasSent() bool {
	w.s.receiveArrived()
	return w.gone() || w.s.departures() != w.sent
}

func (w *wait) hasDisconnected() bool { return w.gone() || w.s.state == Unconnected }

// WaitForReadyRead waits until new data has come and readyRead was emitted, and reports
// whether that was so
// (QAbstractSocket::waitForReadyRead).
func (s *Socket) WaitForReadyRead(msec int) bool {
	until := loop.Deadline(msec)
	if !s.connectible() || !s.connectFirst(until) || s.state == Closing {
		return false
	}
	if s.udp() != nil && s.udp().flushPendingReadyRead() {
		return s.Alive()
	}
	if s.readyRead == due && s.unread() > 0 {
		s.emitPendingReadyRead()
		return s.Alive()
	}
	if s.bypass {
		// What was told already and is still in the system counts.
		if s.paused && sys.Available(int(s.fd)) > 0 {
			return true
		}
		s.resumeReading()
	}
	before := s.arrivals()
	ended := s.wait(until, (*wait).hasReceived)
	if !s.Alive() {
		return false
	}
	if !ended && !s.takesNothing() {
		s.fail(failure.PollTimeout)
		return false
	}
	return s.arrivals() != before
}

// WaitForBytesWritten waits until something was sent and bytesWritten emitted, and reports
// whether that was so
// (QAbstractSocket::waitForBytesWritten).
func (s *Socket) WaitForBytesWritten(msec int) bool {
	until := loop.Deadline(msec)
	if !s.connectible() {
		s.warn("wait_for_bytes_written", "the socket is not connected")
		return false
	}
	if s.BytesToWrite() == 0 && !s.holdsEarly() || !s.connectFirst(until) {
		return false
	}
	before := s.departures()
	ended := s.wait(until, (*wait).hasSent)
	if !s.Alive() {
		return false
	}
	if !ended {
		s.fail(failure.PollTimeout)
		return false
	}
	return s.departures() != before
}

// WaitForDisconnected waits until disconnected, and reports whether it is
// (QAbstractSocket::waitForDisconnected).
func (s *Socket) WaitForDisconnected(msec int) bool {
	until := loop.Deadline(msec)
	if !s.connectible() {
		s.warn("wait_for_disconnected", "the socket is not connected")
		return false
	}
	if !s.connectFirst(until) {
		return false
	}
	connection := s.connectionID
	ended := s.wait(until, (*wait).hasDisconnected)
	if !s.Alive() {
		return false
	}
	if !ended {
		s.fail(failure.PollTimeout)
		return false
	}
	return s.state == Unconnected || s.connectionID != connection
}
