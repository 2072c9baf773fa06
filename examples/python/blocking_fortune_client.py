#!/usr/bin/env python3
"""Fetches lines from a fortune server on a thread that waits, without a loop: blocking_fortune_client.py PORT [COUNT]"""

import sys

from PySide6.QtCore import QCoreApplication, QThread, Signal
from PySide6.QtNetwork import QTcpSocket

MSECS = 10_000


class FortuneThread(QThread):
    newFortune = Signal(str)
    error = Signal(str)

    def __init__(self, host, port, count):
        super().__init__()
        self.host, self.port, self.count = host, port, count

    def run(self):
        for _ in range(self.count):
            socket = QTcpSocket()
            socket.connectToHost(self.host, self.port)
            if not socket.waitForConnected(MSECS):
                self.error.emit(socket.errorString())
                return
            while not socket.canReadLine():
                if not socket.waitForReadyRead(MSECS):
                    self.error.emit(socket.errorString())
                    return
            self.newFortune.emit(bytes(socket.readLine()).decode().strip())


def main():
    app = QCoreApplication(sys.argv)
    errors = []
    thread = FortuneThread("localhost", int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    thread.newFortune.connect(lambda text: print(text))
    thread.error.connect(lambda text: errors.append(text))
    thread.finished.connect(app.quit)
    thread.start()
    app.exec()
    thread.wait()
    for text in errors:
        print(f"error: {text}", file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
