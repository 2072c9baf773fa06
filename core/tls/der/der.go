// Package der reads ASN.1 as certificates and keys carry it. It takes what OpenSSL takes
// of it and encoding/asn1 does not: lengths that are longer than they need be, odd times,
// negative and overlong numbers are for those who ask for them to judge.
package der

// Tags, as their octet reads.
const (
	Boolean         = 0x01
	Integer         = 0x02
	BitString       = 0x03
	OctetString     = 0x04
	Null            = 0x05
	OID             = 0x06
	Enumerated      = 0x0a
	UTF8String      = 0x0c
	NumericString   = 0x12
	PrintableString = 0x13
	TeletexString   = 0x14
	IA5String       = 0x16
	UTCTime         = 0x17
	GeneralizedTime = 0x18
	VisibleString   = 0x1a
	UniversalString = 0x1c
	BMPString       = 0x1e
	Sequence        = 0x30
	Set             = 0x31
)

// Context returns the tag of a field that a structure numbers.
func Context(number byte) byte { return 0x80 | number }

// Explicit returns the tag around a field that a structure numbers, or of a field made
// of others.
func Explicit(number byte) byte { return 0xa0 | number }

// Element is a value with its tag. The slices point into what was read.
type Element struct {
	Tag  byte
	Body []byte
	Raw  []byte // all of it
}

// Next takes the first element off data. It reports whether there is one.
func Next(data []byte) (e Element, rest []byte, ok bool) {
	if len(data) < 2 || data[0]&0x1f == 0x1f {
		return Element{}, nil, false
	}
	length, start := int(data[1]), 2
	if length >= 0x80 {
		octets := length & 0x7f
		// Neither without an end nor longer than anything that is read here.
		if octets == 0 || len(data) < start+octets {
			return Element{}, nil, false
		}
		length = 0
		for _, b := range data[start : start+octets] {
			if length >= 1<<23 {
				return Element{}, nil, false
			}
			length = length<<8 | int(b)
		}
		start += octets
	}
	if length > len(data)-start {
		return Element{}, nil, false
	}
	end := start + length
	return Element{data[0], data[start:end:end], data[:end:end]}, data[end:], true
}

// Reader takes elements one after the other and remembers whether one was not as
// expected: after that all are empty.
type Reader struct {
	rest []byte
	bad  bool
}

// Read returns a reader of what data holds.
func Read(data []byte) Reader { return Reader{rest: data} }

// Open returns a reader of the one element of data, which has a tag and nothing behind it.
func Open(data []byte, tag byte) Reader {
	r := Reader{rest: data}
	inner := r.Inside(tag)
	if !r.Done() {
		inner.Fail()
	}
	return inner
}

// Fail makes the reader one that has found something wrong.
func (r *Reader) Fail() { r.rest, r.bad = nil, true }

// OK reports whether all was as expected so far.
func (r *Reader) OK() bool { return !r.bad }

// More reports whether something is left.
func (r *Reader) More() bool { return len(r.rest) > 0 }

// Done reports whether all was as expected and nothing is left.
func (r *Reader) Done() bool { return !r.bad && len(r.rest) == 0 }

// Peek returns the tag of what comes next, 0 if nothing does.
func (r *Reader) Peek() byte {
	if len(r.rest) == 0 {
		return 0
	}
	return r.rest[0]
}

// Any takes the next element, whatever it is.
func (r *Reader) Any() Element {
	e, rest, ok := Next(r.rest)
	if !ok {
		r.Fail()
		return Element{}
	}
	r.rest = rest
	return e
}

// Take takes the next element, which has a tag.
func (r *Reader) Take(tag byte) Element {
	if r.Peek() != tag {
		r.Fail()
		return Element{}
	}
	return r.Any()
}

// Body takes the next element, which has a tag, and returns what is in it.
func (r *Reader) Body(tag byte) []byte { return r.Take(tag).Body }

// Inside takes the next element, which has a tag, and returns a reader of what is in it.
func (r *Reader) Inside(tag byte) Reader {
	body := r.Body(tag)
	return Reader{rest: body, bad: r.bad}
}

// Optional takes the next element if it has a tag.
func (r *Reader) Optional(tag byte) (Element, bool) {
	if r.Peek() != tag {
		return Element{}, false
	}
	e := r.Any()
	return e, !r.bad
}

// Bits takes a string of bits, whole octets of which count: those of its end that do
// not are 0.
func (r *Reader) Bits() []byte {
	bits, ok := Bits(r.Body(BitString))
	if !ok {
		r.Fail()
	}
	return bits
}

// Bits returns the octets of the body of a string of bits.
func Bits(body []byte) ([]byte, bool) {
	switch {
	case len(body) == 0 || body[0] > 7 || len(body) == 1 && body[0] != 0:
		return nil, false
	case body[0] == 0:
		return body[1:], true
	}
	bits := append([]byte(nil), body[1:]...)
	bits[len(bits)-1] &= 0xff << body[0]
	return bits, true
}

// Rest takes all that is left.
func (r *Reader) Rest() []byte {
	rest := r.rest
	r.rest = nil
	return rest
}
