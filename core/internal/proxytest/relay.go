package proxytest

import (
	"encoding/binary"
	"net"
	"net/netip"
	"sync"
	"testing"
)

// Relay is where a SOCKS server of the test takes datagrams.
type Relay struct {
	Port uint16

	conn   *net.UDPConn
	answer func(r *Relay, datagram string)
	group  sync.WaitGroup

	mu     sync.Mutex
	got    []string
	client netip.AddrPort
}

// StartRelay starts a relay on 127.0.0.1 that calls answer, if that is not nil, for each
// datagram. The test's end ends it.
func StartRelay(t testing.TB, answer func(r *Relay, datagram string)) *Relay {
	t.Helper()
	return StartRelayAt(t, "127.0.0.1", answer)
}

// StartRelayAt is StartRelay at another address.
func StartRelayAt(t testing.TB, host string, answer func(r *Relay, datagram string)) *Relay {
	t.Helper()
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(host), 0)))
	if err != nil {
		t.Fatal(err)
	}
	r := &Relay{Port: uint16(conn.LocalAddr().(*net.UDPAddr).Port), conn: conn, answer: answer}
	r.group.Go(r.listen)
	t.Cleanup(r.Close)
	return r
}

// Close ends the relay.
func (r *Relay) Close() {
	r.conn.Close()
	r.group.Wait()
}

func (r *Relay) listen() {
	p := make([]byte, 1<<16)
	for {
		n, from, err := r.conn.ReadFromUDPAddrPort(p)
		if err != nil {
			return
		}
		r.mu.Lock()
		r.got = append(r.got, string(p[:n]))
		r.client = from
		r.mu.Unlock()
		if r.answer != nil {
			r.answer(r, string(p[:n]))
		}
	}
}

// Got returns the datagrams that have come so far.
func (r *Relay) Got() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.got...)
}

// Say sends a datagram to whom the last one has come from.
func (r *Relay) Say(datagram string) {
	r.mu.Lock()
	to := r.client
	r.mu.Unlock()
	r.conn.WriteToUDPAddrPort([]byte(datagram), to)
}

// Echo is an answer: what has come goes back as if it came from where it was to go.
func Echo(r *Relay, datagram string) { r.Say(datagram) }

// Associate is what a SOCKS server does that has a relay: it wants no password, and holds the
// connection.
func (r *Relay) Associate(c *Conn) {
	c.Read(3)
	c.Say("\x05\x00")
	c.Read(AssociateRequest)
	c.Say("\x05\x00\x00" + r.Address())
	c.Rest()
}

// AssociateRequest is how long a request is that has an address of IPv4.
const AssociateRequest = 10

// Address returns where it is, as it is in messages.
func (r *Relay) Address() string { return r.AddressAt("\x01\x7f\x00\x00\x01") }

// AddressAt returns the same with another host.
func (r *Relay) AddressAt(host string) string {
	return host + string(binary.BigEndian.AppendUint16(nil, r.Port))
}
