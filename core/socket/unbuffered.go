package socket

import (
	"bytes"

	"golang.org/x/sys/unix"

	"qnet/core/failure"
	"qnet/core/sys"
)

// A socket that was connected with Unbuffered leaves what comes in the system until it
// is read. Its buffer has only what was looked at before, or was read in a transaction.
// As in Qt a descriptor that is adopted, and a local socket, is never so, whatever its
// mode.

// receiveUnbuffered says that there is data and leaves it in the system, until
// it was read.
func (s *Socket) receiveUnbuffered() {
	s.pauseReading()
	if sys.Available(int(s.fd)) > 0 {
		s.received++
		connection, told := s.connectionID, s.received
		s.emitReadyRead()
		if s.connectionID == connection && s.received != told {
			// A loop or a wait inside the handler has found more, which was not told.
			s.resumeReading()
		}
		return
	}
	n, err := sys.Probe(int(s.fd))
	switch {
	case n > 0, err == unix.EAGAIN:
		s.resumeReading()
		return
	case err == unix.ENOTSOCK:
		// A pipe with nothing in it: only its end is told.
		err = nil
	}
	s.peerGone(err)
}

// reachesSystem reports whether an unbuffered socket reads: no more while it closes.
func (s *Socket) reachesSystem() bool { return s.fd >= 0 && !s.broken && s.state == Connected }

// readUnbuffered reads once from the system, behind what the buffer had.
func (s *Socket) readUnbuffered(p []byte) int {
	if !s.reachesSystem() {
		return -1
	}
	if len(p) == 0 {
		// Asking the system for nothing would take its pending error away.
		return 0
	}
	n, err := s.recv(p)
	switch {
	case n > 0:
		s.received += uint32(n)
		if s.transacting {
			s.rx.Append(s.pool(), p[:n])
			s.cold.position += n
		}
	case err == unix.EAGAIN:
		n = 0
	case s.retryIfTransient(err):
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

// askedForNothing has readyRead emitted again if what is in the system was told and p has no
// room for it, as by a read.
func (s *Socket) askedForNothing(p []byte) {
	if len(p) == 0 && s.bypass {
		s.resumeIfRoom()
	}
}

// readOn goes on from the system with a read that has got n bytes of p from the buffer.
func (s *Socket) readOn(p []byte, n int) int {
	k := s.readUnbuffered(p[n:])
	if n == 0 {
		return k
	}
	return n + max(0, k)
}

// lineOn goes on from the system with a line of which the buffer had n bytes. What is
// behind its end stays there. In text mode carriage returns are dropped all over: in Qt
// such a line is read byte by byte.
func (s *Socket) lineOn(p []byte, n int) int {
	total, any := n, n > 0
	for total < len(p) && s.reachesSystem() {
		k, _ := sys.Peek(int(s.fd), p[total:])
		if k <= 0 {
			break
		}
		if at := bytes.IndexByte(p[total:total+k], '\n'); at >= 0 {
			k = at + 1
		}
		if k = s.readUnbuffered(p[total : total+k]); k <= 0 {
			break
		}
		any = true
		ended := p[total+k-1] == '\n'
		if s.mode&Text != 0 {
			k = dropReturns(p[total : total+k])
		}
		total += k
		if ended {
			break
		}
	}
	if !any {
		// Nothing now, or nothing any more.
		return s.readUnbuffered(p[:1])
	}
	return total
}

// fetch brings up to want bytes of the system into the buffer, for those who must look at
// them before they take them.
func (s *Socket) fetch(want int) {
	if s.udp() != nil {
		s.udp().fetch(want)
		return
	}
	for s.reachesSystem() && s.unread() < want {
		n, err := s.rx.Fill(s.pool(), min(want-s.unread(), maxRead), s.recv)
		s.rx.Settle(s.pool())
		if n > 0 || !s.retryIfTransient(err) {
			s.resumeReading()
		}
		if n <= 0 {
			break
		}
	}
}

// writeUnbuffered sends what the system takes at once.
func (s *Socket) writeUnbuffered(p []byte) int {
	n, err := s.send(p)
	if err == unix.EAGAIN || s.retryIfTransient(err) {
		n, err = 0, nil
	}
	if err != nil {
		s.failure = failure.Write(err)
		return -1
	}
	s.sent += uint32(n)
	if n < len(p) {
		s.tx.Append(s.pool(), p[n:])
		if s.recheck != noMemory {
			s.outlet = blocked
		}
		s.updateInterest()
	}
	s.notifyWaiters()
	return len(p)
}
