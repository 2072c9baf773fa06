package sys

import "golang.org/x/sys/unix"

func open(domain, kind, protocol int) (int, error) {
	return AboveStandard(unix.Socket(domain, kind|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, protocol))
}

func acceptOne(fd int) (int, unix.Sockaddr, error) {
	return unix.Accept4(fd, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
}

// Adopt makes a descriptor that somebody else has made fit for the calls of this package:
// it is not to block.
func Adopt(fd int) error { return setNonblock(fd) }

// closingOnExec is the flag of recvmsg that keeps descriptors from other programs.
const closingOnExec = unix.MSG_CMSG_CLOEXEC

// IsListening reports whether fd is a socket that takes connections.
func IsListening(fd int) bool {
	listening, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN)
	return err == nil && listening != 0
}
