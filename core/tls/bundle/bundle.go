// Package bundle reads PKCS #12: a private key with its certificate and others in one file
// under a pass phrase.
package bundle

import (
	"errors"
	"strings"

	"software.sslmate.com/src/go-pkcs12"

	"qnet/core/tls/certificate"
	"qnet/core/tls/der"
	"qnet/core/tls/key"
)

// Bundle is what is in a file.
type Bundle struct {
	Key         *key.Key
	Certificate *certificate.Certificate   // the key's
	Authorities []*certificate.Certificate // all others
}

// Errors of files; those of the key are the key's.
var (
	ErrPassPhrase = errors.New("The pass phrase is wrong")
	ErrBroken     = errors.New("The file is broken, or it is made in a way that is not supported")
)

// maxIterations is how often a file may ask for something to be done.
const maxIterations = 10_000_000

// Parse reads PKCS #12, made with old algorithms or new ones
// (QSslCertificate::importPkcs12). There is to be one private key.
func Parse(data []byte, passPhrase string) (*Bundle, error) {
	if tooMuch(data, 0) {
		return nil, key.ErrTooMuchWork
	}
	private, own, others, err := pkcs12.DecodeChain(data, passPhrase)
	if err != nil {
		if errors.Is(err, pkcs12.ErrIncorrectPassword) || strings.Contains(err.Error(), "decryption") {
			return nil, ErrPassPhrase
		}
		return nil, ErrBroken
	}
	b := &Bundle{}
	if b.Key, err = key.FromPrivate(private); err != nil {
		return nil, err
	}
	var ok bool
	if b.Certificate, _, ok = certificate.Parse(own.Raw); !ok {
		return nil, ErrBroken
	}
	for _, other := range others {
		c, _, ok := certificate.Parse(other.Raw)
		if !ok {
			return nil, ErrBroken
		}
		b.Authorities = append(b.Authorities, c)
	}
	return b, nil
}

// tooMuch reports whether something is to be done too often: the number of times follows
// the salt wherever there is one. What is encrypted, and can be decrypted, is trusted.
func tooMuch(data []byte, depth int) bool {
	const deepest = 32
	afterSalt := false
	for depth < deepest {
		e, rest, ok := der.Next(data)
		if !ok {
			return false
		}
		if n := der.Int(e.Body); e.Tag == der.Integer && afterSalt && n.BitLen() > 0 && (!n.IsInt64() || n.Int64() > maxIterations) {
			return true
		}
		afterSalt = e.Tag == der.OctetString
		if inside := e.Tag&0x20 != 0 || e.Tag == der.OctetString; inside && tooMuch(e.Body, depth+1) {
			return true
		}
		data = rest
	}
	return false
}
