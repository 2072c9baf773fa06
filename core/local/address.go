package local

import (
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"qnet/core/sys"
)

// maxName is the longest name: a path has a NUL behind it, an abstract name
// one in front.
const maxName = len(unix.RawSockaddrUnix{}.Path) - 1

const headerSize = unsafe.Offsetof(unix.RawSockaddrUnix{}.Path)

// sockaddr returns n as the system wants it, with its size. golang.org/x/sys
// ends an abstract name at its first NUL; the system does not.
func (n Name) sockaddr() (sa unix.RawSockaddrUnix, size uintptr, err error) {
	switch {
	case n.Abstract && !hasAbstract:
		return sa, 0, unix.EAFNOSUPPORT
	case n.Text == "" || !n.Abstract && strings.IndexByte(n.Text, 0) >= 0:
		return sa, 0, unix.ENOENT
	case len(n.Text) > maxName:
		return sa, 0, unix.ENAMETOOLONG
	}
	sa.Family = unix.AF_UNIX
	first := 0
	if n.Abstract {
		first = 1
	}
	for i := range len(n.Text) {
		sa.Path[first+i] = int8(n.Text[i])
	}
	return sa, headerSize + uintptr(len(n.Text)) + 1, nil
}

func fromSockaddr(sa *unix.RawSockaddrUnix, size uintptr) Name {
	if sa.Family != unix.AF_UNIX || size <= headerSize {
		return Name{}
	}
	text := make([]byte, min(size-headerSize, uintptr(len(sa.Path))))
	for i := range text {
		text[i] = byte(sa.Path[i])
	}
	if text[0] == 0 {
		return Name{string(text[1:]), true}
	}
	whole, _, _ := strings.Cut(string(text), "\x00")
	return Name{whole, false}
}

// Local returns the name that fd is bound to; the zero Name if none.
func Local(fd int) Name {
	var sa unix.RawSockaddrUnix
	size := uint32(unsafe.Sizeof(sa))
	if sys.LocalName(fd, unsafe.Pointer(&sa), &size) != 0 {
		return Name{}
	}
	return fromSockaddr(&sa, uintptr(size))
}

// Peer returns the name of what fd is connected to; the zero Name if none.
func Peer(fd int) Name {
	var sa unix.RawSockaddrUnix
	size := uint32(unsafe.Sizeof(sa))
	if sys.PeerName(fd, unsafe.Pointer(&sa), &size) != 0 {
		return Name{}
	}
	return fromSockaddr(&sa, uintptr(size))
}

// Open makes a non-blocking stream socket.
func Open() (int, error) {
	return sys.Open(unix.AF_UNIX, unix.SOCK_STREAM, 0)
}

// IsStream reports whether fd is what Open makes.
func IsStream(fd int) bool {
	family, err := sys.Family(fd)
	if err != nil || family != unix.AF_UNIX {
		return false
	}
	kind, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE)
	return err == nil && kind == unix.SOCK_STREAM
}

// Connect connects fd to the server n. EAGAIN says that the server's queue is
// full; nothing tells when there is room.
func Connect(fd int, n Name) error {
	sa, size, err := n.sockaddr()
	if err != nil {
		return err
	}
	for {
		e := sys.Connect(fd, unsafe.Pointer(&sa), size)
		if e == 0 {
			return nil
		}
		if e != unix.EINTR {
			return e
		}
	}
}

func (n Name) bind(fd int) error {
	sa, size, err := n.sockaddr()
	if err != nil {
		return err
	}
	if e := sys.Bind(fd, unsafe.Pointer(&sa), size); e != 0 {
		return e
	}
	return nil
}
