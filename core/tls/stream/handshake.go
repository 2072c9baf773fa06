package stream

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"sync"

	"golang.org/x/sys/unix"
)

// handshake is one that is under way, on a goroutine of its own: what the goroutine reads is
// fed to it whenever it waits, and never more than to the end of a record, so that nothing
// behind the handshake is taken; what it writes is collected.
type handshake struct {
	start    func() // nil once the goroutine is there
	progress func()
	cancel   context.CancelFunc

	mu       sync.Mutex
	changed  sync.Cond // in or ended
	in, out  []byte
	ended    error // instead of more to read
	hungry   bool  // it waits for something to read
	finished bool
	err      error // why it has failed

	// Of the record that is being fed: how much of its header has come, and how much is left.
	header, left int
	kind         byte
	listener     listener
}

// begin begins the handshake. A server has nothing to do before something comes: until then
// it has no goroutine, which somebody who only connects would cost it.
func (s *Stream) begin(b Beginning) {
	h := &handshake{progress: b.Progress, hungry: true}
	h.changed.L = &h.mu
	s.shake, s.wire.shake = h, h
	h.start = func() {
		var ctx context.Context
		ctx, h.cancel = context.WithCancel(b.Context)
		stop := context.AfterFunc(ctx, func() { h.end(io.ErrClosedPipe) })
		go func() {
			err := s.work(ctx, b.Done)
			stop()
			h.mu.Lock()
			h.finished, h.err, h.hungry = true, err, false
			h.mu.Unlock()
			h.progress()
		}()
	}
	if !b.Server {
		h.hungry = false
		h.ensureStarted()
	}
}

// work is what the goroutine does. Whatever the peer has sent, it must not end the process.
func (s *Stream) work(ctx context.Context, done func(error)) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("internal error: %v", p)
		}
	}()
	err = s.conn.HandshakeContext(ctx)
	if done != nil {
		done(err)
	}
	return err
}

// ensureStarted has the goroutine begin.
func (h *handshake) ensureStarted() {
	if h.start != nil {
		start := h.start
		h.start = nil
		start()
	}
}

// read and write are called by the goroutine.
func (h *handshake) read(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(h.in) == 0 && h.ended == nil {
		h.hungry = true
		h.mu.Unlock()
		h.progress()
		h.mu.Lock()
		for h.hungry && h.ended == nil {
			h.changed.Wait()
		}
	}
	h.hungry = false
	if len(h.in) == 0 {
		return 0, h.ended
	}
	n := copy(p, h.in)
	h.in = h.in[n:]
	return n, nil
}

func (h *handshake) write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.out = append(h.out, p...)
	return len(p), nil
}

// end has the goroutine find the end of what the peer sends.
func (h *handshake) end(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended == nil {
		h.ended = err
	}
	h.changed.Broadcast()
}

// says reports whether there is something to be sent.
func (h *handshake) says() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.out) > 0
}

// collect moves what is to be sent into the wire.
func (h *handshake) collect(w *wire) {
	h.mu.Lock()
	defer h.mu.Unlock()
	w.out.add(h.out)
	h.out = nil
}

// state reports whether the goroutine waits for something to read, and whether it has ended.
func (h *handshake) state() (hungry, finished bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.hungry, h.finished, h.err
}

// give feeds the goroutine.
func (h *handshake) give(p []byte) {
	h.note(p)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.listener.refused {
		// A client that does not like the server's certificate says so in the clear, for
		// which a server of crypto/tls is not prepared: to it that is a broken record.
		h.ended = &net.OpError{Op: "remote error", Err: tls.AlertError(h.listener.fatal)}
	} else {
		h.in = append(h.in, p...)
	}
	h.hungry = false
	h.changed.Broadcast()
}

// over ends the handshake if the goroutine has ended, and reports whether it is over.
func (s *Stream) over() bool {
	if s.shake == nil {
		return true
	}
	h := s.shake
	_, finished, err := h.state()
	if finished {
		h.collect(&s.wire)
		h.cancel()
		s.shake, s.wire.shake = nil, nil
		s.alerts = append(s.alerts, h.listener.warnings...)
		s.lifetime, s.ticket = h.listener.lifetime, h.listener.ticket
		switch {
		case err == nil:
		case err == io.EOF && h.ended == nil:
			s.heardEnd()
			s.ended = true
		default:
			s.failed(err)
		}
		s.err, s.done = err, err == nil
		s.Release()
	}
	return finished
}

// feed gives the goroutine what has come for as long as it waits for that.
func (s *Stream) feed(t Transport) {
	if s.over() {
		return
	}
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	space := (*buffer)[:cap(*buffer)]
	for !s.over() {
		h := s.shake
		if hungry, _, _ := h.state(); !hungry {
			return
		}
		n, err := t.Recv(space[:min(len(space), h.wants())])
		switch {
		case err == unix.EAGAIN:
			return
		case err != nil:
			h.end(err)
		case n == 0:
			h.end(io.EOF)
		default:
			h.give(space[:n])
		}
		h.ensureStarted()
		if n <= 0 {
			return
		}
	}
}

// wants returns how many bytes are missing to the record, or to its header.
func (h *handshake) wants() int {
	if h.header < headerSize {
		return headerSize - h.header
	}
	return h.left
}

// note notes how far the record has come.
func (h *handshake) note(p []byte) {
	if h.header == headerSize {
		h.left -= len(p)
		h.listener.data(p)
	} else {
		for _, b := range p {
			if h.header == 0 {
				h.kind = b
			}
			h.left = h.left<<8&0xffff | int(b) // its last two bytes are the length
			h.header++
		}
		if h.header == headerSize {
			h.listener.record(h.kind, h.left)
		}
	}
	if h.header == headerSize && h.left == 0 {
		h.header = 0
	}
}
