package socket

import (
	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/loop"
	"qnet/core/tls/configuration"
	"qnet/core/tls/session"
	"qnet/core/tls/verify"
)

// SSL is what only a socket has that is able to encrypt (QSslSocket). Until it begins to, it
// is a TCP socket like any other. What it agrees on with its peer is its session's affair;
// ssl_filter.go is the way of its bytes, ssl_handshake.go what becomes of a handshake.
type SSL struct {
	s        *Socket
	config   *configuration.Configuration // which others may have, too: never changed
	peerName string                       // that the peer's certificate is to be for; "": the host's

	mode  SSLMode
	stage sslStage
	auto  bool // it begins to encrypt as soon as it is connected
	next  bool // that is asked for, for the next connection

	ignoring  bool // whatever is wrong with the peer
	ignored   []verify.Failure
	failures  []verify.Failure
	continued bool // an interrupted handshake, by a slot
	resumed   bool // after a pause for the failures

	begun      uint32           // handshakes
	session    *session.Session // nil: none
	connection *configuration.Connection
	early      []byte          // came before the handshake, and is part of it
	clear      []byte          // was written before it, and goes out first
	written    int64           // encrypted bytes that were sent, to be signalled
	alerts     []session.Alert // that are to be signalled
	tickets    int             // that have come, which is to be signalled
	due        bool            // there is news that is to be signalled
	posting    loop.Posting    // for that
	moved      bool            // the handshake has gone on, and nobody has looked

	active bool // something has come since quiet was started
	quiet  loop.Timer

	keeper Keeper // nil: none, any more
	first  byte   // that the peer has said, for the keeper

	// What the signal that is being emitted is about.
	failure verify.Failure
	alert   session.Alert
}

// SSLMode is a QSslSocket::SslMode.
type SSLMode uint8

const (
	SSLUnencrypted SSLMode = 0
	SSLClient      SSLMode = 1
	SSLServer      SSLMode = 2
)

// PauseOnSSLErrors is QAbstractSocket::PauseOnSslErrors.
const PauseOnSSLErrors = 1

// sslStage is how far a socket has come to encrypt.
type sslStage uint8

const (
	sslPlain   sslStage = iota
	sslWaiting          // nothing goes out in the clear, but the handshake has not begun
	sslShaking          // the handshake
	sslJudging          // the slots are told what is wrong with the peer
	sslPaused           // and somebody is to say whether to go on
	sslOpen             // what is written and read is encrypted
)

// NewSSL makes an unconnected socket that is able to encrypt.
func NewSSL(l *loop.Loop) *Socket {
	s := New(l)
	c := configuration.Default()
	c.Connection = nil
	s.addSSL(&c)
	return s
}

// addSSL makes s able to encrypt.
func (s *Socket) addSSL(c *configuration.Configuration) *SSL {
	x := &SSL{s: s, config: c}
	x.quiet.Expired, x.posting.Call = x.release, x.proceed
	s.ensureCold().ssl = x
	return x
}

// SSL returns what s has to encrypt; nil if it is not able to.
func (s *Socket) SSL() *SSL {
	if s.cold == nil {
		return nil
	}
	return s.cold.ssl
}

// ConnectToHost connects, and encrypts as a client from the beginning. The peer's
// certificate is to be for peerName, if there is one
// (QSslSocket::connectToHostEncrypted).
func (x *SSL) ConnectToHost(host string, port uint16, peerName string, mode OpenMode, protocol address.Protocol) {
	if !x.s.idle() {
		x.warn("connect_to_host_encrypted", "the socket is connected already, or about to be")
		return
	}
	if peerName != "" {
		x.peerName = peerName
	}
	x.next = true
	x.s.ConnectToHost(host, port, mode, protocol)
	x.next = false
}

// StartClient begins to encrypt as a client on a connection that has been in the clear
// (QSslSocket::startClientEncryption).
func (x *SSL) StartClient() { x.start(SSLClient, "start_client_encryption") }

// StartServer does so as a server (QSslSocket::startServerEncryption).
func (x *SSL) StartServer() { x.start(SSLServer, "start_server_encryption") }

func (x *SSL) start(mode SSLMode, function string) {
	switch {
	case x.mode != SSLUnencrypted:
		x.warn(function, "the connection is encrypted, or about to be")
	case x.s.state != Connected || x.s.fd < 0 || x.s.broken:
		x.warn(function, "the socket is not connected")
	default:
		x.begin(mode)
	}
}

func (x *SSL) warn(function, text string) { x.s.warnOf("qnet_ssl_socket_"+function, text) }

// forget forgets the last connection when another one begins. The failures that are
// ignored stay: a program may name them before it connects.
func (x *SSL) forget() {
	x.mode, x.auto = SSLUnencrypted, x.next
	x.ignoring = false
	x.failures, x.connection = nil, nil
}

// Mode returns in which way it encrypts, or tries to (QSslSocket::mode).
func (x *SSL) Mode() SSLMode { return x.mode }

// IsEncrypted reports whether what is written and read is encrypted
// (QSslSocket::isEncrypted).
func (x *SSL) IsEncrypted() bool { return x.stage == sslOpen }

// Configuration returns the configuration, with what the connection has added
// (QSslSocket::sslConfiguration).
func (x *SSL) Configuration() configuration.Configuration {
	c := *x.config
	c.Connection = x.Connection()
	if c.Connection != nil && c.Connection.Ticket != nil {
		c.SessionTicket = c.Connection.Ticket
	}
	return c
}

// SetConfiguration sets the configuration for handshakes to come
// (QSslSocket::setSslConfiguration).
func (x *SSL) SetConfiguration(c configuration.Configuration) {
	c.Connection = nil
	x.config = &c
}

// Config returns the configuration for handshakes to come, to be read.
func (x *SSL) Config() *configuration.Configuration { return x.config }

// Change has f change the configuration for handshakes to come.
func (x *SSL) Change(f func(*configuration.Configuration)) {
	c := *x.config
	f(&c)
	x.config = &c
}

// Connection returns what the last handshake has found and agreed on; nil if there was
// none.
func (x *SSL) Connection() *configuration.Connection {
	if x.session != nil {
		return x.session.Connection()
	}
	return x.connection
}

// PeerVerifyName returns what SetPeerVerifyName was given (QSslSocket::peerVerifyName).
func (x *SSL) PeerVerifyName() string { return x.peerName }

// SetPeerVerifyName sets the name that the peer's certificate is to be for, "" for that of
// the host (QSslSocket::setPeerVerifyName).
func (x *SSL) SetPeerVerifyName(name string) { x.peerName = name }

// name returns the name that the peer's certificate is to be for.
func (x *SSL) name() string {
	if x.peerName != "" {
		return x.peerName
	}
	return x.s.PeerName()
}

// IgnoreErrors has the connection go on whatever is wrong with the peer. It counts for this
// connection, if there is one or it has begun, and otherwise for nothing
// (QSslSocket::ignoreSslErrors).
func (x *SSL) IgnoreErrors() { x.ignoring = true }

// IgnoreThese has this connection and later ones go on with these failures, and no longer
// with all (QSslSocket::ignoreSslErrors with a list).
func (x *SSL) IgnoreThese(failures []verify.Failure) { x.ignoring, x.ignored = false, failures }

// Failures returns what is wrong with the peer (QSslSocket::sslHandshakeErrors).
func (x *SSL) Failures() []verify.Failure { return x.failures }

// Failure returns the one that is being signalled.
func (x *SSL) Failure() verify.Failure { return x.failure }

// Alert returns the one that is being signalled.
func (x *SSL) Alert() session.Alert { return x.alert }

// EncryptedBytesAvailable returns how many bytes have come that are not decrypted yet
// (QSslSocket::encryptedBytesAvailable).
func (x *SSL) EncryptedBytesAvailable() int64 {
	if x.session == nil {
		return 0
	}
	in, _ := x.session.Held()
	return int64(in + len(x.early))
}

// EncryptedBytesToWrite returns how many encrypted bytes are to be sent
// (QSslSocket::encryptedBytesToWrite).
func (x *SSL) EncryptedBytesToWrite() int64 {
	if x.session == nil {
		return 0
	}
	_, out := x.session.Held()
	return int64(out + len(x.clear))
}

// WaitForEncrypted waits until the connection is encrypted, and reports whether it has
// become so (QSslSocket::waitForEncrypted).
func (x *SSL) WaitForEncrypted(msec int) bool {
	s := x.s
	if x.stage == sslOpen || x.mode == SSLUnencrypted && !x.auto {
		return false
	}
	until := loop.Deadline(msec)
	if !s.connectible() || !s.connectFirst(until) {
		return false
	}
	connection := s.connectionID
	ended := s.wait(until, func(*wait) bool {
		return !s.Alive() || s.connectionID != connection || x.stage == sslOpen || x.stage == sslPaused && !x.resumed
	})
	if !s.Alive() {
		return false
	}
	if !ended {
		s.fail(failure.PollTimeout)
		return false
	}
	if s.connectionID != connection || x.stage != sslOpen {
		return false
	}
	if s.filtering&holdsOutput != 0 {
		// What the handshake says last: there may be no loop to send it.
		s.sendFiltered(nil)
	}
	return true
}
