package resolve

import (
	"context"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"qnet/core/hosts"
	"qnet/core/internal/dnstest"
	"qnet/core/kept"
)

// remember has files kept although they have just been written.
func remember(t *testing.T) {
	kept.Now = func() time.Time { return time.Now().Add(time.Hour) }
	t.Cleanup(func() { kept.Now = time.Now })
}

func texts(t *testing.T, r *resolver, name string) string {
	t.Helper()
	list, ok := r.known(name)
	if ok != (len(list) > 0) {
		t.Fatalf("%v, %v", list, ok)
	}
	var words []string
	for _, a := range list {
		words = append(words, a.String())
	}
	return strings.Join(words, " ")
}

func TestWhatTheTableHasIsKnownOnceItWasRead(t *testing.T) {
	remember(t)
	r, server := machine{hosts: "192.0.2.1 one.test\n192.0.2.2 192.0.2.9\n", nsswitch: usual}.set(t)
	if got := texts(t, r, "one.test"); got != "" {
		t.Fatalf("%s before anything was read", got)
	}
	r.lookUp(context.Background(), "one.test")
	looked := r.lookUp(context.Background(), "one.test")
	for _, c := range []struct{ name, want string }{
		{"one.test", "192.0.2.1"}, {"ONE.test", "192.0.2.1"}, {"ｏne.test", "192.0.2.1"},
		{"other.test", ""}, {"", ""}, {"-.test", ""}, {"192.0.2.9", ""},
	} {
		if got := texts(t, r, c.name); got != c.want {
			t.Errorf("%q: %q, not %q", c.name, got, c.want)
		}
	}
	if list, _ := r.known("one.test"); !slices.Equal(list, looked.Addresses) {
		t.Errorf("%v, looked up %v", list, looked.Addresses)
	}
	if n := len(server.Asked()); n != 0 {
		t.Errorf("%d questions to the name server", n)
	}
	// What the table says now counts.
	if err := os.WriteFile(r.hosts, []byte("192.0.2.3 one.test\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := texts(t, r, "one.test"); got != "" {
		t.Errorf("%s, which it has said before", got)
	}
	for range 2 {
		r.lookUp(context.Background(), "one.test")
	}
	if got := texts(t, r, "one.test"); got != "192.0.2.3" {
		t.Errorf("%s", got)
	}
}

// TestNothingIsKnownWhereSomethingElseComesFirst: name servers, or what only the C library knows; or there is no use in what the
// table has.
func TestNothingIsKnownWhereSomethingElseComesFirst(t *testing.T) {
	remember(t)
	const table = "192.0.2.1 one.test\n"
	for _, m := range []machine{
		{hosts: table, nsswitch: "hosts: dns files\n"},
		{hosts: table, nsswitch: "hosts: mymachines files\n"},
		{hosts: table, nsswitch: "hosts:\n"},
		{hosts: table, nsswitch: "passwd: files\n"},
		{hosts: table, nsswitch: usual, own: []netip.Prefix{netip.MustParsePrefix("2001:db8::99/64")}},
		{hosts: table + strings.Repeat("# much\n", kept.Largest/7), nsswitch: usual},
	} {
		m.answer = dnstest.Host(nil)
		r, _ := m.set(t)
		for range 2 {
			r.order("one.test", read)
			hosts.Addresses(r.hosts, "one.test", true, true)
		}
		if got := texts(t, r, "one.test"); got != "" {
			t.Errorf("%q: %s", m.nsswitch, got)
		}
	}
}
