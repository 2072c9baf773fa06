#!/usr/bin/env python3
"""qnet's signals inside an asyncio loop. Does what the C programs here do (see echo.h); SIGTERM and SIGINT end it."""

import asyncio
import signal
import sys

import qnet.asyncio
from qnet import QHostAddress, QTcpServer


class Echo:
    def __init__(self):
        self.ticks = 0  # counted by asyncio's own timer
        self.server = QTcpServer()
        self.server.newConnection.connect(self.serve)

    def serve(self):
        while (socket := self.server.nextPendingConnection()) is not None:
            socket.readyRead.connect(lambda socket=socket: self.reply(socket))
            socket.disconnected.connect(socket.deleteLater)

    def reply(self, socket):
        socket.write(f"{self.ticks} ticks: ".encode() + socket.readAll())

    def start(self):
        if not self.server.listen(QHostAddress.SpecialAddress.LocalHost, 0):
            sys.exit(self.server.errorString())
        print(f"listening on 127.0.0.1:{self.server.serverPort()}", flush=True)


async def main():
    qnet.asyncio.attach()  # from here on asyncio drives qnet
    ended = asyncio.Event()
    for number in signal.SIGTERM, signal.SIGINT:
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    echo = Echo()
    echo.start()
    while not ended.is_set():
        await asyncio.sleep(0.01)
        echo.ticks += 1
    echo.server.close()


asyncio.run(main())
