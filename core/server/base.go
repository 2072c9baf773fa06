package server

import (
	"slices"
	"time"

	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/loop"
	"qnet/core/object"
	"qnet/core/poll"
	"qnet/core/quota"
	"qnet/core/socket"
	"qnet/core/sys"
)

// The signals of a server, with what their argument is. A local server has only
// the first in Qt.
const (
	SignalNewConnection              object.Signal = iota + 1
	SignalPendingConnectionAvailable               //
	SignalAcceptError                              // the failure.Code
	SignalConnectionRefused                        // the number of the refusal; beyond Qt
	SignalListening                                // beyond Qt
	SignalConnectionInLoop                         // for Arrived; beyond Qt
)

const (
	defaultMaxPending = 30
	defaultBacklog    = 50
)

// base is what servers have in common: a descriptor that listens, the
// connections that wait to be taken, and the sockets that belong to it.
type base struct {
	object.Object
	class
	owner socket.Owner

	fd      int // that listens; -1: none
	watch   loop.Watch
	through *through // in place of fd: a proxy that listens, or was asked to
	failure *failure.Failure

	paused     bool
	backOff    time.Duration // 0: accepting works
	retry      loop.Timer
	maxPending int
	backlog    int
	halfOpen   bool // what connections begin with

	pending  []*socket.Socket
	waiters  loop.Waiters
	accepted uint64 // connections, for those who wait on other threads

	limits  quota.Limits
	refused refusals
	spread  spread

	incoming    func(fd int)
	hasPending  override[func() bool]
	nextPending override[func() *socket.Socket]
}

// class is in what servers differ.
type class interface {
	loop.Deferred
	// adopt makes a socket of a descriptor that was accepted, and received makes it pending,
	// at once or later.
	adopt(fd int, peer address.Address, port uint16) *socket.Socket
	received(c *socket.Socket)
	// sending completes an arrival that goes to another loop, where land makes a socket of it.
	sending(a *arrival, peer address.Address, port uint16)
	land(a *arrival, l *loop.Loop) *socket.Socket
	// busy reports whether too many connections are yet to become pending.
	busy() bool
	// updated is called when there may be room for more connections.
	updated()
	// acceptFailure returns what the failure to accept is called.
	acceptFailure(error) *failure.Failure
	// emitPending and emitAccepted signal a connection: that it is pending, and that
	// it was accepted.
	emitPending()
	emitAccepted()
	// prefix is what names of functions begin with, and named what messages call the class, and
	// where the server listens.
	prefix() string
	named() (class, at string)
	// closing is called before the listening ends.
	closing()
	// moved is called when the server has gone to another loop, with the locks of both held.
	moved(from, to *loop.Loop)
}

// override is what replaces a method, but not while it runs: there the method
// is the original.
type override[F any] struct {
	f    F
	set  bool
	busy bool
}

// begin makes b the base of a server on l that does not listen.
func (s *base) begin(l *loop.Loop, c class) {
	s.class = c
	s.fd = -1
	s.failure = &failure.Failure{Code: failure.Unknown}
	s.maxPending = defaultMaxPending
	s.backlog = defaultBacklog
	s.retry.Expired = s.retryAccepting
	s.owner.Disown = s.disown
	s.Init(l)
	s.limits.Init(&s.Object, s.update)
}

// mayListen reports whether s can begin to listen.
func (s *base) mayListen(function string) bool {
	if s.Deleting() {
		return false
	}
	return !s.isListeningAlready(s.class.prefix() + function)
}

// isListeningAlready reports whether s listens. It is an error, with a warning, if it does.
func (s *base) isListeningAlready(function string) bool {
	if !s.IsListening() {
		return false
	}
	const text = "the server is listening already"
	s.failure = failure.Misuse(text)
	s.Warn(function, text, s.Describe())
	return true
}

// checkListener reports whether fd listens and prepares it; otherwise that is the
// error.
func (s *base) checkListener(fd int) bool {
	if !sys.IsListening(fd) || sys.Adopt(fd) != nil {
		s.failure = failure.BadDescriptor
		return false
	}
	return true
}

// serve accepts the connections of fd.
func (s *base) serve(fd int) {
	s.fd = fd
	s.paused = false
	s.update()
}

// Close stops listening and deletes the pending connections
// (QTcpServer::close, QLocalServer::close).
func (s *base) Close() {
	s.Pin()
	defer s.Unpin()
	pending := s.pending
	s.pending = nil
	if s.fd >= 0 || s.through != nil {
		s.Loop().StopTimer(&s.retry)
		s.closing()
		s.release()
		s.backOff = 0
		s.waiters.Notify()
	}
	s.dropArrivals()
	deleteOf(s.Loop(), pending)
}

// release ends where connections come from.
func (s *base) release() {
	if s.through != nil {
		s.through.close()
		s.through = nil
	}
	if s.fd < 0 {
		return
	}
	if s.watch != 0 {
		s.Loop().Unwatch(s.watch)
		s.watch = 0
	}
	sys.Close(s.fd)
	s.fd = -1
}

// full reports whether as many as maxPending connections are pending, or so many are
// open, that no more is accepted.
func (s *base) full(maxPending int) bool {
	return s.crowded(maxPending) || s.limits.Full() || s.busy()
}

// crowded reports whether as many as maxPending connections are pending, or on their way to
// each of the loops that they are spread over.
func (s *base) crowded(maxPending int) bool {
	if s.spreads() {
		return s.spread.crowded(maxPending)
	}
	return len(s.pending) >= maxPending
}

// update has the loop watch while there is a wish for connections.
func (s *base) update() {
	want := s.IsListening() && !s.paused && (s.backOff == 0 || s.through != nil) && !s.full(s.maxPending)
	if err := s.hear(want); err != nil {
		// For want of memory, for example. Meanwhile it is looked without being told.
		s.failure = failure.Create(err)
		s.backOff = firstBackOff
		s.Loop().StartTimer(&s.retry, s.backOff)
	}
	s.updated()
	s.waiters.Notify()
}

// hear says whether the loop is to tell of connections.
func (s *base) hear(on bool) (err error) {
	switch {
	case s.through != nil:
		return s.through.hear(on)
	case on && s.watch == 0:
		s.watch, err = s.Loop().Watch(s.fd, poll.In, s)
	case !on && s.watch != 0:
		s.Loop().Unwatch(s.watch)
		s.watch = 0
	}
	return err
}

// IsListening is QTcpServer::isListening.
func (s *base) IsListening() bool { return s.fd >= 0 || s.through != nil }

// Failure returns the last error (QTcpServer::serverError, errorString).
func (s *base) Failure() *failure.Failure { return s.failure }

// Descriptor returns the listening descriptor, -1 if there is none; where a proxy listens,
// the one that is connected to it, which is no use to others
// (QTcpServer::socketDescriptor).
func (s *base) Descriptor() int {
	if s.through != nil {
		return s.through.descriptor()
	}
	return s.fd
}

// MaxPending is QTcpServer::maxPendingConnections.
func (s *base) MaxPending() int { return s.maxPending }

// SetMaxPending is QTcpServer::setMaxPendingConnections.
func (s *base) SetMaxPending(n int) {
	s.maxPending = n
	s.update()
}

// Backlog is QTcpServer::listenBacklogSize.
func (s *base) Backlog() int { return s.backlog }

// SetBacklog is QTcpServer::setListenBacklogSize.
func (s *base) SetBacklog(n int) { s.backlog = n }

// AllowHalfOpen reports what SetAllowHalfOpen was given.
func (s *base) AllowHalfOpen() bool { return s.halfOpen }

// SetAllowHalfOpen sets whether the connections that are accepted from now on go on when
// the peer ends its direction. Qt has no such thing.
func (s *base) SetAllowHalfOpen(allow bool) { s.halfOpen = allow }

// Pause stops accepting (QTcpServer::pauseAccepting).
func (s *base) Pause() {
	s.paused = true
	s.update()
}

// Resume accepts again (QTcpServer::resumeAccepting).
func (s *base) Resume() {
	s.paused = false
	s.update()
}

// SetIncoming replaces what is done with an accepted descriptor; nil restores
// it (QTcpServer::incomingConnection). f is called with the lock held.
func (s *base) SetIncoming(f func(fd int)) { s.incoming = f }

// SetHasPending replaces HasPending; nil restores it. f is called with the lock
// held.
func (s *base) SetHasPending(f func() bool) {
	s.hasPending.f, s.hasPending.set = f, f != nil
}

// SetNextPending replaces NextPending; nil restores it. f is called with the
// lock held.
func (s *base) SetNextPending(f func() *socket.Socket) {
	s.nextPending.f, s.nextPending.set = f, f != nil
}

// HasPending is QTcpServer::hasPendingConnections.
func (s *base) HasPending() bool {
	if o := &s.hasPending; o.set && !o.busy {
		o.busy = true
		defer func() { o.busy = false }()
		return o.f()
	}
	return len(s.pending) > 0
}

// NextPending takes the next pending connection, nil if there is none
// (QTcpServer::nextPendingConnection). It goes on belonging to s.
func (s *base) NextPending() *socket.Socket {
	if o := &s.nextPending; o.set && !o.busy {
		o.busy = true
		defer func() { o.busy = false }()
		return o.f()
	}
	if !s.IsListening() && len(s.pending) > 0 {
		s.warn("next_pending_connection", "the server does not listen")
	}
	// The message's handler may have taken it.
	if len(s.pending) == 0 {
		return nil
	}
	return s.takePending(0)
}

// takePending takes a pending connection.
func (s *base) takePending(i int) *socket.Socket {
	c := s.pending[i]
	copy(s.pending[1:], s.pending[:i])
	s.pending[0] = nil
	s.pending = s.pending[1:]
	s.update()
	return c
}

// AddPending makes c a pending connection of s
// (QTcpServer::addPendingConnection).
func (s *base) AddPending(c *socket.Socket) {
	c.CountFor(&s.limits)
	s.Own(c)
	s.pending = append(s.pending, c)
	s.update()
	s.waiters.Notify()
	s.emitPending()
}

// Own has c deleted with s.
func (s *base) Own(c *socket.Socket) {
	if c.Owner() != &s.owner {
		c.SetOwner(&s.owner)
	}
}

// owns reports whether c is deleted with s.
func (s *base) owns(c *socket.Socket) bool { return c.Owner() == &s.owner }

// disown is told by c that it no longer belongs to s.
func (s *base) disown(c *socket.Socket) {
	// It may be there more than once.
	if slices.Contains(s.pending, c) {
		s.pending = slices.DeleteFunc(slices.Clone(s.pending), func(p *socket.Socket) bool { return p == c })
		s.update()
	}
}

// Delete closes s, says so, and deletes the sockets that it owns, in the order in
// which they became its own (QTcpServer::~QTcpServer).
func (s *base) Delete() {
	if !s.BeginDelete() {
		return
	}
	s.Close()
	s.limits.Close()
	list, handshakes := s.owner.Sockets(), s.takeHandshakes()
	// The loop may go with its last object: keep it for the children.
	l := s.Loop()
	l.Retain()
	defer l.Release()
	s.EndDelete()
	for _, c := range list {
		if c.Loop() == l && c.Owner() == &s.owner {
			c.Delete()
		}
	}
	endHandshakes(l, handshakes)
}

// deleteOf deletes those sockets that are of a loop still: the slots of one may have another
// moved, which is nobody's then.
func deleteOf(l *loop.Loop, list []*socket.Socket) {
	for _, c := range list {
		if c.Loop() == l {
			c.Delete()
		}
	}
}

// DeleteLater deletes s when control is back in the loop (QObject::deleteLater).
func (s *base) DeleteLater() { s.Object.DeleteLater(s) }

func (s *base) warn(function, text string) {
	s.Warn(s.class.prefix()+function, text, s.Describe())
}

// Describe returns what messages call s: "QTcpServer 0x55d0c8, at [::1]:80".
func (s *base) Describe() string {
	class, at := s.class.named()
	if who := s.Named(class); at == "" {
		return who
	} else {
		return who + ", at " + at
	}
}
