package socket

import (
	"fmt"
	"math"

	"golang.org/x/sys/unix"

	"qnet/core/buffer"
	"qnet/core/failure"
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
	return s.rare.position
}

// checkReadable warns and answers false if s is not open for reading.
func (s *Socket) checkReadable(function string) bool {
	if s.mode&ReadOnly != 0 {
		return true
	}
	if s.mode == NotOpen {
		s.warn(function + ": the socket is not open")
	} else {
		s.warn(function + ": the socket is open for writing only")
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
	if s.unbuffered() && s.rx.Len() == s.position() {
		return s.readUnbuffered(p)
	}
	if s.unread() == 0 {
		if len(p) > 0 && s.noneComes() {
			return -1
		}
		return 0
	}
	if s.transacting {
		n := s.rx.Peek(p, s.position())
		s.rare.position += n
		return n
	}
	n := s.rx.Read(s.pool(), p)
	s.resumeIfRoom()
	return n
}

// unbuffered tells whether reading goes past the buffer.
func (s *Socket) unbuffered() bool { return s.mode&Unbuffered != 0 || s.udp() != nil }

// recv takes what the system has.
func (s *Socket) recv(p []byte) (int, error) {
	if s.heeds != 0 {
		return s.recvHeeding(p)
	}
	return sys.Recv(int(s.fd), p)
}

func (s *Socket) readUnbuffered(p []byte) int {
	if s.fd < 0 || s.broken {
		return -1
	}
	if len(p) == 0 {
		// Asking the system for nothing would take its pending error away.
		return 0
	}
	if s.udp() != nil {
		return s.udp().read(p)
	}
	n, err := s.recv(p)
	switch {
	case n > 0:
		s.received += uint32(n)
		if s.transacting {
			s.rx.Append(s.pool(), p[:n])
			s.rare.position += n
		}
	case err == unix.EAGAIN:
		n = 0
	case s.short(err):
		return 0
	case err == nil:
		// The end: the loop finds it too, and says so.
		n = -1
	default:
		// The system tells of it once, but the end of the connection stays: the
		// loop finds that, unless it was told to look no more.
		s.failure = failure.Read(err)
		n = -1
	}
	s.resumeReading()
	return n
}

// readText reads like read but drops each '\r', so that lines end in '\n'.
func (s *Socket) readText(p []byte) int {
	total := 0
	for {
		n := s.read(p[total:])
		if n <= 0 {
			if total == 0 {
				return n
			}
			return total
		}
		kept := dropReturns(p[total : total+n])
		total += kept
		if kept == n {
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
	if s.unbuffered() && s.fd >= 0 && !s.broken && s.state == Connected {
		n += int64(sys.Available(int(s.fd)))
	}
	return n
}

// AtEnd tells whether there is nothing to read now (QIODevice::atEnd).
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
		s.warn(fmt.Sprintf("read_all: there is no memory for %d bytes", n))
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
	total := 0
	for total < len(p) {
		s.fetch(1)
		n := s.unread()
		if n == 0 {
			if total == 0 {
				return s.read(p[:1])
			}
			break
		}
		end := s.position() + min(n, len(p)-total)
		at := s.rx.Index('\n', s.position(), end)
		if at >= 0 {
			end = at + 1
		}
		n = s.read(p[total : total+end-s.position()])
		total += n
		if at >= 0 {
			break
		}
	}
	if s.mode&Text != 0 && total >= 2 && p[total-1] == '\n' && p[total-2] == '\r' {
		total--
		p[total-1] = '\n'
	}
	return total
}

// fetch brings what an unbuffered socket has in the system into the buffer, for
// those who must look at it before they take it.
func (s *Socket) fetch(want int) {
	if s.udp() != nil {
		s.udp().fetch(want)
		return
	}
	for s.unbuffered() && s.fd >= 0 && !s.broken && s.unread() < want {
		n, err := s.rx.Fill(s.pool(), maxRead, s.recv)
		s.rx.Settle(s.pool())
		if n > 0 || !s.short(err) {
			s.resumeReading()
		}
		if n <= 0 {
			break
		}
	}
}

// CanReadLine tells whether there is a whole line (QIODevice::canReadLine).
func (s *Socket) CanReadLine() bool {
	return s.mode&ReadOnly != 0 && s.rx.Index('\n', s.position(), s.rx.Len()) >= 0
}

// Peek copies up to len(p) bytes without taking them (QIODevice::peek).
func (s *Socket) Peek(p []byte) int {
	if !s.checkReadable("peek") {
		return -1
	}
	s.fetch(len(p))
	if s.unread() == 0 && len(p) > 0 && s.noneComes() {
		return -1
	}
	total, at := 0, s.position()
	for {
		n := s.rx.Peek(p[total:], at)
		at += n
		kept := n
		if s.mode&Text != 0 {
			kept = dropReturns(p[total : total+n])
		}
		total += kept
		if kept == n {
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

// Skip drops up to n bytes and returns how many (QIODevice::skip).
func (s *Socket) Skip(n int64) int64 {
	if !s.checkReadable("skip") {
		return -1
	}
	s.fetch(int(min(n, maxRead)))
	if s.unread() == 0 && n > 0 && s.noneComes() {
		return -1
	}
	k := int(min(n, int64(s.unread())))
	if s.transacting {
		s.rare.position += k
		return int64(k)
	}
	s.rx.Discard(s.pool(), k)
	s.resumeIfRoom()
	return int64(k)
}

// Unget puts a byte back in front of what is read next (QIODevice::ungetChar).
func (s *Socket) Unget(c byte) {
	if !s.checkReadable("unget_char") {
		return
	}
	if s.transacting {
		s.warn("unget_char: a transaction is under way")
		return
	}
	s.rx.Prepend(s.pool(), c)
}

// StartTransaction keeps what is read from now on (QIODevice::startTransaction).
func (s *Socket) StartTransaction() {
	if s.transacting {
		s.warn("start_transaction: a transaction is under way already")
		return
	}
	s.transacting = true
	s.rarely().position = 0
}

// CommitTransaction drops what was read in the transaction
// (QIODevice::commitTransaction).
func (s *Socket) CommitTransaction() {
	if !s.transacting {
		s.warn("commit_transaction: no transaction is under way")
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
		s.warn("rollback_transaction: no transaction is under way")
		return
	}
	s.transacting = false
}

// InTransaction tells whether a transaction is under way
// (QIODevice::isTransactionStarted).
func (s *Socket) InTransaction() bool { return s.transacting }

// SetReadLimit limits the read buffer to n bytes, 0 for no limit, and reads on
// if it is not full any more (QAbstractSocket::setReadBufferSize).
func (s *Socket) SetReadLimit(n int64) {
	if n < 0 {
		s.warn(fmt.Sprintf("set_read_buffer_size: %d is negative", n))
		return
	}
	if n == s.ReadLimit() {
		return
	}
	s.rarely().readLimit = n
	s.limited = n > 0
	s.resumeIfRoom()
}

// ReadLimit returns the limit of the read buffer (QAbstractSocket::readBufferSize).
func (s *Socket) ReadLimit() int64 {
	if !s.limited {
		return 0
	}
	return s.rare.readLimit
}

// clearBuffers drops what was received and what was to be sent.
func (s *Socket) clearBuffers() {
	s.clearRead()
	s.tx.Clear(s.pool())
	s.txDirect = 0
}

func (s *Socket) clearRead() {
	s.rx.Clear(s.pool())
	s.transacting = false
}
