#!/usr/bin/env python3
"""Echo servers on asyncio, in Python's own style.

    asyncio_echo_server.py protocol|streams|qnet [asyncio|uvloop] [--local PATH] [--sink]
    asyncio_echo_server.py protocol [asyncio|uvloop] --certificate FILE --key FILE [--sink | --source]

The first word says what the server is written with: asyncio's protocols, its streams, or qnet's sockets that are
awaited. The second says which loop runs it.
"""

import argparse
import asyncio
import signal
import ssl

BACKLOG = 1024
READ_SIZE = 65536
PIECE, WAITING = bytes(64 * 1024), 256 * 1024


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        if options.source:
            transport.set_write_buffer_limits(high=WAITING)
            self.paused = False
            self.send()

    def send(self):
        if not self.paused and not self.transport.is_closing():
            self.transport.write(PIECE)
            asyncio.get_running_loop().call_soon(self.send)

    def pause_writing(self):
        self.paused = True

    def resume_writing(self):
        self.paused = False
        if options.source:
            self.send()

    def data_received(self, data):
        if not options.sink:
            self.transport.write(data)


async def protocol():
    loop = asyncio.get_running_loop()
    if options.local:
        await loop.create_unix_server(Echo, options.local, backlog=BACKLOG)
        return options.local
    encryption = None
    if options.certificate:
        encryption = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        encryption.load_cert_chain(options.certificate, options.key)
    return place(await loop.create_server(Echo, "127.0.0.1", 0, backlog=BACKLOG, ssl=encryption))


async def echo_stream(reader, writer):
    while data := await reader.read(READ_SIZE):
        if not options.sink:
            writer.write(data)
            await writer.drain()
    writer.close()


async def streams():
    if options.local:
        await asyncio.start_unix_server(echo_stream, options.local, backlog=BACKLOG)
        return options.local
    return place(await asyncio.start_server(echo_stream, "127.0.0.1", 0, backlog=BACKLOG))


def place(server):
    return f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def echo_socket(socket):
    async for chunk in socket:
        if not options.sink:
            socket.write(chunk)
    socket.deleteLater()


async def serve(server):
    tasks = set()
    async for socket in server:
        task = asyncio.ensure_future(echo_socket(socket))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


async def qnet():
    from qnet import QHostAddress, QLocalServer, QTcpServer

    server = QLocalServer() if options.local else QTcpServer()
    server.setListenBacklogSize(BACKLOG)
    server.setMaxPendingConnections(10000)
    if not (server.listen(options.local) if options.local else server.listen(QHostAddress.SpecialAddress.LocalHost, 0)):
        raise SystemExit(server.errorString())
    global serving  # or nothing would keep it
    serving = asyncio.ensure_future(serve(server))
    return options.local or f"127.0.0.1:{server.serverPort()}"


async def main(start):
    print(f"listening on {await start()}", flush=True)
    await asyncio.Event().wait()


parser = argparse.ArgumentParser()
parser.add_argument("style", choices=("protocol", "streams", "qnet"))
parser.add_argument("loop", nargs="?", choices=("asyncio", "uvloop"), default="asyncio")
parser.add_argument("--local", metavar="PATH")
parser.add_argument("--sink", action="store_true")
parser.add_argument("--source", action="store_true", help="send without end")
parser.add_argument("--certificate", metavar="FILE")
parser.add_argument("--key", metavar="FILE")
options = parser.parse_args()
if options.certificate and options.style != "protocol":
    parser.error("only the server with protocols encrypts")

signal.signal(signal.SIGTERM, signal.SIG_DFL)
if options.loop == "uvloop":
    import uvloop

    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
asyncio.run(main({"protocol": protocol, "streams": streams, "qnet": qnet}[options.style]))
