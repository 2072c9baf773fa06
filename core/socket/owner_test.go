package socket

import (
	"math/rand"
	"slices"
	"testing"

	"qnet/core/internal/looptest"
)

func TestOwnerKnowsItsSocketsInTheirOrder(t *testing.T) {
	l := looptest.New(t)
	var o, other Owner
	var want []*Socket
	random := rand.New(rand.NewSource(1))
	for range 2000 {
		if len(want) == 0 || random.Intn(5) < 2 {
			s := New(l)
			s.SetOwner(&o)
			want = append(want, s)
		} else {
			i := random.Intn(len(want))
			s := want[i]
			want = slices.Delete(want, i, i+1)
			switch random.Intn(3) {
			case 0:
				s.SetOwner(nil)
			case 1:
				s.SetOwner(&other)
			case 2: // back again, as the last
				s.SetOwner(&o)
				want = append(want, s)
				continue
			}
			s.Delete()
		}
		if random.Intn(10) == 0 && !slices.Equal(o.Sockets(), want) {
			t.Fatalf("%d sockets, want %d, or in another order", len(o.Sockets()), len(want))
		}
		if len(o.owned) > 2*len(want)+1 {
			t.Fatalf("room for %d sockets, of which there are %d", len(o.owned), len(want))
		}
	}
	if n := len(other.Sockets()); n != 0 {
		t.Errorf("%d sockets that are deleted", n)
	}
	for _, s := range o.Sockets() {
		s.Delete()
	}
}
