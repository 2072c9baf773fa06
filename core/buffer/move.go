package buffer

// Move has what b holds belong to another pool from now on.
func (b *Buffer) Move(from, to *Pool) {
	for c := b.head; c != nil; c = c.next {
		from.lentOut--
		to.lentOut++
	}
}
