package local

import "golang.org/x/sys/unix"

// identity tells a file from others.
type identity struct {
	device [2]uint32
	inode  uint64
	born   unix.StatxTimestamp // an inode's number may be used again
}

// identify returns which file a path is, and whether there is one.
func identify(path string) (identity, bool) {
	var stat unix.Statx_t
	if unix.Statx(unix.AT_FDCWD, path, unix.AT_SYMLINK_NOFOLLOW, unix.STATX_INO|unix.STATX_BTIME, &stat) != nil {
		return identity{}, false
	}
	i := identity{device: [2]uint32{stat.Dev_major, stat.Dev_minor}, inode: stat.Ino}
	if stat.Mask&unix.STATX_BTIME != 0 {
		i.born = stat.Btime
	}
	return i, true
}
