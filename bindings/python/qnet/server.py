"""TCP servers. Qt: QTcpServer"""

from __future__ import annotations

from typing import Optional, Tuple

from . import _api
from ._convert import integer, port as port_number
from ._library import lib
from ._made import readable
from ._object import destroyed_by
from ._server import ArrivalSignal, Server
from ._signal import Signal
from ._turn import call, patiently
from .address import AddressLike, QHostAddress, address_at, address_from, struct
from .enums import SocketOption, SpecialAddress
from .proxy import ProxyLike, QNetworkProxy, as_proxy, proxy_from, struct as proxy_struct
from .socket import QTcpSocket, socket_error


class QTcpServer(Server[QTcpSocket]):
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
    connectionRefused = Signal(
        "qnet_tcp_server_on_connection_refused", _api.qnet_tcp_server_address_callback, address_at
    )
    """A connection was refused because its address has too many; with the address. Qt has nothing like it."""
    listening = Signal("qnet_tcp_server_on_listening", _api.qnet_tcp_server_callback)
    """It listens: serverAddress() and serverPort() can be read. Through a proxy it comes once that listens, and again when
    that is somewhere else, or after acceptError. Qt has nothing like it."""

    connectionInLoop = ArrivalSignal(
        "qnet_tcp_server_on_connection_in_loop", _api.qnet_tcp_server_socket_callback
    )
    """With the socket: a connection has arrived in a loop of setLoops(), on the thread of that loop, where the slots are
    called. The socket is the program's: it lives as long as it is referred to, or has slots and is connected. Qt has
    nothing like it."""

    _q_prefix = "qnet_tcp_server"
    _q_socket_type = QTcpSocket

    _q_new = lib.qnet_tcp_server_new
    _q_delete = lib.qnet_tcp_server_delete
    _q_delete_later = lib.qnet_tcp_server_delete_later
    _q_move_to_loop = lib.qnet_tcp_server_move_to_loop
    _q_on_destroyed = destroyed_by(lib.qnet_tcp_server_on_destroyed, _api.qnet_tcp_server_callback)

    def _q_describe(self) -> str:
        if not QTcpServer.isListening(self):
            return ""
        return f" listening on {QTcpServer.serverAddress(self)}:{QTcpServer.serverPort(self)}"

    # ---- listening

    def listen(self, address: AddressLike = SpecialAddress.Any, port: int = 0) -> bool:
        """Listens on an address (every one) and a port (0: the system chooses one). False if it cannot; serverError()
        and errorString() say why. Through a proxy it waits for nothing: the signal listening says when the proxy listens,
        acceptError why not. Qt: QTcpServer::listen()"""
        done = bool(call(lib.qnet_tcp_server_listen, self._q_handle, struct(address), port_number(port)))
        self._q_hold()
        return done

    @readable
    def address(self) -> Optional[Tuple[str, int]]:
        """Address and port where it listens, as Python's sockets have them; None if it does not."""
        port = QTcpServer.serverPort(self)
        return (QTcpServer.serverAddress(self).toString(), port) if port else None

    def serverAddress(self) -> QHostAddress:
        """Where it listens; null if it does not. Waits for a proxy that has not answered yet, up to 5 seconds from
        listen() on. Qt: QTcpServer::serverAddress()"""
        return address_from(lambda *arguments: patiently(lib.qnet_tcp_server_server_address, *arguments), self._q_handle)

    def serverPort(self) -> int:
        """The port; 0 if it does not listen. Waits as serverAddress() does. Qt: QTcpServer::serverPort()"""
        return int(patiently(lib.qnet_tcp_server_server_port, self._q_handle))

    def setSocketDescriptor(self, socketDescriptor: int, /) -> bool:
        """Takes over a descriptor that listens; it belongs to the server if this returns True.

        Qt: QTcpServer::setSocketDescriptor()
        """
        done = bool(call(lib.qnet_tcp_server_set_socket_descriptor, self._q_handle, integer(socketDescriptor)))
        self._q_hold()
        return done

    def setProxy(self, networkProxy: ProxyLike, /) -> None:
        """Sets the proxy that it listens at, from the next listen() on. The default proxy, as at first, is the
        application's. A server that listens at a loopback address uses none. Qt: QTcpServer::setProxy()"""
        proxy = as_proxy(networkProxy)
        lib.qnet_tcp_server_set_proxy(self._q_handle, proxy_struct(proxy))

    def proxy(self) -> QNetworkProxy:
        """What setProxy() was given. Qt: QTcpServer::proxy()"""
        return proxy_from(lib.qnet_tcp_server_proxy, self._q_handle)

    def socketOption(self, option: SocketOption, /) -> Optional[int]:
        """An option's value as the system has it; None if the server does not listen, or on failure. Not in Qt."""
        value = lib.qnet_tcp_server_socket_option(self._q_handle, integer(option))
        return None if value == -1 else int(value)

    def setSocketOption(self, option: SocketOption, value: int, /) -> bool:
        """Sets an option of the listening descriptor, most of which its connections inherit; before listen() it is kept
        for every one that the server makes from then on. False if the system refuses. Not in Qt."""
        return bool(lib.qnet_tcp_server_set_socket_option(self._q_handle, integer(option), integer(value)))

    # ---- connections

    def pauseAccepting(self) -> None:
        """Stops accepting; connections wait in the system. Qt: QTcpServer::pauseAccepting()"""
        lib.qnet_tcp_server_pause_accepting(self._q_handle)

    def resumeAccepting(self) -> None:
        """Accepts again. Qt: QTcpServer::resumeAccepting()"""
        lib.qnet_tcp_server_resume_accepting(self._q_handle)

    # ---- limits, which Qt does not have

    def addressConnectionLimit(self) -> int:
        """How many connections one address may have; 0, as at first, is any number. Qt has nothing like it."""
        return int(lib.qnet_tcp_server_address_connection_limit(self._q_handle))

    def setAddressConnectionLimit(self, count: int, /) -> None:
        """Limits the open connections of each address. One more is refused, and connectionRefused emitted. To be set
        before listen(). Qt has nothing like it."""
        lib.qnet_tcp_server_set_address_connection_limit(self._q_handle, integer(count))

    def addressPrefixLength(self) -> int:
        """How many of the first bits of an IPv6 address tell clients apart, 64 unless set. Qt has nothing like it."""
        return int(lib.qnet_tcp_server_address_prefix_length(self._q_handle))

    def setAddressPrefixLength(self, length: int, /) -> None:
        """Sets how many bits of an IPv6 address tell clients apart: 128 for a local network. Qt has nothing like it."""
        lib.qnet_tcp_server_set_address_prefix_length(self._q_handle, integer(length))

    def refusedConnections(self) -> int:
        """How many connections were refused because their address had too many. Qt has nothing like it."""
        return int(lib.qnet_tcp_server_refused_connections(self._q_handle))
