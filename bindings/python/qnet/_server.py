"""What TCP and local servers share."""

from __future__ import annotations

import ctypes
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, Optional, Tuple, Type, TypeVar, Union

from . import _api
from ._await import ServerAwaits
from ._convert import integer, string
from ._from_c import address_of, called_from_c
from ._library import lib
from ._object import QObject
from ._signal import Signal, emit, find
from ._socket import ConnectionDevice
from ._turn import call, caught, here, running_loop, wait
from .enums import SocketError, member

if TYPE_CHECKING:
    from .loop import Loop
    from .thread import QThread

S = TypeVar("S", bound=ConnectionDevice)
V = TypeVar("V", bound="Server[Any]")


class ConnectionSignal(Signal):
    """A signal about a connection: its first argument is the connection's socket, the others are what convert makes of
    those of the C callback."""

    _arrives = False

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        count = len(self.callback._argtypes_) - 3
        self.function = address_of(self.callback, _thunk(name, self.convert, count, self._arrives))


class ArrivalSignal(ConnectionSignal):
    """One whose socket is the program's. Its slots are called on the thread that it is emitted on, which is not the
    server's."""

    _arrives = True


def _thunk(
    name: str, convert: Optional[Callable[..., Tuple[Any, ...]]], count: int, arrives: bool
) -> Callable[..., None]:
    """What C calls for such a signal, with count arguments behind the socket."""

    def thunk(handle: Optional[int], connection: Optional[int], *more: Any) -> None:
        called = len(more) > count + 1  # before, when a signal's handler has cut it off
        try:
            sender = find(handle)
            slots = None if sender is None else sender._q_slots.get(name)
            if slots is not None:
                socket = sender._q_arrived(connection) if arrives else sender._q_socket(connection)
                arguments = (socket,) + (() if convert is None else convert(*more[:count]))
                called = True
                emit(sender, slots, arguments, on_own_thread=arrives)
            elif arrives:
                lib.qnet_socket_delete(connection)
        except BaseException:
            caught(called, thunk, handle, connection, *more[:count], None)

    return thunk


class _Overrides:
    """What C calls in place of the functions that a subclass of one class of servers overrides."""

    def __init__(self, prefix: str, c: Any) -> None:
        types = {
            "incomingConnection": getattr(_api, prefix + "_incoming_callback"),
            "hasPendingConnections": getattr(_api, prefix + "_has_pending_callback"),
            "nextPendingConnection": getattr(_api, prefix + "_next_pending_callback"),
        }

        def incoming(handle: Optional[int], descriptor: int, _data: Optional[int], called: bool = False) -> None:
            try:
                server = find(handle)
                called = True
                if server is not None:
                    server.incomingConnection(descriptor)
            except BaseException:
                caught(called, incoming, handle, descriptor, None)

        def has_pending(handle: Optional[int], _data: Optional[int], called: bool = False) -> bool:
            try:
                server = find(handle)
                called = True
                if server is None:
                    return False
                if here.thread.asking is server:
                    # The base class asks, not the library: within this callback C answers as the base class does.
                    return bool(c.has_pending_connections(handle))
                return bool(server.hasPendingConnections())
            except BaseException:
                return bool(caught(called, has_pending, handle, None))

        def next_pending(handle: Optional[int], _data: Optional[int], called: bool = False) -> Optional[int]:
            try:
                server = find(handle)
                called = True
                if server is None:
                    return None
                if here.thread.asking is server:
                    taken: Optional[int] = c.next_pending_connection(handle)
                    return taken
                socket = server.nextPendingConnection()
                return None if socket is None else socket._q_handle
            except BaseException:
                again: Optional[int] = caught(called, next_pending, handle, None)
                return again

        functions: Dict[str, Any] = {
            "incomingConnection": incoming,
            "hasPendingConnections": has_pending,
            "nextPendingConnection": next_pending,
        }
        self.callbacks = {name: called_from_c(kind)(functions[name]) for name, kind in types.items()}
        self.none = {name: kind() for name, kind in types.items()}
        self.setters = {
            "incomingConnection": c.set_incoming_connection,
            "hasPendingConnections": c.set_has_pending_connections,
            "nextPendingConnection": c.set_next_pending_connection,
        }


def _functions(prefix: str) -> Any:
    """The functions of C whose names begin so, by the rest of their names."""
    beginning = prefix + "_"
    names = [name for name in _api.FUNCTIONS if name.startswith(beginning)]
    return SimpleNamespace(**{name[len(beginning) :]: getattr(lib, name) for name in names})


class Server(QObject, ServerAwaits[S]):
    """A server that accepts sockets of one class.

    A subclass may override incomingConnection(), hasPendingConnections() and nextPendingConnection(); the library
    calls its methods then.
    """

    _q_prefix: str  # of the functions in C
    _q_socket_type: Type[S]
    _q_base: type  # the class of the library
    _q_c: Any  # its functions in C, by their names without the prefix
    _q_overrides: _Overrides

    _q_owns_sockets = True

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if "_q_prefix" in cls.__dict__:
            cls._q_base, cls._q_c = cls, _functions(cls._q_prefix)
            cls._q_overrides = _Overrides(cls._q_prefix, cls._q_c)

    def __init__(self, parent: Optional[QObject] = None, **keywords: Any) -> None:
        super().__init__(parent, **keywords)
        if type(self) is not self._q_base:
            for name, setter in self._q_overrides.setters.items():
                if getattr(type(self), name) is not getattr(self._q_base, name):
                    setter(self._q_handle, self._q_overrides.callbacks[name], None)

    def _q_forget_overrides(self) -> None:
        handle = self.__dict__.get("_q_handle")
        if handle is not None and type(self) is not self._q_base:
            for name, setter in self._q_overrides.setters.items():
                setter(handle, self._q_overrides.none[name], None)

    def _q_active(self) -> bool:
        return bool(self._q_c.is_listening(self._q_handle))

    # ---- listening

    def close(self) -> None:
        """Stops listening; pending connections that nobody has taken are deleted.

        Qt: QTcpServer::close(), QLocalServer::close()
        """
        call(self._q_c.close, self._q_handle)
        self._q_release()
        self._q_closed()

    def __enter__(self: V) -> V:
        return self

    def __exit__(self, *_: Any) -> None:
        """`with server:` closes it in the end."""
        if QObject.isAlive(self):
            self.close()

    def isListening(self) -> bool:
        """Qt: QTcpServer::isListening(), QLocalServer::isListening()"""
        return bool(self._q_c.is_listening(self._q_handle))

    def serverError(self) -> SocketError:
        """The last error. Qt: QTcpServer::serverError(), QLocalServer::serverError()"""
        return member(SocketError, self._q_c.server_error(self._q_handle))

    def errorString(self) -> str:
        """The last error as text, "" if there was none. Qt: QTcpServer::errorString(), QLocalServer::errorString()"""
        return string(self._q_c.error_string(self._q_handle))

    def fileno(self) -> int:
        """socketDescriptor() under the name that Python's select and selectors ask for. -1 if there is none."""
        return Server.socketDescriptor(self)

    def socketDescriptor(self) -> int:
        """The descriptor that listens, which belongs to the server; -1 if there is none.

        Qt: QTcpServer::socketDescriptor(), QLocalServer::socketDescriptor()
        """
        return int(self._q_c.socket_descriptor(self._q_handle))

    # ---- connections

    def hasPendingConnections(self) -> bool:
        """Does a connection wait to be taken? Virtual.

        Qt: QTcpServer::hasPendingConnections(), QLocalServer::hasPendingConnections()
        """
        function = self._q_c.has_pending_connections
        # Only for a subclass C asks anything of Python's.
        return bool(function(self._q_handle) if type(self) is self._q_base else self._q_ask(function))

    def nextPendingConnection(self) -> Optional[S]:
        """Takes the next pending connection; None if there is none. The socket belongs to the server, and is deleted
        with it, until it is deleted itself or setParent(None). Virtual.

        Qt: QTcpServer::nextPendingConnection(), QLocalServer::nextPendingConnection()
        """
        function = self._q_c.next_pending_connection
        return self._q_socket(call(function, self._q_handle) if type(self) is self._q_base else self._q_ask(function))

    def incomingConnection(self, handle: int, /) -> None:
        """Called with each accepted descriptor, which an override owns. This one makes a socket of it and adds it to
        the pending connections. Virtual.

        Qt: QTcpServer::incomingConnection(), QLocalServer::incomingConnection()
        """
        socket = self._q_make_socket()
        lib.qnet_socket_set_allow_half_open(socket._q_handle, self._q_c.allow_half_open(self._q_handle))
        socket.setSocketDescriptor(handle)
        self.addPendingConnection(socket)

    def _q_make_socket(self) -> S:
        """A socket for a descriptor that was accepted."""
        socket: S = self._q_socket_type(self)
        return socket

    def addPendingConnection(self, socket: S, /) -> None:
        """Adds a socket to the pending connections: it belongs to the server then. For incomingConnection().

        Qt: QTcpServer::addPendingConnection(), QLocalServer::addPendingConnection()
        """
        if not isinstance(socket, self._q_socket_type):
            raise TypeError(f"a {self._q_socket_type.__name__} is needed, not {type(socket).__name__}")
        self._q_check()
        socket._q_check()
        socket._q_check_parent(self)
        call(self._q_c.add_pending_connection, self._q_handle, socket._q_handle)
        if QObject.isAlive(socket) and QObject.isAlive(self) and socket._q_loop == self._q_loop:
            socket._q_join(self)
            socket._q_belong(True)

    def _q_ask(self, function: Any) -> Any:
        outer, here.thread.asking = here.thread.asking, self
        try:
            return call(function, self._q_handle)
        finally:
            here.thread.asking = outer

    def _q_socket(self, handle: Optional[int]) -> Optional[S]:
        """The Python object of a socket that C names."""
        if not handle:
            return None
        socket: Optional[S] = find(handle)
        if socket is None:
            socket = self._q_socket_type.__new__(self._q_socket_type)
            running = running_loop()
            elsewhere = running != self._q_loop and self.loopCount() > 0  # its handshake is under way there
            socket._q_tie(handle, running if elsewhere else self._q_loop)
            socket._q_owned = False
            if not elsewhere:
                socket._q_join(self)
        return socket

    def _q_arrived(self, handle: Optional[int]) -> Optional[S]:
        """The Python object of a socket in another loop, which is the program's from now on."""
        socket = find(handle)
        if socket is None:
            socket = self._q_socket_type.__new__(self._q_socket_type)
            socket._q_tie(handle, running_loop())
        socket._q_belong(False)
        return socket  # type: ignore[no-any-return]

    # ---- loops of other threads, which Qt does not have

    def setLoops(self, loops: "Iterable[Union[Loop, QThread]]", /) -> bool:
        """Spreads the connections that are accepted from now on over the loops of threads, given as Loop or QThread: they
        are not pending, but emitted by connectionInLoop, to be connected before. Without loops they become pending again.
        Each goes to the loop with the fewest of them. Qt has nothing like it."""
        handles = [loop._q_home() if hasattr(loop, "_q_home") else loop._q_alive() for loop in loops]
        array = (ctypes.c_void_p * max(1, len(handles)))(*handles)
        return bool(self._q_c.set_loops(self._q_handle, array, len(handles)))

    def loopCount(self) -> int:
        """Over how many loops connections are spread. Qt has nothing like it."""
        return int(self._q_c.loop_count(self._q_handle))

    def waitForNewConnection(self, msec: int = 0, /) -> Tuple[bool, bool]:
        """Waits, without a running loop, for a connection; -1 msec is no limit. Returns whether there is one, and
        whether the time ran out. Qt: QTcpServer::waitForNewConnection(), QLocalServer::waitForNewConnection()"""
        timed_out = ctypes.c_bool()
        done = wait(self._q_c.wait_for_new_connection, self._q_handle, integer(msec), timed_out)
        return bool(done), timed_out.value

    def maxPendingConnections(self) -> int:
        """The limit of pending connections, 30 unless set.

        Qt: QTcpServer::maxPendingConnections(), QLocalServer::maxPendingConnections()
        """
        return int(self._q_c.max_pending_connections(self._q_handle))

    def setMaxPendingConnections(self, numConnections: int, /) -> None:
        """Limits the pending connections.

        Qt: QTcpServer::setMaxPendingConnections(), QLocalServer::setMaxPendingConnections()
        """
        self._q_c.set_max_pending_connections(self._q_handle, integer(numConnections))

    def listenBacklogSize(self) -> int:
        """The backlog given to the system, 50 unless set.

        Qt: QTcpServer::listenBacklogSize(), QLocalServer::listenBacklogSize()
        """
        return int(self._q_c.listen_backlog_size(self._q_handle))

    def setListenBacklogSize(self, size: int, /) -> None:
        """For the next listen(). Qt: QTcpServer::setListenBacklogSize(), QLocalServer::setListenBacklogSize()"""
        self._q_c.set_listen_backlog_size(self._q_handle, integer(size))

    def allowHalfOpen(self) -> bool:
        """What setAllowHalfOpen() was given; False at first. Qt has nothing like it."""
        return bool(self._q_c.allow_half_open(self._q_handle))

    def setAllowHalfOpen(self, allow: bool, /) -> None:
        """May the connections that are accepted from now on be half-open? See the sockets' setAllowHalfOpen(). An
        incomingConnection() of one's own decides for itself. Qt has nothing like it."""
        self._q_c.set_allow_half_open(self._q_handle, bool(allow))

    # ---- limits, which Qt does not have

    def openConnections(self) -> int:
        """How many connections that were accepted are open: pending or taken, whoever is their parent. Qt has nothing
        like it."""
        return int(self._q_c.open_connections(self._q_handle))

    def connectionLimit(self) -> int:
        """How many connections may be open; 0, as at first, is any number. Qt has nothing like it."""
        return int(self._q_c.connection_limit(self._q_handle))

    def setConnectionLimit(self, count: int, /) -> None:
        """Limits the open connections. At the limit nothing is accepted until one ends; clients wait in the system.
        Qt has nothing like it."""
        self._q_c.set_connection_limit(self._q_handle, integer(count))

    def idleTimeout(self) -> int:
        """After how many milliseconds an idle connection ends; 0, as at first, is never. Qt has nothing like it."""
        return int(self._q_c.idle_timeout(self._q_handle))

    def setIdleTimeout(self, msec: int, /) -> None:
        """Ends connections on which for so long no byte was received, nor one that was sent taken by the other end:
        errorOccurred with SocketTimeoutError, then disconnected. To be set before listen(). Qt has nothing like it."""
        self._q_c.set_idle_timeout(self._q_handle, integer(msec))

    def firstByteTimeout(self) -> int:
        """How many milliseconds the first byte may take; 0, as at first, is any time. Qt has nothing like it."""
        return int(self._q_c.first_byte_timeout(self._q_handle))

    def setFirstByteTimeout(self, msec: int, /) -> None:
        """Ends connections from which nothing was received so long after they were accepted. To be set before
        listen(). Qt has nothing like it."""
        self._q_c.set_first_byte_timeout(self._q_handle, integer(msec))
