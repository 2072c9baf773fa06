// Package key reads and writes the keys of certificates: RSA, ECDSA and Ed25519, as PEM
// and DER, in the clear and encrypted.
package key

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
)

// Algorithm is a QSsl::KeyAlgorithm.
type Algorithm int8

const (
	Opaque Algorithm = 0 // one that Qt has no name for, as Ed25519
	RSA    Algorithm = 1
	DSA    Algorithm = 2
	EC     Algorithm = 3
)

// Type is a QSsl::KeyType.
type Type int8

const (
	Private Type = 0
	Public  Type = 1
)

// Key is a private or public key (QSslKey). A nil one is null. Keys do not change.
type Key struct {
	algorithm Algorithm
	length    int
	private   crypto.Signer    // of a private one
	public    crypto.PublicKey // nil if it is of a kind that cannot be used
	spki      []byte           // how a certificate has the public one
}

// FromPrivate returns a key of Go's: *rsa.PrivateKey, *ecdsa.PrivateKey or
// ed25519.PrivateKey.
func FromPrivate(private any) (*Key, error) {
	signer, ok := private.(crypto.Signer)
	if !ok {
		return nil, ErrKind
	}
	spki, err := x509.MarshalPKIXPublicKey(signer.Public())
	if err != nil {
		return nil, ErrKind
	}
	k, err := FromSubject(spki)
	if err != nil {
		return nil, err
	}
	k.private = signer
	return k, nil
}

// IsNull reports whether there is no key (QSslKey::isNull).
func (k *Key) IsNull() bool { return k == nil }

// Length returns how many bits the key has, -1 if there is none (QSslKey::length).
func (k *Key) Length() int {
	if k == nil {
		return -1
	}
	return k.length
}

// Type returns whether the key is private; a null one is public (QSslKey::type).
func (k *Key) Type() Type {
	if k == nil || k.private == nil {
		return Public
	}
	return Private
}

// Algorithm returns what the key is for (QSslKey::algorithm).
func (k *Key) Algorithm() Algorithm {
	if k == nil {
		return Opaque
	}
	return k.algorithm
}

// Signer returns the private key for Go's packages, nil if there is none.
func (k *Key) Signer() crypto.Signer {
	if k == nil {
		return nil
	}
	return k.private
}

// Public returns the public key for Go's packages, nil if there is none or it is of a
// kind that they do not know.
func (k *Key) Public() crypto.PublicKey {
	if k == nil {
		return nil
	}
	return k.public
}

// Subject returns the public key as certificates have it.
func (k *Key) Subject() []byte {
	if k == nil {
		return nil
	}
	return k.spki
}

// Matches reports whether a certificate with a public key is the private one's.
func (k *Key) Matches(public *Key) bool {
	return k.Signer() != nil && public != nil && bytes.Equal(k.spki, public.spki)
}

// Equal reports whether two keys are the same (QSslKey::operator==).
func (k *Key) Equal(other *Key) bool {
	return k.Type() == other.Type() && k.Algorithm() == other.Algorithm() && bytes.Equal(k.DER(), other.DER())
}

// DER returns the key as DER: PKCS #1, SEC 1 or, of an algorithm without a form of its own,
// PKCS #8; a public one as in certificates (QSslKey::toDer without a pass phrase).
func (k *Key) DER() []byte {
	der, _ := k.encoded()
	return der
}

// encoded returns the key with the name of its form in PEM.
func (k *Key) encoded() (der []byte, label string) {
	switch private := k.Signer().(type) {
	case *rsa.PrivateKey:
		return x509.MarshalPKCS1PrivateKey(private), "RSA PRIVATE KEY"
	case *ecdsa.PrivateKey:
		der, _ = x509.MarshalECPrivateKey(private)
		return der, "EC PRIVATE KEY"
	case ed25519.PrivateKey:
		der, _ = x509.MarshalPKCS8PrivateKey(private)
		return der, "PRIVATE KEY"
	}
	return k.Subject(), "PUBLIC KEY"
}
