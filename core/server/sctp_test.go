package server

import (
	"testing"

	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/loop"
	"qnet/core/proxy"
	"qnet/core/socket"
)

func newSCTPServer(t testing.TB, l *loop.Loop, channels int) *rig {
	r := observe(t, NewSCTP(l))
	r.SCTP().SetMaximumChannelCount(channels)
	return r
}

func TestSctpServerWithoutTheKernels(t *testing.T) {
	looptest.NeedNoSCTP(t)
	r := newSCTPServer(t, looptest.New(t), 0)
	for _, a := range []address.Address{address.Any, address.LocalHost, address.LocalHostIPv6} {
		if r.Listen(a, 0) || r.Failure() != failure.NoSCTP {
			t.Error(r.Failure())
		}
	}
	tcp := looptest.Listen(t)
	if r.SetDescriptor(tcp.FD) || r.Failure() != failure.NotSCTP {
		t.Error(r.Failure())
	}
	r.expect()
}

func TestSctpServerIsRefusedByProxies(t *testing.T) {
	r := newSCTPServer(t, looptest.New(t), 0)
	for _, p := range []proxy.Proxy{
		{Type: proxy.Socks5, Host: "127.0.0.1", Port: 1}, {Type: proxy.HTTP, Host: "127.0.0.1", Port: 1},
		able(proxy.Socks5, proxy.SCTPListening), able(proxy.HTTP, proxy.SCTPListening),
	} {
		r.SetProxy(p)
		if r.Listen(address.Any, 0) || r.Failure() != failure.ProxyCannot {
			t.Error(r.Failure())
		}
	}
}

func TestSctpServer(t *testing.T) {
	looptest.NeedSCTP(t)
	for name, want := range map[string]struct{ server, client, in, out int }{
		"as few as either wants": {4, 9, 4, 4},
		"the peer's":             {0, 3, 3, 3},
		"a byte stream":          {-1, 5, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			l := looptest.New(t)
			r := newSCTPServer(t, l, want.server)
			if !r.Listen(address.LocalHost, 0) {
				t.Fatal(r.Failure())
			}
			peer := looptest.DialSCTP(t, r.Port(), want.client)
			looptest.Until(t, l, "there is a connection", r.HasPending)
			x := r.SCTP()
			x.SetMaximumChannelCount(7)
			if x.MaximumChannelCount() != want.server {
				t.Error(x.MaximumChannelCount())
			}
			c := x.NextPendingDatagramConnection()
			if (c != nil) != (want.server >= 0) {
				t.Fatalf("in datagram mode: %v", c)
			}
			if c == nil {
				if c = r.NextPending(); c == nil {
					t.Fatal("there is none")
				}
			}
			if c.Kind() != socket.SCTP || c.Channels().MaximumChannelCount() != want.server {
				t.Error(c.Channels().MaximumChannelCount())
			}
			if in, out := c.ReadChannelCount(), c.WriteChannelCount(); in != want.in || out != want.out {
				t.Errorf("%d and %d channels", in, out)
			}
			if c.PeerAddress() != address.LocalHost || c.LocalPort() != r.Port() || c.PeerPort() == 0 {
				t.Error(c.Describe(), c.LocalPort())
			}
			peer.Send(0, []byte("hello"))
			looptest.Until(t, l, "it has come", func() bool { return c.BytesAvailable() == 5 })
			if r.HasPending() || x.NextPendingDatagramConnection() != nil {
				t.Error("there is another")
			}
		})
	}
}

// Others may be pending before it: of TCP, which the program has added.
func TestSctpServerHasOthersPending(t *testing.T) {
	looptest.NeedSCTP(t)
	l := looptest.New(t)
	r := newSCTPServer(t, l, 2)
	if !r.Listen(address.LocalHost, 0) {
		t.Fatal(r.Failure())
	}
	first, second := socket.New(l), socket.New(l)
	r.AddPending(first)
	r.AddPending(second)
	looptest.DialSCTP(t, r.Port(), 2)
	looptest.Until(t, l, "there is a connection", func() bool { return len(r.pending) == 3 })
	if c := r.SCTP().NextPendingDatagramConnection(); c == nil || c.Kind() != socket.SCTP {
		t.Error(c)
	}
	if r.NextPending() != first || r.NextPending() != second || r.NextPending() != nil {
		t.Error("the others are not there in their order")
	}
}
