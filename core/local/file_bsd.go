//go:build darwin || freebsd

package local

import "golang.org/x/sys/unix"

// identity tells a file from others.
type identity struct {
	device uint64
	inode  uint64
	born   unix.Timespec // an inode's number may be used again
}

// identify returns which file a path is, and whether there is one.
func identify(path string) (identity, bool) {
	var stat unix.Stat_t
	if unix.Lstat(path, &stat) != nil {
		return identity{}, false
	}
	return identity{uint64(stat.Dev), stat.Ino, stat.Btim}, true
}
