package stream

import (
	"bytes"
	"crypto/tls"
	"reflect"
	"unsafe"
)

// What crypto/tls keeps for a connection that says nothing is for the most part room for the
// largest record and the largest message that it has ever read. It has no way to give that
// back, so it is taken away from it, while it is empty: here is where it lies.
var (
	rawInput = offset[bytes.Buffer]("rawInput")
	hand     = offset[bytes.Buffer]("hand")
	input    = offset[bytes.Reader]("input")
)

// offset returns where a field of a tls.Conn lies, -1 if there is none of that name and
// type.
func offset[T any](name string) int {
	f, ok := reflect.TypeFor[tls.Conn]().FieldByName(name)
	if !ok || f.Type != reflect.TypeFor[T]() {
		return -1
	}
	return int(f.Offset)
}

func field[T any](conn *tls.Conn, offset int) *T {
	return (*T)(unsafe.Add(unsafe.Pointer(conn), offset))
}

// Release drops the memory that nothing is in, and returns how much that is. What is read next
// takes it anew: it is for connections that have been quiet for a while.
func (s *Stream) Release() (dropped int) {
	if s.shake != nil || s.conn == nil || rawInput < 0 || hand < 0 || input < 0 {
		return 0
	}
	raw, messages, data := field[bytes.Buffer](s.conn, rawInput), field[bytes.Buffer](s.conn, hand), field[bytes.Reader](s.conn, input)
	if raw.Len() == 0 && data.Len() == 0 {
		dropped += raw.Cap()
		*raw = bytes.Buffer{}
		data.Reset(nil)
	}
	if messages.Len() == 0 {
		dropped += messages.Cap()
		*messages = bytes.Buffer{}
	}
	return dropped
}
