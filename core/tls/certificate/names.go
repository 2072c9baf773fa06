package certificate

import (
	"strings"

	"qnet/core/tls/extension"
	"qnet/core/tls/name"
)

// SubjectInfo is a QSslCertificate::SubjectInfo: an attribute of names that Qt knows.
type SubjectInfo int8

const (
	Organization               SubjectInfo = 0
	CommonName                 SubjectInfo = 1
	LocalityName               SubjectInfo = 2
	OrganizationalUnitName     SubjectInfo = 3
	CountryName                SubjectInfo = 4
	StateOrProvinceName        SubjectInfo = 5
	DistinguishedNameQualifier SubjectInfo = 6
	SerialNumber               SubjectInfo = 7
	EmailAddress               SubjectInfo = 8
)

var attributes = [...]string{"O", "CN", "L", "OU", "C", "ST", "dnQualifier", "serialNumber", "emailAddress"}

// Attribute returns the short name of an attribute, as IssuerInfo and SubjectInfo take it,
// "" if there is none.
func (i SubjectInfo) Attribute() string {
	if i < 0 || int(i) >= len(attributes) {
		return ""
	}
	return attributes[i]
}

// IssuerInfo returns the values of an attribute of the issuer, by its short name or, if it
// has none, its identifier (QSslCertificate::issuerInfo).
func (c *Certificate) IssuerInfo(attribute string) []string { return c.Issuer().Info(attribute) }

// SubjectInfo returns the values of an attribute of the subject, by its short name or, if
// it has none, its identifier (QSslCertificate::subjectInfo).
func (c *Certificate) SubjectInfo(attribute string) []string { return c.Subject().Info(attribute) }

// IssuerInfoAttributes returns which attributes the issuer has
// (QSslCertificate::issuerInfoAttributes).
func (c *Certificate) IssuerInfoAttributes() []string { return c.Issuer().Keys() }

// SubjectInfoAttributes returns which attributes the subject has
// (QSslCertificate::subjectInfoAttributes).
func (c *Certificate) SubjectInfoAttributes() []string { return c.Subject().Keys() }

// IssuerDisplayName returns a name of the issuer for people
// (QSslCertificate::issuerDisplayName).
func (c *Certificate) IssuerDisplayName() string { return display(c.Issuer()) }

// SubjectDisplayName returns a name of the subject for people
// (QSslCertificate::subjectDisplayName).
func (c *Certificate) SubjectDisplayName() string { return display(c.Subject()) }

// display returns the common name, or the organization, or a unit of it.
func display(n name.Name) string {
	for _, attribute := range []SubjectInfo{CommonName, Organization, OrganizationalUnitName} {
		if values := n.Info(attribute.Attribute()); len(values) > 0 {
			return values[0]
		}
	}
	return ""
}

// AlternativeNames returns the further names of the subject, in Qt's order
// (QSslCertificate::subjectAlternativeNames). Of two lists none counts.
func (c *Certificate) AlternativeNames() []extension.AlternativeName {
	list, count := c.Extension(extension.SubjectAltName)
	if count != 1 {
		return nil
	}
	return list.AlternativeNames()
}

// colons returns octets in hexadecimal with colons between them.
func colons(octets []byte) string {
	const digits = "0123456789abcdef"
	var text strings.Builder
	for i, b := range octets {
		if i > 0 {
			text.WriteByte(':')
		}
		text.WriteByte(digits[b>>4])
		text.WriteByte(digits[b&15])
	}
	return text.String()
}
