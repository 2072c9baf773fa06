package server

import (
	"fmt"
	"slices"
	"testing"

	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/internal/looptest"
	"qnet/core/proxy"
)

func able(typ proxy.Type, c proxy.Capabilities) proxy.Proxy {
	p := proxy.Proxy{Type: typ, Host: "127.0.0.1", Port: 1}
	p.SetCapabilities(c)
	return p
}

// The errors are those of Qt 6.12.

func TestWhatNoServerCanListenThrough(t *testing.T) {
	for _, p := range []proxy.Proxy{
		{Type: proxy.HTTP, Host: "127.0.0.1", Port: 1},
		{Type: proxy.HTTPCaching, Host: "127.0.0.1", Port: 1},
		{Type: proxy.FTPCaching, Host: "127.0.0.1", Port: 1},
		able(proxy.HTTP, proxy.Tunneling|proxy.Listening),
		able(proxy.HTTPCaching, proxy.Listening),
		able(proxy.Socks5, proxy.Tunneling),
	} {
		t.Run(fmt.Sprint(p.Type, p.Capabilities()), func(t *testing.T) {
			r := newServer(t, looptest.New(t))
			r.SetProxy(p)
			if !r.Proxy().Equal(p) {
				t.Error(r.Proxy())
			}
			for _, a := range []address.Address{address.Any, address.AnyIPv4, address.AnyIPv6} {
				if r.Listen(a, 0) || r.IsListening() || r.Port() != 0 || r.Failure().Code != failure.UnsupportedOperation {
					t.Errorf("%v: %v", a, r.Failure())
				}
			}
			r.expect()
			// Nobody else can reach it there.
			if !r.Listen(address.LocalHost, 0) {
				t.Error(r.Failure())
			}
		})
	}
}

func TestServersAskTheApplication(t *testing.T) {
	t.Cleanup(func() { proxy.Process.SetProxy(proxy.Proxy{}) })
	r := newServer(t, looptest.New(t))
	http, direct := proxy.Proxy{Type: proxy.HTTP}, proxy.Proxy{Type: proxy.None}
	listens := func(a address.Address) bool {
		ok := r.Listen(a, 0)
		r.Close()
		return ok
	}
	proxy.Process.SetProxy(http)
	if listens(address.Any) || !listens(address.LocalHost) || !listens(address.LocalHostIPv6) {
		t.Error("the application's proxy")
	}
	r.SetProxy(direct)
	if !listens(address.Any) {
		t.Error("its own comes first")
	}
	r.SetProxy(proxy.Proxy{})
	var asked []proxy.Query
	list := []proxy.Proxy{http, direct}
	proxy.Process.SetFactory(func(q proxy.Query) []proxy.Proxy {
		// The loop's lock is free.
		looptest.Do(r.l, func() { asked = append(asked, q) })
		return list
	})
	if !listens(address.Any) || !slices.Equal(asked, []proxy.Query{{Type: proxy.TCPServer, PeerPort: -1}}) {
		t.Error(asked)
	}
	if listens(address.LocalHost); len(asked) != 1 {
		t.Error(asked)
	}
	for _, list = range [][]proxy.Proxy{{http}, {{}}, {{}, direct}} {
		if listens(address.Any) || r.Failure().Code != failure.UnsupportedOperation {
			t.Errorf("%v: %v", list, r.Failure())
		}
	}
	if list = nil; !listens(address.Any) {
		t.Error(r.Failure())
	}
}

func TestAFactoryMayDoAnythingToTheServer(t *testing.T) {
	t.Cleanup(func() { proxy.Process.SetProxy(proxy.Proxy{}) })
	for name, act := range map[string]func(r *rig){
		"delete": func(r *rig) { r.Delete() },
		"listen": func(r *rig) { r.Listen(address.LocalHost, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			warned := warnings(t)
			r := newServer(t, looptest.New(t))
			proxy.Process.SetFactory(func(proxy.Query) []proxy.Proxy {
				looptest.Do(r.l, func() { act(r) })
				return []proxy.Proxy{{Type: proxy.None}}
			})
			if r.Listen(address.Any, 0) {
				t.Error("it listens")
			}
			if r.IsListening() != (name == "listen") || (len(*warned) == 1) != (name == "listen") {
				t.Error(r.IsListening(), *warned)
			}
		})
	}
}
