package address

import (
	"net/netip"
	"testing"
	"unsafe"
)

var special = []struct {
	name     string
	address  Address
	protocol Protocol
	text     string
	number   uint32
	isIPv4   bool
	ipv6     string
}{
	{"Null", Null, Unknown, "", 0, false, "::"},
	{"Broadcast", Broadcast, IPv4, "255.255.255.255", 0xffffffff, true, "::ffff:255.255.255.255"},
	{"LocalHost", LocalHost, IPv4, "127.0.0.1", 0x7f000001, true, "::ffff:127.0.0.1"},
	{"LocalHostIPv6", LocalHostIPv6, IPv6, "::1", 0, false, "::1"},
	{"Any", Any, AnyIP, "0.0.0.0", 0, true, "::"},
	{"AnyIPv6", AnyIPv6, IPv6, "::", 0, true, "::"},
	{"AnyIPv4", AnyIPv4, IPv4, "0.0.0.0", 0, true, "::"},
}

func TestSpecialAddresses(t *testing.T) {
	for _, s := range special {
		t.Run(s.name, func(t *testing.T) {
			if got := s.address.Protocol(); got != s.protocol {
				t.Errorf("Protocol() = %v, want %v", got, s.protocol)
			}
			if got := s.address.String(); got != s.text {
				t.Errorf("String() = %q, want %q", got, s.text)
			}
			if n, ok := s.address.IPv4(); n != s.number || ok != s.isIPv4 {
				t.Errorf("IPv4() = %#x, %v, want %#x, %v", n, ok, s.number, s.isIPv4)
			}
			if got := s.address.IPv6(); got != netip.MustParseAddr(s.ipv6).As16() {
				t.Errorf("IPv6() = %x, want %s", got, s.ipv6)
			}
			if got, want := s.address.IsNull(), s.name == "Null"; got != want {
				t.Errorf("IsNull() = %v", got)
			}
		})
	}
}

func TestZeroValueIsNull(t *testing.T) {
	var a Address
	if a != Null || !a.Equal(FromAddr(netip.Addr{})) || a.Addr().IsValid() {
		t.Errorf("the zero value is %v", a)
	}
}

func TestAddrOfAny(t *testing.T) {
	if Any.Addr() != netip.IPv6Unspecified() {
		t.Errorf("Any.Addr() = %v", Any.Addr())
	}
	if Any == AnyIPv6 || Any == AnyIPv4 {
		t.Error("Any is not told apart")
	}
}

func TestMappedAddressStaysIPv6(t *testing.T) {
	a := FromAddr(netip.MustParseAddr("::ffff:1.2.3.4"))
	if a.Protocol() != IPv6 || a.String() != "::ffff:1.2.3.4" {
		t.Errorf("%v has protocol %v", a, a.Protocol())
	}
}

func TestScopeID(t *testing.T) {
	for _, test := range []struct{ address, id, want, text string }{
		{"fe80::1", "eth0", "eth0", "fe80::1%eth0"},
		{"fe80::1%eth0", "2", "2", "fe80::1%2"},
		{"fe80::1%eth0", "", "", "fe80::1"},
		{"::ffff:1.2.3.4", "x", "x", "::ffff:1.2.3.4%x"},
		{"::1.2.3.4", "x", "x", "::1.2.3.4%x"},
		{"::1", " a%b ", " a%b ", "::1% a%b "},
		{"1.2.3.4", "eth0", "", "1.2.3.4"},
		{"", "eth0", "", ""},
	} {
		a, _ := Parse(test.address)
		a = a.WithScopeID(test.id)
		if a.ScopeID() != test.want || a.String() != test.text {
			t.Errorf("%q with scope %q is %q with scope %q", test.address, test.id, a, a.ScopeID())
		}
	}
	if a := Any.WithScopeID("eth0"); a != Any {
		t.Errorf("Any got scope %q", a.ScopeID())
	}
}

func TestSize(t *testing.T) {
	if size := unsafe.Sizeof(Address{}); size > 32 {
		t.Errorf("an Address has %d bytes", size)
	}
}

// parsed is for tests: a text that must be an address.
func parsed(t testing.TB, text string) Address {
	t.Helper()
	a, ok := Parse(text)
	if !ok {
		t.Fatalf("Parse(%q) failed", text)
	}
	return a
}

// C, C++ and Python programs see Qt's numbers.
func TestProtocolsHaveQtsNumbers(t *testing.T) {
	for protocol, number := range map[Protocol]int{Unknown: -1, IPv4: 0, IPv6: 1, AnyIP: 2} {
		if int(protocol) != number {
			t.Errorf("protocol %d is %d", number, protocol)
		}
	}
}
