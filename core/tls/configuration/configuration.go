// Package configuration is how a connection is to be encrypted (QSslConfiguration).
package configuration

import (
	"bytes"
	"slices"
	"sync"

	"qnet/core/tls/certificate"
	"qnet/core/tls/cipher"
	"qnet/core/tls/key"
	"qnet/core/tls/protocol"
	"qnet/core/tls/roots"
)

// VerifyMode is a QSslSocket::PeerVerifyMode.
type VerifyMode int32

const (
	VerifyNone     VerifyMode = 0
	QueryPeer      VerifyMode = 1
	VerifyPeer     VerifyMode = 2
	AutoVerifyPeer VerifyMode = 3
)

// Option is a QSsl::SslOption; several are added.
type Option int32

const (
	DisableEmptyFragments         Option = 1
	DisableSessionTickets         Option = 2
	DisableCompression            Option = 4
	DisableServerNameIndication   Option = 8
	DisableLegacyRenegotiation    Option = 16
	DisableSessionSharing         Option = 32
	DisableSessionPersistence     Option = 64
	DisableServerCipherPreference Option = 128

	DefaultOptions = DisableEmptyFragments | DisableCompression | DisableLegacyRenegotiation | DisableSessionPersistence
)

// NextProtocolStatus is a QSslConfiguration::NextProtocolNegotiationStatus.
type NextProtocolStatus int32

const (
	NextProtocolNone        NextProtocolStatus = 0
	NextProtocolNegotiated  NextProtocolStatus = 1
	NextProtocolUnsupported NextProtocolStatus = 2
)

// Identity is who one says one is: a certificate with those of its authorities behind it, and
// its private key.
type Identity struct {
	Chain []*certificate.Certificate
	Key   *key.Key
}

// Configuration is how a connection is to be encrypted, and, once it is, how that was done.
// It is copied by assignment: what its slices hold is never changed in place. Make one with
// Null or Default: the protocol of one that is all zero is TLS 1.0.
type Configuration struct {
	Protocol    protocol.Protocol
	VerifyMode  VerifyMode
	VerifyDepth int // 0: any
	LocalChain  []*certificate.Certificate
	PrivateKey  *key.Key // nil: none
	// Alternatives are further certificates of a server (beyond Qt): the one for the name
	// that the client asks for is used, and LocalChain if there is none.
	Alternatives []Identity
	Ciphers      []cipher.Cipher // none: cipher.Default
	Curves       []cipher.Curve  // none: what is usual

	// Authorities are trusted, and with SystemAuthorities those of the system, too, which
	// are loaded when they are needed.
	Authorities       []*certificate.Certificate
	SystemAuthorities bool

	Options                   Option
	NextProtocols             [][]byte
	SessionTicket             []byte // to resume a session with
	OCSP                      bool
	InterruptOnError          bool
	MissingCertificateIsFatal bool

	Connection *Connection // nil before there is one
}

// Connection is what one knows of a connection once it is encrypted, or was to be.
type Connection struct {
	PeerChain      []*certificate.Certificate
	Cipher         cipher.Cipher
	Protocol       protocol.Protocol
	NextProtocol   []byte
	NextStatus     NextProtocolStatus
	Ticket         []byte   // to resume the session with, nil: none
	TicketLifetime int      // in seconds; -1: not known
	EphemeralKey   *key.Key // always nil: crypto/tls does not show it
	OCSPResponses  []OCSPResponse
	Resumed        bool // beyond Qt
}

// OCSPResponse is what a certificate's issuer says of it (QOcspResponse).
type OCSPResponse struct {
	Status    OCSPStatus
	Reason    RevocationReason
	Responder *certificate.Certificate // nil: not sent with it
	Subject   *certificate.Certificate
}

// OCSPStatus is a QOcspCertificateStatus.
type OCSPStatus int32

const (
	OCSPGood    OCSPStatus = 0
	OCSPRevoked OCSPStatus = 1
	OCSPUnknown OCSPStatus = 2
)

// RevocationReason is a QOcspRevocationReason.
type RevocationReason int32

const (
	NoReason             RevocationReason = -1
	Unspecified          RevocationReason = 0
	KeyCompromise        RevocationReason = 1
	CACompromise         RevocationReason = 2
	AffiliationChanged   RevocationReason = 3
	Superseded           RevocationReason = 4
	CessationOfOperation RevocationReason = 5
	CertificateHold      RevocationReason = 6
	RemoveFromCRL        RevocationReason = 7
)

// Null returns a configuration that says nothing, and with which nobody is trusted
// (QSslConfiguration::QSslConfiguration).
func Null() Configuration {
	return Configuration{Protocol: protocol.Secure, VerifyMode: AutoVerifyPeer, Options: DefaultOptions}
}

// first is the default one until there is another.
func first() Configuration {
	c := Null()
	c.Ciphers, c.SystemAuthorities = cipher.Default(), true
	return c
}

var (
	mu       sync.Mutex
	standard *Configuration
)

// Default returns the configuration of sockets that were given none
// (QSslConfiguration::defaultConfiguration).
func Default() Configuration {
	mu.Lock()
	defer mu.Unlock()
	if standard == nil {
		return first()
	}
	return *standard
}

// SetDefault sets it, for sockets to come (QSslConfiguration::setDefaultConfiguration).
func SetDefault(c Configuration) {
	mu.Lock()
	defer mu.Unlock()
	standard = &c
}

// IsNull reports whether c says nothing (QSslConfiguration::isNull).
func (c Configuration) IsNull() bool { return c.Equal(Null()) }

// Equal reports whether two say the same (QSslConfiguration::operator==).
func (c Configuration) Equal(d Configuration) bool {
	return c.Protocol == d.Protocol && c.VerifyMode == d.VerifyMode && c.VerifyDepth == d.VerifyDepth && c.Options == d.Options &&
		c.SystemAuthorities == d.SystemAuthorities && c.OCSP == d.OCSP && c.InterruptOnError == d.InterruptOnError &&
		c.MissingCertificateIsFatal == d.MissingCertificateIsFatal && bytes.Equal(c.SessionTicket, d.SessionTicket) &&
		slices.Equal(c.Ciphers, d.Ciphers) && slices.Equal(c.Curves, d.Curves) &&
		slices.EqualFunc(c.NextProtocols, d.NextProtocols, bytes.Equal) && sameCertificates(c.Authorities, d.Authorities) &&
		c.identity().equal(d.identity()) && slices.EqualFunc(c.Alternatives, d.Alternatives, Identity.equal) && c.Connection.equal(d.Connection)
}

func (c Configuration) identity() Identity { return Identity{c.LocalChain, c.PrivateKey} }

func (i Identity) equal(j Identity) bool {
	return i.Key.Equal(j.Key) && sameCertificates(i.Chain, j.Chain)
}

func sameCertificates(a, b []*certificate.Certificate) bool {
	return slices.EqualFunc(a, b, (*certificate.Certificate).Equal)
}

// equal reports whether two connections were encrypted alike.
func (c *Connection) equal(d *Connection) bool {
	if c == nil || d == nil || c == d {
		return c == d
	}
	return sameCertificates(c.PeerChain, d.PeerChain) && c.Cipher == d.Cipher && c.Protocol == d.Protocol && c.NextStatus == d.NextStatus &&
		bytes.Equal(c.NextProtocol, d.NextProtocol) && c.TicketLifetime == d.TicketLifetime
}

// Has reports whether an option is set (QSslConfiguration::testSslOption).
func (c Configuration) Has(o Option) bool { return c.Options&o == o }

// SetOption sets an option or takes it back (QSslConfiguration::setSslOption).
func (c *Configuration) SetOption(o Option, on bool) {
	c.Options &^= o
	if on {
		c.Options |= o
	}
}

// SetLocalCertificate sets the certificate of this end, nil for none
// (QSslConfiguration::setLocalCertificate).
func (c *Configuration) SetLocalCertificate(local *certificate.Certificate) {
	if c.LocalChain = nil; local != nil {
		c.LocalChain = []*certificate.Certificate{local}
	}
}

// LocalCertificate returns the certificate for the peer, nil if there is none
// (QSslConfiguration::localCertificate).
func (c Configuration) LocalCertificate() *certificate.Certificate {
	if len(c.LocalChain) == 0 {
		return nil
	}
	return c.LocalChain[0]
}

// AllAuthorities returns all that are trusted (QSslConfiguration::caCertificates).
func (c Configuration) AllAuthorities() []*certificate.Certificate {
	if !c.SystemAuthorities {
		return c.Authorities
	}
	return slices.Concat(roots.Shared(), c.Authorities)
}

// SetAuthorities has nobody but those of a list trusted (QSslConfiguration::setCaCertificates).
func (c *Configuration) SetAuthorities(list []*certificate.Certificate) {
	c.Authorities, c.SystemAuthorities = slices.Clone(list), false
}

// AddAuthorities has more of them trusted (QSslConfiguration::addCaCertificates).
func (c *Configuration) AddAuthorities(list ...*certificate.Certificate) {
	c.Authorities = slices.Concat(c.Authorities, list)
}
