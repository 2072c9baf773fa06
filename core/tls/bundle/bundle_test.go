package bundle

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"qnet/core/tls/key"
)

// made returns a private key with its certificate, and another certificate.
func made(t testing.TB) (private any, own *x509.Certificate, others []*x509.Certificate) {
	t.Helper()
	signer, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"own", "other"} {
		c := &x509.Certificate{SerialNumber: big.NewInt(int64(i + 1)), Subject: pkix.Name{CommonName: name},
			NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0)}
		data, err := x509.CreateCertificate(rand.Reader, c, c, signer.Public(), signer)
		if err != nil {
			t.Fatal(err)
		}
		if c, err = x509.ParseCertificate(data); err != nil {
			t.Fatal(err)
		}
		others = append(others, c)
	}
	return signer, others[0], others[1:]
}

// The ways in which files were and are made; the old ones are what Qt with OpenSSL 3 does
// not read.
var encoders = map[string]*pkcs12.Encoder{
	"RC2": pkcs12.LegacyRC2, "triple DES": pkcs12.LegacyDES, "AES": pkcs12.Modern2023, "not at all": pkcs12.Passwordless,
}

func TestBundles(t *testing.T) {
	private, own, others := made(t)
	for name, encoder := range encoders {
		t.Run(name, func(t *testing.T) {
			phrase := "a phrase"
			if name == "not at all" {
				phrase = ""
			}
			data, err := encoder.Encode(private, own, others, phrase)
			if err != nil {
				t.Fatal(err)
			}
			b, err := Parse(data, phrase)
			if err != nil {
				t.Fatal(err)
			}
			if b.Key.Type() != key.Private || b.Certificate.SubjectDisplayName() != "own" || !b.Key.Matches(b.Certificate.PublicKey()) ||
				len(b.Authorities) != 1 || b.Authorities[0].SubjectDisplayName() != "other" {
				t.Errorf("%v", b)
			}
			for _, wrong := range []string{"wrong", ""} {
				if _, err := Parse(data, wrong); phrase != "" && err != ErrPassPhrase {
					t.Errorf("%q: %v", wrong, err)
				}
			}
			for n := 0; n < len(data); n += 7 {
				if _, err := Parse(data[:n], phrase); err == nil {
					t.Fatalf("%d of %d octets", n, len(data))
				}
			}
		})
	}
}

func TestBundleWithEd25519(t *testing.T) {
	_, own, _ := made(t)
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	data, err := pkcs12.Modern.Encode(private, own, nil, "x")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := Parse(data, "x"); err != nil || b.Key.Algorithm() != key.Opaque {
		t.Errorf("%v", err)
	}
}

func TestBundleWithoutKey(t *testing.T) {
	_, _, others := made(t)
	data, err := pkcs12.Modern.EncodeTrustStore(others, "x")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Parse(data, "x"); err != ErrBroken {
		t.Errorf("%v", err)
	}
}

// How often something is to be done stands in the file, and is not tried.
func TestTooMuchWork(t *testing.T) {
	salt, often := "\x04\x04salt", "\x02\x04\x7f\xff\xff\xff"
	for data, want := range map[string]bool{
		"\x30\x0c" + salt + often:                      true,
		"\x30\x10\x04\x0e\x30\x0c" + salt + often:      true, // within octets
		"\x30\x0c" + salt + "\x02\x04\x00\x00\x08\x00": false,
		"\x30\x06" + often:                             false, // nothing is said of it
	} {
		if tooMuch([]byte(data), 0) != want {
			t.Errorf("%q", data)
		}
		if _, err := Parse([]byte(data), ""); (err == key.ErrTooMuchWork) != want {
			t.Errorf("%q: %v", data, err)
		}
	}
}

// Only so deep as files are; what lies deeper must not take all memory.
func TestTooMuchWorkIsLookedForInSomeDepth(t *testing.T) {
	data := "\x30\x0c\x04\x04salt\x02\x04\x7f\xff\xff\xff"
	for depth := 1; depth < 60; depth++ {
		if got := tooMuch([]byte(data), 0); got != (depth < 32) {
			t.Errorf("%d deep: %v", depth, got)
		}
		data = string([]byte{0x30, byte(len(data))}) + data
	}
}

func FuzzParse(f *testing.F) {
	private, own, others := made(f)
	for _, encoder := range encoders {
		if data, err := encoder.WithIterations(1).Encode(private, own, others, ""); err == nil {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if b, err := Parse(data, ""); (b == nil) != (err != nil) || err == nil && (b.Key == nil || b.Certificate == nil) {
			t.Fatalf("%v and %v", b, err)
		}
	})
}
