package local

import "golang.org/x/sys/unix"

// Access says who may connect to a socket's file: each of its bits is for
// reading, writing and searching. 0 leaves that to the process's umask.
type Access uint8

const (
	User  Access = 1
	Group Access = 2
	Other Access = 4
)

func (a Access) mode() uint32 {
	var mode uint32
	for _, right := range []struct {
		access Access
		mode   uint32
	}{{User, 0o700}, {Group, 0o070}, {Other, 0o007}} {
		if a&right.access != 0 {
			mode |= right.mode
		}
	}
	return mode
}

// Bind binds fd to n and makes its file, if it has one, with the rights of
// access: nobody else can connect before it has them.
func Bind(fd int, n Name, access Access) error {
	if n.Abstract || access == 0 {
		return n.bind(fd)
	}
	return bindExactly(fd, n, access.mode())
}

// unmake removes the file that bind has made, for a server that cannot have it as it
// was asked for: left behind it would keep others from the name.
func unmake(path string) {
	var stat unix.Stat_t
	if unix.Lstat(path, &stat) == nil && isOurs(&stat) {
		unix.Unlink(path)
	}
}

// isOurs reports whether a file can be one that bind has made.
func isOurs(stat *unix.Stat_t) bool {
	return stat.Mode&unix.S_IFMT == unix.S_IFSOCK && stat.Uid == uint32(unix.Geteuid())
}
