package datagram

import (
	"golang.org/x/sys/unix"
)

// Queue is what was received from a descriptor and not read yet. The zero value
// is an empty one.
type Queue struct {
	Envelope Envelope // that datagrams come in, if in any; set it while the queue is empty
	Losses   Losses

	batch   *Batch
	packet  int      // of the batch: the one that first was in
	first   []byte   // the next datagram
	rest    []byte   // of the packet, behind it
	segment int      // size of the datagrams of which it is a train
	sender  Endpoint // of first, if it came in an envelope
}

// Empty reports whether there is nothing to read.
func (q *Queue) Empty() bool { return q.batch == nil }

// Fill receives into an empty queue; EAGAIN says that there was nothing.
func (q *Queue) Fill(pool *Pool, fd int) error {
	b, err := pool.get()
	if err != nil {
		return err
	}
	if err := b.receive(fd); err != nil {
		pool.put(b)
		return err
	}
	q.batch, q.packet = b, -1
	if q.next(pool); q.batch == nil {
		return unix.EAGAIN
	}
	return nil
}

// next goes on to the next datagram; behind the last the queue is empty.
func (q *Queue) next(pool *Pool) {
	for {
		if len(q.rest) == 0 {
			if q.packet++; q.packet == q.batch.count {
				q.Clear(pool)
				return
			}
			q.begin()
		}
		n := min(len(q.rest), q.segment)
		q.first, q.rest = q.rest[:n], q.rest[n:]
		if q.Envelope == nil || q.unwrap() {
			return
		}
	}
}

// begin begins with a packet.
func (q *Queue) begin() {
	q.rest = q.batch.packet(q.packet)
	segment, dropped, counted := q.batch.marks(q.packet)
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
	if q.Envelope != nil && !q.Envelope.Knows(q.batch.sender(q.packet)) {
		q.rest, q.segment = nil, 0
	}
}

// unwrap takes the first datagram out of its envelope, and reports whether it is one.
func (q *Queue) unwrap() (ok bool) {
	q.sender, q.first, ok = q.Envelope.Unwrap(q.first)
	return ok
}

// First returns the bytes of the next datagram; of an empty queue nil.
func (q *Queue) First() []byte { return q.first }

// Way returns where the next datagram has come from and gone to. Of one in an envelope only
// the sender is known.
func (q *Queue) Way(w *Way) {
	if q.Envelope != nil {
		*w = Way{Sender: q.sender, HopLimit: -1}
		return
	}
	q.batch.way(q.packet, w)
}

// Sender returns where the next datagram has come from.
func (q *Queue) Sender() Endpoint {
	if q.Envelope != nil {
		return q.sender
	}
	return q.batch.sender(q.packet)
}

// Drop takes the next datagram away; that of an empty queue is none.
func (q *Queue) Drop(pool *Pool) {
	if q.batch != nil {
		q.next(pool)
	}
}

// Clear drops all datagrams.
func (q *Queue) Clear(pool *Pool) {
	if q.batch != nil {
		pool.put(q.batch)
		*q = Queue{Envelope: q.Envelope, Losses: q.Losses}
	}
}

// Bytes returns how many bytes all the datagrams have, at most.
func (q *Queue) Bytes() int {
	if q.batch == nil {
		return 0
	}
	n := len(q.first) + len(q.rest)
	for i := q.packet + 1; i < q.batch.count; i++ {
		n += len(q.batch.packet(i))
	}
	return n
}
