package datagram

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// lossesOption has each packet tell how many the system had dropped before.
const lossesOption = unix.SO_RXQ_OVFL

// droppedPackets returns how many packets the system has dropped on fd.
func droppedPackets(fd int) (uint32, bool) {
	const drops = 8 // SK_MEMINFO_DROPS
	var info [drops + 1]uint32
	size := uint32(len(info) * 4)
	_, _, e := unix.RawSyscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, unix.SO_MEMINFO,
		uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
	if e != 0 || size < (drops+1)*4 {
		return 0, false
	}
	return info[drops], true
}
