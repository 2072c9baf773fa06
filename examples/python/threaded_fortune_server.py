#!/usr/bin/env python3
"""Sends each client a line, each on a thread of its own: threaded_fortune_server.py [PORT]"""

import random
import signal
import sys

from PySide6.QtCore import QCoreApplication, QThread, Signal
from PySide6.QtNetwork import QHostAddress, QTcpServer, QTcpSocket

FORTUNES = [
    "Many hands make a mess of shared data.",
    "A thread in time saves nine turns of the loop.",
    "What waits for you holds the lock that you want.",
]


class FortuneThread(QThread):
    error = Signal(str)

    def __init__(self, socketDescriptor, fortune, parent):
        super().__init__(parent)
        self.socketDescriptor = socketDescriptor
        self.fortune = fortune

    def run(self):
        socket = QTcpSocket()
        if not socket.setSocketDescriptor(self.socketDescriptor):
            self.error.emit(socket.errorString())
            return
        socket.write(self.fortune.encode() + b"\n")
        socket.disconnectFromHost()
        if socket.state() != QTcpSocket.SocketState.UnconnectedState:
            socket.waitForDisconnected()


class FortuneServer(QTcpServer):
    def incomingConnection(self, socketDescriptor):
        thread = FortuneThread(socketDescriptor, random.choice(FORTUNES), self)
        thread.error.connect(lambda text: print(f"error: {text}", file=sys.stderr))
        thread.finished.connect(thread.deleteLater)
        thread.start()


def main():
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    app = QCoreApplication(sys.argv)
    server = FortuneServer()
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    if not server.listen(QHostAddress(QHostAddress.SpecialAddress.LocalHost), port):
        sys.exit(f"cannot listen: {server.errorString()}")
    print(f"listening on {server.serverAddress().toString()}:{server.serverPort()}", flush=True)
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
