package proxy

import (
	"net"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// System returns the proxies that the environment names for a query, none if it names
// none (QNetworkProxyFactory::systemProxyForQuery, without its last entry). As in Qt a
// query with the tag http, https or ftp has a variable of its own, and all_proxy is for
// the others; unlike there all_proxy is for everything that no other variable is for.
func (a *Application) System(q Query) []Proxy {
	q = q.normal()
	variables := []string{"all_proxy", "http_proxy"}
	switch tag := q.ProtocolTag; tag {
	case "http", "https", "ftp":
		variables = []string{tag + "_proxy", "http_proxy", "all_proxy"}
	}
	if a.excepts(q) {
		return nil
	}
	for _, name := range variables {
		p, ok := parse(a.variable(name))
		if ok && p.Capabilities()&q.Type.needs() == q.Type.needs() {
			return []Proxy{p}
		}
	}
	return nil
}

// variable returns a variable that programs look for in small and in capital letters.
func (a *Application) variable(name string) string {
	if value := a.Getenv(name); value != "" {
		return value
	}
	if name == "http_proxy" && a.Getenv("REQUEST_METHOD") != "" {
		// In a program that a web server runs it is a header of the request.
		return ""
	}
	return a.Getenv(strings.ToUpper(name))
}

// excepts reports whether no_proxy names the host that is asked for.
func (a *Application) excepts(q Query) bool {
	if q.PeerHost == "" {
		return false
	}
	if isLocalHost(q.PeerHost) {
		return true
	}
	config := httpproxy.Config{HTTPSProxy: "http://proxy", NoProxy: a.variable("no_proxy")}
	host := strings.TrimSuffix(q.PeerHost, ".")
	target := url.URL{Scheme: "https", Host: net.JoinHostPort(host, strconv.Itoa(max(0, q.PeerPort)))}
	via, err := config.ProxyFunc()(&target)
	return via == nil || err != nil
}

// schemes are those of proxies that can be used, and the ports that they are at.
var schemes = map[string]struct {
	typ  Type
	port uint16
}{
	"http":    {HTTP, 80},
	"socks":   {Socks5, 1080},
	"socks5":  {Socks5, 1080},
	"socks5h": {Socks5, 1080},
}

// parse returns the proxy that a variable's value names: a URL, or a name with or
// without a port.
func parse(text string) (Proxy, bool) {
	text = strings.TrimSpace(text)
	if text != "" && !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" {
		return Proxy{}, false
	}
	scheme, ok := schemes[u.Scheme]
	if !ok {
		return Proxy{}, false
	}
	p := Proxy{Type: scheme.typ, Host: u.Hostname(), Port: scheme.port, User: u.User.Username()}
	p.Password, _ = u.User.Password()
	if text := u.Port(); text != "" {
		port, err := strconv.ParseUint(text, 10, 16)
		if err != nil {
			return Proxy{}, false
		}
		p.Port = uint16(port)
	}
	return p, true
}
