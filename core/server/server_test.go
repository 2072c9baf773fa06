package server

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/internal/systest"
	"qnet/core/loop"
	"qnet/core/message"
	"qnet/core/object"
	"qnet/core/socket"
	"qnet/core/sys"
)

// long is a time that is never waited for to the end, short one that is.
const long, short = 15_000, 20

// rig is a server that writes down what it signals.
type rig struct {
	*Server
	t     testing.TB
	l     *loop.Loop
	log   []string
	mutes string            // a signal that is not written down
	on    map[string]func() // called, with the lock held, after a signal was written down
}

// newServer makes a server that does not listen and that the test's end deletes.
func newServer(t testing.TB, l *loop.Loop) *rig {
	return observe(t, New(l))
}

// observe makes a rig of s, which the test's end deletes.
func observe(t testing.TB, s *Server) *rig {
	l := s.Loop()
	r := &rig{Server: s, t: t, l: l, on: map[string]func(){}}
	for signal, name := range map[object.Signal]string{
		object.Destroyed:                 "destroyed",
		SignalNewConnection:              "new",
		SignalPendingConnectionAvailable: "pending",
		SignalAcceptError:                "error",
		SignalConnectionRefused:          "refused",
		SignalListening:                  "listening",
	} {
		r.On(signal, func(arg int64) {
			looptest.Do(s.Loop(), func() {
				entry := name
				if signal == SignalAcceptError {
					entry = fmt.Sprint(name, " ", arg)
				}
				if name != r.mutes {
					r.log = append(r.log, entry)
				}
				if f := r.on[name]; f != nil {
					f()
				}
			})
		})
	}
	t.Cleanup(func() { clear(r.on); r.Delete() })
	return r
}

// listening returns a server that listens on 127.0.0.1.
func listening(t testing.TB) *rig {
	t.Helper()
	r := newServer(t, looptest.New(t))
	r.listen()
	return r
}

// listen has it listen on 127.0.0.1.
func (r *rig) listen() {
	r.t.Helper()
	if !r.Listen(address.LocalHost, 0) {
		r.t.Fatal(r.Failure())
	}
	r.expect("listening")
}

func (r *rig) until(what string, done func() bool) {
	r.t.Helper()
	looptest.Until(r.t, r.l, what, done)
}

func (r *rig) settle() {
	r.t.Helper()
	looptest.Settle(r.t, r.l)
}

func (r *rig) expect(want ...string) {
	r.t.Helper()
	if !slices.Equal(r.log, want) {
		r.t.Errorf("got  %q\nwant %q", r.log, want)
	}
	r.log = nil
}

// count returns how often an entry is in the log.
func (r *rig) count(entry string) int {
	n := 0
	for _, e := range r.log {
		if e == entry {
			n++
		}
	}
	return n
}

// dial connects n peers, which need nobody to accept them.
func (r *rig) dial(n int) []*looptest.Peer {
	r.t.Helper()
	list := make([]*looptest.Peer, n)
	for i := range list {
		list[i] = looptest.Dial(r.t, r.Port())
	}
	return list
}

func warnings(t testing.TB) *[]string {
	list := &[]string{}
	message.SetHandler(func(_ message.Kind, text string) { *list = append(*list, text) })
	t.Cleanup(func() { message.SetHandler(nil) })
	return list
}

func TestServerTakesConnections(t *testing.T) {
	r := listening(t)
	p := r.dial(1)[0]
	r.on["pending"] = func() {
		if !r.HasPending() {
			t.Error("nothing is pending")
		}
	}
	r.until("it is there", r.HasPending)
	r.settle()
	r.expect("pending", "new")
	c := r.NextPending()
	if c == nil || c.State() != socket.Connected || c.Mode() != socket.ReadWrite || c.PeerAddress() != address.LocalHost || c.LocalPort() != r.Port() {
		t.Fatalf("%+v", c)
	}
	if c.Owner() != &r.owner {
		t.Error("it does not belong to the server")
	}
	if r.HasPending() || r.NextPending() != nil {
		t.Error("it is pending still")
	}
	p.Say("hello")
	r.until("data has come", func() bool { return c.BytesAvailable() == 5 })
	c.Write([]byte("hello"))
	in := p.Inbox()
	r.until("the peer has it", in.Has(5))
}

func TestListen(t *testing.T) {
	l := looptest.New(t)
	for _, c := range []struct {
		a    address.Address
		from []address.Address
	}{
		{address.LocalHost, []address.Address{address.LocalHost}},
		{address.LocalHostIPv6, []address.Address{address.LocalHostIPv6}},
		{address.AnyIPv4, []address.Address{address.LocalHost}},
		{address.AnyIPv6, []address.Address{address.LocalHostIPv6}},
		{address.Any, []address.Address{address.LocalHost, address.LocalHostIPv6}},
	} {
		r := newServer(t, l)
		if r.IsListening() || r.Port() != 0 || !r.Address().IsNull() || r.Descriptor() != -1 || r.Failure().Text != "" || r.Failure().Code != failure.Unknown {
			t.Error("a fresh server is not fresh")
		}
		if !r.Listen(c.a, 0) {
			t.Fatal(r.Failure())
		}
		if !r.IsListening() || r.Port() == 0 || r.Address() != c.a || r.Descriptor() < 0 {
			t.Errorf("listens on %v, port %d", r.Address(), r.Port())
		}
		for _, from := range c.from {
			looptest.DialAt(t, from, r.Port())
			r.until("it is there", r.HasPending)
			want := from.String()
			if c.a == address.Any && from == address.LocalHost {
				want = "::ffff:127.0.0.1"
			}
			if got := r.NextPending().PeerAddress().String(); got != want {
				t.Errorf("%v: a connection from %s, want %s", c.a, got, want)
			}
		}
		r.Close()
		if r.IsListening() || r.Port() != 0 || !r.Address().IsNull() || r.Descriptor() != -1 {
			t.Errorf("a closed server is at %v", r.Address())
		}
	}
}

func TestListenFails(t *testing.T) {
	l := looptest.New(t)
	list := warnings(t)
	taken := looptest.Listen(t)
	foreign, _ := address.Parse("203.0.113.1")
	r := newServer(t, l)
	for _, c := range []struct {
		a    address.Address
		port uint16
		code failure.Code
	}{
		{address.LocalHost, taken.Port, failure.AddressInUse},
		{foreign, 0, failure.AddressNotAvailable},
		{address.Null, 0, failure.UnsupportedOperation},
	} {
		if r.Listen(c.a, c.port) || r.Failure().Code != c.code || r.IsListening() || r.Descriptor() != -1 {
			t.Errorf("%v: %v", c.a, r.Failure())
		}
	}
	restore := looptest.NoDescriptors(t)
	ok := r.Listen(address.LocalHost, 0)
	restore()
	if ok || r.Failure().Code != failure.SocketResource {
		t.Error(r.Failure())
	}
	// A success does not clear the error.
	if !r.Listen(address.LocalHost, 0) || r.Failure().Code != failure.SocketResource {
		t.Error(r.Failure())
	}
	port := r.Port()
	if r.Listen(address.LocalHost, 0) || r.Port() != port || len(*list) != 1 || !strings.Contains((*list)[0], "listen") {
		t.Errorf("port %d, %q", r.Port(), *list)
	}
	r.expect("listening")
}

// It listens when that is signalled, and whoever ends it then finds it ended.
func TestListeningIsSignalled(t *testing.T) {
	descriptor := func(r *rig) bool {
		fd, err := unix.Dup(looptest.Listen(r.t).FD)
		if err != nil {
			r.t.Fatal(err)
		}
		return r.SetDescriptor(fd)
	}
	for way, listen := range map[string]func(r *rig) bool{
		"Listen":        func(r *rig) bool { return r.Listen(address.LocalHost, 0) },
		"SetDescriptor": descriptor,
	} {
		for name, act := range map[string]func(r *rig){
			"nothing": func(*rig) {},
			"Close":   func(r *rig) { r.Close() },
			"Delete":  func(r *rig) { r.Delete() },
			"again":   func(r *rig) { r.Close(); r.Listen(address.LocalHost, 0) },
		} {
			t.Run(way+", "+name, func(t *testing.T) {
				r := newServer(t, looptest.New(t))
				r.on["listening"] = func() {
					delete(r.on, "listening")
					if !r.IsListening() || r.Port() == 0 || r.Address() != address.LocalHost || r.Descriptor() < 0 {
						t.Errorf("%v:%d", r.Address(), r.Port())
					}
					act(r)
				}
				if !listen(r) {
					t.Error("it did not listen")
				}
				if want := name == "nothing" || name == "again"; r.Alive() && r.IsListening() != want {
					t.Errorf("listens: %v", r.IsListening())
				}
				if want := map[string]int{"again": 2}[name]; r.count("listening") != max(1, want) {
					t.Errorf("%q", r.log)
				}
			})
		}
	}
}

func TestPortIsFreeAgainAfterClose(t *testing.T) {
	r := listening(t)
	port := r.Port()
	p := r.dial(1)[0]
	r.until("it is there", r.HasPending)
	c := r.NextPending()
	c.Close() // the server's side ends first: the system remembers the connection
	p.Close()
	r.Close()
	if !r.Listen(address.LocalHost, port) {
		t.Error(r.Failure())
	}
}

func TestAcceptingStopsAtTheLimit(t *testing.T) {
	r := listening(t)
	if r.MaxPending() != 30 {
		t.Errorf("limit %d", r.MaxPending())
	}
	r.SetMaxPending(2)
	r.dial(5)
	r.until("two are there", func() bool { return len(r.pending) == 2 })
	r.settle()
	r.expect("pending", "new", "pending", "new")
	if looptest.Readable(r.l.FD()) {
		t.Error("the loop is busy with what must wait")
	}
	// Each that is taken makes room.
	r.NextPending()
	r.settle()
	r.expect("pending", "new")
	// So does one that is deleted.
	r.pending[0].Delete()
	r.settle()
	r.expect("pending", "new")
	r.SetMaxPending(3)
	r.settle()
	r.expect("pending", "new")
	if len(r.pending) != 3 {
		t.Errorf("%d are pending", len(r.pending))
	}
	r.SetMaxPending(0)
	r.dial(1)
	for r.HasPending() {
		r.NextPending()
	}
	r.settle()
	r.expect()
}

func TestOneTurnTakesNotTooMany(t *testing.T) {
	r := listening(t)
	r.Close()
	r.SetBacklog(100)
	if r.Backlog() != 100 {
		t.Errorf("backlog %d", r.Backlog())
	}
	r.SetMaxPending(1000)
	if !r.Listen(address.LocalHost, 0) {
		t.Fatal(r.Failure())
	}
	r.dial(maxAccepts + 10)
	looptest.AwaitReadable(r.l.FD())
	r.l.ProcessEvents(0)
	if n := len(r.pending); n > maxAccepts || n == 0 {
		t.Errorf("%d in one turn", n)
	}
	r.until("all are there", func() bool { return len(r.pending) == maxAccepts+10 })
}

func TestPause(t *testing.T) {
	r := listening(t)
	r.Pause()
	r.dial(2)
	r.settle()
	r.expect()
	if looptest.Readable(r.l.FD()) {
		t.Error("the loop is busy")
	}
	r.Resume()
	r.until("both are there", func() bool { return len(r.pending) == 2 })
	// Inside a slot it is heeded at once.
	r.log = nil
	r.on["new"] = r.Pause
	r.dial(2)
	r.until("one is there", func() bool { return len(r.pending) == 3 })
	r.settle()
	r.expect("pending", "new")
	// Listening anew accepts again.
	delete(r.on, "new")
	r.Close()
	r.Listen(address.LocalHost, 0)
	r.dial(1)
	r.until("it is there", r.HasPending)
}

func TestCloseDeletesWhatIsPending(t *testing.T) {
	r := listening(t)
	peers := r.dial(3)
	r.until("all are there", func() bool { return len(r.pending) == 3 })
	taken := r.NextPending()
	pending := slices.Clone(r.pending)
	r.Close()
	if !taken.Alive() || taken.State() != socket.Connected {
		t.Error("the one that was taken is gone")
	}
	for _, c := range pending {
		if c.Alive() {
			t.Error("a pending one is left")
		}
	}
	in := peers[2].Inbox()
	r.until("its peer knows", in.Ended)
	if r.HasPending() || r.NextPending() != nil {
		t.Error("something is pending")
	}
	r.Close() // again is harmless
}

func TestServerTakesItsSocketsAlong(t *testing.T) {
	r := listening(t)
	r.dial(4)
	r.until("all are there", func() bool { return len(r.pending) == 4 })
	var log []string
	observe := func(name string, c *socket.Socket) *socket.Socket {
		c.On(object.Destroyed, func(int64) { log = append(log, name) })
		return c
	}
	observe("taken", r.NextPending())
	deleted := observe("deleted", r.NextPending())
	freed := observe("freed", r.NextPending())
	observe("pending", r.pending[0])
	r.on["destroyed"] = func() { log = append(log, "server") }
	freed.SetOwner(nil)
	deleted.Delete()
	if len(r.owner.Sockets()) != 2 {
		t.Errorf("%d children", len(r.owner.Sockets()))
	}
	r.Delete()
	if got := fmt.Sprint(log); got != "[deleted pending server taken]" {
		t.Error(got)
	}
	if !freed.Alive() || freed.State() != socket.Connected {
		t.Error("what was taken from it is gone, too")
	}
	freed.Delete()
	r.Delete() // again is harmless
}

func TestServerDeletesItsSocketsInTheirOrder(t *testing.T) {
	r := listening(t)
	var got []int
	for i := range 20 {
		c := socket.New(r.l)
		c.On(object.Destroyed, func(int64) { got = append(got, i) })
		r.Own(c)
	}
	r.Delete()
	if len(got) != 20 || !slices.IsSorted(got) {
		t.Errorf("deleted: %v", got)
	}
}

func TestServerOwnsWhatItIsGiven(t *testing.T) {
	l := looptest.New(t)
	one, two := newServer(t, l), newServer(t, l)
	c := socket.New(l)
	one.Own(c)
	one.Own(c)
	if len(one.owner.Sockets()) != 1 {
		t.Errorf("%d children", len(one.owner.Sockets()))
	}
	one.AddPending(c)
	one.expect("pending")
	// The other takes it over, also from among the pending ones.
	two.AddPending(c)
	if one.HasPending() || len(one.owner.Sockets()) != 0 || !two.HasPending() || c.Owner() != &two.owner {
		t.Error("it has two owners")
	}
	one.Delete()
	if !c.Alive() {
		t.Error("the former owner took it along")
	}
	two.Delete()
	if c.Alive() {
		t.Error("it is left")
	}
}

func TestAMessageHandlerMayTakeTheConnectionItIsAbout(t *testing.T) {
	l := looptest.New(t)
	r := newServer(t, l)
	c := socket.New(l)
	t.Cleanup(c.Delete)
	r.AddPending(c)
	var taken *socket.Socket
	asked := false
	message.SetHandler(func(message.Kind, string) {
		if asked {
			return
		}
		asked = true
		looptest.Do(l, func() { taken = r.NextPending() })
	})
	t.Cleanup(func() { message.SetHandler(nil) })
	if got := r.NextPending(); got != nil || taken != c {
		t.Fatalf("NextPending() = %p and %p for the handler, want nil and %p", got, taken, c)
	}
}

func TestNextPendingOfAServerThatDoesNotListenWarns(t *testing.T) {
	r := newServer(t, looptest.New(t))
	var said []string
	message.SetHandler(func(_ message.Kind, text string) { said = append(said, text) })
	t.Cleanup(func() { message.SetHandler(nil) })
	if r.NextPending() != nil || len(said) != 0 {
		t.Errorf("without a connection: %q", said)
	}
	c := socket.New(r.l)
	r.AddPending(c)
	if r.NextPending() != c || len(said) != 1 {
		t.Errorf("warnings: %q", said)
	}
}

func TestSocketThatIsPendingTwice(t *testing.T) {
	r := listening(t)
	c := socket.New(r.l)
	r.AddPending(c)
	r.AddPending(c)
	c.Delete()
	if got := r.NextPending(); got != nil || r.HasPending() {
		t.Errorf("a deleted socket is pending: %p", got)
	}
}

func TestPendingSocketThatEnds(t *testing.T) {
	r := listening(t)
	p := r.dial(1)[0]
	p.Say("last words")
	p.Close()
	r.until("it is over", func() bool { return r.HasPending() && r.pending[0].State() == socket.Unconnected })
	c := r.NextPending()
	if c.BytesAvailable() != 10 || c.Failure() != failure.PeerClosed {
		t.Errorf("%d bytes, %v", c.BytesAvailable(), c.Failure())
	}
}

func TestIncomingReplacesWhatIsDone(t *testing.T) {
	r := listening(t)
	var fds []int
	r.SetIncoming(func(fd int) { fds = append(fds, fd) })
	r.dial(2)
	r.until("both are there", func() bool { return len(fds) == 2 })
	r.settle()
	r.expect("new", "new")
	unix.Close(fds[0])
	c := socket.New(r.l)
	if !c.SetDescriptor(fds[1], socket.Connected, socket.ReadWrite) {
		t.Fatal(c.Failure())
	}
	r.AddPending(c)
	r.expect("pending")
	if r.NextPending() != c {
		t.Error("another")
	}
	r.SetIncoming(nil)
	r.dial(1)
	r.until("it is there", r.HasPending)
}

func TestOverridesMayCallWhatTheyReplace(t *testing.T) {
	r := listening(t)
	r.dial(1)
	calls := 0
	r.SetHasPending(func() bool { calls++; return !r.HasPending() })
	r.SetNextPending(func() *socket.Socket { calls++; return r.NextPending() })
	if !r.HasPending() {
		t.Error("the override is not asked")
	}
	r.until("it is there", func() bool { return !r.HasPending() })
	if r.NextPending() == nil || r.NextPending() != nil {
		t.Error("not one connection")
	}
	r.SetHasPending(nil)
	r.SetNextPending(nil)
	before := calls
	if r.HasPending() || r.NextPending() != nil || calls != before {
		t.Error("the overrides are called still")
	}
}

func TestPanicInAnOverrideDoesNotSwitchItOff(t *testing.T) {
	r := listening(t)
	calls := 0
	r.SetHasPending(func() bool {
		if calls++; calls == 1 {
			panic("boom")
		}
		return true
	})
	if got := looptest.Panic(func() { r.HasPending() }); got != "boom" || !r.HasPending() {
		t.Error(got)
	}
}

func TestEndedInASlot(t *testing.T) {
	for _, signal := range []string{"pending", "new"} {
		for name, c := range map[string]struct {
			end  func(*rig)
			want string
		}{
			"Close":  {func(r *rig) { r.Close() }, map[string]string{"pending": "[pending new]", "new": "[pending new]"}[signal]},
			"Delete": {func(r *rig) { r.Delete() }, map[string]string{"pending": "[pending destroyed]", "new": "[pending new destroyed]"}[signal]},
			"DeleteLater": {func(r *rig) {
				r.Pause()
				r.DeleteLater()
			}, "[pending new destroyed]"},
		} {
			t.Run(signal+"/"+name, func(t *testing.T) {
				r := listening(t)
				r.dial(3)
				r.on[signal] = func() {
					delete(r.on, signal)
					c.end(r)
				}
				r.until("there is one", func() bool { return len(r.log) > 0 })
				r.settle()
				if got := fmt.Sprint(r.log); got != c.want {
					t.Errorf("%s, want %s", got, c.want)
				}
			})
		}
	}
}

func TestNestedLoopInASlotTakesTheOthers(t *testing.T) {
	r := listening(t)
	r.dial(5)
	nested := false
	r.on["new"] = func() {
		if !nested {
			nested = true
			r.until("all are there", func() bool { return len(r.pending) == 5 })
		}
	}
	r.until("all is over", func() bool { return r.count("new") == 5 })
	if r.count("pending") != 5 {
		t.Errorf("%q", r.log)
	}
}

func TestAdoptedListener(t *testing.T) {
	l := looptest.New(t)
	list := warnings(t)
	r := newServer(t, l)
	listener := looptest.Listen(t)
	p := looptest.Dial(t, listener.Port)
	file := systest.File(t)
	defer unix.Close(file)
	for _, fd := range []int{-1, file, p.FD} {
		if r.SetDescriptor(fd) || r.Failure() != failure.BadDescriptor || r.IsListening() {
			t.Errorf("descriptor %d: %v", fd, r.Failure())
		}
	}
	fd := listener.FD
	listener.FD = -1
	if !r.SetDescriptor(fd) || r.Descriptor() != fd || r.Port() != listener.Port || r.Address() != address.LocalHost {
		t.Errorf("descriptor %d of %d, %v, port %d", r.Descriptor(), fd, r.Address(), r.Port())
	}
	r.until("it is there", r.HasPending)
	if r.SetDescriptor(fd) || len(*list) != 1 {
		t.Errorf("adopted twice; %q", *list)
	}
}

func TestAcceptingRecoversWhenDescriptorsAreBack(t *testing.T) {
	r := listening(t)
	r.dial(3)
	free := looptest.NoDescriptors(t)
	start := time.Now()
	r.until("it has failed three times", func() bool { return r.count("error 4") == 3 })
	// 50 and 100 ms apart.
	if took := time.Since(start); took < 3*firstBackOff {
		t.Errorf("three failures in %v", took)
	}
	if r.Failure().Text != "Out of resources" || !r.IsListening() {
		t.Error(r.Failure())
	}
	if looptest.Readable(r.l.FD()) {
		t.Error("the loop is busy with what must wait")
	}
	free()
	r.until("all are there", func() bool { return len(r.pending) == 3 })
	if r.backOff != 0 || r.watch == 0 {
		t.Errorf("it does not accept as before: %v", r.backOff)
	}
	r.log = nil
	r.dial(1)
	r.until("one more is there", func() bool { return len(r.pending) == 4 })
	r.settle()
	r.expect("pending", "new")
}

func TestFailureAfterARecoveryBacksOffAgain(t *testing.T) {
	r := listening(t)
	r.dial(4)
	free := looptest.NoDescriptors(t)
	r.until("it has failed", func() bool { return r.count("error 4") == 1 })
	// One is accepted, then there are none again.
	r.on["new"] = func() {
		delete(r.on, "new")
		free = looptest.NoDescriptors(t)
	}
	free()
	r.until("it has failed again", func() bool { return r.count("error 4") == 2 })
	if r.watch != 0 || r.backOff != firstBackOff || !r.retry.Running() {
		t.Errorf("it asks at once, instead of in %v", r.backOff)
	}
	r.settle()
	if r.count("error 4") != 2 {
		t.Errorf("%q", r.log)
	}
	free()
	r.until("all are there", func() bool { return len(r.pending) == 4 })
}

func TestBackOffEndsWithTheListening(t *testing.T) {
	for name, end := range map[string]func(*rig){
		"Close":  func(r *rig) { r.Close() },
		"Delete": func(r *rig) { r.Delete() },
		"Pause":  func(r *rig) { r.Pause() },
	} {
		t.Run(name, func(t *testing.T) {
			r := listening(t)
			r.dial(1)
			free := looptest.NoDescriptors(t)
			r.on["error"] = func() { end(r) }
			r.until("it has failed", func() bool { return r.count("error 4") == 1 })
			free()
			delete(r.on, "error")
			if name != "Pause" {
				if r.retry.Running() {
					t.Error("it will be tried again")
				}
				return
			}
			// When the time has come nothing is accepted, but once it goes on.
			r.until("the time has come", func() bool { return !r.retry.Running() })
			r.settle()
			if r.HasPending() {
				t.Error("accepted while paused")
			}
			r.Resume()
			r.until("it is there", r.HasPending)
		})
	}
}

func TestBackOffGrowsToItsLimit(t *testing.T) {
	r := listening(t)
	var got []time.Duration
	for range 7 {
		r.acceptFailed(failure.None)
		got = append(got, r.backOff)
	}
	want := []time.Duration{50, 100, 200, 400, 800, 1000, 1000}
	for i := range want {
		want[i] *= time.Millisecond
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestWaitForNewConnection(t *testing.T) {
	r := listening(t)
	start := time.Now()
	if ok, timedOut := r.WaitForNewConnection(short); ok || !timedOut || time.Since(start) < short*time.Millisecond {
		t.Errorf("%v, %v after %v", ok, timedOut, time.Since(start))
	}
	if r.Failure() != failure.PollTimeout {
		t.Error(r.Failure())
	}
	r.expect()
	if ok, timedOut := r.WaitForNewConnection(0); ok || !timedOut {
		t.Errorf("%v, %v", ok, timedOut)
	}
	r.dial(3)
	for _, msec := range []int{-1, long} {
		if ok, timedOut := r.WaitForNewConnection(msec); !ok || timedOut {
			t.Errorf("%v, %v", ok, timedOut)
		}
		if msec < 0 {
			r.expect("pending", "new", "pending", "new", "pending", "new")
			r.Pause()
			r.dial(1) // who waits gets it all the same
		}
	}
	r.expect("pending", "new")
	r.Close()
	if ok, timedOut := r.WaitForNewConnection(long); ok || timedOut {
		t.Errorf("not listening: %v, %v", ok, timedOut)
	}
}

func TestHostInterruptsAWait(t *testing.T) {
	r := listening(t)
	host := looptest.Interrupts(t)
	r.dial(1)
	sys.Signal(host.FD)
	before := r.Failure()
	for _, msec := range []int{0, long, -1} {
		if ok, timedOut := r.WaitForNewConnection(msec); ok || timedOut || r.Failure() != before {
			t.Errorf("%v, %v, %v", ok, timedOut, r.Failure())
		}
	}
	r.expect()
	sys.Drain(host.FD)
	if ok, _ := r.WaitForNewConnection(long); !ok || host.Noted != 3 {
		t.Errorf("%v, interrupted %d times", ok, host.Noted)
	}
}

func TestWaitWithoutALoopOutlastsTheBackOff(t *testing.T) {
	r := listening(t)
	r.dial(1)
	// The wait itself needs a descriptor.
	w, err := r.l.NewWaiter()
	if err != nil {
		t.Fatal(err)
	}
	r.l.EndWaiter(w)
	free := looptest.NoDescriptors(t)
	r.on["error"] = func() {
		if r.count("error 4") == 2 {
			free()
		}
	}
	if ok, timedOut := r.WaitForNewConnection(-1); !ok || timedOut {
		t.Errorf("%v, %v", ok, timedOut)
	}
	r.expect("error 4", "error 4", "pending", "new")
}

func TestWaitDuringTheBackOffTimesOut(t *testing.T) {
	r := listening(t)
	r.dial(1)
	w, err := r.l.NewWaiter()
	if err != nil {
		t.Fatal(err)
	}
	r.l.EndWaiter(w)
	defer looptest.NoDescriptors(t)()
	for range 2 {
		start := time.Now()
		ok, timedOut := r.WaitForNewConnection(short)
		if took := time.Since(start); ok || !timedOut || took < short*time.Millisecond || took > long/2*time.Millisecond {
			t.Errorf("%v, %v after %v", ok, timedOut, took)
		}
	}
}

func TestWaitOnAnotherThread(t *testing.T) {
	for name, c := range map[string]struct {
		begin, end func(*rig)
		ok         bool
		loop       bool
	}{
		"the loop accepts": {nil, func(r *rig) { r.dial(1) }, true, true},
		"nobody else does": {nil, func(r *rig) { r.dial(1) }, true, false},
		"there is room again": {func(r *rig) {
			r.SetConnectionLimit(1)
			r.dial(2)
			r.until("one is there", r.HasPending)
		}, func(r *rig) { r.NextPending().Delete() }, true, false},
		"the queue is full, and one more comes": {func(r *rig) {
			r.SetMaxPending(1)
			r.dial(1)
			r.until("one is there", r.HasPending)
		}, func(r *rig) { r.dial(1) }, true, false},
		"closed":                 {nil, func(r *rig) { r.Close() }, false, false},
		"deleted":                {nil, func(r *rig) { r.Delete() }, false, false},
		"deleted, with the loop": {nil, func(r *rig) { r.DeleteLater() }, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := listening(t)
			if c.begin != nil {
				c.begin(r)
			}
			result := make(chan bool, 1)
			done := looptest.Elsewhere(func() {
				looptest.Do(r.l, func() {
					ok, timedOut := r.WaitForNewConnection(long)
					if timedOut {
						t.Error("timed out")
					}
					result <- ok
				})
			})
			for r.waiters.Len() == 0 {
				r.l.Unlock()
				time.Sleep(0)
				r.l.Lock()
			}
			c.end(r)
			if c.loop {
				r.until("the wait is over", func() bool { return len(result) > 0 })
			}
			looptest.Await(t, r.l, "the wait is over", done)
			if ok := <-result; ok != c.ok {
				t.Errorf("the wait returned %v", ok)
			}
		})
	}
}

// Who waits while the queue is full takes nobody from it: nothing would ever change.
func TestWaitWithAFullQueue(t *testing.T) {
	for _, most := range []int{0, 1} {
		r := listening(t)
		r.SetMaxPending(most)
		r.dial(most + 1)
		for range most {
			if ok, _ := r.WaitForNewConnection(long); !ok {
				t.Fatal("nobody was accepted")
			}
		}
		for range 2 {
			if ok, timedOut := r.WaitForNewConnection(-1); !ok || timedOut {
				t.Errorf("%v, %v", ok, timedOut)
			}
		}
		r.settle()
		if n := len(r.pending); n != most {
			t.Errorf("%d are pending, of %d", n, most)
		}
	}
}

func TestWaitWithoutDescriptors(t *testing.T) {
	r := listening(t)
	restore := looptest.NoDescriptors(t)
	ok, timedOut := r.WaitForNewConnection(long)
	restore()
	if ok || timedOut || r.Failure().Code != failure.SocketResource {
		t.Errorf("%v, %v, %v", ok, timedOut, r.Failure())
	}
}

func TestDeletingServerDoesNotListen(t *testing.T) {
	r := listening(t)
	r.dial(1)
	r.until("it is there", r.HasPending)
	tried := false
	r.pending[0].On(socket.SignalDisconnected, func(int64) {
		looptest.Do(r.l, func() {
			tried = true
			if r.Listen(address.LocalHost, 0) || r.SetDescriptor(0) {
				t.Error("it listens")
			}
		})
	})
	r.Delete()
	if !tried {
		t.Error("nobody tried")
	}
}

func TestManyServers(t *testing.T) {
	l := looptest.New(t)
	before := 0
	for range 100 {
		r := newServer(t, l)
		r.Listen(address.LocalHost, 0)
		p := r.dial(2)
		r.until("both are there", func() bool { return len(r.pending) == 2 })
		c := r.NextPending()
		c.SetOwner(nil)
		c.DeleteLater()
		r.Delete()
		looptest.Settle(t, l)
		for _, q := range p {
			q.Close()
		}
		if n := looptest.Descriptors(); before == 0 {
			before = n
		} else if n != before {
			t.Fatalf("%d descriptors, at first %d", n, before)
		}
	}
}
