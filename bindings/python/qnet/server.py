"""TCP servers. Qt: QTcpServer"""

from __future__ import annotations

import ctypes
from typing import Any, Optional, Tuple, TypeVar

from . import _api
from ._await import ServerAwaits
from ._convert import integer, port as port_number, string
from ._library import called_from_c, lib
from ._object import QObject, destroyed_thunk
from ._signal import Signal, find
from ._turn import me, report, run
from .address import AddressLike, QHostAddress, address_from, struct
from .enums import SocketError, SpecialAddress, member
from .socket import QTcpSocket, socket_error


S = TypeVar("S", bound="QTcpServer")


@called_from_c(_api.qnet_tcp_server_incoming_callback)
def _incoming(handle: Optional[int], descriptor: int, _data: Optional[int]) -> None:
    try:
        server = find(handle)
        if server is not None:
            server.incomingConnection(descriptor)
    except BaseException:
        report()


@called_from_c(_api.qnet_tcp_server_has_pending_callback)
def _has_pending(handle: Optional[int], _data: Optional[int]) -> bool:
    try:
        server = find(handle)
        if server is None:
            return False
        if me.asking is server:
            # The base class asks, not the library: within this callback C answers as the base class does.
            return bool(lib.qnet_tcp_server_has_pending_connections(handle))
        return bool(server.hasPendingConnections())
    except BaseException:
        report()
        return False


@called_from_c(_api.qnet_tcp_server_next_pending_callback)
def _next_pending(handle: Optional[int], _data: Optional[int]) -> Optional[int]:
    try:
        server = find(handle)
        if server is None:
            return None
        if me.asking is server:
            taken: Optional[int] = lib.qnet_tcp_server_next_pending_connection(handle)
            return taken
        socket = server.nextPendingConnection()
        return None if socket is None else socket._handle
    except BaseException:
        report()
        return None


class QTcpServer(QObject, ServerAwaits[QTcpSocket]):
    """A TCP server. Qt: QTcpServer

    A subclass may override incomingConnection(), hasPendingConnections() and nextPendingConnection(); the library
    calls its methods then.
    """

    newConnection = Signal("qnet_tcp_server_on_new_connection", _api.qnet_tcp_server_callback)
    """A connection was accepted. Qt: QTcpServer::newConnection"""
    pendingConnectionAvailable = Signal(
        "qnet_tcp_server_on_pending_connection_available", _api.qnet_tcp_server_callback
    )
    """A connection was added to the pending ones; before newConnection. Qt: QTcpServer::pendingConnectionAvailable"""
    acceptError = Signal("qnet_tcp_server_on_accept_error", _api.qnet_tcp_server_error_callback, socket_error)
    """Accepting failed; with the error. Qt: QTcpServer::acceptError"""

    _new = lib.qnet_tcp_server_new
    _delete = lib.qnet_tcp_server_delete
    _delete_later = lib.qnet_tcp_server_delete_later
    _on_destroyed = (lib.qnet_tcp_server_on_destroyed, destroyed_thunk(_api.qnet_tcp_server_callback))

    _owns_sockets = True

    def __init__(self, parent: Optional[QObject] = None, **keywords: Any) -> None:
        super().__init__(parent, **keywords)
        cls = type(self)
        if cls.incomingConnection is not QTcpServer.incomingConnection:
            lib.qnet_tcp_server_set_incoming_connection(self._handle, _incoming, None)
        if cls.hasPendingConnections is not QTcpServer.hasPendingConnections:
            lib.qnet_tcp_server_set_has_pending_connections(self._handle, _has_pending, None)
        if cls.nextPendingConnection is not QTcpServer.nextPendingConnection:
            lib.qnet_tcp_server_set_next_pending_connection(self._handle, _next_pending, None)

    def _forget_overrides(self) -> None:
        handle = self.__dict__.get("_handle")
        if handle is not None and type(self) is not QTcpServer:
            lib.qnet_tcp_server_set_incoming_connection(handle, _api.qnet_tcp_server_incoming_callback(), None)
            lib.qnet_tcp_server_set_has_pending_connections(handle, _api.qnet_tcp_server_has_pending_callback(), None)
            lib.qnet_tcp_server_set_next_pending_connection(handle, _api.qnet_tcp_server_next_pending_callback(), None)

    def _describe(self) -> str:
        if not self.isListening():
            return ""
        return f" listening on {self.serverAddress()}:{self.serverPort()}"

    def _active(self) -> bool:
        return bool(lib.qnet_tcp_server_is_listening(self._handle))

    # ---- listening

    def listen(self, address: AddressLike = SpecialAddress.Any, port: int = 0) -> bool:
        """Listens on an address (every one) and a port (0: the system chooses one). False if it cannot; serverError()
        and errorString() say why. Qt: QTcpServer::listen()"""
        done = bool(lib.qnet_tcp_server_listen(self._handle, struct(address), port_number(port)))
        self._hold()
        return done

    def close(self) -> None:
        """Stops listening; pending connections that nobody has taken are deleted. Qt: QTcpServer::close()"""
        lib.qnet_tcp_server_close(self._handle)
        self._release()
        self._closed()

    def __enter__(self: S) -> S:
        return self

    def __exit__(self, *_: Any) -> None:
        """`with server:` closes it in the end."""
        if self.isAlive():
            self.close()

    def isListening(self) -> bool:
        """Qt: QTcpServer::isListening()"""
        return bool(lib.qnet_tcp_server_is_listening(self._handle))

    def serverAddress(self) -> QHostAddress:
        """Where it listens; null if it does not. Qt: QTcpServer::serverAddress()"""
        return address_from(lib.qnet_tcp_server_server_address, self._handle)

    def serverPort(self) -> int:
        """The port; 0 if it does not listen. Qt: QTcpServer::serverPort()"""
        return int(lib.qnet_tcp_server_server_port(self._handle))

    def serverError(self) -> SocketError:
        """The last error. Qt: QTcpServer::serverError()"""
        return member(SocketError, lib.qnet_tcp_server_server_error(self._handle))

    def errorString(self) -> str:
        """The last error as text, "" if there was none. Qt: QTcpServer::errorString()"""
        return string(lib.qnet_tcp_server_error_string(self._handle))

    def socketDescriptor(self) -> int:
        """The descriptor that listens, which belongs to the server; -1 if there is none.

        Qt: QTcpServer::socketDescriptor()
        """
        return int(lib.qnet_tcp_server_socket_descriptor(self._handle))

    def setSocketDescriptor(self, socketDescriptor: int, /) -> bool:
        """Takes over a descriptor that listens; it belongs to the server if this returns True.

        Qt: QTcpServer::setSocketDescriptor()
        """
        done = bool(lib.qnet_tcp_server_set_socket_descriptor(self._handle, integer(socketDescriptor)))
        self._hold()
        return done

    # ---- connections

    def hasPendingConnections(self) -> bool:
        """Does a connection wait to be taken? Virtual. Qt: QTcpServer::hasPendingConnections()"""
        return bool(self._ask(lib.qnet_tcp_server_has_pending_connections))

    def nextPendingConnection(self) -> Optional[QTcpSocket]:
        """Takes the next pending connection; None if there is none. The socket belongs to the server, and is deleted
        with it, until it is deleted itself or setParent(None). Virtual. Qt: QTcpServer::nextPendingConnection()"""
        return self._socket(self._ask(lib.qnet_tcp_server_next_pending_connection))

    def incomingConnection(self, handle: int, /) -> None:
        """Called with each accepted descriptor, which an override owns. This one makes a QTcpSocket of it and adds it
        to the pending connections. Virtual. Qt: QTcpServer::incomingConnection()"""
        socket = QTcpSocket(self)
        socket.setSocketDescriptor(handle)
        self.addPendingConnection(socket)

    def addPendingConnection(self, socket: QTcpSocket, /) -> None:
        """Adds a socket to the pending connections: it belongs to the server then. For incomingConnection().

        Qt: QTcpServer::addPendingConnection()
        """
        if not isinstance(socket, QTcpSocket):
            raise TypeError(f"a QTcpSocket is needed, not {type(socket).__name__}")
        lib.qnet_tcp_server_add_pending_connection(self._handle, socket._handle)
        if socket.isAlive() and self.isAlive() and socket._loop == self._loop:
            socket._join(self)
            socket._belong(True)

    def _ask(self, function: Any) -> Any:
        outer, me.asking = me.asking, self
        try:
            return function(self._handle)
        finally:
            me.asking = outer

    def _socket(self, handle: Optional[int]) -> Optional[QTcpSocket]:
        """The Python object of a socket that C names."""
        if not handle:
            return None
        socket: Optional[QTcpSocket] = find(handle)
        if socket is None:
            socket = QTcpSocket.__new__(QTcpSocket)
            socket._tie(handle)
            socket._loop = self._loop
            socket._owned = False
            socket._join(self)
        return socket

    def waitForNewConnection(self, msec: int = 0, /) -> Tuple[bool, bool]:
        """Waits, without a running loop, for a connection; -1 msec is no limit. Returns whether there is one, and
        whether the time ran out. Qt: QTcpServer::waitForNewConnection()"""
        timed_out = ctypes.c_bool()
        done = run(lib.qnet_tcp_server_wait_for_new_connection, self._handle, integer(msec), timed_out)
        return bool(done), timed_out.value

    def pauseAccepting(self) -> None:
        """Stops accepting; connections wait in the system. Qt: QTcpServer::pauseAccepting()"""
        lib.qnet_tcp_server_pause_accepting(self._handle)

    def resumeAccepting(self) -> None:
        """Accepts again. Qt: QTcpServer::resumeAccepting()"""
        lib.qnet_tcp_server_resume_accepting(self._handle)

    def maxPendingConnections(self) -> int:
        """How many connections may be pending, 30 unless set. Qt: QTcpServer::maxPendingConnections()"""
        return int(lib.qnet_tcp_server_max_pending_connections(self._handle))

    def setMaxPendingConnections(self, numConnections: int, /) -> None:
        """Limits the pending connections. Qt: QTcpServer::setMaxPendingConnections()"""
        lib.qnet_tcp_server_set_max_pending_connections(self._handle, integer(numConnections))

    def listenBacklogSize(self) -> int:
        """The backlog given to the system, 50 unless set. Qt: QTcpServer::listenBacklogSize()"""
        return int(lib.qnet_tcp_server_listen_backlog_size(self._handle))

    def setListenBacklogSize(self, size: int, /) -> None:
        """For the next listen(). Qt: QTcpServer::setListenBacklogSize()"""
        lib.qnet_tcp_server_set_listen_backlog_size(self._handle, integer(size))
