"""qnet inside asyncio.

    async def main():
        async with await qnet.asyncio.connect("localhost", 7) as socket:
            socket.write(b"hello")
            async for chunk in socket:
                print(chunk)

Sockets have `untilConnected()`, `untilReadyRead()`, `untilBytesWritten()`, `untilDisconnected()`, `async for chunk in
socket`, `async for line in socket.lines()` and `async with`, a QSslSocket `untilEncrypted()`; servers have `nextConnection()` and `async for socket in
server`, a QUdpSocket `nextDatagram()` and `async for datagram in socket`. What is made or comes into use while an asyncio loop runs attaches qnet's loop to it, so that signals come, too. A program
that has made everything before calls attach() itself.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Callable, Optional, TypeVar, Union, overload

from . import _attach
from ._socket import ConnectionDevice
from .configuration import QSslConfiguration
from .enums import LocalSocketOption
from .local import QLocalSocket
from .loop import Loop, loop_handle
from .socket import QTcpSocket
from .sslsocket import QSslSocket

if TYPE_CHECKING:
    from typing_extensions import Literal

    from .address import AddressLike
    from .proxy import ProxyLike

S = TypeVar("S", bound=ConnectionDevice)


def attach(loop: Optional[asyncio.AbstractEventLoop] = None, source: Optional[Loop] = None) -> None:
    """Has an asyncio loop (the running one) drive a loop of the library (the thread's).

    Doing it again is harmless.
    """
    _attach.attach(asyncio.get_running_loop() if loop is None else loop, loop_handle(source))


def detach(loop: Optional[asyncio.AbstractEventLoop] = None, source: Optional[Loop] = None) -> bool:
    """Undoes attach(); False if it was not done."""
    return _attach.detach(asyncio.get_running_loop() if loop is None else loop, loop_handle(source))


@overload
async def connect(
    host: Union[str, AddressLike],
    port: int,
    *,
    proxy: Optional[ProxyLike] = None,
    ssl: Union[None, Literal[False]] = None,
    server_hostname: str = "",
) -> QTcpSocket: ...


@overload
async def connect(
    host: str,
    port: int,
    *,
    proxy: Optional[ProxyLike] = None,
    ssl: Union[QSslConfiguration, Literal[True]],
    server_hostname: str = "",
) -> QSslSocket: ...


async def connect(
    host: Union[str, AddressLike],
    port: int,
    *,
    proxy: Optional[ProxyLike] = None,
    ssl: Union[None, bool, QSslConfiguration] = None,
    server_hostname: str = "",
) -> QTcpSocket:
    """Returns a socket that is connected to a name or an address, through a proxy or, without one, as the application is
    set to; or raises the OSError that fits. Cancelled, it gives the attempt up.

    ssl, a QSslConfiguration or True for the default one, has it encrypted: it is a QSslSocket then, and the peer's
    certificate must be for server_hostname, or else for the host.
    """
    if ssl is None or ssl is False:
        socket = QTcpSocket()
        if proxy is not None:
            socket.setProxy(proxy)
        return await _connected(socket, lambda: socket.connectToHost(host, port))
    if not isinstance(host, str):
        raise TypeError(f"the name of a host is needed, not {type(host).__name__}")
    secure = QSslSocket()
    if isinstance(ssl, QSslConfiguration):
        secure.setSslConfiguration(ssl)
    if proxy is not None:
        secure.setProxy(proxy)
    try:
        secure.connectToHostEncrypted(host, port, server_hostname)
        await secure.untilEncrypted()
    except BaseException:
        secure.delete()
        raise
    return secure


async def connect_local(name: str, *, abstract: bool = False) -> QLocalSocket:
    """Returns a socket that is connected to a local server, by its name or path or, abstract, in the abstract
    namespace; or raises the OSError that fits: FileNotFoundError where there is no file of that name, and
    ConnectionRefusedError where nobody listens. Cancelled, it gives the attempt up."""
    socket = QLocalSocket()
    if abstract:
        socket.setSocketOptions(LocalSocketOption.AbstractNamespaceOption)
    return await _connected(socket, lambda: socket.connectToServer(name))


async def _connected(socket: S, begin: Callable[[], None]) -> S:
    try:
        begin()
        await socket.untilConnected()
    except BaseException:
        socket.delete()
        raise
    return socket
