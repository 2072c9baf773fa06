package socket

import "qnet/core/proxy"

// proxyPart is what few sockets have of proxies.
type proxyPart struct {
	own           proxy.Proxy    // the default one: the application's
	authenticator *Authenticator // while it is to be filled
	protocolTag   string         // what connections are for
}

// proxyPart returns what a socket has, nothing if that is nothing yet.
func (s *Socket) proxyPart() proxyPart {
	if s.cold == nil || s.cold.proxy == nil {
		return proxyPart{}
	}
	return *s.cold.proxy
}

func (s *Socket) ensureProxyPart() *proxyPart {
	c := s.ensureCold()
	if c.proxy == nil {
		c.proxy = &proxyPart{}
	}
	return c.proxy
}

// SetProxy sets the proxy of the connections to come; the default one stands for the
// application's (QAbstractSocket::setProxy).
func (s *Socket) SetProxy(p proxy.Proxy) { s.ensureProxyPart().own = p }

// Proxy returns what SetProxy was given (QAbstractSocket::proxy).
func (s *Socket) Proxy() proxy.Proxy { return s.proxyPart().own }

// Authenticator returns what is to be filled now; nil if nothing is.
func (s *Socket) Authenticator() *Authenticator { return s.proxyPart().authenticator }

// ask has the slots fill the authenticator. Whether they still want it is for whoever has
// the question to see.
func (s *Socket) ask(q proxy.Question) (user, password string) {
	a := newAuthenticator(s.Loop(), q)
	s.ensureProxyPart().authenticator = a
	s.emit(SignalProxyAuthenticationRequired, 0)
	if s.Authenticator() == a {
		s.askNoMore()
	}
	a.end()
	return a.User, a.Password
}

// askNoMore has those slots that were not called yet not asked.
func (s *Socket) askNoMore() {
	if s.asking() {
		s.cold.proxy.authenticator = nil
	}
}

// asking reports whether the slots of SignalProxyAuthenticationRequired are called.
func (s *Socket) asking() bool { return s.Authenticator() != nil }

// chooseProxy returns the proxy for a connection to a host, or for datagrams to one, "" for
// any: proxy.None for a direct way. It reports whether there is a way, and whether one is
// still wanted; a factory of the program may have done anything.
func (s *Socket) chooseProxy(host string, port uint16) (p proxy.Proxy, able, wanted bool) {
	q := proxy.Query{Type: proxy.TCPSocket, PeerHost: host, PeerPort: int(port), LocalPort: -1, ProtocolTag: s.ProtocolTag()}
	switch s.kind {
	case UDP:
		q.Type = proxy.UDPSocket
	case SCTP:
		q.Type = proxy.SCTPSocket
	}
	connection, state := s.connectionID, s.state
	p, able, asked := proxy.Process.ResolveUnlocked(s.Proxy(), q, s.Ask)
	if asked && (!s.Alive() || s.Deleting() || s.connectionID != connection || s.state != state) {
		return p, false, false
	}
	return p, able, true
}
