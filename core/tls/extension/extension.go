// Package extension reads the extensions of certificates: what they say to programs, in
// Qt's form, and to people, in OpenSSL's.
package extension

import (
	"fmt"
	"strings"

	"qnet/core/tls/der"
	"qnet/core/tls/oid"
)

// Identifiers of those that more is done with than writing them.
const (
	SubjectKeyID     = "2.5.29.14"
	KeyUsage         = "2.5.29.15"
	SubjectAltName   = "2.5.29.17"
	IssuerAltName    = "2.5.29.18"
	BasicConstraints = "2.5.29.19"
	NameConstraints  = "2.5.29.30"
	CRLPoints        = "2.5.29.31"
	Policies         = "2.5.29.32"
	PolicyMappings   = "2.5.29.33"
	AuthorityKeyID   = "2.5.29.35"
	Constraints      = "2.5.29.36"
	ExtendedKeyUsage = "2.5.29.37"
	FreshestCRL      = "2.5.29.46"
	InhibitAnyPolicy = "2.5.29.54"
	AuthorityInfo    = "1.3.6.1.5.5.7.1.1"
	SubjectInfo      = "1.3.6.1.5.5.7.1.11"
	NetscapeCertType = "2.16.840.1.113730.1.1"
)

// Extension is one of a certificate (QSslCertificateExtension).
type Extension struct {
	ID       string
	Critical bool
	Data     []byte // DER
}

// Parse reads an extension and reports whether it is one.
func Parse(raw []byte) (Extension, bool) {
	r := der.Open(raw, der.Sequence)
	e := Extension{ID: r.Identifier()}
	if critical, ok := r.Optional(der.Boolean); ok {
		if len(critical.Body) != 1 {
			return Extension{}, false
		}
		e.Critical = critical.Body[0] != 0
	}
	e.Data = r.Body(der.OctetString)
	return e, r.Done()
}

// Name returns the extension's short name, or its identifier if it has none
// (QSslCertificateExtension::name).
func (e Extension) Name() string { return oid.Short(e.ID) }

// Supported reports whether Qt promises the form of the value to stay what it is
// (QSslCertificateExtension::isSupported).
func (e Extension) Supported() bool {
	switch e.ID {
	case BasicConstraints, SubjectKeyID, AuthorityKeyID, AuthorityInfo:
		_, ok := e.promised()
		return ok
	}
	return false
}

// Value returns what the extension says (QSslCertificateExtension::value): nil if it is
// broken, a string, []byte, []string, or a map[string]any of bool, int64, string and
// []byte. What nobody here knows is []byte, its DER.
func (e Extension) Value() any {
	switch e.ID {
	case BasicConstraints, SubjectKeyID, AuthorityKeyID, AuthorityInfo:
		value, ok := e.promised()
		if !ok {
			return nil
		}
		return value
	}
	f, known := forms[e.ID]
	if !known {
		return e.Data
	}
	content, ok := f(e.Data)
	if !ok {
		return nil
	}
	switch {
	case content.lines != nil:
		return []byte(content.lines(0))
	case content.isText:
		return content.text
	}
	values, list := map[string]any{}, []string{}
	for _, p := range content.pairs {
		switch {
		case p.name == "":
			list = append(list, p.value)
		case p.alone:
			list = append(list, p.name)
		default:
			values[p.name] = p.value
		}
	}
	if len(values) > 0 {
		return values
	}
	return list
}

// Text returns what the extension says as it stands in a certificate's text, with an
// indentation.
func (e Extension) Text(indent int) string {
	blank := strings.Repeat(" ", indent)
	if f, known := forms[e.ID]; known {
		if content, ok := f(e.Data); ok {
			switch {
			case content.lines != nil:
				return content.lines(indent)
			case content.empty:
				return blank + "<EMPTY>\n"
			case content.isText:
				return blank + content.text
			case len(content.pairs) > 0:
				var texts []string
				for _, p := range content.pairs {
					texts = append(texts, p.String())
				}
				if content.multiline {
					return blank + strings.Join(texts, "\n"+blank)
				}
				return blank + strings.Join(texts, ", ")
			}
		}
	}
	return blank + printable(e.Data)
}

// printable returns octets as text with dots for those that are no characters.
func printable(octets []byte) string {
	var text []byte
	for _, c := range octets {
		if (c < ' ' || c > '~') && c != '\n' && c != '\r' {
			c = '.'
		}
		text = append(text, c)
	}
	return string(text)
}

// form is what an extension says: pairs, a text, or lines.
type form struct {
	pairs     []pair
	multiline bool // each pair is on a line of its own
	text      string
	isText    bool
	empty     bool // that there are no pairs is no fault
	lines     func(indent int) string
}

// pair is a name with its value; one of them may be alone.
type pair struct {
	name, value string
	alone       bool // there is only a name
}

func (p pair) String() string {
	switch {
	case p.name == "":
		return p.value
	case p.alone:
		return p.name
	}
	return p.name + ":" + p.value
}

func text(s string) form { return form{text: s, isText: true} }

func upper(octets []byte) string {
	return strings.ReplaceAll(fmt.Sprintf("% X", octets), " ", ":")
}
