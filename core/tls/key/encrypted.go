package key

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/asn1"
	"hash"
	"math/big"

	"golang.org/x/crypto/scrypt"

	"qnet/core/tls/der"
)

// Limits of the work and memory that a file may ask for.
const (
	maxIterations = 10_000_000
	maxScrypt     = 1 << 28 // octets
)

// What is done when a key is written: some hundredths of a second of work.
const (
	iterations = 100_000
	saltOctets = 16
)

// Identifiers of what keys are encrypted with.
const (
	pbes2      = "1.2.840.113549.1.5.13"
	pbkdf      = "1.2.840.113549.1.5.12"
	scryptKDF  = "1.3.6.1.4.1.11591.4.11"
	sha1And3   = "1.2.840.113549.1.12.1.3" // with triple DES, of PKCS #12
	hmacSHA1   = "1.2.840.113549.2.7"
	hmacSHA256 = "1.2.840.113549.2.9"
	aes256     = "2.16.840.1.101.3.4.1.42"
)

var hashes = map[string]func() hash.Hash{
	hmacSHA1:              sha1.New,
	"1.2.840.113549.2.8":  sha256.New224,
	hmacSHA256:            sha256.New,
	"1.2.840.113549.2.10": sha512.New384,
	"1.2.840.113549.2.11": sha512.New,
}

// method is a cipher, and how long its keys are.
type method struct {
	make   func(key []byte) (cipher.Block, error)
	octets int
}

var ciphers = map[string]method{
	"2.16.840.1.101.3.4.1.2":  {aes.NewCipher, 16},
	"2.16.840.1.101.3.4.1.22": {aes.NewCipher, 24},
	aes256:                    {aes.NewCipher, 32},
	"1.2.840.113549.3.7":      {des.NewTripleDESCipher, 24},
}

// decrypt returns the PKCS #8 that an encrypted one holds.
func decrypt(data []byte, passPhrase string) ([]byte, error) {
	r := der.Open(data, der.Sequence)
	algorithm := r.Inside(der.Sequence)
	secret := r.Body(der.OctetString)
	id := algorithm.Identifier()
	parameters := algorithm.Inside(der.Sequence)
	if !r.Done() || !algorithm.Done() {
		return nil, ErrBroken
	}
	var block cipher.Block
	var iv []byte
	var err error
	switch id {
	case pbes2:
		block, iv, err = second(&parameters, passPhrase)
	case sha1And3:
		block, iv, err = first(&parameters, passPhrase)
	default:
		return nil, ErrEncryption
	}
	switch {
	case err != nil:
		return nil, err
	case len(iv) != block.BlockSize() || len(secret) == 0 || len(secret)%block.BlockSize() != 0:
		return nil, ErrBroken
	}
	plain := make([]byte, len(secret))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, secret)
	padding := int(plain[len(plain)-1])
	if padding == 0 || padding > block.BlockSize() ||
		!bytes.Equal(plain[len(plain)-padding:], bytes.Repeat([]byte{byte(padding)}, padding)) {
		return nil, ErrPassPhrase
	}
	return plain[:len(plain)-padding], nil
}

// second makes the cipher of PBES2.
func second(parameters *der.Reader, passPhrase string) (cipher.Block, []byte, error) {
	derivation, encryption := parameters.Inside(der.Sequence), parameters.Inside(der.Sequence)
	kdf := derivation.Identifier()
	with := derivation.Inside(der.Sequence)
	c, known := ciphers[encryption.Identifier()]
	if !parameters.Done() || !derivation.OK() || !encryption.OK() {
		return nil, nil, ErrBroken
	}
	if !known {
		return nil, nil, ErrEncryption
	}
	iv := encryption.Body(der.OctetString)
	var key []byte
	var err error
	switch kdf {
	case pbkdf:
		key, err = derive(&with, passPhrase, c.octets)
	case scryptKDF:
		key, err = deriveScrypt(&with, passPhrase, c.octets)
	default:
		err = ErrEncryption
	}
	if err != nil {
		return nil, nil, err
	}
	block, err := c.make(key)
	return block, iv, err
}

// count returns a number of times that something is to be done, and whether that is
// neither none nor too much.
func count(n *big.Int) (int, bool) {
	return int(n.Int64()), n.Sign() > 0 && n.IsInt64() && n.Int64() <= maxIterations
}

func derive(r *der.Reader, passPhrase string, octets int) ([]byte, error) {
	salt := r.Body(der.OctetString)
	times, ok := count(r.Number())
	r.Optional(der.Integer) // how long the key is, which the cipher says
	with := hmacSHA1
	if prf, ok := r.Optional(der.Sequence); ok {
		inner := der.Read(prf.Body)
		with = inner.Identifier()
	}
	switch {
	case !r.Done():
		return nil, ErrBroken
	case !ok:
		return nil, ErrTooMuchWork
	case hashes[with] == nil:
		return nil, ErrEncryption
	}
	return pbkdf2.Key(hashes[with], passPhrase, salt, times, octets)
}

func deriveScrypt(r *der.Reader, passPhrase string, octets int) ([]byte, error) {
	salt := r.Body(der.OctetString)
	n, ok1 := count(r.Number())
	size, ok2 := count(r.Number())
	p, ok3 := count(r.Number())
	r.Optional(der.Integer)
	switch {
	case !r.Done():
		return nil, ErrBroken
	case !ok1 || !ok2 || !ok3 || n > maxScrypt/128/size/p:
		return nil, ErrTooMuchWork
	}
	key, err := scrypt.Key([]byte(passPhrase), salt, n, size, p, octets)
	if err != nil {
		return nil, ErrBroken
	}
	return key, nil
}

// first makes the cipher of PKCS #12's way with triple DES.
func first(parameters *der.Reader, passPhrase string) (cipher.Block, []byte, error) {
	salt := parameters.Body(der.OctetString)
	times, ok := count(parameters.Number())
	switch {
	case !parameters.Done():
		return nil, nil, ErrBroken
	case !ok:
		return nil, nil, ErrTooMuchWork
	}
	block, err := des.NewTripleDESCipher(pkcs12Key(salt, passPhrase, times, 1, 24))
	return block, pkcs12Key(salt, passPhrase, times, 2, 8), err
}

// encrypt returns PKCS #8 encrypted: AES-256, and PBKDF2 with SHA-256.
func encrypt(plain []byte, passPhrase string) []byte {
	random := make([]byte, saltOctets+aes.BlockSize)
	rand.Read(random)
	salt, iv := random[:saltOctets], random[saltOctets:]
	key, err := pbkdf2.Key(sha256.New, passPhrase, salt, iterations, 32)
	if err != nil {
		return nil
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil
	}
	padding := aes.BlockSize - len(plain)%aes.BlockSize
	secret := append(bytes.Clone(plain), bytes.Repeat([]byte{byte(padding)}, padding)...)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(secret, secret)
	written, _ := asn1.Marshal(encrypted{
		Algorithm: scheme{identifier(pbes2), parameters{
			Derivation: derivation{identifier(pbkdf), derivationParameters{salt, iterations, function{identifier(hmacSHA256), asn1.NullRawValue}}},
			Encryption: encryption{identifier(aes256), iv},
		}},
		Data: secret,
	})
	return written
}

// How an encrypted key is written.
type (
	encrypted struct {
		Algorithm scheme
		Data      []byte
	}
	scheme struct {
		ID         asn1.ObjectIdentifier
		Parameters parameters
	}
	parameters struct {
		Derivation derivation
		Encryption encryption
	}
	derivation struct {
		ID         asn1.ObjectIdentifier
		Parameters derivationParameters
	}
	derivationParameters struct {
		Salt       []byte
		Iterations int
		PRF        function
	}
	function struct {
		ID         asn1.ObjectIdentifier
		Parameters asn1.RawValue
	}
	encryption struct {
		ID asn1.ObjectIdentifier
		IV []byte
	}
)

// identifier returns an object's identifier from its usual text.
func identifier(text string) asn1.ObjectIdentifier {
	id := asn1.ObjectIdentifier{0}
	for _, c := range text {
		if c == '.' {
			id = append(id, 0)
		} else {
			id[len(id)-1] = 10*id[len(id)-1] + int(c-'0')
		}
	}
	return id
}
