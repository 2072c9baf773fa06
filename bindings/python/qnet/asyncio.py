"""qnet inside asyncio: after attach(), signals come while the asyncio loop runs.

    async def main():
        qnet.asyncio.attach()
        socket = qnet.QTcpSocket()
        connected = asyncio.get_running_loop().create_future()
        socket.connected.connect(lambda: connected.set_result(None))
        socket.connectToHost("localhost", 7)
        await connected
"""

from __future__ import annotations

import asyncio
from typing import Optional

from ._library import lib
from ._turn import run
from .loop import Loop, loop_handle


def _descriptor(source: Optional[Loop]) -> int:
    descriptor = int(lib.qnet_loop_fd(loop_handle(source)))
    if descriptor < 0:
        raise RuntimeError("the loop has no descriptor")
    return descriptor


def attach(loop: Optional[asyncio.AbstractEventLoop] = None, source: Optional[Loop] = None) -> None:
    """Has an asyncio loop (the running one) drive a loop of the library (the default one).

    Doing it again is harmless.
    """
    if loop is None:
        loop = asyncio.get_running_loop()
    loop.add_reader(_descriptor(source), run, lib.qnet_loop_process_events, loop_handle(source), 0)


def detach(loop: Optional[asyncio.AbstractEventLoop] = None, source: Optional[Loop] = None) -> bool:
    """Undoes attach(); False if it was not done."""
    if loop is None:
        loop = asyncio.get_running_loop()
    return loop.remove_reader(_descriptor(source))
