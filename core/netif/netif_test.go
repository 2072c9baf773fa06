package netif

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"testing"

	"qnet/core/address"
)

// What package net finds is what there is.
func TestInterfacesAreThoseOfTheMachine(t *testing.T) {
	want, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	got, err := All()
	if err != nil || len(got) != len(want) || len(got) == 0 {
		t.Fatalf("%v, %v, not %v", got, err, want)
	}
	for at, i := range got {
		w := want[at]
		if i.Type == Loopback {
			i.Hardware = nil // all 0, which package net leaves out
		}
		if i.Index != w.Index || i.Name != w.Name || i.MTU != w.MTU || !slices.Equal(i.Hardware, w.HardwareAddr) {
			t.Errorf("%+v, not %+v", i, w)
		}
		for flag, own := range map[net.Flags]Flags{net.FlagUp: IsUp, net.FlagRunning: IsRunning,
			net.FlagBroadcast: CanBroadcast, net.FlagLoopback: IsLoopBack, net.FlagPointToPoint: IsPointToPoint,
			net.FlagMulticast: CanMulticast} {
			if (w.Flags&flag != 0) != (i.Flags&own != 0) {
				t.Errorf("%s has the flags %x, not %v", i.Name, i.Flags, w.Flags)
			}
		}
		addresses, _ := w.Addrs()
		var prefixes []string
		for _, e := range i.Entries {
			prefixes = append(prefixes, e.IP.Addr().WithZone("").String()+"/"+strconv.Itoa(e.Prefix))
		}
		for n, a := range addresses {
			if n >= len(prefixes) || prefixes[n] != a.String() {
				t.Errorf("%s has %v, not %v", i.Name, prefixes, addresses)
			}
		}
		if Index(i.Name) != i.Index || Name(i.Index) != i.Name {
			t.Errorf("%s is %d, and %d is %s", i.Name, Index(i.Name), i.Index, Name(i.Index))
		}
		if (i.Type == Loopback) != (i.Flags&IsLoopBack != 0) {
			t.Errorf("%s is of type %d", i.Name, i.Type)
		}
	}
}

func TestNumbersAreNames(t *testing.T) {
	for text, want := range map[string]int{"77": 77, " 1": 1, "01": 1, "": 0, "-1": 0, "99999999999": 0, "no such": 0} {
		if got := Index(text); got != want {
			t.Errorf("%q is %d, not %d", text, got, want)
		}
	}
	if name := Name(0); name != "" {
		t.Errorf("0 is %q", name)
	}
}

func TestNetworksOfEntries(t *testing.T) {
	up := &Interface{Name: "e0", Flags: IsUp}
	for _, c := range []struct {
		text, netmask, broadcast string
		dns                      bool
	}{
		{"192.168.5.1/30", "255.255.255.252", "192.168.5.3", true},
		{"10.1.2.3/32", "255.255.255.255", "10.1.2.3", true},
		{"10.1.2.3/0", "0.0.0.0", "255.255.255.255", true},
		{"127.0.0.1/8", "255.0.0.0", "127.255.255.255", false},
		{"169.254.3.3/16", "255.255.0.0", "169.254.255.255", false},
		{"2001:db8::1/64", "ffff:ffff:ffff:ffff::", "", true},
		{"::ffff:1.2.3.4/128", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", true},
		{"fe80::1/64", "ffff:ffff:ffff:ffff::", "", false},
	} {
		p := netip.MustParsePrefix(c.text)
		e := up.entry(p.Addr(), p.Bits())
		if e.Netmask().String() != c.netmask || e.Broadcast.String() != c.broadcast || e.DNS != c.dns {
			t.Errorf("%s: %v %v %v", c.text, e.Netmask(), e.Broadcast, e.DNS)
		}
		if link := e.IP.IsLinkLocal() && e.IP.Protocol() == address.IPv6; (e.IP.ScopeID() == "e0") != link {
			t.Errorf("%s has the scope %q", c.text, e.IP.ScopeID())
		}
		if (&Interface{Name: "down"}).entry(p.Addr(), p.Bits()).DNS {
			t.Errorf("%s is to be published though its interface is down", c.text)
		}
	}
}

func TestHardwareAddress(t *testing.T) {
	i := Interface{Hardware: []byte{0, 0x16, 0x3e, 0xff, 0x0a, 1}}
	if got := i.HardwareAddress(); got != "00:16:3E:FF:0A:01" {
		t.Error(got)
	}
	if got := (&Interface{}).HardwareAddress(); got != "" {
		t.Error(got)
	}
}
