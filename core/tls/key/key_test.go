package key

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"math/big"
	"strings"
	"sync"
	"testing"
)

var (
	once    sync.Once
	allKeys map[string]*Key
)

// keys returns one of each kind, made once.
func keys(t testing.TB) map[string]*Key {
	t.Helper()
	once.Do(func() { allKeys = makeKeys(t) })
	return allKeys
}

func makeKeys(t testing.TB) map[string]*Key {
	t.Helper()
	made := map[string]any{}
	var err error
	if made["RSA"], err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	for name, curve := range map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()} {
		if made[name], err = ecdsa.GenerateKey(curve, rand.Reader); err != nil {
			t.Fatal(err)
		}
	}
	if _, made["Ed25519"], err = ed25519.GenerateKey(rand.Reader); err != nil {
		t.Fatal(err)
	}
	all := map[string]*Key{}
	for name, private := range made {
		if all[name], err = FromPrivate(private); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	for name, k := range keys(t) {
		t.Run(name, func(t *testing.T) {
			phrases := []string{""}
			if name == "P-256" { // it takes long
				phrases = append(phrases, "a phrase", "ü€")
			}
			for _, phrase := range phrases {
				text := k.PEM(phrase)
				again, err := Parse(text, k.Algorithm(), false, Private, phrase)
				if err != nil || !again.Equal(k) {
					t.Errorf("%q: %v", phrase, err)
				}
				if phrase != "" {
					if !strings.HasPrefix(string(text), "-----BEGIN ENCRYPTED PRIVATE KEY-----\n") {
						t.Errorf("%s", text)
					}
					for _, wrong := range []string{"", "another"} {
						if _, err := Parse(text, Opaque, false, Private, wrong); err != ErrPassPhrase {
							t.Errorf("%q: %v", wrong, err)
						}
					}
					if bytes.Equal(text, k.PEM(phrase)) {
						t.Error("it is encrypted in the same way again")
					}
				}
			}
			again, err := Parse(append(k.DER(), "behind it"...), Opaque, true, Private, "")
			if err != nil || !again.Equal(k) {
				t.Error(err)
			}
			public, err := FromSubject(k.Subject())
			if err != nil {
				t.Fatal(err)
			}
			if public.Equal(k) || public.Type() != Public || k.Type() != Private || !k.Matches(public) || public.Matches(public) {
				t.Error("the public one is not what it is to be")
			}
			for _, phrase := range []string{"", "it does not matter"} {
				again, err := Parse(public.PEM(phrase), k.Algorithm(), false, Public, "")
				if err != nil || !again.Equal(public) {
					t.Error(err)
				}
			}
		})
	}
}

func TestNullKey(t *testing.T) {
	var k *Key
	if !k.IsNull() || k.Length() != -1 || k.Type() != Public || k.Algorithm() != Opaque || k.PEM("") != nil || k.PEM("x") != nil || k.DER() != nil ||
		k.Signer() != nil || k.Public() != nil || k.Matches(nil) || !k.Equal(nil) || k.Equal(keys(t)["P-256"]) {
		t.Error("it is not null")
	}
}

func TestKeyOfAnotherAlgorithm(t *testing.T) {
	all := keys(t)
	for _, wrong := range []struct {
		name      string
		algorithm Algorithm
		err       error
	}{{"RSA", EC, ErrOther}, {"P-256", RSA, ErrOther}, {"Ed25519", EC, ErrOther}, {"P-256", DSA, ErrKind}} {
		if _, err := Parse(all[wrong.name].PEM(""), wrong.algorithm, false, Private, ""); err != wrong.err {
			t.Errorf("%s: %v", wrong.name, err)
		}
	}
	if _, err := FromPrivate("none"); err != ErrKind {
		t.Error(err)
	}
}

// tlv encodes something of a type, which a tag says.
func tlv(tag byte, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	if len(body) < 0x80 {
		return append([]byte{tag, byte(len(body))}, body...)
	}
	return append([]byte{tag, 0x82, byte(len(body) >> 8), byte(len(body))}, body...)
}

// What keys are encrypted with.
var (
	salt      = tlv(4, []byte("salt"))
	aesCBC    = tlv(6, []byte{0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 0x2a})
	kdfOID    = tlv(6, []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 12})
	scryptOID = tlv(6, []byte{0x2b, 6, 1, 4, 1, 0xda, 0x47, 4, 0x0b})
	pbes2OID  = tlv(6, []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 13}) // PBES2
	pkcs12OID = tlv(6, []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 1, 3})
)

// A file must not keep anybody busy for long, or take all memory.
func TestTooMuchWork(t *testing.T) {
	many := tlv(2, []byte{0x7f, 0xff, 0xff, 0xff})
	cbc := tlv(0x30, aesCBC, tlv(4, make([]byte, 16)))
	one, large, less := tlv(2, []byte{1}), tlv(2, []byte{0x40, 0, 0}), tlv(2, []byte{0xff})
	for name, algorithm := range map[string][]byte{
		"PBKDF2":                       tlv(0x30, pbes2OID, tlv(0x30, tlv(0x30, kdfOID, tlv(0x30, salt, many)), cbc)),
		"PKCS #12":                     tlv(0x30, pkcs12OID, tlv(0x30, salt, many)),
		"scrypt, often":                tlv(0x30, pbes2OID, tlv(0x30, tlv(0x30, scryptOID, tlv(0x30, salt, large, one, large)), cbc)),
		"scrypt, with a little more":   tlv(0x30, pbes2OID, tlv(0x30, tlv(0x30, scryptOID, tlv(0x30, salt, tlv(2, []byte{4, 0, 0}), tlv(2, []byte{9}), one)), cbc)),
		"scrypt, with much memory":     tlv(0x30, pbes2OID, tlv(0x30, tlv(0x30, scryptOID, tlv(0x30, salt, large, large, one)), cbc)),
		"scrypt, more than a number":   tlv(0x30, pbes2OID, tlv(0x30, tlv(0x30, scryptOID, tlv(0x30, salt, many, one, one)), cbc)),
		"scrypt, less than not at all": tlv(0x30, pbes2OID, tlv(0x30, tlv(0x30, scryptOID, tlv(0x30, salt, less, one, one)), cbc)),
		"scrypt, less than no memory":  tlv(0x30, pbes2OID, tlv(0x30, tlv(0x30, scryptOID, tlv(0x30, salt, one, less, one)), cbc)),
		"scrypt, less than no thread":  tlv(0x30, pbes2OID, tlv(0x30, tlv(0x30, scryptOID, tlv(0x30, salt, one, one, less)), cbc)),
		"PBKDF2, less than not at all": tlv(0x30, pbes2OID, tlv(0x30, tlv(0x30, kdfOID, tlv(0x30, salt, less)), cbc)),
	} {
		data := tlv(0x30, algorithm, tlv(4, make([]byte, 16)))
		if _, err := Parse(data, Opaque, true, Private, "x"); err != ErrTooMuchWork {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is encrypted is blocks, and the first is mixed with another one.
func TestBrokenBlocks(t *testing.T) {
	once := tlv(0x30, kdfOID, tlv(0x30, salt, tlv(2, []byte{1})))
	for _, c := range []struct {
		iv, octets int
		want       error
	}{{16, 16, ErrPassPhrase}, {16, 48, ErrPassPhrase}, {16, 0, ErrBroken}, {16, 15, ErrBroken}, {16, 17, ErrBroken}, {15, 16, ErrBroken}, {17, 16, ErrBroken},
		{0, 16, ErrBroken}, {0, 0, ErrBroken}} {
		algorithm := tlv(0x30, pbes2OID, tlv(0x30, once, tlv(0x30, aesCBC, tlv(4, make([]byte, c.iv)))))
		data := tlv(0x30, algorithm, tlv(4, make([]byte, c.octets)))
		if _, err := Parse(data, Opaque, true, Private, "x"); err != c.want {
			t.Errorf("%d octets to begin with, %d encrypted: %v", c.iv, c.octets, err)
		}
	}
}

// RSA's numbers are positive, and those that nobody could use are refused.
func TestNumbersOfRSA(t *testing.T) {
	modulus := append(bytes.Repeat([]byte{0x55}, 127), 1)
	longest := append(bytes.Repeat([]byte{0x55}, maxRSA/8-1), 1)
	kind := tlv(0x30, tlv(6, []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1}), tlv(5))
	for name, test := range map[string]struct {
		modulus, exponent []byte
		want              error
	}{
		"usual":             {modulus, []byte{1, 0, 1}, nil},
		"least exponent":    {modulus, []byte{3}, nil},
		"long exponent":     {modulus, []byte{0x7f, 0xff, 0xff, 0xff}, nil},
		"longest modulus":   {append([]byte{0, 0xaa}, longest[1:]...), []byte{1, 0, 1}, nil},
		"longer modulus":    {append([]byte{1}, longest...), []byte{1, 0, 1}, ErrKind},
		"no modulus":        {[]byte{0}, []byte{1, 0, 1}, ErrBroken},
		"negative modulus":  {[]byte{0xff}, []byte{1, 0, 1}, ErrBroken},
		"no exponent":       {modulus, []byte{0}, ErrBroken},
		"negative exponent": {modulus, []byte{0xff}, ErrBroken},
		"even modulus":      {append(bytes.Clone(modulus), 2), []byte{1, 0, 1}, ErrKind},
		"even exponent":     {modulus, []byte{4}, ErrKind},
		"exponent of one":   {modulus, []byte{1}, ErrKind},
		"longer exponent":   {modulus, []byte{0, 0x80, 0, 0, 1}, ErrKind},
	} {
		numbers := tlv(0x30, tlv(2, test.modulus), tlv(2, test.exponent))
		data := tlv(0x30, kind, tlv(3, []byte{0}, numbers))
		if k, err := Parse(data, RSA, true, Public, ""); err != test.want || err == nil && k.Length() != new(big.Int).SetBytes(test.modulus).BitLen() {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A point may be written with one coordinate alone; Qt has both then.
func TestCompressedPoints(t *testing.T) {
	kind := tlv(0x30, tlv(6, []byte{0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1}), tlv(6, []byte{0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7}))
	parse := func(point []byte) (*Key, error) { return FromSubject(tlv(0x30, kind, tlv(3, []byte{0}, point))) }
	for seen := [2]bool{}; seen != [2]bool{true, true}; {
		private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		point := elliptic.MarshalCompressed(private.Curve, private.X, private.Y)
		seen[point[0]-2] = true
		both, err := private.PublicKey.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		whole, err := parse(both)
		if err != nil {
			t.Fatal(err)
		}
		if k, err := parse(point); err != nil || !k.Equal(whole) || !bytes.Equal(k.Subject(), whole.Subject()) {
			t.Errorf("%x: %v", point, err)
		}
		for name, wrong := range map[string][]byte{"nothing": nil, "a kind alone": point[:1], "too short": point[:32], "of another kind": append([]byte{5}, point[1:]...)} {
			if _, err := parse(wrong); err != ErrBroken {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, k := range keys(f) {
		f.Add(k.DER(), "")
		f.Add(k.PEM(""), "")
		f.Add(k.Subject(), "")
	}
	// What takes long is no use here.
	few := keys(f)["P-256"]
	block, _ := pem.Decode(few.PEM("x"))
	f.Add(block.Bytes, "x")
	f.Fuzz(func(t *testing.T, data []byte, phrase string) {
		for _, isDER := range []bool{false, true} {
			for _, kind := range []Type{Private, Public} {
				k, err := Parse(data, Opaque, isDER, kind, phrase)
				if (k == nil) != (err != nil) {
					t.Fatalf("%v and %v", k, err)
				}
				if err != nil {
					continue
				}
				if k.Type() != kind {
					t.Fatalf("type %d", k.Type())
				}
				again, err := Parse(k.PEM(""), k.Algorithm(), false, kind, "")
				if err != nil || !again.Equal(k) {
					t.Fatalf("it is not read again: %v", err)
				}
			}
		}
	})
}
