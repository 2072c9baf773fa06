//go:build darwin || freebsd

package sys

import (
	"encoding/binary"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The packages above have addresses as the system does, in a struct sockaddr, and Go's
// calls of these systems' C library take and return them in another form.

// fromRaw returns the address in a struct sockaddr.
func fromRaw(raw unsafe.Pointer, size uintptr) (unix.Sockaddr, error) {
	switch (*unix.RawSockaddr)(raw).Family {
	case unix.AF_INET:
		sa := (*unix.RawSockaddrInet4)(raw)
		return &unix.SockaddrInet4{Port: hostPort(&sa.Port), Addr: sa.Addr}, nil
	case unix.AF_INET6:
		sa := (*unix.RawSockaddrInet6)(raw)
		return &unix.SockaddrInet6{Port: hostPort(&sa.Port), Addr: sa.Addr, ZoneId: sa.Scope_id}, nil
	case unix.AF_UNIX:
		sa := (*unix.RawSockaddrUnix)(raw)
		path := unsafe.Slice((*byte)(unsafe.Pointer(&sa.Path)), len(sa.Path))
		path = path[:min(len(path), int(size-unsafe.Offsetof(sa.Path)))]
		return &unix.SockaddrUnix{Name: unix.ByteSliceToString(path)}, nil
	}
	return nil, unix.EAFNOSUPPORT
}

// toRaw writes an address into a struct sockaddr for which there is room of *size bytes,
// as much as finds room, and the size that it has.
func toRaw(name unix.Sockaddr, raw unsafe.Pointer, size *uint32) {
	var whole unix.RawSockaddrAny
	to, length := unsafe.Pointer(&whole), 0
	switch name := name.(type) {
	case *unix.SockaddrInet4:
		sa := (*unix.RawSockaddrInet4)(to)
		length = unix.SizeofSockaddrInet4
		sa.Len, sa.Family, sa.Addr = uint8(length), unix.AF_INET, name.Addr
		setPort(&sa.Port, name.Port)
	case *unix.SockaddrInet6:
		sa := (*unix.RawSockaddrInet6)(to)
		length = unix.SizeofSockaddrInet6
		sa.Len, sa.Family, sa.Addr, sa.Scope_id = uint8(length), unix.AF_INET6, name.Addr, name.ZoneId
		setPort(&sa.Port, name.Port)
	case *unix.SockaddrUnix:
		sa := (*unix.RawSockaddrUnix)(to)
		length = int(unsafe.Offsetof(sa.Path))
		if name.Name != "" {
			path := unsafe.Slice((*byte)(unsafe.Pointer(&sa.Path)), len(sa.Path))
			length += min(copy(path[:len(path)-1], name.Name)+1, len(path)) // with a NUL
		}
		sa.Len, sa.Family = uint8(length), unix.AF_UNIX
	}
	room := unsafe.Slice((*byte)(raw), *size)
	copy(room, unsafe.Slice((*byte)(to), length))
	*size = uint32(length)
}

// The ports of a struct sockaddr are in the network's order.

func hostPort(port *uint16) int {
	return int(binary.BigEndian.Uint16((*[2]byte)(unsafe.Pointer(port))[:]))
}

func setPort(port *uint16, value int) {
	binary.BigEndian.PutUint16((*[2]byte)(unsafe.Pointer(port))[:], uint16(value))
}
