package socket

import "qnet/core/proxy"

// SetProxy sets the proxy of the connections to come; the default one stands for the
// application's (QAbstractSocket::setProxy).
func (s *Socket) SetProxy(p proxy.Proxy) { s.ensureCold().proxy = &p }

// Proxy returns what SetProxy was given (QAbstractSocket::proxy).
func (s *Socket) Proxy() proxy.Proxy {
	if s.cold == nil || s.cold.proxy == nil {
		return proxy.Proxy{}
	}
	return *s.cold.proxy
}

// Authenticator returns what is to be filled now; nil if nothing is.
func (s *Socket) Authenticator() *Authenticator {
	if s.cold == nil || s.cold.through == nil {
		return nil
	}
	return s.cold.through.authenticator
}

// asking reports whether the slots of SignalProxyAuthenticationRequired are called.
func (s *Socket) asking() bool { return s.Authenticator() != nil }

// chooseProxy returns the proxy for a connection to a host, or for datagrams to one, "" for
// any: proxy.None for a direct way. It reports whether there is a way, and whether one is
// still wanted; a factory of the program may have done anything.
func (s *Socket) chooseProxy(host string, port uint16) (p proxy.Proxy, able, wanted bool) {
	q := proxy.Query{Type: proxy.TCPSocket, PeerHost: host, PeerPort: int(port), LocalPort: -1, ProtocolTag: s.ProtocolTag()}
	if s.kind == UDP {
		q.Type = proxy.UDPSocket
	}
	connection, state := s.connectionID, s.state
	p, able, asked := proxy.Process.ResolveUnlocked(s.Proxy(), q, s.Ask)
	if asked && (!s.Alive() || s.Deleting() || s.connectionID != connection || s.state != state) {
		return p, false, false
	}
	return p, able, true
}
