"""What all sockets with connections share."""

from __future__ import annotations

import weakref
from typing import Optional

from . import _api, enums
from ._convert import size
from ._library import lib
from ._object import QObject, destroyed_thunk, held
from ._signal import Signal
from ._turn import call, post
from .device import QIODevice


class ConnectionDevice(QIODevice):
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
    _q_on_destroyed = (lib.qnet_socket_on_destroyed, destroyed_thunk(_api.qnet_socket_callback))

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
        return ConnectionDevice.socketDescriptor(self)

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

    def flush(self) -> bool:
        """Sends as much as the system takes now; was that anything? Qt: QAbstractSocket::flush()"""
        return bool(call(lib.qnet_socket_flush, self._q_handle))

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
