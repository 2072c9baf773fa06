//go:build linux || darwin

package datagram

import (
	"encoding/binary"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"

	"qnet/core/address"
)

// notePacketInfo reads where a packet of IPv4 has gone to.
func (w *Way) notePacketInfo(data []byte) {
	if len(data) < unix.SizeofInet4Pktinfo {
		return
	}
	info := (*unix.Inet4Pktinfo)(unsafe.Pointer(&data[0]))
	w.Destination.Address = address.FromIPv4(binary.BigEndian.Uint32(info.Addr[:]))
	w.Interface = uint32(info.Ifindex)
}

// source4 has a message of IPv4 sent from an address, unless it is invalid, and an
// interface, unless that is 0.
func (m *message) source4(from netip.Addr, index uint32) error {
	info := (*unix.Inet4Pktinfo)(unsafe.Pointer(&m.add(unix.IPPROTO_IP, unix.IP_PKTINFO, unix.SizeofInet4Pktinfo)[0]))
	*(*uint32)(unsafe.Pointer(&info.Ifindex)) = index // signed in Linux's headers only
	if from.IsValid() {
		info.Spec_dst = from.As4()
	}
	return nil
}
