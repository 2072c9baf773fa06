"""What asyncio programs await: `await socket.untilConnected()`, `async for chunk in socket`, `async for datagram in
socket`, `async for socket in server`.

A waitFor function blocks its thread; the until function of the same name lets other tasks run. It attaches the object's
loop to the asyncio loop that runs, and raises an OSError where the waitFor function would return False. A cancelled
wait changes nothing: what was waited for goes on, and may be waited for again.
"""

from __future__ import annotations

import errno
import threading
import weakref
from typing import TYPE_CHECKING, Any, AsyncIterator, Callable, Dict, Generic, List, Optional, Tuple, TypeVar

from ._convert import size as number_of_bytes, string
from ._attach import attach
from ._library import lib
from ._object import QObject
from .enums import LocalSocketError, SocketError, SocketState

if TYPE_CHECKING:
    # Who does not use asyncio does not wait until it is loaded.
    import asyncio

T = TypeVar("T")
D = TypeVar("D", bound="DeviceAwaits")

_ERRNO: Dict[int, int] = {
    SocketError.ConnectionRefusedError: errno.ECONNREFUSED,
    SocketError.RemoteHostClosedError: errno.ECONNRESET,
    SocketError.SocketAccessError: errno.EACCES,
    SocketError.SocketResourceError: errno.ENOBUFS,
    SocketError.SocketTimeoutError: errno.ETIMEDOUT,
    SocketError.DatagramTooLargeError: errno.EMSGSIZE,
    SocketError.NetworkError: errno.ENETUNREACH,
    SocketError.AddressInUseError: errno.EADDRINUSE,
    SocketError.SocketAddressNotAvailableError: errno.EADDRNOTAVAIL,
    SocketError.UnsupportedSocketOperationError: errno.EOPNOTSUPP,
    SocketError.ProxyAuthenticationRequiredError: errno.EACCES,
    SocketError.ProxyConnectionRefusedError: errno.ECONNREFUSED,
    SocketError.ProxyConnectionClosedError: errno.ECONNRESET,
    SocketError.ProxyConnectionTimeoutError: errno.ETIMEDOUT,
    SocketError.ProxyProtocolError: errno.EPROTO,
    SocketError.SslHandshakeFailedError: errno.EPROTO,
    SocketError.SslInternalError: errno.EPROTO,
    SocketError.SslInvalidUserDataError: errno.EINVAL,
    SocketError.OperationError: errno.EISCONN,
}


def exception(error: int, message: str) -> OSError:
    """A socket's error as what Python raises for it: ConnectionRefusedError, PermissionError, socket.gaierror, ..."""
    if error in (SocketError.HostNotFoundError, SocketError.ProxyNotFoundError):
        import socket as system

        return system.gaierror(system.EAI_NONAME, message)
    return OSError(_ERRNO.get(error, errno.EIO), message)


def local_exception(error: int, message: str) -> OSError:
    """The same for a local socket, which looks for a file and has no network."""
    if error == LocalSocketError.ServerNotFoundError:
        return FileNotFoundError(errno.ENOENT, message)
    return OSError(errno.EIO, message) if error == LocalSocketError.ConnectionError else exception(error, message)


class Wake:
    """A future that signals of an object set, again and again."""

    __slots__ = ("_future", "_was_set", "_q_loop", "_q_thread", "_q_connections", "error", "ended", "connected", "__weakref__")

    def __init__(self, sender: "QObject", *signals: str) -> None:
        from asyncio import get_running_loop

        self._q_loop = get_running_loop()
        self._q_thread = threading.get_ident()
        self._future: Optional[asyncio.Future[None]] = None
        self._was_set = False
        self.error: Optional[int] = None  # the last one
        self.ended = self.connected = False
        attach(self._q_loop, sender._q_loop)
        special = {"errorOccurred": self._failed, "readChannelFinished": self._finished, "connected": self._did_connect}
        self._q_connections = [
            getattr(sender, signal).connect(special.get(signal, self.set)) for signal in (*signals, "destroyed")
        ]

    def set(self) -> None:
        """Has until() look again."""
        self._was_set = True
        future = self._future
        if future is None:
            return
        if threading.get_ident() == self._q_thread:
            _finish(future)
        else:
            # A call on another thread may cause a signal at once, there.
            self._q_loop.call_soon_threadsafe(_finish, future)

    def _failed(self, error: int) -> None:
        self.error = error
        self.set()

    def _finished(self) -> None:
        self.ended = True
        self.set()

    def _did_connect(self) -> None:
        self.connected = True
        self.set()

    async def until(self, done: Callable[[], Optional[T]]) -> T:
        """Waits until done() is true; returns what it returns."""
        while True:
            self._was_set = False
            result = done()
            if result:
                return result
            self._future = self._q_loop.create_future()
            try:
                # Another thread may have set it since.
                if not self._was_set:
                    await self._future
            finally:
                self._future = None

    def close(self) -> None:
        for connection in self._q_connections:
            QObject.disconnect(connection)
        self._q_connections = []

    def __enter__(self) -> "Wake":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


def _finish(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)


class _Chunks(Generic[T]):
    """What `async for` asks: take() gives the next piece, or something false if there is none now; at the end, with
    last=True, what is left."""

    def __init__(self, device: "DeviceAwaits", take: Callable[[bool], Optional[T]]) -> None:
        self._device = device
        self._q_take = take
        self._q_wake: Optional[Wake] = None

    def __aiter__(self) -> "_Chunks[T]":
        return self

    async def __anext__(self) -> T:
        wake = self._q_wake
        if wake is None:
            wake = self._q_wake = self._device._q_wake()
        # The last data come before the end, but are perhaps taken after it.
        (chunk,) = await wake.until(lambda: self._next(wake))
        if chunk is None:
            wake.close()
            self._device._q_raise(wake.error)
            raise StopAsyncIteration
        return chunk

    def _next(self, wake: Wake) -> Optional[Tuple[Optional[T]]]:
        over = self._device._q_at_end(wake)
        chunk = self._q_take(over)
        if chunk:
            return (chunk,)
        return (None,) if over else None

    def __del__(self) -> None:
        if self._q_wake is not None:
            self._q_wake.close()


class DeviceAwaits:
    """The awaitable side of a socket."""

    _q_exception = staticmethod(exception)

    if TYPE_CHECKING:
        _q_handle: int
        _q_loop: Optional[int]

        def readAll(self) -> bytes: ...
        def readLine(self) -> bytes: ...
        def canReadLine(self) -> bool: ...
        def close(self) -> None: ...
        def abort(self) -> None: ...

    def _q_state(self) -> int:
        return int(lib.qnet_socket_state(self._q_handle))

    def _q_wake(self) -> Wake:
        wake = Wake(
            self,  # type: ignore[arg-type]
            "readyRead",
            "readChannelFinished",
            "stateChanged",
            "errorOccurred",
        )
        if lib.qnet_socket_is_read_channel_finished(self._q_handle):
            wake.ended = True
        return wake

    def _q_at_end(self, wake: Wake) -> bool:
        """Will nothing more come?"""
        return wake.ended or self._q_state() == SocketState.UnconnectedState

    def _q_available(self) -> int:
        return int(lib.qnet_socket_bytes_available(self._q_handle))

    def _q_read_on(self, limit: int) -> None:
        """Has a limited buffer filled again. Once full, it is refilled only when it was emptied, as in Qt: who waits
        for the rest of something that he leaves in it would wait for ever."""
        if limit > 0:
            lib.qnet_socket_resume(self._q_handle)

    def _q_raise(self, error: Optional[int]) -> None:
        """Raises an error, if it is more than that the peer has closed the connection."""
        if error is not None and error != SocketError.RemoteHostClosedError:
            raise self._q_exception(error, string(lib.qnet_socket_error_string(self._q_handle)))

    def _q_lost(self) -> OSError:
        """What is raised where a connection is needed, and is not there or has ended."""
        error = int(lib.qnet_socket_error(self._q_handle))
        if error == SocketError.UnknownSocketError:
            return OSError(errno.ENOTCONN, "the socket is not connected")
        return self._q_exception(error, string(lib.qnet_socket_error_string(self._q_handle)))

    async def untilConnected(self) -> None:
        """Waits until the connection is made. Raises the OSError that fits if it cannot be made: ConnectionRefusedError,
        TimeoutError, socket.gaierror for a name that is not found, and so on. Qt has no such function."""
        with Wake(self, "connected", "stateChanged", "errorOccurred") as wake:  # type: ignore[arg-type]

            def done() -> bool:
                if wake.connected:
                    return True
                state = self._q_state()
                if state in (SocketState.UnconnectedState, SocketState.BoundState):
                    raise self._q_lost()
                return state in (SocketState.ConnectedState, SocketState.ClosingState)

            await wake.until(done)

    async def untilReadyRead(self, size: int = 1) -> bool:
        """Waits until at least size bytes can be read. False if the connection ends before; what came until then can be
        read. Raises an OSError if it ends with another error than that the peer closed it. Qt has no such function."""
        wanted = number_of_bytes(size)
        limit = lib.qnet_socket_read_buffer_size(self._q_handle)
        if 0 < limit < wanted:
            raise ValueError(f"{wanted} bytes do not fit into a read buffer of {limit}")
        with self._q_wake() as wake:

            def done() -> Optional[Tuple[bool]]:
                if self._q_available() >= wanted:
                    return (True,)
                self._q_read_on(limit)
                return (False,) if self._q_at_end(wake) else None

            (ready,) = await wake.until(done)
            if not ready:
                self._q_raise(wake.error)
            return ready

    async def untilBytesWritten(self, left: int = 0) -> None:
        """Waits until no more than so many bytes are still to be sent: what a writer of much data does now and then.
        Raises an OSError if the connection ends before. Qt has no such function."""
        with Wake(self, "bytesWritten", "stateChanged") as wake:  # type: ignore[arg-type]

            def done() -> bool:
                # To ask first: the end of the connection drops what was to be sent.
                if self._q_state() == SocketState.UnconnectedState:
                    raise self._q_lost()
                return bool(lib.qnet_socket_bytes_to_write(self._q_handle) <= left)

            await wake.until(done)

    async def untilDisconnected(self) -> None:
        """Waits until the connection has ended, in whatever way. Qt has no such function."""
        with Wake(self, "disconnected", "stateChanged") as wake:  # type: ignore[arg-type]
            await wake.until(lambda: self._q_state() == SocketState.UnconnectedState)

    def __aiter__(self) -> AsyncIterator[bytes]:
        """`async for chunk in socket`: the data as they come, until the connection ends. An end by another error than
        that the peer has closed it is raised."""
        return _Chunks(self, lambda last: b"" if last and not self._q_available() else self.readAll())

    def lines(self) -> AsyncIterator[bytes]:
        """`async for line in socket.lines()`: the lines as they come, each with its b"\\n" but perhaps the last. Where a
        peer is not trusted, setReadBufferSize() limits a line: one that is as long as the buffer comes in pieces."""

        def take(last: bool) -> bytes:
            if self.canReadLine():
                return self.readLine()
            limit, available = lib.qnet_socket_read_buffer_size(self._q_handle), self._q_available()
            if available and (last or 0 < limit <= available):
                return self.readAll()
            self._q_read_on(limit)
            return b""

        return _Chunks(self, take)

    async def __aenter__(self: D) -> D:
        return self

    async def __aexit__(self, kind: Any, *_: Any) -> None:
        """Closes the connection when all is sent; after an exception at once."""
        if "_q_handle" in self.__dict__:
            if kind is not None:
                self.abort()
            else:
                self.close()
                await DeviceAwaits.untilDisconnected(self)


class DatagramAwaits(DeviceAwaits, Generic[T]):
    """The awaitable side of a socket for datagrams, which are of the type T."""

    if TYPE_CHECKING:

        def hasPendingDatagrams(self) -> bool: ...
        def receiveDatagram(self) -> T: ...

    def _q_at_end(self, wake: Wake) -> bool:
        return wake.error == SocketError.ConnectionRefusedError or self._q_state() == SocketState.UnconnectedState

    def _q_raise(self, error: Optional[int]) -> None:
        # Other errors are those of a datagram that could not be sent, which its sender was told.
        if error == SocketError.ConnectionRefusedError:
            super()._q_raise(error)

    def _q_next_datagram(self) -> Optional[T]:
        # A socket that is not bound, perhaps no longer, does not like to be asked.
        there = lib.qnet_socket_is_valid(self._q_handle) and self.hasPendingDatagrams()
        return self.receiveDatagram() if there else None

    async def nextDatagram(self) -> T:
        """Waits for a datagram and reads it. Several tasks may wait; each gets another one. Raises an OSError when the
        socket is neither bound nor connected, and ConnectionRefusedError when the peer of a connected one reports that
        nobody receives there; one may go on waiting then. Qt has no such function."""
        datagram = self._q_next_datagram()
        if datagram is not None:
            return datagram
        with self._q_wake() as wake:

            def done() -> Optional[Tuple[Optional[T]]]:
                taken = self._q_next_datagram()
                return (taken,) if taken is not None or self._q_at_end(wake) else None

            (datagram,) = await wake.until(done)
            if datagram is None:
                self._q_raise(wake.error)
                raise OSError(errno.ENOTCONN, "the socket is neither bound nor connected")
            return datagram

    def __aiter__(self) -> AsyncIterator[T]:  # type: ignore[override]
        """`async for datagram in socket`: the datagrams as they come, until the socket is closed.
        ConnectionRefusedError is raised as by nextDatagram()."""
        return _Chunks(self, lambda _last: self._q_next_datagram())


class ServerAwaits(Generic[T]):
    """The awaitable side of a server, whose sockets are of the type T."""

    _q_available = "newConnection"
    """The signal after which a connection may be pending."""

    if TYPE_CHECKING:
        _q_loop: Optional[int]

        _q_handle: int
        _q_c: Any

        def hasPendingConnections(self) -> bool: ...
        def nextPendingConnection(self) -> Optional[T]: ...
        def close(self) -> None: ...

    def _q_wakes(self) -> "weakref.WeakSet[Wake]":
        """Those who wait: no signal tells them that the server is closed."""
        wakes: "weakref.WeakSet[Wake]" = self.__dict__.setdefault("_q_waiting", weakref.WeakSet())
        return wakes

    def _q_closed(self) -> None:
        """Called when the server has been closed."""
        for wake in list(self.__dict__.get("_q_waiting", ())):
            wake.set()

    async def nextConnection(self) -> T:
        """Waits for a connection and takes it. Raises an OSError when the server does not listen. Several tasks may
        wait; each gets another connection. Qt has no such function."""
        taken = await self._q_take()
        if taken is None:
            raise OSError(errno.EINVAL, "the server does not listen")
        return taken

    async def _q_take(self) -> Optional[T]:
        def done() -> Optional[Tuple[Optional[T]]]:
            taken = self.nextPendingConnection() if self.hasPendingConnections() else None
            return (taken,) if taken is not None or not self._q_c.is_listening(self._q_handle) else None

        with Wake(self, self._q_available) as wake:  # type: ignore[arg-type]
            wakes = self._q_wakes()
            wakes.add(wake)
            try:
                (taken,) = await wake.until(done)
                return taken
            finally:
                wakes.discard(wake)

    def __aiter__(self) -> "ServerAwaits[T]":
        """`async for socket in server`: the connections as they come, until the server is closed."""
        return self

    async def __anext__(self) -> T:
        taken = await self._q_take()
        if taken is None:
            raise StopAsyncIteration
        return taken
