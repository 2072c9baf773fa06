package server

import (
	"crypto/tls"
	"fmt"
	"io"
	"math"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/internal/proxytest"
	"qnet/core/internal/tlstest"
	"qnet/core/loop"
	"qnet/core/object"
	"qnet/core/proxy"
	"qnet/core/socket"
	"qnet/core/tls/certificate"
	"qnet/core/tls/configuration"
	"qnet/core/tls/key"
)

// sslRig is a server that encrypts, and what its clients trust and may show.
type sslRig struct {
	*rig
	*SSL
	theirs *tls.Config
	peers  chan error // how each client's connection has ended
}

var sslSignals = map[object.Signal]string{
	SignalStartedEncryptionHandshake:  "started",
	SignalErrorOccurred:               "failed",
	SignalSslErrors:                   "errors",
	SignalPeerVerifyError:             "verifyError",
	SignalHandshakeInterruptedOnError: "interrupted",
	SignalAlertSent:                   "alertSent",
	SignalAlertReceived:               "alertReceived",
}

// newSSL returns a server that does not listen; changes are made to its configuration.
func newSSL(t testing.TB, l *loop.Loop, changes ...func(*configuration.Configuration)) *sslRig {
	t.Helper()
	pair, pool := tlstest.Certificate(t)
	c, _, ok := certificate.Parse(pair.Certificate[0])
	k, err := key.FromPrivate(pair.PrivateKey)
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	s := NewSSL(l)
	r := &sslRig{rig: observe(t, s), SSL: s.SSL(), peers: make(chan error, 2000)}
	config := s.SSL().Configuration()
	config.LocalChain, config.PrivateKey = []*certificate.Certificate{c}, k
	config.SetAuthorities([]*certificate.Certificate{c})
	for _, change := range changes {
		change(&config)
	}
	r.SetConfiguration(config)
	r.theirs = &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: pool, ServerName: "localhost"}
	for signal, name := range sslSignals {
		s.On(signal, func(arg int64) {
			looptest.Do(s.Loop(), func() {
				e := r.Event(arg)
				entry := name
				switch signal {
				case SignalErrorOccurred:
					entry = fmt.Sprint(name, " ", e.Error)
				case SignalSslErrors:
					entry = fmt.Sprint(name, " ", len(e.Failures))
				case SignalPeerVerifyError, SignalHandshakeInterruptedOnError:
					entry = fmt.Sprint(name, " ", int(e.Failure.Code))
				case SignalAlertSent, SignalAlertReceived:
					entry = fmt.Sprint(name, " ", e.Alert.Type)
				}
				if e.Socket == nil {
					entry += " without a socket"
				}
				r.log = append(r.log, entry)
				if f := r.on[name]; f != nil {
					f()
				}
			})
		})
	}
	return r
}

// listeningSSL returns one that listens.
func listeningSSL(t testing.TB, changes ...func(*configuration.Configuration)) *sslRig {
	t.Helper()
	r := newSSL(t, looptest.New(t), changes...)
	r.listen()
	return r
}

func verifying(c *configuration.Configuration) { c.VerifyMode = configuration.VerifyPeer }

// during returns the event that is being signalled.
func (r *sslRig) during() Event {
	for _, e := range r.now {
		return *e
	}
	return Event{}
}

// dialTLS has a client connect, and talk once it is encrypted.
func (r *sslRig) dialTLS(talk func(*tls.Conn) error) {
	plain, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", r.Port()))
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { plain.Close() })
	plain.SetDeadline(time.Now().Add(30 * time.Second))
	go func() {
		c := tls.Client(plain, r.theirs)
		err := c.Handshake()
		if err == nil {
			err = talk(c)
		}
		plain.Close()
		r.peers <- err
	}()
}

// stays is a client that says hello and then waits for the server's end.
func stays(c *tls.Conn) error {
	if _, err := io.WriteString(c, "hello"); err != nil {
		return err
	}
	_, err := c.Read(make([]byte, 1))
	return err
}

// listens is a client that says nothing.
func listens(c *tls.Conn) error {
	_, err := c.Read(make([]byte, 1))
	return err
}

func (r *sslRig) untilPending() *socket.Socket {
	r.t.Helper()
	r.until("a connection is pending", r.HasPending)
	return r.NextPending()
}

func (r *sslRig) peerEnd() error {
	r.t.Helper()
	select {
	case err := <-r.peers:
		return err
	default:
	}
	var err error
	done := make(chan struct{})
	go func() { err = <-r.peers; close(done) }()
	looptest.Await(r.t, r.l, "the peer's end", done)
	return err
}

func TestConnectionsArePendingOnceEncrypted(t *testing.T) {
	r := listeningSSL(t)
	r.dialTLS(stays)
	r.until("it is accepted", func() bool { return r.count("new") == 1 })
	if r.HasPending() || r.Handshakes() != 1 || r.OpenConnections() != 1 {
		t.Error(r.HasPending(), r.Handshakes(), r.OpenConnections())
	}
	c := r.untilPending()
	r.expect("new", "started", "pending")
	if !c.SSL().IsEncrypted() || c.SSL().Mode() != socket.SSLServer || r.Handshakes() != 0 || !r.owns(c) {
		t.Error(c.SSL().IsEncrypted(), c.SSL().Mode(), r.Handshakes())
	}
	r.until("it says something", func() bool { return c.BytesAvailable() == 5 })
	c.Close()
	if err := r.peerEnd(); err != io.EOF {
		t.Error(err)
	}
	r.expect()
	if !c.Alive() {
		t.Error("the connection of the program was deleted")
	}
}

func TestHandshakesThatFail(t *testing.T) {
	send := func(text string) func(*sslRig) {
		return func(r *sslRig) { looptest.Dial(r.t, r.Port()).Say(text) }
	}
	for name, c := range map[string]struct {
		changes []func(*configuration.Configuration)
		client  func(*sslRig)
		want    string
	}{
		"plain":         {client: send("GET / HTTP/1.0\r\n\r\n"), want: "new"},
		"garbage":       {client: send("\x16\x03\x01\x00\x10" + strings.Repeat("x", 16)), want: "new, started, alertSent 80, failed 13"},
		"closed":        {client: func(r *sslRig) { looptest.Dial(r.t, r.Port()).Close() }, want: "new, failed 1"},
		"half":          {client: func(r *sslRig) { p := looptest.Dial(r.t, r.Port()); p.Say("\x16\x03\x01"); p.Close() }, want: "new, started, failed 1"},
		"distrusted":    {client: func(r *sslRig) { r.theirs.RootCAs = nil; r.dialTLS(stays) }, want: "new, started, alertReceived 42, failed 13"},
		"anonymous":     {changes: list(verifying), client: func(r *sslRig) { r.theirs.Certificates = nil; r.dialTLS(stays) }, want: "new, started, verifyError 21, errors 1, failed 13, alertSent 0"},
		"unknown":       {changes: list(verifying, untrusting), client: func(r *sslRig) { r.dialTLS(stays) }, want: "new, started, verifyError 9, errors 1, failed 13, alertSent 0"},
		"interrupted":   {changes: list(verifying, untrusting, interrupting), client: func(r *sslRig) { r.dialTLS(stays) }, want: "new, started, interrupted 9, alertSent 42, failed 13"},
		"no TLS at all": {changes: list(func(c *configuration.Configuration) { c.OCSP = true }), client: func(r *sslRig) { r.dialTLS(stays) }, want: "new, failed 21, failed 20, started"},
	} {
		t.Run(name, func(t *testing.T) {
			r := listeningSSL(t, c.changes...)
			var about *socket.Socket
			r.on["failed"] = func() { about = r.during().Socket }
			c.client(r)
			r.until("it is accepted", func() bool { return r.count("new") == 1 })
			r.until("it has failed", func() bool { return r.Handshakes() == 0 && len(r.owner.Sockets()) == 0 })
			if got := strings.Join(r.log, ", "); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if about != nil && about.Alive() || r.HasPending() || r.OpenConnections() != 0 {
				t.Error(about, r.HasPending(), r.OpenConnections())
			}
		})
	}
}

func list(changes ...func(*configuration.Configuration)) []func(*configuration.Configuration) {
	return changes
}

func untrusting(c *configuration.Configuration)   { c.SetAuthorities(nil) }
func interrupting(c *configuration.Configuration) { c.InterruptOnError = true }

func TestSlotsTakeTheBlame(t *testing.T) {
	for name, how := range map[string]struct {
		changes []func(*configuration.Configuration)
		at      string
		do      func(*socket.SSL)
		want    []string
	}{
		"ignored":   {list(verifying, untrusting), "errors", (*socket.SSL).IgnoreErrors, []string{"new", "started", "verifyError 9", "errors 1", "pending"}},
		"early":     {list(verifying, untrusting), "started", (*socket.SSL).IgnoreErrors, []string{"new", "started", "verifyError 9", "errors 1", "pending"}},
		"continued": {list(func(c *configuration.Configuration) { c.VerifyMode = configuration.QueryPeer }, untrusting, interrupting), "interrupted", (*socket.SSL).ContinueHandshake, []string{"new", "started", "interrupted 9", "errors 1", "pending"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := listeningSSL(t, how.changes...)
			r.on[how.at] = func() { how.do(r.during().Socket.SSL()) }
			r.dialTLS(stays)
			c := r.untilPending()
			r.expect(how.want...)
			if c == nil || len(c.SSL().Failures()) != 1 {
				t.Error(c)
			}
		})
	}
}

// TestHandshakesTimeOut moves no clock: the timers are made to expire.
func TestHandshakesTimeOut(t *testing.T) {
	r := listeningSSL(t)
	if r.HandshakeTimeout() != 5000 {
		t.Error(r.HandshakeTimeout())
	}
	r.SetHandshakeTimeout(math.MaxInt32)
	silent, half := looptest.Dial(t, r.Port()), looptest.Dial(t, r.Port())
	half.Say("\x16\x03\x01\x02\x00\x01")
	r.until("both are there", func() bool { return r.Handshakes() == 2 && r.count("started") == 1 })
	r.log = nil
	var state socket.State
	r.on["failed"] = func() { state = r.during().Socket.State() }
	for _, h := range slices.Clone(r.handshakes) {
		r.l.StartTimer(&h.timer, 0)
	}
	r.until("both are over", func() bool { return r.Handshakes() == 0 && len(r.owner.Sockets()) == 0 })
	r.expect("failed 5", "failed 5")
	if state != socket.Unconnected {
		t.Error(state)
	}
	for _, p := range []*looptest.Peer{silent, half} {
		in := p.Inbox()
		r.until("the peer hears of it", in.Ended)
	}
}

func TestTimeIsGivenAgainAtTheFirstByte(t *testing.T) {
	r := listeningSSL(t)
	r.SetHandshakeTimeout(1 << 30)
	p := r.dial(1)[0]
	r.until("it is there", func() bool { return r.Handshakes() == 1 })
	h := r.handshakes[0]
	before, _ := h.timer.Due()
	p.Say("\x16")
	r.until("it has begun", func() bool { return r.count("started") == 1 })
	after, running := h.timer.Due()
	if after <= before || !running {
		t.Error(before, after)
	}
	p.Say("\x03\x01")
	r.settle()
	if again, _ := h.timer.Due(); again != after {
		t.Error(after, again)
	}
}

func TestNoTimeForHandshakesAtAll(t *testing.T) {
	for _, msec := range []int{0, -1, -5} {
		r := listeningSSL(t)
		r.SetHandshakeTimeout(msec)
		if r.HandshakeTimeout() != msec {
			t.Error(r.HandshakeTimeout())
		}
		looptest.Dial(t, r.Port())
		r.until("it has failed", func() bool { return r.count("failed 5") == 1 })
		r.expect("new", "failed 5")
	}
}

func TestHandshakesAreLimited(t *testing.T) {
	r := listeningSSL(t)
	if r.HandshakeLimit() != 1000 {
		t.Error(r.HandshakeLimit())
	}
	r.SetHandshakeLimit(2)
	r.SetMaxPending(1)
	silent := r.dial(2)
	r.until("both are there", func() bool { return r.Handshakes() == 2 })
	r.dialTLS(stays)
	r.settle()
	if r.Handshakes() != 2 || r.count("new") != 2 {
		t.Error(r.Handshakes(), r.log)
	}
	silent[0].Close()
	if c := r.untilPending(); !c.SSL().IsEncrypted() {
		t.Error("it is not encrypted")
	}
	silent[1].Close()
	r.until("they are gone", func() bool { return r.Handshakes() == 0 })

	w := warnings(t)
	r.SetHandshakeLimit(-1)
	if r.HandshakeLimit() != 2 || len(*w) != 1 {
		t.Error(r.HandshakeLimit(), *w)
	}
	r.SetHandshakeLimit(0)
	r.dial(10)
	r.until("all are there", func() bool { return r.Handshakes() == 10 })
}

func TestEncryptedConnectionsWaitForRoom(t *testing.T) {
	r := listeningSSL(t)
	r.SetMaxPending(1)
	p := r.dial(1)[0] // so that the others are accepted meanwhile
	const n = 5
	for range n {
		r.dialTLS(stays)
	}
	r.until("all are encrypted", func() bool { return len(r.encrypted)+len(r.pending) == n })
	p.Close()
	r.settle()
	if r.count("pending") != 1 || len(r.pending) != 1 || r.Handshakes() != n-1 {
		t.Error(r.count("pending"), len(r.pending), r.Handshakes())
	}
	for i := range n {
		if c := r.untilPending(); c == nil || r.count("pending") != i+1 {
			t.Fatal(i, c, r.log)
		}
	}
	r.settle()
	if r.count("pending") != n || r.Handshakes() != 0 {
		t.Error(r.count("pending"), r.Handshakes())
	}
}

// Who waits without a loop gets them too, as there is room.
func TestEncryptedConnectionsAreWaitedForOneByOne(t *testing.T) {
	r := listeningSSL(t)
	r.SetMaxPending(1)
	p := r.dial(1)[0] // so that the others are accepted meanwhile
	const n = 3
	for range n {
		r.dialTLS(stays)
	}
	r.until("all are encrypted", func() bool { return len(r.encrypted)+len(r.pending) == n })
	for i := range n {
		if ok, late := r.WaitForNewConnection(long); !ok || late || len(r.pending) != 1 {
			t.Fatal(i, ok, late, len(r.pending))
		}
		if c := r.NextPending(); c == nil || !c.SSL().IsEncrypted() {
			t.Fatal(i, c)
		}
	}
	p.Close()
}

func TestEncryptedConnectionsThatWaitAreClosed(t *testing.T) {
	r := listeningSSL(t)
	r.SetMaxPending(0)
	r.SetMaxPending(1)
	for range 3 {
		r.dialTLS(stays)
	}
	r.until("all are encrypted", func() bool { return len(r.encrypted)+len(r.pending) == 3 })
	r.encrypted[0].Delete() // which the program may do
	r.Close()
	if len(r.owner.Sockets()) != 0 || r.Handshakes() != 0 {
		t.Error(len(r.owner.Sockets()), r.Handshakes())
	}
}

func TestHandshakesGoOnAfterClose(t *testing.T) {
	r := listeningSSL(t)
	r.on["started"] = r.Server.Close
	r.dialTLS(stays)
	w := warnings(t)
	if c := r.untilPending(); c == nil || len(*w) != 1 {
		t.Error(c, *w)
	}
	r.expect("new", "started", "pending")
}

func TestConfigurationIsForConnectionsToCome(t *testing.T) {
	r := listeningSSL(t)
	r.dialTLS(stays)
	r.until("it is accepted", func() bool { return r.Handshakes() == 1 || r.HasPending() })
	r.SetConfiguration(configuration.Null())
	if r.untilPending() == nil {
		t.Error("the first one is not encrypted")
	}
	r.log = nil
	r.dialTLS(stays)
	r.until("it has failed", func() bool { return r.count("failed 13") == 1 })
	if r.peerEnd() == nil {
		t.Error("the peer thinks that it is encrypted")
	}
}

func TestLimitsCountHandshakes(t *testing.T) {
	r := listeningSSL(t)
	r.SetAddressConnectionLimit(2)
	r.dial(3)
	r.until("one is refused", func() bool { return r.Refused() == 1 })
	if r.OpenConnections() != 2 || r.Handshakes() != 2 {
		t.Error(r.OpenConnections(), r.Handshakes())
	}
}

func TestFloodOfHandshakes(t *testing.T) {
	r := listeningSSL(t)
	r.dialTLS(func(c *tls.Conn) error {
		_, err := io.Copy(c, c)
		return err
	})
	served := r.untilPending()
	const flood = 1000
	r.SetHandshakeLimit(flood)
	r.SetMaxPending(5)
	r.SetHandshakeTimeout(1 << 30)
	for i := range flood - 1 {
		p := looptest.Dial(t, r.Port())
		switch i % 3 {
		case 1:
			p.Say("\x16")
		case 2:
			p.Say("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
		}
		if i%20 == 0 {
			r.until("there is room in the backlog", func() bool { return r.Handshakes() > i-20 })
		}
	}
	r.until("all are accepted", func() bool { return r.Handshakes() == flood-1 })
	served.Write([]byte("still here?"))
	r.until("who was there before is served", func() bool { return served.BytesAvailable() == 11 })
	r.dialTLS(stays)
	if r.untilPending() == nil {
		t.Error("nobody gets in any more")
	}
	r.until("the handshakes have begun", func() bool { return r.count("started") == 2*(flood/3)+2 })
	for len(r.handshakes) > 0 {
		r.handshakes[0].expire()
	}
	r.until("their sockets are gone", func() bool { return len(r.owner.Sockets()) == 2 })
	served.Write([]byte("and now?"))
	r.until("who was there before is served", func() bool { return served.BytesAvailable() == 19 })
}

func TestWaitForEncryptedConnections(t *testing.T) {
	// A server that asks for no certificate has nothing to say when the handshake ends.
	for _, mode := range []configuration.VerifyMode{configuration.VerifyNone, configuration.AutoVerifyPeer} {
		testWaitForEncryptedConnections(t, mode)
	}
}

func testWaitForEncryptedConnections(t *testing.T, mode configuration.VerifyMode) {
	r := listeningSSL(t, func(c *configuration.Configuration) { c.VerifyMode = mode })
	r.dialTLS(listens)
	silent := r.dial(1)[0]
	if ok, late := r.WaitForNewConnection(long); !ok || late {
		t.Fatal(ok, late)
	}
	c := r.NextPending()
	if c == nil || !c.SSL().IsEncrypted() || r.Handshakes() != 1 {
		t.Error(c, r.Handshakes())
	}
	if ok, late := r.WaitForNewConnection(short); ok || !late || r.Server.Failure() != failure.PollTimeout {
		t.Error(ok, late, r.Server.Failure())
	}
	// A handshake that ends meanwhile leaves nothing that only a loop would delete.
	silent.Say("GET /")
	r.dialTLS(stays)
	if ok, _ := r.WaitForNewConnection(long); !ok || r.Handshakes() != 0 || len(r.owner.Sockets()) != 2 {
		t.Error(ok, r.Handshakes(), len(r.owner.Sockets()))
	}
	r.SetMaxPending(1)
	r.dialTLS(stays)
	if ok, _ := r.WaitForNewConnection(long); !ok || len(r.pending) != 1 {
		t.Error("it waits for what cannot be accepted")
	}
}

func TestTimeOutsOfHandshakesInWaits(t *testing.T) {
	r := listeningSSL(t)
	r.SetHandshakeTimeout(1)
	r.dial(1)
	if ok, late := r.WaitForNewConnection(200); ok || !late {
		t.Error(ok, late)
	}
	r.expect("new", "failed 5")
	if len(r.owner.Sockets()) != 0 {
		t.Error("the socket is still there")
	}
}

func TestWaitForHandshakesOnOtherThreads(t *testing.T) {
	r := listeningSSL(t)
	var ok bool
	waited := looptest.Elsewhere(func() {
		looptest.Do(r.l, func() { ok, _ = r.WaitForNewConnection(long) })
	})
	r.dialTLS(stays)
	looptest.Await(t, r.l, "the wait's end", waited)
	if !ok || !r.HasPending() {
		t.Error(ok, r.HasPending())
	}
}

// TestSlotsDeleteEverything does so at each signal, with the loop and without.
func TestSlotsDeleteEverything(t *testing.T) {
	for _, at := range []string{"new", "started", "verifyError 9", "interrupted", "errors", "failed", "alertSent", "pending"} {
		for what, do := range map[string]func(*sslRig){
			"server": func(r *sslRig) { r.Server.Delete() },
			"socket": func(r *sslRig) {
				if c := r.during().Socket; c != nil {
					c.Delete()
				}
			},
			"aborted": func(r *sslRig) {
				if c := r.during().Socket; c != nil {
					c.Abort()
				}
			},
			"closed":  func(r *sslRig) { r.Server.Close() },
			"sockets": func(r *sslRig) { deleteAll(r.owner.Sockets()) },
		} {
			for _, waiting := range []bool{false, true} {
				t.Run(fmt.Sprint(at, " ", what, " ", waiting), func(t *testing.T) {
					changes := list(verifying, untrusting)
					if at == "interrupted" || at == "alertSent" {
						changes = append(changes, interrupting)
					}
					r := listeningSSL(t, changes...)
					name, _, _ := strings.Cut(at, " ")
					done := false
					if at == "pending" {
						r.on["errors"] = func() { r.during().Socket.SSL().IgnoreErrors() }
					}
					r.on[name] = func() { done = true; delete(r.on, name); do(r) }
					r.dialTLS(func(*tls.Conn) error { return nil })
					for i := 0; !done && waiting && i < 1000; i++ {
						r.WaitForNewConnection(100)
					}
					r.until("it has happened", func() bool { return done })
					if r.Alive() {
						r.Server.Close()
						r.until("the handshake is over", func() bool { return r.Handshakes() == 0 })
					}
					r.peerEnd()
				})
			}
		}
	}
}

func deleteAll(list []*socket.Socket) {
	for _, c := range list {
		c.Delete()
	}
}

func TestSocketsThatSomebodyHasTaken(t *testing.T) {
	r := listeningSSL(t)
	var taken []*socket.Socket
	r.on["started"] = func() {
		c := r.during().Socket
		c.SetOwner(nil)
		taken = append(taken, c)
	}
	p := r.dial(2)
	for _, p := range p {
		p.Say("\x16\x03\x01")
	}
	r.until("both have begun", func() bool { return len(taken) == 2 })
	p[0].Close()
	r.until("one has failed", func() bool { return r.Handshakes() == 1 })
	r.settle()
	if !taken[0].Alive() || !taken[1].Alive() {
		t.Error("it was deleted behind its owner's back")
	}
	h := r.handshakes[0]
	r.Server.Delete()
	if !taken[0].Alive() || !taken[1].Alive() {
		t.Error("it was deleted behind its owner's back")
	}
	if _, running := h.timer.Due(); running || r.Handshakes() != 0 {
		t.Error("who is gone limits its time")
	}
	p[1].Close()
	r.until("the other one has ended", func() bool { return taken[1].State() == socket.Unconnected })
	deleteAll(taken)
}

func TestPausedHandshakes(t *testing.T) {
	r := listeningSSL(t, verifying, untrusting)
	var paused *socket.Socket
	r.on["started"] = func() { paused = r.during().Socket; paused.SetPauseMode(socket.PauseOnSSLErrors) }
	r.dialTLS(stays)
	r.until("it is paused", func() bool { return r.count("errors 1") == 1 })
	r.settle()
	paused.SSL().IgnoreErrors()
	paused.Resume()
	if c := r.untilPending(); c != paused {
		t.Error(c)
	}
}

func TestHandshakesThrough(t *testing.T) {
	proxy.Keys = &proxy.Keyring{}
	for _, waiting := range []bool{false, true} {
		r := newSSL(t, looptest.New(t))
		s := proxytest.Start(t, func(c *proxytest.Conn) {
			c.Read(3)
			c.Say(method)
			if !c.Read(request) {
				return
			}
			c.Say(here)
			c.Say(who)
			c.Be(func(plain net.Conn) { r.peers <- stays(tls.Client(plain, r.theirs)) })
		}, func(c *proxytest.Conn) { c.Rest() })
		r.SetProxy(proxy.Proxy{Type: proxy.Socks5, Host: "127.0.0.1", Port: s.Port})
		r.mutes = "listening"
		r.open(0)
		if waiting {
			if ok, late := r.WaitForNewConnection(long); !ok {
				t.Fatal(ok, late)
			}
		}
		c := r.untilPending()
		r.expect("new", "started", "pending")
		if at(c.LocalAddress(), c.LocalPort()) != "192.0.2.1:4660" || at(c.PeerAddress(), c.PeerPort()) != "198.51.100.99:7" || !c.SSL().IsEncrypted() {
			t.Errorf("%v %v", c.LocalAddress(), c.PeerAddress())
		}
		c.Abort()
		if r.peerEnd() == nil {
			t.Error("the peer has not heard of the end")
		}
	}
}
