package session

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"qnet/core/failure"
	"qnet/core/internal/tlstest"
	"qnet/core/tls/certificate"
	"qnet/core/tls/cipher"
	"qnet/core/tls/configuration"
	"qnet/core/tls/key"
	"qnet/core/tls/protocol"
)

func list(names string) [][]byte { return bytes.Fields([]byte(names)) }

func TestNextProtocol(t *testing.T) {
	long := strings.Repeat("x", 256)
	for name, one := range map[string]struct {
		client, server [][]byte
		want           string
	}{
		"the server's order counts":     {list("h2 http/1.1"), list("http/1.1 h2"), "http/1.1"},
		"nothing in common":             {list("h2"), list("foo"), ""},
		"nothing that HTTP could be":    {list("h2 http/1.1"), list("h2c"), ""},
		"only the client has some":      {list("h2"), nil, ""},
		"only the server has some":      {nil, list("h2"), ""},
		"one that cannot be said":       {[][]byte{[]byte(long), []byte("h2"), {}}, list("h2"), "h2"},
		"the server's cannot be said":   {list("h2"), [][]byte{[]byte(long), {}, []byte("h2")}, "h2"},
		"none can be said":              {[][]byte{{}}, list("h2"), ""},
		"they are octets, not a string": {[][]byte{{0xff, 0}}, [][]byte{{0xff, 0}}, "\xff\x00"},
	} {
		for version, p := range versions {
			t.Run(name+" "+version, func(t *testing.T) {
				client, server := usual(t)
				client.Protocol = p
				client.NextProtocols, server.NextProtocols = one.client, one.server
				r := couple(t, client, server, "host.test").handshake()
				for _, s := range []*side{r.c, r.s} {
					c := s.Connection()
					if string(c.NextProtocol) != one.want || (c.NextStatus == configuration.NextProtocolNegotiated) != (one.want != "") {
						t.Errorf("%q, %d", c.NextProtocol, c.NextStatus)
					}
				}
			})
		}
	}
}

func TestProtocols(t *testing.T) {
	ranges := append(protocol.Supported(), protocol.Secure)
	for _, c := range ranges {
		for _, s := range ranges {
			min1, max1, _ := c.Range()
			min2, max2, _ := s.Range()
			want := min(max1, max2)
			client, server := usual(t)
			client.Protocol, server.Protocol = c, s
			r := couple(t, client, server, "host.test")
			if want < max(min1, min2) {
				r.fail()
				alert := Alert{Level: AlertFatal, Type: 70, Text: "protocol version"}
				sent := alert
				sent.Sent = true
				if f, ok := r.c.Err().(*failure.Failure); !ok || f.Code != failure.SslHandshakeFailed || !slices.Contains(r.c.alerts, alert) && !slices.Contains(r.c.alerts, sent) {
					t.Errorf("%d to %d: %v, %v", c, s, r.c.Err(), r.c.alerts)
				}
				continue
			}
			r.handshake().talk()
			if r.c.Connection().Protocol != protocol.Of(want) || r.s.Connection().Protocol != protocol.Of(want) {
				t.Errorf("%d to %d: %d and %d", c, s, r.c.Connection().Protocol, r.s.Connection().Protocol)
			}
		}
	}
}

func TestCipherSuites(t *testing.T) {
	const a, b, c = "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-GCM-SHA384"
	for name, one := range map[string]struct {
		client, server string
		clientsOrder   bool
		version        protocol.Protocol
		want           string
	}{
		"the server's order":                       {b + ":" + a + ":" + c, a + ":" + b + ":" + c, false, protocol.TLS12, a},
		"the server's order, another one":          {a + ":" + b + ":" + c, c + ":" + b, false, protocol.TLS12, c},
		"the server's order, not the usual one":    {a + ":" + b, b + ":" + a, false, protocol.TLS12, b},
		"the client's order":                       {c, a + ":" + b + ":" + c, true, protocol.TLS12, c},
		"the client's order of the usual ones":     {c, "", true, protocol.TLS12, c},
		"what the version has":                     {"", a + ":" + b, false, protocol.TLS10, b},
		"one that is only used if it is asked for": {"", "ECDHE-ECDSA-AES128-SHA256", false, protocol.TLS12, "!"},
		"one that both ask for":                    {"ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES128-SHA256", false, protocol.TLS12, "ECDHE-ECDSA-AES128-SHA256"},
		"nothing in common":                        {a, b, false, protocol.TLS12, "!"},
		"another kind of certificate":              {"ECDHE-RSA-AES128-GCM-SHA256", "", false, protocol.TLS12, "!"},
		"only of TLS 1.2, with 1.3":                {a, b, false, protocol.TLS13, "TLS_AES_128_GCM_SHA256"},
		"the keys are exchanged with RSA":          {"AES128-GCM-SHA256", "AES128-GCM-SHA256:AES256-SHA", false, protocol.TLS12, "!"},
	} {
		// TLS 1.2 may be the first or the last version that both have.
		both := [][2]protocol.Protocol{{one.version, protocol.Any}}
		if one.version == protocol.TLS12 {
			both = append(both, [2]protocol.Protocol{protocol.TLS12, protocol.Secure}, [2]protocol.Protocol{protocol.Secure, protocol.TLS12})
		}
		for _, versions := range both {
			t.Run(fmt.Sprint(name, ", ", versions), func(t *testing.T) {
				client, server := usual(t)
				client.Protocol, server.Protocol = versions[0], versions[1]
				client.Ciphers, _ = cipher.Parse(one.client)
				server.Ciphers, _ = cipher.Parse(one.server)
				server.SetOption(configuration.DisableServerCipherPreference, one.clientsOrder)
				r := couple(t, client, server, "host.test")
				if one.want == "!" {
					r.fail()
					if !slices.Contains(r.s.alerts, Alert{true, AlertFatal, 40, "handshake failure"}) || !slices.Contains(r.c.alerts, Alert{false, AlertFatal, 40, "handshake failure"}) {
						t.Error(r.s.alerts, r.c.alerts)
					}
					return
				}
				r.handshake().talk()
				if got := r.c.Connection().Cipher.Name(); got != one.want || r.s.Connection().Cipher != r.c.Connection().Cipher {
					t.Error(got)
				}
			})
		}
	}
}

// Clients of ours all have the order of crypto/tls; others have their own.
func TestOrderOfAClient(t *testing.T) {
	const a, b, c = tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
	for name, one := range map[string]struct {
		server string
		client []uint16
		want   uint16
	}{
		"the usual ones":           {"", []uint16{c, a, b}, c},
		"the usual ones, reversed": {"", []uint16{b, a, c}, b},
		"the server's":             {"ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES128-GCM-SHA256", []uint16{c, a, b}, a},
		"none of the server's":     {"ECDHE-ECDSA-AES128-SHA", []uint16{c, a}, 0},
	} {
		_, server := usual(t)
		server.SetOption(configuration.DisableServerCipherPreference, true)
		if one.server != "" {
			server.Ciphers, _ = cipher.Parse(one.server)
		}
		s, err := sharedFor(server, true)
		if err != nil {
			t.Fatal(err)
		}
		hello := &tls.ClientHelloInfo{CipherSuites: one.client, SupportedVersions: []uint16{tls.VersionTLS12}, SupportedCurves: []tls.CurveID{tls.CurveP256},
			SupportedPoints: []uint8{0}, SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256}}
		if got := s.suiteFor(hello, 0); got != one.want {
			t.Errorf("%s: %s", name, tls.CipherSuiteName(got))
		}
	}
}

var rsaKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// Each suite that is said to be supported is.
func TestEachCipherSuite(t *testing.T) {
	root := tlstest.Authority(t, "root")
	k, err := rsaKey()
	if err != nil {
		t.Fatal(err)
	}
	servers := map[string]*tlstest.Issued{"ECDSA": root.Issue("host.test"), "RSA": root.IssueFor("host.test", k)}
	for _, suite := range cipher.Supported() {
		if suite.Protocol() == protocol.TLS13 {
			continue
		}
		t.Run(suite.Name(), func(t *testing.T) {
			client, server := trusting(t, root), being(t, servers[suite.Authentication()])
			client.Protocol, client.Ciphers, server.Ciphers = protocol.TLS12, []cipher.Cipher{suite}, cipher.Supported()
			r := couple(t, client, server, "host.test").handshake().talk()
			if r.c.Connection().Cipher != suite || r.s.Connection().Cipher != suite {
				t.Error(r.c.Connection().Cipher.Name())
			}
		})
	}
}

func TestCurves(t *testing.T) {
	for name, one := range map[string]struct {
		client, server string
		ok             bool
	}{
		"each alone":          {"X25519", "X25519", true},
		"P-256":               {"prime256v1", "", true},
		"P-384":               {"secp384r1", "", true},
		"P-521":               {"", "secp521r1", true},
		"a second try":        {"X25519 secp384r1", "secp384r1", true},
		"nothing in common":   {"secp384r1", "secp521r1", false},
		"nothing in common 2": {"X25519", "prime256v1 secp384r1", false},
	} {
		for version, p := range versions {
			t.Run(name+" "+version, func(t *testing.T) {
				client, server := usual(t)
				client.Protocol = p
				for _, side := range []struct {
					names string
					c     *configuration.Configuration
				}{{one.client, &client}, {one.server, &server}} {
					for _, name := range strings.Fields(side.names) {
						side.c.Curves = append(side.c.Curves, cipher.CurveByName(name))
					}
				}
				// The certificate's own curve counts, too, before TLS 1.3.
				if p == protocol.TLS12 {
					k, err := rsaKey()
					if err != nil {
						t.Fatal(err)
					}
					root := tlstest.Authority(t, "root")
					client.Authorities, _ = certificates(t, root)
					server.LocalChain, server.PrivateKey = certificates(t, root.IssueFor("host.test", k))
				}
				r := couple(t, client, server, "host.test")
				if !one.ok {
					r.fail()
					return
				}
				r.handshake()
				if id := r.c.State().CurveID; one.client != "" && !strings.Contains(one.client, string(cipher.CurveByID(id))) ||
					one.server != "" && !strings.Contains(one.server, string(cipher.CurveByID(id))) {
					t.Error(id)
				}
			})
		}
	}
}

// What cannot be used is refused at once.
func TestConfigurationsThatCannotBeUsed(t *testing.T) {
	root := tlstest.Authority(t, "root")
	chain, own := certificates(t, root.Issue("host.test"))
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	odd, oddKey := certificates(t, root.IssueFor("host.test", p224))
	_, other := certificates(t, root.Issue("host.test"))
	public, err := key.FromSubject(own.Subject())
	if err != nil {
		t.Fatal(err)
	}
	for name, one := range map[string]struct {
		change func(c *configuration.Configuration)
		text   string
		errors int
		server bool // only then
	}{
		"no protocol":      {func(c *configuration.Configuration) { c.Protocol = protocol.UnknownProtocol }, "Attempted to use an unsupported protocol.", 1, false},
		"DTLS":             {func(c *configuration.Configuration) { c.Protocol = 11 }, "Attempted to use an unsupported protocol.", 1, false},
		"no key":           {func(c *configuration.Configuration) { c.LocalChain = chain }, "Cannot provide a certificate with no key", 2, false},
		"a public key":     {func(c *configuration.Configuration) { c.LocalChain, c.PrivateKey = chain, public }, "Cannot provide a certificate with no key", 2, false},
		"another key":      {func(c *configuration.Configuration) { c.LocalChain, c.PrivateKey = chain, other }, "Error loading private key, it is not that of the certificate", 2, false},
		"P-224":            {func(c *configuration.Configuration) { c.LocalChain, c.PrivateKey = odd, oddKey }, "Error loading private key, the curve secp224r1 is not supported in TLS", 2, false},
		"a null chain":     {func(c *configuration.Configuration) { c.LocalChain = []*certificate.Certificate{nil} }, "Error loading local certificate, there is none", 2, false},
		"a curve":          {func(c *configuration.Configuration) { c.Curves = []cipher.Curve{"X25519", "secp256k1"} }, "Error when setting the elliptic curves (secp256k1)", 2, false},
		"brainpool":        {func(c *configuration.Configuration) { c.Curves = []cipher.Curve{"brainpoolP256r1"} }, "Error when setting the elliptic curves (brainpoolP256r1)", 2, false},
		"an invalid curve": {func(c *configuration.Configuration) { c.Curves = []cipher.Curve{""} }, "Error when setting the elliptic curves ()", 2, false},
		"a null suite":     {func(c *configuration.Configuration) { c.Ciphers = []cipher.Cipher{0} }, "Invalid or empty cipher list ()", 2, false},
		"a suite of TLS 1.3": {func(c *configuration.Configuration) { c.Ciphers = cipher.Supported()[:1] },
			"The cipher suites of TLS 1.3 cannot be chosen: all of them or none have to be in the list", 2, false},
		"OCSP":           {func(c *configuration.Configuration) { c.OCSP = true }, "Server-side QSslSocket does not support OCSP stapling", 2, true},
		"an alternative": {func(c *configuration.Configuration) { c.Alternatives = []configuration.Identity{{Chain: chain}} }, "Cannot provide a certificate with no key", 2, true},
		"too much ALPN": {func(c *configuration.Configuration) {
			c.NextProtocols = slices.Repeat(list(strings.Repeat("x", 255)), 256)
		}, "The allowed next protocols are too long", 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			for _, server := range []bool{false, true} {
				c := configuration.Default()
				one.change(&c)
				var s *Session
				var err error
				if server {
					s, err = Server(c, func() {})
				} else {
					s, err = Client(c, "host.test", func() {})
				}
				if one.server && !server {
					if err != nil {
						t.Error(err)
					} else {
						s.Close()
					}
					continue
				}
				u, ok := err.(Unusable)
				if !ok || s != nil || len(u) != one.errors || u[0].Code != failure.SslInvalidUserData || u.Error() != one.text || u[len(u)-1].Code == failure.SslInvalidUserData && one.errors == 2 {
					t.Errorf("%v", err)
				}
			}
		})
	}
	// As Qt has them.
	for name, change := range map[string]func(c *configuration.Configuration){
		"suites of TLS 1.3 for TLS 1.2": func(c *configuration.Configuration) { c.Ciphers, c.Protocol = cipher.Supported()[:1], protocol.TLS12 },
		"suites of TLS 1.2 for TLS 1.3": func(c *configuration.Configuration) { c.Ciphers, c.Protocol = cipher.Supported()[4:5], protocol.TLS13 },
		"suites of TLS 1.3 in any order": func(c *configuration.Configuration) {
			c.Ciphers = []cipher.Cipher{cipher.Supported()[2], cipher.Supported()[0], cipher.Supported()[1]}
		},
		"a key without a certificate": func(c *configuration.Configuration) { c.PrivateKey = own },
		"no suites":                   func(c *configuration.Configuration) { c.Ciphers = nil },
		"null":                        func(c *configuration.Configuration) { *c = configuration.Null() },
	} {
		t.Run(name, func(t *testing.T) {
			client, server := usual(t)
			authorities := client.Authorities
			change(&client)
			client.SetAuthorities(authorities)
			couple(t, client, server, "host.test").handshake().talk()
		})
	}
}

// A server without a certificate finds out when somebody comes.
func TestNoCertificate(t *testing.T) {
	for name, version := range versions {
		t.Run(name, func(t *testing.T) {
			client, _ := usual(t)
			client.Protocol = version
			r := couple(t, client, configuration.Default(), "host.test").fail()
			if f, ok := r.s.Err().(*failure.Failure); !ok || f.Code != failure.SslHandshakeFailed {
				t.Error(r.s.Err())
			}
			if len(r.s.alerts) != 1 || len(r.c.alerts) != 1 || r.s.alerts[0].Type != r.c.alerts[0].Type {
				t.Error(r.s.alerts, r.c.alerts)
			}
		})
	}
}

func TestKindsOfKeys(t *testing.T) {
	root := tlstest.Authority(t, "root")
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	r, err := rsaKey()
	if err != nil {
		t.Fatal(err)
	}
	for name, i := range map[string]*tlstest.Issued{"Ed25519": root.IssueFor("host.test", ed), "RSA": root.IssueFor("host.test", r), "EC": root.Issue("host.test")} {
		for version, p := range versions {
			t.Run(name+" "+version, func(t *testing.T) {
				client, server := trusting(t, root), being(t, i)
				client.Protocol = p
				client.LocalChain, client.PrivateKey = certificates(t, i)
				r := couple(t, client, server, "host.test").handshake().talk()
				if f := r.c.Failures(); f != nil {
					t.Error(f)
				}
				// As OpenSSL does it adds the issuer that it trusts itself.
				if chain := r.s.Connection().PeerChain; len(chain) != 2 || !chain[0].Equal(client.LocalChain[0]) || !chain[1].Equal(client.Authorities[0]) {
					t.Error("the client has shown", len(chain))
				}
			})
		}
	}
}

// A certificate that is alone is shown with all its issuers that are trusted. Two that have issued each other have no
// end: OpenSSL's is at 102 certificates.
func TestIssuersAreShown(t *testing.T) {
	root := tlstest.Authority(t, "root")
	long, last := []*tlstest.Issued{root}, root
	for i := range 20 {
		last = last.Authority(fmt.Sprint("authority ", i))
		long = append(long, last)
	}
	one, other := tlstest.Authority(t, "one"), tlstest.Authority(t, "other")
	by := func(issuer, of *tlstest.Issued) *tlstest.Issued {
		return issuer.IssueFor("", of.Key, func(c *x509.Certificate) {
			c.Subject, c.IsCA, c.KeyUsage = of.Subject, true, of.KeyUsage
		})
	}
	for name, c := range map[string]struct {
		leaf    *tlstest.Issued
		trusted []*tlstest.Issued
		shown   int
	}{"long": {last.Issue("host.test"), long, 22}, "circle": {one.Issue("host.test"), []*tlstest.Issued{by(other, one), by(one, other)}, 102}} {
		t.Run(name, func(t *testing.T) {
			client, server := trusting(t, root), being(t, c.leaf)
			client.VerifyMode = configuration.VerifyNone
			server.LocalChain = server.LocalChain[:1]
			for _, i := range c.trusted {
				chain, _ := certificates(t, i)
				server.AddAuthorities(chain[0])
			}
			r := couple(t, client, server, "host.test").handshake()
			chain := r.c.Connection().PeerChain
			if len(chain) != c.shown {
				t.Error(len(chain), "are shown")
			}
			for i := range len(chain) - 1 {
				if !chain[i].IssuedBy(chain[i+1]) {
					t.Error("number", i, "is not issued by the one behind it")
				}
			}
		})
	}
}

// The certificates of a server for the names that clients ask for.
func TestAlternatives(t *testing.T) {
	root := tlstest.Authority(t, "root")
	k, err := rsaKey()
	if err != nil {
		t.Fatal(err)
	}
	server := being(t, root.Issue("host.test"))
	for _, i := range []*tlstest.Issued{root.Issue("one.test"), root.Issue("*.two.test"), root.IssueFor("one.test", k), root.Issue("three.test")} {
		chain, k := certificates(t, i)
		server.Alternatives = append(server.Alternatives, configuration.Identity{Chain: chain, Key: k})
	}
	for _, one := range []struct{ name, want, suites string }{
		{"one.test", "one.test", ""}, {"a.two.test", "*.two.test", ""}, {"host.test", "host.test", ""}, {"three.test", "three.test", ""},
		{"four.test", "host.test", ""}, {"", "host.test", ""}, {"127.0.0.1", "host.test", ""}, {"ONE.test", "one.test", ""},
		{"one.test", "one.test", "ECDHE-RSA-AES128-GCM-SHA256"},
	} {
		t.Run(one.name+one.suites, func(t *testing.T) {
			client := trusting(t, root)
			if one.suites != "" {
				client.Protocol = protocol.TLS12
				client.Ciphers, _ = cipher.Parse(one.suites)
			}
			r := couple(t, client, server, one.name).handshake()
			if got := r.c.Connection().PeerChain[0].SubjectInfo(certificate.CommonName.Attribute())[0]; got != one.want {
				t.Error(got)
			}
			if fits := one.name != "four.test" && one.name != ""; fits != (len(r.c.Failures()) == 0) {
				t.Error(r.c.Failures())
			}
		})
	}
	server.LocalChain, server.PrivateKey = nil, nil
	couple(t, trusting(t, root), server, "one.test").handshake()
	couple(t, trusting(t, root), server, "four.test").fail()
}

func TestServerName(t *testing.T) {
	for _, one := range []struct {
		name, asked string
		off         bool
	}{{"host.test", "host.test", false}, {"host.test", "", true}, {"127.0.0.1", "", false}, {"::1", "", false}, {"bücher.test", "xn--bcher-kva.test", false}, {"", "", false}, {" x", "", false}} {
		client, server := usual(t)
		client.SetOption(configuration.DisableServerNameIndication, one.off)
		client.VerifyMode = configuration.VerifyNone
		r := couple(t, client, server, one.name).handshake()
		if got := r.s.State().ServerName; got != one.asked {
			t.Errorf("%q is asked for as %q", one.name, got)
		}
	}
}

// What is expensive is made once for a configuration.
func TestSharing(t *testing.T) {
	client, server := usual(t)
	of := func(c configuration.Configuration, isServer bool) *shared {
		s, err := sharedFor(c, isServer)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	one := of(client, false)
	ticket := client
	ticket.SessionTicket, ticket.Connection, ticket.InterruptOnError = []byte("x"), &configuration.Connection{}, true
	if of(client, false) != one || of(ticket, false) != one || of(client, true) == one || of(server, true) != of(server, true) {
		t.Error("other than they should be")
	}
	if one.client("host.test") != one.client("host.test") || one.client("host.test") == one.client("other.test") {
		t.Error("clients")
	}
	for range 100 {
		one.client(rand.Text())
	}
	if len(one.clients) > 64 {
		t.Error(len(one.clients), "names are remembered")
	}
	if s := of(server, true); s.variant(variant{}) != s.variant(variant{}) || s.variant(variant{}) == s.variant(variant{plain: true}) {
		t.Error("clients that are alike have different configurations, or others the same")
	}
	for range 2 * mostKnown {
		c := client
		c.AddAuthorities()
		c.NextProtocols = list("x")
		of(c, false)
		of(server, true)
	}
	if len(known.all) > mostKnown {
		t.Error(len(known.all), "configurations are remembered")
	}
	if of(client, false) == one {
		t.Error("the one that was not used is remembered")
	}
}

// Certificates that are null are none, wherever they stand.
func TestNullCertificates(t *testing.T) {
	root := tlstest.Authority(t, "root")
	client, server := trusting(t, root), being(t, root.Issue("host.test"))
	client.Authorities = append([]*certificate.Certificate{nil}, client.Authorities...)
	server.Authorities = []*certificate.Certificate{nil}
	server.LocalChain = append(server.LocalChain, nil)
	for range 2 {
		r := couple(t, client, server, "host.test").handshake()
		if r.c.Failures() != nil || len(r.c.Connection().PeerChain) != 1 {
			t.Error(r.c.Failures(), len(r.c.Connection().PeerChain))
		}
		server.LocalChain = server.LocalChain[:1]
	}
}
