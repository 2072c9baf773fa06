package cipher

import (
	"crypto/tls"
	"slices"
	"testing"

	"qnet/core/internal/tlstest"
	"qnet/core/tls/protocol"
)

// said is what Qt 6.12 says, written down by bindings/python/tests/compare/tls/ciphers.py.
type said struct {
	Ciphers []struct {
		Name, Version, Exchange, Authentication, Encryption string
		Protocol                                            protocol.Protocol
		Supported, Used                                     int
	}
	Curves []struct {
		Short, Long string
		Named       bool
	}
}

func qt(t *testing.T) said {
	t.Helper()
	return tlstest.Recorded[said](t, "testdata/ciphers.json")
}

func TestCiphersAreThoseOfQt(t *testing.T) {
	var common []Cipher
	for _, there := range qt(t).Ciphers {
		c := ByName(there.Name)
		if c.IsNull() {
			continue
		}
		common = append(common, c)
		here := there
		here.Name, here.Version, here.Exchange, here.Authentication = c.Name(), c.ProtocolString(), c.KeyExchange(), c.Authentication()
		here.Encryption, here.Protocol, here.Supported, here.Used = c.Encryption(), c.Protocol(), c.SupportedBits(), c.UsedBits()
		if here != there {
			t.Errorf("%+v, and in Qt %+v", here, there)
		}
		if ByID(c.ID()) != c {
			t.Error(c.Name(), "by its number is", ByID(c.ID()).Name())
		}
	}
	if !slices.Equal(common, Supported()) {
		t.Errorf("%v, and in Qt's order %v", Supported(), common)
	}
}

// What is supported is all that crypto/tls has but what no peer should be offered.
func TestCiphersAreThoseOfTheLibrary(t *testing.T) {
	left := []uint16{tls.TLS_RSA_WITH_RC4_128_SHA, tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA, tls.TLS_ECDHE_RSA_WITH_RC4_128_SHA,
		tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA, tls.TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA}
	for _, suite := range tls.CipherSuites() {
		if c := ByID(suite.ID); !slices.Contains(Default(), c) {
			t.Error(suite.Name, "is not used")
		}
	}
	for _, suite := range tls.InsecureCipherSuites() {
		c := ByID(suite.ID)
		if c.IsNull() != slices.Contains(left, suite.ID) || slices.Contains(Default(), c) {
			t.Error(suite.Name, "is", c.Name())
		}
	}
}

func TestNoCipher(t *testing.T) {
	for _, c := range []Cipher{0, 1, ByName(""), ByName("ecdhe-rsa-aes128-gcm-sha256"), ByName("DHE-RSA-AES256-SHA"), ByID(0x9e)} {
		if !c.IsNull() || c.Name()+c.ProtocolString()+c.KeyExchange()+c.Authentication()+c.Encryption() != "" || c.UsedBits() != 0 ||
			c.SupportedBits() != 0 || c.Protocol() != protocol.UnknownProtocol {
			t.Errorf("%d is %q", c, c.Name())
		}
	}
}

func TestListsOfCiphers(t *testing.T) {
	list, unknown := Parse("AES128-SHA:nope::ECDHE-RSA-AES128-GCM-SHA256:")
	if !slices.Equal(list, []Cipher{ByName("AES128-SHA"), ByName("ECDHE-RSA-AES128-GCM-SHA256")}) || !slices.Equal(unknown, []string{"nope"}) {
		t.Error(list, unknown)
	}
}

func TestCurvesAreThoseOfQt(t *testing.T) {
	found := 0
	for _, there := range qt(t).Curves {
		c := CurveByName(there.Short)
		if !c.IsValid() {
			if there.Named {
				t.Errorf("%s has a number in TLS, and no name here", there.Short)
			}
			continue
		}
		found++
		here := there
		here.Short, here.Long, here.Named = c.ShortName(), c.LongName(), c.IsTLSNamed()
		if here != there {
			t.Errorf("%+v, and in Qt %+v", here, there)
		}
	}
	if found < 30 {
		t.Error("only", found)
	}
	for _, c := range SupportedCurves() {
		if id, ok := c.ID(); !ok || CurveByID(id) != c {
			t.Errorf("%s is %d, %v", c, id, ok)
		}
	}
	for _, name := range []string{"", "P-256", "x25519", "secp160k1 secp160r1", "secp256k"} {
		if c := CurveByName(name); c.IsValid() || c.IsTLSNamed() || c.ShortName() != "" || c.LongName() != "" {
			t.Errorf("%q is %q", name, c)
		}
	}
	if _, ok := CurveByName("secp256k1").ID(); ok {
		t.Error("secp256k1 can be used")
	}
}
