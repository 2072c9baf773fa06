package socket

import (
	"fmt"
	"math"

	"qnet/core/buffer"
	"qnet/core/sys"
)

// maxRead is what one read from the system brings at most.
const maxRead = buffer.LargeSize

// unread is how many bytes of the buffer the reader has not had yet: in a
// transaction, what it had stays in front of them.
func (s *Socket) unread() int { return s.rx.Len() - s.position() }

func (s *Socket) position() int {
	if !s.transacting {
		return 0
	}
	return s.cold.position
}

// checkReadable reports whether s is open for reading. It is an error, with a warning, if not.
func (s *Socket) checkReadable(function string) bool {
	if s.mode&ReadOnly != 0 {
		return true
	}
	if s.mode == NotOpen {
		s.misused(function, "the socket is not open")
	} else {
		s.misused(function, "the socket is open for writing only")
	}
	return false
}

// Read takes up to len(p) bytes: 0 if there are none now, -1 if none will come
// (QIODevice::read).
func (s *Socket) Read(p []byte) int {
	if !s.checkReadable("read") {
		return -1
	}
	if s.mode&Text != 0 {
		return s.readText(p)
	}
	return s.read(p)
}

func (s *Socket) read(p []byte) int {
	n := s.readBuffered(p)
	switch {
	case n == len(p):
		s.askedForNothing(p)
		return n
	case s.bypass:
		return s.readOn(p, n)
	case n > 0:
		return n
	case s.udp() != nil:
		return s.udp().read(p)
	case s.noneComes():
		return -1
	}
	return 0
}

// readBuffered takes what the buffer has.
func (s *Socket) readBuffered(p []byte) int {
	if s.unread() == 0 {
		return 0
	}
	if s.transacting {
		n := s.rx.Peek(p, s.position())
		s.cold.position += n
		return n
	}
	n := s.rx.Read(s.pool(), p)
	s.resumeIfRoom()
	return n
}

// unbuffered reports whether reading goes past the buffer.
func (s *Socket) unbuffered() bool { return s.bypass || s.udp() != nil }

// readText reads like read but drops each '\r', so that lines end in '\n'. For those it
// reads on, unless there was less than it asked for.
func (s *Socket) readText(p []byte) int {
	total := 0
	for {
		asked := len(p) - total
		n := s.read(p[total:])
		if n <= 0 {
			if total == 0 {
				return n
			}
			return total
		}
		kept := dropReturns(p[total : total+n])
		total += kept
		if kept == n || n < asked {
			return total
		}
	}
}

// dropReturns removes each '\r' from p and returns how many bytes remain.
func dropReturns(p []byte) int {
	kept := 0
	for _, c := range p {
		if c != '\r' {
			p[kept] = c
			kept++
		}
	}
	return kept
}

// BytesAvailable returns how many bytes can be read now
// (QIODevice::bytesAvailable).
func (s *Socket) BytesAvailable() int64 {
	n := int64(s.unread())
	if s.udp() != nil {
		return n + s.udp().available()
	}
	if s.unbuffered() && s.fd >= 0 && !s.broken {
		n += int64(sys.Available(int(s.fd)))
	}
	return n
}

// AtEnd reports whether there is nothing to read now (QIODevice::atEnd).
func (s *Socket) AtEnd() bool { return s.mode&ReadOnly == 0 || s.BytesAvailable() == 0 }

// ReadAll takes all that there is (QIODevice::readAll). grow is given the
// number of bytes and returns where to put them; nil if there is no memory for so
// many, and then they stay.
func (s *Socket) ReadAll(grow func(size int) []byte) int {
	if !s.checkReadable("read_all") {
		return -1
	}
	if s.udp() != nil {
		return s.udp().readAll(grow)
	}
	n := int(min(s.BytesAvailable(), math.MaxInt))
	p := grow(n)
	if p == nil && n > 0 {
		s.misused("read_all", fmt.Sprintf("there is no memory for %d bytes", n))
		return -1
	}
	return max(0, s.Read(p))
}

// ReadLine takes up to and with the next '\n', at most len(p) bytes
// (QIODevice::readLine).
func (s *Socket) ReadLine(p []byte) int {
	if !s.checkReadable("read_line") {
		return -1
	}
	n, ended := s.lineBuffered(p)
	switch {
	case ended || n == len(p):
	case s.bypass:
		n = s.lineOn(p, n)
	case s.udp() != nil:
		n = s.udp().lineOn(p, n)
	case n == 0:
		return s.read(p[:1]) // nothing now, or nothing any more
	}
	if s.mode&Text != 0 {
		n = dropReturnAtEnd(p, n)
		if s.kind == Local {
			// In Qt by the socket inside a QLocalSocket, and then by this.
			n = dropReturnAtEnd(p, n)
		}
	}
	return n
}

// dropReturnAtEnd removes the '\r' of a line of n bytes that ends in "\r\n", and returns
// how many remain.
func dropReturnAtEnd(p []byte, n int) int {
	if n >= 2 && p[n-1] == '\n' && p[n-2] == '\r' {
		n--
		p[n-1] = '\n'
	}
	return n
}

// lineBuffered takes what the buffer has of a line, and reports whether that is its end.
func (s *Socket) lineBuffered(p []byte) (n int, ended bool) {
	end := s.position() + min(s.unread(), len(p))
	at := s.rx.Index('\n', s.position(), end)
	if at >= 0 {
		end = at + 1
	}
	return s.readBuffered(p[:end-s.position()]), at >= 0
}

// CanReadLine reports whether there is a whole line (QIODevice::canReadLine).
func (s *Socket) CanReadLine() bool {
	return s.mode&ReadOnly != 0 && s.rx.Index('\n', s.position(), s.rx.Len()) >= 0
}

// Peek copies up to len(p) bytes without taking them (QIODevice::peek).
func (s *Socket) Peek(p []byte) int {
	if !s.checkReadable("peek") {
		return -1
	}
	s.askedForNothing(p)
	total, at := 0, s.position()
	for {
		if s.unbuffered() {
			s.fetch(at - s.position() + len(p) - total)
		}
		asked := len(p) - total
		n := s.rx.Peek(p[total:], at)
		if n == 0 && total == 0 && asked > 0 && s.noneComes() {
			return -1
		}
		at += n
		kept := n
		if s.mode&Text != 0 {
			kept = dropReturns(p[total : total+n])
		}
		total += kept
		if kept == n || n < asked {
			return total
		}
	}
}

// PeekBuffer returns the first bytes that can be read without taking them: in their
// own place, which is not in Go's heap, or in memory that room gives.
func (s *Socket) PeekBuffer(room func(size int) []byte) []byte {
	if !s.checkReadable("peek_buffer") {
		return nil
	}
	// Outside a callback another thread that runs the loop may move it at any time.
	if !s.unbuffered() && !s.transacting && s.mode&Text == 0 && s.InCallHere() {
		if p := s.rx.FirstMapped(); len(p) > 0 {
			s.rx.Show(s.pool())
			return p
		}
	}
	n := int(min(s.BytesAvailable(), maxRead))
	if n == 0 {
		return nil
	}
	p := room(n)
	return p[:max(0, s.Peek(p))]
}

// Skip drops what a read of up to n bytes would give, and returns how many that are
// (QIODevice::skip).
func (s *Socket) Skip(n int64) int64 {
	if !s.checkReadable("skip") {
		return -1
	}
	if s.bypass || s.mode&Text != 0 && s.udp() == nil {
		return s.skipReading(n)
	}
	if s.udp() != nil {
		s.udp().fetch(int(min(n, maxRead)))
	}
	if s.unread() == 0 && n > 0 && s.noneComes() {
		return -1
	}
	k := int(min(n, int64(s.unread())))
	if s.transacting {
		s.cold.position += k
		return int64(k)
	}
	s.rx.Discard(s.pool(), k)
	s.resumeIfRoom()
	return int64(k)
}

// skipReading is Skip where what is dropped must be read: in text mode, in which carriage
// returns do not count, or from the system.
func (s *Socket) skipReading(n int64) int64 {
	total, space := int64(0), make([]byte, min(n, buffer.SmallSize))
	for total < n {
		k := s.Read(space[:min(n-total, int64(len(space)))])
		if k <= 0 {
			if total == 0 {
				return int64(k)
			}
			break
		}
		total += int64(k)
	}
	return total
}

// Unget puts a byte back in front of what is read next (QIODevice::ungetChar).
func (s *Socket) Unget(c byte) {
	if !s.checkReadable("unget_char") {
		return
	}
	if s.transacting {
		s.warn("unget_char", "a transaction is under way")
		return
	}
	s.rx.Prepend(s.pool(), c)
}

// StartTransaction keeps what is read from now on (QIODevice::startTransaction).
func (s *Socket) StartTransaction() {
	if s.transacting {
		s.warn("start_transaction", "a transaction is under way already")
		return
	}
	s.transacting = true
	s.ensureCold().position = 0
}

// CommitTransaction drops what was read in the transaction
// (QIODevice::commitTransaction).
func (s *Socket) CommitTransaction() {
	if !s.transacting {
		s.warn("commit_transaction", "no transaction is under way")
		return
	}
	n := s.position()
	s.transacting = false
	s.rx.Discard(s.pool(), n)
	s.resumeIfRoom()
}

// RollbackTransaction makes what was read in the transaction readable again
// (QIODevice::rollbackTransaction).
func (s *Socket) RollbackTransaction() {
	if !s.transacting {
		s.warn("rollback_transaction", "no transaction is under way")
		return
	}
	s.transacting = false
}

// InTransaction reports whether a transaction is under way
// (QIODevice::isTransactionStarted).
func (s *Socket) InTransaction() bool { return s.transacting }

// SetReadLimit limits the read buffer to n bytes, 0 for no limit, and reads on
// if it is not full any more; with a negative limit nothing is read, as in Qt
// (QAbstractSocket::setReadBufferSize).
func (s *Socket) SetReadLimit(n int64) {
	if n == s.ReadLimit() {
		return
	}
	s.ensureCold().readLimit = n
	s.limited = n != 0
	s.resumeIfRoom()
}

// ReadLimit returns the limit of the read buffer (QAbstractSocket::readBufferSize).
func (s *Socket) ReadLimit() int64 {
	if !s.limited {
		return 0
	}
	return s.cold.readLimit
}

// clearBuffers drops what was received and what was to be sent.
func (s *Socket) clearBuffers() {
	s.clearRead()
	s.clearWritten()
}

func (s *Socket) clearWritten() {
	s.tx.Clear(s.pool())
	s.txDirect = 0
	if x := s.Channels(); x != nil {
		x.clearWritten()
	}
	s.callReleasedSoon()
}

func (s *Socket) clearRead() {
	s.rx.Clear(s.pool())
	s.transacting = false
	if x := s.Channels(); x != nil {
		x.clearRead()
	}
}
