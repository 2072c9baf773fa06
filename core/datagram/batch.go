// Package datagram receives and sends datagrams over a descriptor, many with
// each system call.
//
// What was received is kept in a batch that the loop's pool lends for as long as
// there is something to be read: a socket without datagrams owns none. Nothing
// is allocated for a datagram.
package datagram

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"qnet/core/sys"
)

const (
	// Slots is how many packets one batch holds. With GRO one of them may be a
	// train of up to 64 datagrams.
	Slots = 32

	// slotSize has room for any packet. It is a little more than a power of two,
	// so that the packets' beginnings do not share the same lines of the cache.
	slotSize = 64<<10 + 4<<10 + 128

	controlSize = 192
)

// Batch is what one call of recvmmsg brought.
type Batch struct {
	next     *Batch
	data     []byte // mapped, so that only what packets have filled is resident
	fd       int    // that was received from last
	count    int
	headers  [Slots]sys.Message
	vectors  [Slots]unix.Iovec
	names    [Slots]unix.RawSockaddrInet6
	controls [Slots][controlSize]byte
}

func newBatch() (*Batch, error) {
	data, err := sys.Map(Slots * slotSize)
	if err != nil {
		return nil, err
	}
	sys.AvoidHugePages(data)
	b := &Batch{data: data}
	for i := range b.headers {
		v := &b.vectors[i]
		v.Base = &data[i*slotSize]
		v.SetLen(slotSize)
		h := &b.headers[i]
		h.Iov = v
		h.SetIovlen(1)
		h.Name = (*byte)(unsafe.Pointer(&b.names[i]))
		h.Control = &b.controls[i][0]
		prepare(h)
	}
	return b, nil
}

// prepare undoes what receiving has changed.
func prepare(h *sys.Message) {
	h.Namelen = unix.SizeofSockaddrInet6
	h.SetControllen(controlSize)
	h.Flags = 0
}

// receive fills an empty batch with what there is.
func (b *Batch) receive(fd int) error {
	for i := range b.headers[:b.count] {
		prepare(&b.headers[i])
	}
	b.count, b.fd = 0, fd
	n, err := sys.RecvMessages(fd, b.headers[:])
	if err == nil {
		b.count = n
	}
	return err
}

// packet returns the bytes of a packet.
func (b *Batch) packet(i int) []byte {
	return b.data[i*slotSize:][:b.headers[i].N]
}

// Pool lends batches. It is not safe for concurrent use: each loop has its own,
// under its lock. The zero value is ready.
type Pool struct {
	free  *Batch
	spare int
	lent  int
	work  *work // for sending
}

// maxSpare is what a pool keeps at most.
const maxSpare = 4

// Lent returns how many batches are in use.
func (p *Pool) Lent() int { return p.lent }

func (p *Pool) get() (*Batch, error) {
	b := p.free
	if b == nil {
		var err error
		if b, err = newBatch(); err != nil {
			return nil, err
		}
	} else {
		p.free, b.next = b.next, nil
		p.spare--
	}
	p.lent++
	return b, nil
}

func (p *Pool) put(b *Batch) {
	p.lent--
	if p.spare >= maxSpare {
		sys.Unmap(b.data)
		return
	}
	b.next, p.free = p.free, b
	p.spare++
}

// Clear gives up what the pool keeps.
func (p *Pool) Clear() {
	for p.free != nil {
		sys.Unmap(p.free.data)
		p.free = p.free.next
	}
	p.spare, p.work = 0, nil
}
