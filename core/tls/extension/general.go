package extension

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"

	"qnet/core/tls/der"
	"qnet/core/tls/name"
	"qnet/core/tls/oid"
)

// Kinds of general names, by their tags.
const (
	otherName  = 0xa0
	email      = 0x81
	dns        = 0x82
	x400       = 0xa3
	directory  = 0xa4
	party      = 0xa5
	uri        = 0x86
	ip         = 0x87
	registered = 0x88
)

// The kinds of alternative names that Qt knows (QSsl::AlternativeNameEntryType).
const (
	EmailEntry = 0
	DNSEntry   = 1
	IPEntry    = 2
)

// AlternativeName is a further name of the one to whom a certificate is issued.
type AlternativeName struct {
	Kind int
	Name string
}

// AlternativeNames returns the names of the kinds that Qt knows, in Qt's order: of each
// kind the last comes first.
func (e Extension) AlternativeNames() []AlternativeName {
	outer := der.Read(e.Data)
	list := outer.Inside(der.Sequence)
	all, ok := generals(list.Rest())
	if !ok || !list.OK() {
		return nil
	}
	byKind := [3][]AlternativeName{}
	for _, g := range slices.Backward(all) {
		n := AlternativeName{-1, der.Latin1(g.Body)}
		switch g.Tag {
		case email:
			n.Kind = EmailEntry
		case dns:
			n.Kind = DNSEntry
		case ip:
			address, ok := netip.AddrFromSlice(g.Body)
			if !ok {
				continue
			}
			n = AlternativeName{IPEntry, address.String()}
		default:
			continue
		}
		byKind[n.Kind] = append(byKind[n.Kind], n)
	}
	return append(append(byKind[EmailEntry], byKind[DNSEntry]...), byKind[IPEntry]...)
}

// generals returns the general names that follow one another.
func generals(data []byte) ([]der.Element, bool) {
	var all []der.Element
	r := der.Read(data)
	for r.More() {
		g := r.Any()
		if !isGeneral(g) {
			return nil, false
		}
		all = append(all, g)
	}
	return all, r.OK()
}

// isGeneral reports whether something is a general name.
func isGeneral(g der.Element) bool {
	switch g.Tag {
	case email, dns, uri, ip, x400:
		return true
	case party:
		return isParty(g.Body)
	case otherName:
		r := der.Read(g.Body)
		r.Identifier()
		inner := r.Inside(der.Explicit(0))
		inner.Any()
		return r.Done() && inner.Done()
	case directory:
		_, ok := name.Parse(g.Body)
		return ok
	case registered:
		_, ok := der.Dotted(g.Body)
		return ok
	}
	return false
}

// isParty reports whether something names a party: perhaps by whom it is named, and its name.
func isParty(body []byte) bool {
	r := der.Read(body)
	if by, there := r.Optional(der.Explicit(0)); there && !isDirectoryString(by.Body) {
		return false
	}
	return isDirectoryString(r.Body(der.Explicit(1))) && r.Done()
}

func isDirectoryString(data []byte) bool {
	r := der.Read(data)
	text := r.Any()
	width := map[byte]int{der.PrintableString: 1, der.TeletexString: 1, der.UTF8String: 1, der.BMPString: 2, der.UniversalString: 4}[text.Tag]
	return width != 0 && len(text.Body)%width == 0 && r.Done()
}

// general returns a general name as a pair. A text with a NUL is none.
func general(g der.Element) (pair, bool) {
	plain := func(kind string) (pair, bool) {
		return pair{name: kind, value: string(g.Body)}, bytes.IndexByte(g.Body, 0) < 0
	}
	switch g.Tag {
	case otherName:
		return other(g)
	case email:
		return plain("email")
	case dns:
		return plain("DNS")
	case x400:
		return pair{name: "X400Name", value: "<unsupported>"}, true
	case directory:
		n, ok := name.Parse(g.Body)
		return pair{name: "DirName", value: n.OneLine()}, ok
	case party:
		return pair{name: "EdiPartyName", value: "<unsupported>"}, true
	case uri:
		return plain("URI")
	case ip:
		return pair{name: "IP Address", value: address(g.Body)}, true
	case registered:
		id, ok := der.Dotted(g.Body)
		return pair{name: "Registered ID", value: oid.Long(id)}, ok
	}
	return pair{}, false
}

// spaced returns a general name as it stands within lines.
func spaced(g der.Element) (string, bool) {
	switch g.Tag {
	case email, dns, uri:
		g.Body = []byte(printable(g.Body))
	}
	p, ok := general(g)
	switch g.Tag {
	case directory:
		n, ok := name.Parse(g.Body)
		return "DirName:" + n.Spaced(), ok
	case otherName:
		return "othername:" + p.name[len("othername:"):] + p.value, ok
	}
	return p.String(), ok
}

// other returns a name of a kind that others have made.
func other(g der.Element) (pair, bool) {
	r := der.Read(g.Body)
	id := r.Identifier()
	inner := r.Inside(der.Explicit(0))
	value := inner.Any()
	if !r.Done() || !inner.Done() {
		return pair{name: "othername:"}, false
	}
	kind, known := map[string]string{
		"1.3.6.1.4.1.311.20.2.3": "UPN", "1.3.6.1.5.5.7.8.9": "SmtpUTF8Mailbox",
		"1.3.6.1.5.5.7.8.5": "XmppAddr", "1.3.6.1.5.5.7.8.7": "SRVName", "1.3.6.1.5.5.7.8.8": "NAIRealm",
	}[id]
	if !known {
		kind = oid.Long(id)
	}
	p := pair{name: "othername: " + kind + ":", value: "<unsupported>"}
	if value.Tag == der.UTF8String || value.Tag == der.IA5String {
		p.value = string(value.Body)
	}
	return p, true
}

// address returns an address as OpenSSL writes it.
func address(octets []byte) string {
	switch len(octets) {
	case 4:
		return fmt.Sprintf("%d.%d.%d.%d", octets[0], octets[1], octets[2], octets[3])
	case 16:
		var text []byte
		for i := 0; i < 16; i += 2 {
			if i > 0 {
				text = append(text, ':')
			}
			text = fmt.Appendf(text, "%X", uint(octets[i])<<8|uint(octets[i+1]))
		}
		return string(text)
	}
	return fmt.Sprintf("<invalid length=%d>", len(octets))
}
