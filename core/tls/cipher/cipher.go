// Package cipher names the cipher suites and the curves of TLS as Qt and OpenSSL do
// (QSslCipher, QSslEllipticCurve).
package cipher

import (
	"crypto/tls"
	"fmt"
	"strings"

	"qnet/core/tls/protocol"
)

// Cipher is a cipher suite (QSslCipher), by its number in TLS; 0 is the null one.
type Cipher uint16

// about is what Qt says of a suite.
type about struct {
	id       uint16
	name     string
	protocol protocol.Protocol // the first that has it
	version  string            // the same as OpenSSL writes it
	exchange string
	proof    string
	method   string
	bits     int
	usual    bool // whether it is used unless somebody says otherwise
}

// all has those that crypto/tls has and OpenSSL has too, in Qt's order. To use RSA for the
// exchange of keys, or blocks with a hash before encryption, is no longer secure.
var all = []about{
	{tls.TLS_AES_256_GCM_SHA384, "TLS_AES_256_GCM_SHA384", protocol.TLS13, "TLSv1.3", "any", "any", "AESGCM", 256, true},
	{tls.TLS_CHACHA20_POLY1305_SHA256, "TLS_CHACHA20_POLY1305_SHA256", protocol.TLS13, "TLSv1.3", "any", "any", "CHACHA20/POLY1305", 256, true},
	{tls.TLS_AES_128_GCM_SHA256, "TLS_AES_128_GCM_SHA256", protocol.TLS13, "TLSv1.3", "any", "any", "AESGCM", 128, true},

	{tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, "ECDHE-ECDSA-AES256-GCM-SHA384", protocol.TLS12, "TLSv1.2", "ECDH", "ECDSA", "AESGCM", 256, true},
	{tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, "ECDHE-RSA-AES256-GCM-SHA384", protocol.TLS12, "TLSv1.2", "ECDH", "RSA", "AESGCM", 256, true},
	{tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, "ECDHE-ECDSA-CHACHA20-POLY1305", protocol.TLS12, "TLSv1.2", "ECDH", "ECDSA", "CHACHA20/POLY1305", 256, true},
	{tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, "ECDHE-RSA-CHACHA20-POLY1305", protocol.TLS12, "TLSv1.2", "ECDH", "RSA", "CHACHA20/POLY1305", 256, true},
	{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, "ECDHE-ECDSA-AES128-GCM-SHA256", protocol.TLS12, "TLSv1.2", "ECDH", "ECDSA", "AESGCM", 128, true},
	{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, "ECDHE-RSA-AES128-GCM-SHA256", protocol.TLS12, "TLSv1.2", "ECDH", "RSA", "AESGCM", 128, true},
	{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, "ECDHE-ECDSA-AES128-SHA256", protocol.TLS12, "TLSv1.2", "ECDH", "ECDSA", "AES", 128, false},
	{tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256, "ECDHE-RSA-AES128-SHA256", protocol.TLS12, "TLSv1.2", "ECDH", "RSA", "AES", 128, false},

	{tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, "ECDHE-ECDSA-AES256-SHA", protocol.TLS10, "TLSv1", "ECDH", "ECDSA", "AES", 256, true},
	{tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA, "ECDHE-RSA-AES256-SHA", protocol.TLS10, "TLSv1", "ECDH", "RSA", "AES", 256, true},
	{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, "ECDHE-ECDSA-AES128-SHA", protocol.TLS10, "TLSv1", "ECDH", "ECDSA", "AES", 128, true},
	{tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, "ECDHE-RSA-AES128-SHA", protocol.TLS10, "TLSv1", "ECDH", "RSA", "AES", 128, true},

	{tls.TLS_RSA_WITH_AES_256_GCM_SHA384, "AES256-GCM-SHA384", protocol.TLS12, "TLSv1.2", "RSA", "RSA", "AESGCM", 256, false},
	{tls.TLS_RSA_WITH_AES_128_GCM_SHA256, "AES128-GCM-SHA256", protocol.TLS12, "TLSv1.2", "RSA", "RSA", "AESGCM", 128, false},
	{tls.TLS_RSA_WITH_AES_128_CBC_SHA256, "AES128-SHA256", protocol.TLS12, "TLSv1.2", "RSA", "RSA", "AES", 128, false},
	{tls.TLS_RSA_WITH_AES_256_CBC_SHA, "AES256-SHA", protocol.UnknownProtocol, "SSLv3", "RSA", "RSA", "AES", 256, false},
	{tls.TLS_RSA_WITH_AES_128_CBC_SHA, "AES128-SHA", protocol.UnknownProtocol, "SSLv3", "RSA", "RSA", "AES", 128, false},
}

// find returns what is known of a suite.
func (c Cipher) find() about {
	for _, a := range all {
		if Cipher(a.id) == c {
			return a
		}
	}
	return about{protocol: protocol.UnknownProtocol}
}

func list(wanted func(a about) bool) []Cipher {
	var l []Cipher
	for _, a := range all {
		if wanted(a) {
			l = append(l, Cipher(a.id))
		}
	}
	return l
}

// Supported returns all that can be used, the best ones first
// (QSslConfiguration::supportedCiphers).
func Supported() []Cipher { return list(func(about) bool { return true }) }

// Default returns those that are used unless others are asked for: without what is not
// secure by today's measure.
func Default() []Cipher { return list(func(a about) bool { return a.usual }) }

// ByName returns the supported one of a name, null if there is none
// (QSslCipher::QSslCipher).
func ByName(name string) Cipher {
	for _, a := range all {
		if a.name == name {
			return Cipher(a.id)
		}
	}
	return 0
}

// Parse returns the supported ones of a list of names with colons between them
// (QSslConfiguration::setCiphers), and what is no supported name.
func Parse(names string) (list []Cipher, unknown []string) {
	for name := range strings.SplitSeq(names, ":") {
		if c := ByName(name); !c.IsNull() {
			list = append(list, c)
		} else if name != "" {
			unknown = append(unknown, name)
		}
	}
	return list, unknown
}

// ByID returns the one with a number in TLS, null if it is not supported.
func ByID(id uint16) Cipher { return Cipher(Cipher(id).find().id) }

// ID returns the number in TLS.
func (c Cipher) ID() uint16 { return uint16(c) }

// IsNull reports whether there is no such suite (QSslCipher::isNull).
func (c Cipher) IsNull() bool { return c.find().id == 0 }

// Name returns OpenSSL's name (QSslCipher::name).
func (c Cipher) Name() string { return c.find().name }

// SupportedBits returns how long the key is (QSslCipher::supportedBits).
func (c Cipher) SupportedBits() int { return c.find().bits }

// UsedBits returns how much of the key is secret (QSslCipher::usedBits).
func (c Cipher) UsedBits() int { return c.find().bits }

// KeyExchange returns how keys are exchanged, "ECDH" (QSslCipher::keyExchangeMethod).
func (c Cipher) KeyExchange() string { return c.find().exchange }

// Authentication returns what a server's key is for (QSslCipher::authenticationMethod).
func (c Cipher) Authentication() string { return c.find().proof }

// Encryption returns how data are encrypted, "AESGCM(256)" (QSslCipher::encryptionMethod).
func (c Cipher) Encryption() string {
	a := c.find()
	if a.id == 0 {
		return ""
	}
	return fmt.Sprintf("%s(%d)", a.method, a.bits)
}

// Protocol returns the first version that has the suite (QSslCipher::protocol); it is
// unknown for the oldest ones, as in Qt.
func (c Cipher) Protocol() protocol.Protocol { return c.find().protocol }

// ProtocolString returns the first version that has the suite (QSslCipher::protocolString).
func (c Cipher) ProtocolString() string { return c.find().version }
