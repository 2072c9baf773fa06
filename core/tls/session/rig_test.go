package session

import (
	"crypto/tls"
	"errors"
	"io"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qnet/core/internal/tlstest"
	"qnet/core/tls/certificate"
	"qnet/core/tls/configuration"
	"qnet/core/tls/key"
	"qnet/core/tls/stream"
)

// certificates returns what the tests use as it is used here.
func certificates(t testing.TB, i *tlstest.Issued) ([]*certificate.Certificate, *key.Key) {
	t.Helper()
	list := parse(i.Chain)
	k, err := key.FromPrivate(i.Key)
	if err != nil || len(list) != len(i.Chain) {
		t.Fatal(err, len(list))
	}
	return list, k
}

// trusting returns the configuration of a client that trusts an authority.
func trusting(t testing.TB, root *tlstest.Issued) configuration.Configuration {
	t.Helper()
	c := configuration.Default()
	list, _ := certificates(t, root)
	c.SetAuthorities(list)
	return c
}

// being returns the configuration of one that has a certificate.
func being(t testing.TB, i *tlstest.Issued) configuration.Configuration {
	t.Helper()
	c := configuration.Default()
	c.LocalChain, c.PrivateKey = certificates(t, i)
	c.SetAuthorities(nil)
	return c
}

// usual returns configurations of a client and of a server for host.test that it trusts.
func usual(t testing.TB) (client, server configuration.Configuration) {
	t.Helper()
	root := tlstest.Authority(t, "root")
	return trusting(t, root), being(t, root.Issue("host.test"))
}

// side is an end of ours with what it has to say and has heard.
type side struct {
	*Session
	t          tlstest.End
	say, heard []byte
	over       error // io.EOF: the peer has ended it
	alerts     []Alert
	tickets    int
}

func (s *side) act() {
	p := make([]byte, 4096)
	for more := true; more; {
		if n, err := s.Send(&s.t, [][]byte{s.say}); err == nil {
			s.say = s.say[n:]
		} else if err != unix.EAGAIN && err != stream.ErrNotYet && s.over == nil {
			s.over = err
		}
		n, err := s.Recv(&s.t, p)
		switch {
		case n > 0:
			s.heard = append(s.heard, p[:n]...)
		case err == nil:
			s.over = io.EOF
		case err != unix.EAGAIN && s.over == nil:
			s.over = err
		}
		more = n > 0
	}
	s.Send(&s.t, nil)
	s.alerts = append(s.alerts, s.TakeAlerts()...)
	s.tickets += s.TakeTickets()
}

// rig is a connection.
type rig struct {
	t      testing.TB
	c, s   *side
	theirs *plain
	news   chan struct{}
}

func newRig(t testing.TB) *rig { return &rig{t: t, news: make(chan struct{}, 1)} }

func (r *rig) progress() {
	select {
	case r.news <- struct{}{}:
	default:
	}
}

// until has both ends act until something is true.
func (r *rig) until(what string, is func() bool) {
	r.t.Helper()
	late := time.After(20 * time.Second)
	for {
		for _, s := range []*side{r.c, r.s} {
			if s != nil {
				s.act()
			}
		}
		if r.theirs != nil {
			r.theirs.act()
		}
		if is() {
			return
		}
		select {
		case <-r.news:
		case <-time.After(time.Millisecond):
		case <-late:
			r.t.Fatalf("waited in vain until %s: %s", what, r)
		}
	}
}

func (r *rig) String() string {
	text := ""
	for _, s := range []*side{r.c, r.s} {
		if s != nil {
			text += errors.Join(s.Err(), s.over, errors.New("…")).Error()
		}
	}
	return text
}

// couple begins a connection between two of ours.
func couple(t testing.TB, client, server configuration.Configuration, name string) *rig {
	t.Helper()
	r := newRig(t)
	one, other := tlstest.Ends()
	c, err := Client(client, name, r.progress)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Server(server, r.progress)
	if err != nil {
		t.Fatal(err)
	}
	r.c, r.s = &side{Session: c, t: one}, &side{Session: s, t: other}
	t.Cleanup(func() { c.Close(); s.Close() })
	return r
}

// handshake has both ends become encrypted.
func (r *rig) handshake() *rig {
	r.t.Helper()
	r.until("both are encrypted", func() bool { return r.c.Encrypted() && r.s.Encrypted() })
	return r
}

// fail has both ends fail.
func (r *rig) fail() *rig {
	r.t.Helper()
	r.until("both have failed", func() bool { return r.c.Err() != nil && r.s.Err() != nil })
	return r
}

// talk sends something to and fro.
func (r *rig) talk() *rig {
	r.t.Helper()
	r.c.say, r.s.say = []byte("from the client"), []byte("from the server")
	r.c.heard, r.s.heard = nil, nil
	r.until("all has come", func() bool { return string(r.c.heard) == "from the server" && string(r.s.heard) == "from the client" })
	return r
}

// withServer begins a connection to a server of crypto/tls.
func withServer(t testing.TB, client configuration.Configuration, name string, server *tls.Config) *rig {
	t.Helper()
	r := newRig(t)
	one, other := tlstest.Ends()
	c, err := Client(client, name, r.progress)
	if err != nil {
		t.Fatal(err)
	}
	r.c = &side{Session: c, t: one}
	r.theirs = newPlain(server, true, other, r.progress)
	t.Cleanup(func() { c.Close(); r.theirs.Close() })
	return r
}

// plain is an end of crypto/tls as it is.
type plain struct {
	*stream.Stream
	t tlstest.End
}

func newPlain(config *tls.Config, server bool, t tlstest.End, progress func()) *plain {
	begin := stream.Client
	if server {
		begin = stream.Server
	}
	return &plain{Stream: begin(config, progress), t: t}
}

func (p *plain) act() {
	for range 3 {
		p.Send(&p.t, nil)
		p.Recv(&p.t, make([]byte, 4096))
	}
}
