// Package name reads the names of those who issue certificates and of those to whom they
// are issued.
package name

import (
	"slices"
	"strconv"
	"strings"

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
	key        string
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
	n.key = key(n.Attributes)
	return n, sets.Done()
}

// valid reports whether a value may be one: of a kind that values have, and right for it.
func valid(e der.Element) bool {
	switch e.Tag {
	case der.UTF8String, der.BMPString, der.UniversalString, der.NumericString, der.PrintableString, der.TeletexString, der.IA5String:
		_, ok := e.Text()
		return ok
	case der.BitString:
		_, ok := der.Bits(e.Body)
		return ok
	case der.Sequence, 7, 8, 9, der.Enumerated, 11, 13, 14, 15, 29:
		return true
	}
	return false
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
func (n Name) Equal(other Name) bool { return n.key == other.key }

// Key returns what is the same for names that are the same.
func (n Name) Key() string { return n.key }

// Within reports whether a name begins with all parts of another one.
func (n Name) Within(other Name) bool { return strings.HasPrefix(n.key, other.key) }

func key(all []Attribute) string {
	var text []byte
	for i, a := range all {
		value := canonical(a.Value)
		text = append(text, separator(all, i))
		text = append(text, a.ID...)
		// The length keeps a value from being taken for more than one.
		text = append(text, '=')
		text = strconv.AppendInt(text, int64(len(value)), 10)
		text = append(text, ':')
		text = append(text, value...)
	}
	return string(text)
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
