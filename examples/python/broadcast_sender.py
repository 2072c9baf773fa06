#!/usr/bin/env python3
"""Sends numbered datagrams to everybody in the network: broadcast_sender.py --help"""

import argparse
import signal
import sys

from PySide6.QtCore import QCoreApplication, QObject, QTimer
from PySide6.QtNetwork import QHostAddress, QUdpSocket


class Sender(QObject):
    def __init__(self, address, port, count, interval):
        super().__init__()
        self.address, self.port, self.count = address, port, count
        self.sent = 0
        self.socket = QUdpSocket(self)
        self.timer = QTimer(self)
        self.timer.timeout.connect(self.send)
        self.timer.start(interval)

    def send(self):
        self.sent += 1
        message = f"broadcast message {self.sent}".encode()
        if self.socket.writeDatagram(message, self.address, self.port) != len(message):
            print(f"error: {self.socket.errorString()}", file=sys.stderr)
            QCoreApplication.exit(1)
        elif self.sent == self.count:
            QCoreApplication.quit()


def main():
    parser = argparse.ArgumentParser(description="Sends numbered datagrams to everybody in the network.")
    parser.add_argument("--host", default="255.255.255.255", help="the broadcast address (%(default)s)")
    parser.add_argument("--port", type=int, default=45454, help="%(default)s")
    parser.add_argument("--count", type=int, default=10, help="after how many it ends (%(default)s)")
    parser.add_argument("--interval", type=int, default=1000, help="milliseconds between two (%(default)s)")
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    app = QCoreApplication(sys.argv)
    sender = Sender(QHostAddress(options.host), options.port, options.count, options.interval)  # noqa: F841
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
