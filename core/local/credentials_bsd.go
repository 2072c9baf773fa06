//go:build darwin || freebsd

package local

import "golang.org/x/sys/unix"

// PeerCredentials returns those of the process at the other end of fd.
func PeerCredentials(fd int) (Credentials, error) {
	c, err := unix.GetsockoptXucred(fd, unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
	if err != nil {
		return Credentials{PID: -1, UID: -1, GID: -1}, err
	}
	gid := int64(-1)
	if c.Ngroups > 0 {
		gid = int64(c.Groups[0])
	}
	return Credentials{peerPID(fd), int64(c.Uid), gid}, nil
}
