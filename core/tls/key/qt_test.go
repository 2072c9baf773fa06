package key

import (
	"encoding/hex"
	"strings"
	"testing"

	"qnet/core/internal/tlstest"
)

// said is what Qt 6.12 says of a key, written down by
// bindings/python/tests/compare/tls/keys.py.
type said struct {
	Algorithm, Length int
	DER, Label        string
}

// unsupported are those that Qt reads and nobody does here, and why.
var unsupported = map[string]error{
	"secp256k1": ErrCurve, "brainpoolP256r1": ErrCurve, "RSA-PSS": ErrKind,
	"EC with -v2 camellia-256-cbc": ErrEncryption, "EC with -v2 camellia-256-cbc, the wrong pass phrase": ErrEncryption,
	"EC with -v2 camellia-256-cbc, no pass phrase": ErrEncryption,
	"RSA with camellia128":                         ErrEncryption, "EC with camellia128": ErrEncryption,
}

func TestKeysAreReadAsByQt(t *testing.T) {
	type testdata struct {
		Name, Data, Type, Phrase string
		PEM                      bool
		RSA, EC                  *said
	}
	keys := tlstest.Recorded[[]testdata](t, "testdata/keys.json")
	if len(keys) < 50 {
		t.Errorf("only %d keys", len(keys))
	}
	for _, one := range keys {
		t.Run(one.Name, func(t *testing.T) {
			data, err := hex.DecodeString(one.Data)
			if err != nil {
				t.Fatal(err)
			}
			kind := Private
			if one.Type == "public" {
				kind = Public
			}
			for algorithm, there := range map[Algorithm]*said{RSA: one.RSA, EC: one.EC} {
				k, err := Parse(data, algorithm, !one.PEM, kind, one.Phrase)
				switch why := unsupported[one.Name]; {
				case why != nil:
					if err != why {
						t.Errorf("%v, not %v", err, why)
					}
				case (err == nil) != (there != nil):
					t.Errorf("algorithm %d: %v, and in Qt %v", algorithm, err, there)
				case err == nil:
					label, _, _ := strings.Cut(string(k.PEM("")), "\n")
					here := said{int(k.Algorithm()), k.Length(), hex.EncodeToString(k.DER()), label}
					if here != *there {
						t.Errorf("%v, and in Qt %v", here, *there)
					}
				}
				if (err == nil) != (k != nil) {
					t.Errorf("%v and %v", k, err)
				}
			}
		})
	}
}
