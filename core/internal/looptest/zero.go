package looptest

import (
	"testing"

	"golang.org/x/sys/unix"
)

// AtZero gives fd the number 0, which a daemon's descriptors may have, until the test
// ends. Call it before what takes the descriptor over is made: that must be gone first.
func AtZero(t testing.TB, fd int) {
	t.Helper()
	saved, err := unix.FcntlInt(0, unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		unix.Dup2(saved, 0)
		unix.Close(saved)
	})
	if err := unix.Dup2(fd, 0); err != nil {
		t.Fatal(err)
	}
	unix.CloseOnExec(0)
	unix.Close(fd)
}

// ZeroClosed checks that descriptor 0 is not open any more.
func ZeroClosed(t testing.TB) {
	t.Helper()
	if _, err := unix.FcntlInt(0, unix.F_GETFD, 0); err != unix.EBADF {
		t.Errorf("it is open still: %v", err)
	}
}
