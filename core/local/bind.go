package local

import (
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"

	"qnet/core/sys"
)

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
// access from the first moment on: nobody else can connect in between, and no
// other file takes its place.
func Bind(fd int, n Name, access Access) error {
	if n.Abstract || access == 0 {
		return n.bind(fd)
	}
	// The file's mode is that of the descriptor, less what the umask says.
	if err := unix.Fchmod(fd, access.mode()); err != nil {
		return err
	}
	err, exact := bindUnmasked(fd, n)
	if err != nil || exact {
		return err
	}
	if err = widen(n.Text, access.mode()); err != nil {
		unmake(n.Text)
	}
	return err
}

// unshare is replaced by tests: where a sandbox forbids it, it is for ever.
var unshare = unix.Unshare

// bindUnmasked binds on a thread of its own without umask, which is the whole
// process's otherwise. Where the system does not allow that the umask counts,
// and the answer is that the rights may be too few.
func bindUnmasked(fd int, n Name) (err error, exact bool) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		// Not unlocked: the thread ends with the goroutine.
		runtime.LockOSThread()
		if exact = unshare(unix.CLONE_FS) == nil; exact {
			unix.Umask(0)
		}
		err = n.bind(fd)
	}()
	<-done
	return err, exact
}

// widen gives the file that bind has just made the rights that the umask cut.
// The directory may be anybody's to write: a file that is not ours, or no
// socket, is left alone.
func widen(path string, mode uint32) error {
	fd, err := sys.AboveStandard(unix.Open(path, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0))
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return err
	}
	if !isOurs(&stat) {
		return unix.EPERM
	}
	if stat.Mode&0o777 == mode {
		return nil
	}
	return unix.Chmod("/proc/self/fd/"+strconv.Itoa(fd), mode)
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
