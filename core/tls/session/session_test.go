package session

import (
	"io"
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/internal/tlstest"
	"qnet/core/tls/configuration"
	"qnet/core/tls/protocol"
	"qnet/core/tls/stream"
)

var versions = map[string]protocol.Protocol{"1.2": protocol.TLS12, "1.3": protocol.TLS13}

func TestHandshake(t *testing.T) {
	for name, version := range versions {
		t.Run(name, func(t *testing.T) {
			client, server := usual(t)
			client.Protocol = version
			r := couple(t, client, server, "host.test").handshake().talk()
			for _, s := range []*side{r.c, r.s} {
				c := s.Connection()
				if c.Protocol != version || c.Cipher.IsNull() || c.NextStatus != configuration.NextProtocolNone || c.TicketLifetime != -1 || c.Ticket != nil || c.Resumed {
					t.Errorf("%+v", c)
				}
				if s.Failures() != nil || s.Interrupted() != nil || s.Err() != nil {
					t.Error(s.Failures(), s.Interrupted(), s.Err())
				}
			}
			if chain := r.c.Connection().PeerChain; len(chain) != 1 || !chain[0].Equal(server.LocalChain[0]) {
				t.Error(chain)
			}
			if len(r.s.Connection().PeerChain) != 0 {
				t.Error("the client has a certificate")
			}
			r.c.End(&r.c.t)
			r.until("the end has come", func() bool { return r.s.over != nil })
			if r.s.over != io.EOF || r.s.Err() != nil || len(r.s.alerts) != 1 || r.s.alerts[0] != (Alert{false, AlertWarning, 0, "close notify"}) ||
				len(r.c.alerts) != 1 || r.c.alerts[0] != (Alert{true, AlertWarning, 0, "close notify"}) {
				t.Error(r.s.over, r.s.Err(), r.s.alerts, r.c.alerts)
			}
		})
	}
}

func TestThePeerLeaves(t *testing.T) {
	client, server := usual(t)
	r := couple(t, client, server, "host.test")
	r.s.t.In.Ended = true
	r.until("the server knows", func() bool { return r.s.Err() != nil })
	if r.s.Err() != failure.PeerClosed || r.s.over != failure.PeerClosed {
		t.Error(r.s.Err(), r.s.over)
	}
	r = couple(t, client, server, "host.test").handshake().talk()
	r.s.t.In.Ended = true
	r.until("the server knows", func() bool { return r.s.Err() != nil })
	if r.s.Err() != failure.PeerClosed {
		t.Error(r.s.Err())
	}
}

// What the system finds wrong is the system's.
func TestTheSystemsErrors(t *testing.T) {
	for version := range versions {
		t.Run(version, func(t *testing.T) {
			client, server := small(t, version)
			r := couple(t, client, server, "host.test")
			broken := &failing{End: r.s.t}
			r.until("it has failed", func() bool {
				r.s.Recv(broken, make([]byte, 10))
				return r.s.Err() != nil
			})
			if r.s.Err() != unix.ECONNRESET {
				t.Error(r.s.Err())
			}
			r = couple(t, client, server, "host.test").handshake()
			broken = &failing{End: r.s.t}
			for range 2 {
				if n, err := r.s.Recv(broken, make([]byte, 10)); n != -1 || err != unix.ECONNRESET || r.s.Err() != unix.ECONNRESET {
					t.Error(n, err, r.s.Err())
				}
			}
		})
	}
}

// failing is a transport that has failed.
type failing struct{ tlstest.End }

func (*failing) Recv([]byte) (int, error) { return -1, unix.ECONNRESET }

// Nothing is made anew for a connection that has nothing to read, and next to nothing for a
// message.
func TestMessagesCostLittle(t *testing.T) {
	client, server := small(t, "1.3")
	r := couple(t, client, server, "host.test").handshake().talk()
	p := make([]byte, 100)
	var here, there stream.Transport = &r.s.t, &r.c.t
	if n := testing.AllocsPerRun(100, func() { r.s.Recv(here, p) }); n > 0 {
		t.Error(n, "allocations for nothing")
	}
	parts := [][]byte{make([]byte, 64)}
	echo := func() {
		for range 2 {
			r.c.Send(there, parts)
			if n, err := r.s.Recv(here, p); n != 64 {
				t.Fatal(n, err)
			}
			r.s.Recv(here, p)
			r.s.t.In.Data = r.s.t.In.Data[:0:cap(r.s.t.In.Data)]
		}
	}
	// The race detector has pools lose things.
	if n := testing.AllocsPerRun(100, echo) / 2; n > 3 && !looptest.Race {
		t.Error(n, "allocations for a message")
	}
}
