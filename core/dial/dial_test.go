package dial

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/endpoint"
	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/kept"
	"qnet/core/loop"
	"qnet/core/option"
	"qnet/core/poll"
	"qnet/core/resolve"
	"qnet/core/sys"
)

// owner is one that writes down what it is told, and keeps what is connected.
type owner struct {
	t       *testing.T
	l       *loop.Loop
	d       *Dial
	log     []string
	opened  int
	refuses error // what Open fails with
	found   func() bool
	won     Connection
	failure *failure.Failure
	waiters loop.Waiters
}

func newOwner(t *testing.T) *owner {
	o := &owner{t: t, l: looptest.New(t), won: Connection{FD: -1}}
	t.Cleanup(func() {
		if o.d != nil {
			o.d.Close()
		}
		o.drop()
	})
	return o
}

// drop closes what was connected.
func (o *owner) drop() {
	if o.won.FD >= 0 {
		sys.Close(o.won.FD)
		o.won.FD = -1
	}
}

func (o *owner) Found() bool {
	o.log = append(o.log, "found")
	return o.found == nil || o.found()
}

func (o *owner) Open(to address.Address) (int, error) {
	if o.refuses != nil {
		return -1, o.refuses
	}
	o.opened++
	if o.d.Datagram {
		return endpoint.OpenDatagram(to)
	}
	return endpoint.Open(to)
}

func (o *owner) Connected(c Connection) {
	o.log = append(o.log, "connected")
	o.won = c
	o.l.Unwatch(c.Watch)
	o.checkClosed()
}

func (o *owner) Failed(f *failure.Failure) {
	o.log = append(o.log, "failed")
	o.failure = f
	o.checkClosed()
}

// checkClosed checks that nothing comes of the dial any more, whose end is told.
func (o *owner) checkClosed() {
	o.t.Helper()
	if _, running := o.d.timer.Due(); running || o.d.stage != closed || o.d.FD() != -1 {
		o.t.Errorf("it is over, but in stage %d with descriptor %d; the timer runs: %v", o.d.stage, o.d.FD(), running)
	}
}

func (o *owner) Notify() { o.waiters.Notify() }

// dial begins to connect to addresses as if a look-up had found them.
func (o *owner) dial(port uint16, addresses ...address.Address) *Dial {
	o.prepare(port)
	o.d.Use(addresses)
	o.d.Begin()
	return o.d
}

func (o *owner) prepare(port uint16) {
	o.log, o.failure = nil, nil
	o.d = &Dial{Home: looptest.Home(o.l), Owner: o, Port: port, Bound: -1}
}

func (o *owner) until(what string) {
	o.t.Helper()
	looptest.Until(o.t, o.l, what, func() bool { return slices.Contains(o.log, what) })
}

func (o *owner) expect(want ...string) {
	o.t.Helper()
	if !slices.Equal(o.log, want) {
		o.t.Errorf("got  %q\nwant %q", o.log, want)
	}
}

// over is an owner as what is waited for.
type over struct{ *owner }

func (o over) Over() bool { return o.won.FD >= 0 || o.failure != nil }
func (o over) Wants(list []poll.Waited) ([]poll.Waited, int64) {
	return o.d.Wants(list)
}
func (o over) Proceed([]poll.Waited) { o.d.Proceed() }

// wait waits without the loop.
func (o *owner) wait() {
	o.t.Helper()
	if e, err := o.waiters.Wait(o.l, time.Now().Add(looptest.Patience), over{o}); e != loop.Done || err != nil {
		o.t.Fatalf("%d, %v", e, err)
	}
}

func TestLiteralIsConnected(t *testing.T) {
	listener := looptest.Listen(t)
	o := newOwner(t)
	o.dial(listener.Port, address.LocalHost)
	o.expect("found")
	o.until("connected")
	o.expect("found", "connected")
	if o.won.To != address.LocalHost || o.won.Port != listener.Port || o.won.Watch == 0 || o.won.Reset {
		t.Errorf("%+v", o.won)
	}
	listener.Accept().Say("x")
	if !looptest.AwaitReadable(o.won.FD) {
		t.Error("it does not hear its peer")
	}
}

// Those who wait for one attempt do not see what becomes of the next, which somebody else may
// have begun while they did not look: the loop, or another who waits.
func TestThoseWhoWaitAreToldOfEachAttempt(t *testing.T) {
	silent, _ := looptest.HalfSilent(t)
	o := newOwner(t)
	w, err := o.waiters.Add(o.l)
	if err != nil {
		t.Fatal(err)
	}
	defer o.waiters.Remove(o.l, w)
	told := func() bool { return o.l.Sleep(w, nil, time.Now()) }
	d := o.dial(silent.Port, address.LocalHost, address.LocalHostIPv6)
	if len(d.untried) != 1 || !told() || told() {
		t.Error("not told, once, of the first attempt")
	}
	looptest.Until(t, o.l, "there is another attempt", func() bool { return len(d.untried) == 0 })
	if !told() {
		t.Error("not told of the second attempt")
	}
}

func TestNameIsLookedUp(t *testing.T) {
	listener := looptest.Listen(t)
	for name, goOn := range map[string]func(*owner){
		"in the loop":    func(o *owner) { o.until("connected") },
		"without a loop": (*owner).wait,
	} {
		t.Run(name, func(t *testing.T) {
			o := newOwner(t)
			o.prepare(listener.Port)
			o.d.LookUp("localhost", address.IPv4)
			o.expect()
			goOn(o)
			o.expect("found", "connected")
			looptest.Settle(t, o.l)
			o.expect("found", "connected")
		})
	}
}

// TestWhatIsKnownNeedsNoThread: a name that the table of hosts has, once that was read.
func TestWhatIsKnownNeedsNoThread(t *testing.T) {
	listener := looptest.Listen(t)
	kept.Now = func() time.Time { return time.Now().Add(time.Hour) }
	t.Cleanup(func() { kept.Now = time.Now })
	for range 2 {
		resolve.Wait("localhost")
	}
	if _, ok := resolve.Known("localhost"); !ok {
		t.Skip("this machine does not look for localhost in a table first, or has none")
	}
	o := newOwner(t)
	o.prepare(listener.Port)
	o.d.LookUp("localhost", address.IPv4)
	if o.d.stage != lookedUp || o.d.cancel != nil {
		t.Error("it is looked up elsewhere")
	}
	o.expect()
	o.until("connected")
	o.expect("found", "connected")
}

func TestNameWithoutAddresses(t *testing.T) {
	o := newOwner(t)
	o.prepare(1)
	o.d.LookUp("", address.AnyIP)
	o.until("failed")
	o.expect("failed")
	if o.failure != failure.HostUnknown {
		t.Error(o.failure)
	}
	// Or none of the protocol that is asked for.
	o.prepare(1)
	o.d.Use(Limit([]address.Address{address.LocalHost}, address.IPv6))
	o.d.Begin()
	o.expect("failed")
}

func TestClosedDialSaysNothing(t *testing.T) {
	listener := looptest.Listen(t)
	o := newOwner(t)
	for name, begin := range map[string]func(){
		"looking up": func() { o.prepare(1); o.d.LookUp("nowhere.invalid", address.AnyIP) },
		"known":      func() { o.prepare(1); o.d.LookUp("localhost", address.AnyIP) },
		"looked up":  func() { o.prepare(1); o.d.Use([]address.Address{address.LocalHost}) },
		"trying":     func() { o.dial(listener.Port, address.LocalHost); o.log = nil },
	} {
		before := o.opened
		begin()
		o.d.Close()
		o.d.Begin()
		looptest.Settle(t, o.l)
		if len(o.log) > 0 || o.d.FD() >= 0 || name == "looked up" && o.opened > before {
			t.Errorf("%s: %q", name, o.log)
		}
	}
}

func TestOwnerMayCloseTheDialWhenItIsTold(t *testing.T) {
	o := newOwner(t)
	o.found = func() bool { o.d.Close(); return true }
	o.dial(1, address.LocalHost)
	o.found = func() bool { return false }
	o.dial(1, address.LocalHost)
	looptest.Settle(t, o.l)
	if o.expect("found"); o.opened != 0 {
		t.Errorf("%d descriptors", o.opened)
	}
}

// Who waits inside Owner.Found gets its connection there, and once.
func TestWaitInsideFound(t *testing.T) {
	listener := looptest.Listen(t)
	o := newOwner(t)
	o.found = func() bool { o.wait(); return true }
	o.dial(listener.Port, address.LocalHost)
	if o.expect("found", "connected"); o.opened != 1 {
		t.Errorf("%d descriptors", o.opened)
	}
}

func TestSecondAddressIsTriedBesideTheFirst(t *testing.T) {
	silent, _ := looptest.HalfSilent(t)
	for name, goOn := range map[string]func(*owner){
		"in the loop":    func(o *owner) { o.until("connected") },
		"without a loop": (*owner).wait,
	} {
		t.Run(name, func(t *testing.T) {
			o := newOwner(t)
			start := time.Now()
			d := o.dial(silent.Port, address.LocalHost, address.LocalHostIPv6)
			if len(d.attempts) != 1 {
				t.Errorf("%d attempts at first", len(d.attempts))
			}
			goOn(o)
			if took := time.Since(start); took < Delay || o.won.To != address.LocalHostIPv6 || o.opened != 2 {
				t.Errorf("%+v after %v, with %d descriptors", o.won, took, o.opened)
			}
		})
	}
}

func TestAttemptIsGivenUpInTheEnd(t *testing.T) {
	silent, _ := looptest.HalfSilent(t)
	for name, goOn := range map[string]func(*owner){
		"in the loop":    func(o *owner) { o.until("failed") },
		"without a loop": (*owner).wait,
	} {
		t.Run(name, func(t *testing.T) {
			o := newOwner(t)
			d := o.dial(silent.Port, address.LocalHost)
			if left := time.Duration(d.attempts[0].deadline - sys.Now()); left < attemptTimeout-time.Second || left > attemptTimeout {
				t.Errorf("given up in %v", left)
			}
			// As if that time had passed.
			d.attempts[0].deadline = sys.Now() + int64(5*time.Millisecond)
			d.arm(sys.Now())
			goOn(o)
			if o.failure != failure.ConnectTimeout {
				t.Error(o.failure)
			}
		})
	}
}

// silentName dials a name with n addresses that do not answer.
func silentName(o *owner, n int) *Dial {
	silent, _ := looptest.HalfSilent(o.t)
	return o.dial(silent.Port, slices.Repeat([]address.Address{address.LocalHost}, n)...)
}

func TestFewAddressesAreTriedAtOnce(t *testing.T) {
	d := silentName(newOwner(t), 30)
	// As if Delay had passed each time.
	later := func() {
		d.nextAt = 0
		d.tick()
	}
	for range 20 {
		later()
	}
	if len(d.attempts) != maxAttempts || len(d.untried) != 30-maxAttempts {
		t.Fatalf("%d attempts, %d to come", len(d.attempts), len(d.untried))
	}
	if at, ok := d.timer.Due(); !ok || at < d.attempts[0].deadline {
		t.Errorf("the timer is set (%v) %v before the first is given up", ok, time.Duration(d.attempts[0].deadline-at))
	}
	// Each that is given up makes room for another.
	d.attempts[0].deadline, d.attempts[1].deadline = 0, 0
	later()
	later()
	if len(d.attempts) != maxAttempts || len(d.untried) != 28-maxAttempts {
		t.Errorf("%d attempts, %d to come", len(d.attempts), len(d.untried))
	}
}

func TestNameIsNotTriedForEver(t *testing.T) {
	o := newOwner(t)
	d := silentName(o, 30)
	now := sys.Now()
	if left := time.Duration(d.end - now); left < timeout-time.Second || left > timeout {
		t.Errorf("given up in %v", left)
	}
	// As if that time were over soon: what is tried then gets no more of it.
	d.end = now + int64(5*time.Millisecond)
	d.nextAt = 0
	d.tick()
	d.attempts[0].deadline = d.end
	d.arm(now)
	o.until("failed")
	if o.failure != failure.ConnectTimeout {
		t.Error(o.failure)
	}
}

func TestLastFailureIsTold(t *testing.T) {
	o := newOwner(t)
	closed := looptest.Listen(t)
	closed.Close()
	o.dial(closed.Port, address.LocalHost, address.LocalHostIPv6)
	o.until("failed")
	if o.failure.Code != failure.ConnectionRefused || o.opened != 2 {
		t.Errorf("%v, %d attempts", o.failure, o.opened)
	}
	o.refuses = unix.EMFILE
	o.dial(closed.Port, address.LocalHost, address.LocalHostIPv6)
	o.expect("found", "failed")
	if o.failure.Code != failure.SocketResource {
		t.Error(o.failure)
	}
}

// A bound descriptor is not closed, whatever becomes of the attempts with it.
func TestBoundDescriptorIsTheOwners(t *testing.T) {
	o := newOwner(t)
	closed := looptest.Listen(t)
	closed.Close()
	fd, err := endpoint.Open(address.LocalHost)
	if err != nil {
		t.Fatal(err)
	}
	defer sys.Close(fd)
	o.prepare(closed.Port)
	o.d.Bound = fd
	o.d.Use([]address.Address{address.LocalHost, address.LocalHostIPv6})
	o.d.Begin()
	if len(o.d.attempts) > 1 {
		t.Error("it is tried with two addresses at once")
	}
	o.until("failed")
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil || o.opened != 0 {
		t.Errorf("%v, and %d more", err, o.opened)
	}
}

func TestDatagramSocketIsConnectedAtOnce(t *testing.T) {
	o := newOwner(t)
	o.prepare(9)
	o.d.Datagram = true
	nowhere, _ := address.Parse("fe80::1%nosuchnic")
	o.d.Use([]address.Address{nowhere, address.LocalHost})
	o.d.Begin()
	o.expect("found", "connected")
	if o.won.Watch != 0 || o.won.To != address.LocalHost {
		t.Errorf("%+v", o.won)
	}
}

func TestPeerThatHasResetIsConnectedAllTheSame(t *testing.T) {
	listener := looptest.Listen(t)
	o := newOwner(t)
	o.dial(listener.Port, address.LocalHost)
	listener.Accept().Reset()
	o.until("connected")
	if !o.won.Reset {
		t.Errorf("%+v", o.won)
	}
}

func TestOptionsHoldForAllAttempts(t *testing.T) {
	silent, _ := looptest.HalfSilent(t)
	o := newOwner(t)
	d := o.dial(silent.Port, address.LocalHost, address.LocalHostIPv6)
	if !d.SetOption(option.LowDelay, 1) || d.SetOption(option.Option(-1), 1) {
		t.Error("what is an option")
	}
	first, err := option.Get(d.FD(), option.LowDelay)
	o.until("connected") // a descriptor that did not exist yet
	second, err2 := option.Get(o.won.FD, option.LowDelay)
	if fmt.Sprint(first, err, second, err2) != "1 <nil> 1 <nil>" {
		t.Error(first, err, second, err2)
	}
}

func TestClosingCancelsTheLookUp(t *testing.T) {
	o := newOwner(t)
	o.prepare(1)
	o.d.LookUp("nowhere.invalid", address.AnyIP) // which no table has
	cancelled, cancel := 0, o.d.cancel
	o.d.cancel = func() { cancelled++; cancel() }
	o.d.Close()
	o.d.Close()
	looptest.Settle(t, o.l)
	if cancelled != 1 {
		t.Errorf("cancelled %d times", cancelled)
	}
	o.expect()
}
