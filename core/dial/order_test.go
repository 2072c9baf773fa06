package dial

import (
	"math/rand"
	"slices"
	"testing"
	"testing/quick"

	"qnet/core/address"
)

// addressList makes lists of addresses of both protocols.
func addressList(seed int64) []address.Address {
	random := rand.New(rand.NewSource(seed))
	list := make([]address.Address, random.Intn(12))
	for i := range list {
		list[i] = address.FromIPv4(0x7f000000 + uint32(i))
		if random.Intn(2) == 0 {
			list[i] = address.FromIPv6([16]byte{15: byte(i)})
		}
	}
	return list
}

func TestFamiliesAlternate(t *testing.T) {
	check := func(seed int64) bool {
		list := addressList(seed)
		if len(list) == 0 {
			return true // there is always one
		}
		got := interleave(slices.Clone(list))
		if len(got) != len(list) || got[0] != list[0] {
			return false
		}
		for _, p := range []address.Protocol{address.IPv4, address.IPv6} {
			// Each family keeps its order.
			if !slices.Equal(Limit(got, p), Limit(list, p)) {
				return false
			}
		}
		// Two of a family follow each other only when the other has ended.
		for i := 1; i < len(got); i++ {
			if got[i].Protocol() == got[i-1].Protocol() {
				for _, rest := range got[i:] {
					if rest.Protocol() != got[i].Protocol() {
						return false
					}
				}
			}
		}
		return true
	}
	if err := quick.Check(check, &quick.Config{MaxCount: 500}); err != nil {
		t.Error(err)
	}
}

func TestProtocolLimitsTheAddresses(t *testing.T) {
	check := func(seed int64) bool {
		list := addressList(seed)
		for _, p := range []address.Protocol{address.AnyIP, address.Unknown} {
			if !slices.Equal(Limit(list, p), list) {
				return false
			}
		}
		v4, v6 := Limit(list, address.IPv4), Limit(list, address.IPv6)
		other := func(p address.Protocol) func(address.Address) bool {
			return func(a address.Address) bool { return a.Protocol() != p }
		}
		return len(v4)+len(v6) == len(list) &&
			!slices.ContainsFunc(v4, other(address.IPv4)) && !slices.ContainsFunc(v6, other(address.IPv6))
	}
	if err := quick.Check(check, nil); err != nil {
		t.Error(err)
	}
}
