package address

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

func FuzzParse(f *testing.F) {
	for _, test := range parseTests {
		f.Add(test.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, ok := Parse(text)
		checkAgainstNetip(t, text, a)
		if !ok {
			if a != Null {
				t.Fatalf("Parse(%q) failed and returned %q", text, a)
			}
			return
		}
		if p := a.Protocol(); p != IPv4 && p != IPv6 {
			t.Fatalf("Parse(%q) has protocol %d", text, p)
		}
		if b, ok := Parse(a.String()); !ok || b != a {
			t.Fatalf("Parse(%q) is %q, which parses to %q", text, a, b)
		}
		if b, ok := Parse(" " + text + "\n"); !ok || b != a {
			t.Fatalf("Parse(%q) is %q, but %q with space around it", text, a, b)
		}
	})
}

// checkAgainstNetip checks that what is an address to Go is the same address here. Scope ids are left out that have a
// meaning of their own here, or are too long.
func checkAgainstNetip(t *testing.T, text string, a Address) {
	ip, err := netip.ParseAddr(text)
	if err != nil || len(strings.Fields(text)) != 1 || strings.Contains(ip.Zone(), "%") || ip.Zone() == anyScope || len(ip.Zone()) > MaxScopeID {
		return
	}
	if scope := strings.TrimSpace(ip.Zone()); scope == ip.Zone() && a != FromAddr(ip) {
		t.Fatalf("Parse(%q) is %q, and %q to netip", text, a, ip)
	}
}

func FuzzParseSubnet(f *testing.F) {
	for _, text := range []string{
		"10", "10.1.", "10/8", "/8", "10.1.2.3/255.255.0.0", "fe80::1%eth0/64", "::ffff:1.2.3.4/104", "1.2.3.4/0xff.0",
		" 10 . +1 / 016 ", "10.1.2.3/4294967295", "1.2.3.4/::0.0.0.0", "1:2:3:4:5:6:7:8::/8",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, bits := ParseSubnet(text)
		if bits < 0 {
			if bits != -1 || a != Null {
				t.Fatalf("ParseSubnet(%q) failed and returned %q, %d", text, a, bits)
			}
			return
		}
		if !a.IsInSubnet(a, bits) {
			t.Fatalf("ParseSubnet(%q) = %q, %d does not contain its address", text, a, bits)
		}
		written := fmt.Sprintf("%v/%d", a, bits)
		if b, n := ParseSubnet(written); b != a || n != bits {
			t.Fatalf("ParseSubnet(%q) is %s, which parses to %q, %d", text, written, b, n)
		}
	})
}
