package server

import (
	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/proxy"
)

// SetProxy sets the proxy that s is to listen through from the next Listen on; the
// default one stands for the application's (QTcpServer::setProxy).
func (s *Server) SetProxy(p proxy.Proxy) { s.proxy = p }

// Proxy returns what SetProxy was given (QTcpServer::proxy).
func (s *Server) Proxy() proxy.Proxy { return s.proxy }

// chooseProxy returns the proxy to listen through: proxy.None for none. It reports
// whether s may go on: a factory of the program may have done anything. As in Qt no
// proxy is for an address that only this host can reach.
func (s *Server) chooseProxy(a address.Address, port uint16) (proxy.Proxy, bool) {
	if a.IsLoopback() {
		return proxy.Proxy{Type: proxy.None}, true
	}
	q := proxy.Query{Type: proxy.TCPServer, PeerPort: -1, LocalPort: int(port)}
	if s.sctp != nil {
		q.Type = proxy.SCTPServer
	}
	p, ok, asked := proxy.Process.ResolveUnlocked(s.proxy, q, s.Ask)
	if asked && (!s.Alive() || !s.mayListen("listen")) {
		return p, false
	}
	if !ok {
		s.failure = failure.ProxyCannot
	}
	return p, ok
}
