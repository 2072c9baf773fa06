// Package server is the TCP server, which may encrypt or listen for SCTP instead, and the local
// server: QTcpServer, QSslServer, QSctpServer and QLocalServer over a listening descriptor of a
// loop.
package server

import (
	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/endpoint"
	"qnet/core/failure"
	"qnet/core/loop"
	"qnet/core/option"
	"qnet/core/proxy"
	"qnet/core/sctp"
	"qnet/core/socket"
	"qnet/core/sys"
)

// Server is a TCP server, or one for SCTP. Make one with New, NewSSL or NewSCTP.
type Server struct {
	base

	address address.Address
	port    uint16
	local   *address.Endpoint // this side of the last connection
	options option.Kept       // for descriptors to come
	proxy   proxy.Proxy       // the default one: the application's
	ssl     *SSL              // nil: it does not encrypt
	sctp    *SCTP             // nil: it listens for TCP
}

// New makes a server on l that does not listen.
func New(l *loop.Loop) *Server {
	s := &Server{}
	s.begin(l, s)
	return s
}

// Listen listens on a and port, 0 for one that the system chooses. Where there is a proxy
// it is the proxy that listens: it is asked, and what it answers is signalled, and so is
// each failure, after which it is asked again (QTcpServer::listen).
func (s *Server) Listen(a address.Address, port uint16) bool {
	if !s.mayListen("listen") {
		return false
	}
	p, ok := s.chooseProxy(a, port)
	switch {
	case !ok:
		return false
	case p.Type != proxy.None:
		return s.listenThrough(p, a, port)
	}
	fd, err := s.open(a)
	if err != nil {
		s.failure = failure.Create(err)
		return false
	}
	// Connections of a former server on this port do not stand in the way.
	unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	if err := s.options.Apply(fd); err != nil {
		sys.Close(fd)
		s.failure = failure.Create(err)
		return false
	}
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
	s.start(fd)
	return true
}

// SetDescriptor takes over fd, which listens (QTcpServer::setSocketDescriptor).
// It is left alone when the answer is false.
func (s *Server) SetDescriptor(fd int) bool {
	if !s.mayListen("set_socket_descriptor") || !s.checkListener(fd) {
		return false
	}
	if s.sctp != nil && !sctp.IsSCTP(fd) {
		s.failure = failure.NotSCTP
		return false
	}
	s.start(fd)
	return true
}

func (s *Server) start(fd int) {
	s.address, s.port = endpoint.Local(fd)
	s.serve(fd)
	s.Emit(SignalListening, 0)
}

func (s *Server) closing() { s.address, s.port = address.Null, 0 }

func (s *Server) prefix() string { return "qnet_tcp_server_" }

func (s *Server) named() (class, at string) {
	class = "QTcpServer"
	switch {
	case s.ssl != nil:
		class = "QSslServer"
	case s.sctp != nil:
		class = "QSctpServer"
	}
	if s.IsListening() && !s.address.IsNull() {
		at = address.Endpoint{Address: s.address, Port: s.port}.String()
	}
	return class, at
}

func (s *Server) adopt(fd int, peer address.Address, port uint16) *socket.Socket {
	if s.through != nil {
		return socket.AdoptAs(s.Loop(), fd, socket.Ends{Local: s.through.local, Peer: peer, PeerPort: port})
	}
	if s.sctp != nil {
		return socket.AdoptSCTP(s.Loop(), fd, peer, port, s.sctp.most)
	}
	c := socket.Adopt(s.Loop(), fd, peer, port, s.local)
	s.local = c.LocalEndpoint()
	return c
}

func (s *Server) received(c *socket.Socket) {
	if s.ssl == nil {
		s.AddPending(c)
		return
	}
	s.ssl.keep(c)
}

func (s *Server) busy() bool { return s.ssl != nil && s.ssl.busy() }

func (s *Server) updated() {
	if s.ssl != nil {
		s.ssl.promoteSoon()
	}
}

// Delete is QTcpServer::~QTcpServer, as for all servers.
func (s *Server) Delete() {
	if s.Deleting() {
		return
	}
	// The loop may go with its last object.
	l := s.Loop()
	l.Retain()
	defer l.Release()
	s.base.Delete()
	if s.ssl != nil {
		s.ssl.end()
	}
}

// DeleteLater deletes s when control is back in the loop (QObject::deleteLater).
func (s *Server) DeleteLater() { s.Object.DeleteLater(s) }

// Close stops listening and deletes the pending connections (QTcpServer::close).
func (s *Server) Close() {
	s.Pin()
	defer s.Unpin()
	s.base.Close()
	if s.ssl != nil {
		s.ssl.close()
	}
}

func (s *Server) acceptFailure(err error) *failure.Failure { return failure.Accept(err) }

func (s *Server) emitPending() { s.Emit(SignalPendingConnectionAvailable, 0) }

func (s *Server) emitAccepted() { s.Emit(SignalNewConnection, 0) }

// Address returns the address on which s listens, where there is a proxy as that tells it: for
// its first answer this waits, up to five seconds after Listen (QTcpServer::serverAddress).
func (s *Server) Address() address.Address {
	s.settle()
	return s.address
}

// Port returns the port on which s listens, with the same wait. Through a proxy it may be
// another one after each connection (QTcpServer::serverPort).
func (s *Server) Port() uint16 {
	s.settle()
	return s.port
}

func (s *Server) settle() {
	if s.through != nil {
		s.through.settle()
	}
}

// Refuse fails because s is of a kind that cannot do what was asked for.
func (s *Server) Refuse() { s.failure = failure.WrongKind }

// SetOption sets an option of the descriptor that listens, which the connections mostly
// inherit. While there is none it is kept for those to come. It reports whether the
// system takes it. Qt has no such call.
func (s *Server) SetOption(o option.Option, value int) bool {
	switch {
	case !s.IsListening():
		return s.options.Keep(o, value)
	case s.through != nil:
		return s.through.setOption(o, value)
	}
	return option.Set(s.fd, o, value) == nil
}

// Option returns the value of an option of the descriptor that listens; -1 if there is
// none. Qt has no such call.
func (s *Server) Option(o option.Option) int {
	if value, err := option.Get(s.Descriptor(), o); err == nil {
		return value
	}
	return -1
}

// WaitForNewConnection waits up to msec milliseconds (-1: without limit) for a
// connection and accepts it, without a running loop; where it is to be encrypted, until it
// is, unlike Qt (QTcpServer::waitForNewConnection).
func (s *Server) WaitForNewConnection(msec int) (ok, timedOut bool) {
	if s.ssl != nil {
		ok, timedOut = s.ssl.waitForNewConnection(msec)
	} else {
		ok, timedOut = s.wait(msec, maxAccepts, s.maxPending)
	}
	if timedOut {
		s.failure = failure.PollTimeout
	}
	return ok, timedOut
}
