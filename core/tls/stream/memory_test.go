package stream

import (
	"bytes"
	"crypto/tls"
	"testing"
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
	for name, version := range versions {
		t.Run(name, func(t *testing.T) {
			client, server := configs(t, version)
			c, s, until := couple(t, client, server)
			s.Release() // too early
			for round := range 3 {
				c.say = make([]byte, 100_000)
				until("it has come", func() bool { return len(s.heard) == 100_000*(round+1) })
				raw := field[bytes.Buffer](s.conn, rawInput)
				if raw.Cap() < 16384 {
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
}
