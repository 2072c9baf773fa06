package key

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"errors"

	"qnet/core/tls/der"
)

// What is wrong with a key.
var (
	ErrBroken      = errors.New("The key is broken")
	ErrKind        = errors.New("Keys of this algorithm are not supported")
	ErrCurve       = errors.New("Keys on this elliptic curve are not supported")
	ErrOther       = errors.New("The key is of another algorithm")
	ErrMissing     = errors.New("There is no key")
	ErrPassPhrase  = errors.New("The pass phrase is wrong or missing")
	ErrEncryption  = errors.New("Keys that are encrypted in this way are not supported")
	ErrTooMuchWork = errors.New("The key takes too much work to decrypt")
)

// Identifiers of what a key is for.
const (
	rsaKey     = "1.2.840.113549.1.1.1"
	pssKey     = "1.2.840.113549.1.1.10"
	dsaKey     = "1.2.840.10040.4.1"
	ecKey      = "1.2.840.10045.2.1"
	ed25519Key = "1.3.101.112"
)

// curve is an elliptic curve. Go has nil for those that it does not know.
type curve struct {
	bits  int
	known elliptic.Curve
}

var curves = map[string]curve{
	"1.2.840.10045.3.1.1":   {192, nil},
	"1.3.132.0.33":          {224, elliptic.P224()},
	"1.2.840.10045.3.1.7":   {256, elliptic.P256()},
	"1.3.132.0.34":          {384, elliptic.P384()},
	"1.3.132.0.35":          {521, elliptic.P521()},
	"1.3.132.0.10":          {256, nil},
	"1.3.36.3.3.2.8.1.1.7":  {256, nil},
	"1.3.36.3.3.2.8.1.1.11": {384, nil},
	"1.3.36.3.3.2.8.1.1.13": {512, nil},
}

// FromSubject returns the public key that a certificate has. One that nobody here can use
// has its algorithm and length all the same; the error says what is wrong with it then.
func FromSubject(spki []byte) (*Key, error) {
	r := der.Open(spki, der.Sequence)
	algorithm := r.Inside(der.Sequence)
	id := algorithm.Identifier()
	bits := r.Bits()
	if !r.Done() || !algorithm.OK() {
		return nil, ErrBroken
	}
	k := &Key{spki: spki}
	switch id {
	case rsaKey, pssKey:
		return k.rsa(bits)
	case dsaKey:
		k.algorithm = DSA
		parameters := algorithm.Inside(der.Sequence)
		if k.length = parameters.Number().BitLen(); !parameters.OK() {
			return nil, ErrBroken
		}
		return k, ErrKind
	case ecKey:
		return k.ec(algorithm.Identifier(), bits)
	case ed25519Key:
		if len(bits) != ed25519.PublicKeySize {
			return nil, ErrBroken
		}
		k.length, k.public = 256, ed25519.PublicKey(bits)
		return k, nil
	}
	return nil, ErrKind
}

func (k *Key) rsa(bits []byte) (*Key, error) {
	numbers := der.Open(bits, der.Sequence)
	modulus, exponent := numbers.Number(), numbers.Number()
	if !numbers.Done() || modulus.Sign() <= 0 || exponent.Sign() <= 0 {
		return nil, ErrBroken
	}
	k.algorithm, k.length = RSA, modulus.BitLen()
	if exponent.BitLen() > 31 || exponent.Bit(0) == 0 || exponent.Int64() < 3 || modulus.Bit(0) == 0 || k.length > maxRSA {
		return k, ErrKind
	}
	k.public = &rsa.PublicKey{N: modulus, E: int(exponent.Int64())}
	return k, nil
}

// maxRSA is how long a modulus may be at most: verifying takes with the square of it.
const maxRSA = 16384

func (k *Key) ec(id string, point []byte) (*Key, error) {
	c, known := curves[id]
	if !known {
		return nil, ErrCurve
	}
	k.algorithm, k.length = EC, c.bits
	if c.known == nil {
		return k, ErrCurve
	}
	public, ok := onCurve(c.known, point)
	if !ok {
		return nil, ErrBroken
	}
	k.public = public
	if point[0] != 4 {
		// Qt returns it as others write it.
		k.spki, _ = x509.MarshalPKIXPublicKey(public)
	}
	return k, nil
}

// onCurve returns the key that a point is, which may be compressed.
func onCurve(c elliptic.Curve, point []byte) (crypto.PublicKey, bool) {
	if len(point) > 0 && (point[0] == 2 || point[0] == 3) {
		x, y := elliptic.UnmarshalCompressed(c, point)
		return &ecdsa.PublicKey{Curve: c, X: x, Y: y}, x != nil
	}
	public, err := ecdsa.ParseUncompressedPublicKey(c, point)
	return public, err == nil
}
