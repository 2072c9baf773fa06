// Package socket is QTcpSocket, QUdpSocket, QSctpSocket and QLocalSocket: their state machines
// over non-blocking descriptors of a loop.
//
// All kinds are one device: socket.go has its state, names.go, option.go and owner.go what
// is kept with it, interest.go what the loop watches for, ready.go and readyread.go what is
// done then, read.go, write.go, filter.go, halfopen.go and close.go how bytes come, go and
// end, wait.go how to do without a loop. What the kinds add is in connect.go and through.go
// (TCP), adopt.go and ends.go (descriptors of others), udp*.go and relay.go, sctp*.go with
// channel.go, and local*.go.
//
// Wherever a signal was emitted the program may have done anything: closed the socket,
// connected it anew or deleted it. emit reports whether what goes on is still wanted.
package socket

import (
	"qnet/core/address"
	"qnet/core/buffer"
	"qnet/core/dial"
	"qnet/core/endpoint"
	"qnet/core/failure"
	"qnet/core/loop"
	"qnet/core/object"
	"qnet/core/option"
	"qnet/core/quota"
	"qnet/core/sys"
)

// Socket is a socket of any kind. Make one with New, NewUDP, NewSCTP or NewLocal, or take it
// from a server.
type Socket struct {
	object.Object

	kind       Kind
	state      State
	mode       OpenMode
	ends       ends
	ownerIndex int32 // among its owner's
	descriptor
	input
	output
	filtering  filtering
	recheck    recheck
	closeLater bool // disconnect was asked for in this attempt to connect
	channelled bool // it has had a connection since it was opened

	peerPort     uint16
	connectionID uint32 // counts the connections (and attempts) that were begun or ended
	txDirect     uint32 // bytes that were sent at once, to be signalled
	peer         address.Address
	local        *address.Endpoint // never nil

	rx, tx buffer.Buffer

	received, sent uint32 // bytes, for those who wait on other threads, and for limits

	failure *failure.Failure

	owner *Owner
	quota *quota.Connection // by the server that has accepted it
	cold  *cold
}

// descriptor is that of a socket.
type descriptor struct {
	watch    loop.Watch
	fd       int32 // -1: none
	interest uint8 // what watch is for: poll.In, poll.Out, edged
	edge     bool  // the loop is told of what is new only
	exposed  bool  // Descriptor returns it: it is connected or bound
	broken   bool  // it is of no more use
}

// input is how a socket reads.
type input struct {
	readyRead   progress
	paused      bool // nothing is read from the system until resumed
	bypass      bool // past the buffer, and writes as well: it was connected so
	limited     bool // there is a read limit
	transacting bool // what is read may be put back
}

// progress is how far a signal has come that is emitted soon after its cause.
type progress uint8

const (
	quiet    progress = iota
	due               // it will be emitted
	emitting          // it is being emitted
)

// output is how a socket writes.
type output struct {
	outlet      outlet
	writing     bool // bytesWritten is being emitted
	flushQueued bool
}

// outlet is whether what is written can be sent.
type outlet uint8

const (
	free    outlet = iota // it is tried
	blocked               // the system takes no more: it tells when it does
	held                  // the filter takes nothing yet: it tells when it does
)

// recheck is whether a socket looks again for what the system does not tell of.
type recheck uint8

const (
	none      recheck = iota
	scheduled         // Recheck will be called
	noMemory          // so it will, for want of memory: until then nothing moves
)

// cold is what few sockets need, or not for long.
type cold struct {
	hostName  string
	peerName  *string // nil: none
	filter    Filter  // if there is one
	pauseMode int32
	readLimit int64   // if limited
	position  int     // within rx, if transacting
	writes    *writes // nil: as Qt has it
	dial      *dial.Dial
	proxy     *proxyPart // nil: nothing yet
	through   *through   // the connection through a proxy, under way
	waiters   loop.Waiters
	limit     *connectLimit
	options   option.Kept // for descriptors to come
	shortage  *shortage   // nil: there was none
	local     *localPart  // nil for other kinds
	udp       *udp        // nil for other kinds
	ssl       *SSL        // nil unless it is able to encrypt
	sctp      *Channels   // nil for other kinds
}

// New makes an unconnected socket on l.
func New(l *loop.Loop) *Socket {
	s := &Socket{descriptor: descriptor{fd: -1}, local: noEndpoint, failure: failure.None}
	s.Init(l)
	return s
}

func (s *Socket) ensureCold() *cold {
	if s.cold == nil {
		s.cold = &cold{}
	}
	return s.cold
}

// udp returns what only a UDP socket has; nil for other kinds.
func (s *Socket) udp() *udp {
	if s.kind != UDP {
		return nil
	}
	return s.cold.udp
}

func (s *Socket) pool() *buffer.Pool { return &s.Loop().Pool }

// emit emits a signal and reports whether s is still alive and in the connection
// (or attempt) that it was in before.
func (s *Socket) emit(signal object.Signal, arg int64) bool {
	connection := s.connectionID
	s.notifyWaiters()
	return s.Emit(signal, arg) && s.connectionID == connection
}

func (s *Socket) enter(state State) bool {
	s.state = state
	return s.emit(SignalStateChanged, int64(state))
}

func (s *Socket) fail(f *failure.Failure) bool {
	s.failure = f
	return s.emitKept(SignalErrorOccurred, int64(f.Code))
}

// warn warns of a call of a function that begins with "qnet_socket_".
func (s *Socket) warn(function, text string) { s.warnOf("qnet_socket_"+function, text) }

func (s *Socket) warnOf(function, text string) { s.Warn(function, text, s.Describe()) }

// misused is Misused for a function that begins with "qnet_socket_": the warning's text is that of the error, too. Qt keeps the
// error of an earlier call instead.
func (s *Socket) misused(function, text string) { s.Misused("qnet_socket_"+function, text) }

// Misused has a call of a function fail that makes no sense, with a warning.
func (s *Socket) Misused(function, text string) {
	s.failure = failure.Misuse(text)
	s.warnOf(function, text)
}

// dropDescriptor closes the descriptor and forgets it.
func (s *Socket) dropDescriptor() {
	s.connectionID++
	s.stopLimit()
	s.closeConnector()
	s.askNoMore()
	if s.kind == Local {
		s.dropAttempt()
	}
	if s.fd < 0 {
		return
	}
	if s.watch != 0 {
		s.Loop().Unwatch(s.watch)
		s.watch, s.interest = 0, 0
	}
	s.dropFilter()
	sys.Close(int(s.fd))
	s.fd, s.exposed = -1, false
	s.broken, s.edge, s.paused, s.outlet = false, false, false, free
	if s.readyRead == due {
		s.readyRead = quiet
	}
	if s.recheck == noMemory {
		s.recheck = scheduled
	}
	s.ends &= settings | readEnded
	s.forgetDatagrams()
	s.uncount()
	if x := s.SSL(); x != nil {
		x.over()
	}
}

// open makes a descriptor of the family of a, with the options that are kept.
func (s *Socket) open(a address.Address) (int, error) {
	open := endpoint.Open
	if s.udp() != nil {
		open = s.udp().open
	} else if x := s.Channels(); x != nil {
		open = x.open
	}
	fd, err := open(a)
	return s.prepare(fd, err)
}

// prepare sets the options that are kept on a descriptor that was just made, if it was.
func (s *Socket) prepare(fd int, err error) (int, error) {
	if err != nil || s.cold == nil {
		return fd, err
	}
	if err := s.cold.options.Apply(fd); err != nil {
		sys.Close(fd)
		return -1, err
	}
	return fd, nil
}

// State returns the state (QAbstractSocket::state).
func (s *Socket) State() State { return s.state }

// Kind returns the kind of socket (QAbstractSocket::socketType).
func (s *Socket) Kind() Kind { return s.kind }

// Failure returns the last error (QAbstractSocket::error, errorString).
func (s *Socket) Failure() *failure.Failure {
	if s.kind == Local {
		return failure.Local(s.failure)
	}
	return s.failure
}

// Refuse fails because s is of a kind that cannot do what was asked for.
func (s *Socket) Refuse() { s.fail(failure.WrongKind) }

// IsValid reports whether the descriptor, or without one the device, is usable
// (QAbstractSocket::isValid).
func (s *Socket) IsValid() bool {
	if c := s.connector(); s.fd >= 0 || c != nil && c.FD() >= 0 {
		return !s.broken
	}
	return s.mode != NotOpen && !(s.kind == Local && s.cold.local.aborted)
}

// Descriptor returns the descriptor of a connection or binding, which s owns;
// -1 if there is none (QAbstractSocket::socketDescriptor).
func (s *Socket) Descriptor() int {
	if !s.exposed {
		return -1
	}
	return int(s.fd)
}

// Mode returns the open mode (QIODevice::openMode).
func (s *Socket) Mode() OpenMode { return s.mode }
