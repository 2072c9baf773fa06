package stream

import "encoding/binary"

const (
	// headerSize is that of a record's header, and mostRecord how long the rest of one may
	// be (RFC 8446, 5.2; RFC 5246, 6.2.3).
	headerSize = 5
	mostRecord = 16384 + 2048
)

// records are what has come, from a record's beginning.
type records struct {
	in    []byte
	given int // of the first record
}

func (r *records) add(p []byte) { r.in = append(r.in, p...) }

// size returns how many bytes the first record has, 0 if that is not known yet.
func (r *records) size() int {
	if len(r.in) < headerSize {
		return 0
	}
	// What is no header, or has a length that is too large, is for crypto/tls to complain of:
	// the header is enough.
	n := int(binary.BigEndian.Uint16(r.in[3:]))
	if n > mostRecord || r.in[1] != 3 {
		n = 0
	}
	return headerSize + n
}

// whole reports whether a whole record has come.
func (r *records) whole() bool {
	n := r.size()
	return n > 0 && len(r.in) >= n
}

// begins reports whether nothing of the first record was given yet.
func (r *records) begins() bool { return r.given == 0 }

// first returns the first record, which is whole: its kind and what it has.
func (r *records) first() (kind byte, body []byte) { return r.in[0], r.in[headerSize:r.size()] }

// take takes out the first record, which is whole. It stays where it is for as long as the others do.
func (r *records) take() []byte {
	size := r.size()
	record := r.in[:size:size]
	r.in, r.given = r.in[size:], 0
	return record
}

// read gives the next bytes of the first record, or of what there is of it.
func (r *records) read(p []byte) int {
	size := len(r.in)
	if r.whole() {
		size = r.size()
	}
	n := copy(p, r.in[r.given:size])
	if r.given += n; r.given == size {
		r.in, r.given = r.in[size:], 0
	}
	return n
}
