// Package systest makes plain descriptors for tests, with what all systems have. They
// belong to whoever asked, and do not reach other programs.
package systest

import (
	"testing"

	"golang.org/x/sys/unix"
)

// Socket returns a non-blocking socket.
func Socket(t testing.TB, domain, kind int) int {
	t.Helper()
	fd, err := TrySocket(domain, kind)
	if err != nil {
		t.Fatal(err)
	}
	return fd
}

// TrySocket is Socket for a family that the system may not have.
func TrySocket(domain, kind int) (int, error) {
	fd, err := unix.Socket(domain, kind, 0)
	if err == nil {
		err = prepare(fd)
	}
	return fd, err
}

// Pair returns both ends of a connection of local sockets, non-blocking.
func Pair(t testing.TB, kind int) (one, other int) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, kind, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		if err := prepare(fd); err != nil {
			t.Fatal(err)
		}
	}
	return fds[0], fds[1]
}

// Accept returns the next connection of a listening socket, non-blocking.
func Accept(t testing.TB, listener int) int {
	t.Helper()
	fd, _ := AcceptFrom(t, listener)
	return fd
}

// AcceptFrom is Accept that returns the peer's address, too.
func AcceptFrom(t testing.TB, listener int) (int, unix.Sockaddr) {
	t.Helper()
	fd, from, err := unix.Accept(listener)
	if err == nil {
		err = prepare(fd)
	}
	if err != nil {
		t.Fatal(err)
	}
	return fd, from
}

// Pipe returns the ends of a pipe, which block.
func Pipe(t testing.TB) (r, w int) {
	t.Helper()
	var fds [2]int
	if err := unix.Pipe(fds[:]); err != nil {
		t.Fatal(err)
	}
	unix.CloseOnExec(fds[0])
	unix.CloseOnExec(fds[1])
	return fds[0], fds[1]
}

// File returns a descriptor of an empty file.
func File(t testing.TB) int {
	t.Helper()
	fd, err := unix.Open(t.TempDir()+"/file", unix.O_RDWR|unix.O_CREAT|unix.O_CLOEXEC, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	return fd
}

func prepare(fd int) error {
	unix.CloseOnExec(fd)
	return unix.SetNonblock(fd, true)
}
