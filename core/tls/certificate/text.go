package certificate

import (
	"crypto/ecdsa"
	"fmt"
	"math/big"
	"strings"

	"qnet/core/tls/der"
	"qnet/core/tls/extension"
	"qnet/core/tls/key"
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
		t.WriteString("            " + oid.Long(e.ID) + ": " + critical + "\n" + der.Latin1([]byte(e.Text(16))) + "\n")
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
	hash, salt, ok := c.algorithm.pss()
	if !ok {
		return "        (INVALID PSS PARAMETERS)"
	}
	name := strings.ToLower(strings.ReplaceAll(hash.String(), "-", ""))
	lines := []string{"", "Hash Algorithm: " + name, "Mask Algorithm: mgf1 with " + name, fmt.Sprintf(" Salt Length: 0x%02X", salt), "Trailer Field: 0x01 (default)"}
	return "        " + strings.Join(lines, "\n        ")
}

// raw are the lengths of keys that are only octets.
var raw = map[string]int{"1.3.101.110": 32, "1.3.101.111": 56, "1.3.101.112": 32, "1.3.101.113": 57}

// writeKey writes the public key, also of a kind that is of no use here.
func (c *Certificate) writeKey(t *strings.Builder) {
	r := der.Open(c.spki, der.Sequence)
	algorithm := r.Inside(der.Sequence)
	id := algorithm.Identifier()
	octets := r.Bits()
	t.WriteString("        Subject Public Key Info:\n            Public Key Algorithm: " + oid.Long(id) + "\n")
	if length, isRaw := raw[id]; isRaw && len(octets) == length {
		t.WriteString("                " + oid.Long(id) + " Public-Key:\n                pub:\n")
		writeOctets(t, octets, 20, 15)
		return
	}
	if c.key == nil {
		t.WriteString("            Unable to load Public Key\n")
		return
	}
	fmt.Fprintf(t, "                Public-Key: (%d bit)\n", c.key.Length())
	switch c.key.Algorithm() {
	case key.RSA:
		numbers := der.Open(octets, der.Sequence)
		writeNumber(t, "Modulus:", numbers.Number())
		writeNumber(t, "Exponent:", numbers.Number())
	case key.DSA:
		public := der.Read(octets)
		writeNumber(t, "pub: ", public.Number())
		numbers := algorithm.Inside(der.Sequence)
		for _, title := range []string{"P:   ", "Q:   ", "G:   "} {
			writeNumber(t, title, numbers.Number())
		}
	case key.EC:
		t.WriteString("                pub:\n")
		writeOctets(t, octets, 20, 15)
		t.WriteString("                ASN1 OID: " + oid.Short(algorithm.Identifier()) + "\n")
		if public, ok := c.key.Public().(*ecdsa.PublicKey); ok {
			t.WriteString("                NIST CURVE: " + public.Params().Name + "\n")
		}
	}
}

// writeNumber writes a number of a key: a small one on the line of its title.
func writeNumber(t *strings.Builder, title string, n *big.Int) {
	switch {
	case n.Sign() == 0:
		fmt.Fprintf(t, "                %s 0\n", title)
	case n.BitLen() <= 64:
		fmt.Fprintf(t, "                %s %d (0x%x)\n", title, n, n)
	default:
		t.WriteString("                " + title + "\n")
		octets := n.Bytes()
		if octets[0] >= 0x80 {
			octets = append([]byte{0}, octets...)
		}
		writeOctets(t, octets, 20, 15)
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
