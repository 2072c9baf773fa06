package proxy

import (
	"strings"

	"qnet/core/resolve"
)

// QueryType is what a proxy is wanted for (QNetworkProxyQuery::QueryType), with Qt's
// numeric values.
type QueryType int

const (
	TCPSocket  QueryType = 0
	UDPSocket  QueryType = 1
	SCTPSocket QueryType = 2
	TCPServer  QueryType = 100
	URLRequest QueryType = 101
	SCTPServer QueryType = 102
)

// Query asks for the proxies of a socket (QNetworkProxyQuery).
type Query struct {
	Type        QueryType
	PeerHost    string // a name or an address; "" for servers
	PeerPort    int    // -1 if it is not known
	LocalPort   int    // of a server; else -1
	ProtocolTag string // what the connection is for, such as "http"
}

// normal returns the query as factories and exceptions compare it: letters are small, a
// name is as it is looked up, and the brackets of an address are left out.
func (q Query) normal() Query {
	if n := len(q.PeerHost); n > 2 && q.PeerHost[0] == '[' && q.PeerHost[n-1] == ']' {
		q.PeerHost = q.PeerHost[1 : n-1]
	}
	if name, ok := resolve.ToASCII(q.PeerHost); ok {
		q.PeerHost = name
	}
	q.PeerHost, q.ProtocolTag = strings.ToLower(q.PeerHost), strings.ToLower(q.ProtocolTag)
	return q
}

// needs returns what a proxy must be able to do to be of use.
func (t QueryType) needs() Capabilities {
	switch t {
	case TCPSocket:
		return Tunneling
	case UDPSocket:
		return UDPTunneling
	case TCPServer:
		return Listening
	case SCTPSocket:
		return SCTPTunneling
	case SCTPServer:
		return SCTPListening
	}
	return 0
}

// speaks reports whether sockets know a way through proxies of type p for it, whatever
// the proxy says that it can do.
func (t QueryType) speaks(p Type) bool {
	switch p {
	case None:
		return true
	case Socks5:
		return t == TCPSocket || t == UDPSocket || t == TCPServer
	case HTTP:
		return t == TCPSocket
	}
	return false
}

// Choose returns the proxy to use of a list: the first that says it is able to, as in
// Qt. It reports whether sockets can use that one.
func (q Query) Choose(list []Proxy) (Proxy, bool) {
	needs := q.Type.needs()
	for _, p := range list {
		if p.Capabilities()&needs == needs {
			return p, q.Type.speaks(p.Type)
		}
	}
	return Proxy{}, false
}
