package loop

import "iter"

const (
	// blockItems is how many items of a queue lie together.
	blockItems = 64
	// spareBlocks is how many empty blocks a queue keeps: as many as a turn may need.
	spareBlocks = 8
)

// fifo is a queue, first in, first out. Its items lie in blocks, and an empty block goes:
// neither is anything moved when the queue grows, nor does it keep what a burst has taken.
type fifo[T any] struct {
	front, back *block[T] // of the first item, and for the next; nil before the first ever
	head, tail  int       // their places in these
	spare       *block[T]
	spares      int
	count       int
	taken       uint64 // how many ever were
}

type block[T any] struct {
	next  *block[T]
	items [blockItems]T
}

func (q *fifo[T]) len() int { return q.count }

// end is what taken will be once all are taken that are in the queue now.
func (q *fifo[T]) end() uint64 { return q.taken + uint64(q.count) }

func (q *fifo[T]) push(item T) {
	if q.tail == blockItems || q.back == nil {
		q.extend()
	}
	q.back.items[q.tail] = item
	q.tail++
	q.count++
}

// extend makes room behind the last item.
func (q *fifo[T]) extend() {
	b := q.spare
	if b != nil {
		q.spare, b.next = b.next, nil
		q.spares--
	} else {
		b = new(block[T])
	}
	if q.back == nil {
		q.front = b
	} else {
		q.back.next = b
	}
	q.back, q.tail = b, 0
}

// first returns the first item, which stays; there must be one.
func (q *fifo[T]) first() *T { return &q.front.items[q.head] }

// pop takes the first item; there must be one.
func (q *fifo[T]) pop() T {
	var none T
	first := q.first()
	item := *first
	*first = none
	q.head++
	q.taken++
	q.count--
	switch {
	case q.count == 0: // the last item lay in the last block
		q.head, q.tail = 0, 0
	case q.head == blockItems:
		q.head = 0
		q.drop()
	}
	return item
}

// drop takes the first block out, which is empty.
func (q *fifo[T]) drop() {
	b := q.front
	q.front = b.next
	if q.spares < spareBlocks {
		q.spare, b.next = b, q.spare
		q.spares++
	}
}

// all goes through the items, which stay.
func (q *fifo[T]) all() iter.Seq[*T] { return q.from(0) }

// from is all without those that were pushed when end was less than first.
func (q *fifo[T]) from(first uint64) iter.Seq[*T] {
	return func(yield func(*T) bool) {
		skip := 0
		if first > q.taken {
			skip = int(first - q.taken)
		}
		at := q.head + skip
		for b, left := q.front, q.count-skip; left > 0; left-- {
			for at >= blockItems {
				b, at = b.next, at-blockItems
			}
			if !yield(&b.items[at]) {
				return
			}
			at++
		}
	}
}
