package socket

import (
	"testing"
	"time"

	"qnet/core/address"
	"qnet/core/dial"
	"qnet/core/internal/looptest"
	"qnet/core/option"
)

// dialAll has r connect to the addresses as if they were those of a name.
func dialAll(r *rig, port uint16, addresses ...address.Address) {
	r.connectTo("name", addresses, port, ReadWrite)
}

func TestSecondAddressIsTriedWhileTheFirstIsSilent(t *testing.T) {
	l := looptest.New(t)
	silent, answering := looptest.HalfSilent(t)
	r := fresh(t, l)
	start := time.Now()
	dialAll(r, silent.Port, address.LocalHost, address.LocalHostIPv6)
	r.untilLogged("connected")
	if took := time.Since(start); took < dial.Delay {
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
		if took = time.Since(start); took < dial.Delay {
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

func TestAllAttemptsEndTogether(t *testing.T) {
	silent, answering := looptest.HalfSilent(t)
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
			r.until("several are under way", func() bool { return looptest.Descriptors() >= before+2 })
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
	silent, _ := looptest.HalfSilent(t)
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
