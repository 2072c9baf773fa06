package socket

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"math/rand"
	"testing"
	"time"

	"qnet/core/address"
	"qnet/core/fault"
	"qnet/core/internal/looptest"
	"qnet/core/tls/configuration"
	"qnet/core/tls/protocol"
)

// Two ends that encrypt write, read, wait, limit what they hold and end the connection in
// any order: what the one has written the other reads, all of it if nobody has aborted.

// sslEnd is an end of such a connection.
type sslEnd struct {
	*rig
	*SSL
	wrote, read []byte
	lazy        bool // it does not read in the handler of readyRead
}

func newSSLEnd(t *testing.T, s *Socket, c configuration.Configuration) *sslEnd {
	e := &sslEnd{rig: observe(t, s), SSL: s.SSL()}
	e.SetConfiguration(c)
	e.on[SignalReadyRead] = func(int64) {
		if !e.lazy {
			e.take(1 << 20)
		}
	}
	return e
}

// take reads up to n bytes.
func (e *sslEnd) take(n int) {
	p := make([]byte, n)
	if n = e.Read(p); n > 0 {
		e.read = append(e.read, p[:n]...)
	}
}

func (e *sslEnd) write(n int) {
	p := pattern(len(e.wrote) + n)[len(e.wrote):]
	switch n % 4 {
	case 0:
		n = e.Socket.Write(p)
	case 1:
		n = e.WriteLent(p, nil)
	case 2:
		n = e.WriteParts(p[:n/2], p[n/2:])
	case 3:
		n = int(e.SendFile(int(fileOf(e.t, p).Fd()), 0, -1))
	}
	if n > 0 {
		e.wrote = append(e.wrote, p[:n]...)
	}
}

func TestSSLAgreesWithItsModel(t *testing.T) {
	seed := time.Now().UnixNano()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewSource(seed))
	programs := 150
	if looptest.Race {
		programs = 30
	}
	for i := range programs {
		seed := random.Int63()
		t.Run(fmt.Sprint(i, " ", seed), func(t *testing.T) { runSSL(t, rand.New(rand.NewSource(seed))) })
	}
}

func runSSL(t *testing.T, random *rand.Rand) {
	silent(t)
	if random.Intn(3) == 0 {
		if err := fault.Inject(fmt.Sprintf("seed=%d,short=0.3,again=0.2,interrupt=0.1", random.Intn(1000))); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { fault.Inject("") })
	}
	material := newSSL(t)
	config := *material.Config()
	if random.Intn(2) == 0 {
		config.Protocol = protocol.Of(tls.VersionTLS12)
	}
	l := material.l
	client := newSSLEnd(t, NewSSL(l), config)
	server := newSSLEnd(t, NewSSL(l), config)
	client.SSL.ConnectToHost("127.0.0.1", material.listener.Port, "localhost", ReadWrite, address.AnyIP)
	if random.Intn(2) == 0 {
		client.write(random.Intn(30_000))
	}
	client.until("it is connected", func() bool { return client.State() == Connected })
	fd, _, _ := material.listener.AcceptDescriptor()
	if !server.SetDescriptor(fd, Connected, ReadWrite) {
		t.Fatal(server.Socket.Failure())
	}
	server.StartServer()
	ends := []*sslEnd{client, server}
	for range random.Intn(120) {
		e := ends[random.Intn(2)]
		switch random.Intn(12) {
		case 0, 1:
			e.write(1 + random.Intn(100))
		case 2:
			e.write(1 + random.Intn(50_000))
		case 3:
			e.take(1 + random.Intn(5_000))
		case 4:
			e.SetReadLimit(int64(random.Intn(2) * (1 + random.Intn(40_000))))
		case 5:
			e.lazy = !e.lazy
		case 6:
			e.FlushNow()
		case 7:
			e.WaitForReadyRead(random.Intn(3))
		case 8:
			e.WaitForBytesWritten(random.Intn(3))
		case 9:
			e.WaitForEncrypted(random.Intn(3))
		default:
			l.ProcessEvents(0)
		}
		for i := range ends {
			if got := ends[i].read; !bytes.HasPrefix(ends[1-i].wrote, got) {
				t.Fatalf("%d bytes were read that were not written", len(got))
			}
		}
	}
	for _, e := range ends {
		e.lazy = false
		e.SetReadLimit(0)
		e.take(1 << 20)
	}
	abort := random.Intn(4) == 0
	first, second := ends[random.Intn(2)], (*sslEnd)(nil)
	if second = client; first == client {
		second = server
	}
	if abort {
		client.until("both are encrypted", func() bool { return client.IsEncrypted() && server.IsEncrypted() })
		first.Abort()
	} else {
		first.until("the other has said all", func() bool { return len(first.read) == len(second.wrote) })
		first.Disconnect()
	}
	client.until("it is over", func() bool { return client.State() == Unconnected && server.State() == Unconnected })
	second.take(1 << 20)
	switch {
	case !bytes.HasPrefix(first.wrote, second.read), !bytes.HasPrefix(second.wrote, first.read):
		t.Error("other bytes were read than written")
	case !abort && (len(second.read) != len(first.wrote) || len(first.read) != len(second.wrote)):
		t.Errorf("%d of %d bytes there, %d of %d bytes back", len(second.read), len(first.wrote), len(first.read), len(second.wrote))
	}
	if abort || len(first.wrote)+len(second.wrote) == 0 {
		return // the handshake may have been ended
	}
	for _, e := range ends {
		if e.count("encrypted") != 1 || e.count("disconnected") != 1 || e.BytesToWrite() != 0 {
			t.Errorf("%q", e.log)
		}
	}
}
