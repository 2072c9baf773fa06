"""TCP sockets. Qt: QAbstractSocket, QTcpSocket"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Optional, Union

from . import _api, enums
from ._convert import integer, port as port_number, size, string, text
from ._library import lib
from ._object import QObject, destroyed_thunk, held
from ._signal import Signal, references
from ._turn import post
from .address import AddressLike, QHostAddress, address_from, struct
from .device import QIODevice
from .enums import member, short_names

if TYPE_CHECKING:
    from typing_extensions import TypeAlias


def _state(value: int) -> enums.SocketState:
    return member(enums.SocketState, value)


def socket_error(value: int) -> enums.SocketError:
    return member(enums.SocketError, value)


@short_names(
    enums.SocketType,
    enums.SocketState,
    enums.SocketError,
    enums.SocketOption,
    enums.BindFlag,
    enums.PauseMode,
    enums.NetworkLayerProtocol,
)
class QAbstractSocket(QIODevice):
    """A socket. Qt: QAbstractSocket. QAbstractSocket(SocketType.TcpSocket) is the same as QTcpSocket()."""

    SocketType: TypeAlias = enums.SocketType
    SocketState: TypeAlias = enums.SocketState
    SocketError: TypeAlias = enums.SocketError
    SocketOption: TypeAlias = enums.SocketOption
    BindFlag: TypeAlias = enums.BindFlag
    BindMode: TypeAlias = enums.BindFlag
    PauseMode: TypeAlias = enums.PauseMode
    NetworkLayerProtocol: TypeAlias = enums.NetworkLayerProtocol

    connected = Signal("qnet_socket_on_connected", _api.qnet_socket_callback)
    """The connection is made. Qt: QAbstractSocket::connected"""
    disconnected = Signal("qnet_socket_on_disconnected", _api.qnet_socket_callback)
    """The connection has ended. The socket may be deleted in it. Qt: QAbstractSocket::disconnected"""
    errorOccurred = Signal("qnet_socket_on_error_occurred", _api.qnet_socket_error_callback, socket_error)
    """With the error. Qt: QAbstractSocket::errorOccurred"""
    hostFound = Signal("qnet_socket_on_host_found", _api.qnet_socket_callback)
    """The name was looked up. Qt: QAbstractSocket::hostFound"""
    stateChanged = Signal(
        "qnet_socket_on_state_changed", _api.qnet_socket_state_callback, _state, after="_after_state_changed"
    )
    """With the new state. Qt: QAbstractSocket::stateChanged"""
    writeBufferDrained = Signal("qnet_socket_on_write_buffer_drained", _api.qnet_socket_callback)
    """There is room again after a write() that took less than all. Qt has no such signal."""

    _new = lib.qnet_tcp_socket_new
    _kind = enums.SocketType.TcpSocket
    _delete = lib.qnet_socket_delete
    _delete_later = lib.qnet_socket_delete_later
    _on_destroyed = (lib.qnet_socket_on_destroyed, destroyed_thunk(_api.qnet_socket_callback))

    def __init__(
        self,
        socketType: SocketType = enums.SocketType.TcpSocket,
        parent: Optional[QObject] = None,
        **keywords: Any,
    ) -> None:
        if socketType != self._kind:
            raise NotImplementedError(f"{type(self).__name__} makes no sockets of the kind {socketType!r}")
        super().__init__(parent, **keywords)

    def _describe(self) -> str:
        state = self.state()
        shown = f" {state.name}"
        if state == enums.SocketState.ConnectedState:
            shown += f" {self.localAddress()}:{self.localPort()} to {self.peerAddress()}:{self.peerPort()}"
        return shown

    # ---- lifetime

    def _active(self) -> bool:
        return bool(lib.qnet_socket_state(self._handle) != enums.SocketState.UnconnectedState)

    def _watch(self) -> None:
        self._listen(QAbstractSocket.stateChanged)

    def _after_state_changed(self, state: int) -> None:
        if state == enums.SocketState.UnconnectedState and self.__dict__.get("_handle") in held:
            # What else there is to emit comes before the next turn.
            reference = weakref.ref(self)

            def settle() -> None:
                socket = reference()
                if socket is not None:
                    socket._settle()

            if not post(settle, self._loop):
                self._release()

    def _adopt(self, parent: Optional[QObject]) -> None:
        owner = parent._handle if parent is not None and parent._owns_sockets else None
        if owner is None and self._owned:
            return
        if not lib.qnet_socket_set_owner(self._handle, owner):
            raise RuntimeError("the socket and its parent belong to different loops")
        self._belong(owner is not None)

    def _belong(self, to_server: bool) -> None:
        """The C object belongs to a server from now on, or does not."""
        self._owned = not to_server
        references[self._handle] = weakref.ref(self)
        if to_server:
            self._release()
        else:
            self._hold()

    # ---- connecting and disconnecting

    def connectToHost(
        self,
        host: Union[str, AddressLike],
        port: int,
        /,
        mode: enums.OpenModeFlag = enums.OpenModeFlag.ReadWrite,
        protocol: NetworkLayerProtocol = enums.NetworkLayerProtocol.AnyIPProtocol,
    ) -> None:
        """Connects to a name or an address; connected or errorOccurred tell the end.

        protocol limits the addresses of a name. On a socket that is not unconnected: errorOccurred(OperationError),
        and the connection stays. Qt: QAbstractSocket::connectToHost()
        """
        number = port_number(port)
        if isinstance(host, str):
            lib.qnet_socket_connect_to_host(self._handle, text(host), number, integer(mode), integer(protocol))
        else:
            lib.qnet_socket_connect_to_address(self._handle, struct(host), number, integer(mode))
        self._hold()

    def disconnectFromHost(self) -> None:
        """Sends what is to be sent, then closes the connection. Qt: QAbstractSocket::disconnectFromHost()"""
        lib.qnet_socket_disconnect_from_host(self._handle)
        self._settle()

    def abort(self) -> None:
        """Closes the connection at once. Qt: QAbstractSocket::abort()"""
        lib.qnet_socket_abort(self._handle)
        self._settle()

    def bind(
        self,
        address: Union[None, AddressLike, int] = None,
        /,
        port: Any = 0,
        mode: BindFlag = enums.BindFlag.DefaultForPlatform,
    ) -> bool:
        """bind(address, port, mode) or bind(port, mode): binds to an address (any) and a port (0: the system chooses
        one) before connecting. False, with errorOccurred, if that fails. Qt: QAbstractSocket::bind()"""
        if isinstance(address, int) and not isinstance(address, QHostAddress.SpecialAddress):
            if isinstance(port, enums.BindFlag):
                mode = port
            address, port = None, address
        where = None if address is None else struct(address)
        done = lib.qnet_socket_bind(self._handle, where, port_number(port), integer(mode))
        self._hold()
        return bool(done)

    def setSocketDescriptor(
        self,
        socketDescriptor: int,
        /,
        state: SocketState = enums.SocketState.ConnectedState,
        openMode: enums.OpenModeFlag = enums.OpenModeFlag.ReadWrite,
    ) -> bool:
        """Takes over a descriptor, which belongs to the socket if this returns True.

        Qt: QAbstractSocket::setSocketDescriptor()
        """
        done = lib.qnet_socket_set_socket_descriptor(
            self._handle, integer(socketDescriptor), integer(state), integer(openMode)
        )
        self._hold()
        return bool(done)

    def socketDescriptor(self) -> int:
        """The descriptor, which belongs to the socket; -1 if there is none. Qt: QAbstractSocket::socketDescriptor()"""
        return int(lib.qnet_socket_socket_descriptor(self._handle))

    # ---- data

    def setReadBufferSize(self, size_: int, /) -> None:
        """Limits what is kept for reading to a number of bytes; 0 does not. Qt: QAbstractSocket::setReadBufferSize()"""
        lib.qnet_socket_set_read_buffer_size(self._handle, size(size_))

    def readBufferSize(self) -> int:
        """The limit in bytes, 0 for none. Qt: QAbstractSocket::readBufferSize()"""
        return int(lib.qnet_socket_read_buffer_size(self._handle))

    def setWriteBufferLimit(self, limit: int, mark: int = 0, /) -> None:
        """Limits what is kept to be sent to a number of bytes; 0 does not. write() then takes no more than fits, and
        writeBufferDrained is emitted once no more than mark bytes are left. Qt has no such limit."""
        lib.qnet_socket_set_write_buffer_limit(self._handle, size(limit), size(mark))

    def writeBufferLimit(self) -> int:
        """The limit in bytes, 0 for none. Qt has no such limit."""
        return int(lib.qnet_socket_write_buffer_limit(self._handle))

    def flush(self) -> bool:
        """Sends as much as the system takes now; was that anything? Qt: QAbstractSocket::flush()"""
        return bool(lib.qnet_socket_flush(self._handle))

    # ---- waiting

    def waitForConnected(self, msecs: int = 30000) -> bool:
        """Waits, without a running loop, until connected; -1 msecs is no limit. False after the time (the attempt is
        given up) or if connecting failed. Qt: QAbstractSocket::waitForConnected()"""
        return self._wait(lib.qnet_socket_wait_for_connected, msecs)

    def waitForDisconnected(self, msecs: int = 30000) -> bool:
        """Waits, without a running loop, until disconnected; -1 msecs is no limit. False after the time, or if it was
        not connected. Qt: QAbstractSocket::waitForDisconnected()"""
        return self._wait(lib.qnet_socket_wait_for_disconnected, msecs)

    # ---- state

    def state(self) -> SocketState:
        """Qt: QAbstractSocket::state()"""
        return _state(lib.qnet_socket_state(self._handle))

    def error(self) -> SocketError:
        """The last error; UnknownSocketError if there was none. Qt: QAbstractSocket::error()"""
        return socket_error(lib.qnet_socket_error(self._handle))

    def isValid(self) -> bool:
        """Is it connected or bound, and can be used? Qt: QAbstractSocket::isValid()"""
        return bool(lib.qnet_socket_is_valid(self._handle))

    def socketType(self) -> SocketType:
        """Qt: QAbstractSocket::socketType()"""
        return member(enums.SocketType, lib.qnet_socket_socket_type(self._handle))

    def localAddress(self) -> QHostAddress:
        """The address on this side; null when neither connected nor bound. Qt: QAbstractSocket::localAddress()"""
        return address_from(lib.qnet_socket_local_address, self._handle)

    def localPort(self) -> int:
        """The port on this side; 0 when neither connected nor bound. Qt: QAbstractSocket::localPort()"""
        return int(lib.qnet_socket_local_port(self._handle))

    def peerAddress(self) -> QHostAddress:
        """The peer's address; null when not connected. Qt: QAbstractSocket::peerAddress()"""
        return address_from(lib.qnet_socket_peer_address, self._handle)

    def peerName(self) -> str:
        """The name given to connectToHost(). Qt: QAbstractSocket::peerName()"""
        return string(lib.qnet_socket_peer_name(self._handle))

    def peerPort(self) -> int:
        """The peer's port; 0 when not connected. Qt: QAbstractSocket::peerPort()"""
        return int(lib.qnet_socket_peer_port(self._handle))

    def socketOption(self, option: SocketOption, /) -> Optional[int]:
        """An option's value as the system has it; None without a descriptor or on failure.

        Qt: QAbstractSocket::socketOption()
        """
        value = lib.qnet_socket_socket_option(self._handle, integer(option))
        return None if value == -1 else int(value)

    def setSocketOption(self, option: SocketOption, value: int, /) -> None:
        """Sets an option; without a descriptor that has no effect. Qt: QAbstractSocket::setSocketOption()"""
        lib.qnet_socket_set_socket_option(self._handle, integer(option), integer(value))

    def pauseMode(self) -> PauseMode:
        """Qt: QAbstractSocket::pauseMode()"""
        mode = lib.qnet_socket_pause_mode(self._handle)
        return enums.PauseMode.PauseNever if mode < 0 else enums.PauseMode(mode)

    def setPauseMode(self, pauseMode: PauseMode, /) -> None:
        """When to pause. Qt: QAbstractSocket::setPauseMode()"""
        lib.qnet_socket_set_pause_mode(self._handle, integer(pauseMode))

    def resume(self) -> None:
        """Goes on after a pause. Qt: QAbstractSocket::resume()"""
        lib.qnet_socket_resume(self._handle)

    def protocolTag(self) -> str:
        """A free text. Qt: QAbstractSocket::protocolTag()"""
        return string(lib.qnet_socket_protocol_tag(self._handle))

    def setProtocolTag(self, tag: str, /) -> None:
        """Qt: QAbstractSocket::setProtocolTag()"""
        lib.qnet_socket_set_protocol_tag(self._handle, text(tag))

    # ---- for subclasses that are sockets of another kind (protected in Qt)

    def setLocalAddress(self, address: AddressLike, /) -> None:
        """What localAddress() returns. Qt: QAbstractSocket::setLocalAddress()"""
        lib.qnet_socket_set_local_address(self._handle, struct(address))

    def setLocalPort(self, port: int, /) -> None:
        """What localPort() returns. Qt: QAbstractSocket::setLocalPort()"""
        lib.qnet_socket_set_local_port(self._handle, port_number(port))

    def setPeerAddress(self, address: AddressLike, /) -> None:
        """What peerAddress() returns. Qt: QAbstractSocket::setPeerAddress()"""
        lib.qnet_socket_set_peer_address(self._handle, struct(address))

    def setPeerName(self, name: str, /) -> None:
        """What peerName() returns. Qt: QAbstractSocket::setPeerName()"""
        lib.qnet_socket_set_peer_name(self._handle, text(name))

    def setPeerPort(self, port: int, /) -> None:
        """What peerPort() returns. Qt: QAbstractSocket::setPeerPort()"""
        lib.qnet_socket_set_peer_port(self._handle, port_number(port))

    def setSocketError(self, socketError: SocketError, /) -> None:
        """What error() returns. Qt: QAbstractSocket::setSocketError()"""
        lib.qnet_socket_set_socket_error(self._handle, integer(socketError))

    def setSocketState(self, state: SocketState, /) -> None:
        """What state() returns; no signal. Qt: QAbstractSocket::setSocketState()"""
        lib.qnet_socket_set_socket_state(self._handle, integer(state))


class QTcpSocket(QAbstractSocket):
    """A TCP socket. Qt: QTcpSocket

    It lives as long as the program refers to it, or its parent lives, or, while it is not unconnected, as long as a
    function that is connected to one of its signals refers to it.
    """

    def __init__(self, parent: Optional[QObject] = None, **keywords: Any) -> None:
        super().__init__(enums.SocketType.TcpSocket, parent, **keywords)
