package buffer

import "bytes"

// Buffer is a queue of bytes. The zero value is empty and owns no memory; every
// method that may take or return chunks is given the pool they belong to.
type Buffer struct {
	head, tail *chunk
	size       int
}

// Len returns the number of bytes held.
func (b *Buffer) Len() int { return b.size }

// Append adds a copy of data at the end.
func (b *Buffer) Append(p *Pool, data []byte) {
	b.size += len(data)
	for len(data) > 0 {
		if b.tail == nil || b.tail.free() == 0 {
			b.push(p.get(len(data)))
		}
		n := copy(b.tail.data[b.tail.w:], data)
		b.tail.w += n
		data = data[n:]
	}
}

// Prepend adds one byte at the front.
func (b *Buffer) Prepend(p *Pool, c byte) {
	if b.head == nil || b.head.r == 0 {
		front := p.get(1)
		// Filled from its end: bytes that are put back come one by one.
		front.r, front.w = len(front.data), len(front.data)
		front.next = b.head
		b.head = front
		if b.tail == nil {
			b.tail = front
		}
	}
	b.head.r--
	b.head.data[b.head.r] = c
	b.size++
}

// Fill lets read put up to max bytes at the end, into one large chunk, and
// returns what read returned. Call Settle once the data was offered to its
// reader.
func (b *Buffer) Fill(p *Pool, max int, read func([]byte) (int, error)) (int, error) {
	c := p.get(LargeSize)
	space := c.data
	if max < len(space) {
		space = space[:max]
	}
	n, err := read(space)
	if n <= 0 {
		p.put(c)
		return n, err
	}
	c.w = n
	b.push(c)
	b.size += n
	return n, err
}

// Settle moves what is left of a large, mostly empty last chunk to where it
// takes less room.
func (b *Buffer) Settle(p *Pool) {
	c := b.tail
	if c == nil || len(c.data) != LargeSize || c.len() > SmallSize {
		return
	}
	prev := b.head
	if prev == c {
		prev = nil
	}
	for prev != nil && prev.next != c {
		prev = prev.next
	}
	if prev == nil {
		b.head = nil
	} else {
		prev.next = nil
	}
	b.tail = prev
	b.size -= c.len()
	b.Append(p, c.data[c.r:c.w])
	p.put(c)
}

// Read takes up to len(dst) bytes and returns how many.
func (b *Buffer) Read(p *Pool, dst []byte) int {
	total := 0
	for b.head != nil && total < len(dst) {
		n := copy(dst[total:], b.head.data[b.head.r:b.head.w])
		b.advance(p, n)
		total += n
	}
	return total
}

// Peek copies up to len(dst) bytes, from offset on, and returns how many.
func (b *Buffer) Peek(dst []byte, offset int) int {
	total := 0
	for c := b.head; c != nil && total < len(dst); c = c.next {
		if offset >= c.len() {
			offset -= c.len()
			continue
		}
		total += copy(dst[total:], c.data[c.r+offset:c.w])
		offset = 0
	}
	return total
}

// Discard drops up to n bytes from the front and returns how many.
func (b *Buffer) Discard(p *Pool, n int) int {
	total := 0
	for b.head != nil && total < n {
		k := min(n-total, b.head.len())
		b.advance(p, k)
		total += k
	}
	return total
}

// Index returns the position of the first c at or after offset and before
// limit; -1 if there is none.
func (b *Buffer) Index(c byte, offset, limit int) int {
	pos := 0
	for ch := b.head; ch != nil && pos < limit; ch = ch.next {
		part := ch.data[ch.r:ch.w]
		if pos+len(part) > limit {
			part = part[:limit-pos]
		}
		skip := max(0, offset-pos)
		if skip < len(part) {
			if i := bytes.IndexByte(part[skip:], c); i >= 0 {
				return pos + skip + i
			}
		}
		pos += ch.len()
	}
	return -1
}

// First returns the first piece of the queue and whether it is all of it. It
// holds until the next change.
func (b *Buffer) First() (piece []byte, all bool) {
	if b.head == nil {
		return nil, true
	}
	return b.head.data[b.head.r:b.head.w], b.head == b.tail
}

// FirstMapped returns the first piece, if it is one that Fill has brought: memory
// outside Go's heap.
func (b *Buffer) FirstMapped() []byte {
	if c := b.head; c != nil && len(c.data) == LargeSize {
		return c.data[c.r:c.w]
	}
	return nil
}

// Lendable returns everything, if that is one piece that Fill has brought: memory
// outside Go's heap.
func (b *Buffer) Lendable() []byte {
	if b.head != b.tail {
		return nil
	}
	return b.FirstMapped()
}

// Parts fills dst with the first pieces of the queue, for a vectored write,
// and returns the part of dst that it filled. They hold until the next change.
func (b *Buffer) Parts(dst [][]byte) [][]byte {
	n := 0
	for c := b.head; c != nil && n < len(dst); c = c.next {
		dst[n] = c.data[c.r:c.w]
		n++
	}
	return dst[:n]
}

// Clear drops everything.
func (b *Buffer) Clear(p *Pool) { b.Discard(p, b.size) }

func (b *Buffer) push(c *chunk) {
	if b.tail == nil {
		b.head = c
	} else {
		b.tail.next = c
	}
	b.tail = c
}

func (b *Buffer) advance(p *Pool, n int) {
	c := b.head
	c.r += n
	b.size -= n
	if c.r == c.w {
		b.head = c.next
		if b.head == nil {
			b.tail = nil
		}
		p.put(c)
	}
}
