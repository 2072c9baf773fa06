package address

import (
	"net/netip"
	"testing"
)

func TestIPv4(t *testing.T) {
	for _, test := range []struct {
		text string
		want uint32
		ok   bool
	}{
		{"1.2.3.4", 0x01020304, true},
		{"::ffff:1.2.3.4", 0x01020304, true},
		{"::ffff:1.2.3.4%eth0", 0x01020304, true},
		{"::ffff:0.0.0.0", 0, true},
		{"::", 0, true},
		{"::%eth0", 0, true},
		{"::1", 0, false},
		{"::1.2.3.4", 0, false},
		{"fe80::1", 0, false},
	} {
		if got, ok := parsed(t, test.text).IPv4(); got != test.want || ok != test.ok {
			t.Errorf("IPv4 of %s = %#x, %v, want %#x, %v", test.text, got, ok, test.want, test.ok)
		}
	}
}

func TestIPv6(t *testing.T) {
	for text, want := range map[string]string{
		"1.2.3.4":      "::ffff:1.2.3.4",
		"0.0.0.1":      "::ffff:0.0.0.1",
		"0.0.0.0":      "::",
		"fe80::1%eth0": "fe80::1",
		"::1.2.3.4":    "::1.2.3.4",
	} {
		if got := parsed(t, text).IPv6(); got != netip.MustParseAddr(want).As16() {
			t.Errorf("IPv6 of %s = %x, want %s", text, got, want)
		}
	}
}
