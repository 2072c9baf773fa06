// Package server is the TCP server: QTcpServer over a listening descriptor of a
// loop.
package server

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/endpoint"
	"qnet/core/failure"
	"qnet/core/loop"
	"qnet/core/message"
	"qnet/core/object"
	"qnet/core/socket"
	"qnet/core/sys"
)

// The signals of a server, with what their argument is.
const (
	SignalNewConnection              object.Signal = iota + 1
	SignalPendingConnectionAvailable               //
	SignalAcceptError                              // the failure.Code
)

const (
	defaultMaxPending = 30
	defaultBacklog    = 50
)

// Server is a TCP server. Make one with New.
type Server struct {
	object.Object

	fd      int // -1: does not listen
	watch   loop.Watch
	address address.Address
	port    uint16
	failure *failure.Failure

	paused     bool
	backOff    time.Duration // 0: accepting works
	retry      loop.Timer
	maxPending int
	backlog    int

	pending  []*socket.Socket
	children map[*socket.Socket]uint64 // with their order
	owned    uint64                    // how many there ever were
	waiters  loop.Waiters
	accepted uint64 // connections, for those who wait on other threads

	incoming    func(fd int)
	hasPending  override[func() bool]
	nextPending override[func() *socket.Socket]
}

// override is what replaces a method, but not while it runs: there the method
// is the original.
type override[F any] struct {
	f    F
	set  bool
	busy bool
}

// New makes a server on l that does not listen.
func New(l *loop.Loop) *Server {
	s := &Server{
		fd:         -1,
		failure:    &failure.Failure{Code: failure.Unknown},
		maxPending: defaultMaxPending,
		backlog:    defaultBacklog,
		children:   map[*socket.Socket]uint64{},
	}
	s.retry.Expired = s.retryAccepting
	s.Init(l)
	return s
}

// Listen listens on a and port, 0 for one that the system chooses
// (QTcpServer::listen).
func (s *Server) Listen(a address.Address, port uint16) bool {
	if s.Deleting() {
		return false
	}
	if s.fd >= 0 {
		s.warn("listen: the server is listening already")
		return false
	}
	fd, err := endpoint.Open(a)
	if err != nil {
		s.failure = failure.Create(err)
		return false
	}
	// Connections of a former server on this port do not stand in the way.
	unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	if err := endpoint.Bind(fd, a, port); err != nil {
		sys.Close(fd)
		s.failure = failure.Bind(err)
		return false
	}
	if err := unix.Listen(fd, s.backlog); err != nil {
		sys.Close(fd)
		s.failure = failure.Listen(err)
		return false
	}
	s.serve(fd)
	return true
}

// SetDescriptor takes over fd, which listens (QTcpServer::setSocketDescriptor).
// It is left alone when the answer is false.
func (s *Server) SetDescriptor(fd int) bool {
	if s.Deleting() {
		return false
	}
	if s.fd >= 0 {
		s.warn("set_socket_descriptor: the server is listening already")
		return false
	}
	listening, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN)
	if err != nil || listening == 0 || unix.SetNonblock(fd, true) != nil {
		s.failure = failure.BadDescriptor
		return false
	}
	s.serve(fd)
	return true
}

func (s *Server) serve(fd int) {
	s.fd = fd
	s.paused = false
	s.address, s.port = endpoint.Local(fd)
	if s.address == address.AnyIPv6 && endpoint.IsDualStack(fd) {
		s.address = address.Any
	}
	s.update()
}

// Close stops listening and deletes the pending connections
// (QTcpServer::close).
func (s *Server) Close() {
	pending := s.pending
	s.pending = nil
	if s.fd >= 0 {
		if s.watch != 0 {
			s.Loop().Unwatch(s.watch)
			s.watch = 0
		}
		s.Loop().StopTimer(&s.retry)
		sys.Close(s.fd)
		s.fd, s.port, s.backOff = -1, 0, 0
		s.address = address.Null
		s.waiters.Notify()
	}
	for _, c := range pending {
		c.Delete()
	}
}

// update has the loop watch while there is a wish for connections.
func (s *Server) update() {
	want := s.fd >= 0 && !s.paused && s.backOff == 0 && len(s.pending) < s.maxPending
	switch {
	case want && s.watch == 0:
		s.watch, _ = s.Loop().Watch(s.fd, unix.EPOLLIN, s)
	case !want && s.watch != 0:
		s.Loop().Unwatch(s.watch)
		s.watch = 0
	}
	s.waiters.Notify()
}

// IsListening is QTcpServer::isListening.
func (s *Server) IsListening() bool { return s.fd >= 0 }

// Address returns the address on which s listens (QTcpServer::serverAddress).
func (s *Server) Address() address.Address { return s.address }

// Port returns the port on which s listens (QTcpServer::serverPort).
func (s *Server) Port() uint16 { return s.port }

// Failure returns the last error (QTcpServer::serverError, errorString).
func (s *Server) Failure() *failure.Failure { return s.failure }

// Descriptor returns the listening descriptor, -1 if there is none
// (QTcpServer::socketDescriptor).
func (s *Server) Descriptor() int { return s.fd }

// MaxPending is QTcpServer::maxPendingConnections.
func (s *Server) MaxPending() int { return s.maxPending }

// SetMaxPending is QTcpServer::setMaxPendingConnections.
func (s *Server) SetMaxPending(n int) {
	s.maxPending = n
	s.update()
}

// Backlog is QTcpServer::listenBacklogSize.
func (s *Server) Backlog() int { return s.backlog }

// SetBacklog is QTcpServer::setListenBacklogSize.
func (s *Server) SetBacklog(n int) { s.backlog = n }

// Pause stops accepting (QTcpServer::pauseAccepting).
func (s *Server) Pause() {
	s.paused = true
	s.update()
}

// Resume accepts again (QTcpServer::resumeAccepting).
func (s *Server) Resume() {
	s.paused = false
	s.update()
}

// SetIncoming replaces what is done with an accepted descriptor; nil restores
// it (QTcpServer::incomingConnection). f is called with the lock held.
func (s *Server) SetIncoming(f func(fd int)) { s.incoming = f }

// SetHasPending replaces HasPending; nil restores it. f is called with the lock
// held.
func (s *Server) SetHasPending(f func() bool) {
	s.hasPending.f, s.hasPending.set = f, f != nil
}

// SetNextPending replaces NextPending; nil restores it. f is called with the
// lock held.
func (s *Server) SetNextPending(f func() *socket.Socket) {
	s.nextPending.f, s.nextPending.set = f, f != nil
}

// HasPending is QTcpServer::hasPendingConnections.
func (s *Server) HasPending() bool {
	if o := &s.hasPending; o.set && !o.busy {
		o.busy = true
		defer func() { o.busy = false }()
		return o.f()
	}
	return len(s.pending) > 0
}

// NextPending takes the next pending connection, nil if there is none
// (QTcpServer::nextPendingConnection). It goes on belonging to s.
func (s *Server) NextPending() *socket.Socket {
	if o := &s.nextPending; o.set && !o.busy {
		o.busy = true
		defer func() { o.busy = false }()
		return o.f()
	}
	if len(s.pending) == 0 {
		return nil
	}
	c := s.pending[0]
	s.pending[0] = nil
	s.pending = s.pending[1:]
	s.update()
	return c
}

// AddPending makes c a pending connection of s
// (QTcpServer::addPendingConnection).
func (s *Server) AddPending(c *socket.Socket) {
	s.Own(c)
	s.pending = append(s.pending, c)
	s.update()
	s.waiters.Notify()
	s.Emit(SignalPendingConnectionAvailable, 0)
}

// Own has c deleted with s.
func (s *Server) Own(c *socket.Socket) {
	if c.Owner() == s {
		return
	}
	c.SetOwner(s)
	s.owned++
	s.children[c] = s.owned
}

// Disown is told by c that it no longer belongs to s.
func (s *Server) Disown(c *socket.Socket) {
	delete(s.children, c)
	for i, p := range s.pending {
		if p == c {
			s.pending = append(s.pending[:i:i], s.pending[i+1:]...)
			s.update()
			break
		}
	}
}

// Delete closes s, says so, and deletes the sockets that it owns, in the order in
// which they became its own (QTcpServer::~QTcpServer).
func (s *Server) Delete() {
	if !s.BeginDelete() {
		return
	}
	s.Close()
	children := s.children
	s.children = nil
	list := slices.SortedFunc(maps.Keys(children), func(a, b *socket.Socket) int {
		return cmp.Compare(children[a], children[b])
	})
	// The loop may go with its last object: keep it for the children.
	l := s.Loop()
	l.Retain()
	defer l.Release()
	s.EndDelete()
	for _, c := range list {
		if c.Owner() == s {
			c.Delete()
		}
	}
}

// DeleteLater deletes s when control is back in the loop (QObject::deleteLater).
func (s *Server) DeleteLater() { s.Object.DeleteLater(s) }

func (s *Server) warn(text string) {
	s.Ask(func() { message.Send(message.Warning, text) })
}
