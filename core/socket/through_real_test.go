package socket

import (
	"fmt"
	"testing"

	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/internal/proxytest"
	"qnet/core/proxy"
)

// real is a connection through a proxy that others have made. The errors are those of Qt
// 6.12 through the same proxies.
type real struct {
	host  string
	mute  bool // nobody listens there
	own   [2]string
	known [2]string
	asked int
	want  failure.Code // Unknown: connected
}

func (c real) run(t *testing.T, typ proxy.Type, port uint16) {
	l := looptest.New(t)
	at := address.LocalHost
	if c.host == "::1" {
		at = address.LocalHostIPv6
	}
	listener := looptest.ListenAt(t, at, 0, 10)
	if c.mute {
		listener.Close()
	}
	r := fresh(t, l)
	r.SetProxy(proxy.Proxy{Type: typ, Host: "127.0.0.1", Port: port, User: c.own[0], Password: c.own[1]})
	if c.known[0] != "" {
		r.fill(c.known)
	}
	r.ConnectToHost(c.host, listener.Port, ReadWrite, address.AnyIP)
	r.say("early")
	r.until("it is connected or not", func() bool { return r.State() == Connected || r.State() == Unconnected })
	if got := r.Failure().Code; got != c.want || r.count("auth") != c.asked {
		t.Fatalf("%v, asked %d times", r.Failure(), r.count("auth"))
	}
	if c.want != failure.Unknown {
		return
	}
	peer := listener.Accept()
	inbox := peer.Inbox()
	r.until("the peer has it", inbox.Has(5))
	data := pattern(300_000)
	sent := 0
	r.until("all has come", func() bool {
		sent += peer.Send(data[sent:])
		return r.BytesAvailable() == int64(len(data))
	})
	if string(inbox.Data) != "early" || r.all() != string(data) {
		t.Error("other bytes")
	}
	peer.Close()
	r.until("it ends", func() bool { return r.State() == Unconnected })
	if r.Failure().Code != failure.RemoteHostClosed || r.count("disconnected") != 1 {
		t.Errorf("%v, %q", r.Failure(), r.log)
	}
}

func TestThroughDante(t *testing.T) {
	port := proxytest.Dante(t)
	forget()
	for _, c := range []real{
		{host: "127.0.0.1", want: failure.Unknown},
		{host: "::1", want: failure.Unknown},
		{host: "localhost", want: failure.Unknown},
		{host: "127.0.0.1", mute: true, want: failure.ConnectionRefused},
		{host: "no.such.invalid", mute: true, want: failure.HostNotFound},
	} {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) { c.run(t, proxy.Socks5, port) })
	}
}

func TestThroughSquid(t *testing.T) {
	port := proxytest.Squid(t, proxytest.Everybody)
	forget()
	for _, c := range []real{
		{host: "127.0.0.1", want: failure.Unknown},
		{host: "::1", want: failure.Unknown},
		{host: "localhost", want: failure.Unknown},
		{host: "127.0.0.1", mute: true, want: failure.ConnectionRefused},
		{host: "no.such.invalid", mute: true, want: failure.ProxyProtocol}, // it says 500
	} {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) { c.run(t, proxy.HTTP, port) })
	}
}

func TestThroughSquidThatWantsToKnow(t *testing.T) {
	right, wrong := [2]string{"user", "secret"}, [2]string{"user", "wrong"}
	for name, port := range map[string]uint16{"Basic": proxytest.Squid(t, proxytest.ByBasic), "Digest": proxytest.Squid(t, proxytest.ByDigest)} {
		t.Run(name, func(t *testing.T) {
			forget()
			for i, c := range []real{
				{asked: 1, want: failure.ProxyAuthentication},
				{known: wrong, asked: 2, want: failure.ProxyAuthentication},
				{own: wrong, asked: 1, want: failure.ProxyAuthentication},
				{own: wrong, known: right, asked: 1, want: failure.Unknown},
				{known: right, asked: 1, want: failure.Unknown},
				// It is known now, and a nonce is good for two requests.
				{want: failure.Unknown}, {want: failure.Unknown}, {want: failure.Unknown}, {want: failure.Unknown}, {want: failure.Unknown},
				{own: right, want: failure.Unknown}, {own: right, want: failure.Unknown},
			} {
				c.host = "127.0.0.1"
				t.Run(fmt.Sprintf("%d %+v", i, c), func(t *testing.T) { c.run(t, proxy.HTTP, port) })
			}
		})
	}
}
