#!/usr/bin/env python3
"""Fetches a line from a fortune server, driven by signals: fortune_client.py PORT [HOST]"""

import sys

from PySide6.QtCore import QCoreApplication, QObject, QTimer
from PySide6.QtNetwork import QAbstractSocket, QTcpSocket

SECONDS = 10


class FortuneClient(QObject):
    def __init__(self, host, port):
        super().__init__()
        self.fortune = ""
        self.socket = QTcpSocket(self)
        self.socket.readyRead.connect(self.readFortune)
        self.socket.disconnected.connect(self.finish)
        self.socket.errorOccurred.connect(self.fail)
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.timeout.connect(self.giveUp)
        self.timer.start(SECONDS * 1000)
        self.socket.connectToHost(host, port)

    def readFortune(self):
        if self.socket.canReadLine():
            self.fortune = bytes(self.socket.readLine()).decode().strip()

    def fail(self, error):
        if error != QAbstractSocket.SocketError.RemoteHostClosedError:
            print(f"error: {self.socket.errorString()}", file=sys.stderr)
            QCoreApplication.exit(1)

    def giveUp(self):
        print("error: the server does not answer", file=sys.stderr)
        self.socket.abort()
        QCoreApplication.exit(1)

    def finish(self):
        if self.fortune:
            print(self.fortune)
        QCoreApplication.exit(0 if self.fortune else 1)


def main():
    app = QCoreApplication(sys.argv)
    client = FortuneClient(sys.argv[2] if len(sys.argv) > 2 else "localhost", int(sys.argv[1]))
    status = app.exec()
    client.socket.abort()
    return status


if __name__ == "__main__":
    sys.exit(main())
