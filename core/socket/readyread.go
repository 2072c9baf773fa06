package socket

import "qnet/core/lease"

// enqueueReady has readyRead emitted for size bytes, once the loop has looked at the other
// ready descriptors.
func (s *Socket) enqueueReady(size int) {
	if s.readyRead == quiet {
		s.readyRead = due
		s.Loop().EnqueueReady((*handler)(s), s.connectionID, size)
	}
}

// Lend lets the callback of readyRead, if there is but one, read what one read from
// the system has brought, and write, without the lock. It reports whether it may.
func (h *handler) Lend(t *lease.Terms, connection uint32) bool {
	s := (*Socket)(h)
	if s.readyRead != due || s.connectionID != connection || s.state != Connected || s.mode&(ReadOnly|Text) != ReadOnly ||
		s.unbuffered() || s.transacting || s.awaited() || s.Hears(SignalChannelReadyRead) || !s.Alive() {
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
	t.Lend(data, s.IsWritable() && s.WriteLimit() == 0)
	return true
}

// Returned ends what Lend has begun.
func (h *handler) Returned(t *lease.Terms, inside bool) {
	s := (*Socket)(h)
	s.readyRead = quiet
	s.rx.Show(s.pool())
	// First: it may be among what was read.
	if written := t.Written(); len(written) > 0 {
		s.sendWritten(written, inside)
	}
	if taken := s.rx.Len() - t.Left(); taken > 0 {
		s.rx.Discard(s.pool(), taken)
		s.resumeIfRoom()
	}
	if inside {
		s.readyRead = emitting
		s.Enter()
	} else {
		s.afterReadyRead()
	}
}

// sendWritten sends what the callback has written, or has it sent later, as anything else that
// is written.
func (s *Socket) sendWritten(p []byte, inside bool) {
	if !inside && !s.hasUnsent() && s.outlet == free && !s.broken {
		n, err := s.send(p)
		if err == nil {
			if p = p[n:]; len(p) == 0 && !s.hearsWritten() && !s.Hears(SignalEncryptedBytesWritten) {
				s.sent += uint32(n)
				return
			}
			s.txDirect += uint32(n)
		}
	}
	s.tx.AppendShown(s.pool(), p)
	s.flushLater()
}

// Left is called when the callback has returned that was under way before.
func (h *handler) Left(connection uint32) {
	s := (*Socket)(h)
	s.readyRead = quiet
	if s.connectionID == connection {
		s.afterReadyRead()
	}
	s.Leave()
}

// EmitReadyRead emits readyRead if that is still to be done.
func (h *handler) EmitReadyRead(connection uint32) {
	s := (*Socket)(h)
	if s.readyRead == due && s.connectionID == connection {
		s.emitPendingReadyRead()
	}
}

// emitPendingReadyRead emits the readyRead that is due. It reports whether the connection
// goes on.
func (s *Socket) emitPendingReadyRead() bool {
	connection := s.connectionID
	s.readyRead = quiet
	if !s.Alive() || s.state == Closing || s.unread() == 0 {
		// An earlier slot has read it already, or ended the connection.
		return true
	}
	s.emitReadyRead()
	if s.connectionID != connection {
		return false
	}
	s.afterReadyRead()
	return s.Alive()
}

// flushPendingReadyRead emits readyRead, if it is due, before an end is signalled. It reports
// whether the connection goes on.
func (s *Socket) flushPendingReadyRead() bool { return s.readyRead != due || s.emitPendingReadyRead() }

// afterReadyRead goes on after readyRead was emitted.
func (s *Socket) afterReadyRead() {
	if s.rx.Len() > 0 {
		s.rx.Settle(s.pool())
	}
	if s.full() {
		s.pauseReading()
	} else if s.kind == Local && s.edge {
		s.scheduleRecheck()
	}
}
