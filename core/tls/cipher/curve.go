package cipher

import (
	"crypto/tls"
	"slices"
	"strings"
)

// Curve is an elliptic curve (QSslEllipticCurve), by its short name; "" is the invalid one.
// One that OpenSSL has and crypto/tls has not is valid, but no connection can use it.
type Curve string

// numbers has the curves that connections can use, in the order in which they are preferred.
var numbers = []struct {
	curve Curve
	id    tls.CurveID
}{
	{"X25519", tls.X25519},
	{"prime256v1", tls.CurveP256},
	{"secp384r1", tls.CurveP384},
	{"secp521r1", tls.CurveP521},
}

// others has those that are but names here: with a number in TLS, and without.
var others = [...]string{
	"secp160k1 secp160r1 secp160r2 secp192k1 secp224k1 secp224r1 secp256k1 prime192v1 brainpoolP256r1 brainpoolP384r1 brainpoolP512r1 " +
		"sect163k1 sect163r1 sect163r2 sect193r1 sect193r2 sect233k1 sect233r1 sect239k1 sect283k1 sect283r1 sect409k1 sect409r1 sect571k1 sect571r1",
	"X448 brainpoolP160r1 brainpoolP192r1 brainpoolP224r1 brainpoolP320r1",
}

// SupportedCurves returns those that connections can use
// (QSslConfiguration::supportedEllipticCurves).
func SupportedCurves() []Curve {
	list := make([]Curve, len(numbers))
	for i, n := range numbers {
		list[i] = n.curve
	}
	return list
}

// CurveByName returns the curve of a short or long name as OpenSSL has them, which are the
// same here; an invalid one if there is none (QSslEllipticCurve::fromShortName,
// QSslEllipticCurve::fromLongName).
func CurveByName(name string) Curve {
	c := Curve(name)
	if _, ok := c.ID(); ok || c.among(others[0]) || c.among(others[1]) {
		return c
	}
	return ""
}

// CurveByID returns the curve with a number of crypto/tls, an invalid one if there is none.
func CurveByID(id tls.CurveID) Curve {
	for _, n := range numbers {
		if n.id == id {
			return n.curve
		}
	}
	return ""
}

func (c Curve) among(names string) bool {
	return slices.Contains(strings.Fields(names), string(c))
}

// IsValid reports whether there is such a curve (QSslEllipticCurve::isValid).
func (c Curve) IsValid() bool { return c != "" }

// ShortName returns the name (QSslEllipticCurve::shortName).
func (c Curve) ShortName() string { return string(c) }

// LongName returns the name (QSslEllipticCurve::longName).
func (c Curve) LongName() string { return string(c) }

// IsTLSNamed reports whether TLS has a number for the curve, as Qt sees it: not for those
// of Montgomery's form (QSslEllipticCurve::isTlsNamedCurve).
func (c Curve) IsTLSNamed() bool {
	_, ok := c.ID()
	return ok && c != "X25519" || c.among(others[0])
}

// ID returns the curve's number, and whether connections can use it.
func (c Curve) ID() (tls.CurveID, bool) {
	for _, n := range numbers {
		if n.curve == c {
			return n.id, true
		}
	}
	return 0, false
}
