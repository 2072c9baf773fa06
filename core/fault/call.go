package fault

import (
	"encoding/binary"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Move makes a call that moves up to size units in a direction, or lets it fail.
// do makes it for fewer units.
func (f *Injector) Move(fd int, out bool, size int, do func(limit int) (int, error)) (int, error) {
	p := f.find(fd)
	if p == nil || size == 0 {
		return do(size)
	}
	s, direction := p.in, "read"
	if out {
		s, direction = p.out, "write"
	}
	for {
		if s.Due() && !out {
			// It is planned for what comes here, and that must have come.
			n, err := look(fd)
			if err == unix.ENOTSOCK {
				// The socket was closed elsewhere, and its number is used again.
				f.Forget(fd)
				return do(size)
			}
			if err != nil || n == 0 && p.stream {
				return n, err
			}
		}
		k, limit := s.Next(size)
		switch k {
		case None:
			n, err := do(limit)
			if point, had := s.Pass(n); had {
				f.note("%s %s %d %v", p.name, direction, point.Offset, point.Kinds)
			}
			if n == limit && limit < size {
				f.remind(fd)
			}
			return n, err
		case Interrupt: // The call is made again.
		case Reset:
			f.note("%s reset", p.name)
			p.reset(fd)
			return -1, unix.ECONNRESET
		default:
			f.remind(fd)
			return -1, errnos[k]
		}
	}
}

// look tells what a read would find, and leaves data there.
func look(fd int) (int, error) {
	var probe [1]byte
	n, _, err := unix.Recvfrom(fd, probe[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
	return n, err
}

// reset has a connection reset: the peer sees it, too.
func (p *planned) reset(fd int) {
	if !p.local {
		resetTCP(fd)
		return
	}
	unix.Shutdown(fd, unix.SHUT_RDWR)
	// What has come is lost, as with TCP.
	trash := make([]byte, 64<<10)
	for n := 1; n > 0; {
		n, _ = unix.Read(fd, trash)
	}
}

// Peek reports whether a call fails that looks at what has come to fd, as if that were
// nothing.
func (f *Injector) Peek(fd int) bool {
	if !f.happens("probe", Again) {
		return false
	}
	f.remind(fd)
	return true
}

// Open makes a call that opens a socket.
func (f *Injector) Open(domain, kind int, do func() (int, error)) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if k, _ := f.opening.Next(1); k != None {
		f.note("socket %v", k)
		return -1, errnos[k]
	}
	fd, err := do()
	if err == nil {
		f.opening.Pass(1)
		f.next(fd, kind == unix.SOCK_STREAM, domain == unix.AF_UNIX)
	}
	return fd, err
}

// way is a connection of TCP: its ports, of which one alone may serve several
// connections.
type way struct{ from, to int }

// Connect makes a call that connects fd to a struct sockaddr. It remembers who has
// connected, for Accept.
func (f *Injector) Connect(fd int, to unsafe.Pointer, do func() unix.Errno) unix.Errno {
	p := f.find(fd)
	if p == nil {
		return do()
	}
	if k, _ := p.dial.Next(1); k != None {
		f.note("%s connect %v", p.name, k)
		if k == Interrupt {
			return unix.EINTR
		}
		return errnos[k]
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	e := do()
	switch {
	case !p.stream || e != 0 && e != unix.EINPROGRESS:
	case p.local:
		name, _ := unix.Getpeername(fd)
		const most = 4096 // that a server's queue holds; the server may be elsewhere
		list := f.callers[path(name)]
		f.callers[path(name)] = append(list[max(0, len(list)-most):], p)
	default:
		// While it connects the system does not tell of the peer yet.
		port := (*[2]byte)(unsafe.Pointer(&(*unix.RawSockaddrInet4)(to).Port))
		name, _ := unix.Getsockname(fd)
		f.ports[way{portOf(name), int(binary.BigEndian.Uint16(port[:]))}] = p
	}
	return e
}

// Accept makes a call that accepts a connection of fd.
func (f *Injector) Accept(fd int, do func() (int, unix.Errno)) (int, unix.Errno) {
	p := f.find(fd)
	if p == nil {
		return do()
	}
	if p.accept.Due() {
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		if n, _ := unix.Poll(fds, 0); n == 0 {
			return -1, unix.EAGAIN
		}
	}
	switch k, _ := p.accept.Next(1); k {
	case None:
	case Interrupt:
		return -1, unix.EINTR
	case Reset:
		return -1, unix.ECONNABORTED
	default:
		f.remind(fd)
		return -1, errnos[k]
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	conn, e := do()
	if e != 0 {
		return conn, e
	}
	if point, had := p.accept.Pass(1); had {
		f.note("%s accept %d %v", p.name, point.Offset, point.Kinds)
	}
	p.accepted++
	caller := f.caller(fd, conn, p.local)
	if caller == nil {
		f.opened++
		f.add(conn, fmt.Sprintf("%s.%d", p.name, p.accepted), f.opened, 1, p.stream, p.local)
	} else {
		f.add(conn, caller.name+"'", caller.number, 1, p.stream, p.local)
	}
	return conn, 0
}

// caller returns who has connected to fd and was accepted as conn, if that was a
// socket of this process.
func (f *Injector) caller(fd, conn int, local bool) *planned {
	if !local {
		here, _ := unix.Getsockname(conn)
		there, _ := unix.Getpeername(conn)
		at := way{portOf(there), portOf(here)}
		p := f.ports[at]
		delete(f.ports, at)
		return p
	}
	here, _ := unix.Getsockname(fd)
	name := path(here)
	list := f.callers[name]
	if len(list) == 0 {
		return nil
	}
	f.callers[name] = list[1:]
	if len(list) == 1 {
		delete(f.callers, name)
	}
	return list[0]
}

// portOf returns the port of an address of IPv4 or IPv6; 0 if it has none.
func portOf(sa unix.Sockaddr) int {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return sa.Port
	case *unix.SockaddrInet6:
		return sa.Port
	}
	return 0
}

// path returns the name of a local socket.
func path(sa unix.Sockaddr) string {
	if sa, is := sa.(*unix.SockaddrUnix); is {
		return sa.Name
	}
	return ""
}
