package stream

import (
	"io"
	"net"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// mostHeld is how much encrypted output may wait for the system.
	mostHeld = 256 << 10
	// mostAsked is how much may, with answers to what the peer asks for.
	mostAsked = mostHeld + 64<<10
)

// again is a temporary error: crypto/tls keeps what it has, and may be asked again.
type again struct{}

var errAgain net.Error = again{}

func (again) Error() string   { return "nothing has come yet" }
func (again) Timeout() bool   { return true }
func (again) Temporary() bool { return true }

// wire is the connection that crypto/tls sees. It is given whole records, one at a time, so
// that nothing stays with it that nobody knows of; after the handshake they are lent to it.
type wire struct {
	shake *handshake // that the bytes are for, instead; nil once it is over

	records
	buffer *[]byte // where they are; nil if they have memory of their own
	out    output  // what is to be sent
}

// buffers are for what has come and is not decrypted yet: most connections have nothing most
// of the time.
var buffers = sync.Pool{New: func() any {
	b := make([]byte, 0, 4*(headerSize+mostRecord))
	return &b
}}

// fill takes what has come. It returns EAGAIN if that is nothing, io.ErrUnexpectedEOF at the
// end.
func (w *wire) fill(t Transport) (int, error) {
	if w.buffer == nil {
		w.buffer = buffers.Get().(*[]byte)
	}
	// What there is, is less than a record.
	w.in = append((*w.buffer)[:0], w.in...)
	n, err := t.Recv(w.in[len(w.in):cap(w.in)])
	switch {
	case err != nil:
	case n == 0:
		err = io.ErrUnexpectedEOF
	default:
		w.in = w.in[:len(w.in)+n]
	}
	if err != nil {
		w.shrink()
	}
	return n, err
}

// shrink gives the buffer back, and keeps what is not a whole record.
func (w *wire) shrink() {
	if w.buffer == nil || w.whole() {
		return
	}
	w.in = own(w.in)
	buffers.Put(w.buffer)
	w.buffer = nil
}

// Read gives the next bytes of the first record; behind it there is nothing for now.
func (w *wire) Read(p []byte) (int, error) {
	if w.shake != nil {
		return w.shake.read(p)
	}
	if !w.whole() {
		return 0, errAgain
	}
	return w.read(p), nil
}

// Write keeps what is to be sent.
func (w *wire) Write(p []byte) (int, error) {
	if w.shake != nil {
		return w.shake.write(p)
	}
	w.out.add(p)
	return len(p), nil
}

// push sends what is to be sent; EAGAIN if not all was taken.
func (w *wire) push(t Transport) error {
	for rest := w.out.rest(); len(rest) > 0; rest = w.out.rest() {
		n, err := t.Send(w.out.parts(rest))
		if err != nil {
			return err
		}
		if n == 0 {
			return unix.EAGAIN
		}
		w.out.discard(n)
	}
	return nil
}

func (w *wire) release() {
	w.in, w.given = nil, 0
	w.out.release()
	w.shrink()
}

// The rest of a net.Conn, which crypto/tls does not need.

func (w *wire) Close() error                     { return nil }
func (w *wire) LocalAddr() net.Addr              { return noAddress{} }
func (w *wire) RemoteAddr() net.Addr             { return noAddress{} }
func (w *wire) SetDeadline(time.Time) error      { return nil }
func (w *wire) SetReadDeadline(time.Time) error  { return nil }
func (w *wire) SetWriteDeadline(time.Time) error { return nil }

type noAddress struct{}

func (noAddress) Network() string { return "" }

// String returns something, as crypto/tls keeps no sessions of servers without a name.
func (noAddress) String() string { return "peer" }
