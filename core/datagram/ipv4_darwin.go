package datagram

import "golang.org/x/sys/unix"

func prepare4(fd int) { unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_RECVPKTINFO, 1) }

// note4 reads a control message of IPv4. A time to live is a single byte.
func (w *Way) note4(kind int32, data []byte) {
	switch {
	case kind == unix.IP_PKTINFO:
		w.notePacketInfo(data)
	case kind == unix.IP_RECVTTL && len(data) >= 1:
		w.HopLimit = int(data[0])
	}
}
