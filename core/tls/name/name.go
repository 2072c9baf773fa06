// Package name reads the names of those who issue certificates and of those to whom they
// are issued.
package name

import (
	"bytes"
	"slices"

	"qnet/core/tls/der"
	"qnet/core/tls/oid"
)

// Attribute is a part of a name: what it is, and its value.
type Attribute struct {
	ID    string // an object's identifier
	Value der.Element
	Group int // those with the same one are one part
}

// Name is a distinguished name, its attributes in the order in which it has them.
type Name struct {
	Raw        []byte
	Attributes []Attribute
}

// Parse reads a name and reports whether it is one.
func Parse(raw []byte) (Name, bool) {
	n := Name{Raw: raw}
	sets := der.Open(raw, der.Sequence)
	for group := 0; sets.More(); group++ {
		for set := sets.Inside(der.Set); set.More() || !set.OK(); {
			pair := set.Inside(der.Sequence)
			a := Attribute{pair.Identifier(), pair.Any(), group}
			if !pair.Done() || !valid(a.Value) {
				return Name{}, false
			}
			n.Attributes = append(n.Attributes, a)
		}
	}
	return n, sets.Done()
}

// valid reports whether a value may be one: a text of a known kind is to be right.
func valid(e der.Element) bool {
	switch e.Tag {
	case der.UTF8String, der.BMPString, der.UniversalString:
		_, ok := e.Text()
		return ok
	}
	return true
}

// Info returns the values of an attribute by its short name or identifier as Keys returns
// it, the last of the name first, as Qt has them.
func (n Name) Info(key string) []string {
	var values []string
	for _, a := range slices.Backward(n.Attributes) {
		if oid.Short(a.ID) == key {
			text, _ := a.Value.Text()
			values = append(values, text)
		}
	}
	return values
}

// Keys returns what attributes there are, sorted: their short names, or identifiers if
// they have none.
func (n Name) Keys() []string {
	var keys []string
	for _, a := range n.Attributes {
		keys = append(keys, oid.Short(a.ID))
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// Equal reports whether two names are the same: how a text is encoded, its case and the
// spaces around and within it do not count.
func (n Name) Equal(other Name) bool {
	if bytes.Equal(n.Raw, other.Raw) {
		return true
	}
	return slices.EqualFunc(n.Attributes, other.Attributes, func(a, b Attribute) bool {
		return a.ID == b.ID && a.Group == b.Group && canonical(a.Value) == canonical(b.Value)
	})
}

// canonical returns what counts of a value.
func canonical(e der.Element) string {
	text, ok := e.Text()
	if !ok {
		return "\x00" + string(e.Raw)
	}
	var short []byte
	space := false
	for _, c := range []byte(text) {
		switch {
		case c == ' ' || c >= '\t' && c <= '\r':
			space = true
			continue
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		}
		if space && short != nil {
			short = append(short, ' ')
		}
		short, space = append(short, c), false
	}
	return string(short)
}
