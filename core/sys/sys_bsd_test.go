//go:build darwin || freebsd

package sys

import (
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ownMakers are what makes descriptors on these systems alone.
var ownMakers = map[string]func() (int, error){"NewQueue": NewQueue}

func TestNamesGoBothWays(t *testing.T) {
	for _, name := range []unix.Sockaddr{
		&unix.SockaddrInet4{Port: 0x1234, Addr: [4]byte{127, 0, 0, 1}},
		&unix.SockaddrInet6{Port: 0x1234, Addr: [16]byte{0xfe, 0x80, 15: 1}, ZoneId: 3},
		&unix.SockaddrUnix{Name: "/tmp/name"},
		&unix.SockaddrUnix{},
	} {
		var raw unix.RawSockaddrAny
		size := uint32(unsafe.Sizeof(raw))
		toRaw(name, unsafe.Pointer(&raw), &size)
		got, err := fromRaw(unsafe.Pointer(&raw), uintptr(size))
		if err != nil {
			t.Errorf("%+v: %v", name, err)
			continue
		}
		switch want := name.(type) {
		case *unix.SockaddrInet4:
			if got := got.(*unix.SockaddrInet4); got.Port != want.Port || got.Addr != want.Addr {
				t.Errorf("%+v, want %+v", got, want)
			}
		case *unix.SockaddrInet6:
			if got := got.(*unix.SockaddrInet6); got.Port != want.Port || got.Addr != want.Addr || got.ZoneId != want.ZoneId {
				t.Errorf("%+v, want %+v", got, want)
			}
		case *unix.SockaddrUnix:
			if got := got.(*unix.SockaddrUnix); got.Name != want.Name {
				t.Errorf("%q, want %q", got.Name, want.Name)
			}
		}
		// Where there is less room, as much is written as finds it.
		small := [2]uint16{1: 0xffff}
		size = 2
		toRaw(name, unsafe.Pointer(&small), &size)
		if small[1] != 0xffff {
			t.Errorf("%+v: %#x behind its room", name, small[1])
		}
	}
}

func TestTheTimeToLiveIsTakenOut(t *testing.T) {
	control := make([]byte, 2*unix.CmsgSpace(4))
	for i, kind := range []int32{unix.IP_TTL, unix.IP_RECVDSTADDR} {
		h := (*unix.Cmsghdr)(unsafe.Pointer(&control[i*unix.CmsgSpace(4)]))
		h.Level, h.Type = unix.IPPROTO_IP, kind
		h.SetLen(unix.CmsgLen(4))
	}
	control[unix.CmsgLen(0)] = 7
	if ttl, rest := takeTTL(control); ttl != 7 || len(rest) != unix.CmsgSpace(4) {
		t.Errorf("%d, %d bytes remain", ttl, len(rest))
	}
	if ttl, rest := takeTTL(control[unix.CmsgSpace(4):]); ttl != 0 || len(rest) != unix.CmsgSpace(4) {
		t.Errorf("%d, %d bytes remain, of another", ttl, len(rest))
	}
	if ttl, rest := takeTTL(nil); ttl != 0 || rest != nil {
		t.Errorf("%d, %v, of none", ttl, rest)
	}
}
