package dns

import (
	"cmp"
	"context"
	"io"
	"net/netip"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"qnet/core/endpoint"
)

// conn is a connection to a name server. It is not one of package net, whose sockets get
// the numbers of standard streams that the program has closed.
type conn struct {
	file   *os.File
	raw    syscall.RawConn
	stream bool
}

// talk calls f with a connection to a server, which ends all it does with ctx and at
// the time given.
func talk(ctx context.Context, kind int, server netip.AddrPort, end time.Time, f func(io.ReadWriter) (answer, error)) (answer, error) {
	fd, err := endpoint.Dial(kind, server)
	if err != nil {
		return answer{}, err
	}
	// Non-blocking: Go waits for it as for its own.
	c := &conn{file: os.NewFile(uintptr(fd), "name server"), stream: kind == unix.SOCK_STREAM}
	defer c.file.Close()
	if c.raw, err = c.file.SyscallConn(); err != nil {
		return answer{}, err
	}
	if err := c.file.SetDeadline(end); err != nil {
		return answer{}, err
	}
	stop := context.AfterFunc(ctx, func() { c.file.SetDeadline(time.Now()) })
	defer stop()
	if err := c.connected(); err != nil {
		return answer{}, err
	}
	return f(c)
}

// connected waits until the connection is there.
func (c *conn) connected() (err error) {
	failed := c.raw.Write(func(fd uintptr) bool {
		var code int
		if code, err = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR); err == nil && code != 0 {
			err = unix.Errno(code)
		}
		if err == nil {
			// It may be too early.
			_, early := unix.Getpeername(int(fd))
			return early == nil
		}
		return true
	})
	return cmp.Or(failed, err)
}

func (c *conn) Read(p []byte) (n int, err error) {
	failed := c.raw.Read(func(fd uintptr) bool {
		n, err = unix.Read(int(fd), p)
		for err == unix.EINTR {
			n, err = unix.Read(int(fd), p)
		}
		return err != unix.EAGAIN
	})
	if err := cmp.Or(failed, err); err != nil {
		return 0, err
	}
	if n == 0 && c.stream {
		return 0, io.EOF
	}
	return n, nil
}

// Write writes all of p, and never raises SIGPIPE.
func (c *conn) Write(p []byte) (n int, err error) {
	failed := c.raw.Write(func(fd uintptr) bool {
		for err = nil; n < len(p) && err == nil; {
			var some int
			if some, err = unix.SendmsgN(int(fd), p[n:], nil, nil, unix.MSG_NOSIGNAL); err == nil {
				n += some
			} else if err == unix.EINTR {
				err = nil
			}
		}
		return err != unix.EAGAIN
	})
	return n, cmp.Or(failed, err)
}
