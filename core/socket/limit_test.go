package socket

import (
	"testing"
	"time"

	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/proxy"
)

// silentHost returns a host that a connection to takes for ever.
func silentHost(t *testing.T) *looptest.Listener {
	l := looptest.ListenAt(t, address.LocalHost, 0, 0)
	l.Fill()
	return l
}

func TestConnectTimeoutEndsTheAttempt(t *testing.T) {
	l := looptest.New(t)
	silent := silentHost(t)
	for _, waits := range []bool{false, true} {
		r := fresh(t, l)
		r.SetConnectTimeout(30)
		start := time.Now()
		r.ConnectToAddress(address.LocalHost, silent.Port, ReadWrite)
		if waits {
			if r.WaitForConnected(-1) {
				t.Error("it is connected")
			}
		} else {
			r.untilLogged("error 5")
		}
		if took := time.Since(start); took < 30*time.Millisecond || took > looptest.Patience {
			t.Errorf("it took %v", took)
		}
		r.expect("state 1", "state 2", "hostFound", "state 0", "error 5")
		if r.Failure().Text != "No connection was made within 30 ms" || r.Failure().Code != failure.SocketTimeout || r.Descriptor() != -1 {
			t.Error(r.Failure(), r.Descriptor())
		}
		// The next attempt has its own time.
		r.log = nil
		r.ConnectToAddress(address.LocalHost, silent.Port, ReadWrite)
		r.untilLogged("error 5")
		r.log = nil
		r.SetConnectTimeout(0)
		r.ConnectToAddress(address.LocalHost, looptest.Listen(t).Port, ReadWrite)
		r.untilLogged("connected")
	}
}

func TestConnectTimeoutIsOverOnceConnected(t *testing.T) {
	l := looptest.New(t)
	listener := looptest.Listen(t)
	r := fresh(t, l)
	r.SetConnectTimeout(20)
	r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
	r.untilLogged("connected")
	if r.cold.limit.timer.Running() {
		t.Error("its time goes on")
	}
	r.Abort()
	// Nor does it go on when the attempt is given up, or has failed.
	silent := silentHost(t)
	r.SetConnectTimeout(100_000)
	r.ConnectToAddress(address.LocalHost, silent.Port, ReadWrite)
	if !r.cold.limit.timer.Running() {
		t.Error("its time does not begin")
	}
	r.Abort()
	if r.cold.limit.timer.Running() {
		t.Error("its time goes on after abort")
	}
	port := listener.Port
	listener.Close()
	r.log = nil
	r.ConnectToAddress(address.LocalHost, port, ReadWrite)
	r.untilLogged("error 0")
	if r.cold.limit.timer.Running() {
		t.Error("its time goes on after a failure")
	}
}

func TestConnectTimeoutIsForAllAddressesAndProxies(t *testing.T) {
	l := looptest.New(t)
	silent := silentHost(t)
	r := fresh(t, l)
	r.SetConnectTimeout(50)
	// A proxy that accepts and says nothing.
	mute := looptest.Listen(t)
	r.SetProxy(proxy.Proxy{Type: proxy.Socks5, Host: "127.0.0.1", Port: mute.Port})
	r.ConnectToHost("target.test", 80, ReadWrite, address.AnyIP)
	r.untilLogged("error 5")
	if r.Failure().Text != "No connection was made within 50 ms" {
		t.Error(r.Failure())
	}
	r.SetProxy(proxy.Proxy{Type: proxy.None})
	r.log = nil
	start := time.Now()
	r.connectTo("all", []address.Address{address.LocalHost, address.LocalHost, address.LocalHost}, silent.Port, ReadWrite)
	r.untilLogged("error 5")
	if took := time.Since(start); took < 50*time.Millisecond {
		t.Error(took)
	}
}

// In the slots of the end a new attempt may begin, or the socket go.
func TestConnectTimeoutHandlers(t *testing.T) {
	l := looptest.New(t)
	silent, listener := silentHost(t), looptest.Listen(t)
	r := fresh(t, l)
	r.SetConnectTimeout(5)
	r.on[SignalErrorOccurred] = func(int64) {
		r.SetConnectTimeout(0)
		r.ConnectToAddress(address.LocalHost, listener.Port, ReadWrite)
	}
	r.ConnectToAddress(address.LocalHost, silent.Port, ReadWrite)
	r.untilLogged("connected")
	gone := fresh(t, l)
	gone.SetConnectTimeout(5)
	gone.on[SignalStateChanged] = func(state int64) {
		if State(state) == Unconnected {
			gone.Delete()
		}
	}
	gone.ConnectToAddress(address.LocalHost, silent.Port, ReadWrite)
	looptest.Until(t, l, "it is deleted", func() bool { return !gone.Alive() })
}
