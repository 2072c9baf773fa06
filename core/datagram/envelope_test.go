package datagram

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/endpoint"
)

// letter is an Envelope with a header of one byte, the port, and drops what has another.
type letter struct {
	mark  byte
	knows func(Endpoint) bool
}

var errNowhere = errors.New("nowhere")

func (l letter) Header(room []byte, to Endpoint) ([]byte, error) {
	if to.Port == 0 {
		return nil, errNowhere
	}
	return append(room, l.mark), nil
}

func (l letter) Knows(from Endpoint) bool { return l.knows == nil || l.knows(from) }

func (l letter) Unwrap(p []byte) (Endpoint, []byte, bool) {
	if len(p) == 0 || p[0] != l.mark {
		return Endpoint{}, nil, false
	}
	return Endpoint{Port: 7}, p[1:], true
}

// letters returns two ends that are connected and send in envelopes.
func letters(t testing.TB) (a, b *end) {
	a, b = bind(t, address.LocalHost), bind(t, address.LocalHost)
	for _, pair := range [][2]*end{{a, b}, {b, a}} {
		if err := endpoint.Connect(pair[0].FD, pair[1].Address, pair[1].Port); err != nil {
			t.Fatal(err)
		}
		pair[0].Envelope, pair[0].queue.Envelope = letter{mark: 'x'}, letter{mark: 'x'}
	}
	return a, b
}

var sealed = Way{Destination: Endpoint{Port: 1}}

func TestEnvelopes(t *testing.T) {
	a, b := letters(t)
	for _, text := range []string{"", "one", string(make([]byte, 60_000))} {
		if err := a.Send(&Outgoing{Data: []byte(text), Way: sealed}); err != nil {
			t.Fatal(err)
		}
		if data, way := b.next(t); string(data) != text || way != (Way{Sender: Endpoint{Port: 7}, HopLimit: -1}) {
			t.Errorf("%d bytes by %+v", len(data), way)
		}
	}
	b.expectNothing(t)
	if err := a.Send(&Outgoing{}); err != errNowhere {
		t.Error(err)
	}
	// The header takes some of the largest.
	if err := a.Send(&Outgoing{Data: make([]byte, 65507), Way: sealed}); err != unix.EMSGSIZE {
		t.Error(err)
	}
}

// Trains of datagrams are trains of envelopes: those of equal size, and a shorter last one.
func TestTrainsOfEnvelopes(t *testing.T) {
	for _, single := range []bool{false, true} {
		a, b := letters(t)
		a.Single = single
		var list []Outgoing
		for i := range 200 {
			size := 100
			switch {
			case i%40 == 39:
				size = 7
			case i >= 180:
				size = 0
			case i >= 160:
				size = 1000 + i
			}
			list = append(list, Outgoing{Data: bytes.Repeat([]byte{byte(i)}, size), Way: sealed})
		}
		sendAll(t, a, list)
		for i := range list {
			if data, _ := b.next(t); !bytes.Equal(data, list[i].Data) {
				t.Fatalf("%d: %d bytes, not %d", i, len(data), len(list[i].Data))
			}
		}
		b.expectNothing(t)
		// As many as a train can have, with their headers.
		sendAll(t, a, slices.Repeat([]Outgoing{{Data: make([]byte, 1022), Way: sealed}}, 70))
		for range 70 {
			if data, _ := b.next(t); len(data) != 1022 {
				t.Fatalf("%d bytes", len(data))
			}
		}
		if a.Single != single {
			t.Error("the system does not take the trains")
		}
		list[3].Destination.Port = 0
		if n, size, err := a.SendAll(&a.pool, 5, func(i int, d *Outgoing) { *d = list[i] }); n != 3 || size != 300 || err != errNowhere {
			t.Errorf("%d, %d bytes, %v", n, size, err)
		}
	}
}

// The headers count in what a train may have.
func TestHeadersCountInTrains(t *testing.T) {
	if trainOption == 0 {
		t.Skip("the system has no trains")
	}
	for _, c := range []struct{ size, header, want int }{
		{trainSize - 10, 10, trainBytes / trainSize}, {trainSize - 9, 10, 1}, {0, 10, trainLength}, {0, 0, 1}, {100, 10, trainLength},
	} {
		list := slices.Repeat([]Outgoing{{Data: make([]byte, c.size)}}, 100)
		if n := (&Sender{}).train(list, c.header); n != c.want {
			t.Errorf("%+v: %d", c, n)
		}
	}
}

// What is none of the envelopes is not there, and as much as there is of it does not count.
func TestOthersEnvelopesAreDropped(t *testing.T) {
	a, b := letters(t)
	other := *a
	other.Envelope = letter{mark: 'y'}
	send := func(e *end, text string) {
		if err := e.Send(&Outgoing{Data: []byte(text), Way: sealed}); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 * Slots {
		send(&other, "junk")
	}
	for range 2 {
		if err := b.queue.Fill(&b.pool, b.FD); err != unix.EAGAIN || !b.queue.Empty() || b.pool.Lent() != 0 {
			t.Fatalf("%v, %d lent", err, b.pool.Lent())
		}
	}
	b.expectNothing(t)
	for _, text := range []string{"one", "two"} {
		send(&other, "junk")
		send(a, text)
		send(&other, "junk")
	}
	if err := b.queue.Fill(&b.pool, b.FD); err != nil || string(b.queue.First()) != "one" || b.queue.Bytes() < len("onetwo") {
		t.Fatalf("%v, %q, %d bytes", err, b.queue.First(), b.queue.Bytes())
	}
	b.queue.Drop(&b.pool)
	if string(b.queue.First()) != "two" || b.queue.Sender() != (Endpoint{Port: 7}) {
		t.Errorf("%q", b.queue.First())
	}
	b.queue.Drop(&b.pool)
	if !b.queue.Empty() || b.queue.First() != nil || b.pool.Lent() != 0 {
		t.Errorf("%q, %d lent", b.queue.First(), b.pool.Lent())
	}
	b.expectNothing(t)
}

// Packets of strangers are dropped whole, trains as well.
func TestStrangersPacketsAreDropped(t *testing.T) {
	a, b := letters(t)
	known := false
	b.queue.Envelope = letter{mark: 'x', knows: func(from Endpoint) bool { return known && from == a.Endpoint }}
	var list []Outgoing
	for range 10 {
		list = append(list, Outgoing{Data: []byte("data"), Way: sealed})
	}
	sendAll(t, a, list)
	b.expectNothing(t)
	known = true
	sendAll(t, a, list)
	for range list {
		if data, _ := b.next(t); string(data) != "data" {
			t.Errorf("%q", data)
		}
	}
	b.expectNothing(t)
}
