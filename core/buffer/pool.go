// Package buffer holds bytes between the kernel and the program: a queue made
// of chunks that a pool lends, so that an idle connection owns none and nothing
// is allocated for a message.
package buffer

import "qnet/core/sys"

const (
	// SmallSize fits most messages and one page.
	SmallSize = 4 << 10
	// LargeSize is what one read from the kernel may bring: a little more than the
	// 64 KiB that many programs send at once, so that the read of such a piece
	// tells that there is no more.
	LargeSize = 68 << 10

	// What a pool keeps at most; beyond it chunks are released.
	maxSmall   = 256
	maxLarge   = 128
	maxTouched = 32 // large ones of which more than the first page is in memory
)

// chunk is one piece of a Buffer: data[r:w] is what it holds.
type chunk struct {
	next *chunk
	r, w int
	data []byte

	touched int // the most that it has held
}

func (c *chunk) len() int  { return c.w - c.r }
func (c *chunk) free() int { return len(c.data) - c.w }

// Pool lends chunks. It is not safe for concurrent use: each loop has its own,
// under its lock. The zero value is ready.
type Pool struct {
	small, large   *chunk
	nSmall, nLarge int
	lentOut        int
	closed         bool

	// Parts is room for Buffer.Parts. Whoever uses it leaves it empty.
	Parts [sys.MaxParts][]byte
}

// Close releases what the pool keeps, and from then on what is returned.
func (p *Pool) Close() {
	p.closed = true
	for c := p.large; c != nil; c = c.next {
		sys.Unmap(c.data)
	}
	p.small, p.nSmall, p.large, p.nLarge = nil, 0, nil, 0
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
	// C may be told of it, which Go's heap is not for.
	data, err := sys.Map(LargeSize)
	if err != nil {
		panic(err) // as Go does without memory
	}
	return &chunk{data: data}
}

func (p *Pool) put(c *chunk) {
	p.lentOut--
	c.touched = max(c.touched, c.w)
	c.r, c.w, c.next = 0, 0, nil
	switch {
	case len(c.data) == SmallSize:
		if p.nSmall < maxSmall && !p.closed {
			c.next, p.small = p.small, c
			p.nSmall++
		}
	case (p.nLarge < maxTouched || p.nLarge < maxLarge && c.touched <= SmallSize) && !p.closed:
		c.next, p.large = p.large, c
		p.nLarge++
	default:
		sys.Unmap(c.data)
	}
}
