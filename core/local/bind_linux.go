package local

import (
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"

	"qnet/core/sys"
)

// hasAbstract says that there are names that are no files.
const hasAbstract = true

// bindExactly makes the file with a mode from the first moment on: no other file takes
// its place.
func bindExactly(fd int, n Name, mode uint32) error {
	// The file's mode is that of the descriptor, less what the umask says.
	if err := unix.Fchmod(fd, mode); err != nil {
		return err
	}
	err, exact := bindUnmasked(fd, n)
	if err != nil || exact {
		return err
	}
	if err = widen(n.Text, mode); err != nil {
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
