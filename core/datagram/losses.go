package datagram

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

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

// droppedPackets returns how many packets the system has dropped on fd.
func droppedPackets(fd int) (uint32, bool) {
	const drops = 8 // SK_MEMINFO_DROPS
	var info [drops + 1]uint32
	size := uint32(len(info) * 4)
	_, _, e := unix.RawSyscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, unix.SO_MEMINFO,
		uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
	if e != 0 || size < (drops+1)*4 {
		return 0, false
	}
	return info[drops], true
}
