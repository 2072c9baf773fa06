package socket

import (
	"golang.org/x/sys/unix"

	"qnet/core/failure"
	"qnet/core/poll"
)

// unrepeated are events behind which there may be more than one read brings: an end,
// an error, or a mark of urgent data, at which the system stops a read.
const unrepeated = poll.PeerClosed | poll.Hangup | poll.Error | poll.Priority

// handler is a socket as the loop and the quota see it: what they call is nobody else's.
type handler Socket

// Ready is called by the loop when the descriptor is.
func (h *handler) Ready(events poll.Event) {
	s := (*Socket)(h)
	connection := s.connectionID
	// A hang-up or an error shows in whatever is tried next.
	if events&(poll.In|poll.Hangup|poll.Error) != 0 && s.interest&uint8(poll.In) != 0 {
		if s.receive(true) && events&unrepeated != 0 && s.connectionID == connection {
			s.rearm(events)
		}
	}
	if events&^poll.In != 0 && s.connectionID == connection {
		s.readyToSend(events, false)
	}
}

// readyFor is Ready for somebody who waits, without a running loop.
func (s *Socket) readyFor(events poll.Event) {
	connection := s.connectionID
	if events&(poll.In|poll.Hangup|poll.Error) != 0 && s.wantsData() {
		s.receive(false)
	}
	if s.connectionID == connection {
		s.readyToSend(events, true)
	}
}

// readyToSend goes on to send, and looks for the end of a connection of which only that
// direction is left.
func (s *Socket) readyToSend(events poll.Event, waiting bool) {
	connection := s.connectionID
	if wants, _ := s.wants(waiting); wants&poll.Out != 0 && events&^poll.In != 0 {
		s.flush()
	}
	if events&(poll.Hangup|poll.Error) != 0 && s.connectionID == connection {
		s.noteHangUp()
	}
}

// receive reads once and says so, soon if it may be later, else now. It reports whether
// data was taken from the system.
func (s *Socket) receive(later bool) bool {
	if s.udp() != nil {
		return s.udp().receive()
	}
	if x := s.messageMode(); x != nil {
		return x.receive()
	}
	if s.bypass && s.mode&ReadOnly != 0 {
		s.receiveUnbuffered()
		return false
	}
	room := maxRead
	if s.limited && s.mode&ReadOnly != 0 {
		// Never more than one read brings: a shorter one means that there is no more.
		if room = min(room, int(s.cold.readLimit)-s.rx.Len()); room <= 0 {
			s.pauseReading()
			return false
		}
	}
	n, err := s.rx.Fill(s.pool(), room, s.recv)
	if n <= 0 {
		s.nothingRead(err)
		return false
	}
	s.received += uint32(n)
	if n == room {
		s.rearm(poll.In)
	}
	if s.mode&ReadOnly == 0 {
		// Nobody can read it.
		s.rx.Clear(s.pool())
		s.notifyWaiters()
		s.afterReadyRead()
		return true
	}
	if later && s.readyRead != emitting && !s.receives() {
		s.enqueueReady(n)
		return true
	}
	connection := s.connectionID
	if s.receives() && !s.reportTruncation() {
		return true
	}
	s.emitReadyRead()
	if s.connectionID == connection {
		s.afterReadyRead()
	}
	return true
}

// nothingRead goes on after a read that has brought nothing: there is nothing now, or never
// will be.
func (s *Socket) nothingRead(err error) {
	switch {
	case err == unix.EAGAIN:
	case s.retryIfTransient(err):
		s.pauseReading()
	default:
		s.peerGone(err)
	}
}

// emitReadyRead emits that there is something to read.
func (s *Socket) emitReadyRead() {
	if s.emitReadyReadOnce() && s.Hears(SignalChannelReadyRead) {
		s.emit(SignalChannelReadyRead, 0)
	}
}

// emitReadyReadOnce emits readyRead, but not from within itself. It reports whether the
// connection goes on.
func (s *Socket) emitReadyReadOnce() bool {
	if s.readyRead == emitting {
		s.notifyWaiters()
		return true
	}
	s.readyRead = emitting
	defer func() { s.readyRead = quiet }() // also when a slot panics
	return s.emit(SignalReadyRead, 0)
}

// failConnection ends a connection because of f. The descriptor is of no use any more, but
// its number stays known to the callbacks of the error.
func (s *Socket) failConnection(f *failure.Failure) {
	if !s.flushPendingReadyRead() {
		return
	}
	s.broken = true
	s.outlet = free
	s.updateInterest()
	if !s.fail(f) {
		return
	}
	if f.Code == failure.RemoteHostClosed && s.has(peerEnded) && !s.has(sendFailed) && s.hasUnsent() {
		// A handler has written, and the peer may still listen.
		s.broken, s.exposed = false, false
	} else {
		s.dropDescriptor()
	}
	s.Disconnect()
}

// full reports whether the read buffer has reached its limit. What an unbuffered socket
// has looked at before it is read is not limited.
func (s *Socket) full() bool {
	return s.limited && s.unreadOnAll() >= s.cold.readLimit && !s.unbuffered() || s.descriptorsFull()
}

// unreadOnAll returns how many bytes the buffers of all channels have.
func (s *Socket) unreadOnAll() int64 {
	n := s.rx.Len()
	if x := s.Channels(); x != nil {
		n += x.others
	}
	return int64(n)
}

func (s *Socket) pauseReading() {
	s.paused = true
	s.updateInterest()
}

func (s *Socket) resumeReading() {
	if s.paused && !s.descriptorsFull() {
		s.paused = false
		s.updateInterest()
		if s.filtering&holdsInput != 0 {
			s.readAgain()
		}
		s.notifyWaiters()
	}
}

// resumeIfRoom reads on once the buffer is not full any more. Whoever makes room calls
// it: there may be nobody else to notice. Qt reads on only when a handler of readyRead
// has left room, or the buffer is empty. An unbuffered socket goes on when nothing is
// in front of what the system has.
func (s *Socket) resumeIfRoom() {
	if s.paused && s.udp() == nil && !s.full() && (!s.bypass || s.rx.Len() == 0) {
		s.resumeReading()
	}
}

// Resume reads on after a pause (QAbstractSocket::resume).
func (s *Socket) Resume() {
	if x := s.SSL(); x != nil && x.stage == sslPaused {
		x.resume()
		return
	}
	if !s.full() {
		s.resumeReading()
	}
}
