package session

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"slices"
	"strings"
	"testing"
	"time"

	"qnet/core/failure"
	"qnet/core/internal/tlstest"
	"qnet/core/tls/configuration"
	"qnet/core/tls/verify"
)

func codes(list []verify.Failure) []verify.Code {
	var c []verify.Code
	for _, f := range list {
		c = append(c, f.Code)
	}
	return c
}

// negative makes the number of a certificate negative: it stands behind the version.
func negative(signed []byte) {
	version := []byte{0xa0, 3, 2, 1, 2}
	number := bytes.Index(signed, version) + len(version)
	signed[number+2] |= 0x80
}

func TestVerdictOfClients(t *testing.T) {
	root, other := tlstest.Authority(t, "root"), tlstest.Authority(t, "other")
	below := root.Authority("below").Authority("below that")
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	expired := func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }
	for name, one := range map[string]struct {
		server *tlstest.Issued
		host   string
		mode   configuration.VerifyMode
		change func(c *configuration.Configuration)
		want   []verify.Code
	}{
		"good":                   {root.Issue("host.test"), "host.test", configuration.AutoVerifyPeer, nil, nil},
		"good, by its address":   {root.Issue("host.test"), "127.0.0.1", configuration.VerifyPeer, nil, nil},
		"no host":                {root.Issue("host.test"), "", configuration.VerifyPeer, nil, []verify.Code{22}},
		"another host":           {root.Issue("host.test"), "x.test", configuration.AutoVerifyPeer, nil, []verify.Code{22}},
		"nobody knows it":        {other.Issue("host.test"), "host.test", configuration.AutoVerifyPeer, nil, []verify.Code{11, 12}},
		"and another host":       {other.Issue("host.test"), "x.test", configuration.QueryPeer, nil, []verify.Code{22, 11, 12}},
		"not to be verified":     {other.Issue("host.test"), "host.test", configuration.VerifyNone, nil, nil},
		"and another host's":     {other.Issue("host.test"), "x.test", configuration.VerifyNone, nil, []verify.Code{22}},
		"expired":                {root.Issue("host.test", expired), "host.test", configuration.AutoVerifyPeer, nil, []verify.Code{6}},
		"its issuer has expired": {root.Authority("below", expired).Issue("host.test"), "host.test", configuration.AutoVerifyPeer, nil, []verify.Code{6}},
		"for clients only": {root.Issue("host.test", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }), "host.test",
			configuration.AutoVerifyPeer, nil, []verify.Code{16}},
		"a short key": {root.IssueFor("host.test", weak), "host.test", configuration.AutoVerifyPeer, nil, []verify.Code{-1}},
		"long":        {below.Issue("host.test"), "host.test", configuration.AutoVerifyPeer, nil, nil},
		"too long":    {below.Issue("host.test"), "host.test", configuration.AutoVerifyPeer, func(c *configuration.Configuration) { c.VerifyDepth = 1 }, []verify.Code{-1, 11}},
		"just right": {below.Issue("host.test"), "host.test", configuration.AutoVerifyPeer, func(c *configuration.Configuration) { c.VerifyDepth = 2 },
			nil},
		"nobody is trusted": {root.Issue("host.test"), "host.test", configuration.AutoVerifyPeer, func(c *configuration.Configuration) { c.SetAuthorities(nil) },
			[]verify.Code{11, 12}},
		"one more is trusted": {other.Issue("host.test"), "host.test", configuration.AutoVerifyPeer,
			func(c *configuration.Configuration) { c.AddAuthorities(parse(other.Chain)...) }, nil},
		"beside the system's": {other.Issue("host.test"), "host.test", configuration.AutoVerifyPeer,
			func(c *configuration.Configuration) {
				*c = configuration.Default()
				c.AddAuthorities(parse(other.Chain)...)
			}, nil},
		// crypto/x509 by itself would not read this one.
		"a negative number": {root.Resign(root.Issue("host.test"), negative), "host.test", configuration.AutoVerifyPeer, nil, nil},
	} {
		for version, p := range versions {
			t.Run(name+" "+version, func(t *testing.T) {
				client, server := trusting(t, root), being(t, one.server)
				client.Protocol, client.VerifyMode = p, one.mode
				if one.change != nil {
					one.change(&client)
				}
				r := couple(t, client, server, one.host).handshake().talk()
				if got := codes(r.c.Failures()); !slices.Equal(got, one.want) {
					t.Error(got)
				}
				for _, f := range r.c.Failures() {
					if f.Certificate == nil {
						t.Error(f.Code, "is of no certificate")
					}
				}
			})
		}
	}
}

func TestVerdictOfServers(t *testing.T) {
	root, other := tlstest.Authority(t, "root"), tlstest.Authority(t, "other")
	known, unknown := root.Issue("client.test"), other.Issue("client.test")
	forServers := root.Issue("client.test", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })
	for name, one := range map[string]struct {
		client *tlstest.Issued
		mode   configuration.VerifyMode
		fatal  bool
		want   []verify.Code // 127: the handshake fails
		shown  int
	}{
		"nothing asked for":          {known, configuration.VerifyNone, false, nil, 0},
		"nor missed":                 {nil, configuration.VerifyNone, true, nil, 0},
		"none":                       {nil, configuration.AutoVerifyPeer, false, nil, 0},
		"none, asked for":            {nil, configuration.QueryPeer, false, nil, 0},
		"none, to be verified":       {nil, configuration.VerifyPeer, false, []verify.Code{21}, 0},
		"none, and missed":           {nil, configuration.VerifyPeer, true, []verify.Code{127}, 0},
		"none, asked for and missed": {nil, configuration.QueryPeer, true, []verify.Code{127}, 0},
		"none, and missed as usual":  {nil, configuration.AutoVerifyPeer, true, []verify.Code{127}, 0},
		"good":                       {known, configuration.VerifyPeer, true, nil, 1},
		"good, by itself":            {known, configuration.AutoVerifyPeer, false, nil, 1},
		"unknown":                    {unknown, configuration.VerifyPeer, true, []verify.Code{11, 12}, 1},
		"unknown, asked for":         {unknown, configuration.QueryPeer, false, []verify.Code{11, 12}, 1},
		"for servers":                {forServers, configuration.VerifyPeer, false, []verify.Code{16}, 1},
	} {
		for version, p := range versions {
			t.Run(name+" "+version, func(t *testing.T) {
				client, server := trusting(t, root), being(t, root.Issue("host.test"))
				client.Protocol = p
				server.VerifyMode, server.MissingCertificateIsFatal = one.mode, one.fatal
				server.Authorities = client.Authorities
				if one.client != nil {
					client.LocalChain, client.PrivateKey = certificates(t, one.client)
				}
				// Nobody adds an issuer to it.
				client.LocalChain = append(client.LocalChain, server.LocalChain[:min(1, len(client.LocalChain))]...)
				r := couple(t, client, server, "host.test")
				if slices.Equal(one.want, []verify.Code{127}) {
					// A client of TLS 1.3 is done before the server has seen what it lacks.
					r.fail()
					code := failure.SslHandshakeFailed
					if version == "1.3" {
						code = failure.SslInternal
					}
					if f := r.c.Err().(*failure.Failure); f.Code != code || r.c.Done() != (version == "1.3") {
						t.Error(f.Code, f)
					}
					if f := r.s.Err().(*failure.Failure); f.Code != failure.SslHandshakeFailed || len(r.s.alerts) != 1 || !r.s.alerts[0].Sent {
						t.Error(f.Code, f, r.s.alerts)
					}
					if len(r.c.alerts) != 1 || r.c.alerts[0].Type != r.s.alerts[0].Type || r.c.alerts[0].Type != map[string]int{"1.2": 40, "1.3": 116}[version] {
						t.Error(r.c.alerts)
					}
					return
				}
				r.handshake().talk()
				if got := codes(r.s.Failures()); !slices.Equal(got, one.want) || len(r.s.Connection().PeerChain) != 2*one.shown {
					t.Error(got, len(r.s.Connection().PeerChain))
				}
			})
		}
	}
}

// interrupted begins a connection that one end interrupts.
func interrupted(t *testing.T, version string, server bool) (r *rig, who *side) {
	t.Helper()
	root, other := tlstest.Authority(t, "root"), tlstest.Authority(t, "other")
	c, s := trusting(t, root), being(t, root.Issue("host.test"))
	c.Protocol = versions[version]
	c.LocalChain, c.PrivateKey = certificates(t, root.Issue("client.test"))
	s.VerifyMode = configuration.VerifyPeer
	s.Authorities = c.Authorities
	at := &c
	if server {
		at = &s
	}
	at.Authorities, _ = certificates(t, other)
	at.InterruptOnError = true
	r = couple(t, c, s, "x.test")
	if who = r.c; server {
		who = r.s
	}
	// What is decided too early counts for nothing.
	who.Continue()
	r.until("it is interrupted", func() bool { return who.Interrupted() != nil })
	if who.Encrypted() || who.Failures() != nil || who.Err() != nil || who.Connection() != nil {
		t.Error("it has gone on")
	}
	return r, who
}

func TestInterrupt(t *testing.T) {
	for version := range versions {
		for _, server := range []bool{false, true} {
			name := map[bool]string{false: "client ", true: "server "}[server] + version
			want := []verify.Code{10} // the peer sends its root, which it trusts
			t.Run(name+" goes on", func(t *testing.T) {
				r, who := interrupted(t, version, server)
				if got := codes(who.Interrupted()); !slices.Equal(got, want) {
					t.Error(got)
				}
				// What was decided on counts, though others are trusted meanwhile.
				peer := parse(map[bool]*side{false: r.s, true: r.c}[server].shared.base.Certificates[0].Certificate)
				who.shared.mu.Lock()
				who.shared.trusted = verify.NewStore(peer, time.Now())
				who.shared.mu.Unlock()
				who.Continue()
				who.Continue()
				who.Refuse()
				if who.Interrupted() != nil {
					t.Error("it still waits")
				}
				r.handshake().talk()
				all := want
				if !server {
					all = append([]verify.Code{22}, want...)
				}
				if got := codes(who.Failures()); !slices.Equal(got, all) {
					t.Error(got)
				}
			})
			t.Run(name+" is refused", func(t *testing.T) {
				r, who := interrupted(t, version, server)
				who.Refuse()
				r.fail()
				if f, ok := who.Err().(*failure.Failure); !ok || f.Code != failure.SslHandshakeFailed || !strings.Contains(f.Text, "certificate verify failed") {
					t.Error(who.Err())
				}
				if !slices.Equal(who.alerts, []Alert{{true, AlertFatal, 42, "bad certificate"}}) || who.Failures() != nil {
					t.Error(who.alerts, who.Failures())
				}
				if len(who.Connection().PeerChain) == 0 {
					t.Error("nobody knows who the peer was")
				}
			})
			t.Run(name+" is closed", func(t *testing.T) {
				r, who := interrupted(t, version, server)
				who.Close()
				r.until("its goroutine ends", func() bool { return who.Over() })
				if err := who.Err(); who.Done() || err == nil || !strings.Contains(err.Error(), "certificate verify failed") {
					t.Error("the peer was taken nevertheless:", err)
				}
			})
		}
	}
}

// Whoever has nothing to complain of is not interrupted.
func TestNoInterrupt(t *testing.T) {
	for version, p := range versions {
		t.Run(version, func(t *testing.T) {
			client, server := usual(t)
			client.Protocol, client.InterruptOnError, server.InterruptOnError = p, true, true
			r := couple(t, client, server, "x.test").handshake().talk()
			if got := codes(r.c.Failures()); !slices.Equal(got, []verify.Code{22}) || r.s.Failures() != nil {
				t.Error(got, r.s.Failures())
			}
		})
	}
}
