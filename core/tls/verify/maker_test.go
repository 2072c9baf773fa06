package verify

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"qnet/core/tls/certificate"
	"qnet/core/tls/der"
)

// maker makes certificates. The keys are made anew each time.
type maker struct {
	t      testing.TB
	now    time.Time
	serial int64
}

// made is a certificate with its key.
type made struct {
	*x509.Certificate
	key crypto.Signer
	der []byte
}

// change makes a certificate different from a usual one.
type change func(c *x509.Certificate)

// template returns the usual certificate for a name.
func (m *maker) template(name string, authority bool, changes []change) *x509.Certificate {
	m.serial++
	c := &x509.Certificate{
		SerialNumber: big.NewInt(m.serial), Subject: pkix.Name{CommonName: name},
		NotBefore: m.now.Add(-24 * time.Hour), NotAfter: m.now.Add(24 * time.Hour), BasicConstraintsValid: true,
	}
	if authority {
		c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
	} else {
		c.KeyUsage, c.DNSNames = x509.KeyUsageDigitalSignature|x509.KeyUsageKeyEncipherment, []string{name}
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	}
	for _, f := range changes {
		f(c)
	}
	return c
}

// sign makes a certificate that an issuer has signed, itself if that is nil.
func (m *maker) sign(c *x509.Certificate, key crypto.Signer, issuer *made) *made {
	m.t.Helper()
	parent := issuer
	if issuer == nil {
		parent = &made{Certificate: c, key: key}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent.Certificate, key.Public(), parent.key)
	if err != nil {
		m.t.Fatal(err)
	}
	if parsed, err := x509.ParseCertificate(der); err == nil {
		c = parsed // Go does not read all that it makes
	}
	return &made{c, key, der}
}

func (m *maker) root(name string, changes ...change) *made {
	m.t.Helper()
	return m.sign(m.template(name, true, changes), m.ec(), nil)
}

func (m *maker) authority(issuer *made, name string, changes ...change) *made {
	m.t.Helper()
	return m.sign(m.template(name, true, changes), m.ec(), issuer)
}

func (m *maker) leaf(issuer *made, changes ...change) *made {
	m.t.Helper()
	return m.leafWith(m.ec(), issuer, changes...)
}

func (m *maker) leafWith(key crypto.Signer, issuer *made, changes ...change) *made {
	m.t.Helper()
	return m.sign(m.template("host.test", false, changes), key, issuer)
}

func (m *maker) ec() crypto.Signer { return m.curve(elliptic.P256()) }

func (m *maker) curve(c elliptic.Curve) crypto.Signer {
	k, err := ecdsa.GenerateKey(c, rand.Reader)
	if err != nil {
		m.t.Fatal(err)
	}
	return k
}

func (m *maker) ed() crypto.Signer {
	_, k, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		m.t.Fatal(err)
	}
	return k
}

// Keys of RSA take long to make: there is one for each length.
var (
	rsaKeys  = map[int]*rsa.PrivateKey{}
	rsaMutex sync.Mutex
)

func (m *maker) rsa(bits int) crypto.Signer {
	rsaMutex.Lock()
	defer rsaMutex.Unlock()
	if rsaKeys[bits] == nil {
		k, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			m.t.Fatal(err)
		}
		rsaKeys[bits] = k
	}
	return rsaKeys[bits]
}

// damaged returns a certificate whose signature is wrong.
func (m *maker) damaged(c *made) *made {
	der := append([]byte(nil), c.der...)
	der[len(der)-1] ^= 1
	return &made{c.Certificate, c.key, der}
}

// rawCertificate is a certificate whose parts are as they are.
type rawCertificate struct {
	Body      asn1.RawValue
	Algorithm pkix.AlgorithmIdentifier
	Signature asn1.BitString
}

// signedAgain returns a certificate with what is signed changed, and signed again by the
// issuer.
func (m *maker) signedAgain(c, issuer *made, hash crypto.Hash, changed func(body []byte) []byte) *made {
	m.t.Helper()
	var raw rawCertificate
	if _, err := asn1.Unmarshal(c.der, &raw); err != nil {
		m.t.Fatal(err)
	}
	body := changed(raw.Body.FullBytes)
	h := hash.New()
	h.Write(body)
	signature, err := issuer.key.Sign(rand.Reader, h.Sum(nil), hash)
	if err != nil {
		m.t.Fatal(err)
	}
	raw.Body = asn1.RawValue{FullBytes: body}
	raw.Signature = asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}
	if hash == crypto.SHA1 {
		raw.Algorithm.Algorithm = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 5}
	}
	der, err := asn1.Marshal(raw)
	if err != nil {
		m.t.Fatal(err)
	}
	return &made{c.Certificate, c.key, der}
}

// sha1 returns a certificate signed with SHA-1 by an RSA key: Go does not make them.
func (m *maker) sha1(c, issuer *made) *made {
	m.t.Helper()
	return m.signedAgain(c, issuer, crypto.SHA1, func(body []byte) []byte {
		// The identifiers differ in one octet.
		old, _ := asn1.Marshal(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11})
		again := append([]byte(nil), old...)
		again[len(again)-1] = 5
		return bytes.ReplaceAll(body, old, again)
	})
}

// first returns a certificate as one of the first version, which has no extensions.
func (m *maker) first(c, issuer *made) *made {
	m.t.Helper()
	return m.signedAgain(c, issuer, crypto.SHA256, func(body []byte) []byte {
		inner := der.Open(body, der.Sequence)
		var kept []byte
		for inner.More() {
			if e := inner.Any(); e.Tag != der.Explicit(0) && e.Tag != der.Explicit(3) {
				kept = append(kept, e.Raw...)
			}
		}
		old, err := asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: kept})
		if err != nil {
			m.t.Fatal(err)
		}
		return old
	})
}

// undated returns a certificate with a date that is none.
func (m *maker) undated(c, issuer *made, date time.Time) *made {
	m.t.Helper()
	return m.signedAgain(c, issuer, crypto.SHA256, func(body []byte) []byte {
		return bytes.ReplaceAll(body, []byte(date.UTC().Format("060102150405Z")), []byte("060102990405Z"))
	})
}

// relabelled returns a certificate that says outside that it is signed in another way.
func (m *maker) relabelled(c *made) *made {
	m.t.Helper()
	var raw rawCertificate
	if _, err := asn1.Unmarshal(c.der, &raw); err != nil {
		m.t.Fatal(err)
	}
	raw.Algorithm.Algorithm = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}
	der, err := asn1.Marshal(raw)
	if err != nil {
		m.t.Fatal(err)
	}
	return &made{c.Certificate, c.key, der}
}

func read(t testing.TB, list []*made) []*certificate.Certificate {
	t.Helper()
	var all []*certificate.Certificate
	for _, one := range list {
		c, _, ok := certificate.Parse(one.der)
		if !ok {
			t.Fatal("a certificate cannot be read")
		}
		all = append(all, c)
	}
	return all
}

// Changes.

func expired(c *x509.Certificate) {
	c.NotBefore, c.NotAfter = c.NotBefore.Add(-1000*time.Hour), c.NotAfter.Add(-1000*time.Hour)
}

func early(c *x509.Certificate) {
	c.NotBefore, c.NotAfter = c.NotBefore.Add(1000*time.Hour), c.NotAfter.Add(1000*time.Hour)
}

func hosts(list ...string) change {
	return func(c *x509.Certificate) { c.DNSNames = list }
}

func addresses(list ...string) change {
	return func(c *x509.Certificate) {
		for _, text := range list {
			c.IPAddresses = append(c.IPAddresses, net.ParseIP(text))
		}
	}
}

func commonName(name string) change {
	return func(c *x509.Certificate) { c.Subject.CommonName = name }
}

func purpose(list ...x509.ExtKeyUsage) change {
	return func(c *x509.Certificate) { c.ExtKeyUsage = list }
}

func usage(u x509.KeyUsage) change {
	return func(c *x509.Certificate) { c.KeyUsage = u }
}

func path(n int) change {
	return func(c *x509.Certificate) { c.MaxPathLen, c.MaxPathLenZero = n, n == 0 }
}

func noCA(c *x509.Certificate) { c.IsCA = false }

func noBasic(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = false, false }

func extra(id asn1.ObjectIdentifier, critical bool, value ...byte) change {
	return func(c *x509.Certificate) {
		// Twice it would be broken.
		c.ExtraExtensions = slices.DeleteFunc(c.ExtraExtensions, func(e pkix.Extension) bool { return e.Id.Equal(id) })
		c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: id, Critical: critical, Value: value})
	}
}

func mail(address string) change {
	return func(c *x509.Certificate) { c.EmailAddresses = []string{address} }
}

func uris(text string) change {
	return func(c *x509.Certificate) {
		u, err := url.Parse(text)
		if err != nil {
			panic(err)
		}
		c.URIs = []*url.URL{u}
	}
}

// attribute adds one to the subject's name.
func attribute(id asn1.ObjectIdentifier, value string) change {
	return func(c *x509.Certificate) {
		c.Subject.ExtraNames = append(c.Subject.ExtraNames, pkix.AttributeTypeAndValue{Type: id, Value: value})
	}
}

func zeros(n int) string { return strings.Repeat("\x00", n) }

// tlv returns a short element.
func tlv(tag byte, body string) string { return string([]byte{tag, byte(len(body))}) + body }

// directoryName returns a name with a common name.
func directoryName(cn string) string {
	return tlv(0x30, tlv(0x31, tlv(0x30, "\x06\x03\x55\x04\x03"+tlv(0x13, cn))))
}

// permit and exclude confine an authority to general names, or to all but them.
func permit(names ...string) change  { return confine(0xa0, names) }
func exclude(names ...string) change { return confine(0xa1, names) }

func confine(tag byte, names []string) change {
	var trees string
	for _, n := range names {
		trees += tlv(0x30, n)
	}
	return extra(asn1.ObjectIdentifier{2, 5, 29, 30}, true, []byte(tlv(0x30, tlv(tag, trees)))...)
}
