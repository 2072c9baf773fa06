package socket

import (
	"golang.org/x/sys/unix"

	"qnet/core/failure"
	"qnet/core/sys"
)

// The two directions of a connection may end at different times. Qt knows one end
// alone: when the peer has said all, so has this side. Here, what was written until then
// goes out first, and with AllowHalfOpen the program goes on writing for as long as it
// likes. CloseWriteChannel ends its own direction.

// ends is how far a connection has ended, direction by direction.
type ends uint8

const (
	halfOpen    ends = 1 << iota // the peer's end is not that of the connection
	peerEnded                    // the peer sends nothing more
	readEnded                    // and that was signalled, of a half-open connection
	writeEnded                   // nothing more is taken to be sent
	finSent                      // and that was told to the peer
	sendFailed                   // nothing can be sent any more
	aborting                     // both end at once, by Abort
	outputEnded                  // the filter knows that nothing more is sent
)

// settings are the ends that belong to a socket, not to its connection.
const settings = halfOpen

func (s *Socket) has(e ends) bool { return s.ends&e == e }

// SetAllowHalfOpen sets whether connections go on when the peer ends its direction. Qt
// has no such thing.
func (s *Socket) SetAllowHalfOpen(allow bool) {
	s.ends &^= halfOpen
	if allow {
		s.ends |= halfOpen
	}
}

// AllowHalfOpen reports what SetAllowHalfOpen was given.
func (s *Socket) AllowHalfOpen() bool { return s.has(halfOpen) }

// IsReadChannelFinished reports whether there is a connection whose peer sends nothing
// more. Qt has no such call.
func (s *Socket) IsReadChannelFinished() bool { return s.has(readEnded) }

// IsWritable reports whether the device is open for writing, and the write channel not
// closed (QIODevice::isWritable).
func (s *Socket) IsWritable() bool { return s.mode&WriteOnly != 0 && !s.has(writeEnded) }

// noneComes reports whether reading has come to its end once the buffer is empty: inside
// the error that ends the connection, too.
func (s *Socket) noneComes() bool { return s.state != Connected || s.broken || s.has(readEnded) }

// peerGone is called when the system has an end instead of data: err says how it came
// about, nil is an orderly one.
func (s *Socket) peerGone(err error) {
	if !s.flushPendingReadyRead() {
		return
	}
	if x := s.SSL(); x != nil && !x.tell() {
		return
	}
	if err != nil {
		s.failConnection(failure.Read(err))
		return
	}
	s.ends |= peerEnded
	if s.kind == SCTP {
		// It knows no half-open connections.
		s.ends |= sendFailed
	}
	if s.hasUnsent() && !s.has(halfOpen) && !s.has(sendFailed) {
		// Who has said all may still listen: it is sent first, whatever time that takes.
		s.updateInterest()
		if s.outlet == free {
			s.flush()
		}
		return
	}
	s.handlePeerEnd()
}

// handlePeerEnd ends the connection after the peer's end, or signals only that where it may
// be half-open.
func (s *Socket) handlePeerEnd() {
	if !s.has(halfOpen) || s.kind == SCTP {
		s.failConnection(s.peerClosed())
		return
	}
	s.ends |= readEnded
	s.updateInterest()
	if s.emit(SignalReadChannelFinished, 0) {
		s.endIfBothEnded()
	}
}

// peerClosed returns how the peer has ended the connection: a TLS peer has said so.
func (s *Socket) peerClosed() *failure.Failure {
	if x := s.SSL(); x != nil && x.IsEncrypted() {
		return failure.TLSClosed
	}
	return failure.PeerClosed
}

// endIfBothEnded ends a connection in which nobody says anything any more.
func (s *Socket) endIfBothEnded() {
	if s.state == Connected && s.has(readEnded|finSent) {
		s.Disconnect()
	}
}

// peerVanished ends a half-open connection that the system knows to be over: it was
// reset, or the other end of a local one was closed.
func (s *Socket) peerVanished() {
	s.ends |= sendFailed
	f := failure.PeerClosed
	if code, err := unix.GetsockoptInt(int(s.fd), unix.SOL_SOCKET, unix.SO_ERROR); err == nil && code != 0 {
		f = failure.Read(unix.Errno(code))
	}
	s.failConnection(f)
}

// noteHangUp ends a half-open connection that has hung up. With something to send,
// sending it tells.
func (s *Socket) noteHangUp() {
	if s.has(readEnded) && s.state == Connected && !s.hasUnsent() {
		s.peerVanished()
	}
}

// CloseWriteChannel has the peer told that nothing more will be sent, once what is
// written is sent. Reading goes on. (QProcess::closeWriteChannel is alike; sockets have
// nothing like it in Qt.)
func (s *Socket) CloseWriteChannel() {
	switch {
	case s.kind == UDP, s.kind == SCTP:
		s.Refuse()
	case s.state == HostLookup, s.state == Connecting:
		s.ends |= writeEnded
	case s.state == Connected:
		s.ends |= writeEnded
		s.sendEnd()
		s.endIfBothEnded()
	case s.state != Closing:
		s.warn("close_write_channel", "the socket is not connected")
	}
}

// sendEnd tells the peer that nothing more will be sent, if it is time for that.
func (s *Socket) sendEnd() {
	if s.ends&(writeEnded|finSent) != writeEnded || s.toSend() || s.state != Connected || s.fd < 0 || s.broken {
		return
	}
	if !s.endOutput() {
		s.flushLater()
		return
	}
	s.ends |= finSent
	sys.EndSending(int(s.fd))
}
