package resolve

import (
	"context"
	"errors"
	"fmt"
	"math/rand"
	"net"
	"net/netip"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"qnet/core/address"
	"qnet/core/internal/looptest"
)

// The only names asked for are localhost and those of the domain .invalid,
// which never exists (RFC 6761).

func TestLocalhostIsALoopbackAddress(t *testing.T) {
	for _, name := range []string{"localhost", "  localhost\n", "LOCALHOST"} {
		r := Now(t.Context(), name)
		if r.Err != nil || len(r.Addresses) == 0 {
			t.Fatalf("%q: %v, %v", name, r.Addresses, r.Err)
		}
		for i, a := range r.Addresses {
			if !a.IsLoopback() || a.Addr().Is4In6() || slices.Contains(r.Addresses[:i], a) {
				t.Errorf("%q: %v", name, r.Addresses)
			}
		}
	}
	if r := Now(t.Context(), " localhost "); r.Name != "localhost" {
		t.Errorf("the name is %q", r.Name)
	}
}

func TestUnknownNames(t *testing.T) {
	r := Now(t.Context(), "nosuchhost.invalid")
	if r.Err == nil || r.Addresses != nil || r.Name != "nosuchhost.invalid" {
		t.Errorf("%+v", r)
	}
	var dns *net.DNSError
	if r.Err != ErrNotFound && !(errors.As(r.Err, &dns) && !dns.IsNotFound) {
		t.Errorf("no %v: %v", ErrNotFound, r.Err)
	}
}

func TestWithoutANameThereIsNoLookup(t *testing.T) {
	for _, name := range []string{"", "  ", "\n"} {
		if r := Now(t.Context(), name); r.Err != ErrNoName || r.Addresses != nil || r.Name != "" {
			t.Errorf("%q: %+v", name, r)
		}
	}
}

func TestNamesThatNoHostMayHave(t *testing.T) {
	long := strings.Repeat("a", 63)
	for name, want := range map[string]bool{
		"localhost":                             true,
		"a.invalid.":                            true,
		"_srv-1.invalid":                        true,
		"ü.invalid":                             true,
		long + ".invalid":                       true,
		"a..invalid":                            false,
		".invalid":                              false,
		".":                                     false,
		"two words.invalid":                     false,
		"tab\t.invalid":                         false,
		"[::1]":                                 false,
		"user@host.invalid":                     false,
		"host.invalid:80":                       false,
		long + "a.invalid":                      false,
		strings.Repeat("abcd.", 51) + "invalid": false,
	} {
		if got := valid(name); got != want {
			t.Errorf("valid(%q) = %v", name, got)
		}
		if want {
			continue
		}
		if r := Now(t.Context(), name); r.Err != ErrInvalid || r.Name != name || r.Addresses != nil {
			t.Errorf("%q: %+v", name, r)
		}
	}
}

func FuzzValid(f *testing.F) {
	for _, name := range []string{"localhost", "a.b", "a..b", "", ".", "a b", "ü", "127.0.0.1", "xn--bcher-kva.invalid."} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		labels := strings.Split(strings.TrimSuffix(name, "."), ".")
		all := len(name) <= 255
		for _, label := range labels {
			all = all && valid(label) && !strings.Contains(label, ".")
		}
		if valid(name) != all {
			t.Errorf("valid(%q) = %v; of its labels %v", name, valid(name), all)
		}
		if valid(name) && strings.TrimSpace(name) != name {
			// Other blanks are not ASCII, and the resolver's business.
			if strings.Trim(name, " \t\r\n") != name {
				t.Errorf("%q has a blank at its end", name)
			}
		}
	})
}

func TestAddressIsItsOwnResult(t *testing.T) {
	// Cancelled, so that nobody is asked for the address's name.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, text := range []string{"127.0.0.1", "127.0.0.77", "::1"} {
		want, _ := address.Parse(text)
		r := Now(ctx, text)
		if r.Err != nil || len(r.Addresses) != 1 || r.Addresses[0] != want || r.Name == "" {
			t.Errorf("%s: %+v", text, r)
		}
	}
	if r := Now(t.Context(), "127.0.0.1"); r.Err != nil || len(r.Addresses) != 1 || r.Name == "" || r.Name[len(r.Name)-1] == '.' {
		t.Errorf("127.0.0.1: %+v", r)
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
		got := unique(list)
		seen := map[netip.Addr]bool{}
		var want []address.Address
		for _, ip := range list {
			if ip = ip.Unmap(); !seen[ip] {
				seen[ip] = true
				want = append(want, address.FromAddr(ip))
			}
		}
		for _, a := range got {
			if a.Addr().Is4In6() {
				return false
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

func TestErrorsAreExplained(t *testing.T) {
	other := &net.DNSError{Err: "server misbehaving", Name: "x.invalid", IsTemporary: true}
	for _, c := range []struct{ err, want error }{
		{nil, ErrNotFound},
		{&net.DNSError{Err: "no such host", IsNotFound: true}, ErrNotFound},
		{fmt.Errorf("wrapped: %w", &net.DNSError{IsNotFound: true}), ErrNotFound},
		{other, other},
		{context.Canceled, context.Canceled},
	} {
		if got := explain(c.err); got != c.want {
			t.Errorf("explain(%v) = %v", c.err, got)
		}
	}
}
