"""qnet inside asyncio.

    async def main():
        async with await qnet.asyncio.connect("localhost", 7) as socket:
            socket.write(b"hello")
            async for chunk in socket:
                print(chunk)

Sockets have `untilConnected()`, `untilReadyRead()`, `untilBytesWritten()`, `untilDisconnected()`, `async for chunk in
socket`, `async for line in socket.lines()` and `async with`; servers have `nextConnection()` and `async for socket in
server`, a QUdpSocket `nextDatagram()` and `async for datagram in socket`. The first of them that is awaited attaches qnet's loop to the asyncio loop that runs. A program that uses
signals alone calls attach() itself; they come while the asyncio loop runs.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Callable, Optional, TypeVar, Union

from . import _await
from ._socket import ConnectionDevice
from .enums import LocalSocketOption
from .local import QLocalSocket
from .loop import Loop, loop_handle
from .socket import QTcpSocket

if TYPE_CHECKING:
    from .address import AddressLike
    from .proxy import ProxyLike

S = TypeVar("S", bound=ConnectionDevice)


def attach(loop: Optional[asyncio.AbstractEventLoop] = None, source: Optional[Loop] = None) -> None:
    """Has an asyncio loop (the running one) drive a loop of the library (the thread's).

    Doing it again is harmless.
    """
    _await.attach(asyncio.get_running_loop() if loop is None else loop, loop_handle(source))


def detach(loop: Optional[asyncio.AbstractEventLoop] = None, source: Optional[Loop] = None) -> bool:
    """Undoes attach(); False if it was not done."""
    return _await.detach(asyncio.get_running_loop() if loop is None else loop, loop_handle(source))


async def connect(host: Union[str, AddressLike], port: int, *, proxy: Optional[ProxyLike] = None) -> QTcpSocket:
    """Returns a socket that is connected to a name or an address, through a proxy or, without one, as the application is
    set to; or raises the OSError that fits. Cancelled, it gives the attempt up."""
    socket = QTcpSocket()
    if proxy is not None:
        socket.setProxy(proxy)
    return await _connected(socket, lambda: socket.connectToHost(host, port))


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
