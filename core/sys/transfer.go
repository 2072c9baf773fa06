package sys

import (
	"golang.org/x/sys/unix"

	"qnet/core/fault"
)

// FileSize returns how long the regular file is that fd stands for; for others, EINVAL.
func FileSize(fd int) (int64, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return 0, err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG {
		return 0, unix.EINVAL
	}
	return st.Size, nil
}

// ReadFileAt reads from a file, from offset on, and returns how much that was: 0 at its end.
func ReadFileAt(fd int, p []byte, offset int64) (int, error) {
	for {
		n, err := unix.Pread(fd, p, offset)
		if err != unix.EINTR {
			return max(n, 0), err
		}
	}
}

// WriteFile writes p to a file, at its position, and returns how much of it was.
func WriteFile(fd int, p []byte) (int, error) {
	for {
		n, err := unix.Write(fd, p)
		if err != unix.EINTR {
			return max(n, 0), err
		}
	}
}

// SendFile sends up to size bytes of a file from offset on, as Send does. It returns 0 at
// the file's end, and ENOSYS or EINVAL where the system cannot do this with the two.
func SendFile(fd, file int, offset int64, size int) (int, error) {
	if f := fault.Active(); f != nil {
		return f.Move(fd, true, size, func(limit int) (int, error) { return sendFile(fd, file, offset, limit) })
	}
	return sendFile(fd, file, offset, size)
}
