package buffer

import "unsafe"

// Shareable is from which size on bytes are shared instead of copied: a view keeps a whole
// chunk from being used again, which so is not more than twice of what it shows.
const Shareable = LargeSize / 2

// Show notes that the program has been shown the first piece of the queue: what it passes to
// AppendShown may lie there.
func (b *Buffer) Show(p *Pool) {
	if b.head != nil && b.head.slab != nil {
		p.shown = b.head
	}
}

// AppendShown is Append, but shares what lies in the chunk that was shown last, if it is much.
func (b *Buffer) AppendShown(p *Pool, data []byte) {
	if c := p.shown; c != nil && len(data) >= Shareable {
		from := uintptr(unsafe.Pointer(unsafe.SliceData(data))) - uintptr(unsafe.Pointer(unsafe.SliceData(c.data)))
		// What lies in front of the chunk makes a large number.
		if from < uintptr(c.w) && len(data) <= c.w-int(from) {
			v := p.view()
			v.base, v.data, v.w = c, data, len(data)
			c.views++
			b.push(v)
			b.size += len(data)
			return
		}
	}
	b.Append(p, data)
}

// AppendLent adds data without a copy. It must stay as it is until release is called, which
// is when it has left the queue, whichever way. release must not use the queue.
func (b *Buffer) AppendLent(p *Pool, data []byte, release func()) {
	c := p.view()
	c.data, c.w, c.release = data, len(data), release
	b.push(c)
	b.size += len(data)
}

// Reserve returns a queue of its own with room for size bytes, which Store fills.
func Reserve(p *Pool, size int) (b Buffer) {
	for n := 0; n < size; n += LargeSize {
		b.push(p.get(LargeSize))
	}
	return b
}

// Store fills a queue that Reserve has made. It uses no pool, so it needs no lock.
func (b *Buffer) Store(parts ...[]byte) {
	c := b.head
	for _, data := range parts {
		b.size += len(data)
		for len(data) > 0 {
			if c.free() == 0 {
				c = c.next
			}
			n := copy(c.data[c.w:], data)
			c.w += n
			data = data[n:]
		}
	}
}

// Join adds all of other at the end, and empties it.
func (b *Buffer) Join(other *Buffer) {
	if other.head == nil {
		return
	}
	first := other.head
	first.marks = nil
	if b.head == nil {
		b.head = first
	} else {
		last, end := first.prev, b.head.prev
		end.next, first.prev = first, end
		last.next, b.head.prev = b.head, last
	}
	b.size += other.size
	*other = Buffer{}
}

// Drop is Clear of a queue that Reserve has made, whether it is filled or not.
func (b *Buffer) Drop(p *Pool) {
	for b.head != nil {
		p.put(b.unlink(b.head))
	}
	b.size = 0
}
