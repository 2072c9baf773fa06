package local

import (
	"golang.org/x/sys/unix"

	"qnet/core/sys"
)

// File identifies the file of a socket, so that another of the same name is
// not taken for it.
type File struct {
	path string
	identity
}

// FileOf returns the file that n is now; the zero File for what has none.
func FileOf(n Name) File {
	if n.Abstract || n.Text == "" {
		return File{}
	}
	i, is := identify(n.Text)
	if !is {
		return File{}
	}
	return File{n.Text, i}
}

// Remove removes f unless another file has taken its place.
func (f File) Remove() {
	if f != (File{}) && FileOf(Name{Text: f.path}) == f {
		unix.Unlink(f.path)
	}
}

// Removal is what Remove has found.
type Removal int

const (
	Removed    Removal = iota // or it was not there
	InUse                     // removed, but somebody listens there
	NotASocket                // and left alone
	Failed
)

// Remove removes the file of a server that is no more.
func Remove(n Name) Removal {
	var stat unix.Stat_t
	if n.Text == "" {
		return Failed
	}
	if err := unix.Lstat(n.Text, &stat); err != nil {
		// What cannot be looked at may be there.
		if err == unix.EACCES {
			return Failed
		}
		return Removed
	}
	if stat.Mode&unix.S_IFMT != unix.S_IFSOCK {
		return NotASocket
	}
	used := isUsed(n)
	if err := unix.Unlink(n.Text); err != nil && err != unix.ENOENT {
		return Failed
	}
	if used {
		return InUse
	}
	return Removed
}

// isUsed reports whether a socket is bound to the file n. It is found out with a
// socket of a type that servers do not have: they take no notice, where a
// connection would be one more to accept.
func isUsed(n Name) bool {
	fd, err := sys.OpenWithoutFaults(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	if err != nil {
		return false
	}
	defer sys.Close(fd)
	err = Connect(fd, n)
	return err == nil || err == unix.EPROTOTYPE
}
