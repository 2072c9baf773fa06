package buffer

import "testing"

// kept returns how many chunks there really are in a pool's lists.
func kept(p *Pool) (small, large int) {
	for c := p.small; c != nil; c = c.next {
		small++
	}
	for c := p.large; c != nil; c = c.next {
		large++
	}
	return small, large
}

// What a loop needed once it does not keep for ever.
func TestPoolKeepsABoundedNumberOfChunks(t *testing.T) {
	for _, test := range []struct{ size, used, small, large int }{
		{SmallSize, SmallSize, maxSmall, 0},
		{LargeSize, 1, 0, maxLarge},
		{LargeSize, SmallSize, 0, maxLarge},
		{LargeSize, SmallSize + 1, 0, maxTouched},
		{LargeSize, LargeSize, 0, maxTouched},
	} {
		var p Pool
		for round := range 2 {
			var list []*chunk
			for range 2 * (maxSmall + maxLarge + maxTouched) {
				c := p.get(test.size)
				if c.r != 0 || c.w != 0 || c.next != nil || len(c.data) < test.size {
					t.Fatalf("a chunk of %d bytes, from %d to %d", len(c.data), c.r, c.w)
				}
				c.w = test.used
				list = append(list, c)
			}
			if p.Lent() != len(list) || p.nSmall != 0 || p.nLarge != 0 {
				t.Errorf("%d are lent, %d and %d are left", p.Lent(), p.nSmall, p.nLarge)
			}
			for _, c := range list {
				p.put(c)
			}
			small, large := kept(&p)
			if p.Lent() != 0 || small != test.small || large != test.large || p.nSmall != small || p.nLarge != large {
				t.Errorf("%d of %d bytes used, round %d: %d and %d are kept, counted as %d and %d, want %d and %d",
					test.used, test.size, round, small, large, p.nSmall, p.nLarge, test.small, test.large)
			}
		}
		last := p.get(test.size)
		p.Close()
		p.put(last)
		if small, large := kept(&p); small != 0 || large != 0 || p.nSmall != 0 || p.nLarge != 0 || p.Lent() != 0 {
			t.Errorf("%d and %d are kept after the end", small, large)
		}
	}
}
