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

// handshake is one that is under way, on a goroutine of its own: it is woken when a record has
// come whole, and given one at a time, so that nothing behind the handshake is taken; what it
// writes is collected.
type handshake struct {
	start    func() // nil once the goroutine is there
	progress func()

	mu       sync.Mutex
	changed  sync.Cond // in or ended
	in       records
	out      []byte
	ended    error // instead of more to read
	hungry   bool  // it waits for something to read
	finished bool
	err      error // why it has failed
	listener listener
}

// mostFed is how much is taken from the system at once: a peer that says more than it should
// before it is heard has most of it waiting there.
const mostFed = headerSize + mostRecord

// begin begins the handshake. A server has nothing to do before something comes: until then
// it has no goroutine, which somebody who only connects would cost it.
func (s *Stream) begin(b Beginning) {
	h := &handshake{progress: b.Progress, hungry: true}
	h.changed.L = &h.mu
	s.shake, s.wire.shake = h, h
	h.start = func() {
		go func() {
			err := s.work(b.Context, b.Done)
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
	for !h.in.whole() && h.ended == nil {
		h.hungry = true
		h.mu.Unlock()
		h.progress()
		h.mu.Lock()
		for h.hungry && h.ended == nil {
			h.changed.Wait()
		}
	}
	h.hungry = false
	if h.in.begins() && h.in.whole() {
		h.listener.record(h.in.first())
	}
	if h.listener.refused {
		// A client that does not like the server's certificate says so in the clear, for
		// which a server of crypto/tls is not prepared: to it that is a broken record.
		return 0, &net.OpError{Op: "remote error", Err: tls.AlertError(h.listener.fatal)}
	}
	if n := h.in.read(p); n > 0 {
		return n, nil
	}
	return 0, h.ended
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

// atWork reports whether the goroutine has something to do.
func (h *handshake) atWork() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.start == nil && !h.hungry && !h.finished
}

// state reports whether the goroutine waits for something to read, and whether it has ended.
func (h *handshake) state() (hungry, finished bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.hungry, h.finished, h.err
}

// give feeds the goroutine, and reports whether it goes on with that.
func (h *handshake) give(p []byte) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.in.add(p)
	if !h.in.whole() {
		return false
	}
	h.hungry = false
	h.changed.Broadcast()
	return true
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
		s.shake, s.wire.shake = nil, nil
		if err == nil {
			s.wire.records = h.in
		}
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
	space := (*buffer)[:mostFed]
	for !s.over() {
		h := s.shake
		if hungry, _, _ := h.state(); !hungry {
			return
		}
		n, err := t.Recv(space)
		switch {
		case err == unix.EAGAIN:
			return
		case err != nil:
			h.end(err)
		case n == 0:
			h.end(io.EOF)
		case !h.give(space[:n]):
			continue // there may be an end
		}
		h.ensureStarted()
		return
	}
}
