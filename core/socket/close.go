package socket

import (
	"qnet/core/address"
	"qnet/core/buffer"
)

// Disconnect sends what is still to be sent and then ends the connection;
// while connecting, once connected (QAbstractSocket::disconnectFromHost).
func (s *Socket) Disconnect() {
	switch {
	case s.state == Unconnected:
		return
	case s.has(aborting):
		s.finish(true)
		return
	}
	switch s.state {
	case HostLookup, Connecting:
		s.closeLater = true
		return
	case Connected, Bound, Listening:
		s.state = Closing
		s.updateInterest()
		if !s.emit(SignalStateChanged, int64(Closing)) {
			return
		}
	}
	if s.holdsEarly() {
		return
	}
	if s.fd >= 0 && !s.broken && (s.hasUnsent() || !s.endOutput()) {
		s.flushLater()
		return
	}
	s.finish(false)
}

// Close closes the device and disconnects (QAbstractSocket::close).
func (s *Socket) Close() {
	if s.kind == Local {
		s.closeLocal()
		return
	}
	if s.closeDevice() {
		s.Disconnect()
	}
}

// closeDevice does what QIODevice::close does. Whatever a slot has done, if it has not
// deleted s, the device is closed then: also that of a connection which it has begun.
// It reports whether s is still alive.
func (s *Socket) closeDevice() bool {
	if s.mode == NotOpen {
		return true
	}
	s.emit(SignalAboutToClose, 0)
	if !s.Alive() {
		return false
	}
	s.mode = NotOpen
	s.clearRead()
	return true
}

// Abort ends the connection at once and drops what was to be sent
// (QAbstractSocket::abort).
func (s *Socket) Abort() {
	s.clearWritten()
	if r := s.relay(); r != nil {
		r.dropEarly()
	}
	if s.kind == Local {
		s.abortLocal()
	} else {
		s.ends |= aborting
		if s.closeDevice() {
			s.Disconnect()
			s.ends &^= aborting
		}
	}
	s.callReleased()
}

// finish ends the connection, or the attempt at one.
func (s *Socket) finish(aborted bool) {
	before, told := s.state, s.has(readEnded)
	if !aborted {
		if x := s.SSL(); x != nil && !(x.tell() && x.emitEncryptedWritten()) {
			return
		}
		s.discardReceived()
	}
	s.dropDescriptor()
	s.state = Unconnected
	s.ends &= settings
	s.forgetServer()
	if !s.emit(SignalStateChanged, int64(Unconnected)) || !told && !s.emit(SignalReadChannelFinished, 0) {
		return
	}
	if before == Connected || before == Closing {
		if !s.emit(SignalDisconnected, 0) {
			return
		}
	}
	s.local = noEndpoint
	s.peer, s.peerPort = address.Null, 0
	s.SetPeerName("")
	s.clearWritten()
	s.callReleased()
}

// discardReceived takes from the system what nobody will read. Closing a
// descriptor with unread data resets the connection, and what was sent but has
// not arrived would be lost.
func (s *Socket) discardReceived() {
	const tries = 64
	for i := 0; s.udp() == nil && i < tries && s.fd >= 0 && !s.broken; i++ {
		var trash buffer.Buffer
		n, _ := trash.Fill(s.pool(), maxRead, s.drain)
		trash.Clear(s.pool())
		if n <= 0 {
			return
		}
	}
}

// Delete ends the connection and the socket, at once (QAbstractSocket's
// destructor).
func (s *Socket) Delete() {
	if !s.BeginDelete() {
		return
	}
	// A local socket also closes the device, if its connection has left that open.
	if s.state != Unconnected || s.kind == Local {
		s.Abort()
	}
	s.SetOwner(nil)
	// A callback may have connected it again.
	s.dropDescriptor()
	s.clearBuffers()
	s.closeDescriptors()
	s.notifyWaiters()
	s.callReleased()
	s.EndDelete()
}

// DeleteLater deletes s when control is back in the loop (QObject::deleteLater).
func (s *Socket) DeleteLater() { s.Object.DeleteLater(s) }
