package stream

import (
	"bytes"
	"fmt"
	"io"
	"math/rand"
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/internal/looptest"
)

// Reading takes no memory, whatever is read.
func TestReadingAllocatesNothing(t *testing.T) {
	if looptest.Race {
		t.Skip("the race detector allocates")
	}
	for name, version := range versions {
		for _, size := range []int{1, 64, 16384, 60_000} {
			t.Run(fmt.Sprint(name, " ", size), func(t *testing.T) {
				client, server := configs(t, version)
				c, s, until := couple(t, client, server)
				until("both are encrypted", func() bool { return c.Encrypted() && s.Encrypted() })
				const times = 50
				for range times + 1 {
					if n, err := c.Send(&c.t, [][]byte{make([]byte, size)}); n != size || err != nil {
						t.Fatal(n, err)
					}
				}
				p := make([]byte, size)
				allocated := testing.AllocsPerRun(times, func() {
					for got := 0; got < size; {
						n, err := s.Recv(&s.t, p[got:])
						if n <= 0 {
							t.Fatal(n, err)
						}
						got += n
					}
				})
				if allocated >= 1 {
					t.Error("allocations: ", allocated)
				}
			})
		}
	}
}

// What the last of a peer's records may be.
const (
	itEnds      = iota // close_notify
	itIsCut            // the end comes without a word, perhaps within a record
	itIsChanged        // a record was changed on its way
	itIsNone           // something else than a record
	itIsTooLong
	waysToEnd
)

// Records of any size, which come in pieces of any size and are read in such: all that was said before
// the first that is wrong is read, in order, then how it has ended, once, and the peer hears of it.
func TestRecordsAtRandom(t *testing.T) {
	looptest.AtRandom(t, func(t *testing.T, random *rand.Rand) {
		bothWays(t, func(t *testing.T, version uint16) {
			client, server := configs(t, version)
			c, s, until := couple(t, client, server)
			if random.Intn(2) == 0 {
				c, s = s, c
			}
			until("both are encrypted", func() bool { return c.Encrypted() && s.Encrypted() })
			c.act() // the tickets
			c.TakeAlerts()
			var said []byte
			send := func() {
				p := make([]byte, 1+random.Intn(1<<(1+random.Intn(16))))
				random.Read(p)
				if n, err := c.Send(&c.t, [][]byte{p[:len(p)/2], p[len(p)/2:]}); n != len(p) || err != nil {
					t.Fatal(n, err)
				}
				said = append(said, p...)
			}
			for range random.Intn(10) {
				send()
			}
			way := random.Intn(waysToEnd)
			in := s.t.In
			before := len(in.Data)
			switch way {
			case itEnds:
				c.End(&c.t)
			case itIsCut:
				heard := said
				send()
				in.Data, in.Ended = in.Data[:before+random.Intn(headerSize)], true
				said = heard
			case itIsChanged:
				// One record, which nothing of can be read.
				if n, err := c.Send(&c.t, [][]byte{[]byte("changed")}); n != 7 || err != nil {
					t.Fatal(n, err)
				}
				in.Data[before+headerSize+random.Intn(len(in.Data)-before-headerSize)] ^= 1 << random.Intn(8)
			case itIsNone:
				in.Data = append(in.Data, "GET / HTTP/1.0\r\n\r\n"...)
			case itIsTooLong:
				in.Data = append(in.Data, 23, 3, 3, 0xff, 0xff)
			}
			in.Pieces = random.Intn(1 << random.Intn(17))
			var heard []byte
			end := error(unix.EAGAIN)
			for idle := 0; end == unix.EAGAIN; {
				p := make([]byte, 1+random.Intn(1<<random.Intn(17)))
				n, err := s.Recv(&s.t, p)
				switch {
				case n > 0:
					heard, idle = append(heard, p[:n]...), 0
				case n == 0:
					end = io.EOF
				default:
					end = err
				}
				if idle++; idle > 1<<17 {
					t.Fatalf("way %d: nothing has come of what is there, %d bytes", way, len(in.Data))
				}
			}
			if !bytes.Equal(heard, said) {
				t.Errorf("way %d: %d bytes were said, %d were heard, or others", way, len(said), len(heard))
			}
			if (end == io.EOF) != (way == itEnds) || (end == io.ErrUnexpectedEOF) != (way == itIsCut) {
				t.Errorf("way %d: %v", way, end)
			}
			if input, _ := s.Holds(); input {
				t.Errorf("way %d: it is told twice", way)
			}
			if way != itEnds && way != itIsCut {
				sent := s.TakeAlerts()
				if len(sent) != 1 || !sent[0].Sent || sent[0].Level != Fatal {
					t.Fatalf("way %d: %v", way, sent)
				}
				if _, err := c.Recv(&c.t, make([]byte, 100)); err == unix.EAGAIN {
					t.Errorf("way %d: the peer is not told", way)
				}
				if got := c.TakeAlerts(); len(got) != 1 || got[0].Sent || got[0].Code != sent[0].Code {
					t.Errorf("way %d: %v was sent, %v has come", way, sent, got)
				}
			}
			if s.Close(); s.wire.buffer != nil || cap(s.wire.in) > 0 {
				t.Errorf("way %d: memory is kept", way)
			}
		})
	})
}
