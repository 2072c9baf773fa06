package poll_test

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qnet/core/fault"
	"qnet/core/poll"
	"qnet/core/sys"
)

// What a poller has told of once it tells again after a fault.
func TestEdgesComeAgain(t *testing.T) {
	if err := fault.Inject("seed=1,again=0.9,short=0.9,late=0.5,interrupt=0.5"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { fault.Inject("") })
	p := newPoller(t)
	one, other := pair(t)
	if err := p.Add(one, poll.In|poll.Edge, 77); err != nil {
		t.Fatal(err)
	}
	data := make([]byte, 50000)
	sent, err := unix.Write(other, data)
	if err != nil {
		t.Fatal(err)
	}
	var list [8]poll.Ready
	for got, end := 0, time.Now().Add(soon); got < sent; {
		n := p.Wait(list[:], 100)
		if n > 0 && list[0].Tag() != 77 {
			t.Fatalf("told of %d", list[0].Tag())
		}
		if n > 0 {
			// One read for each event.
			if n, err := sys.Recv(one, data); err == nil {
				got += n
			}
		}
		if time.Now().After(end) {
			t.Fatalf("%d bytes of %d have come", got, sent)
		}
	}
	if n := p.Now(list[:]); n > 0 {
		if n, err := sys.Recv(one, data); err == nil {
			t.Errorf("%d bytes more", n)
		}
	}
}
