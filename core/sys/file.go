package sys

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// OpenFile is os.Open with a descriptor of 3 or more.
func OpenFile(path string) (*os.File, error) {
	for {
		fd, err := AboveStandard(unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0))
		if err == nil {
			return os.NewFile(uintptr(fd), path), nil
		}
		if err != unix.EINTR {
			return nil, &os.PathError{Op: "open", Path: path, Err: err}
		}
	}
}

// ReadFile is os.ReadFile with a descriptor of 3 or more.
func ReadFile(path string) ([]byte, error) {
	file, err := OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(file)
}

// Stamp tells two states of a file apart, as far as the system does: those between which it was changed at the same time, by the
// system's clock, look alike.
type Stamp struct {
	Regular        bool // no folder, pipe or device
	device, number uint64
	size           int64
	written        unix.Timespec // when its contents have changed
	Changed        unix.Timespec // when they, or what is told about it, have
}

// StampOf returns the state of the file at a path.
func StampOf(path string) (Stamp, error) {
	var st unix.Stat_t
	for {
		switch err := unix.Stat(path, &st); err {
		case nil:
			return Stamp{
				Regular: st.Mode&unix.S_IFMT == unix.S_IFREG, device: uint64(st.Dev), number: uint64(st.Ino), size: st.Size,
				written: st.Mtim, Changed: st.Ctim,
			}, nil
		case unix.EINTR:
		default:
			return Stamp{}, err
		}
	}
}

// Hostname returns the name of this machine. os.Hostname may open a file for it.
func Hostname() (string, error) {
	var name unix.Utsname
	err := unix.Uname(&name)
	return unix.ByteSliceToString(name.Nodename[:]), err
}

// ReadDir is os.ReadDir with a descriptor of 3 or more. What is in the folder comes in no
// order.
func ReadDir(path string) ([]os.DirEntry, error) {
	folder, err := OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	return folder.ReadDir(-1)
}
