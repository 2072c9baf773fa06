package sys

// Adopt makes a descriptor that somebody else has made fit for the calls of this package:
// it is not to block.
func Adopt(fd int) error { return setNonblock(fd) }
