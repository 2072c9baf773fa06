//go:build darwin || freebsd

package endpoint

import "golang.org/x/sys/unix"

// sharing returns the option that lets others share an address. For datagrams
// SO_REUSEADDR does so only where the address is a group's; for servers SO_REUSEPORT
// would let two listen at once, as Qt does not have it (QTBUG-6305).
func sharing(fd int) int {
	if kind, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE); err == nil && kind == unix.SOCK_DGRAM {
		return unix.SO_REUSEPORT
	}
	return unix.SO_REUSEADDR
}
