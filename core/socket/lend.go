package socket

import "qnet/core/lease"

// lend lets the callback of readyRead read what one read from the system has
// brought, and write, without the lock.
func (s *Socket) lend() {
	a := s.Attachment()
	if a == nil || s.mode&(ReadOnly|Text) != ReadOnly || s.unbuffered() || s.transacting || s.state != Connected {
		return
	}
	data := s.rx.Lendable()
	if len(data) == 0 {
		return
	}
	room := 0
	if s.mode&WriteOnly != 0 && s.WriteLimit() == 0 {
		room = lease.Room
	}
	s.Loop().Lease.Grant(s, a.Address(), data, room)
}

// Returned ends what lend has begun.
func (s *Socket) Returned(taken int, written []byte) {
	if taken > 0 {
		s.rx.Discard(s.pool(), taken)
		s.drained()
	}
	if len(written) > 0 {
		s.tx.Append(s.pool(), written)
		s.flushLater()
	}
}
