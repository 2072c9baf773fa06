package der

import (
	"math/big"
	"strconv"
)

// IsInteger reports whether a body is a whole number's, in as few octets as that takes.
func IsInteger(body []byte) bool {
	return len(body) == 1 || len(body) > 1 && !(body[0] == 0 && body[1] < 0x80) && !(body[0] == 0xff && body[1] >= 0x80)
}

// Int returns the number that a body is.
func Int(body []byte) *big.Int {
	n := new(big.Int).SetBytes(body)
	if len(body) > 0 && body[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(body))))
	}
	return n
}

// Number takes a whole number.
func (r *Reader) Number() *big.Int {
	body := r.Body(Integer)
	if !IsInteger(body) {
		r.Fail()
	}
	return Int(body)
}

// longest is how many octets an object's identifier may have: each takes as long to read as
// there are before it.
const longest = 255

// Dotted returns the usual text of the body of an object's identifier.
func Dotted(body []byte) (string, bool) {
	if len(body) == 0 || len(body) > longest || body[len(body)-1] >= 0x80 {
		return "", false
	}
	var text []byte
	arc := new(big.Int)
	for start, i := 0, 0; i < len(body); i++ {
		if body[i] >= 0x80 {
			if i == start && body[i] == 0x80 {
				return "", false
			}
			continue
		}
		arc.SetInt64(0)
		for _, b := range body[start : i+1] {
			arc.Lsh(arc, 7).Or(arc, big.NewInt(int64(b&0x7f)))
		}
		if start == 0 {
			// The first two are one.
			first := int64(2)
			if arc.IsInt64() && arc.Int64() < 80 {
				first = arc.Int64() / 40
			}
			text = strconv.AppendInt(text, first, 10)
			arc.Sub(arc, big.NewInt(40*first))
		}
		text = append(text, '.')
		text = arc.Append(text, 10)
		start = i + 1
	}
	return string(text), true
}

// Identifier takes an object's identifier and returns its usual text.
func (r *Reader) Identifier() string {
	text, ok := Dotted(r.Body(OID))
	if !ok {
		r.Fail()
	}
	return text
}
