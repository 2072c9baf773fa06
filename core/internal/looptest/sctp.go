package looptest

import (
	"testing"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/endpoint"
	"qnet/core/sctp"
)

// NeedSCTP skips a test where the kernel has no SCTP. The runner's part "sctp" runs those tests
// on a kernel that has.
func NeedSCTP(t testing.TB) {
	t.Helper()
	if err := lacksSCTP(); err != nil {
		t.Skipf("needs SCTP: %v", err)
	}
}

// NeedNoSCTP is the opposite.
func NeedNoSCTP(t testing.TB) {
	t.Helper()
	if lacksSCTP() == nil {
		t.Skip("needs a kernel without SCTP")
	}
}

func lacksSCTP() error {
	fd, err := sctp.Open(address.AnyIPv4, 0)
	if err == nil {
		unix.Close(fd)
	}
	return err
}

// SCTPListener is a listening socket of SCTP on 127.0.0.1.
type SCTPListener struct {
	FD   int
	Port uint16
	t    testing.TB
}

// ListenSCTP makes a listener, for connections with as many channels, that the test's end closes.
func ListenSCTP(t testing.TB, channels int) *SCTPListener {
	t.Helper()
	fd, err := sctp.Open(address.LocalHost, channels)
	if err == nil {
		err = endpoint.Bind(fd, address.LocalHost, 0)
	}
	if err == nil {
		err = unix.Listen(fd, 128)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return &SCTPListener{fd, portOf(fd), t}
}

// Accept takes the next connection, which must come.
func (l *SCTPListener) Accept() *SCTPPeer {
	l.t.Helper()
	ready(l.t, l.FD, unix.POLLIN)
	fd, _, _, err := endpoint.Accept(l.FD)
	if err != nil {
		l.t.Fatal(err)
	}
	return newSCTPPeer(l.t, fd)
}

// SCTPPeer is the other end of a connection.
type SCTPPeer struct {
	FD int
	t  testing.TB
}

func newSCTPPeer(t testing.TB, fd int) *SCTPPeer {
	sctp.TellChannels(fd)
	p := &SCTPPeer{fd, t}
	t.Cleanup(p.Close)
	return p
}

// DialSCTP connects to a port of 127.0.0.1.
func DialSCTP(t testing.TB, port uint16, channels int) *SCTPPeer {
	t.Helper()
	fd, err := sctp.Open(address.LocalHost, channels)
	if err != nil {
		t.Fatal(err)
	}
	if err := endpoint.Connect(fd, address.LocalHost, port); err != nil && err != unix.EINPROGRESS {
		t.Fatal(err)
	}
	ready(t, fd, unix.POLLOUT)
	return newSCTPPeer(t, fd)
}

// Send sends a message.
func (p *SCTPPeer) Send(channel int, message []byte) {
	p.t.Helper()
	sctp.MakeRoom(p.FD, len(message))
	for {
		err := sctp.Send(p.FD, message, channel)
		if err == nil {
			return
		}
		if err != unix.EAGAIN {
			p.t.Fatal(err)
		}
		ready(p.t, p.FD, unix.POLLOUT)
	}
}

// Receive takes a whole message if there is one, and its channel.
func (p *SCTPPeer) Receive(room []byte) (n, channel int, ok bool) {
	p.t.Helper()
	for {
		k, c, whole, err := sctp.Recv(p.FD, room[n:])
		switch {
		case err == unix.EAGAIN && n == 0:
			return 0, 0, false
		case err == unix.EAGAIN:
			ready(p.t, p.FD, unix.POLLIN)
			continue
		case err != nil || k == 0:
			p.t.Fatalf("%d bytes, %v", k, err)
		}
		if n += k; whole {
			return n, c, true
		}
	}
}

// Ended reports whether the connection is over, and how.
func (p *SCTPPeer) Ended() (bool, error) {
	var one [1]byte
	n, _, _, err := sctp.Recv(p.FD, one[:])
	return err != unix.EAGAIN && n <= 0, err
}

// Abort ends the connection at once.
func (p *SCTPPeer) Abort() {
	unix.SetsockoptLinger(p.FD, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	p.Close()
}

// Close ends the connection.
func (p *SCTPPeer) Close() {
	if p.FD >= 0 {
		unix.Close(p.FD)
		p.FD = -1
	}
}
