package server

import (
	"crypto/tls"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/loop"
	"qnet/core/socket"
	"qnet/core/tls/configuration"
)

// spreadingSSL is spreading for a server that encrypts.
func spreadingSSL(t *testing.T, count int, changes ...func(*configuration.Configuration)) (*sslRig, *spreadRig) {
	t.Helper()
	r := listeningSSL(t, changes...)
	s := spreadOver(r.rig, count)
	s.SetLoops(s.loops)
	return r, s
}

// untilHere turns all loops until done.
func (s *spreadRig) untilHere(what string, done func() bool) {
	s.t.Helper()
	s.until(what, func() bool {
		s.turn(s.loops...)
		return done()
	})
}

// fromSlot calls f with the lock of another loop instead of the server's.
func (s *spreadRig) fromSlot(l *loop.Loop, f func()) {
	s.Loop().Unlock()
	defer s.Loop().Lock()
	looptest.Do(l, f)
}

func TestConnectionsArriveEncrypted(t *testing.T) {
	r, s := spreadingSSL(t, 2)
	r.dialTLS(stays)
	r.dialTLS(stays)
	s.accepted(2)
	if r.Handshakes() != 2 || s.came() != 0 {
		t.Errorf("%d handshakes, %d have come", r.Handshakes(), s.came())
	}
	s.all(2)
	s.want(1, 1)
	r.expect("started", "started")
	for _, l := range s.loops {
		c := s.arrived[l][0]
		s.inLoop(l, func() {
			if !c.SSL().IsEncrypted() || c.SSL().Mode() != socket.SSLServer || c.Owner() != nil {
				t.Error(c.SSL().IsEncrypted(), c.SSL().Mode(), c.Owner())
			}
			s.until("it says something", func() bool { return c.BytesAvailable() == 5 })
			c.Close()
		})
		if err := r.peerEnd(); err != io.EOF {
			t.Error(err)
		}
	}
	if r.Handshakes() != 0 {
		t.Errorf("%d handshakes", r.Handshakes())
	}
	s.accepted(0)
	s.noneIsLeft()
}

func TestHandshakesInLoopsThatFail(t *testing.T) {
	for name, c := range map[string]struct {
		changes []func(*configuration.Configuration)
		client  func(*sslRig)
		want    string
	}{
		"plain":      {client: func(r *sslRig) { looptest.Dial(r.t, r.Port()).Say("GET / HTTP/1.0\r\n\r\n") }, want: ""},
		"garbage":    {client: func(r *sslRig) { looptest.Dial(r.t, r.Port()).Say("\x16\x03\x01\x00\x10" + strings.Repeat("x", 16)) }, want: "started, alertSent 80, failed 13"},
		"closed":     {client: func(r *sslRig) { looptest.Dial(r.t, r.Port()).Close() }, want: "failed 1"},
		"distrusted": {client: func(r *sslRig) { r.theirs.RootCAs = nil; r.dialTLS(stays) }, want: "started, alertReceived 42, failed 13"},
		"unknown":    {changes: list(verifying, untrusting), client: func(r *sslRig) { r.dialTLS(stays) }, want: "started, verifyError 9, errors 1, failed 13, alertSent 0"},
	} {
		t.Run(name, func(t *testing.T) {
			r, s := spreadingSSL(t, 1, c.changes...)
			c.client(r)
			s.accepted(1)
			s.untilHere("it is over", func() bool { return r.Handshakes() == 0 && r.OpenConnections() == 0 })
			if got := strings.Join(r.log, ", "); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			s.want(0)
			s.noneIsLeft()
		})
	}
}

func TestSlotsTakeTheBlameInLoops(t *testing.T) {
	r, s := spreadingSSL(t, 1, verifying, untrusting)
	r.on["errors"] = func() {
		c := r.during().Socket
		s.fromSlot(c.Loop(), c.SSL().IgnoreErrors)
	}
	r.dialTLS(stays)
	s.all(1)
	r.expect("started", "verifyError 9", "errors 1")
}

func TestHandshakesInLoopsTimeOut(t *testing.T) {
	r, s := spreadingSSL(t, 1)
	r.SetHandshakeTimeout(short)
	peer := looptest.Dial(t, r.Port())
	s.untilHere("it is over", func() bool { return r.count("failed 5") == 1 && r.OpenConnections() == 0 && r.Handshakes() == 0 })
	s.until("it ends", peer.Inbox().Ended)
	r.expect("failed 5")
	s.noneIsLeft()
	if failure.SocketTimeout != 5 {
		t.Error("another number")
	}
}

// Silent clients of all loops count for the one limit.
func TestHandshakeLimitOfLoops(t *testing.T) {
	r, s := spreadingSSL(t, 2)
	r.SetHandshakeLimit(3)
	r.SetHandshakeTimeout(math.MaxInt32)
	peers := s.dial(4)
	s.accepted(3)
	s.untilHere("they have landed", func() bool { return s.spread.shares[0].waiting == 0 && s.spread.shares[1].waiting == 0 })
	s.settle()
	if r.Handshakes() != 3 || r.OpenConnections() != 3 {
		t.Errorf("%d handshakes, %d are open", r.Handshakes(), r.OpenConnections())
	}
	peers[0].Close()
	s.untilHere("the fourth has come", func() bool { return r.count("failed 1") == 1 && r.OpenConnections() == 3 })
}

func TestHandshakesInLoopsWhenTheServerEnds(t *testing.T) {
	for name, end := range map[string]func(*sslRig){
		"closed":  func(r *sslRig) { r.Close() },
		"deleted": func(r *sslRig) { r.Delete() },
	} {
		t.Run(name, func(t *testing.T) {
			r, s := spreadingSSL(t, 1)
			goOn := make(chan struct{})
			r.theirs.VerifyConnection = func(tls.ConnectionState) error { <-goOn; return nil }
			r.dialTLS(stays)
			silent := s.dial(1)[0]
			s.untilHere("it has begun", func() bool {
				return r.count("started") == 1 && s.spread.shares[0].waiting == 0 && r.OpenConnections() == 2
			})
			end(r)
			if name == "closed" {
				// It goes on, as in Qt.
				close(goOn)
				s.all(1)
				return
			}
			// This deletes what has no other owner, in whichever loop.
			s.until("it ends", silent.Inbox().Ended)
			close(goOn)
			if err := r.peerEnd(); err == nil {
				t.Error(err)
			}
			s.turn(s.loops...)
			s.want(0)
		})
	}
}

func TestHandshakesEndWithTheirLoop(t *testing.T) {
	for _, owned := range []bool{true, false} {
		t.Run(fmt.Sprint("owned ", owned), func(t *testing.T) {
			r, s := spreadingSSL(t, 1)
			l := s.loops[0]
			r.SetHandshakeTimeout(math.MaxInt32)
			var c *socket.Socket
			r.on["started"] = func() {
				if c = r.during().Socket; !owned {
					s.fromSlot(l, func() { c.SetOwner(nil) })
				}
			}
			goOn := make(chan struct{})
			r.theirs.VerifyConnection = func(tls.ConnectionState) error { <-goOn; return nil }
			r.dialTLS(stays)
			s.untilHere("it has begun", func() bool { return c != nil })
			s.inLoop(l, l.Close)
			s.until("there is none", func() bool { return r.Handshakes() == 0 })
			if c.Alive() == owned {
				t.Error(c.Alive())
			}
			s.inLoop(l, c.Delete)
			close(goOn)
			r.peerEnd()
			s.accepted(0)
		})
	}
}

// Who makes a connection his own during its handshake keeps it.
func TestHandshakesOfAnotherOwnerOutliveTheServer(t *testing.T) {
	r, s := spreadingSSL(t, 1)
	l := s.loops[0]
	var mine *socket.Socket
	r.on["started"] = func() {
		mine = r.during().Socket
		s.fromSlot(l, func() { mine.SetOwner(nil) })
	}
	r.dialTLS(stays)
	s.untilHere("it has begun", func() bool { return mine != nil })
	r.Delete()
	s.inLoop(l, func() {
		if !mine.Alive() {
			t.Fatal("it was deleted")
		}
		s.until("it is encrypted", mine.SSL().IsEncrypted)
		mine.Delete()
	})
	s.want(0)
}

// Without its loop, who waits is told of what is encrypted there.
func TestWaitForAnEncryptedConnectionInALoop(t *testing.T) {
	r, s := spreadingSSL(t, 1)
	l := s.loops[0]
	end := make(chan struct{})
	done := looptest.Elsewhere(func() {
		for {
			select {
			case <-end:
				return
			default:
				looptest.Do(l, func() { l.ProcessEvents(5) })
			}
		}
	})
	r.dialTLS(stays)
	ok, late := r.WaitForNewConnection(long)
	close(end)
	looptest.Await(t, r.l, "the loop's end", done)
	if !ok || late || r.presented != 1 {
		t.Errorf("%v, %v: %d", ok, late, r.presented)
	}
	s.want(1)
}

func TestLocalServersSpread(t *testing.T) {
	s := newLocal(t)
	l := looptest.Another(t)
	path := filepath.Join(t.TempDir(), "s")
	if !s.Listen(path) {
		t.Fatal(s.Failure())
	}
	s.SetLoops([]*loop.Loop{l})
	var arrived []*socket.Socket
	s.On(SignalConnectionInLoop, func(n int64) {
		looptest.Do(s.Loop(), func() { arrived = append(arrived, s.Arrived(n)) })
	})
	elsewhere := func(f func()) {
		s.Loop().Unlock()
		defer s.Loop().Lock()
		looptest.Do(l, f)
	}
	client := socket.NewLocal(s.Loop())
	defer client.Delete()
	client.SetServerName(path)
	client.ConnectToServer(socket.ReadWrite)
	if ok, late := s.WaitForNewConnection(long); !ok || late || s.HasPending() {
		t.Errorf("%v, %v, pending %v", ok, late, s.HasPending())
	}
	client.Write([]byte("x"))
	looptest.Until(t, s.Loop(), "it is there", func() bool {
		elsewhere(func() { l.ProcessEvents(0) })
		return len(arrived) == 1 && arrived[0].BytesAvailable() == 1
	})
	c := arrived[0]
	if c.Kind() != socket.Local || c.Loop() != l || c.FullServerName() != path || s.OpenConnections() != 1 {
		t.Error(c.Kind(), c.FullServerName(), s.OpenConnections())
	}
	elsewhere(c.Delete)
	looptest.Until(t, s.Loop(), "it is not counted", func() bool { return s.OpenConnections() == 0 })
}

func TestServersBehindAProxySpread(t *testing.T) {
	r, d := open(t)
	s := spreadOver(r, 1)
	s.SetLoops(s.loops)
	for n := 1; n <= 2; n++ {
		d.knock("hello")
		s.all(n)
		c := s.arrived[s.loops[0]][n-1]
		s.inLoop(s.loops[0], func() {
			s.until("it says something", func() bool { return c.BytesAvailable() == 5 })
			if c.PeerAddress().String() != "198.51.100.99" || c.PeerPort() != 7 || c.LocalAddress().String() != "192.0.2.1" {
				t.Error(c.PeerAddress(), c.PeerPort(), c.LocalAddress())
			}
		})
	}
	s.SetMaxPending(1)
	d.knock("hello")
	s.until("it is on its way", func() bool { return s.OpenConnections() == 3 })
	s.SetLoops(nil)
	s.until("it is pending", s.HasPending)
	if c := s.NextPending(); c.PeerPort() != 7 {
		t.Error(c.PeerPort())
	}
}
