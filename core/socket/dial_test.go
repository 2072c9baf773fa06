package socket

import (
	"math/rand"
	"slices"
	"testing"
	"testing/quick"
	"time"

	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/option"
	"qnet/core/sys"
)

// dialAll has r connect to the addresses as if they were those of a name.
func dialAll(r *rig, port uint16, addresses ...address.Address) {
	r.connectTo("name", addresses, port, ReadWrite)
}

// halfSilent returns a listener on 127.0.0.1 that answers nobody any more, and one on
// ::1 at the same port.
func halfSilent(t *testing.T) (silent, answering *looptest.Listener) {
	t.Helper()
	for range 50 {
		silent = looptest.ListenAt(t, address.LocalHost, 0, 0)
		var err error
		if answering, err = looptest.TryListen(t, address.LocalHostIPv6, silent.Port, 10); err == nil {
			silent.Fill()
			return silent, answering
		}
		silent.Close()
	}
	t.Fatal("no port is free on both addresses")
	return nil, nil
}

func TestSecondAddressIsTriedWhileTheFirstIsSilent(t *testing.T) {
	l := looptest.New(t)
	silent, answering := halfSilent(t)
	r := fresh(t, l)
	start := time.Now()
	dialAll(r, silent.Port, address.LocalHost, address.LocalHostIPv6)
	if n := len(r.rare.dial.attempts); n != 1 {
		t.Errorf("%d attempts at first", n)
	}
	r.untilLogged("connected")
	if took := time.Since(start); took < attemptDelay {
		t.Errorf("connected after %v", took)
	}
	r.expect("state 1", "state 2", "hostFound", "state 3", "connected")
	if r.PeerAddress() != address.LocalHostIPv6 || r.LocalAddress() != address.LocalHostIPv6 {
		t.Errorf("connected to %v from %v", r.PeerAddress(), r.LocalAddress())
	}
	p := answering.Accept()
	p.Say("hello")
	r.untilAvailable(5)
}

func TestSecondAddressIsTriedAtOnceWhenTheFirstRefuses(t *testing.T) {
	l := looptest.New(t)
	listener := looptest.ListenAt(t, address.LocalHostIPv6, 0, 10)
	took := time.Duration(0)
	for range 5 {
		r := fresh(t, l)
		start := time.Now()
		dialAll(r, listener.Port, address.LocalHost, address.LocalHostIPv6)
		r.untilLogged("connected")
		r.expect("state 1", "state 2", "hostFound", "state 3", "connected")
		// On a busy machine it may take long all the same, but not each time.
		if took = time.Since(start); took < attemptDelay {
			return
		}
	}
	t.Errorf("connected after %v", took)
}

func TestFailureOfTheLastAddressIsTold(t *testing.T) {
	l := looptest.New(t)
	closed := looptest.Listen(t)
	closed.Close()
	nowhere, _ := address.Parse("fe80::1%nosuchnic")
	r := fresh(t, l)
	dialAll(r, closed.Port, nowhere, address.LocalHost, address.LocalHostIPv6)
	r.untilLogged("error 0")
	r.expect("state 1", "state 2", "hostFound", "state 0", "error 0")
	r = fresh(t, l)
	dialAll(r, closed.Port, nowhere)
	r.expect("state 1", "state 2", "hostFound", "state 0", "error 9")
}

func TestAttemptIsGivenUpInTheEnd(t *testing.T) {
	l := looptest.New(t)
	silent, _ := halfSilent(t)
	r := fresh(t, l)
	dialAll(r, silent.Port, address.LocalHost)
	d := r.rare.dial
	if left := time.Duration(d.attempts[0].deadline - sys.Now()); left < attemptTimeout-time.Second || left > attemptTimeout {
		t.Errorf("given up in %v", left)
	}
	// As if that time had passed.
	d.attempts[0].deadline = sys.Now() + int64(5*time.Millisecond)
	d.arm(sys.Now())
	r.untilLogged("error 5")
	r.expect("state 1", "state 2", "hostFound", "state 0", "error 5")
	if r.Failure() != failure.ConnectTimeout {
		t.Error(r.Failure())
	}
}

// silentName has r connect to a name with n addresses that do not answer.
func silentName(t *testing.T, r *rig, n int) *dial {
	t.Helper()
	silent, _ := halfSilent(t)
	dialAll(r, silent.Port, slices.Repeat([]address.Address{address.LocalHost}, n)...)
	return r.rare.dial
}

func TestFewAddressesAreTriedAtOnce(t *testing.T) {
	l := looptest.New(t)
	r := fresh(t, l)
	d := silentName(t, r, 30)
	// As if attemptDelay had passed each time.
	later := func() {
		d.nextAt = 0
		d.tick()
	}
	for range 20 {
		later()
	}
	if len(d.attempts) != maxAttempts || len(d.addresses) != 30-maxAttempts {
		t.Fatalf("%d attempts, %d to come", len(d.attempts), len(d.addresses))
	}
	if at, ok := d.timer.Due(); !ok || at < d.attempts[0].deadline {
		t.Errorf("the timer is set (%v) %v before the first is given up", ok, time.Duration(d.attempts[0].deadline-at))
	}
	// Each that is given up makes room for another.
	d.attempts[0].deadline, d.attempts[1].deadline = 0, 0
	later()
	later()
	if len(d.attempts) != maxAttempts || len(d.addresses) != 28-maxAttempts {
		t.Errorf("%d attempts, %d to come", len(d.attempts), len(d.addresses))
	}
	r.Abort()
}

func TestNameIsNotTriedForEver(t *testing.T) {
	l := looptest.New(t)
	r := fresh(t, l)
	d := silentName(t, r, 30)
	now := sys.Now()
	if left := time.Duration(d.end - now); left < dialTimeout-time.Second || left > dialTimeout {
		t.Errorf("given up in %v", left)
	}
	// As if that time were over soon: what is tried then gets no more of it.
	d.end = now + int64(5*time.Millisecond)
	d.nextAt = 0
	d.tick()
	d.attempts[0].deadline = d.end
	d.arm(now)
	r.untilLogged("error 5")
	r.expect("state 1", "state 2", "hostFound", "state 0", "error 5")
	if r.Failure() != failure.ConnectTimeout {
		t.Error(r.Failure())
	}
}

func TestAllAttemptsEndTogether(t *testing.T) {
	silent, answering := halfSilent(t)
	answering.Fill()
	for name, end := range map[string]func(*rig){
		"Abort":  func(r *rig) { r.Abort() },
		"Delete": func(r *rig) { r.Delete() },
	} {
		t.Run(name, func(t *testing.T) {
			l := looptest.New(t)
			before := looptest.Descriptors()
			r := fresh(t, l)
			dialAll(r, silent.Port, address.LocalHost, address.LocalHostIPv6, address.LocalHost)
			r.until("several are under way", func() bool { return len(r.rare.dial.attempts) >= 2 })
			if n := looptest.Descriptors(); n < before+2 {
				t.Errorf("%d descriptors, before %d", n, before)
			}
			end(r)
			if n := looptest.Descriptors(); n != before {
				t.Errorf("%d descriptors, before %d", n, before)
			}
			r.settle()
			if r.State() != Unconnected {
				t.Errorf("state %d", r.State())
			}
		})
	}
}

func TestOptionsSetWhileConnectingHold(t *testing.T) {
	l := looptest.New(t)
	silent, _ := halfSilent(t)
	r := fresh(t, l)
	dialAll(r, silent.Port, address.LocalHost, address.LocalHostIPv6)
	if !r.SetOption(option.LowDelay, 1) || r.Option(option.LowDelay) != 1 {
		t.Error("it cannot be set while connecting")
	}
	// The connection is one that did not exist yet.
	r.untilLogged("connected")
	if r.PeerAddress() != address.LocalHostIPv6 || r.Option(option.LowDelay) != 1 {
		t.Errorf("connected to %v, option %d", r.PeerAddress(), r.Option(option.LowDelay))
	}
}

func TestBoundSocketTriesOneAddressAfterTheOther(t *testing.T) {
	l := looptest.New(t)
	listener := looptest.Listen(t)
	r := fresh(t, l)
	// A port that the system chose would be lost with the first attempt.
	free := looptest.Listen(t)
	free.Close()
	if !r.Bind(address.LocalHost, free.Port, DefaultForPlatform) {
		t.Fatal(r.Failure())
	}
	fd, port := r.Descriptor(), r.LocalPort()
	other, _ := address.Parse("127.0.0.9") // where nobody listens
	dialAll(r, listener.Port, other, address.LocalHostIPv6, address.LocalHost)
	r.untilLogged("connected")
	if r.Descriptor() != fd || r.LocalPort() != port || r.PeerAddress() != address.LocalHost {
		t.Errorf("descriptor %d of %d, port %d of %d, peer %v", r.Descriptor(), fd, r.LocalPort(), port, r.PeerAddress())
	}
}

func TestResetBeforeTheLoopLooks(t *testing.T) {
	l := looptest.New(t)
	for _, reset := range []bool{false, true} {
		listener := looptest.Listen(t)
		r := fresh(t, l)
		r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
		p := listener.Accept()
		if reset {
			p.Reset()
		} else {
			p.Close()
		}
		r.untilLogged("disconnected")
		r.expect("state 1", "state 2", "hostFound", "state 3", "connected",
			"error 1", "state 6", "state 0", "readChannelFinished", "disconnected")
	}
}

func TestReconnectedInASlotOfAResetConnection(t *testing.T) {
	l := looptest.New(t)
	listener, second := looptest.Listen(t), looptest.Listen(t)
	r := fresh(t, l)
	r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
	listener.Accept().Reset()
	r.on[SignalConnected] = func(int64) {
		delete(r.on, SignalConnected)
		r.Abort()
		r.ConnectToAddress(address.LocalHost, second.Port, ReadWrite)
		r.until("it is connected again", func() bool { return r.State() == Connected })
		r.log = nil
	}
	r.until("it is connected again", func() bool { return r.State() == Connected && r.PeerPort() == second.Port })
	r.settle()
	r.expect()
}

// addressList makes lists of addresses of both protocols.
func addressList(seed int64) []address.Address {
	random := rand.New(rand.NewSource(seed))
	list := make([]address.Address, random.Intn(12))
	for i := range list {
		list[i] = address.FromIPv4(0x7f000000 + uint32(i))
		if random.Intn(2) == 0 {
			list[i] = address.FromIPv6([16]byte{15: byte(i)})
		}
	}
	return list
}

func TestFamiliesAlternate(t *testing.T) {
	check := func(seed int64) bool {
		list := addressList(seed)
		if len(list) == 0 {
			return true // there is always one
		}
		got := interleave(slices.Clone(list))
		if len(got) != len(list) || got[0] != list[0] {
			return false
		}
		for _, p := range []address.Protocol{address.IPv4, address.IPv6} {
			// Each family keeps its order.
			if !slices.Equal(limit(got, p), limit(list, p)) {
				return false
			}
		}
		// Two of a family follow each other only when the other has ended.
		for i := 1; i < len(got); i++ {
			if got[i].Protocol() == got[i-1].Protocol() {
				for _, rest := range got[i:] {
					if rest.Protocol() != got[i].Protocol() {
						return false
					}
				}
			}
		}
		return true
	}
	if err := quick.Check(check, &quick.Config{MaxCount: 500}); err != nil {
		t.Error(err)
	}
}

func TestProtocolLimitsTheAddresses(t *testing.T) {
	check := func(seed int64) bool {
		list := addressList(seed)
		for _, p := range []address.Protocol{address.AnyIP, address.Unknown} {
			if !slices.Equal(limit(list, p), list) {
				return false
			}
		}
		v4, v6 := limit(list, address.IPv4), limit(list, address.IPv6)
		other := func(p address.Protocol) func(address.Address) bool {
			return func(a address.Address) bool { return a.Protocol() != p }
		}
		return len(v4)+len(v6) == len(list) &&
			!slices.ContainsFunc(v4, other(address.IPv4)) && !slices.ContainsFunc(v6, other(address.IPv6))
	}
	if err := quick.Check(check, nil); err != nil {
		t.Error(err)
	}
}
