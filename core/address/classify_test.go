package address

import "testing"

// classOf puts a letter for each predicate that is true: loopback, global, link-local, site-local, unique local unicast,
// multicast, broadcast, private use.
func classOf(a Address) string {
	class := ""
	for _, p := range []struct {
		letter string
		is     bool
	}{
		{"O", a.IsLoopback()}, {"G", a.IsGlobal()}, {"L", a.IsLinkLocal()}, {"S", a.IsSiteLocal()},
		{"U", a.IsUniqueLocalUnicast()}, {"M", a.IsMulticast()}, {"B", a.IsBroadcast()}, {"P", a.IsPrivateUse()},
	} {
		if p.is {
			class += p.letter
		}
	}
	return class
}

func TestIPv4Classes(t *testing.T) {
	for _, test := range []struct{ first, last, class string }{
		{"0.0.0.0", "0.255.255.255", ""},
		{"1.0.0.0", "9.255.255.255", "G"},
		{"10.0.0.0", "10.255.255.255", "GP"},
		{"11.0.0.0", "126.255.255.255", "G"},
		{"127.0.0.0", "127.255.255.255", "O"},
		{"128.0.0.0", "169.253.255.255", "G"},
		{"169.254.0.0", "169.254.255.255", "L"},
		{"169.255.0.0", "172.15.255.255", "G"},
		{"172.16.0.0", "172.31.255.255", "GP"},
		{"172.32.0.0", "192.167.255.255", "G"},
		{"192.168.0.0", "192.168.255.255", "GP"},
		{"192.169.0.0", "223.255.255.255", "G"},
		{"224.0.0.0", "239.255.255.255", "M"},
		{"240.0.0.0", "255.255.255.254", ""},
		{"255.255.255.255", "255.255.255.255", "B"},
	} {
		for _, text := range []string{test.first, test.last} {
			for _, form := range []string{text, "::ffff:" + text, "::ffff:" + text + "%eth0"} {
				if got := classOf(parsed(t, form)); got != test.class {
					t.Errorf("%s is %q, want %q", form, got, test.class)
				}
			}
		}
	}
}

func TestIPv6Classes(t *testing.T) {
	for _, test := range []struct{ first, last, class string }{
		{"::", "::", ""},
		{"::1", "::1", "O"},
		{"::1%lo", "::1%lo", "O"},
		{"::2", "::fffe:ffff:ffff", "G"},
		{"::127.0.0.1", "::10.0.0.1", "G"},
		{"::1:0:0:0", "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "G"},
		{"fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "GUP"},
		{"fe00::", "fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""},
		{"fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "L"},
		{"fe80::1%eth0", "fe80::2%eth0", "L"},
		{"fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "GS"},
		{"fec0::1%eth0", "fec0::2%eth0", "GS"},
		{"fd00::1%eth0", "fd00::2%eth0", "GUP"},
		{"ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "M"},
	} {
		for _, text := range []string{test.first, test.last} {
			if got := classOf(parsed(t, text)); got != test.class {
				t.Errorf("%s is %q, want %q", text, got, test.class)
			}
		}
	}
}

func TestNullAndAnyAreInNoClass(t *testing.T) {
	for _, a := range []Address{Null, Any} {
		if got := classOf(a); got != "" {
			t.Errorf("%q is %q", a, got)
		}
	}
}
