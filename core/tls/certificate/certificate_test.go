package certificate

import (
	"bytes"
	"crypto"
	"encoding/hex"
	"slices"
	"strings"
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

// What is no digit is left out, and so is a last digit that says nothing.
func TestDigits(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "Y": "", "YQ": "a", "YWI": "ab", "YWJj": "abc", "YWJjZ": "abc", "YWJjZA": "abcd", "YWJjZA==": "abcd", " Y\nW-J j": "abc", "+/+/": "\xfb\xff\xbf",
	} {
		if got := decode([]byte(text)); string(got) != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// What RSA-PSS is to be done with (RFC 4055, 3.1), each part of it with a default.
func TestPSS(t *testing.T) {
	wrap := func(tag byte, parts ...string) string {
		body := strings.Join(parts, "")
		return string([]byte{tag, byte(len(body))}) + body
	}
	part := func(n byte, body string) string { return wrap(0xa0|n, body) }
	sha256 := wrap(0x30, "\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01", "\x05\x00")
	sha512 := wrap(0x30, "\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03", "\x05\x00")
	mask := func(hash string) string { return wrap(0x30, "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08", hash) }
	usual := []string{part(0, sha256), part(1, mask(sha256)), part(2, "\x02\x01\x20")}
	for name, test := range map[string]struct {
		parts []string
		hash  crypto.Hash
		salt  int
	}{
		"nothing said":             {nil, crypto.SHA1, 20},
		"usual":                    {usual, crypto.SHA256, 32},
		"with the trailer":         {append(slices.Clone(usual), part(3, "\x02\x01\x01")), crypto.SHA256, 32},
		"another trailer":          {append(slices.Clone(usual), part(3, "\x02\x01\x02")), 0, 0},
		"a trailer and more":       {append(slices.Clone(usual), part(3, "\x02\x01\x01\x00")), 0, 0},
		"a trailer that is none":   {append(slices.Clone(usual), part(3, "")), 0, 0},
		"something else behind it": {append(slices.Clone(usual), part(4, "\x02\x01\x01")), 0, 0},
		"SHA-512":                  {[]string{part(0, sha512), part(1, mask(sha512)), part(2, "\x02\x02\x04\x00")}, crypto.SHA512, 1024},
		"another mask":             {[]string{part(0, sha512), part(1, mask(sha256))}, 0, 0},
		"another mask than none":   {[]string{part(0, sha256)}, 0, 0},
		"no salt":                  {[]string{part(2, "\x02\x01\x00")}, 0, 0},
		"little salt":              {[]string{part(2, "\x02\x01\x01")}, crypto.SHA1, 1},
		"less than no salt":        {[]string{part(2, "\x02\x01\xff")}, 0, 0},
		"much salt":                {[]string{part(2, "\x02\x02\x04\x01")}, 0, 0},
		"salt without end":         {[]string{part(2, "\x02\x09\x01\x00\x00\x00\x00\x00\x00\x00\x14")}, 0, 0},
		"no hash that is known":    {[]string{part(0, wrap(0x30, "\x06\x01\x2a")), part(1, mask(wrap(0x30, "\x06\x01\x2a")))}, 0, 0},
	} {
		raw := wrap(0x30, "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a", wrap(0x30, test.parts...))
		hash, salt, ok := Algorithm{ID: PSS, Raw: []byte(raw)}.pss()
		if ok != (test.salt != 0) || ok && (hash != test.hash || salt != test.salt) {
			t.Errorf("%s: %v, %d, %v", name, hash, salt, ok)
		}
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
