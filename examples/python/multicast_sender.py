#!/usr/bin/env python3
"""Sends numbered datagrams to all who have joined a group: multicast_sender.py --help"""

import argparse
import signal
import sys

from PySide6.QtCore import QCoreApplication, QObject, QTimer
from PySide6.QtNetwork import QHostAddress, QNetworkDatagram, QNetworkInterface, QUdpSocket


class Sender(QObject):
    def __init__(self, group, port, count, interval):
        super().__init__()
        self.group, self.port, self.count = group, port, count
        self.sent = 0
        self.socket = QUdpSocket(self)
        self.timer = QTimer(self)
        self.timer.timeout.connect(self.send)
        self.timer.setInterval(interval)

    def start(self, hops, interface):
        # Its options are those of a socket that is bound.
        if not self.socket.bind(QHostAddress(QHostAddress.SpecialAddress.AnyIPv4), 0):
            return False
        self.socket.setSocketOption(QUdpSocket.SocketOption.MulticastTtlOption, hops)
        if interface.isValid():
            self.socket.setMulticastInterface(interface)
        self.timer.start()
        return True

    def send(self):
        self.sent += 1
        message = f"multicast message {self.sent}".encode()
        if self.socket.writeDatagram(QNetworkDatagram(message, self.group, self.port)) != len(message):
            print(f"error: {self.socket.errorString()}", file=sys.stderr)
            QCoreApplication.exit(1)
        elif self.sent == self.count:
            QCoreApplication.quit()


def main():
    parser = argparse.ArgumentParser(description="Sends numbered datagrams to all who have joined a group.")
    parser.add_argument("--group", default="239.255.43.21", help="the group's address (%(default)s)")
    parser.add_argument("--port", type=int, default=45454, help="%(default)s")
    parser.add_argument("--interface", default="", help="the network interface (which the system chooses)")
    parser.add_argument("--hops", type=int, default=1, help="how many networks far (%(default)s)")
    parser.add_argument("--count", type=int, default=10, help="after how many it ends (%(default)s)")
    parser.add_argument("--interval", type=int, default=1000, help="milliseconds between two (%(default)s)")
    options = parser.parse_args()
    interface = QNetworkInterface.interfaceFromName(options.interface)
    if options.interface and not interface.isValid():
        parser.error(f"there is no interface {options.interface}")
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    app = QCoreApplication(sys.argv)
    sender = Sender(QHostAddress(options.group), options.port, options.count, options.interval)
    if not sender.start(options.hops, interface):
        sys.exit(f"cannot send: {sender.socket.errorString()}")
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
