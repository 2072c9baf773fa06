package socket

// Memory that the program has lent is named in the write buffer, and sent from where it
// lies. It is the program's again once the buffer has no more of it, whichever way that came
// about; then a function of the program is called, where callbacks may be made.

// WriteLent is Write without a copy: p must stay as it is until released is called, without
// the lock; nil if it never changes. That is so once, if the result is positive: not from within WriteLent, and before
// bytesWritten tells of the last of these bytes, or before what has dropped them returns.
func (s *Socket) WriteLent(p []byte, released func()) int {
	if s.udp() != nil {
		s.Refuse()
		return -1
	}
	if s.messageMode() != nil {
		return s.writeGiven(p, released)
	}
	n := s.admit(len(p))
	if n > 0 {
		back := forgotten
		if released != nil {
			w := s.ensureWrites()
			back = func() { w.back = append(w.back, released) }
		}
		s.tx.AppendLent(s.pool(), p[:n], back)
		s.written()
	}
	return n
}

// writeGiven is WriteLent where a copy is made all the same.
func (s *Socket) writeGiven(p []byte, released func()) int {
	n := s.Write(p)
	if n > 0 && released != nil {
		w := s.ensureWrites()
		w.back = append(w.back, released)
		s.callReleasedSoon()
	}
	return n
}

// forgotten is for memory that never changes.
func forgotten() {}

// callReleased has the program told of memory that is its own again, and reports whether the
// connection goes on.
func (s *Socket) callReleased() bool {
	connection := s.connectionID
	for s.returnsMemory() {
		w := s.cold.writes
		f := w.back[0]
		w.back = w.back[1:]
		s.Ask(f)
	}
	return s.Alive() && s.connectionID == connection
}

// callReleasedSoon is callReleased where no callback can be made.
func (s *Socket) callReleasedSoon() {
	if s.returnsMemory() && !s.flushQueued {
		s.flushQueued = true
		s.Loop().FlushLater((*handler)(s))
	}
}

// returnsMemory reports whether there is some that the program is to be told of.
func (s *Socket) returnsMemory() bool {
	return s.cold != nil && s.cold.writes != nil && len(s.cold.writes.back) > 0
}
