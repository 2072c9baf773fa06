package stream

import "bytes"

// lending is whether crypto/tls is lent records: if it looks as it is known to.
var lending = rawInput >= 0 && input >= 0

// lend has crypto/tls find the first record, which is whole, where it is: it would copy it otherwise,
// and keep room for it. It reports whether it did; takeBack is to be called then once that is read.
func (s *Stream) lend() bool {
	if !lending || !s.wire.whole() || !s.wire.begins() {
		return false
	}
	raw := field[bytes.Buffer](s.conn, rawInput)
	if raw.Len() > 0 || field[bytes.Reader](s.conn, input).Len() > 0 {
		return false
	}
	*raw = *bytes.NewBuffer(s.wire.take())
	return true
}

// takeBack leaves crypto/tls nothing of what was lent: what it has not given of that, or not looked at as
// there was an error, it has in memory of its own from now on.
func (s *Stream) takeBack() {
	raw, data := field[bytes.Buffer](s.conn, rawInput), field[bytes.Reader](s.conn, input)
	*raw = *bytes.NewBuffer(own(raw.Bytes()))
	var rest []byte
	if n := data.Len(); n > 0 {
		rest = make([]byte, n)
		data.Read(rest)
	}
	data.Reset(rest)
}

// own returns a copy, nil of nothing.
func own(p []byte) []byte { return append([]byte(nil), p...) }

// unread reports whether crypto/tls has more of the last record than was read; may tells whether that is
// possible.
func (s *Stream) unread(may bool) bool {
	if !may || input < 0 {
		return may
	}
	return field[bytes.Reader](s.conn, input).Len() > 0
}
