package local

import "golang.org/x/sys/unix"

func peerPID(fd int) int64 {
	pid, err := unix.GetsockoptInt(fd, unix.SOL_LOCAL, unix.LOCAL_PEERPID)
	if err != nil {
		return -1
	}
	return int64(pid)
}
