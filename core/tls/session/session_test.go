package session

import (
	"io"
	"testing"

	"qnet/core/failure"
	"qnet/core/tls/configuration"
	"qnet/core/tls/protocol"
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
