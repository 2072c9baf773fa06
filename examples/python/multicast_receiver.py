#!/usr/bin/env python3
"""Joins a group and prints the datagrams that are sent to it: multicast_receiver.py --help"""

import argparse
import signal
import sys

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtNetwork import QHostAddress, QNetworkInterface, QUdpSocket

LARGEST = 65536


class Receiver(QObject):
    def __init__(self, count):
        super().__init__()
        self.left = count
        self.socket = QUdpSocket(self)
        self.socket.readyRead.connect(self.receive)

    def join(self, group, port, interface):
        # Others may listen beside us.
        where = QHostAddress(QHostAddress.SpecialAddress.AnyIPv4)
        if not self.socket.bind(where, port, QUdpSocket.BindFlag.ShareAddress):
            return False
        if interface.isValid():
            return self.socket.joinMulticastGroup(group, interface)
        return self.socket.joinMulticastGroup(group)

    def receive(self):
        while self.left and self.socket.hasPendingDatagrams():
            data, _address, _port = self.socket.readDatagram(LARGEST)
            print(f"received {bytes(data).decode(errors='replace')}", flush=True)
            self.left -= 1
            if not self.left:
                QCoreApplication.quit()


def main():
    parser = argparse.ArgumentParser(description="Joins a group and prints the datagrams that are sent to it.")
    parser.add_argument("--group", default="239.255.43.21", help="the group's address (%(default)s)")
    parser.add_argument("--port", type=int, default=45454, help="0: the system chooses one (%(default)s)")
    parser.add_argument("--interface", default="", help="the network interface (which the system chooses)")
    parser.add_argument("--count", type=int, default=10, help="after how many it ends (%(default)s)")
    options = parser.parse_args()
    interface = QNetworkInterface.interfaceFromName(options.interface)
    if options.interface and not interface.isValid():
        parser.error(f"there is no interface {options.interface}")
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    app = QCoreApplication(sys.argv)
    receiver = Receiver(options.count)
    socket = receiver.socket
    if not receiver.join(QHostAddress(options.group), options.port, interface):
        sys.exit(f"cannot join: {socket.errorString()}")
    print(f"listening on {socket.localAddress().toString()}:{socket.localPort()}", flush=True)
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
