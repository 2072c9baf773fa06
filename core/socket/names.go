package socket

import (
	"qnet/core/address"
	"qnet/core/failure"
)

var noEndpoint = &address.Endpoint{}

// setLocal sets the endpoint on this side.
func (s *Socket) setLocal(a address.Address, port uint16) {
	s.local = &address.Endpoint{Address: a, Port: port}
}

func (s *Socket) setEnds(e Ends) { s.local, s.peer, s.peerPort = e.Local, e.Peer, e.PeerPort }

// LocalEndpoint returns the endpoint on this side, which does not change.
func (s *Socket) LocalEndpoint() *address.Endpoint { return s.local }

// LocalAddress returns the address on this side (QAbstractSocket::localAddress).
func (s *Socket) LocalAddress() address.Address { return s.local.Address }

// LocalPort returns the port on this side (QAbstractSocket::localPort).
func (s *Socket) LocalPort() uint16 { return s.local.Port }

// PeerAddress returns the peer's address (QAbstractSocket::peerAddress).
func (s *Socket) PeerAddress() address.Address { return s.peer }

// PeerPort returns the peer's port (QAbstractSocket::peerPort).
func (s *Socket) PeerPort() uint16 { return s.peerPort }

// PeerName returns what SetPeerName was given for this connection, else the
// name that connect was given (QAbstractSocket::peerName).
func (s *Socket) PeerName() string {
	switch {
	case s.cold == nil:
		return ""
	case s.cold.peerName != nil:
		return *s.cold.peerName
	}
	return s.cold.hostName
}

// Describe returns what messages call s: "QTcpSocket 0x55d0c8, peer 127.0.0.1:80".
func (s *Socket) Describe() string {
	who := s.Named(s.class())
	switch {
	case s.kind == Local && s.ServerName() != "":
		return who + ", peer " + s.ServerName()
	case !s.peer.IsNull():
		return who + ", peer " + s.PeerEndpoint().String()
	case s.PeerName() != "":
		return who + ", peer " + s.PeerName()
	}
	return who
}

func (s *Socket) class() string {
	switch {
	case s.kind == Local:
		return "QLocalSocket"
	case s.kind == UDP:
		return "QUdpSocket"
	case s.kind == SCTP:
		return "QSctpSocket"
	case s.SSL() != nil:
		return "QSslSocket"
	}
	return "QTcpSocket"
}

// PeerText returns where s is connected to as one text; "" if it is not.
func (s *Socket) PeerText() string {
	if s.kind == Local {
		return s.FullServerName()
	}
	return s.PeerEndpoint().String()
}

// PeerEndpoint returns the peer's address and port.
func (s *Socket) PeerEndpoint() address.Endpoint {
	return address.Endpoint{Address: s.peer, Port: s.peerPort}
}

// SetLocalAddress and the setters below change what the getters tell, and
// nothing else (the protected setters of QAbstractSocket).
func (s *Socket) SetLocalAddress(a address.Address) {
	s.local = &address.Endpoint{Address: a, Port: s.local.Port}
}

// SetLocalPort is QAbstractSocket::setLocalPort.
func (s *Socket) SetLocalPort(port uint16) {
	s.local = &address.Endpoint{Address: s.local.Address, Port: port}
}

// SetPeerAddress is QAbstractSocket::setPeerAddress.
func (s *Socket) SetPeerAddress(a address.Address) { s.peer = a }

// SetPeerPort is QAbstractSocket::setPeerPort.
func (s *Socket) SetPeerPort(port uint16) { s.peerPort = port }

// SetPeerName is QAbstractSocket::setPeerName.
func (s *Socket) SetPeerName(name string) {
	switch {
	case name != "":
		s.ensureCold().peerName = &name
	case s.cold != nil:
		s.cold.peerName = nil
	}
}

// SetState is QAbstractSocket::setSocketState.
func (s *Socket) SetState(state State) {
	s.state = state
	s.notifyWaiters()
}

// SetError is QAbstractSocket::setSocketError.
func (s *Socket) SetError(code failure.Code) {
	s.failure = &failure.Failure{Code: code, Text: s.failure.Text}
}

// ProtocolTag returns what SetProtocolTag was given (QAbstractSocket::protocolTag).
func (s *Socket) ProtocolTag() string { return s.proxyPart().protocolTag }

// SetProtocolTag is QAbstractSocket::setProtocolTag.
func (s *Socket) SetProtocolTag(tag string) { s.ensureProxyPart().protocolTag = tag }

// PauseMode is QAbstractSocket::pauseMode.
func (s *Socket) PauseMode() int {
	if s.cold == nil {
		return 0
	}
	return int(s.cold.pauseMode)
}

// SetPauseMode is QAbstractSocket::setPauseMode.
func (s *Socket) SetPauseMode(mode int) { s.ensureCold().pauseMode = int32(mode) }
