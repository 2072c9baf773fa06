// Package proxytest plays proxies for sockets: good ones and those that are made to
// misbehave.
package proxytest

import (
	"errors"
	"net"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// Server is a proxy on 127.0.0.1.
type Server struct {
	Port uint16

	t        testing.TB
	listener net.Listener
	scripts  []Script
	group    sync.WaitGroup

	mu    sync.Mutex
	conns []net.Conn
	got   []*strings.Builder
}

// Script is what it does with a connection. When it returns the connection is closed.
type Script func(c *Conn)

// Start starts a proxy that does with each connection what its script says, with the last
// one also what follows. The test's end ends it.
func Start(t testing.TB, scripts ...Script) *Server {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Port: uint16(listener.Addr().(*net.TCPAddr).Port), t: t, listener: listener, scripts: scripts}
	s.group.Go(s.accept)
	t.Cleanup(s.Close)
	return s
}

// Close ends the proxy and all its connections.
func (s *Server) Close() {
	s.listener.Close()
	s.mu.Lock()
	for _, c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	s.group.Wait()
}

// Got returns what has come on each connection so far.
func (s *Server) Got() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	for _, b := range s.got {
		list = append(list, b.String())
	}
	return list
}

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if errors.Is(err, syscall.EMFILE) {
			// The test may have let descriptors run out, for a while.
			runtime.Gosched()
			continue
		}
		if err != nil {
			return
		}
		s.mu.Lock()
		script := s.scripts[min(len(s.conns), len(s.scripts)-1)]
		s.conns = append(s.conns, conn)
		s.got = append(s.got, &strings.Builder{})
		c := &Conn{server: s, conn: conn, got: s.got[len(s.got)-1]}
		s.mu.Unlock()
		s.group.Go(func() {
			defer conn.Close()
			script(c)
		})
	}
}

// Conn is a connection to a proxy. Once it has ended, nothing happens any more.
type Conn struct {
	server *Server
	conn   net.Conn
	got    *strings.Builder
}

// Read reads n bytes, and reports whether as many have come.
func (c *Conn) Read(n int) bool {
	p := make([]byte, n)
	for n > 0 {
		k, err := c.conn.Read(p[:n])
		c.note(p[:k])
		if n -= k; err != nil {
			return n == 0
		}
	}
	return true
}

// Head reads up to an empty line.
func (c *Conn) Head() {
	p := make([]byte, 1)
	for end := ""; end != "\r\n\r\n"; {
		n, err := c.conn.Read(p)
		c.note(p[:n])
		if err != nil {
			return
		}
		end = (end + string(p))[max(0, len(end)+1-4):]
	}
}

// Rest reads until the other end ends.
func (c *Conn) Rest() {
	c.each(func([]byte) {})
}

// each reads until the other end ends, and calls f with what has come.
func (c *Conn) each(f func([]byte)) {
	p := make([]byte, 4096)
	for {
		n, err := c.conn.Read(p)
		c.note(p[:n])
		if err != nil {
			return
		}
		f(p[:n])
	}
}

// Say sends a text, Spell a byte at a time.
func (c *Conn) Say(text string) { c.conn.Write([]byte(text)) }

func (c *Conn) Spell(text string) {
	for i := range len(text) {
		c.conn.Write([]byte{text[i]})
	}
}

// Echo sends back whatever comes.
func (c *Conn) Echo() {
	c.each(func(p []byte) { c.conn.Write(p) })
}

// Be has f talk as whoever the proxy has connected.
func (c *Conn) Be(f func(net.Conn)) { f(c.conn) }

// Reset ends the connection with a reset.
func (c *Conn) Reset() {
	c.conn.(*net.TCPConn).SetLinger(0)
	c.conn.Close()
}

func (c *Conn) note(p []byte) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	c.got.Write(p)
}
