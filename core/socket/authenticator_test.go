package socket

import (
	"testing"

	"qnet/core/internal/looptest"
	"qnet/core/proxy"
)

func TestOptionsOfAnAuthenticator(t *testing.T) {
	l := looptest.New(t)
	expect := func(a *Authenticator, name, want string, has bool) {
		t.Helper()
		if value, ok := a.Option(name); ok != has || ok && value != want {
			t.Errorf("%s: %q, %v", name, value, ok)
		}
	}
	a := newAuthenticator(l, proxy.Question{})
	expect(a, "realm", "", false)
	expect(a, "other", "", false)
	if !a.IsNull() {
		t.Error("something is known")
	}
	a.SetOption("other", "")
	expect(a, "other", "", true)
	if a.IsNull() {
		t.Error("nobody has set anything")
	}
	a.SetOption("other", "value")
	expect(a, "other", "value", true)
	expect(a, "realm", "", false)

	a = newAuthenticator(l, proxy.Question{Realm: "r"})
	expect(a, "realm", "r", true)
	expect(a, "other", "", false)
	a.SetOption("realm", "mine")
	expect(a, "realm", "mine", true)
	if a.Realm != "r" {
		t.Error("the proxy's realm is another now")
	}
}

// Whatever is known, or set, makes an authenticator one.
func TestNullAuthenticators(t *testing.T) {
	l := looptest.New(t)
	for name, q := range map[string]proxy.Question{"realm": {Realm: "x"}, "user": {User: "x"}, "password": {Password: "x"}} {
		if newAuthenticator(l, q).IsNull() {
			t.Errorf("it has a %s", name)
		}
	}
	for name, set := range map[string]func(*Authenticator){
		"user": func(a *Authenticator) { a.SetUser("") }, "password": func(a *Authenticator) { a.SetPassword("") },
	} {
		a := newAuthenticator(l, proxy.Question{})
		if set(a); a.IsNull() {
			t.Errorf("its %s was set", name)
		}
	}
}
