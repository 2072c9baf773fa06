// Package dnstest is a name server for tests, on a port of loopback.
package dnstest

import (
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// Query is what the server is asked.
type Query struct {
	Header   dnsmessage.Header
	Question dnsmessage.Question
	TCP      bool
	EDNS     bool
}

// Name returns the name that is asked for, in small letters and without its last dot.
func (q Query) Name() string {
	return strings.ToLower(strings.TrimSuffix(q.Question.Name.String(), "."))
}

// Server answers every query with what its handler says.
type Server struct {
	Address netip.AddrPort
	handler func(Query) [][]byte

	mu    sync.Mutex
	asked []string
}

// New starts a server that ends with the test. Each query gets the messages that
// handler returns, which may be none.
func New(t testing.TB, handler func(Query) [][]byte) *Server {
	t.Helper()
	s := &Server{handler: handler}
	udp, tcp := listen(t)
	s.Address = netip.MustParseAddrPort(udp.LocalAddr().String())
	var all sync.WaitGroup
	all.Go(func() { s.serveUDP(udp) })
	all.Go(func() { s.serveTCP(tcp) })
	t.Cleanup(func() {
		udp.Close()
		tcp.Close()
		all.Wait()
	})
	return s
}

// listen returns listeners of both kinds at the same port.
func listen(t testing.TB) (net.PacketConn, net.Listener) {
	t.Helper()
	for range 50 {
		udp, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		if tcp, err := net.Listen("tcp", udp.LocalAddr().String()); err == nil {
			return udp, tcp
		}
		udp.Close()
	}
	t.Fatal("no port is free for both")
	return nil, nil
}

// Asked returns the names that the server was asked for, in order and once for each
// kind of record.
func (s *Server) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.asked...)
}

func (s *Server) answer(message []byte, tcp bool) [][]byte {
	var p dnsmessage.Parser
	header, err := p.Start(message)
	if err != nil {
		return nil
	}
	questions, err := p.AllQuestions()
	if err != nil || len(questions) != 1 {
		return nil
	}
	q := Query{header, questions[0], tcp, message[11] > 0}
	s.mu.Lock()
	s.asked = append(s.asked, q.Name())
	s.mu.Unlock()
	return s.handler(q)
}

func (s *Server) serveUDP(conn net.PacketConn) {
	for buffer := make([]byte, 1<<16); ; {
		n, peer, err := conn.ReadFrom(buffer)
		if err != nil {
			return
		}
		for _, m := range s.answer(buffer[:n], false) {
			conn.WriteTo(m, peer)
		}
	}
}

func (s *Server) serveTCP(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		s.serveConnection(conn)
	}
}

func (s *Server) serveConnection(conn net.Conn) {
	defer conn.Close()
	var size [2]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return
	}
	message := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(conn, message); err != nil {
		return
	}
	for _, m := range s.answer(message, true) {
		conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(m))), m...))
	}
}

// Reply returns the answer to q with a code and records.
func (q Query) Reply(code dnsmessage.RCode, records ...dnsmessage.Resource) []byte {
	m := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: q.Header.ID, Response: true, RecursionDesired: true, RecursionAvailable: true, RCode: code},
		Questions: []dnsmessage.Question{q.Question},
		Answers:   records,
	}
	return pack(m)
}

// Truncated returns an answer that says that there is more over TCP.
func (q Query) Truncated() []byte {
	m := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: q.Header.ID, Response: true, RecursionAvailable: true, Truncated: true},
		Questions: []dnsmessage.Question{q.Question},
	}
	return pack(m)
}

func pack(m dnsmessage.Message) []byte {
	message, err := m.Pack()
	if err != nil {
		panic(err)
	}
	return message
}

// Host is a handler that knows hosts by their names, with their addresses, and no
// others.
func Host(addresses map[string][]string) func(Query) [][]byte {
	return func(q Query) [][]byte {
		list, known := addresses[q.Name()]
		if !known {
			return [][]byte{q.Reply(dnsmessage.RCodeNameError)}
		}
		var records []dnsmessage.Resource
		for _, text := range list {
			a := netip.MustParseAddr(text)
			if (q.Question.Type == dnsmessage.TypeA) == a.Is4() {
				records = append(records, Address(q.Name(), a))
			}
		}
		return [][]byte{q.Reply(dnsmessage.RCodeSuccess, records...)}
	}
}

// Address returns a record with an address of a name.
func Address(name string, a netip.Addr) dnsmessage.Resource {
	if a.Is4() {
		return record(name, &dnsmessage.AResource{A: a.As4()})
	}
	return record(name, &dnsmessage.AAAAResource{AAAA: a.As16()})
}

// Alias returns a record that says that name is another name for a host.
func Alias(name, host string) dnsmessage.Resource {
	return record(name, &dnsmessage.CNAMEResource{CNAME: dnsmessage.MustNewName(host + ".")})
}

// Pointer returns a record with the name of an address.
func Pointer(name, host string) dnsmessage.Resource {
	return record(name, &dnsmessage.PTRResource{PTR: dnsmessage.MustNewName(host + ".")})
}

func record(name string, body dnsmessage.ResourceBody) dnsmessage.Resource {
	return dnsmessage.Resource{
		Header: dnsmessage.ResourceHeader{Name: dnsmessage.MustNewName(name + "."), Class: dnsmessage.ClassINET, TTL: 60},
		Body:   body,
	}
}
