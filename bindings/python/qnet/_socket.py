"""What all sockets with connections share."""

from __future__ import annotations

import ctypes
import weakref
from typing import Callable, Iterable, Optional, Protocol, Union

from . import _api, enums
from ._convert import Data, data, integer, size
from ._library import lib
from ._object import QObject, destroyed_by, held
from ._signal import Signal
from ._turn import call, forget, post, posted, remember
from .device import Device


class HasFileno(Protocol):
    """An open file."""

    def fileno(self) -> int:
        """Its descriptor."""


def descriptor(file: Union[int, HasFileno]) -> int:
    """The descriptor of a file that is given by it, or as an object."""
    return integer(file if isinstance(file, int) else file.fileno())


class ConnectionDevice(Device):
    """A socket with a connection: QAbstractSocket, QLocalSocket."""

    connected = Signal("qnet_socket_on_connected", _api.qnet_socket_callback)
    """The connection is made. Qt: QAbstractSocket::connected, QLocalSocket::connected"""
    disconnected = Signal("qnet_socket_on_disconnected", _api.qnet_socket_callback)
    """The connection has ended. The socket may be deleted in it.

    Qt: QAbstractSocket::disconnected, QLocalSocket::disconnected
    """
    writeBufferDrained = Signal("qnet_socket_on_write_buffer_drained", _api.qnet_socket_callback)
    """There is room again after a write() that took less than all. Qt has no such signal."""

    stateChanged: Signal

    _q_delete = lib.qnet_socket_delete
    _q_delete_later = lib.qnet_socket_delete_later
    _q_move_to_loop = lib.qnet_socket_move_to_loop
    _q_on_destroyed = destroyed_by(lib.qnet_socket_on_destroyed, _api.qnet_socket_callback)

    # ---- lifetime

    def _q_active(self) -> bool:
        return bool(lib.qnet_socket_state(self._q_handle) != enums.SocketState.UnconnectedState)

    def _q_watch(self) -> None:
        self._q_listen(type(self).stateChanged)

    def _q_after_state_changed(self, state: int) -> None:
        if state == enums.SocketState.UnconnectedState and self.__dict__.get("_q_handle") in held:
            # What else there is to emit comes before the next turn.
            reference = weakref.ref(self)

            def settle() -> None:
                socket = reference()
                if socket is not None:
                    socket._q_settle()

            if not post(settle, self._q_loop):
                self._q_release()

    def _q_adopt(self, parent: Optional[QObject]) -> None:
        owner = parent._q_handle if parent is not None and parent._q_owns_sockets else None
        if owner is None and self._q_owned:
            return
        if not lib.qnet_socket_set_owner(self._q_handle, owner):
            raise RuntimeError("the socket and its parent belong to different loops")
        self._q_belong(owner is not None)

    def _q_belong(self, to_server: bool) -> None:
        """The C object belongs to a server from now on, or does not."""
        self._q_owned = not to_server
        if not self._q_dying:
            self._q_refer(weakref.ref(self))
        if to_server:
            self._q_release()
        else:
            self._q_hold()

    # ---- the connection

    def setSocketDescriptor(self, socketDescriptor: int, /) -> bool:
        """Takes over a descriptor, which belongs to the socket if this returns True."""
        raise NotImplementedError

    def abort(self) -> None:
        """Closes the connection at once. Qt: QAbstractSocket::abort()"""
        call(lib.qnet_socket_abort, self._q_handle)
        self._q_settle()

    def isValid(self) -> bool:
        """Is it connected or bound, and can be used? Qt: QAbstractSocket::isValid()"""
        return bool(lib.qnet_socket_is_valid(self._q_handle))

    def fileno(self) -> int:
        """socketDescriptor() under the name that Python's select and selectors ask for. -1 if there is none."""
        return int(ConnectionDevice.socketDescriptor(self))

    def socketDescriptor(self) -> int:
        """The descriptor, which belongs to the socket; -1 if there is none. Qt: QAbstractSocket::socketDescriptor()"""
        return int(lib.qnet_socket_socket_descriptor(self._q_handle))

    # ---- data

    def setReadBufferSize(self, size_: int, /) -> None:
        """Limits what is kept for reading to a number of bytes; 0 does not. At the limit nothing is read from the system
        until there is room again; with a negative size never. Qt: QAbstractSocket::setReadBufferSize()"""
        lib.qnet_socket_set_read_buffer_size(self._q_handle, size(size_))

    def readBufferSize(self) -> int:
        """The limit in bytes, 0 for none. Qt: QAbstractSocket::readBufferSize()"""
        return int(lib.qnet_socket_read_buffer_size(self._q_handle))

    def setWriteBufferLimit(self, limit: int, mark: int = 0, /) -> None:
        """Limits what is kept to be sent to a number of bytes; 0 does not. write() then takes no more than fits, and
        writeBufferDrained is emitted once no more than mark bytes are left. Qt has no such limit."""
        lib.qnet_socket_set_write_buffer_limit(self._q_handle, size(limit), size(mark))

    def writeBufferLimit(self) -> int:
        """The limit in bytes, 0 for none. Qt has no such limit."""
        return int(lib.qnet_socket_write_buffer_limit(self._q_handle))

    def setWritesWhole(self, on: bool, /) -> None:
        """Does a write() that does not fit under the limit take nothing, instead of as much as fits? It returns 0 then,
        and -1 if the message is longer than the limit. Qt has no such limit."""
        lib.qnet_socket_set_writes_whole(self._q_handle, bool(on))

    def writesWhole(self) -> bool:
        """Does a write() take all or nothing? Qt has no such limit."""
        return bool(lib.qnet_socket_writes_whole(self._q_handle))

    def writeParts(self, parts: Iterable[Data], /) -> int:
        """Is write() of several parts, one behind the other. Qt has nothing like it."""
        given = [data(part) for part in parts]
        array = (_api.qnet_write_part * len(given))()
        for one, part in zip(array, given):
            one.data, one.size = ctypes.cast(ctypes.c_char_p(part), ctypes.c_void_p), len(part)
        return int(lib.qnet_socket_write_parts(self._q_handle, array, len(given)))

    def writeLent(self, data_: bytes, released: Optional[Callable[[], object]] = None, /) -> int:
        """Is write() without a copy of data, a bytes object: it is kept until it was sent, or dropped. Then released is
        called, once, if the result is positive. Qt has nothing like it."""
        if type(data_) is not bytes:
            raise TypeError(f"bytes are needed, which do not change, not {type(data_).__name__}")

        def back(kept: bytes = data_) -> None:
            if released is not None:
                released()

        number = remember(back, None)
        taken = int(lib.qnet_socket_write_lent(self._q_handle, data_, len(data_), posted, number))
        if taken <= 0:
            forget(number)
        return taken

    def sendFile(self, file: Union[int, HasFileno], offset: int = 0, size_: int = -1, /) -> int:
        """Has a part of a file sent, in the order of what is written; with a size of -1, all up to its end. It may be
        closed at once; a file object is to be flushed before. Returns how many bytes were taken, -1 on failure. Qt has
        nothing like it."""
        return int(lib.qnet_socket_send_file(self._q_handle, descriptor(file), size(offset), size(size_)))

    def readToFile(self, file: Union[int, HasFileno], size_: int, /) -> int:
        """Reads up to so many bytes, and no more than 1 MiB, into a file, at its descriptor's position. Returns how
        many; -1 if none will come any more, or on failure. Qt has nothing like it."""
        return int(lib.qnet_socket_read_to_file(self._q_handle, descriptor(file), size(size_)))

    def flush(self) -> bool:
        """Sends as much as the system takes now; was that anything? Qt: QAbstractSocket::flush()"""
        return bool(call(lib.qnet_socket_flush, self._q_handle))

    # ---- a limit for attempts, which Qt does not have

    def setConnectTimeout(self, msec: int, /) -> None:
        """How many milliseconds an attempt to connect may take, with all addresses and proxies together; then it ends with
        SocketTimeoutError. 0, as at first, for no limit of its own. Qt has nothing like it."""
        lib.qnet_socket_set_connect_timeout(self._q_handle, integer(msec))

    def connectTimeout(self) -> int:
        """What setConnectTimeout() was given; 0 at first. Qt has nothing like it."""
        return int(lib.qnet_socket_connect_timeout(self._q_handle))

    # ---- one direction after the other, which Qt does not have

    def setAllowHalfOpen(self, allow: bool, /) -> None:
        """Does a connection go on when the peer has ended its direction? Then readChannelFinished is emitted, there is
        nothing to read behind what has come, and what is written is sent, until the program ends the connection. Off at
        first: the peer's end is that of the connection, once what was written until then is sent. Qt has nothing like
        it."""
        lib.qnet_socket_set_allow_half_open(self._q_handle, bool(allow))

    def allowHalfOpen(self) -> bool:
        """What setAllowHalfOpen() was given; False at first. Qt has nothing like it."""
        return bool(lib.qnet_socket_allow_half_open(self._q_handle))

    def isReadChannelFinished(self) -> bool:
        """Has the peer of a half-open connection ended its direction? Qt has nothing like it."""
        return bool(lib.qnet_socket_is_read_channel_finished(self._q_handle))

    def closeWriteChannel(self) -> None:
        """Ends the direction to the peer, who finds an end behind what is written until now, once that is sent. Reading
        goes on; the connection ends with the peer's direction. Qt's sockets have nothing like it."""
        lib.qnet_socket_close_write_channel(self._q_handle)
        self._q_settle()

    # ---- waiting

    def waitForConnected(self, msecs: int = 30000) -> bool:
        """Waits, without a running loop, until connected; -1 msecs is no limit. False after the time (the attempt is
        given up) or if connecting failed. Qt: QAbstractSocket::waitForConnected()"""
        return self._q_wait(lib.qnet_socket_wait_for_connected, msecs)

    def waitForDisconnected(self, msecs: int = 30000) -> bool:
        """Waits, without a running loop, until disconnected; -1 msecs is no limit. False after the time, or if it was
        not connected. Qt: QAbstractSocket::waitForDisconnected()"""
        return self._q_wait(lib.qnet_socket_wait_for_disconnected, msecs)
