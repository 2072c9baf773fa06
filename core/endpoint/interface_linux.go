package endpoint

import (
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
// to; "" if there is none.
func interfaceName(fd int, index uint32) string {
	r := interfaceRequest{index: index}
	if !r.do(fd, unix.SIOCGIFNAME) {
		return ""
	}
	return unix.ByteSliceToString(r.name[:])
}

// interfaceIndex returns the number of an interface; 0 if there is none.
func interfaceIndex(fd int, name string) uint32 {
	var r interfaceRequest
	if len(name) >= len(r.name) || strings.IndexByte(name, 0) >= 0 {
		return 0
	}
	copy(r.name[:], name)
	if !r.do(fd, unix.SIOCGIFINDEX) {
		return 0
	}
	return r.index
}
