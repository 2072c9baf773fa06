package stream

import (
	"testing"

	"golang.org/x/sys/unix"
)

// What is no record at all is seen by its header: nobody waits for as much as it seems to say.
func TestNoRecordAfterTheHandshake(t *testing.T) {
	for name, version := range versions {
		t.Run(name, func(t *testing.T) {
			client, server := configs(t, version)
			c, s, until := couple(t, client, server)
			until("both are encrypted", func() bool { return c.Encrypted() && s.Encrypted() })
			s.t.In.Data = append(s.t.In.Data, "GET / HTTP/1.0\r\n\r\n"...)
			until("that is noticed", func() bool { return s.over != nil })
		})
	}
}

// Records that have come together are read together; what is behind them is told next.
func TestRecordsThatComeTogether(t *testing.T) {
	for name, version := range versions {
		for _, broken := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				client, server := configs(t, version)
				c, s, until := couple(t, client, server)
				c.say = []byte("hello")
				until("both are encrypted", func() bool { return len(s.heard) == 5 && c.Encrypted() })
				for range 3 {
					if n, err := c.Send(&c.t, [][]byte{[]byte("a record")}); n != 8 || err != nil {
						t.Fatal(n, err)
					}
				}
				if broken {
					s.t.In.Data = append(s.t.In.Data, 23, 3, 3, 0, 20)
					s.t.In.Data = append(s.t.In.Data, make([]byte, 20)...)
				} else {
					c.End(&c.t)
				}
				p := make([]byte, 100)
				n, err := s.Recv(&s.t, p)
				if string(p[:n]) != "a recorda recorda record" || err != nil {
					t.Errorf("%q, %v", p[:n], err)
				}
				if input, _ := s.Holds(); !input {
					t.Error("the end is forgotten")
				}
				n, err = s.Recv(&s.t, p)
				if broken && (err == nil || err == unix.EAGAIN) || !broken && (n != 0 || err != nil) {
					t.Error(n, err)
				}
				if input, _ := s.Holds(); input {
					t.Error("the end is told again")
				}
			})
		}
	}
}

// A record that comes octet by octet is read once it is whole, and nothing of it is lost meanwhile.
func TestRecordsThatComeInPieces(t *testing.T) {
	for name, version := range versions {
		for piece := 1; piece < 8; piece++ {
			t.Run(name, func(t *testing.T) {
				client, server := configs(t, version)
				c, s, until := couple(t, client, server)
				c.say = []byte("hello")
				until("both are encrypted", func() bool { return len(s.heard) == 5 && c.Encrypted() })
				if n, err := c.Send(&c.t, [][]byte{[]byte("one"), []byte("two")}); n != 6 || err != nil {
					t.Fatal(n, err)
				}
				if n, err := c.Send(&c.t, [][]byte{[]byte("three")}); n != 5 || err != nil {
					t.Fatal(n, err)
				}
				all := s.t.In.Data
				s.t.In.Data = nil
				var heard []byte
				for len(all) > 0 {
					n := min(piece, len(all))
					s.t.In.Data, all = append(s.t.In.Data, all[:n]...), all[n:]
					p := make([]byte, 100)
					n, err := s.Recv(&s.t, p)
					if heard = append(heard, p[:max(n, 0)]...); n <= 0 && err != unix.EAGAIN {
						t.Fatal(n, err)
					}
				}
				if string(heard) != "onetwothree" {
					t.Errorf("%q, %d octets at a time", heard, piece)
				}
			})
		}
	}
}

// Whoever has sent what is wrong is told so by the read that finds it: a socket sends nothing
// any more once that has failed.
func TestTheFailingReadTellsThePeer(t *testing.T) {
	for name, version := range versions {
		t.Run(name, func(t *testing.T) {
			client, server := configs(t, version)
			c, s, until := couple(t, client, server)
			s.say = []byte("hello")
			until("both are encrypted", func() bool { return c.Encrypted() && len(c.heard) == 5 })
			s.t.In.Data = append(s.t.In.Data, 23, 3, 3, 0, 20)
			s.t.In.Data = append(s.t.In.Data, make([]byte, 20)...)
			if _, err := s.Recv(&s.t, make([]byte, 100)); err == nil || err == unix.EAGAIN {
				t.Fatal(err)
			}
			if len(c.t.In.Data) == 0 {
				t.Error("the peer is not told")
			}
		})
	}
}
