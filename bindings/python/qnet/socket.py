"""TCP sockets. Qt: QAbstractSocket, QTcpSocket"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional, Tuple, Union

from . import _api, enums
from ._convert import integer, port as port_number, string, text
from ._library import lib
from ._made import readable
from ._object import QObject
from ._signal import Signal
from ._socket import ConnectionDevice
from ._turn import call
from .address import AddressLike, QHostAddress, address_from, struct
from .authenticator import QAuthenticator, authenticator_of
from .enums import member, short_names
from .proxy import ProxyLike, QNetworkProxy, as_proxy, proxy_at, proxy_from, struct as proxy_struct

if TYPE_CHECKING:
    from typing_extensions import TypeAlias


def _state(value: int) -> enums.SocketState:
    return member(enums.SocketState, value)


def socket_error(value: int) -> enums.SocketError:
    return member(enums.SocketError, value)


def _asked(proxy: Any, handle: int) -> Tuple[QNetworkProxy, QAuthenticator]:
    return proxy_at(proxy.contents), authenticator_of(handle)


@short_names(
    enums.SocketType,
    enums.SocketState,
    enums.SocketError,
    enums.SocketOption,
    enums.BindFlag,
    enums.PauseMode,
    enums.NetworkLayerProtocol,
)
class QAbstractSocket(ConnectionDevice):
    """A socket. Qt: QAbstractSocket. QAbstractSocket(SocketType.TcpSocket) is the same as QTcpSocket()."""

    SocketType: TypeAlias = enums.SocketType
    SocketState: TypeAlias = enums.SocketState
    SocketError: TypeAlias = enums.SocketError
    SocketOption: TypeAlias = enums.SocketOption
    BindFlag: TypeAlias = enums.BindFlag
    BindMode: TypeAlias = enums.BindFlag
    PauseMode: TypeAlias = enums.PauseMode
    NetworkLayerProtocol: TypeAlias = enums.NetworkLayerProtocol

    errorOccurred = Signal("qnet_socket_on_error_occurred", _api.qnet_socket_error_callback, socket_error)
    """With the error. Qt: QAbstractSocket::errorOccurred"""
    hostFound = Signal("qnet_socket_on_host_found", _api.qnet_socket_callback)
    """The name was looked up. Qt: QAbstractSocket::hostFound"""
    stateChanged = Signal(
        "qnet_socket_on_state_changed", _api.qnet_socket_state_callback, _state, after="_q_after_state_changed"
    )
    """With the new state. Qt: QAbstractSocket::stateChanged"""
    proxyAuthenticationRequired = Signal(
        "qnet_socket_on_proxy_authentication_required",
        _api.qnet_socket_authentication_callback,
        _asked,
        after="_q_after_authentication",
    )
    """A proxy wants a user and a password; with the QNetworkProxy and a QAuthenticator. The attempt goes on when the slots
    have returned, with what they have filled in; if that is nothing, or was refused already, the error is
    ProxyAuthenticationRequiredError. What a proxy has accepted is kept for the process.

    Qt: QAbstractSocket::proxyAuthenticationRequired
    """
    _q_new = lib.qnet_tcp_socket_new
    _q_kind = enums.SocketType.TcpSocket

    def __init__(
        self,
        socketType: SocketType = enums.SocketType.TcpSocket,
        parent: Optional[QObject] = None,
        **keywords: Any,
    ) -> None:
        if socketType != self._q_kind:
            raise NotImplementedError(f"{type(self).__name__} makes no sockets of the kind {socketType!r}")
        super().__init__(parent, **keywords)

    def _q_describe(self) -> str:
        state = QAbstractSocket.state(self)
        shown = f" {state.name}"
        if state == enums.SocketState.ConnectedState:
            shown += f" {QAbstractSocket.localAddress(self)}:{QAbstractSocket.localPort(self)} to {self._q_peer_host()}:{QAbstractSocket.peerPort(self)}"
        elif state == enums.SocketState.BoundState:
            shown += f" {QAbstractSocket.localAddress(self)}:{QAbstractSocket.localPort(self)}"
        return shown

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
            call(lib.qnet_socket_connect_to_host, self._q_handle, text(host), number, integer(mode), integer(protocol))
        else:
            call(lib.qnet_socket_connect_to_address, self._q_handle, struct(host), number, integer(mode))
        self._q_hold()

    def disconnectFromHost(self) -> None:
        """Sends what is to be sent, then closes the connection. Qt: QAbstractSocket::disconnectFromHost()"""
        call(lib.qnet_socket_disconnect_from_host, self._q_handle)
        self._q_settle()

    def bind(
        self,
        address: Union[None, AddressLike, int] = None,
        /,
        port: Any = 0,
        mode: BindFlag = enums.BindFlag.DefaultForPlatform,
    ) -> bool:
        """bind(address, port, mode) or bind(port, mode): binds to an address (any) and a port (0: the system chooses
        one) before connecting. False, with errorOccurred, if that fails. Where a UDP socket has a proxy, what becomes of
        that is told later, by errorOccurred if it is in vain. Qt: QAbstractSocket::bind()"""
        if isinstance(address, int) and not isinstance(address, QHostAddress.SpecialAddress):
            if isinstance(port, enums.BindFlag):
                mode = port
            address, port = None, address
        where = None if address is None else struct(address)
        done = call(lib.qnet_socket_bind, self._q_handle, where, port_number(port), integer(mode))
        self._q_hold()
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
        done = call(
            lib.qnet_socket_set_socket_descriptor, self._q_handle, integer(socketDescriptor), integer(state), integer(openMode)
        )
        self._q_hold()
        return bool(done)

    # ---- state

    def state(self) -> SocketState:
        """Qt: QAbstractSocket::state()"""
        return _state(lib.qnet_socket_state(self._q_handle))

    def error(self) -> SocketError:
        """The last error; UnknownSocketError if there was none. Qt: QAbstractSocket::error()"""
        return socket_error(lib.qnet_socket_error(self._q_handle))

    def socketType(self) -> SocketType:
        """Qt: QAbstractSocket::socketType()"""
        return member(enums.SocketType, lib.qnet_socket_socket_type(self._q_handle))

    @readable
    def local(self) -> Optional[Tuple[str, int]]:
        """Address and port on this side, as Python's sockets have them; None when neither connected nor bound."""
        port = QAbstractSocket.localPort(self)
        return (QAbstractSocket.localAddress(self).toString(), port) if port else None

    @readable
    def peer(self) -> Optional[Tuple[str, int]]:
        """The peer's address and port, as Python's sockets have them; None when not connected. Its name if a proxy has
        looked it up."""
        port = QAbstractSocket.peerPort(self)
        return (self._q_peer_host(), port) if port else None

    def _q_peer_host(self) -> str:
        return QAbstractSocket.peerAddress(self).toString() or QAbstractSocket.peerName(self)

    def localAddress(self) -> QHostAddress:
        """The address on this side; null when neither connected nor bound. Qt: QAbstractSocket::localAddress()"""
        return address_from(lib.qnet_socket_local_address, self._q_handle)

    def localPort(self) -> int:
        """The port on this side; 0 when neither connected nor bound. Qt: QAbstractSocket::localPort()"""
        return int(lib.qnet_socket_local_port(self._q_handle))

    def peerAddress(self) -> QHostAddress:
        """The peer's address; null when not connected. Qt: QAbstractSocket::peerAddress()"""
        return address_from(lib.qnet_socket_peer_address, self._q_handle)

    def peerName(self) -> str:
        """The name given to connectToHost(). Qt: QAbstractSocket::peerName()"""
        return string(lib.qnet_socket_peer_name(self._q_handle))

    def peerPort(self) -> int:
        """The peer's port; 0 when not connected. Qt: QAbstractSocket::peerPort()"""
        return int(lib.qnet_socket_peer_port(self._q_handle))

    def socketOption(self, option: SocketOption, /) -> Optional[int]:
        """An option's value as the system has it; None without a descriptor or on failure.

        Qt: QAbstractSocket::socketOption()
        """
        value = lib.qnet_socket_socket_option(self._q_handle, integer(option))
        return None if value == -1 else int(value)

    def setSocketOption(self, option: SocketOption, value: int, /) -> None:
        """Sets an option. Beyond Qt, where it is lost: without a descriptor it is kept for every one that the socket makes
        from then on, before it binds or connects. Qt: QAbstractSocket::setSocketOption()"""
        lib.qnet_socket_set_socket_option(self._q_handle, integer(option), integer(value))

    def pauseMode(self) -> PauseMode:
        """Qt: QAbstractSocket::pauseMode()"""
        mode = lib.qnet_socket_pause_mode(self._q_handle)
        return enums.PauseMode.PauseNever if mode < 0 else enums.PauseMode(mode)

    def setPauseMode(self, pauseMode: PauseMode, /) -> None:
        """When to pause. Qt: QAbstractSocket::setPauseMode()"""
        lib.qnet_socket_set_pause_mode(self._q_handle, integer(pauseMode))

    def resume(self) -> None:
        """Goes on after a pause. Qt: QAbstractSocket::resume()"""
        call(lib.qnet_socket_resume, self._q_handle)

    def setProxy(self, networkProxy: ProxyLike, /) -> None:
        """Sets the proxy of connections to come. The default proxy, as at first, is the application's; NoProxy connects
        directly. Through a proxy peerName() is the host as it was asked for, and peerAddress() null if the proxy looks
        it up. Qt: QAbstractSocket::setProxy()"""
        proxy = as_proxy(networkProxy)
        lib.qnet_socket_set_proxy(self._q_handle, proxy_struct(proxy))

    def proxy(self) -> QNetworkProxy:
        """What setProxy() was given. Qt: QAbstractSocket::proxy()"""
        return proxy_from(lib.qnet_socket_proxy, self._q_handle)

    def _q_after_authentication(self, _proxy: QNetworkProxy, authenticator: QAuthenticator) -> None:
        authenticator._end()

    def protocolTag(self) -> str:
        """What the connection is for, such as "http": a QNetworkProxyFactory is told. Qt: QAbstractSocket::protocolTag()"""
        return string(lib.qnet_socket_protocol_tag(self._q_handle))

    def setProtocolTag(self, tag: str, /) -> None:
        """Qt: QAbstractSocket::setProtocolTag()"""
        lib.qnet_socket_set_protocol_tag(self._q_handle, text(tag))

    # ---- for subclasses that are sockets of another kind (protected in Qt)

    def setLocalAddress(self, address: AddressLike, /) -> None:
        """What localAddress() returns. Qt: QAbstractSocket::setLocalAddress()"""
        lib.qnet_socket_set_local_address(self._q_handle, struct(address))

    def setLocalPort(self, port: int, /) -> None:
        """What localPort() returns. Qt: QAbstractSocket::setLocalPort()"""
        lib.qnet_socket_set_local_port(self._q_handle, port_number(port))

    def setPeerAddress(self, address: AddressLike, /) -> None:
        """What peerAddress() returns. Qt: QAbstractSocket::setPeerAddress()"""
        lib.qnet_socket_set_peer_address(self._q_handle, struct(address))

    def setPeerName(self, name: str, /) -> None:
        """What peerName() returns. Qt: QAbstractSocket::setPeerName()"""
        lib.qnet_socket_set_peer_name(self._q_handle, text(name))

    def setPeerPort(self, port: int, /) -> None:
        """What peerPort() returns. Qt: QAbstractSocket::setPeerPort()"""
        lib.qnet_socket_set_peer_port(self._q_handle, port_number(port))

    def setSocketError(self, socketError: SocketError, /) -> None:
        """What error() returns. Qt: QAbstractSocket::setSocketError()"""
        lib.qnet_socket_set_socket_error(self._q_handle, integer(socketError))

    def setSocketState(self, state: SocketState, /) -> None:
        """What state() returns; no signal. Qt: QAbstractSocket::setSocketState()"""
        lib.qnet_socket_set_socket_state(self._q_handle, integer(state))


class QTcpSocket(QAbstractSocket):
    """A TCP socket. Qt: QTcpSocket

    It lives as long as the program refers to it, or its parent lives, or, while it is not unconnected, as long as a
    function that is connected to one of its signals refers to it.
    """

    def __init__(self, parent: Optional[QObject] = None, **keywords: Any) -> None:
        super().__init__(enums.SocketType.TcpSocket, parent, **keywords)
