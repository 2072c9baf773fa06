package sys

import "golang.org/x/sys/unix"

// firstDescriptor is the least that a descriptor of ours is: 0 to 2 are the program's
// standard streams. One that has closed them would print into a socket.
const firstDescriptor = 3

// AboveStandard is for what has just made a descriptor: it takes the result, and
// returns it with a number of 3 or more.
func AboveStandard(fd int, err error) (int, error) {
	if err != nil || fd >= firstDescriptor {
		return fd, err
	}
	defer unix.Close(fd)
	return Duplicate(fd)
}

// Duplicate returns another descriptor for what fd is.
func Duplicate(fd int) (int, error) {
	return unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, firstDescriptor)
}
