// Package buffer holds bytes between the kernel and the program: a queue made
// of chunks that a pool lends, so that an idle connection owns none and nothing
// is allocated for a message.
package buffer

const (
	// SmallSize fits most messages and one page.
	SmallSize = 4 << 10
	// LargeSize is what one read from the kernel may bring.
	LargeSize = 64 << 10

	// What a pool keeps at most; beyond it chunks go to the garbage collector.
	maxSmall = 256
	maxLarge = 32
)

// chunk is one piece of a Buffer: data[r:w] is what it holds.
type chunk struct {
	next *chunk
	r, w int
	data []byte
}

func (c *chunk) len() int  { return c.w - c.r }
func (c *chunk) free() int { return len(c.data) - c.w }

// Pool lends chunks. It is not safe for concurrent use: each loop has its own,
// under its lock. The zero value is ready.
type Pool struct {
	small, large   *chunk
	nSmall, nLarge int
	lentOut        int
}

// Lent returns how many chunks are in use.
func (p *Pool) Lent() int { return p.lentOut }

func (p *Pool) get(size int) *chunk {
	p.lentOut++
	if size <= SmallSize {
		if c := p.small; c != nil {
			p.small, c.next = c.next, nil
			p.nSmall--
			return c
		}
		return &chunk{data: make([]byte, SmallSize)}
	}
	if c := p.large; c != nil {
		p.large, c.next = c.next, nil
		p.nLarge--
		return c
	}
	return &chunk{data: make([]byte, LargeSize)}
}

func (p *Pool) put(c *chunk) {
	p.lentOut--
	c.r, c.w, c.next = 0, 0, nil
	switch {
	case len(c.data) == SmallSize && p.nSmall < maxSmall:
		c.next, p.small = p.small, c
		p.nSmall++
	case len(c.data) == LargeSize && p.nLarge < maxLarge:
		c.next, p.large = p.large, c
		p.nLarge++
	}
}
