package socket

import (
	"fmt"

	"golang.org/x/sys/unix"

	"qnet/core/failure"
	"qnet/core/poll"
)

// Write takes p to be sent at the end of the loop's turn and returns len(p),
// less with a write limit, or -1 (QIODevice::write).
func (s *Socket) Write(p []byte) int {
	if s.mode&WriteOnly == 0 {
		if s.mode == NotOpen {
			s.misused("write", "the socket is not open")
		} else {
			s.misused("write", "the socket is open for reading only")
		}
		return -1
	}
	if s.udp() != nil {
		return s.udp().write(p)
	}
	if s.state == Unconnected || s.state == Bound {
		s.failure = failure.NotConnected
		return -1
	}
	if s.has(writeEnded) {
		s.failure = failure.WriteEnded
		return -1
	}
	if p = s.cut(p); len(p) == 0 {
		return 0
	}
	if s.bypass && (s.state == Connected || s.state == Closing && s.fd >= 0) && s.tx.Len() == 0 {
		return s.writeUnbuffered(p)
	}
	// Not sent from the caller's memory, which would save a copy: abort() may drop it yet.
	s.tx.Append(s.pool(), p)
	if s.state == Connected || s.state == Closing {
		s.flushLater()
	}
	return len(p)
}

// SetWriteLimit limits what is kept to be sent to limit bytes, 0 for no limit:
// a write beyond is cut short, and SignalWriteBufferDrained follows once no more
// than mark bytes are left. Qt has no such limit.
func (s *Socket) SetWriteLimit(limit, mark int64) {
	if limit < 0 || mark < 0 || limit > 0 && mark >= limit {
		s.warn("set_write_buffer_limit", fmt.Sprintf("%d and %d are no limit and a mark below it", limit, mark))
		return
	}
	r := s.ensureCold()
	r.writeLimit, r.writeMark = limit, mark
}

// WriteLimit returns the limit that SetWriteLimit was given.
func (s *Socket) WriteLimit() int64 {
	if s.cold == nil {
		return 0
	}
	return s.cold.writeLimit
}

// cut returns as much of p as the write limit allows.
func (s *Socket) cut(p []byte) []byte {
	limit := s.WriteLimit()
	if limit == 0 {
		return p
	}
	room := max(0, limit-s.BytesToWrite())
	if int64(len(p)) > room {
		s.cold.writeCut = true
		p = p[:room]
	}
	return p
}

// emitDrained signals that there is room again after a write that was cut short.
func (s *Socket) emitDrained() {
	if r := s.cold; r != nil && r.writeCut && s.BytesToWrite() <= r.writeMark {
		r.writeCut = false
		s.emit(SignalWriteBufferDrained, 0)
	}
}

// BytesToWrite returns how many bytes are to be sent, or were sent but not
// signalled yet (QIODevice::bytesToWrite).
func (s *Socket) BytesToWrite() int64 {
	n := int64(s.tx.Len()) + int64(s.txDirect)
	if r := s.relay(); r != nil {
		n += int64(r.early.bytes)
	}
	return n
}

func (s *Socket) flushLater() {
	if s.outlet != free || s.recheck == noMemory {
		return
	}
	if !s.flushQueued {
		s.flushQueued = true
		s.Loop().FlushLater((*handler)(s))
	}
	// Who waits without a loop must send it, also if they have done so before.
	s.notifyWaiters()
}

// Flush is called by the loop at the end of its turn.
func (h *handler) Flush() {
	s := (*Socket)(h)
	s.flushQueued = false
	switch {
	case !s.sends():
	case s.hasUnsent():
		s.flush()
	default:
		s.allSent()
	}
}

// Send is called by the loop when it is left before the end of its turn. Errors show
// again when s is flushed.
func (h *handler) Send() {
	s := (*Socket)(h)
	if s.outlet == free {
		n, _ := s.trySend(int(s.txDirect))
		s.txDirect = uint32(n)
		s.notifyWaiters()
	}
}

// sends reports whether there is a connection that something can be sent on.
func (s *Socket) sends() bool {
	return (s.state == Connected || s.state == Closing) && s.fd >= 0 && !s.broken && s.Alive()
}

// trySend sends what is taken now, but no more than one share together with size bytes
// that were sent before. It returns how many bytes that are then, and why not all.
func (s *Socket) trySend(size int) (int, error) {
	for s.toSend() && size < maxFlush && s.sends() {
		n, err := s.sendQueued()
		if err != nil {
			return size, err
		}
		s.tx.Discard(s.pool(), n)
		size += n
	}
	return size, nil
}

// toSend reports whether there is something to send.
func (s *Socket) toSend() bool { return s.tx.Len() > 0 || s.filtering&holdsOutput != 0 }

// hasUnsent reports whether there is something to send or to signal as sent.
func (s *Socket) hasUnsent() bool { return s.txDirect > 0 || s.toSend() }

// FlushNow sends what the system takes now and reports whether that was anything
// (QAbstractSocket::flush).
func (s *Socket) FlushNow() bool {
	return s.hasUnsent() && s.sends() && s.flush()
}

// flush sends what the system takes, signals it, and ends a connection that
// only waited for that.
func (s *Socket) flush() bool {
	total, err := s.trySend(int(s.txDirect))
	s.txDirect = 0
	s.outlet = free
	var failed *failure.Failure
	switch {
	case err == nil:
	case err == unix.EAGAIN:
		s.outlet = blocked
	case err == NotYet:
		s.outlet = held
		s.updateInterest()
	case !s.retryIfTransient(err):
		failed = failure.Write(err)
	}
	s.sendEnd()
	if (s.outlet == blocked) != (s.interest&uint8(poll.Out) != 0) {
		s.updateInterest()
	}
	if s.toSend() || total > 0 && s.Hears(SignalBytesWritten) && s.putOff() {
		// In a loop that a slot runs what follows here must come, too.
		s.flushLater()
	}
	s.afterFlush(total, failed)
	return total > 0
}

// afterFlush signals that size bytes were sent, and what comes with it.
func (s *Socket) afterFlush(size int, failed *failure.Failure) {
	s.sent += uint32(size)
	connection := s.connectionID
	if size > 0 {
		s.emitBytesWritten(size)
	}
	if x := s.SSL(); x != nil && s.connectionID == connection && s.Alive() {
		x.emitEncryptedWritten()
	}
	if s.connectionID == connection && s.Alive() {
		s.emitDrained()
	}
	switch {
	case s.connectionID != connection || !s.Alive():
	case failed != nil:
		s.writeFailed(failed)
	case !s.hasUnsent():
		s.allSent()
	}
}

// putOff reports whether there is something to be done once all is sent.
func (s *Socket) putOff() bool { return s.state == Closing || s.ends&^settings != 0 }

// allSent does what was put off until then.
func (s *Socket) allSent() {
	switch {
	case s.state == Closing:
		if s.endOutput() {
			s.finish(false)
		} else {
			s.flushLater()
		}
	case s.ends&(peerEnded|readEnded) == peerEnded:
		s.handlePeerEnd()
	default:
		s.endIfBothEnded()
	}
}

// maxFlush is how much one socket sends before the others get their turn.
const maxFlush = 4 << 20

// emitBytesWritten emits bytesWritten, but not from within itself.
func (s *Socket) emitBytesWritten(n int) {
	if s.writing {
		s.notifyWaiters()
		return
	}
	s.writing = true
	defer func() { s.writing = false }() // also when a slot panics
	s.emit(SignalBytesWritten, int64(n))
}

// writeFailed ends a connection to which nothing can be sent. What the peer has
// sent before may still be in the system: it is read first, and its end is then
// what ends the connection.
func (s *Socket) writeFailed(f *failure.Failure) {
	if !s.flushPendingReadyRead() {
		return
	}
	connection := s.connectionID
	s.ends |= sendFailed
	for s.connectionID == connection && s.Alive() && s.wantsData() && s.receive(false) {
	}
	if s.connectionID != connection || !s.Alive() {
		return
	}
	if s.has(peerEnded) {
		s.failConnection(f)
		return
	}
	s.broken = true
	s.updateInterest()
	if !s.fail(f) {
		return
	}
	if s.kind == Local {
		// As in Qt its device stays open.
		s.sever()
	} else {
		s.Abort()
	}
}
