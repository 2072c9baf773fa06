package sys

import "golang.org/x/sys/unix"

// writeQuietly writes to what is no socket. Whether that raises SIGPIPE is a property of
// the file, which others may have open: it gets back what it was.
func writeQuietly(fd int, p []byte) (int, error) {
	if quiet, err := unix.FcntlInt(uintptr(fd), unix.F_GETNOSIGPIPE, 0); err == nil && quiet == 0 {
		unix.FcntlInt(uintptr(fd), unix.F_SETNOSIGPIPE, 1)
		defer unix.FcntlInt(uintptr(fd), unix.F_SETNOSIGPIPE, 0)
	}
	return write(fd, p)
}

// Outstanding returns how many bytes that were sent the other end has not taken yet;
// 0 if that is unknown, as it is of a local socket.
func Outstanding(fd int) int {
	n, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_NWRITE)
	if err != nil {
		return 0
	}
	return n
}
