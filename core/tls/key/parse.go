package key

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"

	"qnet/core/tls/der"
)

// Parse reads a key of an algorithm, or of any if that is Opaque. Data is PEM, and the
// first key of the type counts, or DER (QSslKey's constructor).
func Parse(data []byte, algorithm Algorithm, isDER bool, t Type, passPhrase string) (*Key, error) {
	var k *Key
	var err error
	switch {
	case algorithm == DSA:
		return nil, ErrKind
	case t == Public && isDER:
		k, err = public(data)
	case t == Public:
		k, err = publicPEM(data)
	case isDER:
		k, err = private(data, passPhrase)
	default:
		k, err = privatePEM(data, passPhrase)
	}
	switch {
	case err != nil:
		return nil, err
	case algorithm != Opaque && algorithm != k.algorithm:
		return nil, ErrOther
	}
	return k, nil
}

func publicPEM(data []byte) (*Key, error) {
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			return nil, ErrMissing
		}
		if block.Type == "PUBLIC KEY" {
			return public(block.Bytes)
		}
	}
}

func public(data []byte) (*Key, error) {
	e, _, ok := der.Next(data)
	if !ok {
		return nil, ErrBroken
	}
	return FromSubject(e.Raw)
}

func privatePEM(data []byte, passPhrase string) (*Key, error) {
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			return nil, ErrMissing
		}
		switch block.Type {
		case "DSA PRIVATE KEY":
			return nil, ErrKind
		case "RSA PRIVATE KEY", "EC PRIVATE KEY":
			if block.Headers["DEK-Info"] != "" {
				plain, err := traditional(block, passPhrase)
				if err != nil {
					return nil, err
				}
				return private(plain, "")
			}
			return private(block.Bytes, "")
		case "PRIVATE KEY", "ENCRYPTED PRIVATE KEY":
			return private(block.Bytes, passPhrase)
		}
	}
}

// traditional decrypts a key of the form that has how it is encrypted in headers of PEM.
func traditional(block *pem.Block, passPhrase string) ([]byte, error) {
	// Nothing tells this form's plain text from nonsense, which is why nobody should use
	// it: but it is what OpenSSL has written for decades, and all that Qt writes.
	plain, err := x509.DecryptPEMBlock(block, []byte(passPhrase)) //nolint:staticcheck
	switch {
	case err == nil:
		return plain, nil
	case err == x509.IncorrectPasswordError:
		return nil, ErrPassPhrase
	}
	return nil, ErrEncryption
}

// private reads a private key in any form.
func private(data []byte, passPhrase string) (*Key, error) {
	e, _, ok := der.Next(data)
	if !ok || e.Tag != der.Sequence {
		return nil, ErrBroken
	}
	r := der.Read(e.Body)
	if r.Peek() == der.Sequence {
		plain, err := decrypt(e.Raw, passPhrase)
		if err != nil {
			return nil, err
		}
		k, err := private(plain, "")
		if err == ErrBroken {
			// That what was decrypted looked well was chance.
			err = ErrPassPhrase
		}
		return k, err
	}
	r.Any()
	switch r.Peek() {
	case der.Sequence:
		return pkcs8(e.Raw, &r)
	case der.Integer:
		k, err := x509.ParsePKCS1PrivateKey(e.Raw)
		return made(k, err)
	case der.OctetString:
		r.Any()
		if c, ok := r.Optional(der.Explicit(0)); ok {
			inner := der.Read(c.Body)
			if c, ok := curves[inner.Identifier()]; !ok || c.known == nil {
				return nil, ErrCurve
			}
		}
		k, err := x509.ParseECPrivateKey(e.Raw)
		return made(k, err)
	}
	return nil, ErrBroken
}

// pkcs8 reads a key of PKCS #8, whose version a reader has behind it.
func pkcs8(raw []byte, r *der.Reader) (*Key, error) {
	algorithm := r.Inside(der.Sequence)
	switch algorithm.Identifier() {
	case ecKey:
		if algorithm.Peek() == der.OID {
			if c, ok := curves[algorithm.Identifier()]; !ok || c.known == nil {
				return nil, ErrCurve
			}
		}
	case rsaKey, ed25519Key:
	default:
		return nil, ErrKind
	}
	parsed, err := x509.ParsePKCS8PrivateKey(raw)
	if err != nil {
		return nil, ErrBroken
	}
	switch k := parsed.(type) {
	case *rsa.PrivateKey:
		return made(k, nil)
	case *ecdsa.PrivateKey:
		return made(k, nil)
	case ed25519.PrivateKey:
		return made(k, nil)
	}
	return nil, ErrKind
}

// made returns a key that Go has read.
func made(signer crypto.Signer, err error) (*Key, error) {
	if err != nil {
		return nil, ErrBroken
	}
	return FromPrivate(signer)
}
