package sys

import "golang.org/x/sys/unix"

// AvoidHugePages has memory become resident in small pages, each when it is used: a huge
// one would be there as a whole for a few bytes.
func AvoidHugePages(p []byte) { unix.Madvise(p, unix.MADV_NOHUGEPAGE) }

// Forget gives back the memory of p, whose content is lost. Its addresses stay.
func Forget(p []byte) { unix.Madvise(p, unix.MADV_DONTNEED) }
