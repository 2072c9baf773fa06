package proxy

import (
	"fmt"
	"testing"
)

// Each test's values are those of Qt 6.12.

func TestCapabilities(t *testing.T) {
	for typ, want := range map[Type]struct {
		capabilities         Capabilities
		caching, transparent bool
	}{
		Default:     {103, false, true},
		Socks5:      {23, false, true},
		None:        {103, false, true},
		HTTP:        {25, true, true},
		HTTPCaching: {24, true, false},
		FTPCaching:  {24, true, false},
		Type(6):     {0, false, false},
		Type(-1):    {0, false, false},
	} {
		p := Proxy{Type: typ}
		if p.Capabilities() != want.capabilities || p.IsCaching() != want.caching || p.IsTransparent() != want.transparent {
			t.Errorf("%d: %d, %v, %v, not %v", typ, p.Capabilities(), p.IsCaching(), p.IsTransparent(), want)
		}
	}
}

func TestTypeChangesCapabilitiesUnlessTheyWereSet(t *testing.T) {
	for from := Default; from <= FTPCaching; from++ {
		for to := Default; to <= FTPCaching; to++ {
			p := Proxy{Type: from}
			p.Type = to
			if p.Capabilities() != defaults[to] {
				t.Errorf("from %d to %d: %d", from, to, p.Capabilities())
			}
			for _, c := range []Capabilities{0, Caching, defaults[from]} {
				p := Proxy{Type: from}
				p.SetCapabilities(c)
				p.Type = to
				if p.Capabilities() != c {
					t.Errorf("%d, set on %d: %d on %d", c, from, p.Capabilities(), to)
				}
			}
		}
	}
}

func TestEqual(t *testing.T) {
	p := Proxy{Type: HTTP, Host: "a", Port: 1}
	for name, c := range map[string]struct {
		change func(*Proxy)
		want   bool
	}{
		"nothing":               {func(*Proxy) {}, true},
		"the type":              {func(p *Proxy) { p.Type = Socks5 }, false},
		"the host's letters":    {func(p *Proxy) { p.Host = "A" }, false},
		"the port":              {func(p *Proxy) { p.Port = 2 }, false},
		"the user":              {func(p *Proxy) { p.User = "u" }, false},
		"the password":          {func(p *Proxy) { p.Password = "p" }, false},
		"the capabilities":      {func(p *Proxy) { p.SetCapabilities(Tunneling) }, false},
		"the same capabilities": {func(p *Proxy) { p.SetCapabilities(p.Capabilities()) }, true},
		"a header":              {func(p *Proxy) { p.SetHeader("X", "y") }, true},
	} {
		q := p
		if c.change(&q); p.Equal(q) != c.want || q.Equal(p) != c.want {
			t.Errorf("%s: not %v", name, c.want)
		}
	}
	if (Proxy{}).Equal(Proxy{Type: None}) {
		t.Error("the default proxy is no direct connection")
	}
}

func TestHeaders(t *testing.T) {
	var p Proxy
	for _, c := range []struct {
		name, value string
		want        bool
	}{
		{"X-One", "1", true}, {"Two", "", true}, {"x-one", "one", true}, {"Three", " a\tb ü\t", true},
		{"", "x", false}, {"a b", "x", false}, {"a:", "x", false}, {"a\r\nb", "x", false}, {"Four", "a\r\nb", false}, {"Four", "a\x00", false}, {"Four", "a\n", false},
	} {
		if got := p.SetHeader(c.name, c.value); got != c.want {
			t.Errorf("%q, %q: %v", c.name, c.value, got)
		}
	}
	if got, want := fmt.Sprintf("%q", p.Headers()), `[{"x-one" "one"} {"Two" ""} {"Three" "a\tb ü"}]`; got != want {
		t.Errorf("%s, not %s", got, want)
	}
	for name, want := range map[string]string{"X-ONE": "one", "two": ""} {
		if got, ok := p.Header(name); got != want || !ok {
			t.Errorf("%s: %q, %v", name, got, ok)
		}
	}
	if got, ok := p.Header("four"); got != "" || ok {
		t.Errorf("%q, %v", got, ok)
	}
	// A copy is one's own.
	q := p
	q.SetHeader("Two", "2")
	q.SetHeader("Five", "5")
	p.SetHeader("Six", "6")
	if got, _ := p.Header("Two"); got != "" || len(p.Headers()) != 4 || len(q.Headers()) != 4 {
		t.Errorf("%q and %q", p.Headers(), q.Headers())
	}
}

func TestChoose(t *testing.T) {
	capable := func(typ Type, c Capabilities) Proxy {
		p := Proxy{Type: typ}
		p.SetCapabilities(c)
		return p
	}
	caching, socks, http, none := Proxy{Type: HTTPCaching}, Proxy{Type: Socks5}, Proxy{Type: HTTP}, Proxy{Type: None}
	const all = Capabilities(127)
	for _, c := range []struct {
		name string
		typ  QueryType
		list []Proxy
		want Type
		ok   bool
	}{
		{"the first that is able to", TCPSocket, []Proxy{caching, socks, http}, Socks5, true},
		{"nobody", TCPSocket, []Proxy{caching}, Default, false},
		{"nothing", TCPSocket, nil, Default, false},
		{"the default one, which stands for nothing", TCPSocket, []Proxy{{}, socks}, Default, false},
		{"none", TCPSocket, []Proxy{caching, none}, None, true},
		{"one that says that it cannot", TCPSocket, []Proxy{capable(Socks5, Listening|UDPTunneling), http}, HTTP, true},
		{"a page cache that says it can", TCPSocket, []Proxy{capable(HTTPCaching, all), http}, HTTPCaching, false},
		{"datagrams", UDPSocket, []Proxy{caching, http, none}, None, true},
		{"datagrams over SOCKS", UDPSocket, []Proxy{http, socks}, Socks5, true},
		{"datagrams over HTTP, which says it can", UDPSocket, []Proxy{capable(HTTP, all), socks}, HTTP, false},
		{"datagrams that SOCKS is not able to", UDPSocket, []Proxy{capable(Socks5, Tunneling)}, Default, false},
		{"a server", TCPServer, []Proxy{http, socks}, Socks5, true},
		{"a server over HTTP, which says it can", TCPServer, []Proxy{capable(HTTP, all)}, HTTP, false},
		{"a server that SOCKS is not able to", TCPServer, []Proxy{capable(Socks5, Tunneling)}, Default, false},
		{"SCTP", SCTPSocket, []Proxy{socks, none}, None, true},
		{"SCTP's server", SCTPServer, []Proxy{socks, none}, None, true},
		{"a request", URLRequest, []Proxy{http}, HTTP, false},
	} {
		if p, ok := (Query{Type: c.typ}).Choose(c.list); p.Type != c.want || ok != c.ok {
			t.Errorf("%s: %d, %v, not %d, %v", c.name, p.Type, ok, c.want, c.ok)
		}
	}
}

// As in Qt, and in network_proxy.h.
func TestQueriesHaveQtsNumbers(t *testing.T) {
	for got, want := range map[QueryType]int{TCPSocket: 0, UDPSocket: 1, SCTPSocket: 2, TCPServer: 100, URLRequest: 101, SCTPServer: 102} {
		if int(got) != want {
			t.Errorf("%d, not %d", got, want)
		}
	}
}
