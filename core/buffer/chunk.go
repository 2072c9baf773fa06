package buffer

// chunk is one piece of a Buffer: data[r:w] is what it holds.
type chunk struct {
	next, prev *chunk // in a ring
	r, w       int
	data       []byte // nil for a part of a file

	slab  *slab  // that a large one is of
	views int    // of its memory, in other queues
	alone bool   // it is in no queue any more, but for these views
	marks *marks // of the queue that it is the first of

	// Of those that hold what is not their own. Nothing is written into them.
	base    *chunk // it is a view of this one's memory
	release func() // the program's memory is not needed any more
	file    *File
}

func (c *chunk) len() int { return c.w - c.r }

// free returns how much can be written behind what c holds.
func (c *chunk) free() int { return len(c.data) - c.w }

// foreign reports whether c holds what is not its own.
func (c *chunk) foreign() bool { return c.base != nil || c.release != nil || c.file != nil }
