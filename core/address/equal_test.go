package address

import "testing"

func TestEqual(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"1.2.3.4", "1.2.3.4", true},
		{"1.2.3.4", "1.2.3.5", false},
		{"1.2.3.4", "::ffff:1.2.3.4", false},
		{"::1", "::0.0.0.1", true},
		{"0.0.0.0", "::", false},
		{"127.0.0.1", "::1", false},
		{"fe80::1%eth0", "fe80::1%eth1", true},
		{"fe80::1%eth0", "fe80::1", true},
	} {
		a, b := parsed(t, test.a), parsed(t, test.b)
		if a.Equal(b) != test.want || b.Equal(a) != test.want {
			t.Errorf("%s == %s is not %v", a, b, test.want)
		}
	}
	for _, other := range []Address{Null, AnyIPv4, AnyIPv6, LocalHost} {
		if other.Equal(Any) || Any.Equal(other) {
			t.Errorf("Any equals %q", other)
		}
	}
	if !Null.Equal(Null) || !Any.Equal(Any) {
		t.Error("an address does not equal itself")
	}
}

func TestIsEqual(t *testing.T) {
	const (
		mapped      = ConvertV4MappedToIPv4
		compat      = ConvertV4CompatToIPv4
		unspecified = ConvertUnspecifiedAddress
		localHost   = ConvertLocalHost
	)
	for _, test := range []struct {
		a, b  string
		modes ConversionMode // each of these alone is enough
	}{
		{"1.2.3.4", "::ffff:1.2.3.4", mapped},
		{"1.2.3.4", "::ffff:1.2.3.4%eth0", mapped},
		{"1.2.3.4", "::1.2.3.4", compat},
		{"1.2.3.4", "::ffff:1.2.3.5", 0},
		{"0.0.0.1", "::1", 0},
		{"0.0.0.2", "::2", compat},
		{"0.0.0.0", "::", compat | unspecified},
		{"0.0.0.0", "::%eth0", compat | unspecified},
		{"0.0.0.0", "::ffff:0.0.0.0", mapped},
		{"127.0.0.1", "::1", localHost},
		{"127.0.0.1", "::1%lo", localHost},
		{"127.0.0.2", "::1", 0},
		{"127.0.0.1", "::ffff:127.0.0.1", mapped},
		{"::1", "::ffff:127.0.0.1", 0},
		{"::", "::ffff:0.0.0.0", 0},
		{"::1.2.3.4", "::ffff:1.2.3.4", 0},
	} {
		checkModes(t, parsed(t, test.a), parsed(t, test.b), test.modes)
	}
	checkModes(t, Any, AnyIPv4, unspecified)
	checkModes(t, Any, AnyIPv6, unspecified)
	checkModes(t, Any, AnyIPv6.WithScopeID("eth0"), unspecified)
	checkModes(t, Any, parsed(t, "::ffff:0.0.0.0"), 0)
	checkModes(t, Null, Any, 0)
	checkModes(t, Null, AnyIPv4, 0)
	checkModes(t, Null, AnyIPv6, 0)
}

// C, C++ and Python programs pass Qt's numbers.
func TestModesHaveQtsNumbers(t *testing.T) {
	for mode, want := range map[ConversionMode]int{
		StrictConversion: 0, ConvertV4MappedToIPv4: 1, ConvertV4CompatToIPv4: 2, ConvertUnspecifiedAddress: 4, ConvertLocalHost: 8,
		TolerantConversion: 0xff,
	} {
		if int(mode) != want {
			t.Errorf("%#x, want %#x", int(mode), want)
		}
	}
}

func checkModes(t *testing.T, a, b Address, enough ConversionMode) {
	t.Helper()
	for mode := StrictConversion; mode <= TolerantConversion; mode++ {
		want := mode&enough != 0
		if a.IsEqual(b, mode) != want || b.IsEqual(a, mode) != want {
			t.Errorf("%q equals %q in mode %#x: want %v", a, b, mode, want)
		}
	}
}
