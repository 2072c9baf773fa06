//go:build darwin || freebsd

package sys

import "golang.org/x/sys/unix"

// nothing opens what can neither be read nor written: a directory to search in.
func nothing() (int, error) { return unix.Open("/", unix.O_SEARCH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0) }

func isNothing(fd int) bool {
	var is, root unix.Stat_t
	return unix.Fstat(fd, &is) == nil && unix.Stat("/", &root) == nil && is.Dev == root.Dev && is.Ino == root.Ino
}

func dup2(from, to int) error {
	err := unix.Dup2(from, to)
	if err == nil {
		unix.CloseOnExec(to)
	}
	return err
}
