package buffer

import "bytes"

// marks are what a long queue remembers of where it was looked into, so that the next look
// need not begin at its front. They belong to its first chunk: an empty queue has none.
type marks struct {
	at    *chunk // one that was looked into; nil: none
	start int    // where in the queue it begins

	char     byte // is not there
	from, to int  // between these
}

// manyChunks and manyBytes are from which on a look is worth remembering.
const (
	manyChunks = 8
	manyBytes  = 2 * SmallSize
)

// dropped moves the marks when n bytes are taken from the front.
func (m *marks) dropped(n int) {
	m.start -= n
	m.from, m.to = max(0, m.from-n), max(0, m.to-n)
}

// lost is called when a chunk leaves the queue or begins elsewhere.
func (m *marks) lost(c *chunk) {
	if m.at == c {
		m.at = nil
	}
}

// seek returns the chunk that holds the byte at offset, which is less than the queue's
// length, and where it begins. It comes from the nearest of the front, the end and the marks.
func (b *Buffer) seek(offset int) (c *chunk, start, steps int) {
	c = b.head
	if distance := b.size - offset; distance < offset {
		c, start = b.head.prev, b.size-b.head.prev.len()
	}
	marked := false
	if m := b.head.marks; m != nil && m.at != nil && away(offset, m.start) < away(offset, start) {
		c, start, marked = m.at, m.start, true
	}
	for ; offset < start; steps++ {
		c = c.prev
		start -= c.len()
	}
	for ; offset >= start+c.len(); steps++ {
		start += c.len()
		c = c.next
	}
	if steps >= manyChunks || marked {
		b.remember(c, start)
	}
	return c, start, steps
}

func away(a, b int) int { return max(a-b, b-a) }

func (b *Buffer) remember(c *chunk, start int) {
	if c == b.head {
		return // it begins elsewhere soon, and is found without
	}
	m := b.mark()
	m.at, m.start = c, start
}

func (b *Buffer) mark() *marks {
	if b.head.marks == nil {
		b.head.marks = &marks{}
	}
	return b.head.marks
}

// Index returns the position of the first c at or after offset and before
// limit; -1 if there is none.
func (b *Buffer) Index(c byte, offset, limit int) int {
	at, _ := b.search(c, offset, limit)
	return at
}

// search is Index, and returns how many bytes it has looked at.
func (b *Buffer) search(c byte, offset, limit int) (at, looked int) {
	limit = min(limit, b.size)
	if offset >= limit {
		return -1, 0
	}
	from := offset
	m := b.head.marks
	known := m != nil && m.char == c && m.from <= offset && offset <= m.to
	if known {
		from = m.to
	}
	at, looked = b.scan(c, from, limit)
	to := limit
	if at >= 0 {
		to = at
	}
	switch {
	case known:
		m.to = max(m.to, to)
	case to-offset >= manyBytes:
		m = b.mark()
		m.char, m.from, m.to = c, offset, to
	}
	return at, looked
}

// scan is search without knowing anything.
func (b *Buffer) scan(c byte, offset, limit int) (at, looked int) {
	if offset >= limit {
		return -1, 0
	}
	ch, pos, _ := b.seek(offset)
	for {
		part := ch.data[ch.r:ch.w]
		if pos+len(part) > limit {
			part = part[:limit-pos]
		}
		part, pos = part[offset-pos:], offset
		if i := bytes.IndexByte(part, c); i >= 0 {
			return pos + i, looked + i + 1
		}
		looked += len(part)
		pos += len(part)
		if pos >= limit {
			return -1, looked
		}
		offset = pos
		ch = ch.next
	}
}

// Peek copies up to len(dst) bytes, from offset on, and returns how many.
func (b *Buffer) Peek(dst []byte, offset int) int {
	if offset >= b.size || len(dst) == 0 {
		return 0
	}
	c, start, _ := b.seek(offset)
	first, total := c, 0
	for {
		total += copy(dst[total:], c.data[c.r+offset-start:c.w])
		if total == len(dst) || c == b.head.prev {
			break
		}
		start += c.len()
		offset = start
		c = c.next
	}
	if m := b.head.marks; m != nil && m.at == first {
		b.remember(c, start)
	}
	return total
}
