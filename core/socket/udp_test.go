package socket

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/datagram"
	"qnet/core/endpoint"
	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/loop"
	"qnet/core/option"
)

// bound returns a UDP socket that is bound to the loopback interface.
func bound(t testing.TB, l *loop.Loop) *rig {
	t.Helper()
	r := observe(t, NewUDP(l))
	if !r.Bind(address.LocalHost, 0, DefaultForPlatform) {
		t.Fatal(r.Failure())
	}
	r.log = nil
	return r
}

// sendTo sends texts to a socket, each as a datagram.
func (r *rig) sendTo(to *rig, texts ...string) {
	r.t.Helper()
	for _, text := range texts {
		if n := r.WriteDatagram([]byte(text), datagram.Endpoint{Address: address.LocalHost, Port: to.LocalPort()}); n != len(text) {
			r.t.Fatalf("sent %d of %d bytes: %v", n, len(text), r.Failure())
		}
	}
	r.log = nil
}

// take returns the next datagram; "-" if there is none.
func (r *rig) take() string {
	var p [100]byte
	if !r.HasPendingDatagrams() {
		return "-"
	}
	return string(p[:r.ReadDatagram(p[:], nil)])
}

func TestReadyReadComesOnceUntilSomethingIsRead(t *testing.T) {
	l := looptest.New(t)
	a, b := bound(t, l), bound(t, l)
	a.sendTo(b, "one", "two")
	b.untilLogged("readyRead")
	a.sendTo(b, "three")
	b.settle()
	b.expect("readyRead")
	if got := b.take(); got != "one" {
		t.Errorf("got %q", got)
	}
	b.settle()
	b.expect("readyRead")
	for _, want := range []string{"two", "three", "-"} {
		if got := b.take(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	b.settle()
	b.expect()
	a.sendTo(b, "four")
	b.untilLogged("readyRead")
}

// Whoever asks for datagrams takes them from the system, where those look who wait.
func TestThoseWhoWaitAreToldOfDatagramsThatOthersTake(t *testing.T) {
	l := looptest.New(t)
	a, b := bound(t, l), bound(t, l)
	w, err := b.cold.waiters.Add(l)
	if err != nil {
		t.Fatal(err)
	}
	defer b.cold.waiters.Remove(l, w)
	for range 3 {
		a.sendTo(b, "one")
		looptest.AwaitReadable(b.Descriptor())
		if got := b.take(); got != "one" || !l.Sleep(w, nil, time.Now()) {
			t.Errorf("%q was taken", got)
		}
	}
}

func TestReceiveDatagramCutsWhatIsTooLong(t *testing.T) {
	l := looptest.New(t)
	a, b := bound(t, l), bound(t, l)
	a.sendTo(b, "zero", "one", "four", "five", "all")
	b.untilLogged("readyRead")
	for _, c := range []struct {
		limit int
		want  string
	}{{0, ""}, {1, "o"}, {4, "four"}, {5, "five"}, {-1, "all"}} {
		got := "nothing"
		if ok := b.ReceiveDatagram(c.limit, &datagram.Way{}, func(p []byte) { got = string(p) }); !ok || got != c.want {
			t.Errorf("with %d: %v, %q", c.limit, ok, got)
		}
	}
}

// Who drives the loop by its descriptor must be told of what is still in the
// library, where the system has nothing more.
func TestTheLoopsDescriptorTellsOfDatagramsThatWereTakenAhead(t *testing.T) {
	l := looptest.New(t)
	a, b := bound(t, l), bound(t, l)
	a.sendTo(b, "one", "two", "three")
	b.take()
	if !looptest.Readable(l.FD()) {
		t.Error("the loop's descriptor is not readable")
	}
	b.settle()
	b.expect("readyRead")
	if looptest.Readable(l.FD()) {
		t.Error("the loop's descriptor is readable though there is nothing to do")
	}
	b.take()
	if !looptest.Readable(l.FD()) {
		t.Error("the loop's descriptor is not readable after a read")
	}
}

func TestOneReadyReadIsLimited(t *testing.T) {
	l := looptest.New(t)
	a, b := bound(t, l), bound(t, l)
	client, peer := connected(t, l)
	const total = 3*maxTurn + 10
	for i := range total {
		a.sendTo(b, fmt.Sprint(i))
	}
	peer.Say("x")
	var turns []int
	got, before := 0, 0 // datagrams, and those that came before the connection's data
	b.on[SignalReadyRead] = func(int64) {
		n := 0
		for b.take() != "-" {
			n++
		}
		got += n
		turns = append(turns, n)
		if client.BytesAvailable() == 0 {
			before = got
		}
	}
	b.until("all is read", func() bool { return got == total })
	client.untilAvailable(1)
	for _, n := range turns {
		if n > maxTurn {
			t.Errorf("the handler read %v datagrams", turns)
		}
	}
	if before > 2*maxTurn {
		t.Errorf("the connection had to wait for %d datagrams", before)
	}
}

// A handler that reads one each time gets them all, though the system had to be asked only once.
func TestAHandlerMayReadOneEachTime(t *testing.T) {
	l := looptest.New(t)
	a, b := bound(t, l), bound(t, l)
	want := []string{"one", "two", "three", "four", "five"}
	a.sendTo(b, want...)
	var got []string
	b.on[SignalReadyRead] = func(int64) { got = append(got, b.take()) }
	b.until("all are read", func() bool { return len(got) == len(want) })
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	b.settle()
	b.expect(slices.Repeat([]string{"readyRead"}, len(want))...)
}

func TestAHandlersOwnLoopReadsOn(t *testing.T) {
	l := looptest.New(t)
	a, b := bound(t, l), bound(t, l)
	const total = 2*maxTurn + 5
	for i := range total {
		a.sendTo(b, fmt.Sprint(i))
	}
	got := 0
	b.on[SignalReadyRead] = func(int64) {
		if got > 0 {
			return
		}
		looptest.Until(t, l, "all is read", func() bool {
			for b.take() != "-" {
				got++
			}
			return got == total
		})
	}
	b.until("all is read", func() bool { return got == total })
}

func TestClosingGivesTheBatchBack(t *testing.T) {
	for name, f := range map[string]func(*rig){
		"Close":      func(r *rig) { r.Close() },
		"Abort":      func(r *rig) { r.Abort() },
		"Disconnect": func(r *rig) { r.Disconnect() },
		"Delete":     func(r *rig) { r.Delete() },
	} {
		for _, inside := range []bool{false, true} {
			t.Run(fmt.Sprint(name, ", inside readyRead: ", inside), func(t *testing.T) {
				l := looptest.New(t)
				a, b := bound(t, l), bound(t, l)
				done := false
				b.on[SignalReadyRead] = func(int64) {
					if inside {
						b.take()
						f(b)
						done = true
					}
				}
				for range 100 {
					a.sendTo(b, "x")
				}
				b.untilLogged("readyRead")
				if !inside {
					f(b)
				} else if !done {
					t.Error("not closed")
				}
				if n := l.Datagrams.Lent(); n != 0 {
					t.Errorf("%d batches are still lent", n)
				}
				b.settle()
				if b.count("readyRead") != 1 {
					t.Errorf("%q", b.log)
				}
				if b.Alive() && b.Descriptor() != -1 {
					t.Error("there is still a descriptor")
				}
			})
		}
	}
}

func TestARefusalIsSignalled(t *testing.T) {
	l := looptest.New(t)
	gone := bound(t, l)
	port := gone.LocalPort()
	gone.Close()
	u := observe(t, NewUDP(l))
	u.ConnectToAddress(address.LocalHost, port, ReadWrite)
	u.expect("state 1", "state 2", "hostFound", "state 3", "connected")
	u.say("anybody?")
	u.expect("bytesWritten 8")
	u.untilLogged("error 0")
	u.expect("readyRead", "error 0")
	if u.State() != Connected {
		t.Errorf("state %d", u.State())
	}
	// A call that finds it first tells it alone.
	u.say("anybody?")
	u.log = nil
	if n := u.ReadDatagram(make([]byte, 1), nil); n != -1 || u.Failure().Code != failure.ConnectionRefused {
		t.Errorf("%d, %v", n, u.Failure())
	}
	u.settle()
	u.expect("error 0")
	u.say("anybody?")
	u.log = nil
	if n := u.ReadDatagrams(3, nil); n != -1 || u.Failure().Code != failure.ConnectionRefused {
		t.Errorf("%d, %v", n, u.Failure())
	}
	u.say("anybody?")
	if n := u.Write([]byte("still?")); n != -1 || u.Failure().Code != failure.ConnectionRefused {
		t.Errorf("%d, %v", n, u.Failure())
	}
	u.settle()
}

// An error that is found inside a handler is told behind it.
func TestARefusalInsideAHandlerIsSignalledBehindIt(t *testing.T) {
	l := looptest.New(t)
	a := bound(t, l)
	u := observe(t, NewUDP(l))
	u.ConnectToAddress(address.LocalHost, a.LocalPort(), ReadWrite)
	a.WriteDatagram([]byte("x"), datagram.Endpoint{Address: address.LocalHost, Port: u.LocalPort()})
	inside := 0
	u.on[SignalReadyRead] = func(int64) {
		inside++
		defer func() { inside-- }()
		u.Read(make([]byte, 9))
		if a.State() == Bound {
			a.Close()
			u.say("anybody?")
			u.WaitForReadyRead(long)
		}
	}
	u.on[SignalErrorOccurred] = func(int64) {
		if inside > 0 {
			t.Error("told inside the handler")
		}
	}
	u.untilLogged("error 0")
	u.settle()
	if u.count("error 0") != 1 {
		t.Errorf("%q", u.log)
	}
}

func TestConnectingANameOfSeveralAddresses(t *testing.T) {
	l := looptest.New(t)
	u := observe(t, NewUDP(l))
	u.ConnectToHost("localhost", 9, ReadWrite, address.AnyIP)
	u.untilLogged("connected")
	if !u.PeerAddress().IsLoopback() || u.PeerPort() != 9 || u.PeerName() != "localhost" {
		t.Errorf("%v %d %q", u.PeerAddress(), u.PeerPort(), u.PeerName())
	}
	u.Abort()
	u.Bind(address.LocalHost, 0, DefaultForPlatform)
	u.log = nil
	u.ConnectToAddress(address.LocalHostIPv6, 9, ReadWrite)
	if u.State() != Unconnected || u.count("error 10") != 1 {
		t.Errorf("state %d, %q: an IPv4 socket cannot reach IPv6", u.State(), u.log)
	}
}

func TestWaitingForDatagrams(t *testing.T) {
	l := looptest.New(t)
	a, b := bound(t, l), bound(t, l)
	if b.WaitForReadyRead(1) {
		t.Error("there is nothing")
	}
	b.expect("error 5")
	a.sendTo(b, "one", "two")
	for range 2 {
		// The second time it was signalled and not read.
		if !b.WaitForReadyRead(1000) {
			t.Error("there is something")
		}
	}
	b.expect("readyRead")
	b.take()
	if !b.WaitForReadyRead(1000) {
		t.Error("there is another")
	}
	b.expect("readyRead")
	b.take()
	to := datagram.Endpoint{Address: address.LocalHost, Port: b.LocalPort()}
	done := looptest.Elsewhere(func() {
		time.Sleep(5 * time.Millisecond)
		looptest.Do(l, func() { a.WriteDatagram([]byte("late"), to) })
	})
	if !b.WaitForReadyRead(20000) || b.take() != "late" {
		t.Error("it did not come")
	}
	looptest.Await(t, l, "the sender is done", done)
}

func TestAdoptingADescriptor(t *testing.T) {
	l := looptest.New(t)
	a := bound(t, l)
	fd, err := endpoint.OpenDatagram(address.LocalHost)
	if err != nil {
		t.Fatal(err)
	}
	endpoint.Bind(fd, address.LocalHost, 0)
	u := observe(t, NewUDP(l))
	if !u.SetDescriptor(fd, Bound, ReadWrite) {
		t.Fatal(u.Failure())
	}
	a.sendTo(u, "hello")
	u.untilLogged("readyRead")
	if u.take() != "hello" || u.Option(option.ReceiveTrains) != 0 {
		t.Error("others who read from the descriptor would get trains")
	}
	stream, _ := endpoint.Open(address.LocalHost)
	defer unix.Close(stream)
	if u.SetDescriptor(stream, Connected, ReadWrite) || u.Failure().Code != failure.UnsupportedOperation || u.State() != Bound {
		t.Error("a stream was taken")
	}
}

func TestReadingAnotherThreadsDatagrams(t *testing.T) {
	l := looptest.New(t)
	a, b := bound(t, l), bound(t, l)
	const total = 2000
	got := 0
	b.on[SignalReadyRead] = func(int64) {
		for b.take() != "-" {
			got++
		}
	}
	to := datagram.Endpoint{Address: address.LocalHost, Port: b.LocalPort()}
	done := looptest.Elsewhere(func() {
		for sent := 0; sent < total; {
			looptest.Do(l, func() {
				// No more under way than surely fit.
				for ; sent < total && sent < got+100; sent++ {
					a.WriteDatagram([]byte("x"), to)
				}
				if sent%3 == 0 && b.take() != "-" {
					got++
				}
			})
		}
	})
	b.until("all is read", func() bool { return got == total })
	looptest.Await(t, l, "the sender is done", done)
	if b.DroppedDatagrams() != 0 {
		t.Errorf("%d were dropped", b.DroppedDatagrams())
	}
}

func TestNothingIsAllocatedForADatagram(t *testing.T) {
	l := looptest.New(t)
	a, b := NewUDP(l), NewUDP(l)
	defer a.Delete()
	defer b.Delete()
	b.Bind(address.LocalHost, 0, DefaultForPlatform)
	to := datagram.Endpoint{Address: address.LocalHost, Port: b.LocalPort()}
	data := make([]byte, 64)
	n := testing.AllocsPerRun(200, func() {
		for range 40 {
			a.WriteDatagram(data, to)
		}
		var from datagram.Endpoint
		for b.HasPendingDatagrams() {
			b.PendingDatagramSize()
			b.ReadDatagram(data, &from)
		}
		for range 3 {
			l.ProcessEvents(0)
		}
	})
	if n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// The device's functions see datagrams as a stream, of which nothing is lost.
func TestGroupsAreForBoundSockets(t *testing.T) {
	l := looptest.New(t)
	group, _ := address.Parse("239.255.7.7")
	listener := looptest.Listen(t)
	calls := map[string]func(*rig) bool{
		"join_multicast_group":    func(r *rig) bool { return r.JoinGroup(group, 0) },
		"leave_multicast_group":   func(r *rig) bool { return r.LeaveGroup(group, 0) },
		"multicast_interface":     func(r *rig) bool { return r.MulticastInterface() != 0 },
		"set_multicast_interface": func(r *rig) bool { return r.SetMulticastInterface(1) },
	}
	list := warnings(t)
	for name, call := range calls {
		fresh := observe(t, NewUDP(l))
		if call(fresh) || fresh.State() != Unconnected || fresh.Descriptor() >= 0 {
			t.Errorf("%s on an unconnected socket", name)
		}
		expectWarning(t, list, name+": the socket is not in the bound state")
		connected := observe(t, NewUDP(l))
		connected.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
		connected.until("it is connected", func() bool { return connected.State() == Connected })
		if call(connected) {
			t.Errorf("%s on a connected socket", name)
		}
		expectWarning(t, list, name+": the socket is not in the bound state")
	}
}

func TestDatagramsAsAStream(t *testing.T) {
	l := looptest.New(t)
	a, b := bound(t, l), bound(t, l)
	b.ConnectToAddress(address.LocalHost, a.LocalPort(), ReadWrite)
	large := string(pattern(5000))
	line := make([]byte, 20)
	a.sendTo(b, "first\n", "second\n", "th", "ird\nfo", "urth\n")
	for _, text := range []string{"first\n", "second\n", "third\n", "fourth\n"} {
		if n := b.ReadLine(line); n < 0 || string(line[:n]) != text {
			t.Errorf("line %q, want %q", line[:max(0, n)], text)
		}
	}
	a.sendTo(b, "long", " line\n")
	if n := b.ReadLine(line[:6]); n != 6 || string(line[:6]) != "long l" {
		t.Errorf("a part of a line: %q", line[:max(0, n)])
	}
	if n := b.ReadLine(line); n != 4 || string(line[:4]) != "ine\n" {
		t.Errorf("the rest of a line: %q", line[:max(0, n)])
	}
	a.sendTo(b, "one\ntwo", "", large, "end")
	p := make([]byte, 9000)
	if n := b.Peek(p[:100]); n != 100 || string(p[:7]) != "one\ntwo" {
		t.Errorf("peeked at %d bytes, %q", n, p[:7])
	}
	if n := b.ReadLine(p); string(p[:n]) != "one\n" {
		t.Errorf("line %q", p[:n])
	}
	if n := b.Skip(3); n != 3 {
		t.Errorf("skipped %d", n)
	}
	if got := b.all(); got != large+"end" {
		t.Errorf("got %d bytes of %d", len(got), len(large)+3)
	}
	a.sendTo(b, "x\r", "\ny")
	b.mode |= Text
	if got := b.all(); got != "x\ny" {
		t.Errorf("got %q", got)
	}
	b.mode &^= Text
	b.StartTransaction()
	a.sendTo(b, "first", "second")
	b.Read(p[:2])
	b.RollbackTransaction()
	if got := b.all(); got != "fisecond" {
		t.Errorf("got %q", got)
	}
}

// A state that was set, as a subclass can in Qt, makes no descriptor; and one that was taken
// over in no state is not received from.
func TestDatagramsNeedADescriptorAndAState(t *testing.T) {
	l := looptest.New(t)
	list := warnings(t)
	a := bound(t, l)
	u := observe(t, NewUDP(l))
	calls := map[string]func() bool{
		"has_pending_datagrams": u.HasPendingDatagrams,
		"pending_datagram_size": func() bool { return u.PendingDatagramSize() != -1 },
		"read_datagram":         func() bool { return u.ReadDatagram(make([]byte, 9), nil) != -1 },
		"receive_datagram":      func() bool { return u.ReceiveDatagram(-1, &datagram.Way{}, func([]byte) {}) },
		"read_datagrams":        func() bool { return u.ReadDatagrams(1, func(int, []byte, *datagram.Way) {}) != -1 },
	}
	check := func(what string) {
		t.Helper()
		for name, call := range calls {
			if call() {
				t.Errorf("%s of a socket with %s", name, what)
			}
			expectWarning(t, list, name+": the socket is not bound")
		}
	}
	check("nothing")
	u.SetState(Bound)
	check("a state alone")
	to := datagram.Endpoint{Address: address.LocalHost, Port: a.LocalPort()}
	u.log = nil
	if n := u.WriteDatagram([]byte("x"), to); n != -1 {
		t.Errorf("sent %d bytes", n)
	}
	expectWarning(t, list, "write_datagram: the socket is not bound")
	if n := u.WriteDatagrams(1, func(_ int, d *datagram.Outgoing) { d.Destination = to }); n != -1 {
		t.Errorf("sent %d datagrams", n)
	}
	expectWarning(t, list, "write_datagrams: the socket is not bound")
	u.expect()
	u.SetState(Unconnected)
	fd, err := endpoint.OpenDatagram(address.LocalHost)
	if err != nil {
		t.Fatal(err)
	}
	endpoint.Bind(fd, address.LocalHost, 0)
	if !u.SetDescriptor(fd, Unconnected, ReadWrite) {
		t.Fatal(u.Failure())
	}
	a.sendTo(u, "hello")
	looptest.AwaitReadable(fd)
	check("a descriptor alone")
	u.SetState(Bound)
	if got := u.take(); got != "hello" {
		t.Errorf("with both it has read %q", got)
	}
}

func TestASecondBindingBeginsAnew(t *testing.T) {
	l := looptest.New(t)
	a := bound(t, l)
	u := observe(t, NewUDP(l))
	for range 2 {
		if !u.Bind(address.AnyIPv4, 0, DefaultForPlatform) {
			t.Fatal(u.Failure())
		}
		loopback := endpoint.InterfaceIndex(int(u.Descriptor()), "lo")
		if u.MulticastInterface() != 0 || !u.SetMulticastInterface(loopback) || u.MulticastInterface() != loopback {
			t.Errorf("interface %d", u.MulticastInterface())
		}
		if u.HasPendingDatagrams() {
			t.Error("a datagram of the former is pending")
		}
		u.log = nil
		a.sendTo(u, "one", "two")
		u.untilLogged("readyRead")
		u.settle()
		u.expect("readyRead")
		// Not read: the next one is not told for it.
		u.Abort()
	}
}

func TestReadAllInAHandlerEnds(t *testing.T) {
	l := looptest.New(t)
	a, b := bound(t, l), bound(t, l)
	b.ConnectToAddress(address.LocalHost, a.LocalPort(), ReadWrite)
	got := ""
	b.on[SignalReadyRead] = func(int64) {
		for {
			part := b.all()
			if part == "" {
				return
			}
			got += part
		}
	}
	for range 3*maxTurn + 1 {
		a.sendTo(b, "x")
	}
	b.until("all is read", func() bool { return len(got) == 3*maxTurn+1 })
}
