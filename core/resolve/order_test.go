package resolve

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

// among returns a destination with the source that own gives it.
func among(text, source string) destination {
	d := destination{Addr: netip.MustParseAddr(text)}
	d.policy = policyOf(d.Addr)
	if source != "" {
		d.source = netip.MustParsePrefix(source)
	}
	return d
}

func TestAddressesAreComparedAsTheCLibraryDoes(t *testing.T) {
	for _, c := range []struct{ better, source, worse, its string }{
		// What can be reached, before what cannot.
		{"192.0.2.1", "192.0.2.9/24", "2001:db8::1", ""},
		// The same scope at both ends.
		{"192.0.2.1", "10.0.0.9/8", "2001:db8::1", "fe80::9/64"},
		{"fe80::1", "fe80::9/64", "2001:db8::1", "fe80::9/64"},
		// The same label.
		{"192.0.2.1", "192.0.2.9/24", "2001:db8::1", "2002::9/16"},
		// Precedence: IPv6 before IPv4, 6to4 between them.
		{"2001:db8::1", "2001:db8::9/64", "192.0.2.1", "192.0.2.9/24"},
		{"2002::1", "2002::9/64", "192.0.2.1", "192.0.2.9/24"},
		{"2001:db8::1", "2001:db8::9/64", "2002::1", "2002::9/64"},
		{"fd00::1", "fd00::9/64", "192.0.2.1", "192.0.2.9/24"},
		{"::1", "::1/128", "127.0.0.1", "127.0.0.1/8"},
		// The smaller scope.
		{"fe80::1", "fe80::9/64", "2001:db8::1", "2001:db8::9/64"},
		{"fec0::1", "fec0::9/64", "2001:db8::1", "2001:db8::9/64"},
		{"ff01::1", "", "ff02::1", ""},
		{"ff04::1", "", "ff05::1", ""},
		// More in common with the source; of IPv4 only in its own network.
		{"2001:db8::1", "2001:db8::9/64", "2001:db9::1", "2001:db8::9/64"},
		{"192.0.2.1", "192.0.2.9/24", "192.0.3.1", "192.0.2.9/24"},
		{"192.0.2.8", "192.0.2.9/24", "192.0.2.1", "192.0.2.9/24"},
	} {
		a, b := among(c.better, c.source), among(c.worse, c.its)
		if a.compare(b) >= 0 || b.compare(a) <= 0 {
			t.Errorf("%+v: %d, %d", c, a.compare(b), b.compare(a))
		}
	}
	for _, c := range [][4]string{
		{"198.51.100.1", "192.0.2.9/24", "203.0.113.1", "192.0.2.9/24"},
		{"192.0.2.1", "", "203.0.113.1", ""},
	} {
		if d := among(c[0], c[1]).compare(among(c[2], c[3])); d != 0 {
			t.Errorf("%q: %d", c, d)
		}
	}
}

func TestAddressesAreSorted(t *testing.T) {
	own := []netip.Prefix{netip.MustParsePrefix("127.0.0.1/8"), netip.MustParsePrefix("::1/128")}
	var list []netip.Addr
	for _, text := range strings.Fields("127.0.0.1 127.128.0.1 127.0.0.2 127.0.0.1") {
		list = append(list, netip.MustParseAddr(text))
	}
	if got := fmt.Sprint(sorted(list, own)); got != "[127.0.0.1 127.0.0.1 127.0.0.2 127.128.0.1]" {
		t.Error(got)
	}
	if got := sorted(nil, own); len(got) != 0 {
		t.Error(got)
	}
	d := newDestination(netip.MustParseAddr("127.0.0.5"), own)
	if d.source != own[0] {
		t.Errorf("the source is %v", d.source)
	}
}
