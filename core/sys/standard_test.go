package sys

import (
	"maps"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"qnet/core/internal/standardtest"
	"qnet/core/internal/systest"
)

func TestNoDescriptorIsAStandardStream(t *testing.T) {
	a, b := pair(t)
	standardtest.CloseInput(t)
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
		"Open":              func() (int, error) { return Open(unix.AF_INET, unix.SOCK_DGRAM, 0) },
		"NewEvent":          NewEvent,
		"Duplicate":         func() (int, error) { return Duplicate(listener) },
		"OpenWithoutFaults": func() (int, error) { return OpenWithoutFaults(unix.AF_UNIX, unix.SOCK_DGRAM, 0) },
		"OpenFile": func() (int, error) {
			file, err := OpenFile("/etc/passwd")
			if err != nil {
				return -1, err
			}
			defer file.Close()
			return Duplicate(int(file.Fd()))
		},
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
	maps.Copy(makers, ownMakers)
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

func expectInput(t *testing.T, when string, wanted bool) {
	t.Helper()
	if open, usable := standardtest.Input(); open != wanted || usable {
		t.Errorf("%s: descriptor 0 is open: %v, usable: %v", when, open, usable)
	}
}

func TestStandardStreamsAreHeldFromOthers(t *testing.T) {
	standardtest.CloseInput(t)
	first, second := HoldStandard(), HoldStandard()
	expectInput(t, "held twice", true)
	flags, err := unix.FcntlInt(0, unix.F_GETFD, 0)
	if err != nil || flags&unix.FD_CLOEXEC == 0 {
		t.Errorf("flags %#x, %v", flags, err)
	}
	for range 2 {
		first() // more than once is once
	}
	expectInput(t, "held once", true)
	second()
	expectInput(t, "released", false)

	// What another thread has just made goes up, and nothing else comes into its place.
	made := systest.Socket(t, unix.AF_UNIX, unix.SOCK_DGRAM)
	if made != 0 {
		t.Fatal(made)
	}
	release := HoldStandard()
	up, err := AboveStandard(made, nil)
	if up < 3 || err != nil {
		t.Fatal(up, err)
	}
	unix.Close(up)
	expectInput(t, "covered", true)
	release()
	expectInput(t, "released", false)
}

func TestWhatTheProgramPutsThereIsItsOwn(t *testing.T) {
	standardtest.CloseInput(t)
	release := HoldStandard()
	own, other := pair(t)
	unix.Write(other, []byte("x"))
	if err := unix.Dup2(own, 0); err != nil {
		t.Fatal(err)
	}
	release()
	if _, err := unix.Read(0, make([]byte, 8)); err != nil {
		t.Errorf("the program's own descriptor: %v", err)
	}
	unix.Close(0)
}

func TestFilesAreReadAboveTheStandardStreams(t *testing.T) {
	standardtest.CheckReading(t, func(path string) {
		if text, err := ReadFile(path); err != nil || string(text) != "# nothing\n" {
			t.Errorf("%q, %v", text, err)
		}
	})
}

func TestOtherDescriptorsStayWhereTheyAre(t *testing.T) {
	for _, fd := range []int{firstDescriptor, firstDescriptor + 1} {
		if got, err := AboveStandard(fd, nil); got != fd || err != nil {
			t.Fatalf("%d has become %d, %v", fd, got, err)
		}
	}
	if fd, err := AboveStandard(-1, unix.EMFILE); fd != -1 || err != unix.EMFILE {
		t.Errorf("a failure has become %d, %v", fd, err)
	}
}
