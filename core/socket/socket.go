// Package socket is the TCP socket: QTcpSocket's state machine over a
// non-blocking descriptor of a loop.
//
// The files follow its life: connect.go, ready.go (what the loop reports),
// read.go, write.go, close.go, wait.go (without a loop). Wherever a signal was
// emitted the program may have done anything: closed the socket, connected it
// anew or deleted it. say tells whether what goes on is still wanted.
package socket

import (
	"qnet/core/address"
	"qnet/core/buffer"
	"qnet/core/dial"
	"qnet/core/endpoint"
	"qnet/core/failure"
	"qnet/core/loop"
	"qnet/core/message"
	"qnet/core/object"
	"qnet/core/option"
	"qnet/core/poll"
	"qnet/core/proxy"
	"qnet/core/quota"
	"qnet/core/sys"
)

// Socket is a TCP socket. Make one with New or take it from a server.
type Socket struct {
	object.Object

	kind  Kind
	state State
	mode  OpenMode
	ends  ends
	place int32 // among its owner's
	descriptor
	input
	output
	filtering  filtering
	recheck    recheck
	closeLater bool // disconnect was asked for in this attempt to connect

	peerPort uint16
	epoch    uint32 // counts the connections (and attempts) that were begun or ended
	txDirect uint32 // bytes that were sent at once, to be signalled
	peer     address.Address
	here     *Name // never nil

	rx, tx buffer.Buffer

	received, sent uint32 // bytes, for those who wait on other threads, and for limits

	failure *failure.Failure

	owner   *Owner
	counted *quota.Connection // by the server that has accepted it
	rare    *rare
}

// descriptor is that of a socket.
type descriptor struct {
	watch    loop.Watch
	fd       int32 // -1: none
	interest uint8 // what watch is for: poll.In, poll.Out, edged
	edge     bool  // the loop is told of what is new only
	shown    bool  // Descriptor tells: it is connected or bound
	broken   bool  // it is of no more use
}

// input is how a socket reads.
type input struct {
	readyRead   progress
	paused      bool // nothing is read from the system until told
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
	open outlet = iota // it is tried
	full               // the system takes no more: it tells when it does
	held               // the filter takes nothing yet: it tells when it does
)

// recheck is whether a socket looks again for what the system does not tell of.
type recheck uint8

const (
	none      recheck = iota
	scheduled         // Look will be called
	starved           // so it will, for want of memory: until then nothing moves
)

// rare is what few sockets need, or not for long.
type rare struct {
	hostName    string
	peerName    string
	protocolTag string
	filter      Filter // if there is one
	pauseMode   int32
	writeCut    bool  // a write was cut short, to be told when there is room
	readLimit   int64 // if limited
	position    int   // within rx, if transacting
	writeLimit  int64 // 0: none
	writeMark   int64
	dial        *dial.Dial
	proxy       *proxy.Proxy // nil: the application's
	through     *through     // the connection through a proxy, under way
	waiters     loop.Waiters
	options     option.Kept // for descriptors to come
	shortage    *shortage   // nil: there was none
	local       *localPart  // nil for other kinds
	udp         *udp        // nil for other kinds
}

// New makes an unconnected socket on l.
func New(l *loop.Loop) *Socket {
	s := &Socket{descriptor: descriptor{fd: -1}, here: nowhere, failure: failure.None}
	s.Init(l)
	return s
}

// Name is the address and port of one end.
type Name struct {
	Address address.Address
	Port    uint16
}

var nowhere = &Name{}

// setHere sets the name on this side.
func (s *Socket) setHere(a address.Address, port uint16) { s.here = &Name{a, port} }

// Here returns the name on this side, which does not change.
func (s *Socket) Here() *Name { return s.here }

// Adopt makes a connected socket of a descriptor that a server accepted. near is the
// name of the last one, or nil: a server's connections mostly share it.
func Adopt(l *loop.Loop, fd int, peer address.Address, peerPort uint16, near *Name) *Socket {
	s := New(l)
	s.fd, s.shown = int32(fd), true
	s.mode = ReadWrite
	s.state = Connected
	s.edge = true
	s.peer, s.peerPort = peer, peerPort
	if a, port := endpoint.Local(fd); near != nil && near.Address == a && near.Port == port {
		s.here = near
	} else {
		s.setHere(a, port)
	}
	s.updateInterest()
	return s
}

func (s *Socket) rarely() *rare {
	if s.rare == nil {
		s.rare = &rare{}
	}
	return s.rare
}

// udp returns what only a UDP socket has; nil for other kinds.
func (s *Socket) udp() *udp {
	if s.kind != UDP {
		return nil
	}
	return s.rare.udp
}

func (s *Socket) pool() *buffer.Pool { return &s.Loop().Pool }

// say emits a signal and tells whether s is still alive and in the connection
// (or attempt) that it was in before.
func (s *Socket) say(signal object.Signal, arg int64) bool {
	epoch := s.epoch
	s.notifyWaiters()
	return s.Emit(signal, arg) && s.epoch == epoch
}

func (s *Socket) enter(state State) bool {
	s.state = state
	return s.say(SignalStateChanged, int64(state))
}

func (s *Socket) fail(f *failure.Failure) bool {
	s.failure = f
	return s.say(SignalErrorOccurred, int64(f.Code))
}

func (s *Socket) warn(text string) {
	s.Ask(func() { message.Send(message.Warning, text) })
}

// wants returns what s is to be told of now, and whether there is anything: a hang-up and
// an error are told always, and for ever, so without a wish they must be good for something.
// The loop sends by itself what is written; who waits for s does it when the system takes it.
func (s *Socket) wants(waiting bool) (events poll.Event, any bool) {
	if s.fd < 0 || s.broken {
		return 0, false
	}
	if s.wantsData() {
		events |= poll.In
	}
	if s.outlet == full || waiting && s.outlet != held && s.toSend() {
		events |= poll.Out
	}
	return events, events != 0 || s.has(readEnded)
}

// updateInterest has the loop watch for what s wants to know now.
func (s *Socket) updateInterest() {
	events, any := s.wants(false)
	want := uint8(events)
	if any && want == 0 {
		want = hangUps
	}
	if any && s.edge {
		want |= edged
	}
	if want == s.interest {
		return
	}
	s.interest = want
	if want&edged != 0 {
		events |= edgeEvents
	}
	switch {
	case want == 0:
		s.Loop().Unwatch(s.watch)
		s.watch = 0
	case s.watch == 0:
		var err error
		if s.watch, err = s.Loop().Watch(int(s.fd), events, (*handler)(s)); err != nil {
			s.unwatchable(err)
		}
	default:
		s.Loop().Rewatch(s.watch, events)
	}
}

// unwatchable ends a connection of which the system cannot tell news, for want of
// memory for example: it would never go on.
func (s *Socket) unwatchable(err error) {
	epoch := s.epoch
	s.Loop().Post(func() {
		if s.Alive() && s.epoch == epoch && s.fd >= 0 && s.interest != 0 && s.watch == 0 {
			s.lost(failure.Create(err))
		}
	})
}

// edged, in interest, stands for edgeEvents, and hangUps for the end of a connection and
// an error, which are told always.
const (
	edged   = 0x80
	hangUps = 0x40
)

// edgeEvents has the system tell only of what is new, which spares it from looking
// at the descriptor again at each turn. It tells at once of what is not news when
// the watch changes.
const edgeEvents = poll.Edge | poll.PeerClosed | poll.Priority

// rearm has s told again of events that it was told of before.
func (s *Socket) rearm(events poll.Event) {
	if s.edge && s.watch != 0 {
		s.Loop().Requeue(s.watch, events)
	}
}

// wantsData tells whether the system is asked for data: not any more when
// closing, as in Qt, unless a filter must hear something to send the rest, but from a
// connection that was adopted as merely bound.
func (s *Socket) wantsData() bool {
	if s.paused || s.has(peerEnded) {
		return false
	}
	switch s.state {
	case Connected:
		return true
	case Bound:
		return s.udp() != nil || !s.peer.IsNull()
	case Closing:
		return s.outlet == held
	}
	return false
}

// dropDescriptor closes the descriptor and forgets it.
func (s *Socket) dropDescriptor() {
	s.epoch++
	s.closeConnector()
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
	s.fd, s.shown = -1, false
	s.broken, s.edge, s.paused, s.outlet = false, false, false, open
	if s.readyRead == due {
		s.readyRead = quiet
	}
	if s.recheck == starved {
		s.recheck = scheduled
	}
	s.ends &= settings | readEnded
	s.forgetDatagrams()
	s.uncount()
}

// open makes a descriptor of the family of a, with the options that are kept.
func (s *Socket) open(a address.Address) (int, error) {
	open := endpoint.Open
	if s.udp() != nil {
		open = s.udp().open
	}
	fd, err := open(a)
	return s.prepare(fd, err)
}

// prepare sets the options that are kept on a descriptor that was just made, if it was.
func (s *Socket) prepare(fd int, err error) (int, error) {
	if err != nil || s.rare == nil {
		return fd, err
	}
	if err := s.rare.options.Apply(fd); err != nil {
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

// IsValid tells whether the descriptor, or without one the device, is usable
// (QAbstractSocket::isValid).
func (s *Socket) IsValid() bool {
	if c := s.connector(); s.fd >= 0 || c != nil && c.FD() >= 0 {
		return !s.broken
	}
	return s.mode != NotOpen && !(s.kind == Local && s.rare.local.aborted)
}

// Descriptor returns the descriptor of a connection or binding, which s owns;
// -1 if there is none (QAbstractSocket::socketDescriptor).
func (s *Socket) Descriptor() int {
	if !s.shown {
		return -1
	}
	return int(s.fd)
}

// Mode returns the open mode (QIODevice::openMode).
func (s *Socket) Mode() OpenMode { return s.mode }

// LocalAddress returns the address on this side (QAbstractSocket::localAddress).
func (s *Socket) LocalAddress() address.Address { return s.here.Address }

// LocalPort returns the port on this side (QAbstractSocket::localPort).
func (s *Socket) LocalPort() uint16 { return s.here.Port }

// PeerAddress returns the peer's address (QAbstractSocket::peerAddress).
func (s *Socket) PeerAddress() address.Address { return s.peer }

// PeerPort returns the peer's port (QAbstractSocket::peerPort).
func (s *Socket) PeerPort() uint16 { return s.peerPort }

// PeerName returns what SetPeerName was given for this connection, else the
// name that connect was given (QAbstractSocket::peerName).
func (s *Socket) PeerName() string {
	switch {
	case s.rare == nil:
		return ""
	case s.rare.peerName != "":
		return s.rare.peerName
	}
	return s.rare.hostName
}

// SetLocalAddress and the setters below change what the getters tell, and
// nothing else (the protected setters of QAbstractSocket).
func (s *Socket) SetLocalAddress(a address.Address) { s.here = &Name{a, s.here.Port} }

// SetLocalPort is QAbstractSocket::setLocalPort.
func (s *Socket) SetLocalPort(port uint16) { s.here = &Name{s.here.Address, port} }

// SetPeerAddress is QAbstractSocket::setPeerAddress.
func (s *Socket) SetPeerAddress(a address.Address) { s.peer = a }

// SetPeerPort is QAbstractSocket::setPeerPort.
func (s *Socket) SetPeerPort(port uint16) { s.peerPort = port }

// SetPeerName is QAbstractSocket::setPeerName.
func (s *Socket) SetPeerName(name string) {
	if name != "" || s.rare != nil {
		s.rarely().peerName = name
	}
}

// SetState is QAbstractSocket::setSocketState.
func (s *Socket) SetState(state State) { s.state = state }

// SetError is QAbstractSocket::setSocketError.
func (s *Socket) SetError(code failure.Code) {
	s.failure = &failure.Failure{Code: code, Text: s.failure.Text}
}

// ProtocolTag returns what SetProtocolTag was given (QAbstractSocket::protocolTag).
func (s *Socket) ProtocolTag() string {
	if s.rare == nil {
		return ""
	}
	return s.rare.protocolTag
}

// SetProtocolTag is QAbstractSocket::setProtocolTag.
func (s *Socket) SetProtocolTag(tag string) { s.rarely().protocolTag = tag }

// PauseMode is QAbstractSocket::pauseMode.
func (s *Socket) PauseMode() int {
	if s.rare == nil {
		return 0
	}
	return int(s.rare.pauseMode)
}

// SetPauseMode is QAbstractSocket::setPauseMode.
func (s *Socket) SetPauseMode(mode int) { s.rarely().pauseMode = int32(mode) }
