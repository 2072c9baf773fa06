package buffer

// Buffer is a queue of bytes. The zero value is empty and owns no memory; every
// method that may take or return chunks is given the pool they belong to.
type Buffer struct {
	head *chunk // the first of a ring
	size int
}

// Len returns the number of bytes held.
func (b *Buffer) Len() int { return b.size }

// Append adds a copy of data at the end.
func (b *Buffer) Append(p *Pool, data []byte) {
	b.size += len(data)
	for len(data) > 0 {
		c := b.tail()
		if c == nil || c.foreign() || c.free() == 0 {
			c = p.get(len(data))
			b.push(c)
		}
		n := copy(c.data[c.w:], data)
		c.w += n
		data = data[n:]
	}
}

// Prepend adds one byte at the front.
func (b *Buffer) Prepend(p *Pool, char byte) {
	c := b.head
	if c == nil || c.r == 0 || c.views > 0 || c.foreign() {
		c = p.get(1)
		// Filled from its end: bytes that are put back come one by one.
		c.r, c.w = len(c.data), len(c.data)
		b.pushFront(c)
	}
	c.r--
	c.data[c.r] = char
	b.size++
	if m := c.marks; m != nil {
		m.start++
		m.from++
		m.to++
		if m.from == 1 && m.char != char {
			m.from = 0
		}
	}
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
// takes less room: behind what the one before it holds, or into a small one. So two large
// chunks in a row hold more than one of them could, whatever they are filled with.
func (b *Buffer) Settle(p *Pool) {
	c := b.tail()
	if c == nil || c.slab == nil || c.len() > SmallSize && (c == b.head || c.prev.foreign() || c.prev.free() < c.len()) {
		return
	}
	m := b.head.marks
	b.unlink(c)
	b.size -= c.len()
	b.Append(p, c.data[c.r:c.w])
	if m != nil && b.head != nil {
		b.head.marks = m
	}
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

// First returns the first piece of the queue and whether it is all of it. It
// holds until the next change.
func (b *Buffer) First() (piece []byte, all bool) {
	if b.head == nil {
		return nil, true
	}
	return b.head.data[b.head.r:b.head.w], b.head.next == b.head
}

// FirstMapped returns the first piece, if it is one that Fill has brought: memory
// outside Go's heap.
func (b *Buffer) FirstMapped() []byte {
	if c := b.head; c != nil && c.slab != nil {
		return c.data[c.r:c.w]
	}
	return nil
}

// Lendable returns everything, if that is one piece that Fill has brought: memory
// outside Go's heap.
func (b *Buffer) Lendable() []byte {
	if b.head == nil || b.head.next != b.head {
		return nil
	}
	return b.FirstMapped()
}

// Parts fills dst with the first pieces of the queue, for a vectored write,
// and returns the part of dst that it filled: up to a file. They hold until the next change.
func (b *Buffer) Parts(dst [][]byte) [][]byte {
	n := 0
	for c := b.head; c != nil && n < len(dst) && c.file == nil; {
		dst[n] = c.data[c.r:c.w]
		n++
		if c = c.next; c == b.head {
			break
		}
	}
	return dst[:n]
}

// Clear drops everything. However much that is, no memory is given back to the system
// meanwhile, which takes its time.
func (b *Buffer) Clear(p *Pool) {
	p.clearing = true
	b.Discard(p, b.size)
	p.clearing = false
}

// tail returns the last chunk; nil if there is none.
func (b *Buffer) tail() *chunk {
	if b.head == nil {
		return nil
	}
	return b.head.prev
}

// push puts c at the end.
func (b *Buffer) push(c *chunk) {
	if b.head == nil {
		b.head, c.next, c.prev = c, c, c
		return
	}
	c.next, c.prev = b.head, b.head.prev
	c.prev.next, c.next.prev = c, c
}

// pushFront puts c at the front.
func (b *Buffer) pushFront(c *chunk) {
	first := b.head
	b.push(c)
	b.head = c
	if first != nil {
		c.marks, first.marks = first.marks, nil
	}
}

// unlink takes c out, and returns it.
func (b *Buffer) unlink(c *chunk) *chunk {
	m := b.head.marks
	if m != nil {
		m.lost(c)
	}
	if c == b.head {
		c.marks = nil
		if b.head = c.next; b.head == c {
			b.head = nil
			return c
		}
		b.head.marks = m
		if m != nil {
			m.lost(b.head)
		}
	}
	c.prev.next, c.next.prev = c.next, c.prev
	return c
}

// advance takes n bytes from the first chunk.
func (b *Buffer) advance(p *Pool, n int) {
	c := b.head
	c.r += n
	b.size -= n
	if c.marks != nil {
		c.marks.dropped(n)
	}
	if c.r == c.w {
		p.put(b.unlink(c))
	}
}
