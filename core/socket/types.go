package socket

import "qnet/core/object"

// State is a QAbstractSocket::SocketState.
type State uint8

const (
	Unconnected State = 0
	HostLookup  State = 1
	Connecting  State = 2
	Connected   State = 3
	Bound       State = 4
	Listening   State = 5
	Closing     State = 6
)

// Kind is a QAbstractSocket::SocketType; those from 64 on are qnet's own.
type Kind int8

const (
	TCP         Kind = 0
	UDP         Kind = 1
	SCTP        Kind = 2
	UnknownKind Kind = -1
	Local       Kind = 64 // beyond Qt, whose QLocalSocket is not a QAbstractSocket
)

// OpenMode is a set of QIODeviceBase::OpenModeFlag.
type OpenMode uint8

const (
	NotOpen    OpenMode = 0
	ReadOnly   OpenMode = 1
	WriteOnly  OpenMode = 2
	ReadWrite  OpenMode = 3
	Append     OpenMode = 4
	Truncate   OpenMode = 8
	Text       OpenMode = 16
	Unbuffered OpenMode = 32
)

// BindMode is a set of QAbstractSocket::BindFlag.
type BindMode uint8

const (
	DefaultForPlatform BindMode = 0
	ShareAddress       BindMode = 1
	DontShareAddress   BindMode = 2
	ReuseAddressHint   BindMode = 4
)

// The signals of a socket, with what their argument is.
const (
	SignalConnected                   object.Signal = iota + 1
	SignalDisconnected                              //
	SignalErrorOccurred                             // the failure.Code
	SignalHostFound                                 //
	SignalStateChanged                              // the State
	SignalReadyRead                                 //
	SignalBytesWritten                              // the number of bytes
	SignalAboutToClose                              //
	SignalReadChannelFinished                       //
	SignalWriteBufferDrained                        // beyond Qt
	SignalProxyAuthenticationRequired               // Authenticator is to be filled

	// Those of an SSL.
	SignalEncrypted
	SignalModeChanged                 // the SSLMode
	SignalPeerVerifyError             // the verify.Code; Failure has more
	SignalSslErrors                   // how many; Failures has them
	SignalHandshakeInterruptedOnError // the verify.Code; Failure has more
	SignalEncryptedBytesWritten       // the number of bytes
	SignalAlertSent                   // Alert has it
	SignalAlertReceived               // Alert has it
	SignalNewSessionTicketReceived

	// Those of channels, after those without.
	SignalChannelReadyRead    // the channel
	SignalChannelBytesWritten // the channel and the number of bytes: see Written
)
