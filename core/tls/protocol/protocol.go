// Package protocol names the versions of TLS as Qt does (QSsl::SslProtocol).
package protocol

import "crypto/tls"

// Protocol is a QSsl::SslProtocol: a version, or a range of them. 8 to 11 are those of datagrams.
type Protocol int32

const (
	TLS10           Protocol = 0
	TLS11           Protocol = 1
	TLS12           Protocol = 2
	Any             Protocol = 3
	Secure          Protocol = 4
	TLS10OrLater    Protocol = 5
	TLS11OrLater    Protocol = 6
	TLS12OrLater    Protocol = 7
	TLS13           Protocol = 12
	TLS13OrLater    Protocol = 13
	UnknownProtocol Protocol = -1
)

// versions has what each stands for, in the order in which Qt lists them.
var versions = []struct {
	protocol Protocol
	min, max uint16
}{
	{Any, tls.VersionTLS10, tls.VersionTLS13},
	{Secure, tls.VersionTLS12, tls.VersionTLS13},
	{TLS10, tls.VersionTLS10, tls.VersionTLS10},
	{TLS10OrLater, tls.VersionTLS10, tls.VersionTLS13},
	{TLS11, tls.VersionTLS11, tls.VersionTLS11},
	{TLS11OrLater, tls.VersionTLS11, tls.VersionTLS13},
	{TLS12, tls.VersionTLS12, tls.VersionTLS12},
	{TLS12OrLater, tls.VersionTLS12, tls.VersionTLS13},
	{TLS13, tls.VersionTLS13, tls.VersionTLS13},
	{TLS13OrLater, tls.VersionTLS13, tls.VersionTLS13},
}

// Supported returns those that a connection may be asked for (QSslSocket::supportedProtocols):
// all but those of datagrams.
func Supported() []Protocol {
	list := make([]Protocol, len(versions))
	for i, v := range versions {
		list[i] = v.protocol
	}
	return list
}

// Range returns the versions that p stands for, as crypto/tls numbers them, and reports
// whether it is supported (QSslSocket::isProtocolSupported).
func (p Protocol) Range() (min, max uint16, ok bool) {
	for _, v := range versions {
		if v.protocol == p {
			return v.min, v.max, true
		}
	}
	return 0, 0, false
}

// Of returns the one that stands for a version of crypto/tls alone.
func Of(version uint16) Protocol {
	switch version {
	case tls.VersionTLS10:
		return TLS10
	case tls.VersionTLS11:
		return TLS11
	case tls.VersionTLS12:
		return TLS12
	case tls.VersionTLS13:
		return TLS13
	}
	return UnknownProtocol
}
