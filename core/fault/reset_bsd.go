//go:build darwin || freebsd

package fault

import "golang.org/x/sys/unix"

// resetTCP ends a connection, which the peer sees as a reset once the socket is closed:
// no call takes the connection from a socket here.
func resetTCP(fd int) {
	unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	unix.Shutdown(fd, unix.SHUT_RDWR)
}
