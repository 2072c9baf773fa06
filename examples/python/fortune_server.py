#!/usr/bin/env python3
"""Sends each client a line and disconnects: fortune_server.py [PORT]"""

import random
import signal
import sys

from PySide6.QtCore import QCoreApplication
from PySide6.QtNetwork import QHostAddress, QTcpServer

FORTUNES = [
    "Today is a good day to read the manual.",
    "The bug is in the part that you did not test.",
    "A watched pipe never fills.",
    "You will find what you are looking for behind the next pointer.",
    "Whoever writes a protocol should have to debug it.",
]


class FortuneServer(QTcpServer):
    def __init__(self, parent=None):
        super().__init__(parent)
        self.newConnection.connect(self.sendFortunes)

    def sendFortunes(self):
        while self.hasPendingConnections():
            client = self.nextPendingConnection()
            client.disconnected.connect(client.deleteLater)
            client.write(random.choice(FORTUNES).encode() + b"\n")
            client.disconnectFromHost()


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
