package datagram

import (
	"bytes"
	"math/rand"
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/endpoint"
)

// end is a bound socket.
type end struct {
	Sender
	Endpoint
	queue Queue
	pool  Pool
}

func bind(t testing.TB, a address.Address) *end {
	t.Helper()
	fd, err := endpoint.OpenDatagram(a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if err := endpoint.Bind(fd, a, 0); err != nil {
		t.Fatal(err)
	}
	e := &end{}
	e.FD = fd
	e.IPv6, _ = IsDatagram(fd)
	e.Address, e.Port = endpoint.Local(fd)
	Prepare(fd, e.IPv6)
	Coalesce(fd)
	e.queue.Losses.Begin(fd)
	t.Cleanup(func() {
		e.queue.Clear(&e.pool)
		if e.pool.Lent() != 0 {
			t.Errorf("%d batches were not given back", e.pool.Lent())
		}
		e.pool.Clear()
	})
	return e
}

// next takes a datagram, which must be there.
func (e *end) next(t testing.TB) (data []byte, way Way) {
	t.Helper()
	if e.queue.Empty() {
		if err := e.queue.Fill(&e.pool, e.FD); err != nil {
			t.Fatal(err)
		}
	}
	data = bytes.Clone(e.queue.First())
	e.queue.Way(&way)
	e.queue.Drop(&e.pool)
	return data, way
}

func (e *end) expectNothing(t testing.TB) {
	t.Helper()
	if err := e.queue.Fill(&e.pool, e.FD); err != unix.EAGAIN || !e.queue.Empty() {
		t.Errorf("there is still something: %v", err)
	}
}

func sendAll(t testing.TB, from *end, list []Outgoing) {
	t.Helper()
	size := 0
	for i := range list {
		size += len(list[i].Data)
	}
	n, total, err := from.SendAll(&from.pool, len(list), func(i int, d *Outgoing) { *d = list[i] })
	if n != len(list) || total != size || err != nil {
		t.Fatalf("sent %d of %d, %d bytes of %d: %v", n, len(list), total, size, err)
	}
}

func plain(to *end) Way { return Way{Destination: to.Endpoint, HopLimit: -1} }

func TestWayOfADatagram(t *testing.T) {
	for _, a := range []address.Address{address.LocalHost, address.LocalHostIPv6} {
		t.Run(a.String(), func(t *testing.T) {
			from, to := bind(t, a), bind(t, a)
			to.expectNothing(t)
			w := plain(to)
			w.HopLimit = 9
			if err := from.Send(&Outgoing{[]byte("hello"), w}); err != nil {
				t.Fatal(err)
			}
			data, got := to.next(t)
			if string(data) != "hello" || got.Sender != from.Endpoint || got.HopLimit != 9 || got.Interface == 0 ||
				!got.Destination.Address.Equal(a) {
				t.Errorf("%q, %+v", data, got)
			}
			to.expectNothing(t)
		})
	}
}

func TestSourceAndHopLimitOfEachFamily(t *testing.T) {
	four, six := bind(t, address.LocalHost), bind(t, address.LocalHostIPv6)
	any4, any := bind(t, address.AnyIPv4), bind(t, address.Any)
	any6 := bind(t, address.AnyIPv6)
	seven, _ := address.Parse("127.0.0.7")
	lo := endpoint.InterfaceIndex(four.FD, "lo")
	for name, c := range map[string]struct {
		from, to *end
		source   address.Address
		index    uint32
	}{
		"IPv4":                                 {any4, four, seven, 0},
		"IPv4 of both families":                {any, four, seven, 0},
		"IPv6 of both families":                {any, six, address.LocalHostIPv6, 0},
		"IPv4, mapped, of IPv4":                {any4, four, address.FromIPv6(seven.Addr().As16()), 0},
		"IPv4 with an interface":               {any4, four, seven, lo},
		"IPv4 of both with an interface":       {any, four, seven, lo},
		"IPv6 with an interface":               {any, six, address.LocalHostIPv6, lo},
		"IPv4, an interface alone":             {any4, four, address.Null, lo},
		"IPv4 of both, an interface alone":     {any, four, address.Null, lo},
		"IPv6 of both, an interface alone":     {any, six, address.Null, lo},
		"IPv6, an interface alone":             {any6, six, address.Null, lo},
		"IPv4, none asked for":                 {four, four, address.Null, 0},
		"both families, none asked":            {any, four, address.Null, 0},
		"IPv4, any of IPv4":                    {any4, four, address.AnyIPv4, lo},
		"IPv4 of both, any of IPv4":            {any, four, address.AnyIPv4, lo},
		"IPv4 of both, any":                    {any, four, address.Any, 0},
		"IPv4, any of IPv6":                    {any4, four, address.AnyIPv6, 0},
		"IPv6, any of IPv4, as C's zero means": {any6, six, address.AnyIPv4, lo},
	} {
		w := plain(c.to)
		w.Sender.Address, w.Interface, w.HopLimit = c.source, c.index, 33
		if err := c.from.Send(&Outgoing{[]byte("x"), w}); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_, got := c.to.next(t)
		given := w.source().IsValid()
		if got.HopLimit != 33 || given && !got.Sender.Address.IsEqual(c.source, address.TolerantConversion) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// What C's zero has: the system's choice, also of the hop limit, and the peer.
func TestAZeroWay(t *testing.T) {
	for _, a := range []address.Address{address.LocalHost, address.LocalHostIPv6, address.Any} {
		from, to := bind(t, a), bind(t, a)
		at := to.Endpoint
		if a == address.Any {
			at.Address = address.LocalHost
		}
		zero := Way{Sender: Endpoint{Address: address.AnyIPv4}, Destination: at}
		if err := from.Send(&Outgoing{[]byte("x"), zero}); err != nil {
			t.Errorf("%v: %v", a, err)
			continue
		}
		if _, got := to.next(t); got.HopLimit < 1 {
			t.Errorf("%v: %+v", a, got)
		}
		if err := endpoint.Connect(from.FD, at.Address, at.Port); err != nil {
			t.Fatal(err)
		}
		zero.Destination = Endpoint{Address: address.AnyIPv4}
		if err := from.Send(&Outgoing{[]byte("y"), zero}); err != nil {
			t.Errorf("%v, to the peer: %v", a, err)
			continue
		}
		to.next(t)
	}
}

// Over IPv6's socket, too, the system looks for IPv4's own marks where the peer is of IPv4.
func TestTheWayToAPeer(t *testing.T) {
	for _, a := range []address.Address{address.LocalHost, address.LocalHostIPv6} {
		from, to := bind(t, address.Any), bind(t, a)
		if err := endpoint.Connect(from.FD, a, to.Port); err != nil {
			t.Fatal(err)
		}
		from.Mapped = IsMapped(a)
		w := Way{HopLimit: 33, Interface: endpoint.InterfaceIndex(to.FD, "lo")}
		if err := from.Send(&Outgoing{[]byte("x"), w}); err != nil {
			t.Errorf("%v: %v", a, err)
			continue
		}
		if _, got := to.next(t); got.HopLimit != 33 {
			t.Errorf("%v: %+v", a, got)
		}
	}
}

func TestErrorsOfSending(t *testing.T) {
	four, six := bind(t, address.LocalHost), bind(t, address.LocalHostIPv6)
	foreign, _ := address.Parse("198.51.100.1")
	noLink, _ := address.Parse("fe80::1%nosuchnic")
	from := func(w Way, a address.Address) Way { w.Sender.Address = a; return w }
	for name, c := range map[string]struct {
		sender *end
		out    Outgoing
		want   error
	}{
		"too large":           {four, Outgoing{make([]byte, 65508), plain(four)}, unix.EMSGSIZE},
		"the other family":    {four, Outgoing{nil, plain(six)}, unix.EAFNOSUPPORT},
		"nowhere":             {four, Outgoing{nil, Way{HopLimit: -1}}, unix.EDESTADDRREQ},
		"nowhere, by zeros":   {four, Outgoing{nil, Way{Destination: Endpoint{Address: address.AnyIPv4}}}, unix.EDESTADDRREQ},
		"from elsewhere":      {four, Outgoing{nil, from(plain(four), foreign)}, unix.ENETUNREACH},
		"from another family": {four, Outgoing{nil, from(plain(four), address.LocalHostIPv6)}, unix.EAFNOSUPPORT},
		"no such interface":   {six, Outgoing{nil, Way{Destination: Endpoint{noLink, 9}, HopLimit: -1}}, unix.EADDRNOTAVAIL},
	} {
		if err := c.sender.Send(&c.out); err != c.want {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		n, _, err := c.sender.SendAll(&four.pool, 1, func(_ int, d *Outgoing) { *d = c.out })
		if n != 0 || err != c.want {
			t.Errorf("%s, one of many: %d, %v, want %v", name, n, err, c.want)
		}
	}
}

// Whatever is sent together arrives as it was sent: in order, each by itself.
func TestManyArriveAsTheyWereSent(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	for _, single := range []bool{false, true} {
		from, to, other := bind(t, address.LocalHost), bind(t, address.LocalHost), bind(t, address.LocalHost)
		unix.SetsockoptInt(to.FD, unix.SOL_SOCKET, largeBuffer, 8<<20)
		unix.SetsockoptInt(other.FD, unix.SOL_SOCKET, largeBuffer, 8<<20)
		from.Single = single
		for round := range 20 {
			var list []Outgoing
			for len(list) < 500 {
				size := []int{0, 1, 64, 1000, 1200, 1201, 3000}[random.Intn(7)]
				for range 1 + random.Intn(100) {
					o := Outgoing{make([]byte, size), plain(to)}
					random.Read(o.Data)
					if random.Intn(40) == 0 {
						o.Destination = other.Endpoint
					}
					if random.Intn(40) == 0 {
						o.Data = o.Data[:random.Intn(size+1)]
					}
					if random.Intn(40) == 0 {
						o.HopLimit = 5
					}
					list = append(list, o)
				}
			}
			list = list[:500]
			// In pieces that surely fit into the system's buffer.
			for len(list) > 0 {
				n := min(len(list), 1+random.Intn(100))
				sendAll(t, from, list[:n])
				for i, o := range list[:n] {
					e := to
					if o.Destination == other.Endpoint {
						e = other
					}
					data, way := e.next(t)
					want := o.HopLimit
					if want < 0 {
						want = 64
					}
					if !bytes.Equal(data, o.Data) || way.HopLimit != want || way.Sender != from.Endpoint {
						t.Fatalf("round %d, single %v: number %d of %d: %d bytes, want %d; %+v", round, single, i, n, len(data), len(o.Data), way)
					}
				}
				list = list[n:]
			}
			to.expectNothing(t)
			other.expectNothing(t)
		}
	}
}

func TestSendAllStopsAtTheFirstThatFails(t *testing.T) {
	from, to := bind(t, address.LocalHost), bind(t, address.LocalHost)
	list := make([]Outgoing, 200)
	for i := range list {
		list[i] = Outgoing{[]byte("good"), plain(to)}
	}
	list[150].Data = make([]byte, 65508)
	n, size, err := from.SendAll(&from.pool, len(list), func(i int, d *Outgoing) { *d = list[i] })
	if n != 150 || size != 600 || err != unix.EMSGSIZE {
		t.Errorf("%d, %d bytes, %v", n, size, err)
	}
	for range 150 {
		to.next(t)
	}
	to.expectNothing(t)
}

// An address that the socket cannot send to is found before the system is asked: what
// stands before it, in the same batch, was sent and counts.
func TestSendAllCountsWhatStandsBeforeABadAddress(t *testing.T) {
	from, to := bind(t, address.LocalHost), bind(t, address.LocalHost)
	for _, sizes := range [][]int{{4, 4}, {4, 9}} { // trains, and one by one
		for _, at := range []int{0, 1, 3, 63, 64, 65, 150} {
			list := make([]Outgoing, at+50)
			total := 0
			for i := range list {
				list[i] = Outgoing{make([]byte, sizes[i%2]), plain(to)}
				if i < at {
					total += sizes[i%2]
				}
			}
			list[at].Destination.Address = address.LocalHostIPv6
			n, size, err := from.SendAll(&from.pool, len(list), func(i int, d *Outgoing) { *d = list[i] })
			if n != at || size != total || err == nil {
				t.Fatalf("sizes %v, bad at %d: %d, %d bytes of %d, %v", sizes, at, n, size, total, err)
			}
			for i := range at {
				if data, _ := to.next(t); len(data) != sizes[i%2] {
					t.Fatalf("sizes %v, bad at %d: the %dth has %d bytes", sizes, at, i, len(data))
				}
			}
			to.expectNothing(t)
		}
	}
}

func TestQueueOfTrains(t *testing.T) {
	for _, last := range []int{1, 30, 99, 100} {
		from, to := bind(t, address.LocalHost), bind(t, address.LocalHost)
		list := make([]Outgoing, 64)
		for i := range list {
			list[i] = Outgoing{make([]byte, 100), plain(to)}
		}
		list[63].Data = list[63].Data[:last]
		sendAll(t, from, list)
		if err := to.queue.Fill(&to.pool, to.FD); err != nil {
			t.Fatal(err)
		}
		if to.queue.batch.count != 1 || to.queue.Bytes() != 6300+last {
			t.Errorf("%d packets of %d bytes", to.queue.batch.count, to.queue.Bytes())
		}
		for i := range list {
			if got := len(to.queue.First()); got != len(list[i].Data) {
				t.Fatalf("number %d has %d bytes", i, got)
			}
			to.queue.Drop(&to.pool)
		}
		if !to.queue.Empty() || to.queue.Bytes() != 0 || to.queue.First() != nil {
			t.Error("there is still something")
		}
		to.queue.Drop(&to.pool) // of nothing
	}
}

// What arrives and what was dropped is what was sent, one by one or in trains.
func TestLosses(t *testing.T) {
	for _, length := range []int{1, 40} {
		from, to := bind(t, address.LocalHost), bind(t, address.LocalHost)
		unix.SetsockoptInt(to.FD, unix.SOL_SOCKET, unix.SO_RCVBUF, 20000)
		from.Single = length == 1
		sent, received := 0, 0
		drain := func(limit int) {
			for received < limit && to.queue.Fill(&to.pool, to.FD) == nil {
				for !to.queue.Empty() {
					to.queue.Drop(&to.pool)
					received++
				}
			}
		}
		list := make([]Outgoing, length)
		for i := range list {
			list[i] = Outgoing{make([]byte, 64), plain(to)}
		}
		for round := range 5 {
			for range 400 {
				sendAll(t, from, list)
				sent += length
			}
			if round%2 == 0 {
				// Also while there is more in the system's queue.
				to.queue.Losses.Total(to.FD)
				drain(received + 1)
			}
		}
		drain(sent)
		dropped := int(to.queue.Losses.Total(to.FD))
		if dropped == 0 || received+dropped != sent {
			t.Errorf("in trains of %d: %d arrived, %d were dropped, %d sent", length, received, dropped, sent)
		}
	}
}

func TestLossesWrapAround(t *testing.T) {
	l := Losses{seen: 0xfffffff0, length: 1}
	l.note(0xfffffffa, 1)
	l.note(5, 2)
	l.note(3, 1) // told before
	if l.total != 10+11*2 {
		t.Errorf("%d", l.total)
	}
}

func TestControlMessagesThatAreNone(t *testing.T) {
	b := &Batch{}
	b.count = 1
	for _, junk := range [][]byte{
		nil, {1}, make([]byte, 16), bytes.Repeat([]byte{0xff}, controlSize), append([]byte{17, 0, 0, 0, 0, 0, 0, 0}, make([]byte, 20)...),
	} {
		n := copy(b.controls[0][:], junk)
		b.headers[0].SetControllen(n)
		var w Way
		b.way(0, &w)
		b.marks(0)
		if w.HopLimit != -1 {
			t.Errorf("%v: %+v", junk, w)
		}
	}
}

func TestGroups(t *testing.T) {
	e := bind(t, address.AnyIPv4)
	group, _ := address.Parse("239.255.1.2")
	lo := endpoint.InterfaceIndex(e.FD, "lo")
	if err := Leave(e.FD, group, lo); err == nil {
		t.Error("left without having joined")
	}
	if err := Join(e.FD, group, lo); err != nil {
		t.Error(err)
	}
	if err := SetInterface(e.FD, false, lo); err != nil {
		t.Error(err)
	}
	if err := e.Send(&Outgoing{[]byte("all"), Way{Destination: Endpoint{group, e.Port}, HopLimit: -1}}); err != nil {
		t.Fatal(err)
	}
	if _, way := e.next(t); way.Destination.Address != group || way.Interface != lo {
		t.Errorf("%+v", way)
	}
	if err := Leave(e.FD, group, lo); err != nil {
		t.Error(err)
	}
	if Join(e.FD, address.Null, lo) == nil || SetInterface(e.FD, false, 4000000) == nil {
		t.Error("what is none was taken")
	}
	six := bind(t, address.AnyIPv6)
	scoped, _ := address.Parse("ff02::99%lo")
	if Join(six.FD, scoped, 0) != nil || Leave(six.FD, scoped, lo) != nil || SetInterface(six.FD, true, lo) != nil {
		t.Error("IPv6 groups do not work")
	}
}

func TestNoDatagramSocket(t *testing.T) {
	fd, err := endpoint.Open(address.LocalHost)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if _, ok := IsDatagram(fd); ok {
		t.Error("a stream is taken for one")
	}
	if _, ok := IsDatagram(-1); ok {
		t.Error("no descriptor is taken for one")
	}
	pair, _ := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	if _, ok := IsDatagram(pair[0]); ok {
		t.Error("one of the file system is taken for one")
	}
}

func TestNothingIsAllocatedForADatagram(t *testing.T) {
	for _, a := range []address.Address{address.LocalHost, address.LocalHostIPv6} {
		t.Run(a.String(), func(t *testing.T) { allocateNothing(t, bind(t, a), bind(t, a)) })
	}
}

func allocateNothing(t *testing.T, from, to *end) {
	data := make([]byte, 100)
	out := Outgoing{data, plain(to)}
	list := make([]Outgoing, 32)
	for i := range list {
		list[i] = out
	}
	get := func(i int, d *Outgoing) { *d = list[i] }
	n := testing.AllocsPerRun(200, func() {
		from.Send(&out)
		from.SendAll(&from.pool, len(list), get)
		for range len(list) + 1 {
			if to.queue.Empty() {
				to.queue.Fill(&to.pool, to.FD)
			}
			var w Way
			copy(data, to.queue.First())
			to.queue.Way(&w)
			to.queue.Drop(&to.pool)
		}
	})
	if n > 0 {
		t.Errorf("%v allocations", n)
	}
}
