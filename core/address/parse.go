package address

import "strings"

// Parse reads an address as QHostAddress::setAddress(const QString &) does, and reports whether text is one.
//
// Space around the address is ignored. IPv4 addresses may have all the forms of inet_aton: one to four numbers, decimal,
// octal (017), hexadecimal (0x7f) or binary (0b11), of which the last fills the remaining bytes: 127.1 is 127.0.0.1.
// IPv6 addresses may end in a dotted IPv4 address, and in a scope id after a percent sign.
//
// Names are not resolved: "localhost" is no address. Unlike Qt, which reads numbers like C strings, a text with a NUL
// before the scope id is refused, and so is one with a scope id longer than MaxScopeID.
func Parse(text string) (Address, bool) {
	// Any run of space is one ASCII space, as in QString::simplified, and counts as one character of a number.
	text = strings.Join(strings.Fields(text), " ")
	if v, ok := parseIPv4(text); ok {
		return FromIPv4(v), true
	}
	host, scope := text, ""
	if i := strings.LastIndexByte(text, '%'); i >= 0 {
		host, scope = text[:i], text[i+1:]
	}
	b, ok := parseIPv6(host)
	if !ok || len(scope) > MaxScopeID || scope == anyScope {
		return Null, false
	}
	return FromIPv6(b).WithScopeID(scope), true
}
