package looptest

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/internal/systest"
)

// Listener is a listening socket of the system on a loopback address.
type Listener struct {
	FD      int
	Address address.Address
	Port    uint16
	t       testing.TB
}

// Listen makes a listener on 127.0.0.1 that the test's end closes.
func Listen(t testing.TB) *Listener {
	t.Helper()
	return ListenAt(t, address.LocalHost, 0, 128)
}

// ListenAt makes a listener on a loopback address; port 0 leaves the choice to
// the system.
func ListenAt(t testing.TB, a address.Address, port uint16, backlog int) *Listener {
	t.Helper()
	l, err := TryListen(t, a, port, backlog)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TryListen is ListenAt for a port that may be in use.
func TryListen(t testing.TB, a address.Address, port uint16, backlog int) (*Listener, error) {
	fd, err := systest.TrySocket(family(a), unix.SOCK_STREAM)
	if err != nil {
		return nil, err
	}
	if err = unix.Bind(fd, sockaddr(a, port)); err == nil {
		err = unix.Listen(fd, backlog)
	}
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	l := &Listener{FD: fd, Address: a, Port: portOf(fd), t: t}
	t.Cleanup(l.Close)
	return l, nil
}

// Close stops listening.
func (l *Listener) Close() {
	if l.FD >= 0 {
		unix.Close(l.FD)
		l.FD = -1
	}
}

// Accept takes the next connection, which must be there.
func (l *Listener) Accept() *Peer {
	l.t.Helper()
	fd, _, _ := l.AcceptDescriptor()
	return NewPeer(l.t, fd)
}

// AcceptDescriptor takes the next connection as its bare descriptor, with the
// address of the other side.
func (l *Listener) AcceptDescriptor() (fd int, a address.Address, port uint16) {
	l.t.Helper()
	// The last packet of the handshake may be under way still.
	ready(l.t, l.FD, unix.POLLIN)
	fd, sa := systest.AcceptFrom(l.t, l.FD)
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return fd, address.FromAddr(netip.AddrFrom4(sa.Addr)), uint16(sa.Port)
	case *unix.SockaddrInet6:
		return fd, address.FromIPv6(sa.Addr), uint16(sa.Port)
	}
	return fd, address.Null, 0
}

// Fill makes as many connections as the listener takes without accepting:
// nobody answers whoever comes next.
func (l *Listener) Fill() {
	l.t.Helper()
	for range 64 {
		p := StartDial(l.t, l.Address, l.Port)
		fds := []unix.PollFd{{Fd: int32(p.FD), Events: unix.POLLOUT}}
		if n, _ := unix.Poll(fds, 50); n == 0 {
			return
		}
	}
	l.t.Fatal("the listener always answers")
}

// HalfSilent returns a listener on 127.0.0.1 that answers nobody any more, and one on
// ::1 at the same port.
func HalfSilent(t testing.TB) (silent, answering *Listener) {
	t.Helper()
	for range 50 {
		silent = ListenAt(t, address.LocalHost, 0, 0)
		var err error
		if answering, err = TryListen(t, address.LocalHostIPv6, silent.Port, 10); err == nil {
			silent.Fill()
			return silent, answering
		}
		silent.Close()
	}
	t.Fatal("no port is free on both addresses")
	return nil, nil
}

// Waiting reports whether there is a connection to accept.
func (l *Listener) Waiting() bool { return Readable(l.FD) }

// Peer is one end of a connection: a plain non-blocking socket of the system,
// which the test's end closes.
type Peer struct {
	FD int
	t  testing.TB
}

// NewPeer makes a peer of a connected descriptor.
func NewPeer(t testing.TB, fd int) *Peer {
	// What is sent goes out at once: a test must not wait for timers of TCP.
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	p := &Peer{fd, t}
	t.Cleanup(p.Close)
	return p
}

// Dial connects to a listener at 127.0.0.1.
func Dial(t testing.TB, port uint16) *Peer {
	t.Helper()
	return DialAt(t, address.LocalHost, port)
}

// Accepted returns the descriptor of a connection that was accepted, for somebody to
// take over, and its other end.
func Accepted(t testing.TB) (fd int, other *Peer) {
	t.Helper()
	l := Listen(t)
	defer l.Close()
	other = Dial(t, l.Port)
	fd, _, _ = l.AcceptDescriptor()
	return fd, other
}

// DialAt connects to a listener on a loopback address.
func DialAt(t testing.TB, a address.Address, port uint16) *Peer {
	t.Helper()
	p := StartDial(t, a, port)
	ready(t, p.FD, unix.POLLOUT)
	if code, err := unix.GetsockoptInt(p.FD, unix.SOL_SOCKET, unix.SO_ERROR); err != nil || code != 0 {
		t.Fatalf("connect: %v, %v", unix.Errno(code), err)
	}
	return p
}

// StartDial begins to connect to a listener on a loopback address.
func StartDial(t testing.TB, a address.Address, port uint16) *Peer {
	t.Helper()
	fd := systest.Socket(t, family(a), unix.SOCK_STREAM)
	p := NewPeer(t, fd)
	if err := unix.Connect(fd, sockaddr(a, port)); err != nil && err != unix.EINPROGRESS {
		t.Fatal(err)
	}
	return p
}

// Send sends as much of data as the system takes now and returns how much.
func (p *Peer) Send(data []byte) int {
	p.t.Helper()
	total := 0
	for total < len(data) {
		n, err := unix.SendmsgN(p.FD, data[total:], nil, nil, unix.MSG_NOSIGNAL)
		if err == unix.EAGAIN {
			break
		}
		if err != nil {
			p.t.Fatalf("the peer cannot send: %v", err)
		}
		total += n
	}
	return total
}

// Say sends a text, which the system must take at once.
func (p *Peer) Say(text string) {
	p.t.Helper()
	if n := p.Send([]byte(text)); n != len(text) {
		p.t.Fatalf("the peer could send %d of %d bytes", n, len(text))
	}
}

// Offer sends a text to somebody who may be gone.
func (p *Peer) Offer(text string) {
	unix.SendmsgN(p.FD, []byte(text), nil, nil, unix.MSG_NOSIGNAL)
}

// What a peer may find instead of data.
var (
	ErrNothing = errors.New("no data now")
	ErrEnd     = errors.New("the end")
)

// Recv reads once.
func (p *Peer) Recv(space []byte) (int, error) {
	n, err := unix.Read(p.FD, space)
	switch {
	case n > 0:
		return n, nil
	case err == unix.EAGAIN:
		return 0, ErrNothing
	case err == nil:
		return 0, ErrEnd
	}
	return 0, err
}

// Inbox gathers what a peer receives.
type Inbox struct {
	Data []byte
	End  error // how the connection ended; nil if it has not
	peer *Peer
}

// Inbox returns a new, empty inbox.
func (p *Peer) Inbox() *Inbox { return &Inbox{peer: p} }

// Fetch takes what has arrived and returns how much there is by now.
func (in *Inbox) Fetch() int {
	space := make([]byte, 64<<10)
	for in.End == nil {
		n, err := in.peer.Recv(space)
		if err == ErrNothing {
			break
		}
		in.Data = append(in.Data, space[:n]...)
		in.End = err
	}
	return len(in.Data)
}

// Has reports whether there are n bytes by now.
func (in *Inbox) Has(n int) func() bool { return func() bool { return in.Fetch() >= n } }

// Ended reports whether the connection is over by now.
func (in *Inbox) Ended() bool { in.Fetch(); return in.End != nil }

// Unsent returns how many bytes the other side's system has not taken yet.
func (p *Peer) Unsent() int {
	n, _ := unix.IoctlGetInt(p.FD, unix.TIOCOUTQ)
	return n
}

// Finish ends the sending.
func (p *Peer) Finish() { unix.Shutdown(p.FD, unix.SHUT_WR) }

// Close closes the connection.
func (p *Peer) Close() {
	if p.FD >= 0 {
		unix.Close(p.FD)
		p.FD = -1
	}
}

// Reset closes the connection so that the other side gets an error.
func (p *Peer) Reset() {
	unix.SetsockoptLinger(p.FD, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1, Linger: 0})
	p.Close()
}

// ready waits until fd is, without a loop.
func ready(t testing.TB, fd int, events int16) {
	t.Helper()
	fds := []unix.PollFd{{Fd: int32(fd), Events: events}}
	for {
		n, err := unix.Poll(fds, int(Patience/time.Millisecond))
		if err == unix.EINTR {
			continue
		}
		if err != nil || n == 0 {
			t.Fatalf("waited in vain for a descriptor: %v", err)
		}
		return
	}
}

func family(a address.Address) int {
	if a.Protocol() == address.IPv4 {
		return unix.AF_INET
	}
	return unix.AF_INET6
}

func sockaddr(a address.Address, port uint16) unix.Sockaddr {
	if a.Protocol() == address.IPv4 {
		return &unix.SockaddrInet4{Port: int(port), Addr: a.Addr().As4()}
	}
	return &unix.SockaddrInet6{Port: int(port), Addr: a.Addr().As16()}
}

func portOf(fd int) uint16 {
	switch sa, _ := unix.Getsockname(fd); sa := sa.(type) {
	case *unix.SockaddrInet4:
		return uint16(sa.Port)
	case *unix.SockaddrInet6:
		return uint16(sa.Port)
	}
	return 0
}
