package datagram

import (
	"golang.org/x/sys/unix"
)

// Queue is what was received from a descriptor and not read yet. The zero value
// is an empty one.
type Queue struct {
	batch   *Batch
	packet  int    // of the batch: the one that is read next
	rest    []byte // of it
	segment int    // size of the datagrams of which it is a train

	Losses Losses
}

// Empty reports whether there is nothing to read.
func (q *Queue) Empty() bool { return q.batch == nil }

// Fill receives into an empty queue; EAGAIN says that there was nothing.
func (q *Queue) Fill(pool *Pool, fd int) error {
	b, err := pool.get()
	if err != nil {
		return err
	}
	if err := b.receive(fd); err != nil || b.count == 0 {
		pool.put(b)
		if err == nil {
			err = unix.EAGAIN
		}
		return err
	}
	q.batch = b
	q.begin(0)
	return nil
}

// begin makes a packet of the batch the one that is read.
func (q *Queue) begin(packet int) {
	q.packet = packet
	q.rest = q.batch.packet(packet)
	segment, dropped, counted := q.batch.marks(packet)
	length := 1
	if segment > 0 {
		length = (len(q.rest) + segment - 1) / segment
	} else {
		segment = len(q.rest)
	}
	q.segment = segment
	if counted {
		q.Losses.note(dropped, length)
	} else {
		q.Losses.length = length
	}
}

// First returns the bytes of the next datagram; of an empty queue nil.
func (q *Queue) First() []byte { return q.rest[:min(len(q.rest), q.segment)] }

// Way returns where the next datagram has come from and gone to.
func (q *Queue) Way(w *Way) { q.batch.way(q.packet, w) }

// Sender returns where the next datagram has come from.
func (q *Queue) Sender() Endpoint { return q.batch.sender(q.packet) }

// Drop takes the next datagram away; that of an empty queue is none.
func (q *Queue) Drop(pool *Pool) {
	if q.batch == nil {
		return
	}
	q.rest = q.rest[len(q.First()):]
	switch {
	case len(q.rest) > 0:
	case q.packet+1 < q.batch.count:
		q.begin(q.packet + 1)
	default:
		q.Clear(pool)
	}
}

// Clear drops all datagrams.
func (q *Queue) Clear(pool *Pool) {
	if q.batch != nil {
		pool.put(q.batch)
		*q = Queue{Losses: q.Losses}
	}
}

// Bytes returns how many bytes all the datagrams have.
func (q *Queue) Bytes() int {
	if q.batch == nil {
		return 0
	}
	n := len(q.rest)
	for i := q.packet + 1; i < q.batch.count; i++ {
		n += len(q.batch.packet(i))
	}
	return n
}
