package extension

import (
	"math/big"
	"strings"

	"qnet/core/tls/der"
	"qnet/core/tls/oid"
)

// forms are the extensions that are known, and how each is read.
var forms = map[string]func(data []byte) (form, bool){
	SubjectKeyID:           keyID,
	KeyUsage:               flags(usages),
	"2.5.29.16":            period,
	SubjectAltName:         names,
	IssuerAltName:          names,
	BasicConstraints:       basic,
	"2.5.29.20":            number,
	NameConstraints:        constrained,
	CRLPoints:              points,
	Policies:               policies,
	PolicyMappings:         mappings,
	AuthorityKeyID:         authority,
	Constraints:            policyConstraints,
	ExtendedKeyUsage:       purposes,
	FreshestCRL:            points,
	InhibitAnyPolicy:       number,
	AuthorityInfo:          access,
	SubjectInfo:            access,
	"1.3.6.1.5.5.7.1.24":   features,
	"1.3.6.1.5.5.7.48.1.5": nothing,
	scts:                   timestamps,
	"1.3.6.1.4.1.11129.2.4.3": func(data []byte) (form, bool) {
		r := der.Read(data)
		return text("NULL"), len(r.Body(der.Null)) == 0 && r.OK()
	},
	NetscapeCertType:         flags(netscape),
	"2.16.840.1.113730.1.2":  plain,
	"2.16.840.1.113730.1.3":  plain,
	"2.16.840.1.113730.1.4":  plain,
	"2.16.840.1.113730.1.7":  plain,
	"2.16.840.1.113730.1.8":  plain,
	"2.16.840.1.113730.1.12": plain,
	"2.16.840.1.113730.1.13": plain,
}

var (
	usages = []string{"Digital Signature", "Non Repudiation", "Key Encipherment", "Data Encipherment", "Key Agreement",
		"Certificate Sign", "CRL Sign", "Encipher Only", "Decipher Only"}
	netscape = []string{"SSL Client", "SSL Server", "S/MIME", "Object Signing", "Unused", "SSL CA", "S/MIME CA", "Object Signing CA"}
	reasons  = []string{"Unused", "Key Compromise", "CA Compromise", "Affiliation Changed", "Superseded", "Cessation Of Operation",
		"Certificate Hold", "Privilege Withdrawn", "AA Compromise"}
)

// named returns the names of the bits that are set.
func named(bits []byte, names []string) []string {
	var set []string
	for i, n := range names {
		if i/8 < len(bits) && bits[i/8]&(0x80>>(i%8)) != 0 {
			set = append(set, n)
		}
	}
	return set
}

func flags(names []string) func(data []byte) (form, bool) {
	return func(data []byte) (form, bool) {
		r := der.Read(data)
		var f form
		for _, n := range named(r.Bits(), names) {
			f.pairs = append(f.pairs, pair{name: n, alone: true})
		}
		return f, r.OK()
	}
}

func keyID(data []byte) (form, bool) {
	id, ok := Extension{Data: data}.KeyID()
	return text(upper(id)), ok
}

func basic(data []byte) (form, bool) {
	b, ok := Extension{Data: data}.Basic()
	f := form{pairs: []pair{{name: "CA", value: strings.ToUpper(map[bool]string{true: "true", false: "false"}[b.CA])}}}
	if b.Path != nil {
		f.pairs = append(f.pairs, pair{name: "pathlen", value: decimal(b.Path)})
	}
	return f, ok
}

// decimal returns a number as OpenSSL writes it: large ones in hexadecimal.
func decimal(n *big.Int) string {
	if n.BitLen() < 128 {
		return n.String()
	}
	digits := strings.ToUpper(new(big.Int).Abs(n).Text(16))
	if len(digits)%2 != 0 {
		digits = "0" + digits
	}
	if n.Sign() < 0 {
		return "-0x" + digits
	}
	return "0x" + digits
}

func number(data []byte) (form, bool) {
	r := der.Read(data)
	n := r.Number()
	return text(decimal(n)), r.OK()
}

func plain(data []byte) (form, bool) {
	r := der.Read(data)
	return text(string(r.Body(der.IA5String))), r.OK()
}

func nothing(data []byte) (form, bool) {
	r := der.Read(data)
	return form{lines: func(int) string { return "" }}, len(r.Body(der.Null)) == 0 && r.OK()
}

func names(data []byte) (form, bool) {
	outer := der.Read(data)
	list := outer.Inside(der.Sequence)
	all, ok := generals(list.Rest())
	if !ok || !outer.OK() {
		return form{}, false
	}
	f := form{empty: len(all) == 0}
	for _, g := range all {
		p, ok := general(g)
		if !ok {
			// Nothing is said then of the others, either.
			return form{}, true
		}
		f.pairs = append(f.pairs, p)
	}
	return f, true
}

func authority(data []byte) (form, bool) {
	a, ok := Extension{Data: data}.Authority()
	f := form{multiline: true}
	if a.ID != nil {
		p := pair{value: upper(a.ID)}
		if a.Names != nil || a.Serial != nil {
			p.name = "keyid"
		}
		f.pairs = append(f.pairs, p)
	}
	for _, g := range a.Names {
		p, good := general(g)
		ok = ok && good
		f.pairs = append(f.pairs, p)
	}
	if a.Serial != nil {
		f.pairs = append(f.pairs, pair{name: "serial", value: upper(magnitude(a.Serial))})
	}
	return f, ok
}

// magnitude returns the octets of a number without its sign.
func magnitude(body []byte) []byte {
	if octets := der.Int(body).Bytes(); len(octets) > 0 {
		return octets
	}
	return []byte{0}
}

func purposes(data []byte) (form, bool) {
	ids, ok := Extension{Data: data}.Purposes()
	var f form
	for _, id := range ids {
		f.pairs = append(f.pairs, pair{name: oid.Long(id), alone: true})
	}
	return f, ok
}

// Purposes returns the identifiers of what the key is for.
func (e Extension) Purposes() ([]string, bool) {
	outer := der.Read(e.Data)
	r := outer.Inside(der.Sequence)
	var ids []string
	for r.More() {
		ids = append(ids, r.Identifier())
	}
	return ids, r.OK()
}

// Bits returns the octets of a string of bits: keyUsage and nsCertType are one.
func (e Extension) Bits() ([]byte, bool) {
	r := der.Read(e.Data)
	bits := r.Bits()
	return bits, r.OK()
}

func access(data []byte) (form, bool) {
	places, ok := Extension{Data: data}.places()
	f := form{multiline: true}
	for _, p := range places {
		g, good := general(p.where)
		ok = ok && good
		g.name = oid.Long(p.method) + " - " + g.name
		f.pairs = append(f.pairs, g)
	}
	return f, ok
}

func mappings(data []byte) (form, bool) {
	outer := der.Read(data)
	r := outer.Inside(der.Sequence)
	var f form
	for r.More() {
		m := r.Inside(der.Sequence)
		f.pairs = append(f.pairs, pair{name: oid.Long(m.Identifier()), value: oid.Long(m.Identifier())})
		if !m.Done() {
			return form{}, false
		}
	}
	return f, r.OK()
}

func policyConstraints(data []byte) (form, bool) {
	outer := der.Read(data)
	r := outer.Inside(der.Sequence)
	var f form
	for i, name := range []string{"Require Explicit Policy", "Inhibit Policy Mapping"} {
		if n, ok := r.Optional(der.Context(byte(i))); ok {
			f.pairs = append(f.pairs, pair{name: name, value: decimal(der.Int(n.Body))})
		}
	}
	return f, r.Done()
}

func features(data []byte) (form, bool) {
	outer := der.Read(data)
	r := outer.Inside(der.Sequence)
	var f form
	for r.More() {
		n := r.Number().String()
		if name, ok := map[string]string{"5": "status_request", "17": "status_request_v2"}[n]; ok {
			n = name
		}
		f.pairs = append(f.pairs, pair{name: n, alone: true})
	}
	return f, r.OK()
}
