package datagram

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

func prepare4(fd int) { unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_PKTINFO, 1) }

// note4 reads a control message of IPv4.
func (w *Way) note4(kind int32, data []byte) {
	switch {
	case kind == unix.IP_PKTINFO:
		w.notePacketInfo(data)
	case kind == unix.IP_TTL && len(data) >= 4:
		w.HopLimit = int(int32(binary.NativeEndian.Uint32(data)))
	}
}
