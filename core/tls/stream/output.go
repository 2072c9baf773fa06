package stream

import "sync"

// output is what is to be sent. Its memory is lent for as long as there is something: most
// connections have nothing most of the time.
type output struct {
	room *[]byte // nil: nothing
	sent int     // of it
}

var outputs = sync.Pool{New: func() any {
	b := make([]byte, 0, 2*(headerSize+mostRecord))
	return &b
}}

// mostLent is how large memory may become that is lent again.
const mostLent = 2 * mostHeld

func (o *output) add(p []byte) {
	if len(p) == 0 {
		return
	}
	if o.room == nil {
		o.room = outputs.Get().(*[]byte)
	}
	*o.room = append(*o.room, p...)
}

// rest returns what is to be sent.
func (o *output) rest() []byte {
	if o.room == nil {
		return nil
	}
	return (*o.room)[o.sent:]
}

// discard forgets n bytes, which are sent.
func (o *output) discard(n int) {
	if o.sent += n; o.sent == len(*o.room) {
		o.release()
	}
}

func (o *output) release() {
	if o.room != nil && cap(*o.room) <= mostLent {
		*o.room = (*o.room)[:0]
		outputs.Put(o.room)
	}
	o.room, o.sent = nil, 0
}
