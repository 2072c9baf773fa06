package loop

// fifo is a queue, first in, first out.
type fifo[T any] struct {
	items []T
	head  int    // items before it are taken
	taken uint64 // how many ever were
}

func (q *fifo[T]) len() int { return len(q.items) - q.head }

// end is what taken will be once all are taken that are in the queue now.
func (q *fifo[T]) end() uint64 { return q.taken + uint64(q.len()) }

func (q *fifo[T]) push(item T) {
	if len(q.items) == cap(q.items) && q.head > len(q.items)/2 {
		// A queue that is never empty must not grow for ever.
		n := copy(q.items, q.items[q.head:])
		clear(q.items[n:])
		q.items, q.head = q.items[:n], 0
	}
	q.items = append(q.items, item)
}

// first returns the first item, which stays; there must be one.
func (q *fifo[T]) first() *T { return &q.items[q.head] }

// pop takes the first item; there must be one.
func (q *fifo[T]) pop() T {
	var none T
	item := q.items[q.head]
	q.items[q.head] = none
	q.head++
	q.taken++
	if q.head == len(q.items) {
		q.items, q.head = q.items[:0], 0
	}
	return item
}
