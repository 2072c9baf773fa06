// Package proxy is what a proxy is, which one a socket uses, and what the steps that
// set a connection up through one have in common. The steps themselves, which know
// nothing of sockets, are in the packages below it: socks5 and tunnel.
package proxy

import (
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// Type is a QNetworkProxy::ProxyType, with Qt's numeric values.
type Type int32

const (
	Default     Type = 0 // whatever the application uses
	Socks5      Type = 1
	None        Type = 2 // a direct connection
	HTTP        Type = 3 // CONNECT
	HTTPCaching Type = 4 // for requests of HTTP, not for sockets
	FTPCaching  Type = 5 // the same for FTP
)

// Capabilities is a QNetworkProxy::Capabilities, with Qt's numeric values.
type Capabilities int

const (
	Tunneling      Capabilities = 1 << iota // TCP connections
	Listening                               // TCP servers
	UDPTunneling                            // datagrams
	Caching                                 // pages
	HostNameLookup                          // names, which then are not looked up here
	SCTPTunneling
	SCTPListening
)

// defaults are the capabilities of each type in Qt.
var defaults = [...]Capabilities{
	Default:     Tunneling | Listening | UDPTunneling | SCTPTunneling | SCTPListening,
	Socks5:      Tunneling | Listening | UDPTunneling | HostNameLookup,
	None:        Tunneling | Listening | UDPTunneling | SCTPTunneling | SCTPListening,
	HTTP:        Tunneling | Caching | HostNameLookup,
	HTTPCaching: Caching | HostNameLookup,
	FTPCaching:  Caching | HostNameLookup,
}

// Proxy is a proxy and how to use it (QNetworkProxy). It is a value: copies are
// independent of each other.
type Proxy struct {
	Type           Type
	Host           string
	Port           uint16
	User, Password string

	capabilities *Capabilities // nil: those of the type
	headers      []Header
}

// Header is a line in the header of a request to an HTTP proxy.
type Header struct{ Name, Value string }

// Capabilities returns what the proxy can do: what SetCapabilities was given, or else
// what its type can (QNetworkProxy::capabilities).
func (p Proxy) Capabilities() Capabilities {
	switch {
	case p.capabilities != nil:
		return *p.capabilities
	case p.Type >= 0 && int(p.Type) < len(defaults):
		return defaults[p.Type]
	}
	return 0
}

// SetCapabilities says what the proxy can do; a later change of its type leaves that
// alone (QNetworkProxy::setCapabilities).
func (p *Proxy) SetCapabilities(c Capabilities) { p.capabilities = &c }

// IsCaching reports whether the proxy can cache (QNetworkProxy::isCachingProxy).
func (p Proxy) IsCaching() bool { return p.Capabilities()&Caching != 0 }

// IsTransparent reports whether TCP connections can be made through the proxy
// (QNetworkProxy::isTransparentProxy).
func (p Proxy) IsTransparent() bool { return p.Capabilities()&Tunneling != 0 }

// Equal is Qt's operator==, which does not look at headers.
func (p Proxy) Equal(q Proxy) bool {
	return p.Type == q.Type && p.Host == q.Host && p.Port == q.Port && p.User == q.User && p.Password == q.Password &&
		p.Capabilities() == q.Capabilities()
}

// Header returns the value of a header that SetHeader was given, in whatever letters,
// and reports whether there is one (QNetworkProxy::rawHeader, hasRawHeader).
func (p Proxy) Header(name string) (string, bool) {
	if i := p.header(name); i >= 0 {
		return p.headers[i].Value, true
	}
	return "", false
}

// SetHeader sets a header for requests to an HTTP proxy, and reports whether it could:
// not if it has no name, or if either would break the request up. Spaces around the
// value are not part of it (QNetworkProxy::setRawHeader).
func (p *Proxy) SetHeader(name, value string) bool {
	value = strings.Trim(value, " \t")
	if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
		return false
	}
	p.headers = slices.Clone(p.headers)
	if i := p.header(name); i >= 0 {
		p.headers[i] = Header{name, value}
	} else {
		p.headers = append(p.headers, Header{name, value})
	}
	return true
}

// RemoveHeader removes a header.
func (p *Proxy) RemoveHeader(name string) {
	if i := p.header(name); i >= 0 {
		p.headers = slices.Delete(slices.Clone(p.headers), i, i+1)
	}
}

// UseHeaders makes the headers those of q.
func (p *Proxy) UseHeaders(q Proxy) { p.headers = q.headers }

// Headers returns the headers in the order in which they were set first. They are not
// to be changed.
func (p Proxy) Headers() []Header { return p.headers }

func (p Proxy) header(name string) int {
	return slices.IndexFunc(p.headers, func(h Header) bool { return strings.EqualFold(h.Name, name) })
}
