package sys

import (
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// withoutInput closes the standard input for a test, so that its number is free.
func withoutInput(t *testing.T) {
	t.Helper()
	saved, err := unix.FcntlInt(0, unix.F_DUPFD_CLOEXEC, 100)
	if err != nil {
		t.Skipf("there is no standard input: %v", err)
	}
	unix.Close(0)
	t.Cleanup(func() {
		unix.Dup2(saved, 0)
		unix.Close(saved)
	})
}

func TestNoDescriptorIsAStandardStream(t *testing.T) {
	a, b := pair(t)
	withoutInput(t)
	listener, err := Open(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer Close(listener)
	if err := unix.Listen(listener, 2); err != nil {
		t.Fatal(err)
	}
	address, err := unix.Getsockname(listener)
	if err != nil {
		t.Fatal(err)
	}
	makers := map[string]func() (int, error){
		"Open":      func() (int, error) { return Open(unix.AF_INET, unix.SOCK_DGRAM, 0) },
		"NewEvent":  NewEvent,
		"NewTimer":  NewTimer,
		"NewPoll":   NewPoll,
		"Duplicate": func() (int, error) { return Duplicate(listener) },
		"Accept": func() (int, error) {
			client, err := Open(unix.AF_INET, unix.SOCK_STREAM, 0)
			if err != nil {
				return -1, err
			}
			defer Close(client)
			unix.Connect(client, address)
			Poll([]unix.PollFd{{Fd: int32(listener), Events: unix.POLLIN}}, time.Time{})
			var from unix.RawSockaddrAny
			size := uint32(unix.SizeofSockaddrAny)
			fd, e := Accept(listener, unsafe.Pointer(&from), &size)
			if e != 0 {
				return -1, e
			}
			return fd, nil
		},
		"RecvDescriptors": func() (int, error) {
			if _, err := SendDescriptors(a, [][]byte{{'x'}}, []int{listener}); err != nil {
				return -1, err
			}
			_, descriptors, lost, err := RecvDescriptors(b, make([]byte, 1), make([]byte, ControlSize))
			if err != nil || lost || len(descriptors) != 1 {
				t.Fatal(descriptors, lost, err)
			}
			return descriptors[0], nil
		},
	}
	for name, make := range makers {
		fd, err := make()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); fd < 3 || err != nil || flags&unix.FD_CLOEXEC == 0 {
			t.Errorf("%s: descriptor %d with flags %#x, %v", name, fd, flags, err)
		}
		Close(fd)
		if _, err := unix.FcntlInt(0, unix.F_GETFD, 0); err == nil {
			t.Errorf("%s: descriptor 0 is open", name)
		}
	}
}
