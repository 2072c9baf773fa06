// Package standardtest is for tests of programs that have closed their standard streams:
// nothing of the library may get such a number.
package standardtest

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// CloseInput closes the standard input for a test, so that its number is free.
func CloseInput(t testing.TB) {
	t.Helper()
	saved, err := above(unix.Dup(0))
	if err != nil {
		t.Skipf("there is no standard input: %v", err)
	}
	unix.Close(0)
	t.Cleanup(func() {
		unix.Dup2(saved, 0)
		unix.Close(saved)
	})
}

// above returns the descriptor under a number that is out of the way.
func above(fd int, err error) (int, error) {
	if err != nil {
		return -1, err
	}
	defer unix.Close(fd)
	return unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 100)
}

// Input tells what has the number of the standard input: whether it is open, and whether
// it can be read or written.
func Input() (open, usable bool) {
	_, err := unix.FcntlInt(0, unix.F_GETFD, 0)
	_, read := unix.Read(0, nil)
	_, write := unix.Write(0, nil)
	return err == nil, read != unix.EBADF || write != unix.EBADF
}

// CheckReading fails the test if read, which is to read a file to its end, has it open as
// the standard input.
func CheckReading(t testing.TB, read func(path string)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	fd, err := above(unix.Open(path, unix.O_RDWR|unix.O_CLOEXEC, 0))
	if err != nil {
		t.Fatal(err)
	}
	writer := os.NewFile(uintptr(fd), path)
	defer writer.Close()
	CloseInput(t)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		read(path)
	}()
	if _, err := writer.WriteString("# nothing\n"); err != nil {
		t.Fatal(err)
	}
	// When it has that it has the file.
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		left, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
		if left == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("nobody reads: %v", err)
		}
	}
	if _, usable := Input(); usable {
		t.Error("the file is the standard input")
	}
	writer.Close()
	<-ended
}
