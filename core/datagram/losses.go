package datagram

// Losses counts the datagrams that the system has dropped because they were not
// read in time. The system counts packets, and with GRO a packet may be a train
// of datagrams: how long those were that it has dropped, nobody knows. They are
// taken to be as long as the one that came through next.
type Losses struct {
	total  uint64
	seen   uint32 // the system's count up to which total goes
	length int    // of the last train that was received
}

// Begin starts to count for fd.
func (l *Losses) Begin(fd int) {
	*l = Losses{length: 1}
	l.seen, _ = droppedPackets(fd)
}

// note is told that the system had dropped so many packets before one that is a
// train of length datagrams.
func (l *Losses) note(dropped uint32, length int) {
	l.length = length
	if more := int32(dropped - l.seen); more > 0 {
		l.total += uint64(more) * uint64(length)
		l.seen = dropped
	}
}

// Total returns how many datagrams were dropped until now.
func (l *Losses) Total(fd int) uint64 {
	later := *l // how long the next one is that comes through is not known yet
	if dropped, ok := droppedPackets(fd); ok {
		later.note(dropped, l.length)
	}
	return later.total
}
