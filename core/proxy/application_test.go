package proxy

import (
	"sync"
	"testing"
)

var (
	ask    = Query{PeerHost: "a.test", PeerPort: 80, LocalPort: -1}
	socks  = Proxy{Type: Socks5, Host: "s", Port: 1080}
	http   = Proxy{Type: HTTP, Host: "h", Port: 3128}
	nobody = func(string) string { return "" }
)

// factory returns a factory and what it was asked.
func factory(list ...Proxy) (Factory, *[]Query) {
	var asked []Query
	return func(q Query) []Proxy {
		asked = append(asked, q)
		return list
	}, &asked
}

// same looks whose proxies an application has.
func same(t *testing.T, a *Application, hosts ...string) {
	t.Helper()
	list := a.ForQuery(ask)
	if len(list) != len(hosts) {
		t.Fatalf("%v, not %v", list, hosts)
	}
	for i := range list {
		if list[i].Host != hosts[i] {
			t.Errorf("%v, not %v", list, hosts)
		}
	}
}

// What follows is as Qt 6.12 does it.

func TestApplication(t *testing.T) {
	a := &Application{Getenv: nobody}
	if p := a.Proxy(); p.Type != None {
		t.Errorf("at first: %v", p)
	}
	same(t, a, "")
	a.SetProxy(socks)
	same(t, a, "s")
	if p := a.Proxy(); !p.Equal(socks) {
		t.Errorf("%v", p)
	}
	// The default one stands for none.
	a.SetProxy(Proxy{})
	if p := a.Proxy(); p.Type != None || a.ForQuery(ask)[0].Type != None {
		t.Errorf("%v", p)
	}
}

func TestFactory(t *testing.T) {
	a := &Application{Getenv: nobody}
	f, asked := factory(socks, http)
	if a.SetFactory(f); !a.HasFactory() {
		t.Error("there is none")
	}
	same(t, a, "s", "h")
	if len(*asked) != 1 || (*asked)[0] != ask {
		t.Errorf("%v", *asked)
	}
	// It is asked in small letters, for a name as it is looked up.
	for host, want := range map[string]string{"Target.TEST": "target.test", "Ä.test": "xn--4ca.test", "[2001:DB8::1]": "2001:db8::1", "A b": "a b", "[]": "[]"} {
		a.ForQuery(Query{PeerHost: host, PeerPort: 7, LocalPort: -1, ProtocolTag: "HTTP"})
		if got := (*asked)[len(*asked)-1]; got != (Query{PeerHost: want, PeerPort: 7, LocalPort: -1, ProtocolTag: "http"}) {
			t.Errorf("%q: %+v", host, got)
		}
	}
	*asked = (*asked)[:1]
	// The application's proxy is the first for a query that asks for nothing.
	if p := a.Proxy(); !p.Equal(socks) || (*asked)[1] != (Query{PeerPort: -1, LocalPort: -1}) {
		t.Errorf("%v, %v", p, *asked)
	}
	// One that returns nothing means a direct connection, and the default one is passed on.
	f, _ = factory()
	a.SetFactory(f)
	if list := a.ForQuery(ask); len(list) != 1 || list[0].Type != None {
		t.Errorf("%v", list)
	}
	f, _ = factory(Proxy{})
	a.SetFactory(f)
	if list := a.ForQuery(ask); len(list) != 1 || list[0].Type != Default || a.Proxy().Type != None {
		t.Errorf("%v", list)
	}
}

func TestTheLastOneThatWasSetCounts(t *testing.T) {
	a := &Application{Getenv: func(name string) string { return map[string]string{"http_proxy": "http://e:1"}[name] }}
	f, _ := factory(Proxy{Type: Socks5, Host: "f"})

	a.SetProxy(http)
	a.SetFactory(f)
	same(t, a, "f")
	a.SetFactory(nil)
	same(t, a, "")

	a.SetFactory(f)
	a.SetProxy(http)
	same(t, a, "h")
	a.SetFactory(nil) // there is none
	same(t, a, "h")

	a.SetUseSystem(true)
	if same(t, a, "e"); !a.UsesSystem() || a.HasFactory() {
		t.Error("it does not use the system's")
	}
	a.SetFactory(nil)
	same(t, a, "e")
	a.SetFactory(f)
	if same(t, a, "f"); a.UsesSystem() {
		t.Error("it uses the system's")
	}
	a.SetUseSystem(false)
	same(t, a, "f")
	a.SetUseSystem(true)
	a.SetUseSystem(false)
	same(t, a, "")
	a.SetUseSystem(true)
	a.SetProxy(http)
	if same(t, a, "h"); a.UsesSystem() {
		t.Error("it uses the system's")
	}
	a.SetUseSystem(true)
	a.SetUseSystem(true)
	same(t, a, "e")
}

func TestThisHostNeedsNoProxy(t *testing.T) {
	a := &Application{Getenv: nobody}
	f, asked := factory(socks)
	for host, local := range map[string]bool{
		"localhost": true, "LOCALHOST": true, "localhost.": true, "localhost.localdomain": true,
		"127.0.0.1": true, "127.9.9.9": true, "::1": true, "::ffff:127.0.0.1": true,
		"a.localhost": false, "0.0.0.0": false, "::": false, "169.254.1.1": false, "fe80::1": false, "a.test": false, "": false,
	} {
		for _, typ := range []QueryType{TCPSocket, UDPSocket} {
			q := Query{Type: typ, PeerHost: host, PeerPort: 1}
			a.SetProxy(socks)
			plain := a.ForQuery(q)[0].Type
			a.SetFactory(f)
			*asked = nil
			made := a.ForQuery(q)[0].Type
			if local != (plain == None) || local != (made == None) || local != (len(*asked) == 0) {
				t.Errorf("%q: %d, %d, %d questions", host, plain, made, len(*asked))
			}
		}
		// A proxy of one's own is for all hosts.
		if p, ok := a.Resolve(http, Query{PeerHost: host}); !p.Equal(http) || !ok {
			t.Errorf("%q: %v", host, p)
		}
	}
}

func TestResolve(t *testing.T) {
	a := &Application{Getenv: nobody}
	f, asked := factory(Proxy{Type: HTTPCaching}, socks, http)
	a.SetFactory(f)
	for _, c := range []struct {
		name string
		own  Proxy
		want Proxy
		ok   bool
	}{
		{"the application's", Proxy{}, socks, true},
		{"none", Proxy{Type: None}, Proxy{Type: None}, true},
		{"one's own", http, http, true},
		{"one's own that sockets cannot use", Proxy{Type: HTTPCaching}, Proxy{}, false},
	} {
		*asked = nil
		p, ok := a.Resolve(c.own, ask)
		if !p.Equal(c.want) || ok != c.ok || (len(*asked) == 1) != (c.own.Type == Default) {
			t.Errorf("%s: %v, %v, %d questions", c.name, p, ok, len(*asked))
		}
	}
}

// A factory may use the application, also from other threads.
func TestFactoryUsesTheApplication(t *testing.T) {
	a := &Application{Getenv: nobody}
	a.SetFactory(func(q Query) []Proxy {
		a.UsesSystem()
		return a.System(q)
	})
	var group sync.WaitGroup
	for range 10 {
		group.Go(func() { same(t, a, "") })
		group.Go(func() { a.SetUseSystem(false) })
	}
	group.Wait()
}
