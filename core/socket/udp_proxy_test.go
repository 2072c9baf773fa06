package socket

import (
	"fmt"
	"testing"

	"qnet/core/address"
	"qnet/core/datagram"
	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/proxy"
)

// asApplication makes a proxy that of the application until the test's end.
func asApplication(t *testing.T, p proxy.Proxy) {
	proxy.Process.SetProxy(p)
	t.Cleanup(func() { proxy.Process.SetProxy(proxy.Proxy{}) })
}

// A socket with a proxy that cannot pass datagrams on does not send them past it.
func TestDatagramsDoNotGoPastAProxy(t *testing.T) {
	silent(t)
	elsewhere, _ := address.Parse("192.0.2.1")
	to := datagram.Endpoint{Address: elsewhere, Port: 9}
	unable := proxy.Proxy{Type: proxy.Socks5, Host: "127.0.0.1", Port: 1}
	unable.SetCapabilities(proxy.Tunneling | proxy.HostNameLookup)
	able := proxy.Proxy{Type: proxy.HTTP, Host: "127.0.0.1", Port: 1}
	able.SetCapabilities(proxy.Tunneling | proxy.UDPTunneling)
	ways := map[string]func(*rig) bool{
		"bind":             func(r *rig) bool { return r.Bind(address.AnyIPv4, 0, DefaultForPlatform) },
		"bind to loopback": func(r *rig) bool { return r.Bind(address.LocalHost, 0, DefaultForPlatform) },
		"write":            func(r *rig) bool { return r.WriteDatagram([]byte("x"), to) >= 0 },
		"write some": func(r *rig) bool {
			return r.WriteDatagrams(2, func(_ int, d *datagram.Outgoing) { d.Data, d.Destination = []byte("x"), to }) >= 0
		},
	}
	for _, p := range []proxy.Proxy{{Type: proxy.HTTP, Host: "127.0.0.1", Port: 1}, {Type: proxy.HTTPCaching}, {Type: proxy.FTPCaching}, unable, able} {
		for _, whose := range []string{"own", "application", "factory"} {
			for name, do := range ways {
				t.Run(fmt.Sprint(p.Type, whose, name), func(t *testing.T) {
					r := observe(t, NewUDP(looptest.New(t)))
					switch whose {
					case "own":
						r.SetProxy(p)
					case "application":
						asApplication(t, p)
					case "factory":
						proxy.Process.SetFactory(func(proxy.Query) []proxy.Proxy { return []proxy.Proxy{p} })
						t.Cleanup(func() { proxy.Process.SetFactory(nil) })
					}
					if do(r) || r.Failure().Code != failure.UnsupportedOperation || r.State() != Unconnected || r.Descriptor() >= 0 {
						t.Errorf("%v, state %d", r.Failure(), r.State())
					}
					// As in Qt nothing is signalled, unless it is a connection.
					r.expect()
					r.ConnectToHost("192.0.2.1", 9, ReadWrite, address.AnyIP)
					r.expect(fmt.Sprint("error ", failure.UnsupportedOperation))
				})
			}
		}
	}
}

// What is asked is what Qt 6.12 asks.
func TestWhatIsAskedForDatagrams(t *testing.T) {
	var asked []proxy.Query
	proxy.Process.SetFactory(func(q proxy.Query) []proxy.Proxy {
		asked = append(asked, q)
		return nil
	})
	defer proxy.Process.SetFactory(nil)
	elsewhere, _ := address.Parse("192.0.2.1")
	for _, c := range []struct {
		name string
		do   func(*rig) bool
		host string
		port int
	}{
		{"bind", func(r *rig) bool { return r.Bind(address.LocalHost, 0, DefaultForPlatform) }, "", 0},
		{"write", func(r *rig) bool {
			return r.WriteDatagram([]byte("x"), datagram.Endpoint{Address: elsewhere, Port: 9}) == 1
		}, "192.0.2.1", 0},
		{"write some", func(r *rig) bool {
			return r.WriteDatagrams(1, func(_ int, d *datagram.Outgoing) {
				d.Data, d.Destination = []byte("x"), datagram.Endpoint{Address: elsewhere, Port: 9}
			}) == 1
		}, "192.0.2.1", 0},
		{"write to this host", func(r *rig) bool {
			return r.WriteDatagram([]byte("x"), datagram.Endpoint{Address: address.LocalHost, Port: 9}) == 1
		}, "", 0},
		{"connect", func(r *rig) bool {
			r.ConnectToHost("192.0.2.1", 9, ReadWrite, address.AnyIP)
			return r.State() == Connected
		}, "192.0.2.1", 9},
	} {
		r := observe(t, NewUDP(looptest.New(t)))
		r.SetProtocolTag("tag")
		asked = nil
		if !c.do(r) {
			t.Errorf("%s: %v", c.name, r.Failure())
		}
		if want := (proxy.Query{Type: proxy.UDPSocket, PeerHost: c.host, PeerPort: c.port, LocalPort: -1, ProtocolTag: "tag"}); len(asked) != 1 || asked[0] != want {
			t.Errorf("%s: %+v", c.name, asked)
		}
	}
}

// Whoever needs no proxy because it sends to its own host cannot send to others.
func TestDatagramsOfThisHostStay(t *testing.T) {
	silent(t)
	asApplication(t, proxy.Proxy{Type: proxy.HTTP, Host: "127.0.0.1", Port: 1})
	for a, elsewhere := range map[address.Address]string{address.LocalHost: "192.0.2.1", address.LocalHostIPv6: "2001:db8::1"} {
		r := observe(t, NewUDP(looptest.New(t)))
		if n := r.WriteDatagram([]byte("x"), datagram.Endpoint{Address: a, Port: 9}); n != 1 {
			t.Errorf("%v: %d, %v", a, n, r.Failure())
		}
		to, _ := address.Parse(elsewhere)
		if n := r.WriteDatagram([]byte("x"), datagram.Endpoint{Address: to, Port: 9}); n != -1 || r.Failure().Code != failure.SocketAccess {
			t.Errorf("%v: sent to %v", a, to)
		}
	}
}

// A factory may do anything with the socket that asks it.
func TestTheFactoryEndsWhoAsksForDatagrams(t *testing.T) {
	for name, do := range map[string]func(*rig){"delete": func(r *rig) { r.Delete() }, "bind": func(r *rig) {
		r.SetProxy(proxy.Proxy{Type: proxy.None})
		r.Bind(address.LocalHost, 0, DefaultForPlatform)
	}} {
		t.Run(name, func(t *testing.T) {
			r := observe(t, NewUDP(looptest.New(t)))
			proxy.Process.SetFactory(func(proxy.Query) []proxy.Proxy {
				looptest.Do(r.l, func() { do(r) })
				return nil
			})
			defer proxy.Process.SetFactory(nil)
			if r.WriteDatagram([]byte("x"), datagram.Endpoint{Address: address.LocalHost, Port: 9}) == 1 && name == "delete" {
				t.Error("it was sent")
			}
			if r.Alive() && (r.State() != Bound || r.LocalAddress() != address.LocalHost) {
				t.Errorf("state %d", r.State())
			}
		})
	}
}
