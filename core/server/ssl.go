package server

import (
	"fmt"

	"qnet/core/endpoint"
	"qnet/core/failure"
	"qnet/core/loop"
	"qnet/core/object"
	"qnet/core/socket"
	"qnet/core/sys"
	"qnet/core/tls/configuration"
	"qnet/core/tls/session"
	"qnet/core/tls/verify"
)

// The signals of a server that encrypts, about a connection that is not encrypted yet. The
// argument is the number of an Event.
const (
	SignalStartedEncryptionHandshake object.Signal = iota + SignalConnectionInLoop + 1
	SignalErrorOccurred
	SignalSslErrors
	SignalPeerVerifyError
	SignalHandshakeInterruptedOnError
	SignalAlertSent
	SignalAlertReceived
)

const (
	defaultHandshakeTimeout = 5000
	defaultHandshakeLimit   = 1000
)

// SSL is what only a server has that encrypts (QSslServer): what it accepts is pending once
// it is encrypted. ssl_handshake.go is one connection until then, ssl_wait.go how to do
// without a loop.
type SSL struct {
	s       *Server
	config  *configuration.Configuration // which connections have, too: never changed
	timeout int                          // of handshakes, in milliseconds
	most    int                          // handshakes at once; 0: any number

	handshakes []*handshake     // under way, in any order
	encrypted  []*socket.Socket // which wait until fewer are pending
	promoting  bool             // one of them will be pending soon
	presented  uint64           // that have become pending
	driven     int              // who waits without a loop is at work
	ended      []*socket.Socket // meanwhile, to be deleted

	events int64
	now    map[int64]*Event // that are being signalled
}

// Event is what a signal is about.
type Event struct {
	Socket   *socket.Socket
	Error    failure.Code
	Failure  verify.Failure
	Failures []verify.Failure
	Alert    session.Alert
}

// NewSSL makes a server on l that encrypts and does not listen.
func NewSSL(l *loop.Loop) *Server {
	s := New(l)
	s.ssl = &SSL{s: s, timeout: defaultHandshakeTimeout, most: defaultHandshakeLimit}
	s.ssl.SetConfiguration(configuration.Default())
	return s
}

// SSL returns what s has to encrypt; nil if it does not.
func (s *Server) SSL() *SSL { return s.ssl }

// Configuration returns what SetConfiguration was given (QSslServer::sslConfiguration).
func (x *SSL) Configuration() configuration.Configuration { return *x.config }

// SetConfiguration sets the configuration of the connections that are accepted from now on
// (QSslServer::setSslConfiguration).
func (x *SSL) SetConfiguration(c configuration.Configuration) {
	c.Connection = nil
	x.config = &c
}

// IncomingConnection has a descriptor that was accepted encrypted, as is done without
// SetIncoming, and reports whether it is a connection (QSslServer::incomingConnection).
func (x *SSL) IncomingConnection(fd int) bool {
	if !endpoint.IsTCP(fd) || sys.Adopt(fd) != nil {
		x.s.failure = failure.BadDescriptor
		return false
	}
	c := socket.AdoptGiven(x.s.Loop(), fd)
	c.SetAllowHalfOpen(x.s.halfOpen)
	x.keep(c)
	return true
}

// HandshakeTimeout returns how many milliseconds a client may take to say something, and then
// the handshake (QSslServer::handshakeTimeout).
func (x *SSL) HandshakeTimeout() int { return x.timeout }

// SetHandshakeTimeout is the setter of HandshakeTimeout, for connections to come
// (QSslServer::setHandshakeTimeout).
func (x *SSL) SetHandshakeTimeout(msec int) { x.timeout = msec }

// HandshakeLimit returns how many connections may be open that are not pending because they
// are not encrypted, 0 for any number. Qt counts them as pending, so that silent clients
// keep all others out.
func (x *SSL) HandshakeLimit() int { return x.most }

// SetHandshakeLimit is the setter of HandshakeLimit. At the limit nothing is accepted.
func (x *SSL) SetHandshakeLimit(n int) {
	if n < 0 {
		x.s.Warn("qnet_ssl_server_set_handshake_limit", fmt.Sprintf("%d is negative", n), x.s.Describe())
		return
	}
	x.most = n
	x.s.update()
}

// Handshakes returns how many there are that HandshakeLimit counts.
func (x *SSL) Handshakes() int {
	return len(x.handshakes) + len(x.encrypted) + len(x.s.spread.arrivals)
}

// busy reports whether no more is to be accepted for now.
func (x *SSL) busy() bool { return x.most > 0 && x.Handshakes() >= x.most }

// present makes c pending, or has it wait until fewer are.
func (x *SSL) present(c *socket.Socket) {
	if len(x.encrypted) > 0 || len(x.s.pending) >= x.s.maxPending {
		x.encrypted = append(x.encrypted, c)
		return
	}
	x.presented++
	x.s.AddPending(c)
}

// promoteSoon has who is encrypted made pending, if there is room, but not within a call of
// the program.
func (x *SSL) promoteSoon() {
	if len(x.encrypted) > 0 && len(x.s.pending) < x.s.maxPending && !x.promoting {
		x.promoting = true
		x.s.Post(x.promote)
		x.s.waiters.Notify()
	}
}

// promote does so, for the loop or somebody who waits without one.
func (x *SSL) promote() {
	x.promoting = false
	for x.s.Alive() && len(x.encrypted) > 0 && len(x.s.pending) < x.s.maxPending {
		c := x.encrypted[0]
		x.encrypted[0] = nil
		x.encrypted = x.encrypted[1:]
		if c.Loop() == x.s.Loop() && c.Alive() {
			x.presented++
			x.s.AddPending(c)
		}
	}
	x.s.update()
}

// close deletes those that are encrypted, as others that are pending. Handshakes go on, and
// their connections become pending, as in Qt.
func (x *SSL) close() {
	list := x.encrypted
	x.encrypted = nil
	deleteOf(x.s.Loop(), list)
}

// end leaves those alone that belong to somebody else.
func (x *SSL) end() {
	for _, h := range x.handshakes {
		h.socket.SSL().Unkeep()
		x.s.Loop().StopTimer(&h.timer)
	}
	x.handshakes = nil
}

// emit emits a signal about a connection. It reports whether the server is still there.
func (x *SSL) emit(signal object.Signal, e Event) bool {
	if !x.s.Hears(signal) {
		return x.s.Alive()
	}
	x.events++
	n := x.events
	if x.now == nil {
		x.now = map[int64]*Event{}
	}
	x.now[n] = &e
	defer delete(x.now, n) // also when a slot panics
	return x.s.Emit(signal, n)
}

// Event returns what a signal is about, as long as it is being emitted.
func (x *SSL) Event(number int64) Event {
	if e := x.now[number]; e != nil {
		return *e
	}
	return Event{}
}
