package certificate

import (
	"crypto"
	_ "crypto/sha3"
)

// Hash is a QCryptographicHash::Algorithm.
type Hash int8

// MD5 is what Qt makes a digest with if it is not told otherwise.
const MD5 Hash = 1

// hashes are Go's of the same name. Keccak before it became SHA-3, BLAKE2 and MD4 are of no
// use for certificates.
var hashes = map[Hash]crypto.Hash{
	MD5: crypto.MD5, 2: crypto.SHA1, 3: crypto.SHA224, 4: crypto.SHA256, 5: crypto.SHA384, 6: crypto.SHA512,
	11: crypto.SHA3_224, 12: crypto.SHA3_256, 13: crypto.SHA3_384, 14: crypto.SHA3_512,
}

// Digest returns a digest of the certificate (QSslCertificate::digest), nil if there is no
// such algorithm here. That of a null one is of nothing.
func (c *Certificate) Digest(algorithm Hash) []byte {
	hash, known := hashes[algorithm]
	if !known {
		return nil
	}
	h := hash.New()
	h.Write(c.DER())
	return h.Sum(nil)
}
