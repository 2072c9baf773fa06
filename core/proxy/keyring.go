package proxy

import (
	"maps"
	"strings"
	"sync"

	"qnet/core/proxy/auth"
)

// Credentials are a user and a password.
type Credentials struct{ User, Password string }

// Keyring keeps what proxies have let somebody in with, so that nobody is asked again.
// It may be used from any thread.
type Keyring struct {
	mu   sync.Mutex
	kept map[lock]*keys
}

// Keys are those of the process.
var Keys = &Keyring{}

// lock is a proxy that wants to know who one is. One with credentials of its own is
// another one than the same without.
type lock struct {
	typ  Type
	host string
	port uint16
	own  Credentials
}

// keys are what fits a proxy.
type keys struct {
	latest  *Key // nil: it has been dropped
	byRealm map[string]Credentials
}

// Key is what a proxy has let somebody in with, and for HTTP how that was said.
type Key struct {
	Credentials Credentials
	Realm       string
	Session     auth.Session
}

// maxKept is how many proxies, and realms of one, are kept at most.
const maxKept = 256

func (p Proxy) lock() lock {
	return lock{p.Type, strings.ToLower(p.Host), p.Port, Credentials{p.User, p.Password}}
}

// Latest returns what a proxy has accepted last.
func (k *Keyring) Latest(p Proxy) (Key, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if keys := k.kept[p.lock()]; keys != nil && keys.latest != nil {
		return *keys.latest, true
	}
	return Key{}, false
}

// ForRealm returns what a proxy has accepted for a realm.
func (k *Keyring) ForRealm(p Proxy, realm string) (Credentials, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if keys := k.kept[p.lock()]; keys != nil {
		c, ok := keys.byRealm[realm]
		return c, ok
	}
	return Credentials{}, false
}

// Keep keeps what a proxy has accepted.
func (k *Keyring) Keep(p Proxy, key Key) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.kept == nil {
		k.kept = map[lock]*keys{}
	}
	of := k.kept[p.lock()]
	if of == nil {
		makeRoom(k.kept)
		of = &keys{byRealm: map[string]Credentials{}}
		k.kept[p.lock()] = of
	}
	if _, known := of.byRealm[key.Realm]; !known {
		makeRoom(of.byRealm)
	}
	of.latest, of.byRealm[key.Realm] = &key, key.Credentials
}

// Drop forgets what a proxy does not accept any more.
func (k *Keyring) Drop(p Proxy, key Key) {
	k.mu.Lock()
	defer k.mu.Unlock()
	of := k.kept[p.lock()]
	if of == nil || of.byRealm[key.Realm] != key.Credentials {
		return
	}
	delete(of.byRealm, key.Realm)
	if of.latest != nil && of.latest.Realm == key.Realm {
		of.latest = nil
	}
	if len(of.byRealm) == 0 {
		delete(k.kept, p.lock())
	}
}

// makeRoom deletes anything from a map that is full.
func makeRoom[K comparable, V any](m map[K]V) {
	if len(m) < maxKept {
		return
	}
	for key := range maps.Keys(m) {
		delete(m, key)
		return
	}
}
