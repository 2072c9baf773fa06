package address

import (
	"math/rand"
	"reflect"
	"testing"
	"testing/quick"
)

// Generate makes addresses of all kinds, many of them in the corners where the kinds meet.
func (Address) Generate(r *rand.Rand, _ int) reflect.Value {
	var b [16]byte
	for i := range b {
		if r.Intn(3) == 0 {
			b[i] = [...]byte{1, 10, 127, 0xff, byte(r.Intn(256))}[r.Intn(5)]
		}
	}
	a := FromIPv6(b)
	switch r.Intn(6) {
	case 0:
		a = special[r.Intn(len(special))].address
	case 1:
		a = FromIPv4(r.Uint32())
	case 2:
		clear(b[:12])
		a = FromIPv6(b)
	case 3:
		v, _ := FromIPv4(r.Uint32()).IPv4()
		a = FromIPv6(FromIPv4(v).IPv6())
	}
	return reflect.ValueOf(a.WithScopeID([]string{"", "", "lo", "2"}[r.Intn(4)]))
}

// close returns an address that differs from a in one bit, or not at all.
func (a Address) close(bit uint8) Address {
	b := a.IPv6()
	bit %= 130
	if bit < 128 {
		b[bit/8] ^= 0x80 >> (bit % 8)
	}
	near := FromIPv6(b)
	if v, ok := near.IPv4(); ok && a.Protocol() == IPv4 {
		return FromIPv4(v)
	}
	return near
}

func check(t *testing.T, property any) {
	t.Helper()
	if err := quick.Check(property, &quick.Config{MaxCount: 5000}); err != nil {
		t.Error(err)
	}
}

func TestTextRoundTrip(t *testing.T) {
	check(t, func(a Address) bool {
		b, ok := Parse(a.String())
		if a == Any {
			a = AnyIPv4
		}
		return b == a && ok != a.IsNull()
	})
}

func TestBytesRoundTrip(t *testing.T) {
	check(t, func(b [16]byte) bool { return FromIPv6(b).IPv6() == b })
	check(t, func(v uint32) bool { n, ok := FromIPv4(v).IPv4(); return ok && n == v })
	check(t, func(a Address) bool { return a == Any || FromAddr(a.Addr()) == a })
	check(t, func(a Address) bool { return a.IsNull() || FromIPv6(a.IPv6()).IsEqual(a, TolerantConversion) })
}

func TestEqualityIsSymmetricAndMonotone(t *testing.T) {
	check(t, func(a Address, bit uint8, m1, m2 uint8) bool {
		b, mode := a.close(bit), ConversionMode(m1)
		return a.IsEqual(a, mode) &&
			a.IsEqual(b, mode) == b.IsEqual(a, mode) &&
			(!a.IsEqual(b, mode) || a.IsEqual(b, mode|ConversionMode(m2)))
	})
}

func TestSubnetsContainTheirParts(t *testing.T) {
	check(t, func(a Address, bit, mask uint8) bool {
		b, n := a.close(bit), int(mask)
		return a.IsInSubnet(b, n) == b.IsInSubnet(a, n) &&
			(n == 0 || !a.IsInSubnet(b, n) || a.IsInSubnet(b, n-1)) &&
			a.IsInSubnet(a, n) == (a.Protocol() == IPv4 || a.Protocol() == IPv6)
	})
}

func TestClassesExcludeEachOther(t *testing.T) {
	check(t, func(a Address) bool {
		n := 0
		for _, is := range []bool{a.IsNull(), a.IsLoopback(), a.IsGlobal(), a.IsLinkLocal(), a.IsMulticast(), a.IsBroadcast()} {
			if is {
				n++
			}
		}
		return n <= 1 && (a.IsGlobal() || !a.IsPrivateUse() && !a.IsSiteLocal() && !a.IsUniqueLocalUnicast())
	})
}

func TestScopeDoesNotMatter(t *testing.T) {
	check(t, func(a Address, scope string) bool {
		b := a.WithScopeID(scope)
		return a.Equal(b) && a.Protocol() == b.Protocol() && a.IPv6() == b.IPv6() && classOf(a) == classOf(b)
	})
}
