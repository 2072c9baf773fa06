package certificate

import (
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"qnet/core/internal/tlstest"
	"qnet/core/tls/extension"
)

// recorded is what Qt 6.12 said, written down by
// bindings/python/tests/compare/tls/certificates.py.
type recorded struct {
	Certificates []struct {
		Name, Data string
		Qt         *said
	}
	Texts []struct {
		Name, Text string
		Serials    []string
	}
}

// said is what Qt says of a certificate.
type said struct {
	Version, Serial         string
	Digests                 map[string]string
	Subject, Issuer         map[string][]string
	SubjectNames            [][]string
	SubjectName, IssuerName string
	Alternatives            [][2]any
	From, To                string
	Key                     [3]any
	SelfSigned              bool
	Extensions              [][5]any
	Text                    string
	PEM, DER                int
}

func record(t testing.TB) recorded {
	t.Helper()
	return recordIn(t, filepath.Join("testdata", "certificates.json"))
}

func recordIn(t testing.TB, path string) recorded {
	t.Helper()
	return tlstest.Recorded[recorded](t, path)
}

// What a certificate says is what Qt says of it. QNET_CERTIFICATES may name a file of
// others that the script has asked Qt of.
func TestCertificatesAreAsInQt(t *testing.T) {
	all := record(t)
	if path := os.Getenv("QNET_CERTIFICATES"); path != "" {
		all = recordIn(t, path)
	}
	for _, one := range all.Certificates {
		t.Run(one.Name, func(t *testing.T) {
			data, err := hex.DecodeString(one.Data)
			if err != nil {
				t.Fatal(err)
			}
			c, _, ok := Parse(data)
			switch {
			case !ok && one.Qt != nil:
				t.Fatal("Qt reads it")
			case ok && one.Qt == nil:
				t.Fatal("Qt does not read it")
			case ok:
				compare(t, one.Name, c, one.Qt)
			}
		})
	}
}

func compare(t *testing.T, name string, c *Certificate, qt *said) {
	t.Helper()
	same := func(what string, here, there any) {
		t.Helper()
		if !reflect.DeepEqual(here, there) {
			t.Errorf("%s:\n%v\nand in Qt\n%v", what, here, there)
		}
	}
	same("version", c.Version(), qt.Version)
	same("serial number", c.SerialNumber(), qt.Serial)
	for number, digest := range qt.Digests {
		n, _ := strconv.Atoi(number)
		same("digest "+number, hex.EncodeToString(c.Digest(Hash(n))), digest)
	}
	same("subject's attributes", c.SubjectInfoAttributes(), slices.Sorted(maps.Keys(qt.Subject)))
	same("issuer's attributes", c.IssuerInfoAttributes(), slices.Sorted(maps.Keys(qt.Issuer)))
	for name, values := range qt.Subject {
		same("subject's "+name, c.SubjectInfo(name), values)
	}
	for name, values := range qt.Issuer {
		same("issuer's "+name, c.IssuerInfo(name), values)
	}
	for i, values := range qt.SubjectNames {
		same("subject "+strconv.Itoa(i), append([]string{}, c.SubjectInfo(SubjectInfo(i).Attribute())...), values)
	}
	same("subject's name", c.SubjectDisplayName(), qt.SubjectName)
	same("issuer's name", c.IssuerDisplayName(), qt.IssuerName)
	var names []extension.AlternativeName
	for _, kind := range qt.Alternatives {
		for _, name := range kind[1].([]any) {
			names = append(names, extension.AlternativeName{Kind: int(kind[0].(float64)), Name: name.(string)})
		}
	}
	same("alternative names", c.AlternativeNames(), names)
	date := func(t time.Time, ok bool) string {
		if !ok {
			return ""
		}
		return t.Format("2006-01-02T15:04:05.000Z")
	}
	same("from", date(c.EffectiveDate()), qt.From)
	same("to", date(c.ExpiryDate()), qt.To)
	k := c.PublicKey()
	switch name {
	case "Ed25519": // Qt has no name for it
		same("key", k.Length(), 256)
		qt.Key = [3]any{0, k.Length(), hex.EncodeToString(k.DER())}
	case "Ed448": // nobody has it here
		qt.SelfSigned = false
	}
	same("key", fmt.Sprint(k.Algorithm(), k.Length(), hex.EncodeToString(k.DER())), fmt.Sprint(qt.Key[0], qt.Key[1], qt.Key[2]))
	same("self-signed", c.IsSelfSigned(), qt.SelfSigned)
	for i, e := range c.Extensions() {
		there := qt.Extensions[i]
		same("extension", [5]any{e.ID, e.Name(), e.Critical, e.Supported(), plain(e.Value())}, there)
	}
	same("number of extensions", len(c.Extensions()), len(qt.Extensions))
	// There what OpenSSL thinks of a key follows.
	if text, _, _ := strings.Cut(qt.Text, "Unable to load Public Key\n"); !strings.HasPrefix(c.Text(), text) || len(text) == len(qt.Text) {
		same("text", c.Text(), qt.Text)
	}
	same("PEM", len(c.PEM()), qt.PEM)
	same("DER", len(c.DER()), qt.DER)
}

// plain returns the value of an extension as the script has it.
func plain(value any) any {
	switch v := value.(type) {
	case []byte:
		return map[string]any{"octets": hex.EncodeToString(v)}
	case []string:
		list := []any{}
		for _, text := range v {
			list = append(list, text)
		}
		return list
	case map[string]any:
		values := map[string]any{}
		for name, inner := range v {
			values[name] = plain(inner)
		}
		return map[string]any{"map": values}
	case int64:
		return float64(v)
	}
	return value
}

func TestTextsAreReadAsByQt(t *testing.T) {
	for _, one := range record(t).Texts {
		octets := []byte{}
		for _, r := range one.Text {
			octets = append(octets, byte(r))
		}
		var serials []string
		for _, c := range FromPEM(octets) {
			serials = append(serials, c.SerialNumber())
		}
		if strings.Join(serials, " ") != strings.Join(one.Serials, " ") {
			t.Errorf("%s: %v, and in Qt %v", one.Name, serials, one.Serials)
		}
	}
}
