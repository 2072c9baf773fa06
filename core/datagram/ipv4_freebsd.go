package datagram

import (
	"encoding/binary"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"

	"qnet/core/address"
)

func prepare4(fd int) {
	unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_RECVDSTADDR, 1)
	unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_RECVIF, 1)
}

// note4 reads a control message of IPv4. A time to live is a single byte; an interface is
// the address of a link.
func (w *Way) note4(kind int32, data []byte) {
	switch {
	case kind == unix.IP_RECVDSTADDR && len(data) >= 4:
		w.Destination.Address = address.FromIPv4(binary.BigEndian.Uint32(data))
	case kind == unix.IP_RECVIF && len(data) >= int(unsafe.Offsetof(unix.RawSockaddrDatalink{}.Type)):
		w.Interface = uint32(binary.NativeEndian.Uint16(data[unsafe.Offsetof(unix.RawSockaddrDatalink{}.Index):]))
	case kind == unix.IP_RECVTTL && len(data) >= 1:
		w.HopLimit = int(data[0])
	}
}

// source4 has a message of IPv4 sent from an address, unless it is invalid. For which
// interface it is cannot be said here.
func (m *message) source4(from netip.Addr, index uint32) error {
	if index != 0 {
		return unix.EOPNOTSUPP
	}
	if from.IsValid() {
		ip := from.As4()
		copy(m.add(unix.IPPROTO_IP, unix.IP_SENDSRCADDR, len(ip)), ip[:])
	}
	return nil
}
