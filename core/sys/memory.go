package sys

import "golang.org/x/sys/unix"

// Map returns zeroed memory outside Go's heap.
func Map(size int) ([]byte, error) {
	return unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
}

// Unmap releases what Map has returned. It may fail where that would make one mapping two,
// and the process has as many as the system allows: then the memory stays.
func Unmap(p []byte) error { return unix.Munmap(p) }
