package sys

import (
	"sync"

	"golang.org/x/sys/unix"
)

// firstDescriptor is the least that a descriptor of ours is: 0 to 2 are the program's
// standard streams. One that has closed them would print into a socket.
const firstDescriptor = 3

// AboveStandard is for what has just made a descriptor: it takes the result, and
// returns it with a number of 3 or more.
func AboveStandard(fd int, err error) (int, error) {
	if err != nil || fd >= firstDescriptor {
		return fd, err
	}
	return streams.leave(fd)
}

// Duplicate returns another descriptor for what fd is.
func Duplicate(fd int) (int, error) {
	return unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, firstDescriptor)
}

// HoldStandard is for what opens descriptors of its own and cannot be told which: the C
// library. It keeps the numbers 0 to 2, those that are free, from it until the returned
// function is called. What has them meanwhile is as good as closed to the program:
// it can neither be read nor written. Held by several, they are free after the last.
func HoldStandard() (release func()) {
	streams.hold()
	return sync.OnceFunc(streams.release)
}

var streams standard

// standard are the numbers 0 to 2.
type standard struct {
	mu      sync.Mutex
	holders int
	held    [firstDescriptor]bool
}

// leave moves fd up from one of the numbers. It is free then, unless they are held.
func (s *standard) leave(fd int) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	up, err := Duplicate(fd)
	if s.holders == 0 || !s.cover(fd) {
		unix.Close(fd)
	}
	return up, err
}

// cover puts nothing in the place of a descriptor.
func (s *standard) cover(fd int) bool {
	none, err := nothing()
	if err != nil {
		return false
	}
	defer unix.Close(none)
	s.held[fd] = dup2(none, fd) == nil
	return s.held[fd]
}

func (s *standard) hold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holders++
	// The lowest number that is free is given out first.
	for {
		fd, err := nothing()
		if err != nil {
			return
		}
		if fd >= firstDescriptor {
			unix.Close(fd)
			return
		}
		s.held[fd] = true
	}
}

func (s *standard) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holders--; s.holders > 0 {
		return
	}
	for fd := range s.held {
		// The program may have put something else there meanwhile.
		if s.held[fd] && isNothing(fd) {
			unix.Close(fd)
		}
		s.held[fd] = false
	}
}
