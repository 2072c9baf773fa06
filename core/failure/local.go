package failure

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// localTexts are what QLocalSocket says of each code, which is another text
// than QAbstractSocket's.
var localTexts = map[Code]string{
	ConnectionRefused:    "Connection refused",
	RemoteHostClosed:     "Remote closed",
	HostNotFound:         "Invalid name",
	SocketAccess:         "Socket access error",
	SocketResource:       "Socket resource error",
	SocketTimeout:        "Socket operation timed out",
	DatagramTooLarge:     "Datagram too large",
	Network:              "Connection error",
	UnsupportedOperation: "The socket operation is not supported",
	Operation:            "Operation not permitted when socket is in this state",
}

func local(function string, code Code, number int) *Failure {
	text, ok := localTexts[code]
	if !ok {
		text = fmt.Sprint("Unknown error ", number)
	}
	return &Failure{code, function + ": " + text}
}

// What the library itself finds wrong with a local socket.
var (
	LocalInProgress     = local(connectToServer, Operation, 0)
	LocalConnectTimeout = local(connectToServer, SocketTimeout, 0)
	LocalPeerClosed     = local(localSocket, RemoteHostClosed, 0)
	LocalTimeout        = local(localSocket, SocketTimeout, 0)
	localNoMode         = &Failure{UnsupportedOperation, connectToServer + ": " + NoMode.Text}
	localNotConnected   = &Failure{Unknown, localSocket + ": " + NotConnected.Text}
	localIdle           = &Failure{SocketTimeout, localSocket + ": " + IdleTimeout.Text}
	localFirstByte      = &Failure{SocketTimeout, localSocket + ": " + FirstByteTimeout.Text}

	// The system closed descriptors that a peer sent because there was no
	// room for more.
	LostDescriptors = &Failure{SocketResource, localSocket + ": Received descriptors were lost: there are too many open"}
	// A message can carry no more.
	ManyDescriptors = &Failure{SocketResource, localSocket + ": Too many descriptors for one message"}
	// Nothing carries them.
	EmptyMessage = &Failure{UnsupportedOperation, localSocket + ": Descriptors are sent with at least one byte"}
	// One of those to be sent is not open.
	ClosedDescriptor = &Failure{UnsupportedOperation, localSocket + ": Invalid descriptor"}
)

const (
	localSocket     = "QLocalSocket"
	connectToServer = "QLocalSocket::connectToServer"
	localListen     = "QLocalServer::listen"
)

// Local returns what f is for a local socket: the same code with the text of
// QLocalSocket.
func Local(f *Failure) *Failure {
	switch f {
	case PeerClosed:
		return LocalPeerClosed
	case PollTimeout, WaitTimeout:
		return LocalTimeout
	case NoMode:
		return localNoMode
	case NotConnected:
		return localNotConnected
	case IdleTimeout:
		return localIdle
	case FirstByteTimeout:
		return localFirstByte
	case None:
		return f
	}
	if strings.HasPrefix(f.Text, localSocket) {
		return f // it is one already
	}
	return local(localSocket, f.Code, 0)
}

// ConnectingLocal returns what a failure is of connecting to a local server, with its own text.
func ConnectingLocal(f *Failure) *Failure { return &Failure{f.Code, connectToServer + ": " + f.Text} }

// ConnectLocal returns the failure of connecting to a local server.
func ConnectLocal(err error) *Failure {
	number := errno(err)
	code := Unknown
	switch number {
	case unix.EINVAL, unix.ECONNREFUSED:
		code = ConnectionRefused
	case unix.ENOENT, unix.ENOTDIR, unix.ELOOP, unix.ENAMETOOLONG:
		code = HostNotFound
	case unix.EACCES, unix.EPERM:
		code = SocketAccess
	case unix.ETIMEDOUT:
		code = SocketTimeout
	case unix.EMFILE, unix.ENFILE, unix.ENOBUFS, unix.ENOMEM:
		code = SocketResource
	case unix.EAFNOSUPPORT, unix.EPROTONOSUPPORT:
		code = UnsupportedOperation
	}
	return local(connectToServer, code, int(number))
}

// ListenLocal returns the failure of listening under a name.
func ListenLocal(err error) *Failure {
	number := errno(err)
	f := &Failure{Unknown, fmt.Sprint("Unknown error ", int(number))}
	switch number {
	case unix.EACCES, unix.EPERM:
		f = denied
	case unix.ENOENT, unix.ENOTDIR, unix.ELOOP, unix.ENAMETOOLONG, unix.EROFS:
		f = &Failure{HostNotFound, "Name error"}
	case unix.EADDRINUSE:
		f = &Failure{AddressInUse, "Address in use"}
	case unix.EMFILE, unix.ENFILE, unix.ENOBUFS, unix.ENOMEM, unix.ENOSPC:
		f = OutOfResources
	}
	return &Failure{f.Code, localListen + ": " + f.Text}
}

// AcceptLocal returns the failure of accepting.
func AcceptLocal(err error) *Failure {
	f := Accept(err)
	return &Failure{f.Code, "QLocalServer: " + f.Text}
}
