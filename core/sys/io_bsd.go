//go:build darwin || freebsd

package sys

import "golang.org/x/sys/unix"

const fionread = 0x4004667f // FIONREAD

// recv reads, which is to receive where it is a socket.
func recv(fd int, p []byte) (int, error) {
	for {
		n, err := unix.Read(fd, p)
		if err == nil {
			return n, nil
		}
		if err != unix.EINTR {
			return -1, err
		}
	}
}

func send(fd int, parts [][]byte) (int, error) {
	for {
		n, err := unix.SendmsgBuffers(fd, parts, nil, nil, unix.MSG_NOSIGNAL)
		switch err {
		case nil:
			return n, nil
		case unix.EINTR:
		case unix.ENOTSOCK:
			return writeQuietly(fd, parts[0])
		default:
			return -1, err
		}
	}
}

func sendOne(fd int, p []byte) (int, error) { return send(fd, [][]byte{p}) }

func write(fd int, p []byte) (int, error) {
	for {
		n, err := unix.Write(fd, p)
		if err == nil {
			return n, nil
		}
		if err != unix.EINTR {
			return -1, err
		}
	}
}

func closeNow(fd int) { unix.Close(fd) }

// sendFile leaves it to the caller to read the file.
func sendFile(int, int, int64, int) (int, error) { return -1, unix.ENOSYS }
