package session

import (
	"testing"

	"qnet/core/internal/tlstest"
	"qnet/core/tls/configuration"
)

// keeping returns configurations with a client that keeps its tickets.
func keeping(t testing.TB, version string) (client, server configuration.Configuration) {
	t.Helper()
	client, server = usual(t)
	client.Protocol = versions[version]
	client.SetOption(configuration.DisableSessionPersistence, false)
	return client, server
}

// ticket returns what a client may resume a session with.
func ticket(t testing.TB, client, server configuration.Configuration) []byte {
	t.Helper()
	r := couple(t, client, server, "host.test").handshake().talk()
	if r.c.Connection().Resumed || r.c.Connection().Ticket == nil {
		t.Fatal("there is no ticket")
	}
	return r.c.Connection().Ticket
}

func TestResumption(t *testing.T) {
	for version := range versions {
		t.Run(version, func(t *testing.T) {
			client, server := keeping(t, version)
			client.SessionTicket = ticket(t, client, server)
			for range 3 {
				r := couple(t, client, server, "host.test").handshake().talk()
				for _, s := range []*side{r.c, r.s} {
					if !s.Connection().Resumed || s.Failures() != nil {
						t.Error(s.Connection().Resumed, s.Failures())
					}
				}
				if c := r.c.Connection(); len(c.PeerChain) != 1 || c.Cipher.IsNull() {
					t.Errorf("%+v", c)
				}
				// As often as one likes.
				if version == "1.3" {
					client.SessionTicket = r.c.Connection().Ticket
				}
			}
			// Who the server was is looked at again.
			r := couple(t, client, server, "x.test").handshake()
			if !r.c.Connection().Resumed || len(r.c.Failures()) != 1 {
				t.Error(r.c.Connection().Resumed, r.c.Failures())
			}
			other := client
			other.SetAuthorities(nil)
			r = couple(t, other, server, "host.test").handshake()
			if len(r.c.Failures()) != 2 {
				t.Error(r.c.Failures())
			}
			other.InterruptOnError = true
			r = couple(t, other, server, "host.test").handshake()
			if !r.c.Connection().Resumed || len(r.c.Failures()) != 2 {
				t.Error(r.c.Connection().Resumed, r.c.Failures())
			}
		})
	}
}

func TestTickets(t *testing.T) {
	for name, one := range map[string]struct {
		client, server configuration.Option // turned round
		want           map[string]bool
	}{
		"as usual":               {configuration.DisableSessionPersistence, 0, nil},
		"kept":                   {0, 0, map[string]bool{"1.2": true, "1.3": true}},
		"not shared":             {configuration.DisableSessionSharing, 0, map[string]bool{"1.3": true}},
		"disabled":               {configuration.DisableSessionTickets, 0, nil},
		"disabled by the server": {0, configuration.DisableSessionTickets, nil},
	} {
		for version := range versions {
			t.Run(name+" "+version, func(t *testing.T) {
				client, server := keeping(t, version)
				client.Options ^= one.client
				server.Options ^= one.server
				r := couple(t, client, server, "host.test").handshake().talk()
				c := r.c.Connection()
				if (c.Ticket != nil) != one.want[version] || (c.TicketLifetime >= 0) != one.want[version] {
					t.Error(len(c.Ticket), c.TicketLifetime)
				}
				if version == "1.3" && c.Ticket != nil && c.TicketLifetime != 7*24*3600 {
					t.Error(c.TicketLifetime)
				}
				// Those of TLS 1.2 come with the handshake.
				if come := r.c.tickets > 0; come != (version == "1.3" && one.want[version]) || r.s.tickets != 0 || r.c.TakeTickets() != 0 {
					t.Error(r.c.tickets, r.s.tickets)
				}
				if s := r.s.Connection(); s.Ticket != nil || s.TicketLifetime != -1 {
					t.Error("the server has a ticket")
				}
			})
		}
	}
}

// One that is not wanted, cannot be read or is for another server is not used.
func TestTicketsThatAreNotUsed(t *testing.T) {
	for version := range versions {
		t.Run(version, func(t *testing.T) {
			client, server := keeping(t, version)
			good := ticket(t, client, server)
			resumed := func(change func(client, server *configuration.Configuration)) bool {
				t.Helper()
				c, s := client, server
				c.SessionTicket = good
				change(&c, &s)
				return couple(t, c, s, "host.test").handshake().talk().c.Connection().Resumed
			}
			if !resumed(func(*configuration.Configuration, *configuration.Configuration) {}) {
				t.Fatal("none is")
			}
			for name, change := range map[string]func(c, s *configuration.Configuration){
				"nothing":          func(c, _ *configuration.Configuration) { c.SessionTicket = nil },
				"nonsense":         func(c, _ *configuration.Configuration) { c.SessionTicket = []byte("nonsense, but long enough for one") },
				"not kept":         func(c, _ *configuration.Configuration) { c.SetOption(configuration.DisableSessionPersistence, true) },
				"no tickets":       func(c, _ *configuration.Configuration) { c.SetOption(configuration.DisableSessionTickets, true) },
				"not the server's": func(_, s *configuration.Configuration) { s.SetOption(configuration.DisableSessionTickets, true) },
				"another server": func(_, s *configuration.Configuration) {
					*s = being(t, tlstest.Authority(t, "x").Issue("host.test"))
				},
				"another version": func(c, _ *configuration.Configuration) {
					c.Protocol = map[string]configuration.Configuration{"1.2": {Protocol: versions["1.3"]}, "1.3": {Protocol: versions["1.2"]}}[version].Protocol
				},
			} {
				if resumed(change) {
					t.Error(name, "is used")
				}
			}
			for n := range len(good) {
				if s := readTicket(good[:n]); s != nil {
					t.Error("of", len(good), "octets", n, "are enough")
				}
			}
		})
	}
}

// The certificates of clients come again with the session.
func TestResumptionWithACertificate(t *testing.T) {
	for version := range versions {
		t.Run(version, func(t *testing.T) {
			root := tlstest.Authority(t, "root")
			client, server := trusting(t, root), being(t, root.Issue("host.test"))
			client.Protocol = versions[version]
			client.SetOption(configuration.DisableSessionPersistence, false)
			client.LocalChain, client.PrivateKey = certificates(t, root.Issue("client.test"))
			server.Authorities, server.VerifyMode, server.MissingCertificateIsFatal = client.Authorities, configuration.VerifyPeer, true
			client.SessionTicket = ticket(t, client, server)
			r := couple(t, client, server, "host.test").handshake().talk()
			if c := r.s.Connection(); !c.Resumed || len(c.PeerChain) != 2 || r.s.Failures() != nil {
				t.Errorf("%+v %v", c, r.s.Failures())
			}
		})
	}
}

// A server keeps giving tickets that it takes when it has interrupted somebody.
func TestResumptionAndInterruptions(t *testing.T) {
	for version := range versions {
		t.Run(version, func(t *testing.T) {
			client, server := keeping(t, version)
			server.InterruptOnError = true
			client.SessionTicket = ticket(t, client, server)
			if r := couple(t, client, server, "host.test").handshake(); !r.s.Connection().Resumed {
				t.Error("not resumed")
			}
		})
	}
}
