package socket

import (
	"qnet/core/address"
	"qnet/core/failure"
)

// Name is the address and port of one end.
type Name struct {
	Address address.Address
	Port    uint16
}

var nowhere = &Name{}

// setHere sets the name on this side.
func (s *Socket) setHere(a address.Address, port uint16) { s.here = &Name{a, port} }

// Here returns the name on this side, which does not change.
func (s *Socket) Here() *Name { return s.here }

// LocalAddress returns the address on this side (QAbstractSocket::localAddress).
func (s *Socket) LocalAddress() address.Address { return s.here.Address }

// LocalPort returns the port on this side (QAbstractSocket::localPort).
func (s *Socket) LocalPort() uint16 { return s.here.Port }

// PeerAddress returns the peer's address (QAbstractSocket::peerAddress).
func (s *Socket) PeerAddress() address.Address { return s.peer }

// PeerPort returns the peer's port (QAbstractSocket::peerPort).
func (s *Socket) PeerPort() uint16 { return s.peerPort }

// PeerName returns what SetPeerName was given for this connection, else the
// name that connect was given (QAbstractSocket::peerName).
func (s *Socket) PeerName() string {
	switch {
	case s.rare == nil:
		return ""
	case s.rare.peerName != "":
		return s.rare.peerName
	}
	return s.rare.hostName
}

// SetLocalAddress and the setters below change what the getters tell, and
// nothing else (the protected setters of QAbstractSocket).
func (s *Socket) SetLocalAddress(a address.Address) { s.here = &Name{a, s.here.Port} }

// SetLocalPort is QAbstractSocket::setLocalPort.
func (s *Socket) SetLocalPort(port uint16) { s.here = &Name{s.here.Address, port} }

// SetPeerAddress is QAbstractSocket::setPeerAddress.
func (s *Socket) SetPeerAddress(a address.Address) { s.peer = a }

// SetPeerPort is QAbstractSocket::setPeerPort.
func (s *Socket) SetPeerPort(port uint16) { s.peerPort = port }

// SetPeerName is QAbstractSocket::setPeerName.
func (s *Socket) SetPeerName(name string) {
	if name != "" || s.rare != nil {
		s.rarely().peerName = name
	}
}

// SetState is QAbstractSocket::setSocketState.
func (s *Socket) SetState(state State) { s.state = state }

// SetError is QAbstractSocket::setSocketError.
func (s *Socket) SetError(code failure.Code) {
	s.failure = &failure.Failure{Code: code, Text: s.failure.Text}
}

// ProtocolTag returns what SetProtocolTag was given (QAbstractSocket::protocolTag).
func (s *Socket) ProtocolTag() string {
	if s.rare == nil || s.rare.protocolTag == nil {
		return ""
	}
	return *s.rare.protocolTag
}

// SetProtocolTag is QAbstractSocket::setProtocolTag.
func (s *Socket) SetProtocolTag(tag string) { s.rarely().protocolTag = &tag }

// PauseMode is QAbstractSocket::pauseMode.
func (s *Socket) PauseMode() int {
	if s.rare == nil {
		return 0
	}
	return int(s.rare.pauseMode)
}

// SetPauseMode is QAbstractSocket::setPauseMode.
func (s *Socket) SetPauseMode(mode int) { s.rarely().pauseMode = int32(mode) }
