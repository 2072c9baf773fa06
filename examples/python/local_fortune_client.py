#!/usr/bin/env python3
"""Fetches a line from a fortune server of this machine: local_fortune_client.py [NAME]"""

import sys

from PySide6.QtCore import QCoreApplication, QObject, QTimer
from PySide6.QtNetwork import QLocalSocket

SECONDS = 10


class FortuneClient(QObject):
    def __init__(self):
        super().__init__()
        self.fortune = ""
        self.socket = QLocalSocket(self)
        self.socket.readyRead.connect(self.readFortune)
        self.socket.disconnected.connect(self.finish)
        self.socket.errorOccurred.connect(self.fail)

    def fetch(self, name):
        QTimer.singleShot(SECONDS * 1000, self.giveUp)
        self.socket.connectToServer(name, QLocalSocket.OpenModeFlag.ReadOnly)

    def readFortune(self):
        if self.socket.canReadLine():
            self.fortune = bytes(self.socket.readLine()).decode().strip()

    def fail(self, error):
        if error != QLocalSocket.LocalSocketError.PeerClosedError:
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
    client = FortuneClient()
    # Once the loop runs: a local connection may fail at once.
    QTimer.singleShot(0, lambda: client.fetch(sys.argv[1] if len(sys.argv) > 1 else "fortune"))
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
