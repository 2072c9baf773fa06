package endpoint

import (
	"encoding/binary"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"

	"qnet/core/address"
)

// Encode writes a and port to sa, which has room for either family, as the
// socket fd, of IPv6 or IPv4, needs it, and returns the size: an IPv6 socket
// reaches IPv4 by mapped addresses. golang.org/x/sys would allocate.
func Encode(sa *unix.RawSockaddrInet6, fd int, ipv6 bool, a address.Address, port uint16) (uint32, error) {
	ip := a.Addr()
	if !ipv6 {
		if a.Protocol() == address.AnyIP {
			ip = netip.IPv4Unspecified()
		}
		if ip = ip.Unmap(); !ip.Is4() {
			return 0, unix.EAFNOSUPPORT
		}
		sa := (*unix.RawSockaddrInet4)(unsafe.Pointer(sa))
		*sa = unix.RawSockaddrInet4{Family: unix.AF_INET, Port: swapped(port), Addr: ip.As4()}
		return unix.SizeofSockaddrInet4, nil
	}
	if !ip.IsValid() {
		return 0, unix.EAFNOSUPPORT
	}
	*sa = unix.RawSockaddrInet6{Family: unix.AF_INET6, Port: swapped(port), Addr: ip.As16()}
	if zone := ip.Zone(); zone != "" {
		if sa.Scope_id = InterfaceIndex(fd, zone); sa.Scope_id == 0 {
			return 0, unix.EADDRNOTAVAIL
		}
	}
	return unix.SizeofSockaddrInet6, nil
}

// Decode returns the address and the port that the system has written to sa; the
// null address for another family. fd is any socket.
func Decode(sa *unix.RawSockaddrInet6, fd int) (address.Address, uint16) {
	switch sa.Family {
	case unix.AF_INET:
		sa := (*unix.RawSockaddrInet4)(unsafe.Pointer(sa))
		return address.FromIPv4(binary.BigEndian.Uint32(sa.Addr[:])), swapped(sa.Port)
	case unix.AF_INET6:
		a := address.FromIPv6(sa.Addr)
		if sa.Scope_id != 0 {
			a = a.WithScopeID(zone(fd, sa.Scope_id))
		}
		return a, swapped(sa.Port)
	}
	return address.Null, 0
}

// swapped turns a port between the byte orders of the network and the machine.
func swapped(port uint16) uint16 {
	b := (*[2]byte)(unsafe.Pointer(&port))
	return binary.BigEndian.Uint16(b[:])
}
