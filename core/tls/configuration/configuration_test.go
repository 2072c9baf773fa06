package configuration

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"slices"
	"testing"

	"qnet/core/internal/tlstest"
	"qnet/core/tls/certificate"
	"qnet/core/tls/cipher"
	"qnet/core/tls/key"
	"qnet/core/tls/protocol"
	"qnet/core/tls/roots"
)

func material(t *testing.T) (*certificate.Certificate, *key.Key) {
	t.Helper()
	pair, _ := tlstest.Certificate(t)
	c, _, ok := certificate.Parse(pair.Certificate[0])
	k, err := key.FromPrivate(pair.PrivateKey)
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	return c, k
}

// The numbers are Qt's, and programs know them.
func TestNumbersAreQts(t *testing.T) {
	for want, reason := range []RevocationReason{NoReason, Unspecified, KeyCompromise, CACompromise, AffiliationChanged, Superseded, CessationOfOperation,
		CertificateHold, RemoveFromCRL} {
		if int(reason) != want-1 {
			t.Errorf("%d is to be %d", reason, want-1)
		}
	}
	for want, status := range []OCSPStatus{OCSPGood, OCSPRevoked, OCSPUnknown} {
		if int(status) != want {
			t.Errorf("%d is to be %d", status, want)
		}
	}
}

// Every field counts, but what a connection adds of itself.
func TestEqual(t *testing.T) {
	c, k := material(t)
	public, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other, err := key.FromPrivate(public)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(c *Configuration){
		"protocol":           func(d *Configuration) { d.Protocol = protocol.TLS12 },
		"mode":               func(d *Configuration) { d.VerifyMode = VerifyNone },
		"depth":              func(d *Configuration) { d.VerifyDepth = 1 },
		"chain":              func(d *Configuration) { d.LocalChain = []*certificate.Certificate{c} },
		"key":                func(d *Configuration) { d.PrivateKey = k },
		"another key":        func(d *Configuration) { d.PrivateKey = other },
		"alternatives":       func(d *Configuration) { d.Alternatives = []Identity{{Key: k}} },
		"other alternatives": func(d *Configuration) { d.Alternatives = []Identity{{Key: other}} },
		"ciphers":            func(d *Configuration) { d.Ciphers = cipher.Supported() },
		"curves":             func(d *Configuration) { d.Curves = []cipher.Curve{"X25519"} },
		"authorities":        func(d *Configuration) { d.AddAuthorities(c) },
		"the system's":       func(d *Configuration) { d.SystemAuthorities = !d.SystemAuthorities },
		"options":            func(d *Configuration) { d.SetOption(DisableSessionTickets, true) },
		"ALPN":               func(d *Configuration) { d.NextProtocols = [][]byte{[]byte("h2")} },
		"ticket":             func(d *Configuration) { d.SessionTicket = []byte("x") },
		"OCSP":               func(d *Configuration) { d.OCSP = true },
		"interrupt":          func(d *Configuration) { d.InterruptOnError = true },
		"missing":            func(d *Configuration) { d.MissingCertificateIsFatal = true },
		"a connection":       func(d *Configuration) { d.Connection = &Connection{} },
		"its peer":           func(d *Configuration) { d.Connection = &Connection{PeerChain: []*certificate.Certificate{c}} },
		"its lifetime":       func(d *Configuration) { d.Connection = &Connection{TicketLifetime: 1} },
	} {
		t.Run(name, func(t *testing.T) {
			for _, base := range []Configuration{Null(), first()} {
				changed := base
				change(&changed)
				same := base
				change(&same)
				if changed.Equal(base) || base.Equal(changed) || !changed.Equal(same) || !base.Equal(base) {
					t.Error("equal to what it is not, or not to itself")
				}
				if changed.IsNull() {
					t.Error("null")
				}
			}
		})
	}
}

func TestDefault(t *testing.T) {
	t.Cleanup(func() { standard = nil })
	d := Default()
	if d.IsNull() || !d.Equal(Default()) || d.Protocol != protocol.Secure || d.VerifyMode != AutoVerifyPeer || d.Options != 1+4+16+64 ||
		!slices.Equal(d.Ciphers, cipher.Default()) || !slices.EqualFunc(d.AllAuthorities(), roots.Shared(), (*certificate.Certificate).Equal) {
		t.Errorf("%+v", d)
	}
	d.VerifyDepth = 5
	if Default().VerifyDepth != 0 {
		t.Error("a copy is none")
	}
	SetDefault(d)
	if Default().VerifyDepth != 5 {
		t.Error("it was not set")
	}
	SetDefault(Null())
	if !Default().IsNull() || len(Default().AllAuthorities()) != 0 {
		t.Error("a null one is not kept as it is")
	}
}

func TestAuthorities(t *testing.T) {
	c, _ := material(t)
	d := Default()
	d.AddAuthorities(c)
	if n := len(d.AllAuthorities()); n != len(roots.Shared())+1 || d.AllAuthorities()[n-1] != c {
		t.Error(n)
	}
	copied := d
	d.AddAuthorities(c)
	if len(copied.Authorities) != 1 || len(d.Authorities) != 2 {
		t.Error("a copy has changed")
	}
	list := []*certificate.Certificate{c}
	d.SetAuthorities(list)
	list[0] = nil
	if all := d.AllAuthorities(); len(all) != 1 || all[0] != c {
		t.Error(all)
	}
	d.SetAuthorities(nil)
	if len(d.AllAuthorities()) != 0 {
		t.Error("somebody is trusted")
	}
}

func TestOptions(t *testing.T) {
	c := Null()
	c.SetOption(DisableSessionTickets, true)
	c.SetOption(DisableCompression, false)
	if !c.Has(DisableSessionTickets) || c.Has(DisableCompression) || c.Has(DisableCompression|DisableSessionTickets) || c.Options != 1+2+16+64 {
		t.Error(c.Options)
	}
}

func TestLocalCertificate(t *testing.T) {
	c, _ := material(t)
	d := Null()
	if d.LocalCertificate() != nil {
		t.Error("there is one")
	}
	d.LocalChain = []*certificate.Certificate{c, nil}
	if d.LocalCertificate() != c {
		t.Error("another one")
	}
}
