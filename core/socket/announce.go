package socket

import "qnet/core/lease"

// announce has readyRead emitted once the loop has looked at the others that are
// ready, for size bytes.
func (s *Socket) announce(size int) {
	if s.readyRead == quiet {
		s.readyRead = due
		s.Loop().Announce((*handler)(s), s.epoch, size)
	}
}

// Lend lets the callback of readyRead, if there is but one, read what one read from
// the system has brought, and write, without the lock. It reports whether it may.
func (h *handler) Lend(t *lease.Terms, epoch uint32) bool {
	s := (*Socket)(h)
	if s.readyRead != due || s.epoch != epoch || s.state != Connected || s.mode&(ReadOnly|Text) != ReadOnly ||
		s.unbuffered() || s.transacting || s.awaited() || !s.Alive() {
		return false
	}
	slot := s.Only(SignalReadyRead)
	if slot == nil || !slot.Direct() {
		return false
	}
	data := s.rx.Lendable()
	if len(data) == 0 {
		return false
	}
	t.Function, t.Handle, t.UserData = slot.Function, s.Attachment().Address(), slot.Data
	t.Lend(data, s.mode&WriteOnly != 0 && s.WriteLimit() == 0 && !s.has(writeEnded))
	return true
}

// Returned ends what Lend has begun.
func (h *handler) Returned(t *lease.Terms, inside bool) {
	s := (*Socket)(h)
	s.readyRead = quiet
	// First: it may be among what was read.
	if written := t.Written(); len(written) > 0 {
		s.take(written, inside)
	}
	if taken := s.rx.Len() - t.Left(); taken > 0 {
		s.rx.Discard(s.pool(), taken)
		s.resumeIfRoom()
	}
	if inside {
		s.readyRead = emitting
		s.Enter()
	} else {
		s.told()
	}
}

// take sends what the callback has written, or has it sent later, as anything else that
// is written.
func (s *Socket) take(p []byte, inside bool) {
	if !inside && !s.hasUnsent() && s.outlet == free && !s.broken {
		n, err := s.send(p)
		if err == nil {
			if p = p[n:]; len(p) == 0 && !s.Hears(SignalBytesWritten) {
				s.sent += uint32(n)
				return
			}
			s.txDirect += uint32(n)
		}
	}
	s.tx.Append(s.pool(), p)
	s.flushLater()
}

// Left is called when the callback has returned that was under way before.
func (h *handler) Left(epoch uint32) {
	s := (*Socket)(h)
	s.readyRead = quiet
	if s.epoch == epoch {
		s.told()
	}
	s.Leave()
}

// Tell emits readyRead if that is still to be done.
func (h *handler) Tell(epoch uint32) {
	s := (*Socket)(h)
	if s.readyRead == due && s.epoch == epoch {
		s.tell()
	}
}

// tell emits the readyRead that was announced. It reports whether the connection goes on.
func (s *Socket) tell() bool {
	epoch := s.epoch
	s.readyRead = quiet
	if !s.Alive() || s.state == Closing || s.unread() == 0 {
		// Who was told before has read it already, or ended the connection.
		return true
	}
	s.sayReadyRead()
	if s.epoch != epoch {
		return false
	}
	s.told()
	return s.Alive()
}

// toldAll emits what was announced, if anything, before an end is told. It reports whether
// the connection goes on.
func (s *Socket) toldAll() bool { return s.readyRead != due || s.tell() }

// told goes on after readyRead was emitted.
func (s *Socket) told() {
	if s.rx.Len() > 0 {
		s.rx.Settle(s.pool())
	}
	if s.full() {
		s.pauseReading()
	} else if s.kind == Local && s.edge {
		s.lookLater()
	}
}
