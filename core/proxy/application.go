package proxy

import (
	"os"
	"strings"
	"sync"

	"qnet/core/address"
)

// Factory returns the proxies for a query, the best first
// (QNetworkProxyFactory::queryProxy).
type Factory func(Query) []Proxy

// Application is what sockets use that have no proxy of their own. Its methods may be
// called from any thread.
type Application struct {
	// Getenv returns a variable of the environment, "" if it is not set or not to be
	// trusted. It is not to be changed once the application is in use.
	Getenv func(name string) string

	mu      sync.Mutex
	proxy   Proxy
	factory Factory
	system  bool
}

// Process is the application that all sockets belong to.
var Process = &Application{Getenv: os.Getenv}

var direct = Proxy{Type: None}

// SetProxy sets the proxy of sockets that have none of their own, instead of a factory
// or the system's configuration (QNetworkProxy::setApplicationProxy).
func (a *Application) SetProxy(p Proxy) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.proxy, a.factory, a.system = p, nil, false
}

// Proxy returns what SetProxy was given, or what the factory or the system's
// configuration says to a query that asks for nothing special. It is never the default
// one, which stands for itself (QNetworkProxy::applicationProxy).
func (a *Application) Proxy() Proxy {
	if list := a.ForQuery(Query{PeerPort: -1, LocalPort: -1}); list[0].Type != Default {
		return list[0]
	}
	return direct
}

// SetFactory sets a factory, nil for none, instead of the application's proxy or the
// system's configuration (QNetworkProxyFactory::setApplicationProxyFactory).
func (a *Application) SetFactory(f Factory) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if f == nil && a.factory == nil {
		// Qt leaves all as it is.
		return
	}
	a.proxy, a.factory, a.system = Proxy{}, f, false
}

// SetUseSystem says whether the system's configuration is used, instead of a proxy or
// a factory (QNetworkProxyFactory::setUseSystemConfiguration).
func (a *Application) SetUseSystem(use bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if use && !a.system {
		a.proxy, a.factory = Proxy{}, nil
	}
	a.system = use
}

// UsesSystem reports whether the system's configuration is used
// (QNetworkProxyFactory::usesSystemConfiguration).
func (a *Application) UsesSystem() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.system
}

// HasFactory reports whether a query calls a factory: locks that it may want are not
// to be held then.
func (a *Application) HasFactory() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.factory != nil
}

// ForQuery returns the proxies for a query, at least one
// (QNetworkProxyFactory::proxyForQuery).
func (a *Application) ForQuery(q Query) []Proxy {
	q = q.normal()
	a.mu.Lock()
	p, factory, system := a.proxy, a.factory, a.system
	a.mu.Unlock()
	var list []Proxy
	switch {
	case factory == nil && !system && p.Type == Default:
	case isLocalHost(q.PeerHost):
	case factory != nil:
		list = factory(q)
	case system:
		list = a.System(q)
	default:
		list = []Proxy{p}
	}
	if len(list) == 0 {
		return []Proxy{direct}
	}
	return list
}

// Resolve returns the proxy for a query of a socket with a proxy of its own, which may
// be the default one. It reports whether sockets can use it.
func (a *Application) Resolve(own Proxy, q Query) (Proxy, bool) {
	if own.Type == Default {
		return q.Choose(a.ForQuery(q))
	}
	return q.Choose([]Proxy{own})
}

// ResolveUnlocked is Resolve for who holds a lock: a factory, which may want it, is called by
// unlocked. It also reports whether one was, and may have done anything.
func (a *Application) ResolveUnlocked(own Proxy, q Query, unlocked func(func())) (p Proxy, ok, asked bool) {
	if own.Type == Default && a.HasFactory() {
		unlocked(func() { p, ok = a.Resolve(own, q) })
		return p, ok, true
	}
	p, ok = a.Resolve(own, q)
	return p, ok, false
}

// isLocalHost reports whether a host is this one, by its names and addresses that all
// hosts have: what the application and the system say of proxies is not for it.
func isLocalHost(host string) bool {
	switch strings.ToLower(strings.TrimSuffix(host, ".")) {
	case "localhost", "localhost.localdomain":
		return true
	}
	a, ok := address.Parse(host)
	return ok && a.IsLoopback()
}
