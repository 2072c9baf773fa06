package stream

import "sync"

// output is what is to be sent. Its memory is lent for as long as there is something: most
// connections have nothing most of the time.
type output struct {
	room *room // nil: nothing
	sent int   // of it
}

// room is what is lent.
type room struct {
	data  []byte
	parts [1][]byte // how data is handed over
}

var outputs = sync.Pool{New: func() any {
	return &room{data: make([]byte, 0, 2*(headerSize+mostRecord))}
}}

// mostLent is how large memory may become that is lent again.
const mostLent = 2 * mostHeld

func (o *output) add(p []byte) {
	if len(p) == 0 {
		return
	}
	if o.room == nil {
		o.room = outputs.Get().(*room)
	}
	o.room.data = append(o.room.data, p...)
}

// rest returns what is to be sent.
func (o *output) rest() []byte {
	if o.room == nil {
		return nil
	}
	return o.room.data[o.sent:]
}

// parts returns p, which is to be sent, as a transport takes it: in memory that is lent, too.
func (o *output) parts(p []byte) [][]byte {
	o.room.parts[0] = p
	return o.room.parts[:]
}

// discard forgets n bytes, which are sent.
func (o *output) discard(n int) {
	if o.sent += n; o.sent == len(o.room.data) {
		o.release()
	}
}

func (o *output) release() {
	if o.room != nil && cap(o.room.data) <= mostLent {
		o.room.data, o.room.parts[0] = o.room.data[:0], nil
		outputs.Put(o.room)
	}
	o.room, o.sent = nil, 0
}
