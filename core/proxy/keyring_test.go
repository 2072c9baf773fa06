package proxy

import (
	"fmt"
	"sync"
	"testing"
)

func TestKeys(t *testing.T) {
	var k Keyring
	p := Proxy{Type: HTTP, Host: "Proxy.test", Port: 1}
	own := p
	own.User = "own"
	others := []Proxy{own, {Type: Socks5, Host: "proxy.test", Port: 1}, {Type: HTTP, Host: "other.test", Port: 1}, {Type: HTTP, Host: "proxy.test", Port: 2}}
	first, second := Key{Credentials: Credentials{"u", "1"}, Realm: "one"}, Key{Credentials: Credentials{"u", "2"}, Realm: "two"}

	look := func(latest string, one, two string) {
		t.Helper()
		key, _ := k.Latest(Proxy{Type: HTTP, Host: "proxy.TEST", Port: 1})
		a, _ := k.ForRealm(p, "one")
		b, _ := k.ForRealm(p, "two")
		if key.Realm != latest || a.Password != one || b.Password != two {
			t.Errorf("%v, %v, %v", key, a, b)
		}
		for _, other := range others {
			if _, ok := k.Latest(other); ok {
				t.Errorf("%v is another proxy", other)
			}
		}
	}
	look("", "", "")
	k.Drop(p, first)
	k.Keep(p, first)
	look("one", "1", "")
	k.Keep(p, second)
	look("two", "1", "2")
	// What was replaced meanwhile is not what was refused.
	k.Drop(p, Key{Credentials: Credentials{"u", "old"}, Realm: "one"})
	look("two", "1", "2")
	k.Drop(p, second)
	look("", "1", "")
	k.Keep(p, second)
	k.Drop(p, first)
	look("two", "", "2")
	k.Drop(p, second)
	look("", "", "")
	if len(k.kept) != 0 {
		t.Errorf("%d are left", len(k.kept))
	}
}

func TestKeysAreLimited(t *testing.T) {
	var k Keyring
	var group sync.WaitGroup
	for i := range 3 * maxKept {
		group.Go(func() {
			k.Keep(Proxy{Host: fmt.Sprint(i)}, Key{})
			k.Keep(Proxy{}, Key{Realm: fmt.Sprint(i)})
			k.ForRealm(Proxy{}, "x")
			k.Latest(Proxy{})
		})
	}
	group.Wait()
	if len(k.kept) > maxKept {
		t.Errorf("%d proxies", len(k.kept))
	}
	for _, keys := range k.kept {
		if len(keys.byRealm) > maxKept {
			t.Errorf("%d realms", len(keys.byRealm))
		}
	}
}
