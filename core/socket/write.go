package socket

import (
	"fmt"
	"slices"

	"golang.org/x/sys/unix"

	"qnet/core/buffer"
	"qnet/core/failure"
	"qnet/core/poll"
)

// Write takes p to be sent at the end of the loop's turn and returns len(p),
// less with a write limit, or -1 (QIODevice::write).
func (s *Socket) Write(p []byte) int {
	if s.udp() != nil {
		if !s.checkWritable() {
			return -1
		}
		return s.udp().write(p)
	}
	if x := s.messageMode(); x != nil {
		return x.write(p)
	}
	n := s.admit(len(p))
	if n <= 0 {
		return n
	}
	p = p[:n]
	if s.writesThrough() {
		return s.writeUnbuffered(p)
	}
	// Not sent from the caller's memory, which would save a copy: abort() may drop it yet.
	if len(p) > maxCopied {
		return s.writeLarge(n, p)
	}
	s.tx.AppendShown(s.pool(), p)
	s.written()
	return n
}

// WriteParts is Write of several pieces, one behind the other: of a datagram, for a socket that
// has them.
func (s *Socket) WriteParts(parts ...[]byte) int {
	if s.udp() != nil || s.messageMode() != nil {
		return s.Write(slices.Concat(parts...))
	}
	total := 0
	for _, p := range parts {
		total += len(p)
	}
	n := s.admit(total)
	if n <= 0 {
		return n
	}
	parts = upTo(parts, n)
	if s.writesThrough() {
		return s.writeUnbuffered(slices.Concat(parts...))
	}
	if n > maxCopied {
		return s.writeLarge(n, parts...)
	}
	for _, p := range parts {
		s.tx.AppendShown(s.pool(), p)
	}
	s.written()
	return n
}

// admit returns how many of size bytes may be written now, or -1.
func (s *Socket) admit(size int) int {
	if !s.takesWrites() {
		return -1
	}
	return s.allow(size)
}

// checkWritable reports whether s is open for writing, and warns if not.
func (s *Socket) checkWritable() bool {
	if s.mode&WriteOnly != 0 {
		return true
	}
	if s.mode == NotOpen {
		s.misused("write", "the socket is not open")
	} else {
		s.misused("write", "the socket is open for reading only")
	}
	return false
}

// takesWrites reports whether something can be written to a stream.
func (s *Socket) takesWrites() bool {
	if !s.checkWritable() {
		return false
	}
	if s.state == Unconnected || s.state == Bound {
		s.failure = failure.NotConnected
		return false
	}
	if s.has(writeEnded) {
		s.failure = failure.WriteEnded
		return false
	}
	return true
}

// writesThrough reports whether what is written goes past the buffer.
func (s *Socket) writesThrough() bool {
	return s.bypass && (s.state == Connected || s.state == Closing && s.fd >= 0) && s.tx.Len() == 0
}

// written has what was added to the buffer sent.
func (s *Socket) written() {
	if s.state == Connected || s.state == Closing {
		s.flushLater()
	}
}

// maxCopied is how much is copied at most while the loop's lock is held.
const maxCopied = 1 << 20

// writeLarge copies parts of size bytes without the lock, so that the loop's other objects go on
// meanwhile. The connection may be another one then, or none.
func (s *Socket) writeLarge(size int, parts ...[]byte) int {
	connection, pool := s.connectionID, s.pool()
	room := buffer.Reserve(pool, size)
	done := false
	defer func() {
		if !done {
			room.Drop(pool) // also after a fault in the copy
		}
	}()
	s.Ask(func() { room.Store(parts...) })
	if !s.Alive() || s.connectionID != connection || !s.takesWrites() {
		return -1
	}
	done = true
	s.tx.Join(&room)
	s.written()
	return size
}

// writes is what is special about how a socket writes.
type writes struct {
	limit, mark int64    // 0: none
	whole       bool     // a write is not cut short at the limit
	cut         bool     // one was, or was refused, to be told when there is room
	back        []func() // to be called, of memory that was lent
}

func (s *Socket) ensureWrites() *writes {
	c := s.ensureCold()
	if c.writes == nil {
		c.writes = &writes{}
	}
	return c.writes
}

// forgetCut has no room signalled that there was none of in the connection before.
func (s *Socket) forgetCut() {
	if w := s.cold.writes; w != nil {
		w.cut = false
	}
}

// SetWriteLimit limits what is kept to be sent to limit bytes, 0 for no limit:
// a write beyond is cut short, and SignalWriteBufferDrained follows once no more
// than mark bytes are left. Qt has no such limit.
func (s *Socket) SetWriteLimit(limit, mark int64) {
	if limit < 0 || mark < 0 || limit > 0 && mark >= limit {
		s.warn("set_write_buffer_limit", fmt.Sprintf("%d and %d are no limit and a mark below it", limit, mark))
		return
	}
	w := s.ensureWrites()
	w.limit, w.mark = limit, mark
}

// WriteLimit returns the limit that SetWriteLimit was given.
func (s *Socket) WriteLimit() int64 {
	if s.cold == nil || s.cold.writes == nil {
		return 0
	}
	return s.cold.writes.limit
}

// SetWritesWhole sets whether a write that does not fit under the write limit takes nothing,
// instead of a part. Qt has no such limit.
func (s *Socket) SetWritesWhole(on bool) { s.ensureWrites().whole = on }

// WritesWhole reports what SetWritesWhole was given.
func (s *Socket) WritesWhole() bool {
	return s.cold != nil && s.cold.writes != nil && s.cold.writes.whole
}

// allow returns how many of size bytes the write limit has room for; -1 if it never will
// have room for all of them, and all are to be taken.
func (s *Socket) allow(size int) int {
	limit := s.WriteLimit()
	if limit == 0 {
		return size
	}
	room := max(0, limit-s.allToWrite())
	switch {
	case int64(size) <= room:
		return size
	case !s.cold.writes.whole:
		s.cold.writes.cut = true
		return int(room)
	case int64(size) > limit:
		s.failure = failure.MessageTooLong
		return -1
	}
	s.cold.writes.cut = true
	return 0
}

// emitDrained signals that there is room again after a write that was cut short.
func (s *Socket) emitDrained() {
	if s.cold == nil || s.cold.writes == nil {
		return
	}
	if w := s.cold.writes; w.cut && s.allToWrite() <= w.mark {
		w.cut = false
		s.emit(SignalWriteBufferDrained, 0)
	}
}

// BytesToWrite returns how many bytes are to be sent, or were sent but not
// signalled yet (QIODevice::bytesToWrite).
func (s *Socket) BytesToWrite() int64 {
	if x := s.messageMode(); x != nil {
		return x.bytesToWrite()
	}
	n := int64(s.tx.Len()) + int64(s.txDirect)
	if r := s.relay(); r != nil {
		n += int64(r.early.bytes)
	}
	return n
}

// allToWrite is BytesToWrite for all channels together.
func (s *Socket) allToWrite() int64 {
	if x := s.messageMode(); x != nil {
		return int64(x.unsent) + int64(s.txDirect)
	}
	return s.BytesToWrite()
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
	if !s.callReleased() {
		return
	}
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
		failed = writeFailure(err)
	}
	s.sendEnd()
	if (s.outlet == blocked) != (s.interest&uint8(poll.Out) != 0) {
		s.updateInterest()
	}
	if s.toSend() || total > 0 && s.hearsWritten() && s.putOff() {
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
	if !s.callReleased() {
		return
	}
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

// emitBytesWritten emits that n bytes were sent.
func (s *Socket) emitBytesWritten(n int) {
	switch x := s.messageMode(); {
	case x != nil:
		x.emitWritten()
	case s.emitBytesWrittenOnce(n) && s.Hears(SignalChannelBytesWritten):
		s.emit(SignalChannelBytesWritten, WrittenOn(0, n))
	}
}

// emitBytesWrittenOnce emits bytesWritten, but not from within itself. It reports whether the
// connection goes on.
func (s *Socket) emitBytesWrittenOnce(n int) bool {
	if s.writing {
		s.notifyWaiters()
		return true
	}
	s.writing = true
	defer func() { s.writing = false }() // also when a slot panics
	return s.emit(SignalBytesWritten, int64(n))
}

// hearsWritten reports whether somebody is told of what was sent.
func (s *Socket) hearsWritten() bool {
	return s.Hears(SignalBytesWritten) || s.Hears(SignalChannelBytesWritten)
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
