package datagram

// Move has what q holds belong to another pool from now on.
func (q *Queue) Move(from, to *Pool) {
	if q.batch != nil {
		from.lent--
		to.lent++
	}
}
