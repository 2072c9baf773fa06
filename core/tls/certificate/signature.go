package certificate

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	_ "crypto/md5"
	"crypto/rsa"
	_ "crypto/sha1"
	_ "crypto/sha256"
	_ "crypto/sha512"

	"qnet/core/tls/der"
	"qnet/core/tls/key"
)

// PSS is the identifier of RSA signatures that say themselves which hash they use.
const PSS = "1.2.840.113549.1.1.10"

// Signature is a way to sign.
type Signature struct {
	Key  key.Algorithm
	Hash crypto.Hash // 0 for Ed25519 and PSS
	Bits int         // of security; 0 if PSS says which
}

// Signatures are the ways that are known.
var Signatures = map[string]Signature{
	"1.2.840.113549.1.1.4":  {key.RSA, crypto.MD5, 39},
	"1.2.840.113549.1.1.5":  {key.RSA, crypto.SHA1, 63},
	"1.2.840.113549.1.1.14": {key.RSA, crypto.SHA224, 112},
	"1.2.840.113549.1.1.11": {key.RSA, crypto.SHA256, 128},
	"1.2.840.113549.1.1.12": {key.RSA, crypto.SHA384, 192},
	"1.2.840.113549.1.1.13": {key.RSA, crypto.SHA512, 256},
	PSS:                     {key.RSA, 0, 0},
	"1.2.840.10045.4.1":     {key.EC, crypto.SHA1, 63},
	"1.2.840.10045.4.3.1":   {key.EC, crypto.SHA224, 112},
	"1.2.840.10045.4.3.2":   {key.EC, crypto.SHA256, 128},
	"1.2.840.10045.4.3.3":   {key.EC, crypto.SHA384, 192},
	"1.2.840.10045.4.3.4":   {key.EC, crypto.SHA512, 256},
	"1.3.101.112":           {key.Opaque, 0, 128},
	"1.2.840.10040.4.3":     {key.DSA, crypto.SHA1, 63},
}

// SignatureBits returns how many bits of security the way to sign has, and whether it is
// known.
func (c *Certificate) SignatureBits() (int, bool) {
	s, known := Signatures[c.algorithm.ID]
	if known && c.algorithm.ID == PSS {
		hash, _, ok := c.algorithm.pss()
		if !ok {
			return 0, false
		}
		return 4 * hash.Size(), true
	}
	return s.Bits, known
}

// VerifiedBy reports whether a key has made the signature.
func (c *Certificate) VerifiedBy(k *key.Key) bool {
	return c.SameAlgorithms() && c.algorithm.Verify(c.signed, c.signature, k)
}

// Verify reports whether a key has signed something in this way.
func (a Algorithm) Verify(signed, signature []byte, k *key.Key) bool {
	s, known := Signatures[a.ID]
	if !known || k == nil || s.Key != k.Algorithm() {
		return false
	}
	options := &rsa.PSSOptions{}
	if a.ID == PSS {
		var ok bool
		if s.Hash, options.SaltLength, ok = a.pss(); !ok {
			return false
		}
	}
	digest := signed
	if s.Hash != 0 {
		h := s.Hash.New()
		h.Write(signed)
		digest = h.Sum(nil)
	}
	switch public := k.Public().(type) {
	case *rsa.PublicKey:
		if a.ID == PSS {
			return rsa.VerifyPSS(public, s.Hash, digest, signature, options) == nil
		}
		return rsa.VerifyPKCS1v15(public, s.Hash, digest, signature) == nil
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(public, digest, signature)
	case ed25519.PublicKey:
		return ed25519.Verify(public, digest, signature)
	}
	return false
}

// pss returns the hash of a PSS signature, which is to be the mask's too, and how long the
// salt is.
func (a Algorithm) pss() (hash crypto.Hash, salt int, ok bool) {
	r := der.Open(a.Raw, der.Sequence)
	r.Identifier()
	p := r.Inside(der.Sequence)
	hash, salt = crypto.SHA1, 20
	mask := hash
	if e, found := p.Optional(der.Explicit(0)); found {
		hash = HashOf(e.Body)
	}
	if e, found := p.Optional(der.Explicit(1)); found {
		outer := der.Read(e.Body)
		inner := outer.Inside(der.Sequence)
		inner.Identifier()
		mask = HashOf(inner.Rest())
	}
	if e, found := p.Optional(der.Explicit(2)); found {
		inner := der.Read(e.Body)
		n := inner.Number()
		if !inner.Done() || !n.IsInt64() || n.Int64() <= 0 || n.Int64() > 1024 {
			return 0, 0, false // a length of 0 would have Go look for it
		}
		salt = int(n.Int64())
	}
	if e, found := p.Optional(der.Explicit(3)); found {
		inner := der.Read(e.Body)
		if n := inner.Number(); !inner.Done() || !n.IsInt64() || n.Int64() != 1 {
			return 0, 0, false // the one trailer that there is
		}
	}
	return hash, salt, p.Done() && hash != 0 && hash == mask
}

// HashOf returns the hash that an algorithm is, 0 if it is none.
func HashOf(raw []byte) crypto.Hash {
	outer := der.Read(raw)
	inner := outer.Inside(der.Sequence)
	return map[string]crypto.Hash{
		"1.3.14.3.2.26": crypto.SHA1, "2.16.840.1.101.3.4.2.1": crypto.SHA256, "2.16.840.1.101.3.4.2.2": crypto.SHA384,
		"2.16.840.1.101.3.4.2.3": crypto.SHA512, "2.16.840.1.101.3.4.2.4": crypto.SHA224,
	}[inner.Identifier()]
}
