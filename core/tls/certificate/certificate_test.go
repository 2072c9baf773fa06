package certificate

import (
	"bytes"
	"encoding/hex"
	"testing"
	"time"

	"qnet/core/tls/key"
)

func usual(t testing.TB) (*Certificate, []byte) {
	t.Helper()
	for _, one := range record(t).Certificates {
		if one.Name == "RSA" {
			data, err := hex.DecodeString(one.Data)
			if err != nil {
				t.Fatal(err)
			}
			c, _, ok := Parse(data)
			if !ok {
				t.Fatal("it cannot be read")
			}
			return c, data
		}
	}
	t.Fatal("there is none")
	return nil, nil
}

func TestNullCertificate(t *testing.T) {
	var c *Certificate
	other, _ := usual(t)
	if !c.IsNull() || c.Version() != "" || c.SerialNumber() != "" || c.PublicKey() != nil || c.Extensions() != nil || c.DER() != nil || c.PEM() != nil ||
		c.Text() != "" || c.IsSelfSigned() || c.IsBlacklisted() || c.SubjectDisplayName() != "" || c.IssuerInfoAttributes() != nil ||
		c.AlternativeNames() != nil || !c.Equal(nil) || c.Equal(other) || other.Equal(c) {
		t.Error("it is not null")
	}
	if _, ok := c.EffectiveDate(); ok {
		t.Error("it is valid")
	}
	if _, ok := c.ExpiryDate(); ok {
		t.Error("it is valid")
	}
	if digest := hex.EncodeToString(c.Digest(MD5)); digest != "d41d8cd98f00b204e9800998ecf8427e" {
		t.Error(digest)
	}
	if other.Digest(0) != nil || other.Digest(100) != nil {
		t.Error("there is no such digest")
	}
}

func TestEqual(t *testing.T) {
	c, data := usual(t)
	again, rest, ok := Parse(append(bytes.Clone(data), "rest"...))
	if !ok || string(rest) != "rest" || !again.Equal(c) || !c.Equal(c) {
		t.Error("it is not the same")
	}
	data[len(data)-1] ^= 1
	// The certificate keeps what it is.
	if other, _, ok := Parse(data); !ok || other.Equal(c) {
		t.Error("it is the same")
	}
}

func TestSeveralInOne(t *testing.T) {
	c, data := usual(t)
	if list := FromDER(append(append(bytes.Clone(data), data...), "junk"...)); len(list) != 2 || !list[1].Equal(c) {
		t.Errorf("%v", list)
	}
	text := append(c.PEM(), c.PEM()...)
	if list := FromPEM(text); len(list) != 2 || !list[0].Equal(c) {
		t.Errorf("%v", list)
	}
	// What was read may be changed.
	list := FromDER(data)
	data[30] ^= 1
	if !list[0].Equal(c) {
		t.Error("it has changed")
	}
}

// A certificate cut off anywhere is none.
func TestTruncated(t *testing.T) {
	_, data := usual(t)
	for n := range data {
		if _, _, ok := Parse(data[:n]); ok {
			t.Fatalf("%d of %d octets", n, len(data))
		}
	}
}

// Nothing that says something wrong keeps the rest from being read.
func FuzzParse(f *testing.F) {
	for _, one := range record(f).Certificates {
		if data, err := hex.DecodeString(one.Data); err == nil {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, rest, ok := Parse(data)
		if !ok {
			return
		}
		if len(c.DER())+len(rest) != len(data) {
			t.Fatalf("%d and %d of %d octets", len(c.DER()), len(rest), len(data))
		}
		use(c)
		again := FromPEM(c.PEM())
		if len(again) != 1 || !again[0].Equal(c) {
			t.Fatal("it is not read again")
		}
	})
}

// use calls all that says something of a certificate.
func use(c *Certificate) {
	c.Text()
	c.SerialNumber()
	c.IsSelfSigned()
	c.AlternativeNames()
	c.Basic()
	c.Netscape()
	c.Purposes()
	c.SignatureBits()
	c.VerifiedBy(c.PublicKey())
	for _, attribute := range append(c.SubjectInfoAttributes(), c.IssuerInfoAttributes()...) {
		c.SubjectInfo(attribute)
		c.IssuerInfo(attribute)
	}
	for _, e := range c.Extensions() {
		e.Value()
		e.Text(16)
		e.Supported()
	}
	if from, ok := c.EffectiveDate(); ok {
		from.Format(time.RFC3339)
	}
	if k := c.PublicKey(); k != nil {
		key.Parse(k.PEM(""), k.Algorithm(), false, key.Public, "")
	}
}

func FuzzFromPEM(f *testing.F) {
	for _, one := range record(f).Texts {
		f.Add([]byte(one.Text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, c := range FromPEM(text) {
			use(c)
		}
	})
}
