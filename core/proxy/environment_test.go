package proxy

import (
	"fmt"
	"strings"
	"testing"
)

// environment returns the application of a program that was started so: "name=value",
// separated by spaces.
func environment(text string) *Application {
	variables := map[string]string{}
	for word := range strings.FieldsSeq(text) {
		name, value, _ := strings.Cut(word, "=")
		variables[name] = value
	}
	return &Application{Getenv: func(name string) string { return variables[name] }}
}

// named returns the proxies as text.
func named(list []Proxy) string {
	var words []string
	for _, p := range list {
		text := fmt.Sprintf("%d:%s:%d", p.Type, p.Host, p.Port)
		if p.User != "" || p.Password != "" {
			text += ":" + p.User + ":" + p.Password
		}
		words = append(words, text)
	}
	return strings.Join(words, " ")
}

// Where Qt 6.12, which was asked all of this, differs, a comment says so.
func TestEnvironment(t *testing.T) {
	tcp := func(tag string) Query {
		return Query{PeerHost: "a.test", PeerPort: 80, LocalPort: -1, ProtocolTag: tag}
	}
	udp := Query{Type: UDPSocket, PeerHost: "a.test", PeerPort: 80, LocalPort: -1}
	server := Query{Type: TCPServer, PeerPort: -1, LocalPort: 80}
	const every = "http_proxy=http://h:1 all_proxy=socks5://s:2 https_proxy=http://t:3"
	for _, c := range []struct {
		environment string
		query       Query
		want        string
	}{
		{"", tcp(""), ""},
		{every, tcp(""), "1:s:2"},
		{every, tcp("http"), "3:h:1"},
		{every, tcp("HTTPS"), "3:t:3"},
		{every, tcp("ftp"), "3:h:1"},
		{every, tcp("other"), "1:s:2"},
		{every, server, "1:s:2"},
		{every, udp, "1:s:2"},
		{"ftp_proxy=http://f:1", tcp("ftp"), "3:f:1"},
		{"ftp_proxy=http://f:1", tcp(""), ""},
		{"http_proxy=http://h:1", tcp(""), "3:h:1"},
		{"http_proxy=http://h:1", tcp("https"), "3:h:1"},
		{"http_proxy=http://h:1", udp, ""},
		{"http_proxy=http://h:1", server, ""},
		{"https_proxy=http://t:1", tcp(""), ""},
		{"all_proxy=socks5://s:2", tcp("http"), "1:s:2"}, // Qt: none
		{"http_proxy=socks5://s:2", server, "1:s:2"},
		// Names in capital letters: Qt does not know them.
		{"HTTP_PROXY=http://h:1", tcp(""), "3:h:1"},
		{"HTTP_PROXY=http://h:1 http_proxy=http://l:1", tcp(""), "3:l:1"},
		{"ALL_PROXY=socks5://s:2", tcp(""), "1:s:2"},
		{"HTTPS_PROXY=http://t:1", tcp("https"), "3:t:1"},
		{"HTTP_PROXY=http://h:1 REQUEST_METHOD=GET", tcp(""), ""},
		{"http_proxy=http://h:1 REQUEST_METHOD=GET", tcp(""), "3:h:1"},
		// Ways to write it.
		{"http_proxy=h:1", tcp(""), "3:h:1"},       // Qt: none
		{"http_proxy=h", tcp(""), "3:h:80"},        // Qt: no name, and port 65535
		{"http_proxy=http://h", tcp(""), "3:h:80"}, // Qt: port 65535
		{"http_proxy=http://h/", tcp(""), "3:h:80"},
		{"all_proxy=socks5://s", tcp(""), "1:s:1080"},
		{"all_proxy=socks5h://s:1", tcp(""), "1:s:1"},
		{"all_proxy=socks://s:1", tcp(""), "1:s:1"}, // Qt: none
		{"all_proxy=SOCKS5://s:1", tcp(""), "1:s:1"},
		{"http_proxy=http://[::1]:8080", tcp(""), "3:::1:8080"},
		{"http_proxy=http://u%40x:p%3a@h:8080/path", tcp(""), "3:h:8080:u@x:p:"},
		{"http_proxy=https://h:1", tcp(""), ""},
		{"all_proxy=socks4://s:1", tcp(""), ""},
		{"http_proxy=http://h:99999", tcp(""), ""},
		{"http_proxy=http://:80", tcp(""), ""},
		{"http_proxy=http://%zz", tcp(""), ""},
		{"http_proxy=https://h:1 all_proxy=http://a:1", tcp("http"), "3:a:1"},
		{"http_proxy=", tcp(""), ""},
	} {
		if got := named(environment(c.environment).System(c.query)); got != c.want {
			t.Errorf("%s: %s, not %s", c.environment, got, c.want)
		}
	}
	if p := environment("all_proxy=socks5h://s:1").System(tcp(""))[0]; p.Capabilities() != defaults[Socks5] {
		// Qt takes from it what it is not named for.
		t.Errorf("%d", p.Capabilities())
	}
}

func TestExceptions(t *testing.T) {
	const exceptions = "corp.test,.dot.test,10.0.0.0/8,192.0.2.1,*.star.test,UPPER.test,port.test:81,2001:db8::/32,2001:db9::1,[2001:dba::1],bücher.test"
	for host, direct := range map[string]bool{
		"corp.test": true, "a.corp.test": true, "xcorp.test": false, "corp.test.": true, "CORP.test": true,
		"a.dot.test": true, "dot.test": false, "a.star.test": true, "star.test": false, // Qt: true, for both
		"10.1.2.3": true, "11.1.2.3": false, "192.0.2.1": true, "192.0.2.10": false,
		"upper.test": true, "UPPER.test": true, // Qt: false
		"port.test": false, "2001:db8::5": true, "2001:db9::1": true, "2001:db9::2": false,
		"xn--bcher-kva.test": true, "bücher.test": true,
		// These need no exception.
		"localhost": true, "127.0.0.1": true, "::1": true, "LocalHost.": true, "other.test": false,
	} {
		for _, name := range []string{"no_proxy", "NO_PROXY"} {
			a := environment("http_proxy=http://p:1 " + name + "=" + exceptions)
			if got := a.System(Query{PeerHost: host, PeerPort: 80}); (len(got) == 0) != direct {
				t.Errorf("%s: %v", host, got)
			}
		}
	}
	for _, c := range []struct {
		environment string
		query       Query
		want        string
	}{
		{"http_proxy=http://p:1 no_proxy=port.test:81", Query{PeerHost: "port.test", PeerPort: 81}, ""},
		{"http_proxy=http://p:1 no_proxy=port.test:81", Query{PeerHost: "port.test", PeerPort: 80}, "3:p:1"},
		{"http_proxy=http://p:1 no_proxy=port.test:81", Query{PeerHost: "port.test", PeerPort: -1}, "3:p:1"},
		{"http_proxy=http://p:1 no_proxy=*", Query{PeerHost: "a.test", PeerPort: 80}, ""},
		{"http_proxy=http://p:1 no_proxy=a.test", Query{PeerHost: "%zz a/b", PeerPort: 80}, "3:p:1"},
		// A server has no peer.
		{"all_proxy=socks5://p:1 no_proxy=*", Query{Type: TCPServer, PeerPort: -1}, "1:p:1"},
	} {
		if got := named(environment(c.environment).System(c.query)); got != c.want {
			t.Errorf("%s, %v: %q, not %q", c.environment, c.query, got, c.want)
		}
	}
}

// FuzzSystem looks that every proxy that is found can be used.
func FuzzSystem(f *testing.F) {
	f.Add("http://u:p@h:1/path", "a.test,10.0.0.0/8,[::1]:80,*.b", "a.test", 80)
	f.Add("socks5://[fe80::1%25eth0]", "*", "::1", -1)
	f.Add("h:99999", ",.,:", "", 0)
	f.Fuzz(func(t *testing.T, value, exceptions, host string, port int) {
		a := &Application{Getenv: func(name string) string {
			return map[string]string{"all_proxy": value, "no_proxy": exceptions}[name]
		}}
		list := a.System(Query{PeerHost: host, PeerPort: port})
		for _, p := range list {
			if p.Host == "" || p.Type != HTTP && p.Type != Socks5 {
				t.Errorf("%q: %v", value, p)
			}
		}
		if len(list) > 0 && isLocalHost(host) {
			t.Errorf("%q needs no proxy", host)
		}
	})
}
