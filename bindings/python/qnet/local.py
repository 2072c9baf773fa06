"""Local servers and sockets. Qt: QLocalServer, QLocalSocket

Names are str as in PySide. What is not UTF-8 in a name appears as in file names: in Python's surrogateescape form.
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, List, NamedTuple, Optional, Sequence, Union

from . import _api, enums
from ._await import local_exception
from ._convert import Data, data, integer
from ._library import at_end, lib
from ._object import QObject, destroyed_by
from ._server import ArrivalSignal, Server
from ._signal import Signal, references
from ._socket import ConnectionDevice
from ._turn import call
from .enums import member, short_names

if TYPE_CHECKING:
    from typing_extensions import TypeAlias

_OpenMode = enums.OpenModeFlag


def _name(value: str) -> bytes:
    """A name for C, where a NUL is two bytes that UTF-8 does not have."""
    if not isinstance(value, str):
        raise TypeError(f"a str is needed, not {type(value).__name__}")
    return value.encode(errors="surrogateescape").replace(b"\0", b"\xc0\x80")


def _from_name(value: Optional[bytes]) -> str:
    return (value or b"").replace(b"\xc0\x80", b"\0").decode(errors="surrogateescape")


def _state(value: int) -> enums.LocalSocketState:
    return member(enums.LocalSocketState, value)


def _error(value: int) -> enums.LocalSocketError:
    return member(enums.LocalSocketError, value)


class PeerCredentials(NamedTuple):
    """Who is at the other end of a local socket, as the system vouches for it."""

    pid: int
    uid: int
    gid: int


@short_names(enums.LocalSocketState, enums.LocalSocketError)
class QLocalSocket(ConnectionDevice):
    """A connection between programs of the same machine. Qt: QLocalSocket

    It lives as long as a QTcpSocket does: while the program refers to it, its parent lives or, connected, a function
    that is connected to one of its signals refers to it.
    """

    LocalSocketError: TypeAlias = enums.LocalSocketError
    LocalSocketState: TypeAlias = enums.LocalSocketState
    SocketOption: TypeAlias = enums.LocalSocketOption

    errorOccurred = Signal("qnet_socket_on_error_occurred", _api.qnet_socket_error_callback, _error)
    """With the error. When connecting fails the state is still Connecting. Qt: QLocalSocket::errorOccurred"""
    stateChanged = Signal(
        "qnet_socket_on_state_changed", _api.qnet_socket_state_callback, _state, after="_q_after_state_changed"
    )
    """With the new state. Qt: QLocalSocket::stateChanged"""

    _q_new = lib.qnet_local_socket_new
    _q_exception = staticmethod(local_exception)

    def __init__(self, parent: Optional[QObject] = None, **keywords: Any) -> None:
        super().__init__(parent, **keywords)

    def _q_describe(self) -> str:
        state = QLocalSocket.state(self)
        name = QLocalSocket.fullServerName(self)
        return f" {state.name}" + (f" {name!r}" if name else "")

    # ---- connecting and disconnecting

    def connectToServer(
        self,
        name: Union[str, enums.OpenModeFlag, None] = None,
        openMode: enums.OpenModeFlag = _OpenMode.ReadWrite,
    ) -> None:
        """connectToServer(name, openMode) or connectToServer(openMode), with the name that setServerName() has set.

        It has succeeded or failed when this returns; only if the server's queue is full does it go on, until there is
        room. Qt: QLocalSocket::connectToServer()
        """
        given = None
        if isinstance(name, enums.OpenModeFlag):
            openMode = name
        elif name is not None:
            given = _name(name)
        call(lib.qnet_local_socket_connect_to_server, self._q_handle, given, integer(openMode))
        self._q_hold()

    def open(self, openMode: enums.OpenModeFlag = _OpenMode.ReadWrite, /) -> bool:
        """connectToServer(openMode); tells whether the device is open then. Qt: QLocalSocket::open()"""
        self.connectToServer(openMode)
        return self.isOpen()

    def disconnectFromServer(self) -> None:
        """Sends what is to be sent, then closes the connection. Qt: QLocalSocket::disconnectFromServer()"""
        call(lib.qnet_socket_disconnect_from_host, self._q_handle)
        self._q_settle()

    def setSocketDescriptor(
        self,
        socketDescriptor: int,
        /,
        socketState: LocalSocketState = enums.LocalSocketState.ConnectedState,
        openMode: enums.OpenModeFlag = _OpenMode.ReadWrite,
    ) -> bool:
        """Takes over a descriptor, which belongs to the socket if this returns True.

        Qt: QLocalSocket::setSocketDescriptor()
        """
        done = call(
            lib.qnet_socket_set_socket_descriptor, self._q_handle, integer(socketDescriptor), integer(socketState), integer(openMode)
        )
        self._q_hold()
        return bool(done)

    # ---- names

    def setServerName(self, name: str, /) -> None:
        """The name for the next connectToServer(); only while unconnected. Qt: QLocalSocket::setServerName()"""
        lib.qnet_local_socket_set_server_name(self._q_handle, _name(name))

    def serverName(self) -> str:
        """The name of the server; forgotten when the connection ends. Qt: QLocalSocket::serverName()"""
        return _from_name(lib.qnet_local_socket_server_name(self._q_handle))

    def fullServerName(self) -> str:
        """The path, or abstract name, of the server; "" if not connected. Qt: QLocalSocket::fullServerName()"""
        return _from_name(lib.qnet_local_socket_full_server_name(self._q_handle))

    def setSocketOptions(self, option: SocketOption, /) -> None:
        """AbstractNamespaceOption or NoOptions; only while unconnected. Qt: QLocalSocket::setSocketOptions()"""
        abstract = integer(option) & enums.LocalSocketOption.AbstractNamespaceOption
        in_c = _api.QNET_ABSTRACT_NAMESPACE_OPTION if abstract else _api.QNET_NO_OPTIONS
        lib.qnet_local_socket_set_socket_options(self._q_handle, in_c)

    def socketOptions(self) -> SocketOption:
        """Qt: QLocalSocket::socketOptions()"""
        if lib.qnet_local_socket_socket_options(self._q_handle) > 0:
            return enums.LocalSocketOption.AbstractNamespaceOption
        return enums.LocalSocketOption.NoOptions

    # ---- state

    def state(self) -> LocalSocketState:
        """Qt: QLocalSocket::state()"""
        return _state(lib.qnet_socket_state(self._q_handle))

    def error(self) -> LocalSocketError:
        """The last error; UnknownSocketError if there was none. Qt: QLocalSocket::error()"""
        return _error(lib.qnet_socket_error(self._q_handle))

    # ---- beyond Qt

    def peerCredentials(self) -> Optional[PeerCredentials]:
        """Process, user and group of the other end, when it connected or began to listen; None if not connected.

        Qt has nothing like it.
        """
        ids = [ctypes.c_int64() for _ in range(3)]
        if not lib.qnet_local_socket_peer_credentials(self._q_handle, *ids):
            return None
        return PeerCredentials(*(one.value for one in ids))

    def writeWithDescriptors(self, data_: Data, descriptors: Sequence[int], /) -> int:
        """write() of at least one byte that brings the peer open descriptors, up to 253, with its first byte. They are
        duplicated: the caller may close his own at once. Returns how many bytes were taken, -1 on failure, with
        error() set. Qt has nothing like it."""
        given = data(data_)
        count = len(descriptors)
        array = (ctypes.c_ssize_t * count)(*(integer(one) for one in descriptors))
        return int(lib.qnet_local_socket_write_with_descriptors(self._q_handle, given, len(given), array, count))

    def setReceivesDescriptors(self, on: bool, /) -> None:
        """Has descriptors that the peer sends received; without it, the default, the system closes them. To be set
        before there is data: before connecting or, for a server's socket, in newConnection. Qt has nothing like it."""
        lib.qnet_local_socket_set_receives_descriptors(self._q_handle, bool(on))

    def receivesDescriptors(self) -> bool:
        """Are descriptors received? Qt has nothing like it."""
        return bool(lib.qnet_local_socket_receives_descriptors(self._q_handle))

    def descriptorsAvailable(self) -> int:
        """How many received descriptors takeDescriptors() would return. Qt has nothing like it."""
        return int(lib.qnet_local_socket_descriptors_available(self._q_handle))

    def takeDescriptors(self, count: int = -1, /) -> List[int]:
        """Takes received descriptors, all or up to a number, in the order in which they were sent. They have come when
        readyRead tells of the byte that they were sent with. They are the caller's then, as from os.open(); those
        that are never taken are closed with the socket, or by close() or abort(). Qt has nothing like it."""
        there = max(0, QLocalSocket.descriptorsAvailable(self))
        room = there if count < 0 else min(integer(count), there)
        array = (ctypes.c_ssize_t * room)()
        return list(array[: max(0, lib.qnet_local_socket_take_descriptors(self._q_handle, array, room))])


@short_names(enums.LocalServerOption)
class QLocalServer(Server[QLocalSocket]):
    """A server for programs of the same machine. Qt: QLocalServer

    A subclass may override incomingConnection(), hasPendingConnections() and nextPendingConnection(); the library
    calls its methods then.
    """

    SocketOption: TypeAlias = enums.LocalServerOption

    newConnection = Signal("qnet_local_server_on_new_connection", _api.qnet_local_server_callback)
    """A connection has become pending. Qt: QLocalServer::newConnection"""

    connectionInLoop = ArrivalSignal(
        "qnet_local_server_on_connection_in_loop", _api.qnet_local_server_socket_callback
    )
    """With the socket: a connection has arrived in a loop of setLoops(), on the thread of that loop, where the slots are
    called. The socket is the program's: it lives as long as it is referred to, or has slots and is connected. Qt has
    nothing like it."""

    _q_prefix = "qnet_local_server"
    _q_socket_type = QLocalSocket

    _q_new = lib.qnet_local_server_new
    _q_delete = lib.qnet_local_server_delete
    _q_delete_later = lib.qnet_local_server_delete_later
    _q_move_to_loop = lib.qnet_local_server_move_to_loop
    _q_on_destroyed = destroyed_by(lib.qnet_local_server_on_destroyed, _api.qnet_local_server_callback)

    def _q_describe(self) -> str:
        return f" listening on {QLocalServer.fullServerName(self)!r}" if QLocalServer.isListening(self) else ""

    def listen(self, name: Union[str, int], /) -> bool:
        """Listens under a name or at an absolute path, or on an inherited descriptor that listens, which belongs to
        the server then. False if it cannot; serverError() and errorString() say why. Qt: QLocalServer::listen()"""
        if isinstance(name, str):
            done = lib.qnet_local_server_listen(self._q_handle, _name(name))
        else:
            done = lib.qnet_local_server_listen_descriptor(self._q_handle, integer(name))
        self._q_hold()
        return bool(done)

    @staticmethod
    def removeServer(name: str, /) -> bool:
        """Removes the file that a server has left behind. What is not a socket stays. Qt: QLocalServer::removeServer()
        """
        return bool(lib.qnet_local_server_remove_server(_name(name)))

    def serverName(self) -> str:
        """The name given to listen(). Qt: QLocalServer::serverName()"""
        return _from_name(lib.qnet_local_server_server_name(self._q_handle))

    def fullServerName(self) -> str:
        """The path, or abstract name. Qt: QLocalServer::fullServerName()"""
        return _from_name(lib.qnet_local_server_full_server_name(self._q_handle))

    def setSocketOptions(self, options: SocketOption, /) -> None:
        """Who may connect, and where the name is, for the next listen(). Qt: QLocalServer::setSocketOptions()"""
        lib.qnet_local_server_set_socket_options(self._q_handle, integer(options))

    def socketOptions(self) -> SocketOption:
        """Qt: QLocalServer::socketOptions()"""
        return enums.LocalServerOption(max(0, lib.qnet_local_server_socket_options(self._q_handle)))


@at_end
def _remove_files() -> None:
    """Closes the servers that still listen, or their files would stay behind."""
    for reference in list(references.values()):
        server = reference()
        handle = None if server is None else server.__dict__.get("_q_handle")
        if handle is not None and isinstance(server, QLocalServer):
            lib.qnet_local_server_close(handle)
