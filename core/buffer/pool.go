// Package buffer holds bytes between the kernel and the program: a queue made
// of chunks that a pool lends, so that an idle connection owns none and nothing
// is allocated for a message. A queue may also hold what stays where it is: a view of
// another queue's chunk, memory of the program, a part of a file.
package buffer

import (
	"time"

	"qnet/core/sys"
)

const (
	// SmallSize fits most messages and one page.
	SmallSize = 4 << 10
	// LargeSize is what one read from the kernel may bring: a little more than the
	// 64 KiB that many programs send at once, so that the read of such a piece
	// tells that there is no more.
	LargeSize = 68 << 10

	// What a pool keeps for good.
	maxSmall = 256
	maxLarge = 32
	// maxWarm is how many large chunks it keeps at most until Trim is called.
	maxWarm = 1024
	// maxViews is how many headers it keeps of chunks without memory of their own.
	maxViews = 64

	// trimAtOnce is how many chunks one call of Trim gives back.
	trimAtOnce = 128
	// TrimAfter is how long what is not needed is kept.
	TrimAfter = 500 * time.Millisecond
	// trimNext is how soon Trim goes on.
	trimNext = 20 * time.Millisecond
)

// Pool lends chunks. It is not safe for concurrent use: each loop has its own,
// under its lock. The zero value is ready.
type Pool struct {
	// TrimLater, if there is one, has Trim called after TrimAfter.
	TrimLater func()

	small, views   *chunk // by next
	nSmall, nViews int

	// Large chunks that are not lent, by next from the newest on, by prev from the oldest.
	newest, oldest *chunk
	nLarge         int
	least          int // what nLarge was at least since the last Trim
	trimming       bool
	clearing       bool // a queue gives back all that it has

	spare  *slab // the slabs that have chunks without memory
	slabs  int
	mapped int // chunks of all slabs

	shown   *chunk // the one that the program was shown last, while it is in a queue
	lentOut int
	closed  bool

	// Parts is room for Buffer.Parts. Whoever uses it leaves it empty.
	Parts [sys.MaxParts][]byte
}

// Close releases what the pool keeps, and from then on what is returned.
func (p *Pool) Close() {
	p.closed = true
	p.small, p.nSmall, p.views, p.nViews = nil, 0, nil, 0
	for p.oldest != nil {
		p.giveBack(p.take(p.oldest))
	}
	p.unmapIdle()
}

// Lent returns how many chunks are in use.
func (p *Pool) Lent() int { return p.lentOut }

// Resident returns how many bytes of memory large chunks have, lent ones and others.
func (p *Pool) Resident() int {
	n := p.mapped
	for s := p.spare; s != nil; s = s.next {
		n -= s.colds
	}
	return n * LargeSize
}

// get returns a chunk with memory of its own.
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
	if p.newest != nil {
		return p.take(p.newest)
	}
	return p.warm()
}

// view returns a chunk that is to hold what is not its own.
func (p *Pool) view() *chunk {
	p.lentOut++
	c := p.views
	if c == nil {
		return &chunk{}
	}
	p.views, c.next = c.next, nil
	p.nViews--
	return c
}

// put takes a chunk back.
func (p *Pool) put(c *chunk) {
	p.lentOut--
	c.r, c.w, c.next, c.prev, c.marks = 0, 0, nil, nil, nil
	switch {
	case c.foreign():
		p.putView(c)
	case c.slab != nil:
		if p.shown == c {
			p.shown = nil
		}
		if c.alone = c.views > 0; !c.alone {
			p.keep(c)
		}
	case p.nSmall < maxSmall && !p.closed:
		c.next, p.small = p.small, c
		p.nSmall++
	}
}

func (p *Pool) putView(c *chunk) {
	base, release, file := c.base, c.release, c.file
	*c = chunk{}
	if p.nViews < maxViews && !p.closed {
		c.next, p.views = p.views, c
		p.nViews++
	}
	if base != nil {
		if base.views--; base.views == 0 && base.alone {
			base.alone = false
			p.keep(base)
		}
	}
	if file != nil {
		file.close()
	}
	if release != nil {
		release()
	}
}

// keep keeps a large chunk, for a while at least.
func (p *Pool) keep(c *chunk) {
	if p.closed {
		p.giveBack(c)
		return
	}
	if c.next = p.newest; c.next != nil {
		c.next.prev = c
	} else {
		p.oldest = c
	}
	p.newest = c
	if p.nLarge++; p.nLarge > maxLarge && !p.trimming && p.TrimLater != nil {
		p.trimming, p.least = true, p.nLarge
		p.TrimLater()
	}
	if p.nLarge > maxWarm && !p.clearing {
		// Nobody may call Trim. Two for one, so that what came back at once becomes less,
		// a little each time.
		p.giveBack(p.take(p.oldest))
		p.giveBack(p.take(p.oldest))
	}
}

// take takes a large chunk out of those that are not lent.
func (p *Pool) take(c *chunk) *chunk {
	if c.prev != nil {
		c.prev.next = c.next
	} else {
		p.newest = c.next
	}
	if c.next != nil {
		c.next.prev = c.prev
	} else {
		p.oldest = c.prev
	}
	c.next, c.prev = nil, nil
	p.nLarge--
	p.least = min(p.least, p.nLarge)
	return c
}

// Trim gives back memory that was not needed since it was called last, and returns how soon
// it is to be called again; 0 if nothing is left to give back.
func (p *Pool) Trim() time.Duration {
	unneeded := min(p.least, p.nLarge-maxLarge)
	for range min(unneeded, trimAtOnce) {
		p.giveBack(p.take(p.oldest))
	}
	if unneeded > trimAtOnce {
		return trimNext
	}
	p.least = p.nLarge
	if p.nLarge > maxLarge {
		return TrimAfter
	}
	p.unmapIdle()
	p.trimming = false
	return 0
}
