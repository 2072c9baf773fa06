package local

import "golang.org/x/sys/unix"

// PeerCredentials returns those of the process at the other end of fd.
func PeerCredentials(fd int) (Credentials, error) {
	c, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return Credentials{PID: -1, UID: -1, GID: -1}, err
	}
	return Credentials{int64(c.Pid), int64(c.Uid), int64(c.Gid)}, nil
}
