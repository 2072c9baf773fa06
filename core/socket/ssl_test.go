package socket

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/internal/tlstest"
	"qnet/core/loop"
	"qnet/core/object"
	"qnet/core/option"
	"qnet/core/tls/certificate"
	"qnet/core/tls/configuration"
	"qnet/core/tls/key"
	"qnet/core/tls/verify"
)

// sslRig is a socket that is able to encrypt, and a peer of another make.
type sslRig struct {
	*rig
	*SSL
	listener *looptest.Listener
	theirs   *tls.Config
	peers    chan peerEnd
}

// peerEnd is how the peer's connection has ended: with these bytes, and an error.
type peerEnd struct {
	heard []byte
	err   error
}

// newSSL returns a rig whose socket trusts the certificate that both ends may show.
func newSSL(t testing.TB) *sslRig {
	t.Helper()
	pair, pool := tlstest.Certificate(t)
	c, _, ok := certificate.Parse(pair.Certificate[0])
	k, err := key.FromPrivate(pair.PrivateKey)
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	s := NewSSL(looptest.New(t))
	r := &sslRig{rig: observe(t, s), SSL: s.SSL(), listener: looptest.Listen(t), peers: make(chan peerEnd, 1)}
	config := r.Config()
	config.SetAuthorities([]*certificate.Certificate{c})
	config.LocalChain, config.PrivateKey = []*certificate.Certificate{c}, k
	r.theirs = &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: pool, ServerName: "localhost"}
	return r
}

// untrusting has the socket trust nobody.
func (r *sslRig) untrusting() *sslRig {
	r.Config().SetAuthorities(nil)
	return r
}

// accept returns the peer's end of the next connection.
func (r *sslRig) accept() net.Conn {
	r.t.Helper()
	peer := r.listener.Accept()
	file := os.NewFile(uintptr(peer.FD), "peer")
	peer.FD = -1
	defer file.Close()
	c, err := net.FileConn(file)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(30 * time.Second))
	return c
}

// connect begins an encrypted connection, and has the peer talk.
func (r *sslRig) connect(talk func(*tls.Conn) ([]byte, error)) {
	r.t.Helper()
	r.begin()
	r.until("it is connected", func() bool { return slices.Contains(r.log, "state 3") })
	r.serve(talk)
}

func (r *sslRig) begin() {
	r.SSL.ConnectToHost("127.0.0.1", r.listener.Port, "localhost", ReadWrite, address.AnyIP)
}

func (r *sslRig) serve(talk func(*tls.Conn) ([]byte, error)) {
	r.t.Helper()
	plain := r.accept()
	go func() {
		defer plain.Close()
		heard, err := talk(tls.Server(plain, r.theirs))
		r.peers <- peerEnd{heard, err}
	}()
}

func (r *sslRig) untilEncrypted() {
	r.t.Helper()
	r.until("it is encrypted", func() bool { return r.IsEncrypted() })
}

func (r *sslRig) untilClosed() {
	r.t.Helper()
	r.until("it is closed", func() bool { return r.State() == Unconnected })
}

// expectTold compares the log without what depends on how bytes are divided, and empties it.
func (r *sslRig) expectTold(want ...string) {
	r.t.Helper()
	if got := r.told(); !slices.Equal(got, want) {
		r.t.Errorf("got  %q\nwant %q", got, want)
	}
}

func (r *sslRig) told() []string {
	list := slices.DeleteFunc(r.log, func(e string) bool { return strings.HasPrefix(e, "encryptedBytes") || e == "ticket" })
	r.log = nil
	return slices.Compact(list)
}

func sslEcho(c *tls.Conn) ([]byte, error) {
	var heard bytes.Buffer
	_, err := io.Copy(c, io.TeeReader(c, &heard))
	c.CloseWrite()
	return heard.Bytes(), err
}

func TestSSLConnectToHost(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			r := newSSL(t)
			r.theirs.MaxVersion = version
			r.begin()
			r.say("hello")
			r.until("it is connected", func() bool { return r.State() == Connected })
			if r.Mode() != SSLClient || r.IsEncrypted() || r.BytesToWrite() != 5 {
				t.Error(r.Mode(), r.IsEncrypted(), r.BytesToWrite())
			}
			r.serve(sslEcho)
			r.untilAvailable(5)
			if r.Option(option.LowDelay) != 1 {
				t.Error("the end of a message waits for an acknowledgement")
			}
			if text := r.all(); text != "hello" || !r.IsEncrypted() || len(r.Connection().PeerChain) != 1 || r.PeerVerifyName() != "localhost" {
				t.Errorf("%q, %v, %+v", text, r.IsEncrypted(), r.Connection())
			}
			r.Disconnect()
			r.untilClosed()
			r.expectTold("state 1", "state 2", "hostFound", "state 3", "mode 1", "connected", "encrypted", "bytesWritten 5", "readyRead",
				"state 6", "alertSent", "state 0", "readChannelFinished", "disconnected")
			if end := <-r.peers; string(end.heard) != "hello" || end.err != nil {
				t.Errorf("%q, %v", end.heard, end.err)
			}
			if r.Mode() != SSLClient || r.IsEncrypted() || len(r.Connection().PeerChain) != 1 {
				t.Error(r.Mode(), r.IsEncrypted(), r.Connection())
			}
		})
	}
}

// A slot may begin what is about to begin by itself.
func TestSSLBeginsOnce(t *testing.T) {
	looptest.CheckLeaks(t)
	r := newSSL(t)
	r.on[SignalStateChanged] = func(state int64) {
		if State(state) == Connected {
			r.StartClient()
		}
	}
	r.begin()
	r.say("hello")
	r.serve(sslEcho)
	r.untilAvailable(5)
	r.Disconnect()
	r.untilClosed()
	r.expectTold("state 1", "state 2", "hostFound", "state 3", "mode 1", "connected", "encrypted", "bytesWritten 5", "readyRead",
		"state 6", "alertSent", "state 0", "readChannelFinished", "disconnected")
	<-r.peers
}

func TestSSLMuchBothWays(t *testing.T) {
	r := newSSL(t)
	data := pattern(3 << 20)
	r.connect(sslEcho)
	r.Write(data)
	var got []byte
	r.on[SignalReadyRead] = func(int64) { got = append(got, r.all()...) }
	r.until("all has come back", func() bool { return len(got) == len(data) })
	if !bytes.Equal(got, data) {
		t.Error("other bytes")
	}
	r.Disconnect()
	r.untilClosed()
	if end := <-r.peers; len(end.heard) != len(data) || end.err != nil {
		t.Error(len(end.heard), end.err)
	}
}

// What was not read is part of the handshake, what was written goes out before it.
func TestSSLAfterTheClear(t *testing.T) {
	for _, early := range []bool{false, true} {
		t.Run(fmt.Sprint("handshake comes early ", early), func(t *testing.T) {
			r := newSSL(t)
			r.Socket.ConnectToHost("127.0.0.1", r.listener.Port, ReadWrite, address.AnyIP)
			r.untilLogged("connected")
			plain := &clearFirst{Conn: r.accept(), size: 3}
			heard := make(chan string, 1)
			go func() {
				defer plain.Close()
				plain.Write([]byte("STARTTLS\n"))
				if !early {
					plain.Read(nil)
				}
				c := tls.Client(plain, r.theirs)
				c.Write([]byte("secret"))
				answer := make([]byte, 6)
				io.ReadFull(c, answer)
				c.CloseWrite()
				heard <- string(plain.line) + string(answer)
			}()
			r.untilAvailable(9)
			line := make([]byte, 9)
			r.Read(line)
			if early {
				r.untilAvailable(100)
			}
			// What was written before goes out in the clear, whichever way it was.
			if early {
				r.say("go\n")
			} else {
				r.SendFile(int(fileOf(t, []byte("to go\n")).Fd()), 3, -1)
			}
			r.log = nil
			r.StartServer()
			if r.Mode() != SSLServer || r.BytesToWrite() != 0 || r.BytesAvailable() != 0 {
				t.Error(r.Mode(), r.BytesToWrite(), r.BytesAvailable())
			}
			r.say("answer")
			r.untilAvailable(6)
			if text := r.all(); text != "secret" || string(line) != "STARTTLS\n" {
				t.Errorf("%q, %q", text, line)
			}
			if text := <-heard; text != "go\nanswer" {
				t.Errorf("%q", text)
			}
			r.untilClosed()
			got := r.told()
			if i := slices.Index(got, "encrypted"); i < 0 || !slices.Contains(got[i:], "readyRead") || slices.Contains(got[:i], "readyRead") {
				t.Errorf("%q", got)
			}
		})
	}
}

// clearFirst is a connection on which something comes in the clear before anything else.
type clearFirst struct {
	net.Conn
	size int
	line []byte
}

func (c *clearFirst) Read(p []byte) (int, error) {
	if c.line == nil {
		c.line = make([]byte, c.size)
		if _, err := io.ReadFull(c.Conn, c.line); err != nil {
			return 0, err
		}
	}
	return c.Conn.Read(p)
}

func TestSSLErrors(t *testing.T) {
	bad := []string{"state 1", "state 2", "hostFound", "state 3", "mode 1", "connected", "verifyError 9", "errors 1"}
	refused := slices.Concat(bad, []string{"error 13", "state 6", "alertSent", "state 0", "readChannelFinished", "disconnected"})
	accepted := slices.Concat(bad, []string{"encrypted", "bytesWritten 5", "readyRead"})
	for name, test := range map[string]struct {
		prepare func(r *sslRig)
		want    []string
	}{
		"refused":  {func(*sslRig) {}, refused},
		"ignored":  {func(r *sslRig) { r.on[SignalSslErrors] = func(int64) { r.IgnoreErrors() } }, accepted},
		"at once":  {func(r *sslRig) { r.on[SignalPeerVerifyError] = func(int64) { r.IgnoreErrors() } }, accepted},
		"by list":  {func(r *sslRig) { r.on[SignalSslErrors] = func(int64) { r.IgnoreThese(r.Failures()) } }, accepted},
		"others":   {func(r *sslRig) { r.on[SignalSslErrors] = func(int64) { r.IgnoreThese([]verify.Failure{{Code: 9}}) } }, refused},
		"queried":  {func(r *sslRig) { r.Config().VerifyMode = configuration.QueryPeer }, accepted},
		"not":      {func(r *sslRig) { r.Config().VerifyMode = configuration.VerifyNone }, slices.Concat(accepted[:6], accepted[8:])},
		"too late": {func(r *sslRig) { r.on[SignalErrorOccurred] = func(int64) { r.IgnoreErrors() } }, refused},
		"too soon": {func(r *sslRig) { r.IgnoreErrors() }, refused},
	} {
		t.Run(name, func(t *testing.T) {
			r := newSSL(t).untrusting()
			test.prepare(r)
			r.connect(sslEcho)
			r.say("hello")
			r.until("that is decided", func() bool { return r.State() == Unconnected || r.BytesAvailable() == 5 })
			r.expectTold(test.want...)
			if r.State() == Unconnected {
				if r.Socket.Failure().Code != failure.SslHandshakeFailed || r.Socket.Failure().Text != r.Failures()[0].Error() || r.BytesToWrite() != 0 {
					t.Error(r.Socket.Failure(), r.BytesToWrite())
				}
				if end := <-r.peers; len(end.heard) != 0 {
					t.Errorf("%q was sent", end.heard)
				}
			}
		})
	}
}

func TestSSLPaused(t *testing.T) {
	for name, ignore := range map[string]bool{"goes on": true, "ends": false} {
		t.Run(name, func(t *testing.T) {
			r := newSSL(t).untrusting()
			r.SetPauseMode(PauseOnSSLErrors)
			r.connect(sslEcho)
			r.say("hello")
			r.untilLogged("errors 1")
			r.settle()
			if r.State() != Connected || r.IsEncrypted() || r.BytesToWrite() != 5 || r.WaitForEncrypted(5000) {
				t.Error(r.State(), r.IsEncrypted(), r.BytesToWrite())
			}
			r.log = nil
			if r.postNews(); !r.IsEncrypted() { // as if an alert had come
				r.settle()
			}
			if r.IsEncrypted() || r.State() != Connected || len(r.log) != 0 {
				t.Error("news have ended the pause:", r.State(), r.log)
			}
			if ignore {
				r.IgnoreErrors()
			}
			r.Resume()
			if len(r.log) != 0 {
				t.Error("signalled in the call:", r.log)
			}
			if r.WaitForEncrypted(5000) != ignore {
				t.Error("after the pause:", r.State())
			}
			r.until("that is decided", func() bool { return r.State() == Unconnected || r.BytesAvailable() == 5 })
			if ignore {
				r.expectTold("encrypted", "bytesWritten 5", "readyRead")
			} else {
				r.expectTold("error 13", "state 6", "alertSent", "state 0", "readChannelFinished", "disconnected")
			}
		})
	}
}

func TestSSLWaits(t *testing.T) {
	r := newSSL(t)
	if r.WaitForEncrypted(0) {
		t.Error("encrypted without a connection")
	}
	r.begin()
	if !r.WaitForConnected(5000) {
		t.Fatal(r.Socket.Failure())
	}
	r.serve(sslEcho)
	r.say("hello")
	if !r.WaitForEncrypted(5000) || !r.IsEncrypted() || r.WaitForEncrypted(5000) {
		t.Error(r.Socket.Failure())
	}
	if !r.WaitForBytesWritten(5000) || !r.WaitForReadyRead(5000) || r.all() != "hello" {
		t.Error(r.Socket.Failure())
	}
	r.Disconnect()
	if r.State() != Unconnected && !r.WaitForDisconnected(5000) {
		t.Error(r.Socket.Failure())
	}
}

// TestSSLServersWait has a server wait that has nothing to say when the handshake ends.
func TestSSLServersWait(t *testing.T) {
	r := newSSL(t)
	r.Config().VerifyMode = configuration.VerifyNone
	fd, peer := looptest.Accepted(t)
	file := os.NewFile(uintptr(peer.FD), "peer")
	peer.FD = -1
	plain, err := net.FileConn(file)
	file.Close()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { plain.Close() })
	if !r.SetDescriptor(fd, Connected, ReadWrite) {
		t.Fatal(r.Failure())
	}
	r.StartServer()
	go tls.Client(plain, r.theirs).Handshake()
	if !r.WaitForEncrypted(10_000) {
		t.Error(r.Failure())
	}
}

// TestSSLClientsWait has a client wait that does nothing afterwards.
func TestSSLClientsWait(t *testing.T) {
	r := newSSL(t)
	r.begin()
	if !r.WaitForConnected(5000) {
		t.Fatal(r.Socket.Failure())
	}
	plain, done := r.accept(), make(chan error)
	go func() { done <- tls.Server(plain, r.theirs).Handshake() }()
	if !r.WaitForEncrypted(5000) {
		t.Fatal(r.Socket.Failure())
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestSSLReadyReadIsWaitedForThroughTheHandshake(t *testing.T) {
	r := newSSL(t)
	r.connect(sslEcho)
	r.say("hello")
	if !r.WaitForReadyRead(5000) || r.all() != "hello" {
		t.Error(r.Socket.Failure())
	}
	r.expectTold("state 1", "state 2", "hostFound", "state 3", "mode 1", "connected", "encrypted", "bytesWritten 5", "readyRead")
}

// A connection keeps nothing of what it needs for much data, whether it has become quiet or not yet.
func TestSSLIdleConnectionIsSmall(t *testing.T) {
	if looptest.Race {
		t.Skip("the race detector allocates on its own")
	}
	const pairs, size = 50, 100_000
	r := newSSL(t)
	config := *r.Config()
	var ends []*Socket
	for range pairs {
		client, server := NewSSL(r.l), NewSSL(r.l)
		ends = append(ends, client, server)
		t.Cleanup(func() { client.Delete(); server.Delete() })
		for _, s := range []*Socket{client, server} {
			s.SSL().SetConfiguration(config)
		}
	}
	before := heap()
	for i := 0; i < len(ends); i += 2 {
		client, server := ends[i], ends[i+1]
		client.SSL().ConnectToHost("127.0.0.1", r.listener.Port, "localhost", ReadWrite, address.AnyIP)
		r.until("it is connected", func() bool { return client.State() == Connected })
		fd, _, _ := r.listener.AcceptDescriptor()
		if !server.SetDescriptor(fd, Connected, ReadWrite) {
			t.Fatal(server.Failure())
		}
		server.SSL().StartServer()
		client.Write(pattern(size))
		server.Write(pattern(size))
		r.until("all has come", func() bool { return client.BytesAvailable() == size && server.BytesAvailable() == size })
		client.Skip(size)
		server.Skip(size)
	}
	r.settle()
	full := (heap() - before) / int64(len(ends))
	for _, s := range ends {
		for x := s.SSL(); x.quiet.Running(); {
			// As if the time had passed.
			r.l.StopTimer(&x.quiet)
			x.release()
		}
	}
	small := (heap() - before) / int64(len(ends))
	t.Logf("%d bytes, %d when it is quiet", full, small)
	if max(full, small) > 8<<10 {
		t.Errorf("%d bytes, %d when it is quiet", full, small)
	}
	for _, s := range ends {
		s.SSL().touch()
		if !s.SSL().quiet.Running() {
			t.Fatal("nobody waits for it to be quiet")
		}
		if s.Abort(); s.SSL().quiet.Running() {
			t.Fatal("the timer runs on without a connection")
		}
	}
}

// beginner is a Keeper that has each client answered.
type beginner struct{ x *SSL }

func (b *beginner) Hear(byte)               { b.x.StartServer() }
func (b *beginner) Signalled(object.Signal) {}
func (b *beginner) Notify()                 {}
func (b *beginner) Over()                   {}

// So it is with a server's connection.
func TestSSLOfAServerGivesMemoryBack(t *testing.T) {
	r := newSSL(t)
	client, fd := r.listenerDial()
	s := observe(t, Adopt(r.l, fd, address.LocalHost, 1, nil))
	b := &beginner{}
	s.KeepSSL(b, r.Config())
	b.x = s.SSL()
	go func() {
		c := tls.Client(client, r.theirs)
		io.WriteString(c, "hello")
		c.Read(make([]byte, 1))
		c.Close()
	}()
	s.untilAvailable(5)
	for s.all(); b.x.quiet.Running(); {
		r.l.StopTimer(&b.x.quiet)
		b.x.quiet.Expired()
	}
	if b.x.active || b.x.session == nil {
		t.Error("it is not quiet")
	}
	s.say("bye")
	s.untilLogged("disconnected")
}

// listenerDial returns both ends of a connection: that of a client, and the descriptor of the other.
func (r *sslRig) listenerDial() (net.Conn, int) {
	r.t.Helper()
	client, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", r.listener.Port))
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { client.Close() })
	fd, _, _ := r.listener.AcceptDescriptor()
	return client, fd
}

// Closing waits for the handshake and for what was written.
func TestSSLClosesAfterTheHandshake(t *testing.T) {
	for name, when := range map[string]func(r *sslRig){
		"while connecting":        func(r *sslRig) {},
		"once connected":          func(r *sslRig) { r.untilLogged("connected") },
		"with nothing to be sent": func(r *sslRig) { r.clearWritten() },
	} {
		t.Run(name, func(t *testing.T) {
			r := newSSL(t)
			r.begin()
			r.say("hello")
			when(r)
			want := int(r.BytesToWrite())
			r.Disconnect()
			r.untilLogged("connected")
			r.serve(sslEcho)
			r.untilClosed()
			if end := <-r.peers; len(end.heard) != want || want > 0 && end.err != nil {
				t.Errorf("%q, %v", end.heard, end.err)
			}
		})
	}
}

func TestSSLPeerEnds(t *testing.T) {
	for name, test := range map[string]struct {
		end  func(c *tls.Conn)
		text string
	}{
		"as it should": {func(c *tls.Conn) { c.CloseWrite() }, "The TLS/SSL connection has been closed"},
		"cut off":      {func(c *tls.Conn) { c.NetConn().Close() }, "The remote host closed the connection"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newSSL(t)
			r.connect(func(c *tls.Conn) ([]byte, error) {
				_, err := c.Write([]byte("bye"))
				test.end(c)
				return nil, err
			})
			r.untilClosed()
			if text := r.Socket.Failure().Text; r.all() != "bye" || text != test.text || r.Socket.Failure().Code != failure.RemoteHostClosed {
				t.Error(text)
			}
		})
	}
}

func TestSSLPeerThatIsNone(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		code failure.Code
	}{
		"HTTP":    {"HTTP/1.0 400 Bad Request\r\n\r\n", failure.SslHandshakeFailed},
		"nothing": {"", failure.RemoteHostClosed},
	} {
		t.Run(name, func(t *testing.T) {
			r := newSSL(t)
			r.connect(func(c *tls.Conn) ([]byte, error) {
				_, err := c.NetConn().Write([]byte(test.text))
				return nil, err
			})
			r.say("hello")
			r.untilClosed()
			if r.Socket.Failure().Code != test.code || r.BytesToWrite() != 0 || slices.Contains(r.log, "encrypted") {
				t.Error(r.Socket.Failure(), r.log)
			}
		})
	}
}

func TestSSLMisuse(t *testing.T) {
	list := warnings(t)
	r := newSSL(t)
	r.StartClient()
	expectWarning(t, list, "start_client_encryption: the socket is not connected")
	r.connect(sslEcho)
	r.StartServer()
	expectWarning(t, list, "start_server_encryption: the connection is encrypted")
	r.SSL.ConnectToHost("127.0.0.1", 9, "", ReadWrite, address.AnyIP)
	expectWarning(t, list, "connect_to_host_encrypted: the socket is connected already")
	r.untilEncrypted()
	r.Abort()
	if r.State() != Unconnected || r.PeerVerifyName() != "localhost" {
		t.Error(r.State(), r.PeerVerifyName())
	}
}

// Who begins in the error that ends the connection has none.
func TestSSLStartsNothingAtTheEnd(t *testing.T) {
	list := warnings(t)
	r := newSSL(t)
	r.Socket.ConnectToHost("127.0.0.1", r.listener.Port, ReadWrite, address.AnyIP)
	r.untilLogged("connected")
	r.on[SignalErrorOccurred] = func(int64) { r.StartClient() }
	r.listener.Accept().Close()
	r.untilClosed()
	expectWarning(t, list, "start_client_encryption: the socket is not connected")
	if r.SSL.session != nil || r.Mode() != SSLUnencrypted {
		t.Error(r.Mode())
	}
}

// A socket that never encrypts is like any other.
func TestSSLInTheClear(t *testing.T) {
	r := newSSL(t)
	r.Socket.ConnectToHost("127.0.0.1", r.listener.Port, ReadWrite, address.AnyIP)
	r.untilLogged("connected")
	inbox := r.listener.Accept().Inbox()
	r.say("hello")
	r.until("it has come", inbox.Has(5))
	if string(inbox.Data) != "hello" || r.Mode() != SSLUnencrypted || r.EncryptedBytesToWrite() != 0 || r.Connection() != nil {
		t.Errorf("%q %v", inbox.Data, r.Mode())
	}
}

// Whatever a slot does, nothing goes on with the connection that was.
func TestSSLSlotsThatEndIt(t *testing.T) {
	for _, name := range []string{"state 3", "mode 1", "connected", "verifyError 9", "errors 1", "error 13", "encrypted", "alertSent"} {
		for what, end := range map[string]func(r *sslRig){
			"aborts":       func(r *sslRig) { r.Abort() },
			"disconnects":  func(r *sslRig) { r.Disconnect() },
			"closes":       func(r *sslRig) { r.Close() },
			"deletes":      func(r *sslRig) { r.Delete() },
			"deletes soon": func(r *sslRig) { r.DeleteLater() },
			"begins anew":  func(r *sslRig) { r.Abort(); r.SSL.ConnectToHost("127.0.0.1", 1, "", ReadWrite, address.AnyIP) },
		} {
			t.Run(name+" "+what, func(t *testing.T) {
				r := newSSL(t)
				trusting := name == "encrypted" || name == "alertSent"
				if !trusting {
					r.untrusting()
				}
				over := false
				for signal := range signals {
					r.on[signal] = func(int64) {
						if !over && r.log[len(r.log)-1] == name {
							over = true
							end(r)
						}
					}
				}
				r.connect(sslEcho)
				if !over {
					r.say("hello")
				}
				if name == "alertSent" {
					r.untilEncrypted()
					r.Disconnect()
				}
				r.until("it is over", func() bool { return over && (!r.Alive() || r.State() == Unconnected) })
				r.settle()
				<-r.peers
			})
		}
	}
}

// The handshake waits for the slots, which may have the peer told why it fails.
func TestSSLInterrupted(t *testing.T) {
	for name, goesOn := range map[string]bool{"goes on": true, "ends": false} {
		t.Run(name, func(t *testing.T) {
			r := newSSL(t).untrusting()
			r.Config().InterruptOnError = true
			r.on[SignalHandshakeInterruptedOnError] = func(int64) {
				if goesOn {
					r.ContinueHandshake()
				}
			}
			r.on[SignalSslErrors] = func(int64) { r.IgnoreErrors() }
			r.connect(sslEcho)
			r.say("hello")
			r.until("that is decided", func() bool { return r.State() == Unconnected || r.BytesAvailable() == 5 })
			if goesOn {
				r.expectTold("state 1", "state 2", "hostFound", "state 3", "mode 1", "connected", "interrupted 9", "errors 1",
					"encrypted", "bytesWritten 5", "readyRead")
				return
			}
			r.expectTold("state 1", "state 2", "hostFound", "state 3", "mode 1", "connected", "interrupted 9", "alertSent", "error 13",
				"state 0", "readChannelFinished", "disconnected", "aboutToClose")
			if end := <-r.peers; end.err == nil || !strings.Contains(end.err.Error(), "bad certificate") {
				t.Error(end.err)
			}
		})
	}
}

// A configuration that comes back from a connection resumes its session.
func TestSSLTicket(t *testing.T) {
	r := newSSL(t)
	r.Config().Options &^= configuration.DisableSessionPersistence
	r.connect(sslEcho)
	r.until("there is a ticket", func() bool { return slices.Contains(r.log, "ticket") })
	c := r.Configuration()
	if c.Connection.Resumed || len(c.SessionTicket) == 0 {
		t.Fatalf("resumed %v, a ticket of %d bytes", c.Connection.Resumed, len(c.SessionTicket))
	}
	r.Disconnect()
	r.untilClosed()
	<-r.peers
	r.SetConfiguration(c)
	r.log = nil
	r.connect(sslEcho)
	r.untilEncrypted()
	if !r.Connection().Resumed {
		t.Error("the session is a new one")
	}
}

// Failures that are named before the connection are ignored, and in the next one, too; all
// of them only in the one that has begun.
func TestSSLIgnoredBefore(t *testing.T) {
	r := newSSL(t).untrusting()
	try := func() bool {
		r.log = nil
		r.connect(sslEcho)
		r.until("it is decided", func() bool { return r.IsEncrypted() || r.State() == Unconnected })
		encrypted := r.IsEncrypted()
		r.Abort()
		<-r.peers
		return encrypted
	}
	r.IgnoreErrors()
	if try() {
		t.Error("the failures of a connection that had not begun are ignored")
	}
	failures := r.Failures()
	r.IgnoreThese(failures)
	if !try() || !try() {
		t.Error("failures that were named are not ignored")
	}
	r.on[SignalModeChanged] = func(int64) {
		r.IgnoreErrors()
		r.IgnoreThese(nil)
	}
	if try() {
		t.Error("a list does not replace all")
	}
}

// What is wrong with a host's name is told even if the peer need not be verified.
func TestSSLVerifyNoneTellsOfTheName(t *testing.T) {
	r := newSSL(t).untrusting()
	r.Config().VerifyMode = configuration.VerifyNone
	r.SetPeerVerifyName("other.test")
	r.SSL.ConnectToHost("127.0.0.1", r.listener.Port, "", ReadWrite, address.AnyIP)
	r.until("it is connected", func() bool { return slices.Contains(r.log, "state 3") })
	r.serve(sslEcho)
	r.untilEncrypted()
	if f := r.Failures(); len(f) != 1 || f[0].Code != verify.HostNameMismatch {
		t.Error(f)
	}
}

// A peer that resets the connection during the handshake has ended it, as without
// encryption, also if something is written.
func TestSSLPeerThatResets(t *testing.T) {
	for _, text := range []string{"", "hello"} {
		r := newSSL(t)
		r.begin()
		r.until("it is connected", func() bool { return slices.Contains(r.log, "state 3") })
		peer := r.listener.Accept()
		r.until("the hello has come", func() bool {
			n, _ := peer.Recv(make([]byte, 1000))
			return n > 0
		})
		r.log = nil
		peer.Reset()
		if text != "" {
			r.say(text)
		}
		r.untilClosed()
		if f := r.Socket.Failure(); *f != *failure.PeerClosed {
			t.Error(f)
		}
		r.expectTold("error 1", "state 6", "state 0", "readChannelFinished", "disconnected")
	}
}

// A wrong name is told of after an interruption, too, and not ignored with what was told then.
func TestSSLInterruptedWithTheWrongName(t *testing.T) {
	r := newSSL(t).untrusting()
	r.Config().InterruptOnError = true
	r.SetPeerVerifyName("other.test")
	var chain []verify.Failure
	r.on[SignalHandshakeInterruptedOnError] = func(int64) {
		chain = append(chain, r.Failure())
		r.ContinueHandshake()
	}
	r.on[SignalSslErrors] = func(int64) { r.IgnoreThese(chain) }
	r.SSL.ConnectToHost("127.0.0.1", r.listener.Port, "", ReadWrite, address.AnyIP)
	r.until("it is connected", func() bool { return slices.Contains(r.log, "state 3") })
	r.serve(sslEcho)
	r.untilClosed()
	if len(chain) == 0 || len(r.Failures()) != len(chain)+1 || r.Failures()[0].Code != verify.HostNameMismatch {
		t.Error(chain, r.Failures())
	}
	if !slices.Contains(r.log, fmt.Sprint("verifyError ", int(verify.HostNameMismatch))) || slices.Contains(r.log, "encrypted") {
		t.Error(r.log)
	}
}

// used returns what loops hold; the lock of l is held.
func used(l *loop.Loop) loop.Usage {
	l.Unlock()
	defer l.Lock()
	return loop.Used()
}

// TestSSLWithoutALoopLeavesNothingBehind has nobody run the loop: what connections ask it for
// must not add up.
func TestSSLWithoutALoopLeavesNothingBehind(t *testing.T) {
	r := newSSL(t)
	for _, host := range []string{"127.0.0.1", "localhost"} {
		before := used(r.Loop())
		for range 20 {
			r.SSL.ConnectToHost(host, r.listener.Port, "localhost", ReadWrite, address.IPv4)
			if !r.WaitForConnected(5000) {
				t.Fatal(r.Socket.Failure())
			}
			r.serve(sslEcho)
			if !r.WaitForEncrypted(5000) {
				t.Fatal(r.Socket.Failure())
			}
			r.say("hello")
			if !r.WaitForReadyRead(5000) || r.all() != "hello" {
				t.Fatal(r.Socket.Failure())
			}
			r.Disconnect()
			if r.State() != Unconnected && !r.WaitForDisconnected(5000) {
				t.Fatal(r.Socket.Failure())
			}
			<-r.peers
		}
		if after := used(r.Loop()); after.Posted > before.Posted+1 || after.Timers > before.Timers+1 || after.Watches > before.Watches+1 {
			t.Errorf("%s: %+v, before %+v", host, after, before)
		}
	}
}
