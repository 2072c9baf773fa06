#!/usr/bin/env python3
"""Echo servers in Python's own style, to compare qnet's with.

    asyncio_echo_server.py protocol|streams|qnet [asyncio|uvloop]

The first word says what the server is written with: asyncio's protocols, its streams, or qnet's sockets that are
awaited. The second says which loop runs it.
"""

import asyncio
import signal
import sys


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


async def protocol():
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", 0, backlog=1000)
    return server, server.sockets[0].getsockname()[1]


async def echo_stream(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


async def streams():
    server = await asyncio.start_server(echo_stream, "127.0.0.1", 0, backlog=1000)
    return server, server.sockets[0].getsockname()[1]


async def echo_socket(socket):
    async for chunk in socket:
        socket.write(chunk)
    socket.deleteLater()


async def serve(server):
    tasks = set()
    async for socket in server:
        task = asyncio.ensure_future(echo_socket(socket))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


async def qnet():
    from qnet import QHostAddress, QTcpServer

    server = QTcpServer()
    server.setListenBacklogSize(1000)
    server.setMaxPendingConnections(10000)
    if not server.listen(QHostAddress.SpecialAddress.LocalHost, 0):
        sys.exit(server.errorString())
    return asyncio.ensure_future(serve(server)), server.serverPort()


async def main(start):
    server, port = await start()
    print(f"listening on 127.0.0.1:{port}", flush=True)
    await asyncio.Event().wait()


signal.signal(signal.SIGTERM, signal.SIG_DFL)
if sys.argv[2:] == ["uvloop"]:
    import uvloop

    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
asyncio.run(main({"protocol": protocol, "streams": streams, "qnet": qnet}[sys.argv[1]]))
