package stream

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"testing"

	"golang.org/x/sys/unix"
)

// What is known of crypto/tls that it does not promise.
func TestWhatCryptoTLSLooksLike(t *testing.T) {
	if rawInput < 0 || hand < 0 || input < 0 {
		t.Error("no memory can be given back: ", rawInput, hand, input)
	}
	client, server := configs(t, tls.VersionTLS13)
	server.MaxVersion = tls.VersionTLS12
	server.MinVersion = tls.VersionTLS12
	c, s, until := couple(t, client, server)
	until("both know", func() bool { return c.Err() != nil && s.Err() != nil })
	if code, ok := lastSent(s.conn); !ok || code != 70 {
		t.Error("nobody knows which alert was sent: ", code, ok)
	}
	if _, ok := lastSent(c.conn); ok {
		t.Error("the client has sent one")
	}
}

func TestRelease(t *testing.T) {
	bothWays(t, func(t *testing.T, version uint16) {
		client, server := configs(t, version)
		c, s, until := couple(t, client, server)
		s.Release() // too early
		for round := range 3 {
			c.say = make([]byte, 100_000)
			until("it has come", func() bool { return len(s.heard) == 100_000*(round+1) })
			raw := field[bytes.Buffer](s.conn, rawInput)
			if lending && raw.Cap() > 0 {
				t.Error("it has room for what it was lent")
			}
			if !lending && raw.Cap() < 16384 {
				t.Error("nothing to be given back")
			}
			s.Release()
			if raw.Cap() > 0 || field[bytes.Buffer](s.conn, hand).Cap() > 0 {
				t.Error("it was not given back")
			}
		}
		// Not what somebody is still to read.
		s.size = 1
		c.say = []byte("some more")
		c.act()
		s.act()
		for !bytes.HasSuffix(s.heard, []byte("some more")) {
			s.Release()
			s.act()
		}
	})
}

// bothWays runs a test with crypto/tls being lent records and not, as where it does not look as
// it is known to.
func bothWays(t *testing.T, test func(t *testing.T, version uint16)) {
	t.Helper()
	defer func(before bool) { lending = before }(lending)
	for _, lending = range []bool{true, false} {
		for name, version := range versions {
			t.Run(fmt.Sprintf("%s lent %v", name, lending), func(t *testing.T) { test(t, version) })
		}
	}
}

// An end gives all of its memory back, also what was still to be sent.
func TestCloseGivesMemoryBack(t *testing.T) {
	for name, version := range versions {
		t.Run(name, func(t *testing.T) {
			client, server := configs(t, version)
			c, s, until := couple(t, client, server)
			until("both are encrypted", func() bool { return c.Encrypted() && s.Encrypted() })
			c.t.Out.Room = len(c.t.Out.Data) + 10
			if n, err := c.Send(&c.t, [][]byte{[]byte("text")}); n != 4 || err != nil || c.wire.out.room == nil {
				t.Fatal("nothing is left to be sent: ", n, err)
			}
			s.t.In.Data = append(s.t.In.Data, 23, 3, 3, 0)
			if _, err := s.Recv(&s.t, make([]byte, 10)); err != unix.EAGAIN {
				t.Fatal(err)
			}
			for _, e := range []*side{c, s} {
				if e.Close(); e.wire.out.room != nil || e.wire.in != nil || e.wire.buffer != nil {
					t.Error("it was not given back")
				}
			}
		})
	}
}
