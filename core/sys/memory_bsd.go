//go:build darwin || freebsd

package sys

import "golang.org/x/sys/unix"

// AvoidHugePages has memory become resident in small pages, each when it is used. That is
// so here: a large page is made of small ones that are all in use.
func AvoidHugePages([]byte) {}

// Forget gives back the memory of p, whose content is lost, when the system needs it. Its
// addresses stay.
func Forget(p []byte) { unix.Madvise(p, unix.MADV_FREE) }
