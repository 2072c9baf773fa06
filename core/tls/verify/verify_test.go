package verify

import (
	"bytes"
	"crypto/x509"
	"slices"
	"strconv"
	"testing"
	"time"

	"qnet/core/tls/certificate"
)

func TestNothingSent(t *testing.T) {
	if list := Peer(nil, nil, "host.test", Options{Now: now}); len(list) != 1 || list[0].Code != NoPeerCertificate || list[0].Certificate != nil {
		t.Errorf("%v", list)
	}
	if list := Alone(nil, nil, "host.test", now); len(list) != 1 || list[0].Code != Unspecified {
		t.Errorf("%v", list)
	}
}

// Each failure is of the certificate that it is found at.
func TestFailuresHaveTheirCertificates(t *testing.T) {
	m := &maker{t: t, now: now}
	root := m.root("root")
	between := m.authority(root, "between", expired)
	sent := read(t, list(m.leaf(between, early), between))
	failures := Peer(sent, NewStore(read(t, list(root)), now), "other.test", Options{Now: now, Purpose: Server})
	want := []Failure{{HostNameMismatch, sent[0]}, {CertificateExpired, sent[1]}, {CertificateNotYetValid, sent[0]}}
	if len(failures) != len(want) {
		t.Fatalf("%v", failures)
	}
	for i := range want {
		if !failures[i].Equal(want[i]) || failures[i].Error() != want[i].Code.String() {
			t.Errorf("%d: %v", i, failures[i])
		}
	}
	if want[0].Equal(want[1]) || want[0].Equal(Failure{HostNameMismatch, sent[1]}) || !(Failure{Code: 1}).Equal(Failure{Code: 1}) {
		t.Error("those are not the same")
	}
}

func TestTexts(t *testing.T) {
	for code, text := range map[Code]string{
		Unspecified: "Unknown error", NoError: "No error", CertificateExpired: "The certificate has expired", NoSslSupport: "",
		CertificateRevoked: "Unknown error", 99: "Unknown error",
	} {
		if code.String() != text {
			t.Errorf("%d: %q", code, code.String())
		}
	}
}

// A chain goes on to be verified on the second that it is valid from and until.
func TestDatesAreInclusive(t *testing.T) {
	m := &maker{t: t, now: now}
	root := m.root("root")
	sent, store := read(t, list(m.leaf(root))), NewStore(read(t, list(root)), now)
	for offset, want := range map[time.Duration]Code{
		-24*time.Hour - time.Second: CertificateNotYetValid, -24 * time.Hour: NoError, 24 * time.Hour: NoError, 24*time.Hour + time.Second: CertificateExpired,
	} {
		failures := Chain(sent, store, Options{Now: now.Add(offset), Purpose: Server})
		if want == NoError && len(failures) != 0 || want != NoError && (len(failures) != 2 || failures[1].Code != want) {
			t.Errorf("%v: %v", offset, failures)
		}
	}
}

// A peer may send as many certificates as it likes, in circles, too.
func TestLongAndCircular(t *testing.T) {
	m := &maker{t: t, now: now}
	root := m.root("root")
	all, last := []*made{nil}, root
	for i := range 150 {
		last = m.authority(last, "between "+strconv.Itoa(i))
		all = append(all, last)
	}
	all[0] = m.leaf(last)
	failures := Chain(read(t, all), NewStore(read(t, list(root)), now), Options{Now: now, Purpose: Server})
	if len(failures) == 0 || failures[0].Code != Unspecified {
		t.Errorf("%v", failures)
	}
	one, other := m.ec(), m.ec()
	a := m.sign(m.template("a", true, nil), one, nil)
	b := m.sign(m.template("b", true, nil), other, a)
	again := m.sign(m.template("a", true, nil), one, b)
	if failures := Chain(read(t, list(m.leaf(b), b, again, b, again)), nil, Options{Now: now, Purpose: Server}); len(failures) == 0 {
		t.Error("nothing is wrong")
	}
}

// Nor must it take long to compare many names with many others.
func TestManyNames(t *testing.T) {
	m := &maker{t: t, now: now}
	var trees, hosts []string
	for i := range 2000 {
		trees = append(trees, strconv.Itoa(i)+".example")
		hosts = append(hosts, strconv.Itoa(i)+".test")
	}
	root := m.root("root")
	few := m.authority(root, "few", func(c *x509.Certificate) { c.ExcludedDNSDomains = trees[:10] })
	many := m.authority(root, "many", func(c *x509.Certificate) { c.ExcludedDNSDomains = trees })
	store := NewStore(read(t, list(root)), now)
	for _, test := range []struct {
		authority *made
		failures  int
	}{{few, 0}, {many, 1}} {
		leaf := m.leaf(test.authority, func(c *x509.Certificate) { c.DNSNames = hosts })
		failures := Chain(read(t, list(leaf, test.authority)), store, Options{Now: now, Purpose: Server})
		if len(failures) != test.failures || len(failures) > 0 && failures[0].Code != Unspecified {
			t.Errorf("%v", failures)
		}
	}
}

// FuzzChain verifies what was made of good chains: it ends, and does not find nothing wrong
// when something else than what was signed is there.
func FuzzChain(f *testing.F) {
	m := &maker{t: f, now: now}
	root := m.root("root")
	between := m.authority(root, "between", func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"test"} })
	sent := list(m.leaf(between), between)
	f.Add(sent[0].der, sent[1].der)
	good := read(f, list(sent[0], m.leaf(root)))
	f.Add(m.root("x").der, good[1].DER())
	store := NewStore(read(f, list(root)), now)
	f.Fuzz(func(t *testing.T, one, other []byte) {
		var chain []*certificate.Certificate
		for _, data := range [][]byte{one, other} {
			if c, _, ok := certificate.Parse(data); ok {
				chain = append(chain, c)
			}
		}
		if len(chain) == 0 {
			return
		}
		failures := Peer(chain, store, "host.test", Options{Now: now, Purpose: Server, Bits: HandshakeBits})
		if len(failures) == 0 && !slices.ContainsFunc(good, func(c *certificate.Certificate) bool { return bytes.Equal(c.Signed(), chain[0].Signed()) }) {
			t.Fatal("nothing is wrong")
		}
	})
}

// A signature is as strong as half of its hash is long, also where the hash stands beside the kind (RSA-PSS).
func TestSignatureBits(t *testing.T) {
	m := &maker{t: t, now: now}
	for algorithm, want := range map[x509.SignatureAlgorithm]int{
		x509.SHA256WithRSAPSS: 128, x509.SHA384WithRSAPSS: 192, x509.SHA512WithRSAPSS: 256, x509.SHA256WithRSA: 128, x509.SHA512WithRSA: 256,
	} {
		c := read(t, list(m.sign(m.template("root", true, []change{func(c *x509.Certificate) { c.SignatureAlgorithm = algorithm }}), m.rsa(2048), nil)))[0]
		if bits, known := c.SignatureBits(); bits != want || !known {
			t.Errorf("%v: %d, %v", algorithm, bits, known)
		}
	}
}
