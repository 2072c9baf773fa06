package buffer

import "qnet/core/sys"

// slab is memory for some large chunks, mapped and unmapped as a whole: a mapping for each
// chunk would leave holes, and the system allows only so many mappings.
type slab struct {
	memory     []byte
	total      int
	cold       *chunk // those whose memory was given back, by next
	colds      int
	next, prev *slab // in the pool's list of those that have some
}

// smallestSlab is how many chunks the first slabs have. Later ones have an eighth of what
// there is: so their number grows with the logarithm of what they hold.
const smallestSlab = 16

// hugeSlab is from which size on the system may take huge pages for a slab: then they are
// little in comparison with what there is.
const hugeSlab = 4 << 20

// mapSlab adds a slab to the pool.
func (p *Pool) mapSlab() {
	n := max(smallestSlab, p.mapped/8)
	// C may be told of it, which Go's heap is not for.
	memory, err := sys.Map(n * LargeSize)
	if err != nil && n > 1 {
		n = 1
		memory, err = sys.Map(LargeSize)
	}
	if err != nil {
		panic(err) // as Go does without memory
	}
	if len(memory) < hugeSlab {
		sys.AvoidHugePages(memory)
	}
	s := &slab{memory: memory, total: n}
	p.mapped += n
	p.slabs++
	chunks := make([]chunk, n)
	for i := range chunks {
		c := &chunks[n-1-i]
		at := (n - 1 - i) * LargeSize
		c.data, c.slab = memory[at:at+LargeSize:at+LargeSize], s
		p.cool(c)
	}
}

// cool puts a chunk without memory back into its slab.
func (p *Pool) cool(c *chunk) {
	s := c.slab
	c.next, s.cold = s.cold, c
	if s.colds++; s.colds == 1 {
		s.next, s.prev = p.spare, nil
		if s.next != nil {
			s.next.prev = s
		}
		p.spare = s
	}
}

// warm takes a chunk out of a slab.
func (p *Pool) warm() *chunk {
	if p.spare == nil {
		p.mapSlab()
	}
	s := p.spare
	c := s.cold
	s.cold, c.next = c.next, nil
	if s.colds--; s.colds == 0 {
		p.dropSpare(s)
	}
	return c
}

func (p *Pool) dropSpare(s *slab) {
	if s.prev != nil {
		s.prev.next = s.next
	} else {
		p.spare = s.next
	}
	if s.next != nil {
		s.next.prev = s.prev
	}
	s.next, s.prev = nil, nil
}

// giveBack returns a chunk's memory to the system, and the slab's addresses once none of it
// is in use. What cannot be unmapped stays: it is used again, or tried again.
func (p *Pool) giveBack(c *chunk) {
	s := c.slab
	sys.Forget(c.data)
	p.cool(c)
	if s.colds == s.total && sys.Unmap(s.memory) == nil {
		p.dropSpare(s)
		p.mapped -= s.total
		p.slabs--
	}
}

// unmapIdle tries once more to unmap slabs that could not be.
func (p *Pool) unmapIdle() {
	for s := p.spare; s != nil; {
		next := s.next
		if s.colds == s.total && sys.Unmap(s.memory) == nil {
			p.dropSpare(s)
			p.mapped -= s.total
			p.slabs--
		}
		s = next
	}
}
