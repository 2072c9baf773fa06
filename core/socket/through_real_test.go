package socket

import (
	"fmt"
	"net"
	"testing"

	"qnet/core/address"
	"qnet/core/datagram"
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

// echoes returns a socket that sends back whatever comes, and where it is.
func echoes(t *testing.T, host string) datagram.Endpoint {
	t.Helper()
	conn, err := net.ListenPacket("udp", net.JoinHostPort(host, "0"))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	t.Cleanup(func() { conn.Close(); <-ended })
	go func() {
		defer close(ended)
		p := make([]byte, 1<<16)
		for {
			n, from, err := conn.ReadFrom(p)
			if err != nil {
				return
			}
			conn.WriteTo(p[:n], from)
		}
	}()
	a, _ := address.Parse(host)
	return datagram.Endpoint{Address: a, Port: uint16(conn.LocalAddr().(*net.UDPAddr).Port)}
}

func TestDatagramsThroughDante(t *testing.T) {
	port := proxytest.Dante(t)
	forget()
	for _, host := range []string{"127.0.0.1", "::1"} {
		to := echoes(t, host)
		start := func(t *testing.T) *rig {
			r := observe(t, NewUDP(looptest.New(t)))
			r.SetProxy(proxy.Proxy{Type: proxy.Socks5, Host: "127.0.0.1", Port: port})
			return r
		}
		comes := func(r *rig, want string) {
			r.t.Helper()
			text, way := r.receive()
			if text != want || way != (datagram.Way{Sender: to, HopLimit: -1}) {
				r.t.Errorf("%d bytes by %+v", len(text), way)
			}
		}
		t.Run("bound, "+host, func(t *testing.T) {
			r := start(t)
			r.bindAny()
			data := pattern(1000)
			for n := range 100 {
				data := data[:10*n+1]
				if r.WriteDatagram(data, to) != len(data) {
					t.Fatal(r.Failure())
				}
				comes(r, string(data))
			}
			if n := r.WriteDatagrams(50, func(_ int, d *datagram.Outgoing) { d.Data, d.Destination = data[:100], to }); n != 50 {
				t.Fatalf("%d, %v", n, r.Failure())
			}
			for range 50 {
				comes(r, string(data[:100]))
			}
		})
		t.Run("connected, "+host, func(t *testing.T) {
			r := start(t)
			r.ConnectToHost(host, to.Port, ReadWrite, address.AnyIP)
			if !r.WaitForConnected(10_000) {
				t.Fatal(r.Failure())
			}
			r.say("hello")
			comes(r, "hello")
			// Others know it only by the proxy's address.
			if r.LocalPort() != 0 || r.PeerAddress() != to.Address {
				t.Errorf("%d, %v", r.LocalPort(), r.PeerAddress())
			}
			r.Abort()
		})
	}
	// A name that the proxy looks up.
	to := echoes(t, "127.0.0.1")
	r := observe(t, NewUDP(looptest.New(t)))
	r.SetProxy(proxy.Proxy{Type: proxy.Socks5, Host: "127.0.0.1", Port: port})
	r.ConnectToHost("localhost", to.Port, ReadWrite, address.AnyIP)
	r.until("it is connected", func() bool { return r.State() == Connected })
	r.say("hello")
	if text, way := r.receive(); text != "hello" || way.Sender.Port != to.Port {
		t.Errorf("%q by %+v", text, way)
	}
}
