package sys

import "golang.org/x/sys/unix"

// Map returns zeroed memory outside Go's heap.
func Map(size int) ([]byte, error) {
	return unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
}

// Unmap releases what Map has returned.
func Unmap(p []byte) { unix.Munmap(p) }
