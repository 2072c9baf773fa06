package stream

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qnet/core/internal/tlstest"
)

// side is an end with what it has to say and what it has heard.
type side struct {
	*Stream
	t          tlstest.End
	say, heard []byte
	over       error // io.EOF: the peer has ended it
	size       int   // of what is read at once
}

func (s *side) act() {
	for range 3 {
		if n, err := s.Send(&s.t, [][]byte{s.say}); err == nil {
			s.say = s.say[n:]
		} else if err != unix.EAGAIN && err != ErrNotYet && s.over == nil {
			s.over = err
		}
		p := make([]byte, s.size)
		n, err := s.Recv(&s.t, p)
		switch {
		case n > 0:
			s.heard = append(s.heard, p[:n]...)
		case err == nil:
			s.over = io.EOF
		case err != unix.EAGAIN && s.over == nil:
			s.over = err
		}
	}
}

// couple makes both ends of a connection, and a function that has both act until something
// is true.
func couple(t *testing.T, client, server *tls.Config) (c, s *side, until func(string, func() bool)) {
	t.Helper()
	one, other := tlstest.Ends()
	news := make(chan struct{}, 1)
	progress := func() {
		select {
		case news <- struct{}{}:
		default:
		}
	}
	c = &side{Stream: Client(client, progress), t: one, size: 4096}
	s = &side{Stream: Server(server, progress), t: other, size: 4096}
	t.Cleanup(func() { c.Close(); s.Close() })
	return c, s, func(what string, is func() bool) {
		t.Helper()
		late := time.After(20 * time.Second)
		for {
			c.act()
			s.act()
			if is() {
				return
			}
			if c.shake != nil || s.shake != nil {
				select {
				case <-news:
				case <-time.After(time.Millisecond):
				case <-late:
					t.Fatalf("waited in vain until %s", what)
				}
			}
			select {
			case <-late:
				t.Fatalf("waited in vain until %s", what)
			default:
			}
		}
	}
}

// configs returns those of a client that trusts the server.
func configs(t testing.TB, version uint16) (client, server *tls.Config) {
	client, server = tlstest.Configs(t)
	for _, c := range []*tls.Config{client, server} {
		c.MinVersion, c.MaxVersion = version, version
	}
	return client, server
}

var versions = map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}

func TestToAndFro(t *testing.T) {
	for name, version := range versions {
		for _, shape := range []struct{ room, pieces, size int }{{}, {room: 1000}, {pieces: 1}, {room: 100, pieces: 7, size: 5}, {size: 1}} {
			t.Run(fmt.Sprintf("%s %+v", name, shape), func(t *testing.T) {
				client, server := configs(t, version)
				c, s, until := couple(t, client, server)
				c.t.In.Room, s.t.In.Room, c.t.In.Pieces, s.t.In.Pieces = shape.room, shape.room, shape.pieces, shape.pieces
				if shape.size > 0 {
					c.size, s.size = shape.size, shape.size
				}
				data := make([]byte, 60_000)
				rand.New(rand.NewSource(1)).Read(data)
				c.say, s.say = data[:50_000], data[10_000:]
				until("all has come", func() bool { return len(s.heard) == 50_000 && len(c.heard) == 50_000 })
				if !bytes.Equal(s.heard, data[:50_000]) || !bytes.Equal(c.heard, data[10_000:]) {
					t.Error("other bytes have come")
				}
				if !c.Encrypted() || !s.Encrypted() || c.State().Version != version {
					t.Errorf("%v, %v, %+v", c.Encrypted(), s.Encrypted(), c.State())
				}
				c.End(&c.t)
				until("the server is told of the end", func() bool { return s.over != nil })
				if s.over != io.EOF {
					t.Error(s.over)
				}
				// The other direction goes on.
				s.say = []byte("after it")
				until("that has come, too", func() bool { return bytes.HasSuffix(c.heard, []byte("after it")) })
			})
		}
	}
}

func TestAnEndThatNobodyHasToldOf(t *testing.T) {
	for name, version := range versions {
		for _, cut := range []int{0, 1, 5, 20} {
			t.Run(fmt.Sprint(name, cut), func(t *testing.T) {
				client, server := configs(t, version)
				c, s, until := couple(t, client, server)
				c.say = []byte("hello")
				until("it has come", func() bool { return len(s.heard) == 5 })
				if cut > 0 {
					n, err := c.Send(&c.t, [][]byte{[]byte("more than this")})
					if n == 0 || err != nil {
						t.Fatal(n, err)
					}
					s.t.In.Data = s.t.In.Data[:cut]
				}
				s.t.In.Ended = true
				until("it is seen", func() bool { return s.over != nil })
				if !errors.Is(s.over, io.ErrUnexpectedEOF) {
					t.Error(s.over)
				}
			})
		}
	}
}

func TestHandshakesThatFail(t *testing.T) {
	other, _ := tlstest.Certificate(t)
	for name, change := range map[string]func(client, server *tls.Config){
		"a certificate of somebody else": func(_, server *tls.Config) { server.Certificates = []tls.Certificate{other} },
		"another name":                   func(client, _ *tls.Config) { client.ServerName = "other.test" },
		"no protocol in common":          func(client, _ *tls.Config) { client.MinVersion, client.MaxVersion = tls.VersionTLS12, tls.VersionTLS12 },
	} {
		t.Run(name, func(t *testing.T) {
			client, server := configs(t, tls.VersionTLS13)
			change(client, server)
			c, s, until := couple(t, client, server)
			until("both know", func() bool { return c.Err() != nil && s.Err() != nil })
			if c.Encrypted() || s.Encrypted() {
				t.Error("encrypted")
			}
		})
	}
}

func TestNoHandshake(t *testing.T) {
	for name, text := range map[string]string{"HTTP": "GET / HTTP/1.0\r\n\r\n", "nothing": "", "a byte": "\x16", "zeros": "\x00\x00\x00\x00\x00", "large": "\x16\x03\x01\xff\xff"} {
		t.Run(name, func(t *testing.T) {
			_, server := configs(t, tls.VersionTLS13)
			_, s, _ := couple(t, &tls.Config{ServerName: "localhost"}, server)
			s.t.In.Data, s.t.In.Ended = []byte(text), true
			for end := time.Now().Add(20 * time.Second); s.Err() == nil; {
				s.act()
				if time.Now().After(end) {
					t.Fatal("nothing is noticed")
				}
			}
		})
	}
}

// A handshake that is given up ends its goroutine, and there is none before it begins.
func TestCloseEndsTheHandshake(t *testing.T) {
	ended := make(chan struct{}, 10)
	_, server := configs(t, tls.VersionTLS13)
	s := Server(server, func() { ended <- struct{}{} })
	end, other := tlstest.Ends()
	if _, err := s.Recv(&end, nil); err != unix.EAGAIN || s.shake.start == nil {
		t.Error("it has begun: ", err)
	}
	other.Out.Data = []byte{handshakeRecord, 3, 3, 0, 1}
	if _, err := s.Recv(&end, nil); err != unix.EAGAIN || s.shake.start == nil {
		t.Error("it has begun without a record: ", err)
	}
	other.Out.Data = []byte{1}
	if _, err := s.Recv(&end, nil); err != unix.EAGAIN || s.shake.start != nil {
		t.Error("it has not begun: ", err)
	}
	<-ended // it waits
	s.Close()
	<-ended // it has ended
	if _, finished, err := s.shake.state(); !finished || err == nil {
		t.Error(finished, err)
	}
	Server(server, func() { t.Error("something is under way") }).Close()
}

func TestNothingBehindTheHandshakeIsTaken(t *testing.T) {
	for name, version := range versions {
		t.Run(name, func(t *testing.T) {
			client, server := configs(t, version)
			c, s, until := couple(t, client, server)
			until("both are encrypted", func() bool { return c.Encrypted() && s.Encrypted() })
			c.say = []byte("one")
			until("it has come", func() bool { return string(s.heard) == "one" })
			if input, output := s.Holds(); input || output {
				t.Error("it holds something")
			}
		})
	}
}

// TestAlertInTheClear is of a client that does not trust the server, as OpenSSL's says so.
func TestAlertInTheClear(t *testing.T) {
	for name, version := range versions {
		client, server := configs(t, version)
		c, s, until := couple(t, client, server)
		c.t.In = &tlstest.Pipe{} // it hears nothing
		until("the server has answered", func() bool { return len(s.t.Out.Data) > 0 })
		for _, b := range []byte{alertRecord, 3, 3, 0, 2, Fatal, 48} {
			s.t.In.Data = append(s.t.In.Data, b)
			s.act()
		}
		until("the server gives up", func() bool { return s.over != nil })
		if op, ok := errors.AsType[*net.OpError](s.over); !ok || op.Op != "remote error" {
			t.Error(name, s.over)
		}
		if got := s.TakeAlerts(); len(got) != 1 || got[0] != (Alert{Level: Fatal, Code: 48}) {
			t.Error(name, got)
		}
	}
}

// The system tells once of what has come, perhaps while there is still something of before:
// whoever reads only when there is news, or input is held, reads all.
func TestNewsAreToldOnce(t *testing.T) {
	for name, version := range versions {
		t.Run(name, func(t *testing.T) {
			seed := time.Now().UnixNano()
			t.Log("seed ", seed)
			random := rand.New(rand.NewSource(seed))
			client, server := configs(t, version)
			c, s, until := couple(t, client, server)
			until("it is encrypted", func() bool { return c.Encrypted() && s.Encrypted() })
			said, room, news := 0, make([]byte, 70_000), true
			read := func() {
				input, _ := s.Holds()
				if !input && !news {
					return
				}
				news = false
				if n, err := s.Recv(&s.t, room[:1+random.Intn(1<<random.Intn(16))]); n > 0 {
					s.heard = append(s.heard, room[:n]...)
				} else if err != unix.EAGAIN {
					t.Fatal(n, err)
				}
			}
			for range 3000 {
				for range random.Intn(4) {
					size := 1 + random.Intn(1<<random.Intn(14))
					n, err := c.Send(&c.t, [][]byte{make([]byte, size)})
					if n != size || err != nil {
						t.Fatal(n, err)
					}
					said, news = said+n, true
				}
				for range random.Intn(4) {
					read()
				}
			}
			for range said {
				read()
			}
			if len(s.heard) != said {
				t.Errorf("%d of %d bytes were read, %d are there", len(s.heard), said, len(s.t.In.Data))
			}
		})
	}
}
