package buffer

import (
	"strconv"
	"testing"
	"time"

	"qnet/core/sys"
)

// kept returns how many chunks there really are in a pool's lists.
func kept(p *Pool) (small, large int) {
	for c := p.small; c != nil; c = c.next {
		small++
	}
	for c := p.newest; c != nil; c = c.next {
		large++
	}
	return small, large
}

// take takes n chunks of a size, and uses so much of each.
func take(t *testing.T, p *Pool, n, size, used int) []*chunk {
	t.Helper()
	var list []*chunk
	for range n {
		c := p.get(size)
		if c.r != 0 || c.w != 0 || c.next != nil || c.prev != nil || len(c.data) < size {
			t.Fatalf("a chunk of %d bytes, from %d to %d", len(c.data), c.r, c.w)
		}
		c.data[0], c.data[used-1], c.w = 1, 1, used
		list = append(list, c)
	}
	return list
}

// trim calls Trim until there is nothing more to do, as a loop does, and returns how often.
func trim(t *testing.T, p *Pool) (calls int) {
	t.Helper()
	for again := time.Duration(1); again > 0; calls++ {
		before := p.nLarge
		again = p.Trim()
		if given := before - p.nLarge; given > trimAtOnce {
			t.Fatalf("one call gave %d chunks back", given)
		}
		if calls > 10000 {
			t.Fatal("it has no end")
		}
	}
	return calls
}

// What a loop needed once it does not keep for ever.
func TestPoolKeepsABoundedNumberOfChunks(t *testing.T) {
	for _, test := range []struct{ size, used, most, small, large int }{
		{SmallSize, SmallSize, 0, maxSmall, 0},
		{LargeSize, 1, maxWarm, 0, maxLarge},
		{LargeSize, LargeSize, maxWarm, 0, maxLarge},
	} {
		later := 0
		p := Pool{TrimLater: func() { later++ }}
		for round := range 2 {
			list := take(t, &p, 2*maxWarm, test.size, test.used)
			if p.Lent() != len(list) || p.nSmall != 0 || p.nLarge != 0 {
				t.Errorf("%d are lent, %d and %d are left", p.Lent(), p.nSmall, p.nLarge)
			}
			for _, c := range list {
				p.put(c)
			}
			if _, large := kept(&p); large != test.most || p.nLarge != large {
				t.Errorf("%d are kept, counted as %d", large, p.nLarge)
			}
			if test.large > 0 && later != round+1 {
				t.Errorf("in round %d it has asked %d times to be trimmed", round, later)
			}
			trim(t, &p)
			small, large := kept(&p)
			if p.Lent() != 0 || small != test.small || large != test.large || p.nSmall != small || p.nLarge != large {
				t.Errorf("%d of %d bytes used, round %d: %d and %d are kept, counted as %d and %d, want %d and %d",
					test.used, test.size, round, small, large, p.nSmall, p.nLarge, test.small, test.large)
			}
		}
		last := p.get(test.size)
		p.Close()
		p.put(last)
		if small, large := kept(&p); small != 0 || large != 0 || p.nSmall != 0 || p.nLarge != 0 || p.Lent() != 0 || p.slabs != 0 || p.mapped != 0 {
			t.Errorf("%d and %d are kept after the end, and %d slabs", small, large, p.slabs)
		}
	}
}

// What is in use all the time is not given back, whatever else is.
func TestTrimKeepsWhatIsInUse(t *testing.T) {
	var p Pool
	const busy = 100
	for _, c := range take(t, &p, maxLarge+3*busy, LargeSize, 1) {
		p.put(c)
	}
	p.Trim()
	for range 20 {
		for _, c := range take(t, &p, maxLarge+busy, LargeSize, 1) {
			p.put(c)
		}
		p.Trim()
	}
	if p.nLarge != maxLarge+busy {
		t.Errorf("%d are kept of which %d are used", p.nLarge, maxLarge+busy)
	}
	p.Close()
}

// However much there is, the system has few mappings of it, and none for what is gone.
func TestSlabsAreFew(t *testing.T) {
	var p Pool
	var list []*chunk
	total := 1 << 17 // 8.5 GiB, if they were used
	if strconv.IntSize < 64 {
		total = 1 << 14 // of the addresses that there are
	}
	for range total {
		c := p.get(LargeSize)
		c.w = 1
		list = append(list, c)
	}
	if p.slabs > 100 || p.mapped > total*9/8 {
		t.Errorf("%d slabs of %d chunks for %d", p.slabs, p.mapped, total)
	}
	// Every other one goes: no mapping is cut into two.
	before := p.slabs
	for i := 0; i < total; i += 2 {
		p.put(list[i])
	}
	trim(t, &p)
	if p.slabs > before {
		t.Errorf("%d slabs have become %d", before, p.slabs)
	}
	for i := 1; i < total; i += 2 {
		p.put(list[i])
	}
	trim(t, &p)
	if p.slabs > maxLarge {
		t.Errorf("%d slabs are left for %d chunks", p.slabs, p.nLarge)
	}
	p.Close()
	if p.slabs != 0 || p.mapped != 0 || p.spare != nil {
		t.Errorf("%d slabs of %d chunks are left", p.slabs, p.mapped)
	}
}

// What the system does not unmap is not lost: it is used again, and unmapped when it can be.
func TestUnmappingMayFail(t *testing.T) {
	var p Pool
	list := take(t, &p, smallestSlab, LargeSize, 1)
	memory := list[0].slab.memory
	if err := sys.Unmap(memory); err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		p.put(c)
	}
	// It is not mapped, so it cannot be unmapped.
	for p.oldest != nil {
		p.giveBack(p.take(p.oldest))
	}
	if p.slabs != 1 || p.mapped != smallestSlab || p.spare == nil || p.spare.colds != smallestSlab {
		t.Fatalf("%d slabs with %d chunks", p.slabs, p.mapped)
	}
	c := p.get(LargeSize)
	if p.slabs != 1 || &c.slab.memory[:1][0] != &memory[:1][0] {
		t.Fatal("another slab was mapped")
	}
	s := c.slab
	p.cool(c)
	again, err := sys.Map(len(memory))
	if err != nil {
		t.Fatal(err)
	}
	s.memory = again
	p.Trim()
	if p.slabs != 0 || p.mapped != 0 || p.spare != nil {
		t.Errorf("%d slabs are left", p.slabs)
	}
}

// A queue that is dropped gives nothing back to the system at once, however much it holds: who
// drops it holds a lock. What comes and goes afterwards does, a little each time.
func TestClearGivesNothingBackAtOnce(t *testing.T) {
	var p Pool
	b := Reserve(&p, 3*maxWarm*LargeSize)
	for c := b.head; b.size < 3*maxWarm; c = c.next {
		c.w = 1
		b.size++
	}
	resident := p.Resident()
	b.Clear(&p)
	if p.Resident() != resident || p.nLarge != 3*maxWarm {
		t.Errorf("%d of %d bytes are left, %d chunks", p.Resident(), resident, p.nLarge)
	}
	for range 2 * maxWarm {
		p.put(p.get(LargeSize))
	}
	if p.nLarge != maxWarm {
		t.Errorf("%d chunks are kept", p.nLarge)
	}
	p.Close()
}
