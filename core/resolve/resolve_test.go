package resolve

import (
	"context"
	"errors"
	"math/rand"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"qnet/core/address"
	"qnet/core/dns"
	"qnet/core/internal/dnstest"
	"qnet/core/internal/looptest"
	"qnet/core/internal/standardtest"
)

// machine is the configuration of a machine for a test.
type machine struct {
	hosts, nsswitch string
	own             []netip.Prefix
	answer          func(dnstest.Query) [][]byte
}

const usual = "passwd: files\nhosts: files dns\n"

// both are addresses of a machine with IPv4 and IPv6.
var both = []netip.Prefix{netip.MustParsePrefix("192.0.2.99/24"), netip.MustParsePrefix("2001:db8::99/64")}

// set makes a resolver and the name server that it asks.
func (m machine) set(t *testing.T) (*resolver, *dnstest.Server) {
	t.Helper()
	if m.own == nil {
		m.own = both
	}
	if m.answer == nil {
		m.answer = dnstest.Host(nil)
	}
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, v := range variables {
		if old, set := os.LookupEnv(v); set {
			os.Unsetenv(v)
			t.Cleanup(func() { os.Setenv(v, old) })
		}
	}
	s := dnstest.New(t, m.answer)
	return &resolver{
		files: files{file("hosts", m.hosts), file("nsswitch.conf", m.nsswitch), file("gai.conf", "# label\n"), file("host.conf", "multi on\n")},
		servers: func() (*dns.Config, error) {
			return &dns.Config{Servers: []netip.AddrPort{s.Address}, Ndots: 1, Timeout: looptest.Patience, Attempts: 1}, nil
		},
		interfaces: func() ([]netip.Prefix, error) { return m.own, nil },
		system:     newSystem(nobody),
	}, s
}

// nobody is a resolver that asks nobody.
var nobody = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
	return nil, errors.New("nobody is asked")
}}

// found returns the addresses of a result as a text, and the error.
func (r Result) String() string {
	var list []string
	for _, a := range r.Addresses {
		list = append(list, a.String())
	}
	slices.Sort(list)
	if r.Err != nil {
		list = append(list, r.Err.Error())
	}
	return strings.Join(append([]string{r.Name}, list...), " ")
}

func TestNamesAreLookedForInOrder(t *testing.T) {
	known := dnstest.Host(map[string][]string{"a.test": {"192.0.2.1"}, "b.test": {"192.0.2.2", "2001:db8::2"}})
	hosts := "192.0.2.11 a.test\n192.0.2.33 c.test\n192.0.2.34 c.test\n"
	fails := func(q dnstest.Query) [][]byte { return [][]byte{q.Reply(dnsmessage.RCodeServerFailure)} }
	for _, c := range []struct {
		nsswitch string
		answer   func(dnstest.Query) [][]byte
		want     []string
	}{
		{"files dns", known, []string{"a.test 192.0.2.11", "b.test 192.0.2.2 2001:db8::2", "c.test 192.0.2.33 192.0.2.34", "d.test Host not found"}},
		{"dns files", known, []string{"a.test 192.0.2.1", "b.test 192.0.2.2 2001:db8::2", "c.test 192.0.2.33 192.0.2.34", "d.test Host not found"}},
		{"files", known, []string{"a.test 192.0.2.11", "b.test Host not found"}},
		{"dns", known, []string{"a.test 192.0.2.1", "c.test Host not found"}},
		{"files dns", fails, []string{"a.test 192.0.2.11", "b.test Temporary failure in name resolution"}},
		{"dns files", fails, []string{"a.test 192.0.2.11", "b.test Host not found"}}, // the last word is the files'
		{"dns", fails, []string{"a.test Temporary failure in name resolution"}},
	} {
		r, _ := machine{hosts: hosts, nsswitch: "hosts: " + c.nsswitch, answer: c.answer}.set(t)
		for _, want := range c.want {
			name, _, _ := strings.Cut(want, " ")
			if got := r.lookUp(t.Context(), name).String(); got != want {
				t.Errorf("%s: %s, not %s", c.nsswitch, got, want)
			}
		}
	}
}

func TestOnlyFamiliesOfUseAreLookedUp(t *testing.T) {
	known := dnstest.Host(map[string][]string{"a.test": {"192.0.2.1", "2001:db8::1"}})
	loopback := netip.MustParsePrefix("127.0.0.1/8")
	loopback6 := netip.MustParsePrefix("::1/128")
	for _, c := range []struct {
		own  []netip.Prefix
		want []string
	}{
		{both, []string{"a.test 192.0.2.1 2001:db8::1", "localhost 127.0.0.1 ::1"}},
		{[]netip.Prefix{loopback, loopback6}, []string{"a.test 192.0.2.1 2001:db8::1", "localhost 127.0.0.1 ::1"}},
		{[]netip.Prefix{loopback, loopback6, both[0]}, []string{"a.test 192.0.2.1", "localhost 127.0.0.1"}},
		{[]netip.Prefix{loopback, loopback6, both[1]}, []string{"a.test 2001:db8::1", "localhost ::1"}},
	} {
		r, _ := machine{hosts: "127.0.0.1 localhost\n::1 localhost\n", nsswitch: usual, own: c.own, answer: known}.set(t)
		for _, want := range c.want {
			name, _, _ := strings.Cut(want, " ")
			if got := r.lookUp(t.Context(), name).String(); got != want {
				t.Errorf("with %v: %s, not %s", c.own, got, want)
			}
		}
	}
}

func TestNamesThatAreNotASCIIAreAskedForAsIfTheyWere(t *testing.T) {
	r, s := machine{hosts: "::1 localhost\n", nsswitch: usual, answer: dnstest.Host(map[string][]string{"xn--bcher-kva.test": {"192.0.2.1"}})}.set(t)
	for name, want := range map[string]string{
		"bücher.test": "192.0.2.1", "BÜCHER.Test": "192.0.2.1", "bücher。test": "192.0.2.1",
		"ｌｏｃａｌｈｏｓｔ": "::1", "local\u00adhost": "::1", "１２７.0.0.1": "127.0.0.1",
	} {
		if got := r.lookUp(t.Context(), name).String(); got != name+" "+want {
			t.Errorf("%s, not %s", got, want)
		}
	}
	for _, asked := range s.Asked() {
		if asked != "xn--bcher-kva.test" {
			t.Errorf("%q was asked for", asked)
		}
	}
}

func TestNamesOfAddresses(t *testing.T) {
	r, _ := machine{hosts: "192.0.2.1 one.test\n::1 localhost\n", nsswitch: usual, answer: func(q dnstest.Query) [][]byte {
		switch q.Name() {
		case "2.2.0.192.in-addr.arpa":
			return [][]byte{q.Reply(dnsmessage.RCodeSuccess, dnstest.Pointer(q.Name(), "two.test"))}
		case "3.2.0.192.in-addr.arpa":
			return [][]byte{q.Reply(dnsmessage.RCodeServerFailure)}
		}
		return [][]byte{q.Reply(dnsmessage.RCodeNameError)}
	}}.set(t)
	for text, want := range map[string]string{
		"192.0.2.1":        "one.test",
		"::ffff:192.0.2.1": "::ffff:192.0.2.1", // in the table there is another address
		"::ffff:192.0.2.2": "two.test",
		" 192.0.2.1\n":     "one.test",
		"::1%lo":           "localhost",
		"192.0.2.2":        "two.test",
		"192.0.2.3":        "192.0.2.3",
		"127":              "0.0.0.127",
		"fe80::1%lo":       "fe80::1",
	} {
		a, _ := address.Parse(text)
		got := r.lookUp(t.Context(), text)
		if got.Name != want || got.Err != nil || len(got.Addresses) != 1 || got.Addresses[0] != a {
			t.Errorf("%s: %v, not %s", text, got, want)
		}
	}
}

func TestLackOfDescriptorsIsReported(t *testing.T) {
	r, _ := machine{nsswitch: usual}.set(t)
	r.interfaces = interfaces
	restore := looptest.NoDescriptors(t)
	got := []Result{r.lookUp(t.Context(), "a.test")}
	r.interfaces = func() ([]netip.Prefix, error) { return both, nil }
	got = append(got, r.lookUp(t.Context(), "a.test"))
	restore()
	for _, g := range got {
		if g.Err != ErrResources || g.Name != "a.test" {
			t.Errorf("%v", g)
		}
	}
}

// The only names asked for below are localhost and those of the domain .invalid,
// which never exists (RFC 6761).

func TestLocalhostIsALoopbackAddress(t *testing.T) {
	for _, name := range []string{"localhost", "LOCALHOST"} {
		r := Now(t.Context(), name)
		if r.Err != nil || len(r.Addresses) == 0 || r.Name != name {
			t.Fatalf("%q: %v", name, r)
		}
		for i, a := range r.Addresses {
			if !a.IsLoopback() || a.Addr().Is4In6() || slices.Contains(r.Addresses[:i], a) {
				t.Errorf("%v", r)
			}
		}
	}
}

func TestUnknownNames(t *testing.T) {
	r := Now(t.Context(), "nosuchhost.invalid")
	if r.Err != ErrNotFound && r.Err != ErrTemporary || r.Addresses != nil || r.Name != "nosuchhost.invalid" {
		t.Errorf("%+v", r)
	}
}

func TestWithoutANameThereIsNoLookup(t *testing.T) {
	if r := Now(t.Context(), ""); r.Err != ErrNoName || r.Addresses != nil || r.Name != "" {
		t.Errorf("%+v", r)
	}
}

func TestStartReportsOnceOnAnotherGoroutine(t *testing.T) {
	looptest.CheckLeaks(t)
	results := make(chan Result) // without room: a report here would hang
	cancel := Start(nil, "localhost", func(r Result) { results <- r })
	defer cancel()
	if r := <-results; r.Err != nil || len(r.Addresses) == 0 {
		t.Errorf("%+v", r)
	}
	select {
	case <-results:
		t.Error("a second report")
	case <-time.After(time.Millisecond):
	}
}

func TestCancelledLookupIsNotReported(t *testing.T) {
	looptest.CheckLeaks(t)
	// On one processor the look-up begins when this goroutine waits.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, name := range []string{"localhost", "nosuchhost.invalid"} {
		cancel := Start(nil, name, func(Result) { t.Errorf("%s is reported", name) })
		cancel()
		cancel() // again is harmless
	}
}

func TestSameAddressesAreListedOnce(t *testing.T) {
	check := func(list addresses) bool {
		got := fromAddrs(list)
		seen := map[netip.Addr]bool{}
		var want []address.Address
		for _, ip := range list {
			if !seen[ip] {
				seen[ip] = true
				want = append(want, address.FromAddr(ip))
			}
		}
		return slices.Equal(got, want)
	}
	if err := quick.Check(check, nil); err != nil {
		t.Error(err)
	}
}

// addresses is a resolver's list that quick makes, with some of it repeated.
type addresses []netip.Addr

func (addresses) Generate(r *rand.Rand, size int) reflect.Value {
	list := make(addresses, r.Intn(size+1))
	for i := range list {
		a := netip.AddrFrom4([4]byte{127, 0, 0, byte(r.Intn(4))})
		switch r.Intn(3) {
		case 0:
			a = netip.AddrFrom16(a.As16())
		case 1:
			a = netip.AddrFrom16([16]byte{15: byte(r.Intn(4))})
		}
		list[i] = a
	}
	return reflect.ValueOf(list)
}

func TestInterfacesAreThoseOfTheMachine(t *testing.T) {
	var want []netip.Prefix
	list, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range list {
		want = append(want, netip.MustParsePrefix(a.String()))
	}
	standardtest.CloseInput(t)
	got, err := interfaces()
	if err != nil || !slices.Equal(got, want) || len(got) == 0 {
		t.Errorf("%v, %v, not %v", got, err, want)
	}
	if open, _ := standardtest.Input(); open {
		t.Error("descriptor 0 is open")
	}
}
