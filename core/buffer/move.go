package buffer

// Move has what b holds belong to another pool from now on: what lies in slabs, which stay
// with theirs, is copied.
func (b *Buffer) Move(from, to *Pool) {
	var moved Buffer
	for b.head != nil {
		c := b.unlink(b.head)
		c.marks = nil
		if c.slab != nil || c.base != nil {
			moved.Append(to, c.data[c.r:c.w])
			from.put(c)
			continue
		}
		from.lentOut--
		to.lentOut++
		moved.push(c)
		moved.size += c.len()
	}
	*b = moved
}
