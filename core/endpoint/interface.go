package endpoint

import (
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// interfaceRequest is what struct ifreq has for the two requests below.
type interfaceRequest struct {
	name  [unix.IFNAMSIZ]byte
	index uint32
	_     [20]byte
}

func (r *interfaceRequest) do(fd int, request uintptr) bool {
	_, _, e := unix.RawSyscall(unix.SYS_IOCTL, uintptr(fd), request, uintptr(unsafe.Pointer(r)))
	return e == 0
}

// interfaceName returns the name of an interface of the network that fd belongs
// to; without one its number.
func interfaceName(fd int, index uint32) string {
	r := interfaceRequest{index: index}
	if !r.do(fd, unix.SIOCGIFNAME) {
		return strconv.FormatUint(uint64(index), 10)
	}
	return unix.ByteSliceToString(r.name[:])
}

// InterfaceIndex returns the number of an interface that is given by name or
// number; 0 if there is none.
func InterfaceIndex(fd int, zone string) uint32 {
	if n, err := strconv.ParseUint(zone, 10, 32); err == nil {
		return uint32(n)
	}
	var r interfaceRequest
	if len(zone) >= len(r.name) || strings.IndexByte(zone, 0) >= 0 {
		return 0
	}
	copy(r.name[:], zone)
	if !r.do(fd, unix.SIOCGIFINDEX) {
		return 0
	}
	return r.index
}
