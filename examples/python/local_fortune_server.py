#!/usr/bin/env python3
"""Sends each client of this machine a line and disconnects: local_fortune_server.py [NAME]"""

import random
import signal
import sys

from PySide6.QtCore import QCoreApplication
from PySide6.QtNetwork import QLocalServer

FORTUNES = [
    "The answer is nearer than you think: on this machine.",
    "A path that is too long leads nowhere.",
    "Whoever leaves a socket behind will find it again.",
    "Two processes that share a kernel have much to talk about.",
    "You have the right to connect, and nobody else.",
]


class FortuneServer(QLocalServer):
    def __init__(self, parent=None):
        super().__init__(parent)
        self.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self.newConnection.connect(self.sendFortunes)

    def sendFortunes(self):
        while self.hasPendingConnections():
            client = self.nextPendingConnection()
            client.disconnected.connect(client.deleteLater)
            client.write(random.choice(FORTUNES).encode() + b"\n")
            client.disconnectFromServer()


def main():
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    app = QCoreApplication(sys.argv)
    name = sys.argv[1] if len(sys.argv) > 1 else "fortune"
    QLocalServer.removeServer(name)  # what one that was killed has left
    server = FortuneServer()
    if not server.listen(name):
        sys.exit(f"cannot listen: {server.errorString()}")
    print(f"listening on {server.fullServerName()}", flush=True)
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
