package socket

import (
	"golang.org/x/sys/unix"

	"qnet/core/failure"
	"qnet/core/local"
	"qnet/core/loop"
	"qnet/core/sys"
)

// A local socket differs from a TCP socket in its names and in how it begins:
// connecting succeeds or fails at once, unless the server's queue is full. A
// failure is told while still connecting, and the device is only open once
// connected. It also ends in another order when aborted.

// localPart is what only a local socket has.
type localPart struct {
	serverName string
	abstract   bool       // names are those of the abstract namespace
	full       local.Name // of the server that s is connected to

	attempt *localAttempt // while the server's queue is full
	mode    OpenMode      // for when it is connected
	aborted bool          // not valid any more, though still open

	passing passing
}

// NewLocal makes an unconnected local socket on l.
func NewLocal(l *loop.Loop) *Socket {
	s := New(l)
	s.kind = Local
	s.ensureCold().local = &localPart{}
	return s
}

// AdoptLocal makes a connected local socket of a descriptor that a server
// accepted.
func AdoptLocal(l *loop.Loop, fd int) *Socket {
	s := NewLocal(l)
	s.connectedAs(fd)
	s.watchForDescriptors(true)
	s.nameAfter(local.Local(fd))
	s.updateInterest()
	return s
}

func (s *Socket) nameAfter(n local.Name) {
	p := s.cold.local
	p.full, p.serverName = n, n.Short()
	if n.Abstract {
		p.abstract = true
	}
}

// adoptNames names s after what its descriptor is connected to, or is the
// server's end of.
func (s *Socket) adoptNames() {
	n := local.Peer(int(s.fd))
	if n.Text == "" {
		n = local.Local(int(s.fd))
	}
	s.cold.local.aborted = false
	s.nameAfter(n)
}

func (s *Socket) forgetServer() {
	if s.kind == Local {
		p := s.cold.local
		p.serverName, p.full = "", local.Name{}
	}
}

// ServerName returns the name that connect was or will be given
// (QLocalSocket::serverName).
func (s *Socket) ServerName() string { return s.cold.local.serverName }

// FullServerName returns the path, or abstract name, of the server that s is
// connected to (QLocalSocket::fullServerName).
func (s *Socket) FullServerName() string { return s.cold.local.full.Text }

// SetServerName sets the name for the next connect
// (QLocalSocket::setServerName).
func (s *Socket) SetServerName(name string) {
	if s.state != Unconnected {
		s.warnOf("qnet_local_socket_set_server_name", "the socket is not unconnected")
		return
	}
	s.cold.local.serverName = name
}

// Abstract reports whether names are those of the abstract namespace
// (QLocalSocket::socketOptions).
func (s *Socket) Abstract() bool { return s.cold.local.abstract }

// SetAbstract is QLocalSocket::setSocketOptions.
func (s *Socket) SetAbstract(abstract bool) {
	if s.state != Unconnected {
		s.warnOf("qnet_local_socket_set_socket_options", "the socket is not unconnected")
		return
	}
	s.cold.local.abstract = abstract
}

// ConnectToServer connects to the server that SetServerName has named
// (QLocalSocket::connectToServer).
func (s *Socket) ConnectToServer(mode OpenMode) {
	if s.Deleting() {
		return
	}
	if s.state != Unconnected {
		s.fail(failure.LocalInProgress)
		return
	}
	if mode&ReadWrite == 0 {
		s.fail(failure.NoMode)
		return
	}
	p := s.cold.local
	s.dropDescriptor()
	s.clearWritten() // what is unread stays until it is connected
	s.closeDescriptors()
	s.forgetCut()
	s.closeLater = false
	s.failure = failure.None
	p.mode, p.full = mode, local.Name{}
	s.startLimit()
	if !s.enter(Connecting) {
		return
	}
	fd, err := s.prepare(local.Open())
	if err != nil {
		s.serverFailed(failure.ConnectLocal(err))
		return
	}
	s.tryServer(fd)
}

// tryServer tries to connect fd, and again later if the server's queue is full.
func (s *Socket) tryServer(fd int) {
	p := s.cold.local
	n := local.Find(p.serverName, p.abstract)
	switch err := local.Connect(fd, n); err {
	case nil:
		s.serverFound(fd, n)
	case unix.EAGAIN:
		s.tryServerLater(fd)
	default:
		if p.attempt == nil {
			sys.Close(fd)
		}
		s.serverFailed(failure.ConnectLocal(err))
	}
}

func (s *Socket) serverFound(fd int, n local.Name) {
	p := s.cold.local
	s.stopLimit()
	p.attempt, p.aborted = nil, false
	s.clearRead()
	s.fd = int32(fd)
	s.watchForDescriptors(true)
	p.full = n
	if !s.enter(Connected) {
		return
	}
	s.mode = p.mode
	s.exposed, s.channelled = true, true
	s.updateInterest()
	s.sendEnd()
	if s.emit(SignalConnected, 0) && s.closeLater {
		s.Disconnect()
	}
}

// serverFailed ends an attempt without a connection.
func (s *Socket) serverFailed(f *failure.Failure) {
	s.dropDescriptor()
	if !s.fail(f) {
		return
	}
	s.state = Unconnected
	s.closeLocal()
	if s.Alive() && s.state == Unconnected {
		s.enter(Unconnected)
	}
}

// closeLocal is Close of a local socket.
func (s *Socket) closeLocal() {
	if !s.closeDevice() {
		return
	}
	s.closeDescriptors()
	connection := s.connectionID
	switch s.state {
	case Unconnected:
	case Connecting:
		s.finish(true)
		return
	default:
		s.Disconnect()
	}
	if s.connectionID == connection && s.Alive() {
		s.forgetServer()
	}
}

// abortLocal is Abort of a local socket: the connection ends before the device.
func (s *Socket) abortLocal() {
	s.sever()
	if s.Alive() && s.closeDevice() {
		s.closeDescriptors()
		if s.state != Unconnected {
			// A slot has begun another connection.
			s.finish(true)
		}
		s.forgetServer()
	}
}

// sever ends the connection of a local socket at once: the device stays open, but is not
// valid any more.
func (s *Socket) sever() {
	s.cold.local.aborted = true
	s.clearBuffers()
	if s.state != Unconnected {
		s.finish(true)
	}
}

// PeerCredentials returns those of the process at the other end.
func (s *Socket) PeerCredentials() (local.Credentials, bool) {
	if s.fd < 0 {
		return local.Credentials{PID: -1, UID: -1, GID: -1}, false
	}
	c, err := local.PeerCredentials(int(s.fd))
	return c, err == nil
}
