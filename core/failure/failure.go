// Package failure names what can go wrong with a socket: Qt's error codes and
// texts for what the system reports.
package failure

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// Code is a QAbstractSocket::SocketError.
type Code int8

const (
	ConnectionRefused      Code = 0
	RemoteHostClosed       Code = 1
	HostNotFound           Code = 2
	SocketAccess           Code = 3
	SocketResource         Code = 4
	SocketTimeout          Code = 5
	DatagramTooLarge       Code = 6
	Network                Code = 7
	AddressInUse           Code = 8
	AddressNotAvailable    Code = 9
	UnsupportedOperation   Code = 10
	UnfinishedOperation    Code = 11
	ProxyAuthentication    Code = 12
	SslHandshakeFailed     Code = 13
	ProxyConnectionRefused Code = 14
	ProxyConnectionClosed  Code = 15
	ProxyTimeout           Code = 16
	ProxyNotFound          Code = 17
	ProxyProtocol          Code = 18
	Operation              Code = 19
	SslInternal            Code = 20
	SslInvalidUserData     Code = 21
	Temporary              Code = 22
	Unknown                Code = -1
)

// Failure is an error code with its text.
type Failure struct {
	Code Code
	Text string
}

// Error returns the text.
func (f *Failure) Error() string { return f.Text }

// What the library itself finds wrong.
var (
	None             = &Failure{Unknown, "Unknown error"}
	NotConnected     = &Failure{Unknown, "Socket is not connected"}
	WriteEnded       = &Failure{Operation, "The write channel is closed"}
	InProgress       = &Failure{Operation, "Trying to connect while connection is in progress"}
	NoMode           = &Failure{UnsupportedOperation, "The open mode allows neither reading nor writing"}
	HostUnknown      = &Failure{HostNotFound, "Host not found"}
	OutOfResources   = &Failure{SocketResource, "Out of resources"}
	ConnectTimeout   = &Failure{SocketTimeout, "Connection timed out"}
	WaitTimeout      = &Failure{SocketTimeout, "Socket operation timed out"}
	PollTimeout      = &Failure{SocketTimeout, "Network operation timed out"}
	TLSClosed        = &Failure{RemoteHostClosed, "The TLS/SSL connection has been closed"}
	PeerClosed       = &Failure{RemoteHostClosed, "The remote host closed the connection"}
	WrongKind        = &Failure{UnsupportedOperation, "The socket is of a kind that cannot do this"}
	BadDescriptor    = &Failure{UnsupportedOperation, "Invalid socket descriptor"}
	NoDatagram       = &Failure{Temporary, "No datagram available for reading"}
	IdleTimeout      = &Failure{SocketTimeout, "The connection was idle for too long"}
	FirstByteTimeout = &Failure{SocketTimeout, "Nothing was received in time"}
	NotNow           = &Failure{UnfinishedOperation, "Invalid socket descriptor"}
	MessageTooLong   = &Failure{Operation, "The message is longer than the write buffer's limit"}
	BeyondFile       = &Failure{Operation, "The file does not have so many bytes"}
	NoSCTP           = &Failure{UnsupportedOperation, "The system does not support SCTP"}
	NotSCTP          = &Failure{UnsupportedOperation, "The descriptor is not of an SCTP socket"}
	LongMessage      = &Failure{DatagramTooLarge, "A message has come that is longer than 16 MiB"}
	TooLarge         = &Failure{DatagramTooLarge, "Datagram was too large to send"}
	WriteBufferFull  = &Failure{Temporary, "The write buffer is full"}
	EmptyDatagram    = &Failure{Operation, "A message of SCTP has at least one byte"}
	ShortFile        = &Failure{Unknown, "The file has become shorter while it was sent"}
)

var (
	refused       = &Failure{ConnectionRefused, "Connection refused"}
	timedOut      = &Failure{Network, "Connection timed out"}
	noHost        = &Failure{Network, "Host unreachable"}
	noNetwork     = &Failure{Network, "Network unreachable"}
	connectInUse  = &Failure{Network, "The bound address is already in use"}
	denied        = &Failure{SocketAccess, "Permission denied"}
	inUse         = &Failure{AddressInUse, "The bound address is already in use"}
	protected     = &Failure{SocketAccess, "The address is protected"}
	notAvailable  = &Failure{AddressNotAvailable, "The address is not available"}
	unsupported   = &Failure{UnsupportedOperation, "Unsupported socket operation"}
	noProtocol    = &Failure{UnsupportedOperation, "Protocol type not supported"}
	temporary     = &Failure{Temporary, "Temporary error"}
	cannotReceive = &Failure{Network, "Unable to receive a message"}
	cannotSend    = &Failure{Network, "Unable to write"}
	notConnected  = &Failure{Network, "Transport endpoint is not connected"}
	cannotMessage = &Failure{Network, "Unable to send a message"}
	notASocket    = &Failure{UnsupportedOperation, "Operation on non-socket"}
)

// NotConnectedWithin is the failure of an attempt that has taken as many milliseconds as it might.
func NotConnectedWithin(msec int) *Failure {
	return &Failure{SocketTimeout, fmt.Sprintf("No connection was made within %d ms", msec)}
}

// Misuse is the failure of a call that makes no sense in the state that its object is in; text is
// that of the warning.
func Misuse(text string) *Failure {
	return &Failure{Operation, strings.ToUpper(text[:1]) + text[1:]}
}

func errno(err error) unix.Errno {
	var e unix.Errno
	errors.As(err, &e)
	return e
}

// File returns the failure of reading or writing a file.
func File(err error) *Failure {
	switch errno(err) {
	case unix.EBADF:
		return &Failure{UnsupportedOperation, "The descriptor of the file is not open"}
	case unix.EINVAL, unix.ESPIPE, unix.EISDIR:
		return &Failure{UnsupportedOperation, "The descriptor is not of a regular file"}
	case unix.EMFILE, unix.ENFILE, unix.ENOMEM, unix.ENOBUFS:
		return OutOfResources
	}
	return &Failure{Unknown, "The file: " + err.Error()}
}

// Create returns the failure of making a socket. SCTP has its own.
func Create(err error) *Failure {
	if f, own := err.(*Failure); own {
		return f
	}
	switch errno(err) {
	case unix.EMFILE, unix.ENFILE, unix.ENOBUFS, unix.ENOMEM:
		return OutOfResources
	case unix.EACCES, unix.EPERM:
		return denied
	}
	return noProtocol
}

// Connect returns the failure of connecting.
func Connect(err error) *Failure {
	switch errno(err) {
	case unix.ETIMEDOUT:
		return timedOut
	case unix.EHOSTUNREACH:
		return noHost
	case unix.ENETUNREACH, unix.ENETDOWN:
		return noNetwork
	case unix.EADDRINUSE:
		return connectInUse
	case unix.EADDRNOTAVAIL:
		return notAvailable
	case unix.EACCES, unix.EPERM:
		return denied
	case unix.EAFNOSUPPORT, unix.EBADF, unix.EFAULT, unix.ENOTSOCK:
		return unsupported
	case unix.ENOBUFS, unix.ENOMEM:
		return OutOfResources
	}
	return refused
}

// Bind returns the failure of binding.
func Bind(err error) *Failure {
	switch errno(err) {
	case unix.EADDRINUSE:
		return inUse
	case unix.EACCES, unix.EPERM:
		return protected
	case unix.EADDRNOTAVAIL:
		return notAvailable
	case unix.ENOBUFS, unix.ENOMEM:
		return OutOfResources
	}
	return unsupported
}

// Listen returns the failure of listening.
func Listen(err error) *Failure {
	if errno(err) == unix.EADDRINUSE {
		return inUse
	}
	return unsupported
}

// Accept returns the failure of accepting.
func Accept(err error) *Failure {
	switch errno(err) {
	case unix.EMFILE, unix.ENFILE, unix.ENOBUFS, unix.ENOMEM:
		return OutOfResources
	case unix.EAGAIN:
		return temporary
	case unix.EACCES, unix.EPERM:
		return denied
	}
	return noProtocol
}

// Read returns the failure of receiving. A filter has its own.
func Read(err error) *Failure {
	if f, own := err.(*Failure); own {
		return f
	}
	switch errno(err) {
	case unix.ECONNRESET, unix.ETIMEDOUT, unix.EPIPE:
		return PeerClosed
	case unix.ENOTCONN:
		return notConnected
	case unix.EBADF, unix.EINVAL, unix.EIO:
		return cannotReceive
	case unix.ENOTSOCK:
		return notASocket
	case unix.ENOBUFS, unix.ENOMEM:
		return OutOfResources
	}
	return cannotReceive
}

// Write returns the failure of sending. A filter has its own.
func Write(err error) *Failure {
	if f, own := err.(*Failure); own {
		return f
	}
	switch errno(err) {
	case unix.EPIPE, unix.ECONNRESET, unix.ETIMEDOUT:
		return PeerClosed
	case unix.EACCES, unix.EPERM:
		return denied
	case unix.ENOBUFS, unix.ENOMEM:
		return OutOfResources
	case unix.EMSGSIZE:
		return TooLarge
	}
	return cannotSend
}

// Receive returns the failure of receiving a datagram.
func Receive(err error) *Failure {
	switch errno(err) {
	case unix.ECONNREFUSED:
		return refused
	case unix.EHOSTUNREACH:
		return noHost
	case unix.ENETUNREACH, unix.ENETDOWN:
		return noNetwork
	case unix.EAGAIN:
		return NoDatagram
	}
	return Read(err)
}

// SendDatagram returns the failure of sending a datagram to an address.
func SendDatagram(err error) *Failure {
	switch errno(err) {
	case unix.EMSGSIZE:
		return TooLarge
	case unix.EACCES, unix.EPERM:
		return denied
	case unix.ENOBUFS, unix.ENOMEM:
		return OutOfResources
	case unix.EAGAIN:
		return temporary
	}
	return cannotMessage
}

// WriteDatagram returns the failure of sending a datagram to the peer.
func WriteDatagram(err error) *Failure {
	switch errno(err) {
	case unix.ECONNREFUSED:
		return refused
	case unix.EAGAIN:
		return temporary
	}
	return Write(err)
}
