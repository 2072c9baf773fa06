package endpoint

import (
	"net/netip"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/sys"
)

// Dial makes a socket and begins to connect it. It is for what the library asks for
// itself: there are no faults.
func Dial(kind int, to netip.AddrPort) (int, error) {
	a := address.FromAddr(to.Addr().Unmap())
	family := unix.AF_INET6
	if a.Protocol() == address.IPv4 {
		family = unix.AF_INET
	}
	fd, err := sys.OpenWithoutFaults(family, kind, 0)
	if err != nil {
		return -1, err
	}
	err = call(fd, a, to.Port(), sys.ConnectWithoutFaults)
	if err != nil && err != unix.EINPROGRESS {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}
