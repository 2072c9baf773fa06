package sys

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// This system makes sockets that block, that other programs inherit and that raise
// SIGPIPE, and all of that is to be changed afterwards.

func open(domain, kind, protocol int) (int, error) {
	// A child that is forked in between would have the descriptor.
	syscall.ForkLock.RLock()
	fd, err := AboveStandard(unix.Socket(domain, kind, protocol))
	if err == nil {
		unix.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	return prepare(fd, err)
}

func acceptOne(fd int) (int, unix.Sockaddr, error) {
	syscall.ForkLock.RLock()
	conn, name, err := unix.Accept(fd)
	if err == nil {
		unix.CloseOnExec(conn)
	}
	syscall.ForkLock.RUnlock()
	conn, err = prepare(conn, err)
	return conn, name, err
}

// prepare takes what a call that has made a descriptor has returned.
func prepare(fd int, err error) (int, error) {
	if err != nil {
		return -1, err
	}
	if err := Adopt(fd); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// Adopt makes a descriptor that somebody else has made fit for the calls of this package:
// it is not to block, and to raise no SIGPIPE. Older systems know MSG_NOSIGNAL not.
func Adopt(fd int) error {
	if err := setNonblock(fd); err != nil {
		return err
	}
	// What is no socket is written to with care.
	unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_NOSIGPIPE, 1)
	return nil
}

// closingOnExec is the flag of recvmsg that keeps descriptors from other programs: there
// is none.
const closingOnExec = 0

// IsListening reports whether fd is a socket that takes connections. Not all versions of
// the system tell; those that do not are believed to have been given one.
func IsListening(fd int) bool {
	listening, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN)
	if err != unix.ENOPROTOOPT {
		return err == nil && listening != 0
	}
	kind, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil || kind != unix.SOCK_STREAM {
		return false
	}
	_, err = unix.Getpeername(fd)
	return err == unix.ENOTCONN
}
