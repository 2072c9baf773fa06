package socket

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/failure"
	"qnet/core/internal/looptest"
)

// Other systems refuse at once where a server's queue is full.
func TestConnectTimeoutOfLocalSockets(t *testing.T) {
	l := looptest.New(t)
	list := warnings(t)
	r := observe(t, NewLocal(l))
	r.SetConnectTimeout(-1)
	expectWarning(t, list, "qnet_socket_set_connect_timeout: -1 is negative (QLocalSocket)")
	r.SetConnectTimeout(10)
	if r.ConnectTimeout() != 10 {
		t.Error(r.ConnectTimeout())
	}
	r.SetServerName(fullServer(t))
	r.ConnectToServer(ReadWrite)
	r.untilLogged(fmt.Sprint("error ", failure.SocketTimeout))
	if r.Failure().Text != "QLocalSocket::connectToServer: No connection was made within 10 ms" {
		t.Error(r.Failure())
	}
}

// fullServer returns the path of a local server whose queue is full.
func fullServer(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "s")
	open := func() int {
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { unix.Close(fd) })
		return fd
	}
	server := open()
	if err := errors.Join(unix.Bind(server, &unix.SockaddrUnix{Name: path}), unix.Listen(server, 0)); err != nil {
		t.Fatal(err)
	}
	for unix.Connect(open(), &unix.SockaddrUnix{Name: path}) == nil {
	}
	return path
}
