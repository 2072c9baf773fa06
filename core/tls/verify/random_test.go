package verify

import (
	"crypto/x509"
	"encoding/asn1"
	"math/rand/v2"
	"strconv"
)

// randomly returns scenarios that a seed says: chains of which anything may be wrong, and
// several things at once.
func randomly(seed uint64, n int) []scenario {
	var all []scenario
	for i := range n {
		r := rand.New(rand.NewPCG(seed, uint64(i)))
		s := scenario{name: "random " + strconv.Itoa(i)}
		if r.IntN(5) == 0 {
			s.depth = 1 + r.IntN(3)
		}
		if r.IntN(7) == 0 {
			s.host = "other.test"
		}
		// It is made more than once, always in the same way.
		s.make = func(m *maker) (_, _ []*made) {
			return (&dice{rand.New(rand.NewPCG(seed, uint64(n+i))), m}).chain()
		}
		all = append(all, s)
	}
	return all
}

type dice struct {
	*rand.Rand
	m *maker
}

// once reports what is true one time in so many.
func (d *dice) once(times int) bool { return d.IntN(times) == 0 }

func (d *dice) chain() (sent, trusted []*made) {
	last := d.m.root(d.name(0), d.changes()...)
	all := list(last)
	for i := range d.IntN(4) {
		if d.once(10) {
			last = d.m.root(d.name(100+i), d.changes()...)
		} else {
			last = d.m.authority(last, d.name(1+i), d.changes()...)
		}
		last = d.perhapsDamaged(last)
		all = append(all, last)
	}
	leaf := d.m.leaf(last, d.changes()...)
	if d.once(15) {
		leaf = d.m.leaf(nil, d.changes()...)
	}
	sent = list(d.perhapsDamaged(leaf))
	for i := len(all) - 1; i >= 0; i-- {
		if !d.once(6) && (i > 0 || d.once(3)) {
			sent = append(sent, all[i])
		}
		if i == 0 && !d.once(5) || d.once(8) {
			trusted = append(trusted, all[i])
		}
	}
	if d.once(15) {
		trusted = append(trusted, leaf)
	}
	if others := sent[1:]; d.once(4) {
		d.Shuffle(len(others), func(i, j int) { others[i], others[j] = others[j], others[i] })
	}
	return sent, trusted
}

func (d *dice) name(i int) string {
	if d.once(8) {
		return "same"
	}
	return "authority " + strconv.Itoa(i)
}

func (d *dice) perhapsDamaged(c *made) *made {
	if d.once(12) {
		return d.m.damaged(c)
	}
	return c
}

// wrongs are what may be wrong with a certificate. An extension that is broken is not among
// them: of a leaf with it Qt says nothing.
var wrongs = []change{
	expired, early, noCA, noBasic, usage(0), usage(x509.KeyUsageDigitalSignature), usage(x509.KeyUsageCertSign), path(0), path(1), path(2),
	purpose(x509.ExtKeyUsageCodeSigning), purpose(x509.ExtKeyUsageServerAuth), purpose(x509.ExtKeyUsageClientAuth), purpose(x509.ExtKeyUsageAny),
	extra(custom, true, 5, 0), extra(netscapeKind, false, 3, 2, 2, 0x04), extra(netscapeKind, false, 3, 2, 6, 0x40),
	permit(tlv(0x82, "test")), permit(tlv(0x82, "example")), exclude(tlv(0x82, "host.test")), permit(tlv(0x81, "x.test")),
	func(c *x509.Certificate) { c.SubjectKeyId = []byte{1} },
	func(c *x509.Certificate) { c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign },
	extra(asn1.ObjectIdentifier{2, 5, 29, 32}, true, 0x30, 6, 0x30, 4, 6, 2, 0x2a, 3), mail("a@x.test"), commonName("host.test"),
}

func (d *dice) changes() []change {
	var all []change
	for d.once(3) && len(all) < 3 {
		all = append(all, wrongs[d.IntN(len(wrongs))])
	}
	return append(all, func(c *x509.Certificate) {
		if !c.IsCA { // Go makes none that says otherwise
			c.MaxPathLen, c.MaxPathLenZero = 0, false
		}
	})
}
