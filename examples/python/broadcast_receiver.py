#!/usr/bin/env python3
"""Prints datagrams that are sent to everybody in the network: broadcast_receiver.py --help"""

import argparse
import signal
import sys

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtNetwork import QHostAddress, QUdpSocket


class Receiver(QObject):
    def __init__(self, count):
        super().__init__()
        self.left = count
        self.socket = QUdpSocket(self)
        self.socket.readyRead.connect(self.receive)

    def receive(self):
        while self.left and self.socket.hasPendingDatagrams():
            datagram = self.socket.receiveDatagram()
            print(f"received {bytes(datagram.data()).decode(errors='replace')}", flush=True)
            self.left -= 1
            if not self.left:
                QCoreApplication.quit()


def main():
    parser = argparse.ArgumentParser(description="Prints datagrams that are sent to everybody in the network.")
    parser.add_argument("--port", type=int, default=45454, help="0: the system chooses one (%(default)s)")
    parser.add_argument("--count", type=int, default=10, help="after how many it ends (%(default)s)")
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    app = QCoreApplication(sys.argv)
    receiver = Receiver(options.count)
    socket = receiver.socket
    # Others may listen beside us.
    where = QHostAddress(QHostAddress.SpecialAddress.AnyIPv4)
    if not socket.bind(where, options.port, QUdpSocket.BindFlag.ShareAddress):
        sys.exit(f"cannot listen: {socket.errorString()}")
    print(f"listening on {socket.localAddress().toString()}:{socket.localPort()}", flush=True)
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
