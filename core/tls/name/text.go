package name

import (
	"fmt"
	"strings"

	"qnet/core/tls/der"
	"qnet/core/tls/oid"
)

// OneLine returns a name as OpenSSL writes it on one line: /C=DE/O=Example.
func (n Name) OneLine() string {
	var line strings.Builder
	for i, a := range n.Attributes {
		line.WriteByte(separator(n.Attributes, i))
		line.WriteString(oid.Short(a.ID) + "=")
		for _, c := range printable(a.Value) {
			switch {
			case c == '/' || c == '+':
				line.WriteByte('\\')
				line.WriteByte(c)
			case c < ' ' || c > '~':
				fmt.Fprintf(&line, `\x%02X`, c)
			default:
				line.WriteByte(c)
			}
		}
	}
	return line.String()
}

// separator returns what is before the attribute with an index.
func separator(all []Attribute, i int) byte {
	if i > 0 && all[i-1].Group == all[i].Group {
		return '+'
	}
	return '/'
}

// generalString is the tag of strings that may be of any kind.
const generalString = 0x1b

// printable returns the octets of a value that are written: of characters that take four,
// and whose first three say nothing, the last one.
func printable(e der.Element) []byte {
	if e.Tag != generalString || len(e.Body)%4 != 0 {
		return e.Body
	}
	var last []byte
	for i := 0; i < len(e.Body); i += 4 {
		if e.Body[i]|e.Body[i+1]|e.Body[i+2] != 0 {
			return e.Body
		}
		last = append(last, e.Body[i+3])
	}
	return last
}

// List returns a name as OpenSSL writes it in a certificate's text: where the name of an
// attribute is one or two capital letters there is a comma before it.
func (n Name) List() string {
	line := n.OneLine()
	if line == "" {
		return ""
	}
	line = line[1:]
	var list strings.Builder
	for i := range len(line) {
		if line[i] == '/' && isShort(line[i+1:]) {
			list.WriteString(", ")
		} else {
			list.WriteByte(line[i])
		}
	}
	return list.String()
}

// isShort reports whether a text begins as an attribute does that has a short name.
func isShort(text string) bool {
	capital := func(i int) bool { return i < len(text) && text[i] >= 'A' && text[i] <= 'Z' }
	equals := func(i int) bool { return i < len(text) && text[i] == '=' }
	return capital(0) && (equals(1) || capital(1) && equals(2))
}

// Spaced returns a name as OpenSSL writes it within extensions: CN = example.
func (n Name) Spaced() string {
	var line strings.Builder
	for i, a := range n.Attributes {
		if i > 0 {
			line.WriteString(map[byte]string{'/': ", ", '+': " + "}[separator(n.Attributes, i)])
		}
		line.WriteString(oid.Short(a.ID) + " = " + quoted(a.Value))
	}
	return line.String()
}

// quoted returns a value so that it cannot be mistaken for more than one.
func quoted(e der.Element) string {
	text, ok := e.Text()
	if !ok {
		return fmt.Sprintf("#%X", e.Raw)
	}
	var out strings.Builder
	special := false
	for i, c := range []byte(text) {
		switch {
		case c < ' ' || c > '~':
			fmt.Fprintf(&out, `\%02X`, c)
			continue
		case c == '"' || c == '\\':
			out.WriteByte('\\')
		case strings.IndexByte(",+<>;", c) >= 0, c == '#' && i == 0, c == ' ' && (i == 0 || i == len(text)-1):
			special = true
		}
		out.WriteByte(c)
	}
	if special {
		return `"` + out.String() + `"`
	}
	return out.String()
}
