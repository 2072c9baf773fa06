package server

import (
	"math"

	"golang.org/x/sys/unix"

	"qnet/core/address"
	"qnet/core/failure"
	"qnet/core/local"
	"qnet/core/loop"
	"qnet/core/message"
	"qnet/core/socket"
	"qnet/core/sys"
)

// Options is a set of QLocalServer::SocketOption.
type Options int

const (
	UserAccess        Options = 1
	GroupAccess       Options = 2
	OtherAccess       Options = 4
	WorldAccess       Options = 7
	AbstractNamespace Options = 8
)

// LocalServer is a server of local sockets. Make one with NewLocal.
type LocalServer struct {
	base

	options Options
	name    string
	at      local.Name
	file    local.File
}

// NewLocal makes a local server on l that does not listen.
func NewLocal(l *loop.Loop) *LocalServer {
	s := &LocalServer{}
	s.begin(l, s)
	return s
}

// Listen listens under a name, or at a path (QLocalServer::listen).
func (s *LocalServer) Listen(name string) bool {
	if !s.mayListen("listen") {
		return false
	}
	n := local.Find(name, s.options&AbstractNamespace != 0)
	fd, err := local.Open()
	if err == nil {
		if err = local.Bind(fd, n, local.Access(s.options&WorldAccess)); err == nil {
			s.file = local.FileOf(n)
			if err = unix.Listen(fd, s.backlog); err != nil {
				s.file.Remove()
			}
		}
		if err != nil {
			sys.Close(fd)
		}
	}
	if err != nil {
		s.failure = failure.ListenLocal(err)
		return false
	}
	s.name, s.at = name, n
	s.serve(fd)
	return true
}

// ListenDescriptor takes over fd, which listens (QLocalServer::listen). It is
// left alone when the answer is false.
func (s *LocalServer) ListenDescriptor(fd int) bool {
	if !s.mayListen("listen_descriptor") {
		return false
	}
	if !local.IsStream(fd) {
		s.failure = failure.BadDescriptor
		return false
	}
	if !s.checkListener(fd) {
		return false
	}
	n := local.Local(fd)
	s.name, s.at, s.file = n.Short(), n, local.FileOf(n)
	s.options &^= AbstractNamespace
	if n.Abstract {
		s.options |= AbstractNamespace
	}
	s.serve(fd)
	return true
}

// closing removes the file, unless it has become another's, and forgets the
// error too.
func (s *LocalServer) closing() {
	s.file.Remove()
	s.name, s.at, s.file = "", local.Name{}, local.File{}
	s.failure = &failure.Failure{Code: failure.Unknown}
}

func (s *LocalServer) prefix() string { return "qnet_local_server_" }

func (s *LocalServer) named() (class, at string) { return "QLocalServer", s.at.Text }

func (s *LocalServer) adopt(fd int, _ address.Address, _ uint16) *socket.Socket {
	return socket.AdoptLocal(s.Loop(), fd)
}

func (s *LocalServer) received(c *socket.Socket) { s.AddPending(c) }

func (s *LocalServer) busy() bool { return false }

func (s *LocalServer) updated() {}

func (s *LocalServer) acceptFailure(err error) *failure.Failure { return failure.AcceptLocal(err) }

func (s *LocalServer) emitPending() { s.Emit(SignalNewConnection, 0) }

func (s *LocalServer) emitAccepted() {}

// WaitForNewConnection waits up to msec milliseconds (-1: without limit) for a
// connection and accepts it, without a running loop; as in Qt also while as many are
// pending as may be. It reports whether one is pending then, and whether the time ran
// out (QLocalServer::waitForNewConnection).
func (s *LocalServer) WaitForNewConnection(msec int) (pending, timedOut bool) {
	done, timedOut := s.wait(msec, 1, math.MaxInt)
	return len(s.pending) > 0 || done && s.spreads(), timedOut
}

// Options is QLocalServer::socketOptions.
func (s *LocalServer) Options() Options { return s.options }

// SetOptions is QLocalServer::setSocketOptions.
func (s *LocalServer) SetOptions(o Options) { s.options = o }

// Name returns what Listen was given (QLocalServer::serverName).
func (s *LocalServer) Name() string { return s.name }

// FullName returns the path, or abstract name, under which s listens
// (QLocalServer::fullServerName).
func (s *LocalServer) FullName() string { return s.at.Text }

// RemoveLocal removes what a server that is no more has left behind
// (QLocalServer::removeServer).
func RemoveLocal(name string) bool {
	switch n := local.Find(name, false); local.Remove(n) {
	case local.Removed:
	case local.InUse:
		message.Send(message.Warning, "qnet_local_server_remove_server: a server still listens at "+n.Text)
	case local.NotASocket:
		message.Send(message.Warning, "qnet_local_server_remove_server: "+n.Text+" is not a socket, and stays")
		return false
	default:
		return false
	}
	return true
}
