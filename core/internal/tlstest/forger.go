package tlstest

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"sync"
	"testing"
)

// Kinds of records (RFC 8446, 5.1).
const (
	ChangeCipherSpec = 20
	AlertRecord      = 21
	HandshakeRecord  = 22
	DataRecord       = 23
)

// Secrets is a log of keys, from which records can be forged.
type Secrets struct {
	mu  sync.Mutex
	log bytes.Buffer
}

func (s *Secrets) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Write(p)
}

// Forger writes records of TLS 1.3 that no sane peer would.
type Forger struct {
	t      testing.TB
	secret []byte
	aead   cipher.AEAD
	iv     []byte
	number uint64
}

// Forger returns one for what an end sends once the handshake is over, which has sent nothing since: the secret
// is CLIENT_TRAFFIC_SECRET_0 or SERVER_TRAFFIC_SECRET_0. The suite is TLS_AES_128_GCM_SHA256.
func (s *Secrets) Forger(t testing.TB, name string) *Forger {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for line := range strings.Lines(s.log.String()) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == name {
			secret, err := hex.DecodeString(fields[2])
			if err != nil || len(secret) != sha256.Size {
				t.Fatal(err, len(secret))
			}
			f := &Forger{t: t}
			f.use(secret)
			return f
		}
	}
	t.Fatal("no", name)
	return nil
}

func (f *Forger) use(secret []byte) {
	block, err := aes.NewCipher(f.expand(secret, "key", 16))
	if err != nil {
		f.t.Fatal(err)
	}
	if f.aead, err = cipher.NewGCM(block); err != nil {
		f.t.Fatal(err)
	}
	f.secret, f.iv, f.number = secret, f.expand(secret, "iv", 12), 0
}

// expand is HKDF-Expand-Label (RFC 8446, 7.1).
func (f *Forger) expand(secret []byte, label string, length int) []byte {
	label = "tls13 " + label
	info := append([]byte{byte(length >> 8), byte(length), byte(len(label))}, label...)
	out, err := hkdf.Expand(sha256.New, secret, string(append(info, 0)), length)
	if err != nil {
		f.t.Fatal(err)
	}
	return out
}

// NextKey has what follows be encrypted with the next key, as after a KeyUpdate.
func (f *Forger) NextKey() { f.use(f.expand(f.secret, "traffic upd", sha256.Size)) }

// Record returns a record of a kind.
func (f *Forger) Record(kind byte, content []byte) []byte {
	return f.Inner(append(bytes.Clone(content), kind))
}

// Inner returns a record with all that is encrypted in it.
func (f *Forger) Inner(inner []byte) []byte {
	nonce := bytes.Clone(f.iv)
	var number [8]byte
	binary.BigEndian.PutUint64(number[:], f.number)
	f.number++
	for i, b := range number {
		nonce[len(nonce)-8+i] ^= b
	}
	length := len(inner) + f.aead.Overhead()
	header := []byte{DataRecord, 3, 3, byte(length >> 8), byte(length)}
	return f.aead.Seal(header, nonce, inner, header)
}

// KeyUpdate returns the record of one, which asks for another one, and goes on with the next key.
func (f *Forger) KeyUpdate(ask byte) []byte {
	record := f.Record(HandshakeRecord, []byte{24, 0, 0, 1, ask})
	f.NextKey()
	return record
}
