package failure

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// operations are what a system's error is explained for.
var operations = map[string]func(error) *Failure{
	"Create": Create, "Connect": Connect, "Bind": Bind, "Listen": Listen, "Accept": Accept, "Read": Read, "Write": Write,
	"Receive": Receive, "SendDatagram": SendDatagram, "WriteDatagram": WriteDatagram,
}

func TestSystemErrorsGetQtsCodesAndTexts(t *testing.T) {
	for _, c := range []struct {
		operation string
		err       unix.Errno
		code      Code
		text      string
	}{
		{"Create", unix.EMFILE, SocketResource, "Out of resources"},
		{"Create", unix.ENFILE, SocketResource, "Out of resources"},
		{"Create", unix.EACCES, SocketAccess, "Permission denied"},
		{"Create", unix.EAFNOSUPPORT, UnsupportedOperation, "Protocol type not supported"},
		{"Connect", unix.ECONNREFUSED, ConnectionRefused, "Connection refused"},
		{"Connect", unix.EINVAL, ConnectionRefused, "Connection refused"},
		{"Connect", unix.ETIMEDOUT, Network, "Connection timed out"},
		{"Connect", unix.EHOSTUNREACH, Network, "Host unreachable"},
		{"Connect", unix.ENETUNREACH, Network, "Network unreachable"},
		{"Connect", unix.EADDRINUSE, Network, "The bound address is already in use"},
		{"Connect", unix.EACCES, SocketAccess, "Permission denied"},
		{"Connect", unix.EAFNOSUPPORT, UnsupportedOperation, "Unsupported socket operation"},
		{"Bind", unix.EADDRINUSE, AddressInUse, "The bound address is already in use"},
		{"Bind", unix.EACCES, SocketAccess, "The address is protected"},
		{"Bind", unix.EADDRNOTAVAIL, AddressNotAvailable, "The address is not available"},
		{"Bind", unix.EINVAL, UnsupportedOperation, "Unsupported socket operation"},
		{"Listen", unix.EADDRINUSE, AddressInUse, "The bound address is already in use"},
		{"Accept", unix.EMFILE, SocketResource, "Out of resources"},
		{"Accept", unix.EAGAIN, Temporary, "Temporary error"},
		{"Read", unix.ECONNRESET, RemoteHostClosed, "The remote host closed the connection"},
		{"Read", unix.ETIMEDOUT, RemoteHostClosed, "The remote host closed the connection"},
		{"Read", unix.EBADF, Network, "Unable to receive a message"},
		{"Write", unix.EPIPE, RemoteHostClosed, "The remote host closed the connection"},
		{"Write", unix.ECONNRESET, RemoteHostClosed, "The remote host closed the connection"},
		{"Write", unix.EMSGSIZE, DatagramTooLarge, "Datagram was too large to send"},
		{"Write", unix.EBADF, Network, "Unable to write"},
		{"Receive", unix.EAGAIN, Temporary, "No datagram available for reading"},
		{"Receive", unix.ECONNREFUSED, ConnectionRefused, "Connection refused"},
		{"Receive", unix.EHOSTUNREACH, Network, "Host unreachable"},
		{"Receive", unix.EBADF, Network, "Unable to receive a message"},
		{"SendDatagram", unix.EMSGSIZE, DatagramTooLarge, "Datagram was too large to send"},
		{"SendDatagram", unix.ECONNREFUSED, Network, "Unable to send a message"},
		{"SendDatagram", unix.EPERM, SocketAccess, "Permission denied"},
		{"SendDatagram", unix.EAGAIN, Temporary, "Temporary error"},
		{"SendDatagram", unix.ENOBUFS, SocketResource, "Out of resources"},
		{"WriteDatagram", unix.EMSGSIZE, DatagramTooLarge, "Datagram was too large to send"},
		{"WriteDatagram", unix.ECONNREFUSED, ConnectionRefused, "Connection refused"},
		{"WriteDatagram", unix.EAGAIN, Temporary, "Temporary error"},
		{"WriteDatagram", unix.EBADF, Network, "Unable to write"},
	} {
		if f := operations[c.operation](c.err); f.Code != c.code || f.Text != c.text {
			t.Errorf("%s(%v) = %d, %q; want %d, %q", c.operation, c.err, f.Code, f.Text, c.code, c.text)
		}
	}
}

func TestEveryErrorHasACodeAndAText(t *testing.T) {
	list := []error{nil, errors.New("no number")}
	for e := range unix.Errno(200) {
		list = append(list, e)
	}
	for name, operation := range operations {
		for _, err := range list {
			f := operation(err)
			if f == nil || f.Code < Unknown || f.Code > Temporary || f.Text == "" || f.Error() != f.Text {
				t.Errorf("%s(%v) = %v", name, err, f)
			}
		}
	}
}

func TestWrappedErrorsCountAsWhatTheyWrap(t *testing.T) {
	for name, operation := range operations {
		for _, e := range []unix.Errno{unix.EMFILE, unix.EADDRINUSE, unix.ECONNRESET, unix.EACCES} {
			wrapped := fmt.Errorf("while testing: %w", os.NewSyscallError("call", e))
			if operation(wrapped) != operation(e) {
				t.Errorf("%s(%v) = %v; of the bare error %v", name, wrapped, operation(wrapped), operation(e))
			}
		}
	}
}

func TestCodesAreQts(t *testing.T) {
	for code, want := range map[Code]int{
		Unknown: -1, ConnectionRefused: 0, RemoteHostClosed: 1, HostNotFound: 2, SocketAccess: 3, SocketResource: 4,
		SocketTimeout: 5, DatagramTooLarge: 6, Network: 7, AddressInUse: 8, AddressNotAvailable: 9,
		UnsupportedOperation: 10, UnfinishedOperation: 11, ProxyAuthentication: 12, SslHandshakeFailed: 13,
		ProxyConnectionRefused: 14, ProxyConnectionClosed: 15, ProxyTimeout: 16, ProxyNotFound: 17, ProxyProtocol: 18,
		Operation: 19, SslInternal: 20, SslInvalidUserData: 21, Temporary: 22,
	} {
		if int(code) != want {
			t.Errorf("%d should be %d", code, want)
		}
	}
}

// The texts of QLocalSocket, which differ, and name the call that has failed.
func TestTextsOfLocalSockets(t *testing.T) {
	for f, want := range map[*Failure]string{
		LocalInProgress:               "QLocalSocket::connectToServer: Operation not permitted when socket is in this state",
		LocalConnectTimeout:           "QLocalSocket::connectToServer: Socket operation timed out",
		LocalTimeout:                  "QLocalSocket: Socket operation timed out",
		LocalPeerClosed:               "QLocalSocket: Remote closed",
		ConnectLocal(unix.ENOENT):     "QLocalSocket::connectToServer: Invalid name",
		ConnectLocal(unix.EACCES):     "QLocalSocket::connectToServer: Socket access error",
		ConnectLocal(unix.ENOTSUP):    "QLocalSocket::connectToServer: Unknown error " + fmt.Sprint(int(unix.ENOTSUP)),
		Local(&Failure{Network, "x"}): "QLocalSocket: Connection error",
	} {
		if f.Text != want {
			t.Errorf("%q, want %q", f.Text, want)
		}
	}
}
