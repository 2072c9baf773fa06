package certificate

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"fmt"
	"math/big"
	"strings"

	"qnet/core/tls/der"
	"qnet/core/tls/extension"
	"qnet/core/tls/oid"
)

// Text returns all that the certificate says, for people (QSslCertificate::toText).
func (c *Certificate) Text() string {
	if c == nil {
		return ""
	}
	var t strings.Builder
	t.WriteString("Certificate:\n    Data:\n")
	if c.version >= 0 && c.version <= 2 {
		fmt.Fprintf(&t, "        Version: %d (0x%x)\n", c.version+1, c.version)
	} else {
		fmt.Fprintf(&t, "        Version: Unknown (%d)\n", c.version)
	}
	t.WriteString("        Serial Number:" + c.number() + "\n")
	t.WriteString("        Signature Algorithm: " + oid.Long(c.innerAlgorithm.ID) + parameters(c.innerAlgorithm) + "\n")
	t.WriteString("        Issuer: " + c.issuer.List() + "\n")
	t.WriteString("        Validity\n            Not Before: " + when(c.notBefore) + "\n            Not After : " + when(c.notAfter) + "\n")
	t.WriteString("        Subject: " + c.subject.List() + "\n")
	c.writeKey(&t)
	writeID(&t, "Issuer", c.issuerID)
	writeID(&t, "Subject", c.subjectID)
	if len(c.extensions) > 0 {
		t.WriteString("        X509v3 extensions:\n")
	}
	for _, e := range c.extensions {
		critical := ""
		if e.Critical {
			critical = "critical"
		}
		t.WriteString("            " + oid.Long(e.ID) + ": " + critical + "\n" + e.Text(16) + "\n")
	}
	t.WriteString("    Signature Algorithm: " + oid.Long(c.algorithm.ID) + "\n    Signature Value:" + parameters(c.algorithm) + "\n")
	writeOctets(&t, c.signature, 8, 18)
	return t.String()
}

// number returns the serial number as it stands behind its title.
func (c *Certificate) number() string {
	n := der.Int(c.serial)
	sign, magnitude := "", new(big.Int).Abs(n)
	if n.Sign() < 0 {
		sign = "-"
	}
	// OpenSSL takes -1 for a sign that there is no short form.
	if magnitude.BitLen() < 64 && !(n.Sign() < 0 && n.BitLen() == 1) {
		return fmt.Sprintf(" %s%d (%s0x%x)", sign, magnitude, sign, magnitude)
	}
	if sign != "" {
		sign = " (Negative)"
	}
	return "\n            " + sign + c.SerialNumber()
}

func when(e der.Element) string {
	t, ok := e.Time()
	if !ok {
		return "Bad time value"
	}
	return extension.Time(t)
}

// parameters returns what an algorithm says beside its name.
func parameters(a Algorithm) string {
	if a.ID != PSS {
		return ""
	}
	c := &Certificate{algorithm: a}
	hash, salt, ok := c.pss()
	if !ok {
		return ""
	}
	name := strings.ToLower(strings.ReplaceAll(hash.String(), "-", ""))
	lines := []string{"", "Hash Algorithm: " + name, "Mask Algorithm: mgf1 with " + name, fmt.Sprintf(" Salt Length: 0x%02X", salt), "Trailer Field: 0x01 (default)"}
	return "        " + strings.Join(lines, "\n        ")
}

func (c *Certificate) writeKey(t *strings.Builder) {
	r := der.Open(c.spki, der.Sequence)
	algorithm := r.Inside(der.Sequence)
	id := algorithm.Identifier()
	t.WriteString("        Subject Public Key Info:\n            Public Key Algorithm: " + oid.Long(id) + "\n")
	octets := r.Bits()
	switch public := c.key.Public().(type) {
	case *rsa.PublicKey:
		fmt.Fprintf(t, "                Public-Key: (%d bit)\n                Modulus:\n", c.key.Length())
		modulus := public.N.Bytes()
		if modulus[0] >= 0x80 {
			modulus = append([]byte{0}, modulus...)
		}
		writeOctets(t, modulus, 20, 15)
		fmt.Fprintf(t, "                Exponent: %d (0x%x)\n", public.E, public.E)
	case *ecdsa.PublicKey:
		fmt.Fprintf(t, "                Public-Key: (%d bit)\n                pub:\n", c.key.Length())
		writeOctets(t, octets, 20, 15)
		t.WriteString("                ASN1 OID: " + oid.Short(algorithm.Identifier()) + "\n                NIST CURVE: " + public.Params().Name + "\n")
	case ed25519.PublicKey:
		t.WriteString("                ED25519 Public-Key:\n                pub:\n")
		writeOctets(t, octets, 20, 15)
	default:
		t.WriteString("            Unable to load Public Key\n")
	}
}

// writeID writes an identifier that nobody has any more.
func writeID(t *strings.Builder, whose string, id []byte) {
	if id != nil {
		t.WriteString("        " + whose + " Unique ID: ")
		writeOctets(t, id, 12, 18)
	}
}

// writeOctets writes octets in hexadecimal, so many on a line.
func writeOctets(t *strings.Builder, octets []byte, indent, each int) {
	for len(octets) > each {
		t.WriteString(strings.Repeat(" ", indent) + colons(octets[:each]) + ":\n")
		octets = octets[each:]
	}
	if len(octets) > 0 {
		t.WriteString(strings.Repeat(" ", indent) + colons(octets))
	}
	t.WriteByte('\n')
}
